"""Strategies, and which rows of cached chunks they compute again, as `src/main/blend/rows.ts` chooses them."""
from __future__ import annotations

import math
import re
from dataclasses import dataclass

import torch

from compose import Check, highest

# Tokens at the start of a chunk without scores that count as important.
UNSCORED_START = 16

# Classes of rows, most urgent first.
LINK, START, SCORED, REST = range(4)


@dataclass(frozen=True)
class Strategy:
    """`text` as the command line has it, e.g. `mix:8+0.1:bos`."""

    text: str
    name: str
    tokens: int = 0
    ratio: float = 0.0
    layer: int = 0
    by: str = 'v'
    attention: bool = False
    gradual: bool = False
    bos: bool = False


@dataclass(frozen=True)
class Chunk:
    # Row of its first token.
    start: int
    tokens: int
    # Its K/V are what full prefill gives.
    exact: bool
    # How far each token is from the isolated variant's, where that is known.
    score: dict[str, torch.Tensor] | None


def parse(text: str) -> Strategy:
    name, *rest = text.split(':')
    tokens, ratio = 0, 0.0
    if name == 'link':
        tokens = int(rest.pop(0))
    elif name == 'mix':
        link, share = rest.pop(0).split('+')
        tokens, ratio = int(link), float(share)
    elif name in ('score', 'blend', 'oracle', 'random'):
        ratio = float(rest.pop(0))
    options = {option.split('=')[0]: option.split('=')[-1] for option in rest}
    return Strategy(
        text, name, tokens, ratio, int(options.get('layer', 0)), options.get('by', 'v'),
        'attention' in options, 'gradual' in options, 'bos' in options,
    )


def recompute(
    strategy: Strategy, chunks: list[Chunk], oracle: dict[str, torch.Tensor], seed: str
) -> torch.Tensor | Check:
    """Rows in ascending order, or what the engine chooses them by. `oracle`: deviations of all cached rows."""
    if strategy.name == 'blend':
        exact_rows = next((chunk.start for chunk in chunks if not chunk.exact), chunks[-1].start + chunks[-1].tokens)
        return Check(
            strategy.layer, strategy.ratio, strategy.by, strategy.attention, strategy.gradual, exact_rows
        )
    rows = torch.cat([torch.arange(chunk.start, chunk.start + chunk.tokens) for chunk in chunks])
    if strategy.name == 'reuse':
        return rows[:0]
    if strategy.name == 'link':
        return torch.cat([_first(chunk, strategy.tokens) for chunk in chunks[1:] if not chunk.exact] + [rows[:0]])
    # What is exact already is never computed again: no ratio here is 1.
    kept = [index for index, exact in enumerate(_exact(chunks)) if not exact]
    count = math.floor(strategy.ratio * len(rows))
    if strategy.name == 'oracle':
        return highest(rows[kept], by(oracle, strategy.by)[kept], count)
    classes, values = [SCORED] * len(rows), _lot(seed, len(rows))
    if strategy.name != 'random':
        classes, values = _scored(strategy, chunks)
    order = sorted(kept, key=lambda index: (classes[index], -values[index], index))
    return rows[sorted(order[:count])]


def by(figures: dict[str, torch.Tensor], of: str) -> torch.Tensor:
    return figures['k'] + figures['v'] if of == 'kv' else figures[of]


def _exact(chunks: list[Chunk]) -> list[bool]:
    return [chunk.exact for chunk in chunks for _ in range(chunk.tokens)]


def _first(chunk: Chunk, tokens: int) -> torch.Tensor:
    return torch.arange(chunk.start, chunk.start + min(tokens, chunk.tokens))


def _scored(strategy: Strategy, chunks: list[Chunk]) -> tuple[list[int], list[float]]:
    """A chunk without scores puts its share of the ratio at its start."""
    classes, values = [], []
    for number, chunk in enumerate(chunks):
        scores = None if chunk.score is None else by(chunk.score, strategy.by).tolist()
        start = min(UNSCORED_START, math.floor(strategy.ratio * chunk.tokens))
        for at in range(chunk.tokens):
            if number > 0 and at < strategy.tokens:
                classes.append(LINK)
            elif scores:
                classes.append(SCORED)
            else:
                classes.append(START if at < start else REST)
            values.append(scores[at] if classes[-1] == SCORED else -at)
    return classes, values


def _lot(seed: str, count: int) -> list[float]:
    """Numbers from 0 to 1 (FNV-1a, then mulberry32)."""
    state, drawn = 0x811C9DC5, []
    for character in seed:
        state = _imul(state ^ ord(character), 0x01000193)
    for _ in range(count):
        state = (state + 0x6D2B79F5) & 0xFFFFFFFF
        t = _imul(state ^ (state >> 15), 1 | state)
        t = (t + _imul(t ^ (t >> 7), 61 | t)) & 0xFFFFFFFF ^ t
        drawn.append((t ^ (t >> 14)) / 4294967296)
    return drawn


def _imul(a: int, b: int) -> int:
    return (a * b) & 0xFFFFFFFF
