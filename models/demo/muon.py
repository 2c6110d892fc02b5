"""Muon (Jordan et al. 2024): momentum, made orthogonal by a few Newton-Schulz steps, for matrices."""
from __future__ import annotations

from collections import defaultdict

import torch
from torch import Tensor

from team import Team


class Muon(torch.optim.Optimizer):
    """The workers of a team share the matrices between them."""

    def __init__(self, weights: list[Tensor], lr: float, team: Team, momentum: float = 0.95, decay: float = 0.01):
        super().__init__(weights, {'lr': lr, 'momentum': momentum, 'decay': decay})
        self.team = team

    @torch.no_grad()
    def step(self, closure=None) -> None:
        for group in self.param_groups:
            alike: defaultdict[torch.Size, list[Tensor]] = defaultdict(list)
            for weight in group['params']:
                if weight.grad is not None:
                    alike[weight.shape].append(weight)
            updates: dict[Tensor, Tensor] = {}
            for weights in alike.values():
                updates |= self._updates(weights, group['momentum'])
            self.team.sum(list(updates.values()))
            for weight, update in updates.items():
                scale = max(1, weight.shape[0] / weight.shape[1]) ** 0.5
                weight.mul_(1 - group['lr'] * group['decay']).add_(update, alpha=-group['lr'] * scale)

    def _updates(self, weights: list[Tensor], momentum: float) -> dict[Tensor, Tensor]:
        """Of all matrices of one shape; zeros for those of the other workers."""
        directions = []
        for weight in weights:
            mean = self.state[weight].setdefault('momentum', torch.zeros_like(weight))
            mean.lerp_(weight.grad, 1 - momentum)
            directions.append(weight.grad.lerp(mean, momentum))
        own = slice(self.team.rank, None, self.team.size)
        updates = dict(zip(weights, torch.zeros(len(weights), *weights[0].shape, device=weights[0].device)))
        if weights[own]:
            updates |= zip(weights[own], orthogonal(torch.stack(directions[own])))
        return updates


def orthogonal(x: Tensor, steps: int = 5) -> Tensor:
    """Singular values of every matrix near 1. x: [matrices, rows, columns]"""
    a, b, c = 3.4445, -4.7750, 2.0315
    is_tall = x.shape[1] > x.shape[2]
    x = (x / (x.norm(dim=(1, 2), keepdim=True) + 1e-7)).bfloat16()
    x = x.transpose(1, 2) if is_tall else x
    for _ in range(steps):
        square = x @ x.transpose(1, 2)
        x = a * x + (b * square + c * square @ square) @ x
    return (x.transpose(1, 2) if is_tall else x).float()
