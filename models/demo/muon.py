"""Muon (Jordan et al. 2024): momentum, made orthogonal by a few Newton-Schulz steps, for matrices."""
from __future__ import annotations

from collections import defaultdict

import torch
from torch import Tensor


class Muon(torch.optim.Optimizer):
    def __init__(self, weights: list[Tensor], lr: float, momentum: float = 0.95, decay: float = 0.01):
        super().__init__(weights, {'lr': lr, 'momentum': momentum, 'decay': decay})

    @torch.no_grad()
    def step(self, closure=None) -> None:
        for group in self.param_groups:
            alike: defaultdict[torch.Size, list[Tensor]] = defaultdict(list)
            for weight in group['params']:
                if weight.grad is not None:
                    alike[weight.shape].append(weight)
            for weights in alike.values():
                self._update(weights, group['lr'], group['momentum'], group['decay'])

    def _update(self, weights: list[Tensor], lr: float, momentum: float, decay: float) -> None:
        """All matrices of one shape in one batch."""
        directions = []
        for weight in weights:
            mean = self.state[weight].setdefault('momentum', torch.zeros_like(weight))
            mean.lerp_(weight.grad, 1 - momentum)
            directions.append(weight.grad.lerp(mean, momentum))
        scale = max(1, weights[0].shape[0] / weights[0].shape[1]) ** 0.5
        for weight, direction in zip(weights, orthogonal(torch.stack(directions))):
            weight.mul_(1 - lr * decay).add_(direction, alpha=-lr * scale)


def orthogonal(x: Tensor, steps: int = 5) -> Tensor:
    """Singular values of every matrix near 1. x: [matrices, rows, columns]"""
    a, b, c = 3.4445, -4.7750, 2.0315
    is_tall = x.shape[1] > x.shape[2]
    x = x / (x.norm(dim=(1, 2), keepdim=True) + 1e-7)
    x = x.transpose(1, 2) if is_tall else x
    for _ in range(steps):
        square = x @ x.transpose(1, 2)
        x = a * x + (b * square + c * square @ square) @ x
    return x.transpose(1, 2) if is_tall else x
