"""Draws how training went: right answers of the current lesson over the tokens read, a panel per log.

    python3 models/demo/curves.py models/demo/curves.svg LABEL=FOLDER/log.jsonl [LABEL=OTHER/log.jsonl]

Levels advance when answers are right often enough, so a curve falls back with every harder one. Dotted lines are where
lessons begin; what comes before the first is stage 0.
Needs nothing but Python.
"""
from __future__ import annotations

import json
import sys
from html import escape
from itertools import pairwise
from pathlib import Path

WIDTH, PANEL, LEFT, RIGHT, TOP, GAP = 760, 170, 46, 110, 30, 46
# Two kinds of marks that differ by more than colour.
COLOURS = {'mean': '#3b6fd4', 'worst': '#c2691f'}


def main(path: str, *named: str) -> None:
    logs = [(label, read(Path(file))) for label, file in (each.split('=', 1) for each in named)]
    most = max(lines[-1]['tokens'] for _, lines in logs)
    height = TOP + len(logs) * (PANEL + GAP)
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {height}" font-family="sans-serif" font-size="12">',
        f'<rect width="{WIDTH}" height="{height}" fill="#ffffff"/>',
    ]
    for number, (label, lines) in enumerate(logs):
        parts += panel(label, lines, TOP + number * (PANEL + GAP), most)
    Path(path).write_text('\n'.join([*parts, '</svg>']) + '\n', encoding='utf-8')


def read(path: Path) -> list[dict]:
    return [json.loads(line) for line in path.read_text(encoding='utf-8').splitlines()]


def panel(label: str, lines: list[dict], top: float, most: int) -> list[str]:
    """lines: of a log; most: tokens at the right edge of every panel"""

    def x(tokens: float) -> float:
        return LEFT + (WIDTH - LEFT - RIGHT) * tokens / most

    def y(share: float) -> float:
        return top + PANEL * (1 - share)

    parts = [f'<text x="{LEFT}" y="{top - 10}" fill="#222" font-weight="600">{escape(label)}</text>']
    for share in (0, 0.5, 0.9, 1):
        parts.append(f'<path d="M{LEFT} {y(share):.1f}H{WIDTH - RIGHT}" stroke="#ddd"/>')
        parts.append(f'<text x="{LEFT - 6}" y="{y(share) + 4:.1f}" text-anchor="end" fill="#555">{share:.0%}</text>')
    labelled = 0.0
    for before, after in pairwise(lines):
        if (before['stage'], before['level']) != (after['stage'], after['level']):
            parts.append(f'<path d="M{x(after["tokens"]):.1f} {top}V{top + PANEL}" stroke="#999" stroke-dasharray="2 3"/>')
            at = x(after['tokens']) + 3
            # Where lessons are short, not every one has room for its number.
            if at > labelled + 14:
                parts.append(f'<text x="{at:.1f}" y="{top + 10}" fill="#777" font-size="10">{after["level"] + 1}</text>')
                labelled = at
    for at, (name, best) in enumerate((('mean', mean), ('worst', min))):
        points = ' '.join(f'{x(each["tokens"]):.1f},{y(best(each["right"].values())):.1f}' for each in lines if each['right'])
        parts.append(f'<polyline points="{points}" fill="none" stroke="{COLOURS[name]}" stroke-width="{1.8 - at * 0.9}"/>')
        text = {'mean': 'mean of kinds', 'worst': 'worst kind'}[name]
        parts.append(f'<text x="{WIDTH - RIGHT + 8}" y="{top + 14 + 16 * at}" fill="{COLOURS[name]}">{text}</text>')
    for tokens in (0, most / 2, most):
        text = f'{tokens / 1e6:.0f} million tokens' if tokens == most else f'{tokens / 1e6:.0f}'
        parts.append(f'<text x="{x(tokens):.1f}" y="{top + PANEL + 16}" text-anchor="middle" fill="#555">{text}</text>')
    return parts


def mean(shares) -> float:
    shares = list(shares)
    return sum(shares) / len(shares)


if __name__ == '__main__':
    if len(sys.argv) < 3:
        sys.exit(__doc__)
    main(*sys.argv[1:])
