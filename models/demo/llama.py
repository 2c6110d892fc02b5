"""A small Llama in PyTorch: RMSNorm, RoPE over half-split dimensions, grouped queries, SwiGLU, tied embeddings."""
from __future__ import annotations

import math
from dataclasses import dataclass

import torch
from torch import Tensor, nn
from torch.nn import functional


@dataclass(frozen=True)
class Shape:
    vocabulary: int
    embedding: int = 192
    layers: int = 8
    heads: int = 4
    kv_heads: int = 2
    head_dim: int = 64
    feed_forward: int = 384
    rope_base: float = 1e5
    epsilon: float = 1e-5


class Norm(nn.Module):
    def __init__(self, size: int, epsilon: float):
        super().__init__()
        self.weight, self.epsilon = nn.Parameter(torch.ones(size)), epsilon

    def forward(self, x: Tensor) -> Tensor:
        return x * torch.rsqrt(x.pow(2).mean(-1, keepdim=True) + self.epsilon) * self.weight


class Block(nn.Module):
    """Names as GGUF's."""

    def __init__(self, shape: Shape):
        super().__init__()
        size, wide, narrow = shape.embedding, shape.heads * shape.head_dim, shape.kv_heads * shape.head_dim
        self.shape = shape
        self.attn_norm, self.ffn_norm = Norm(size, shape.epsilon), Norm(size, shape.epsilon)
        self.attn_q, self.attn_k = nn.Linear(size, wide, bias=False), nn.Linear(size, narrow, bias=False)
        self.attn_v, self.attn_output = nn.Linear(size, narrow, bias=False), nn.Linear(wide, size, bias=False)
        self.ffn_gate = nn.Linear(size, shape.feed_forward, bias=False)
        self.ffn_up = nn.Linear(size, shape.feed_forward, bias=False)
        self.ffn_down = nn.Linear(shape.feed_forward, size, bias=False)

    def forward(self, x: Tensor, angles: Tensor, mask: Tensor) -> Tensor:
        x = x + self.attention(self.attn_norm(x), angles, mask)
        h = self.ffn_norm(x)
        return x + self.ffn_down(functional.silu(self.ffn_gate(h)) * self.ffn_up(h))

    def attention(self, h: Tensor, angles: Tensor, mask: Tensor) -> Tensor:
        """h: [batch, tokens, embedding]; angles: [batch, tokens, head_dim / 2]; mask: [batch, tokens, tokens], added"""
        batch, tokens, _ = h.shape
        kv, group, size = self.shape.kv_heads, self.shape.heads // self.shape.kv_heads, self.shape.head_dim
        q = rope(self.attn_q(h).view(batch, tokens, kv * group, size), angles)
        k = rope(self.attn_k(h).view(batch, tokens, kv, size), angles)
        v = self.attn_v(h).view(batch, tokens, kv, size)
        # All queries of a group as rows of one matrix: [batch, kv, group * tokens, size]
        q = q.view(batch, tokens, kv, group, size).permute(0, 2, 3, 1, 4).reshape(batch, kv, group * tokens, size)
        scores = q @ k.permute(0, 2, 3, 1) * size**-0.5
        scores = scores.view(batch, kv, group, tokens, tokens) + mask[:, None, None]
        mixed = scores.softmax(-1).view(batch, kv, group * tokens, tokens) @ v.transpose(1, 2)
        mixed = mixed.view(batch, kv, group, tokens, size).permute(0, 3, 1, 2, 4)
        return self.attn_output(mixed.reshape(batch, tokens, kv * group * size))


