"""The checkpoint in PyTorch: a Llama of a few layers, and its greedy answers."""
from __future__ import annotations

import torch

torch.set_grad_enabled(False)


class Checkpoint:
    """Weights by name as the training wrote them, and the forward pass (f32, RoPE over half-split dimensions)."""

    def __init__(self, path: str):
        stored = torch.load(path, map_location='cpu')
        config = stored['cfg']
        self.weights: dict[str, torch.Tensor] = {name: value.float() for name, value in stored['m'].items()}
        self.vocabulary: int = config['vocab']
        self.embedding: int = config['d']
        self.layers: int = config['L']
        self.heads: int = config['h']
        self.kv_heads: int = config['kv']
        self.feed_forward: int = config['ff']
        self.rope_base: float = config['theta']
        self.epsilon: float = config['eps']
        self.head_dim = self.embedding // self.heads

    def hidden(self, rows: torch.Tensor) -> torch.Tensor:
        """rows: [tokens, embedding] embedding rows of one context -> [tokens, embedding] after the last norm."""
        tokens = rows.shape[0]
        angles = self.angles(torch.arange(tokens))
        mask = torch.full((tokens, tokens), float('-inf')).triu(1)
        x = rows
        for layer in range(self.layers):
            x = x + self._attention(layer, x, angles, mask)
            x = x + self.mlp(layer, x)
        return self.norm(x, self.weights['on'])

    def logits(self, tokens: list[int]) -> torch.Tensor:
        """Logits after the last token. [vocabulary]"""
        embedding = self.weights['emb.weight']
        return self.hidden(embedding[tokens])[-1] @ embedding.T

    def greedy(self, tokens: list[int], end: int, most: int = 8) -> list[int]:
        """The answer's tokens without `end`."""
        answer: list[int] = []
        while len(answer) < most:
            token = int(self.logits(tokens + answer).argmax())
            if token == end:
                break
            answer.append(token)
        return answer

    def angles(self, positions: torch.Tensor) -> torch.Tensor:
        """[positions, head_dim / 2]"""
        steps = torch.arange(0, self.head_dim, 2, dtype=torch.float32)
        return positions.float()[:, None] * self.rope_base ** (-steps / self.head_dim)

    def multiply(self, name: str, x: torch.Tensor) -> torch.Tensor:
        """[tokens, in] -> [tokens, out]"""
        return x @ self.weights[f'{name}.weight'].T

    def _attention(self, layer: int, x: torch.Tensor, angles: torch.Tensor, mask: torch.Tensor) -> torch.Tensor:
        h = self.norm(x, self.weights[f'bl.{layer}.an'])
        q = self.rope(self.project(layer, 'wq', h), angles)
        k = self.rope(self.project(layer, 'wk', h), angles)
        v = self.project(layer, 'wv', h)
        group = self.heads // self.kv_heads
        k, v = k.repeat_interleave(group, 0), v.repeat_interleave(group, 0)
        scores = q @ k.transpose(-1, -2) / self.head_dim**0.5 + mask
        mixed = (scores.softmax(-1) @ v).transpose(0, 1).reshape(x.shape[0], -1)
        return self.multiply(f'bl.{layer}.wo', mixed)

    def mlp(self, layer: int, x: torch.Tensor) -> torch.Tensor:
        h = self.norm(x, self.weights[f'bl.{layer}.fn'])
        gate = torch.nn.functional.silu(self.multiply(f'bl.{layer}.w1', h))
        return self.multiply(f'bl.{layer}.w2', gate * self.multiply(f'bl.{layer}.w3', h))

    def project(self, layer: int, name: str, h: torch.Tensor) -> torch.Tensor:
        """[tokens, embedding] -> [heads, tokens, head_dim]"""
        return self.multiply(f'bl.{layer}.{name}', h).unflatten(-1, (-1, self.head_dim)).transpose(0, 1)

    def norm(self, x: torch.Tensor, weight: torch.Tensor) -> torch.Tensor:
        return x * torch.rsqrt(x.pow(2).mean(-1, keepdim=True) + self.epsilon) * weight

    @staticmethod
    def rope(x: torch.Tensor, angles: torch.Tensor) -> torch.Tensor:
        a, b = x.chunk(2, -1)
        return torch.cat((a * angles.cos() - b * angles.sin(), b * angles.cos() + a * angles.sin()), -1)


class Exported(Checkpoint):
    """As the GGUF has it: F16 matrices, which ggml multiplies with activations rounded to f16."""

    def __init__(self, path: str):
        super().__init__(path)
        self.weights = {name: half(value) if value.dim() == 2 else value for name, value in self.weights.items()}

    def multiply(self, name: str, x: torch.Tensor) -> torch.Tensor:
        return super().multiply(name, half(x))


def half(x: torch.Tensor) -> torch.Tensor:
    """Rounded to f16."""
    return x.half().float()
