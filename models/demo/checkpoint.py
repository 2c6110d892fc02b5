"""The demo model's GGUF in PyTorch, layer by layer, for contexts that are put together from caches."""
from __future__ import annotations

from pathlib import Path

import torch

from export import read_weights

torch.set_grad_enabled(False)


class Checkpoint:
    """Weights in GGUF's names, and the parts of a forward pass (f32, RoPE over half-split dimensions)."""

    def __init__(self, path: Path):
        self.shape, self.weights = read_weights(path)
        self.layers, self.head_dim = self.shape.layers, self.shape.head_dim
        self.heads, self.kv_heads = self.shape.heads, self.shape.kv_heads

    def angles(self, positions: torch.Tensor) -> torch.Tensor:
        """[positions, head_dim / 2]"""
        steps = torch.arange(0, self.head_dim, 2, dtype=torch.float32)
        return positions.float()[:, None] * self.shape.rope_base ** (-steps / self.head_dim)

    def multiply(self, name: str, x: torch.Tensor) -> torch.Tensor:
        """[tokens, in] -> [tokens, out]"""
        return x @ self.weights[f'{name}.weight'].T

    def mlp(self, layer: int, x: torch.Tensor) -> torch.Tensor:
        h = self.norm(x, self.weights[f'blk.{layer}.ffn_norm.weight'])
        gate = torch.nn.functional.silu(self.multiply(f'blk.{layer}.ffn_gate', h))
        return self.multiply(f'blk.{layer}.ffn_down', gate * self.multiply(f'blk.{layer}.ffn_up', h))

    def project(self, layer: int, name: str, h: torch.Tensor) -> torch.Tensor:
        """[tokens, embedding] -> [heads, tokens, head_dim]"""
        return self.multiply(f'blk.{layer}.{name}', h).unflatten(-1, (-1, self.head_dim)).transpose(0, 1)

    def norm(self, x: torch.Tensor, weight: torch.Tensor) -> torch.Tensor:
        return x * torch.rsqrt(x.pow(2).mean(-1, keepdim=True) + self.shape.epsilon) * weight

    @staticmethod
    def rope(x: torch.Tensor, angles: torch.Tensor) -> torch.Tensor:
        a, b = x.chunk(2, -1)
        return torch.cat((a * angles.cos() - b * angles.sin(), b * angles.cos() + a * angles.sin()), -1)


class Exported(Checkpoint):
    """As ggml computes it: activations are rounded to f16 before they meet an F16 matrix."""

    def multiply(self, name: str, x: torch.Tensor) -> torch.Tensor:
        return super().multiply(name, half(x))


def half(x: torch.Tensor) -> torch.Tensor:
    """Rounded to f16."""
    return x.half().float()
