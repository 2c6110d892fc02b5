"""Processes that train one model together, each on samples of its own."""
from __future__ import annotations

import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import torch
from torch import Tensor, distributed, multiprocessing


class Team:
    def __init__(self, rank: int = 0, size: int = 1):
        self.rank, self.size = rank, size

    @property
    def leads(self) -> bool:
        """Whether it is this process that writes and prints."""
        return self.rank == 0

    def sum(self, tensors: list[Tensor]) -> None:
        """Each becomes the sum of what the processes have."""
        if self.size == 1:
            return
        flat = torch.cat([each.flatten() for each in tensors])
        distributed.all_reduce(flat)
        for each, part in zip(tensors, flat.split([each.numel() for each in tensors])):
            each.copy_(part.view_as(each))

    def totals(self, *figures: float) -> list[float]:
        total = torch.tensor(figures, dtype=torch.float64)
        self.sum([total])
        return total.tolist()

    def first(self, figure: float) -> float:
        """What the first process has, to all of them."""
        return self.totals(figure if self.leads else 0.0)[0]

    def gather(self, value: Any) -> list[Any]:
        """What every process has."""
        values = [value]
        if self.size > 1:
            values = [None] * self.size
            distributed.all_gather_object(values, value)
        return values


def start(size: int, work: Callable[..., None], *args: Any) -> None:
    """Runs `work(team, ...)` in so many processes of one thread, or here, where it is one."""
    if size == 1:
        return work(Team(), *args)
    with tempfile.TemporaryDirectory() as folder:
        multiprocessing.spawn(_join, (size, Path(folder) / 'meeting', work, args), nprocs=size)


def _join(rank: int, size: int, meeting: Path, work: Callable[..., None], args: tuple[Any, ...]) -> None:
    torch.set_num_threads(1)
    distributed.init_process_group('gloo', init_method=meeting.as_uri(), rank=rank, world_size=size)
    work(Team(rank, size), *args)
    distributed.destroy_process_group()
