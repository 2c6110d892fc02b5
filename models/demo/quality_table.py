"""Prints the tables of `docs/bench/quality-first.md`: Kvasir's bench beside PyTorch.

    python3 models/demo/quality_table.py test/demo/quality.json docs/bench/quality-first.json docs/bench/quality-first-query.json

The reports are `kvasir bench --kind suite` with and without `--first-query`. Needs nothing but Python.
"""
from __future__ import annotations

import json
import sys
from pathlib import Path

HEADINGS = {
    'variants': 'Every chunk behind what its document has before it in the selection',
    'first-query': 'The same before a gap, isolated behind it: the first question of a selection',
    'isolated': 'Isolated chunks only',
    'behind-another': 'Scores measured behind another document: PyTorch only, Kvasir has no such scores',
}
# Columns and the kinds of question in them.
GROUPS = {
    'all': lambda kind: True,
    'in a document': lambda kind: kind in ('coref', 'alias'),
    'across documents': lambda kind: kind.endswith('-across'),
    'gap, in a document': lambda kind: kind in ('coref-gap', 'alias-gap'),
    'gap, across': lambda kind: kind == 'across-gap',
}
# Strategies of the last table, and whether caches behind gaps are there.
BY_KIND = [
    ('full', True), ('reuse', True), ('reuse', False), ('reuse:bos', True), ('score:0.15:by=k:bos', True),
    ('oracle:0.15:by=k:bos', True), ('random:0.15:bos', True),
]


def main(reference_path: str, *report_paths: str) -> None:
    reference = json.loads(Path(reference_path).read_text(encoding='utf-8'))
    reports = {}
    for path in report_paths:
        report = json.loads(Path(path).read_text(encoding='utf-8'))
        for arm in report['arms']:
            reports[arm['name'], report['suite']['tails']] = arm
    kinds = [kind for _, kind, _ in reference['questions']]
    full = reference['arms'][0]
    print(heading(['strategy', *GROUPS, 'PyTorch, all', 'KL', 'recomputed %']))
    print(row('`full`', full, reports['full', True], kinds))
    for base, title in HEADINGS.items():
        print(f'\n### {title}\n')
        print(heading(['strategy', *GROUPS, 'PyTorch, all', 'KL', 'recomputed %']))
        for arm in reference['arms']:
            if arm['base'] == base:
                report = reports.get((arm['name'], base != 'first-query')) if base != 'behind-another' else None
                print(row(f'`{arm["name"]}`', arm, report, kinds))
    print('\n### By kind\n')
    chosen = [reports[name, tails] for name, tails in BY_KIND]
    names = [f'`{name}`{"" if tails else ", first question"}' for name, tails in BY_KIND]
    print(heading(['kind', *names]))
    for kind in dict.fromkeys(kinds):
        cells = [f'{100 * arm["byType"][kind]["exactMatch"]:.1f}' for arm in chosen]
        print(f'| {kind} | {" | ".join(cells)} |')


def heading(cells: list[str]) -> str:
    return f'| {" | ".join(cells)} |\n|{" --- |" * len(cells)}'


def row(name: str, arm: dict, report: dict | None, kinds: list[str]) -> str:
    """Exact match of Kvasir by group, of PyTorch where Kvasir has no such arm; then PyTorch's, KL and the share."""
    shares = []
    for belongs in GROUPS.values():
        right = [digit == '1' for digit, kind in zip(arm['right'], kinds) if belongs(kind)]
        share = sum(right) / len(right)
        if report:
            found = {kind: figures for kind, figures in report['byType'].items() if belongs(kind)}
            share = sum(each['exactMatch'] * each['n'] for each in found.values()) / len(right)
        shares.append(f'{100 * share:.1f}')
    every = arm['right'].count('1') / len(arm['right'])
    kl = report['klMean'] if report else sum(arm['kl'][kind] for kind in kinds) / len(kinds)
    return f'| {name} | {" | ".join(shares)} | {100 * every:.1f} | {kl:.4f} | {100 * arm["recomputed"]:.1f} |'


if __name__ == '__main__':
    if len(sys.argv) != 4:
        sys.exit(__doc__)
    main(*sys.argv[1:])