class Llama(nn.Module):
    def __init__(self, shape: Shape):
        super().__init__()
        self.shape = shape
        self.token_embd = nn.Embedding(shape.vocabulary, shape.embedding)
        self.blk = nn.ModuleList(Block(shape) for _ in range(shape.layers))
        self.output_norm = Norm(shape.embedding, shape.epsilon)
        nn.init.normal_(self.token_embd.weight, std=0.06)
        for name, weight in self.blk.named_parameters():
            if weight.dim() == 2:
                is_output = name.endswith(('attn_output.weight', 'ffn_down.weight'))
                nn.init.normal_(weight, std=weight.shape[1] ** -0.5 * ((2 * shape.layers) ** -0.5 if is_output else 1))

    def forward(self, tokens: Tensor, positions: Tensor, mask: Tensor) -> Tensor:
        """tokens, positions: [batch, tokens]; mask: [batch, tokens, tokens], added -> [batch, tokens, embedding]"""
        steps = torch.arange(0, self.shape.head_dim, 2, device=tokens.device) / self.shape.head_dim
        angles = positions.float()[..., None] * self.shape.rope_base**-steps
        x = self.token_embd(tokens)
        for block in self.blk:
            x = block(x, angles, mask)
        return self.output_norm(x)

    def logits(self, hidden: Tensor) -> Tensor:
        return hidden @ self.token_embd.weight.T


def rope(x: Tensor, angles: Tensor) -> Tensor:
    """x: [batch, tokens, heads, head_dim]"""
    a, b = x.chunk(2, -1)
    cos, sin = angles.cos()[:, :, None], angles.sin()[:, :, None]
    return torch.cat((a * cos - b * sin, b * cos + a * sin), -1)


@torch.no_grad()
def start_heads(model: Llama) -> None:
    """What training would be long in finding: heads that look at the last few tokens, and heads that find a token again."""
    common = functional.normalize(torch.randn(model.shape.embedding), dim=0)
    weight = model.token_embd.weight
    weight += (0.5 - weight @ common)[:, None] * common
    _start_local(model, common)
    _start_alike(model, common)


def _start_local(model: Llama, common: Tensor, scale: float = 0.5) -> None:
    """In the first two layers.

    All embeddings have a common direction; queries and keys that read it make a score which depends on the distance only
    (RoPE), with its peak where the head shall look. The common part adds the same to every logit.
    """
    shape, half = model.shape, model.shape.head_dim // 2
    speed = _speeds(shape)
    turn = 2 * math.pi / speed
    sharp, broad = (turn < 70).float(), ((turn > 15) & (turn < 400)).float()
    distances = [[(1, sharp), (3, broad), (2, sharp), (6, broad)], [(1, sharp), None, (4, broad), None]]
    for block, heads in zip(model.blk, distances):
        key = torch.cat((((sharp + broad) > 0).float(), torch.zeros(half)))
        for head in range(shape.kv_heads):
            block.attn_k.weight[head * shape.head_dim :][: shape.head_dim] += scale * key[:, None] * common
        for head in range(shape.heads):
            if (look := heads[head % 4]) is not None:
                at, which = look
                query = torch.cat((which * torch.cos(speed * at), -which * torch.sin(speed * at)))
                block.attn_q.weight[head * shape.head_dim :][: shape.head_dim] += scale * query[:, None] * common


def _start_alike(model: Llama, common: Tensor, scale: float = 0.1) -> None:
    """In the middle layers: the same projection for queries and keys, over dimensions that hardly turn with distance.

    "Who lives in Oslo?" needs them: Oslo in the question finds Oslo in the text, where the subject is known by then.
    """
    shape = model.shape
    slow = (2 * math.pi / _speeds(shape) > 2000).float().repeat(2)
    for layer in (shape.layers // 2 - 1, shape.layers // 2, shape.layers // 2 + 1):
        block = model.blk[layer]
        projection = scale * slow[:, None] * torch.randn(shape.head_dim, shape.embedding)
        projection -= (projection @ common)[:, None] * common
        block.attn_k.weight[: shape.head_dim] += projection
        block.attn_q.weight[: shape.head_dim] += projection


def _speeds(shape: Shape) -> Tensor:
    """Of RoPE's pairs, radians a token."""
    half = shape.head_dim // 2
    return shape.rope_base ** -(torch.arange(half) / half)
