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
        steps = torch.arange(0, self.head_dim, 2, dtype=torch.float32)
        angles = torch.arange(tokens).float()[:, None] * self.rope_base ** (-steps / self.head_dim)
        mask = torch.full((tokens, tokens), float('-inf')).triu(1)
        x = rows
        for layer in range(self.layers):
            x = x + self._attention(layer, x, angles, mask)
            x = x + self._feed_forward(layer, x)
        return self._norm(x, self.weights['on'])

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

    def _attention(self, layer: int, x: torch.Tensor, angles: torch.Tensor, mask: torch.Tensor) -> torch.Tensor:
        h = self._norm(x, self.weights[f'bl.{layer}.an'])
        q = self._rope(self._project(layer, 'wq', h, self.heads), angles)
        k = self._rope(self._project(layer, 'wk', h, self.kv_heads), angles)
        v = self._project(layer, 'wv', h, self.kv_heads)
        group = self.heads // self.kv_heads
        k, v = k.repeat_interleave(group, 0), v.repeat_interleave(group, 0)
        scores = q @ k.transpose(-1, -2) / self.head_dim**0.5 + mask
        mixed = (scores.softmax(-1) @ v).transpose(0, 1).reshape(x.shape[0], -1)
        return mixed @ self.weights[f'bl.{layer}.wo.weight'].T

    def _feed_forward(self, layer: int, x: torch.Tensor) -> torch.Tensor:
        h = self._norm(x, self.weights[f'bl.{layer}.fn'])
        gate = torch.nn.functional.silu(h @ self.weights[f'bl.{layer}.w1.weight'].T)
        return (gate * (h @ self.weights[f'bl.{layer}.w3.weight'].T)) @ self.weights[f'bl.{layer}.w2.weight'].T

    def _project(self, layer: int, name: str, h: torch.Tensor, heads: int) -> torch.Tensor:
        """[tokens, embedding] -> [heads, tokens, head_dim]"""
        return (h @ self.weights[f'bl.{layer}.{name}.weight'].T).view(-1, heads, self.head_dim).transpose(0, 1)

    def _norm(self, x: torch.Tensor, weight: torch.Tensor) -> torch.Tensor:
        return x * torch.rsqrt(x.pow(2).mean(-1, keepdim=True) + self.epsilon) * weight

    @staticmethod
    def _rope(x: torch.Tensor, angles: torch.Tensor) -> torch.Tensor:
        a, b = x.chunk(2, -1)
        return torch.cat((a * angles.cos() - b * angles.sin(), b * angles.cos() + a * angles.sin()), -1)
