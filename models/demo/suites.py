"""Writes the demo model's question suites: `demo`, and a hard one with names that were never trained on.

    python3 models/demo/suites.py [test/suites]

One question a line: id, kind, tags, question, answers, documents (title, Markdown text) or documentsOf (the id of an
earlier question that has the same), include, exclude, contextTokens. Selections name parts by the document's place and
the section's in it, from 1: `2.s3`. Needs nothing but Python.
"""
from __future__ import annotations

import json
import random
import sys
from collections import Counter
from dataclasses import dataclass
from pathlib import Path

import asking
import bpe
from asking import KINDS, Question
from prompt import context, question_tokens
from story import Level, Place, Story, Teller


@dataclass(frozen=True)
class Length:
    """Contexts of more than `least` and at most `most` tokens, and how many questions of each kind they get."""

    name: str
    least: int
    most: int
    per_kind: int
    level: Level


LENGTHS = (
    Length('0.25K', 96, 250, 132, Level(entities=(2, 3), facts=(2, 4), needles=0.3)),
    Length('0.5K', 384, 506, 48, Level(entities=(2, 4), facts=(2, 4), needles=0.4, filler=(0, 2), padding=(0, 4))),
    Length('1K', 820, 1018, 28, Level(entities=(2, 4), facts=(2, 4), needles=0.5, filler=(0, 3), padding=(1, 12))),
    Length('2K', 1640, 2042, 12, Level(entities=(2, 4), facts=(2, 4), needles=0.5, filler=(0, 4), padding=(4, 24))),
    Length('4K', 3280, 4090, 6, Level(entities=(2, 4), facts=(2, 4), needles=0.5, filler=(1, 4), padding=(12, 40))),
)
HARD = (
    Length('0.25K', 96, 250, 50, LENGTHS[0].level),
    Length('0.5K', 384, 506, 12, LENGTHS[1].level),
)
CHUNKS = range(4, 21)
# Of a story, at most: one of a kind, and not all of those.
PER_STORY = 6
GAPS = 0.4
# So many, spread evenly, are tagged `quick`.
QUICK = 200
SEEDS = {'demo': 41, 'hard': 43}


def main(folder: Path) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    demo = write(LENGTHS, 'demo', 'd')
    for at in range(QUICK):
        demo[at * len(demo) // QUICK]['tags'].append('quick')
    for name, lines in (('demo', demo), ('demo-hard', write(HARD, 'hard', 'h'))):
        path = folder / f'{name}.jsonl'
        text = '\n'.join(json.dumps(line, ensure_ascii=False) for line in shared(lines))
        path.write_text(text + '\n', encoding='utf-8')
        counts = Counter(each['kind'] for each in lines)
        print(f'{path}: {len(lines)} questions, {path.stat().st_size / 1e6:.1f} MB; {dict(counts)}')


def write(lengths: tuple[Length, ...], part: str, mark: str) -> list[dict]:
    source, tokenizer, lines = random.Random(SEEDS[part]), bpe.load(), []
    for length in lengths:
        left = {kind: length.per_kind for kind in KINDS}
        told = 0
        while any(left.values()):
            story = Teller(source, length.level, part).tell()
            excluded = exclusion(story, source) if source.random() < GAPS else frozenset()
            chunks = context(story, excluded, tokenizer, is_airy=True)
            size = sum(map(len, chunks))
            if not length.least < size <= length.most or len(chunks) not in CHUNKS:
                continue
            taken = choose(story, excluded, part, left, source)
            taken = [each for each in taken if size + len(question_tokens(each.text, tokenizer)) <= length.most + 6]
            told += 1 if taken else 0
            for number, question in enumerate(taken, 1):
                left[question.kind] -= 1
                lines.append(line(f'{mark}{length.name}-{told:03}-{number}', story, question, excluded, length, size))
    return lines


def choose(
    story: Story, excluded: frozenset[Place], part: str, left: dict[str, int], source: random.Random
) -> list[Question]:
    """One of each kind that is still wanted, those first that lack most."""
    asked = asking.questions(story, excluded, source)
    if source.random() < 0.3:
        asked.append(asking.stranger(story, source, part))
    source.shuffle(asked)
    # What crosses documents is rarer than the rest and worth more.
    asked.sort(key=lambda question: question.is_across, reverse=True)
    first = {question.kind: question for question in reversed(asked) if left[question.kind] > 0}
    return sorted(first.values(), key=lambda question: -left[question.kind])[:PER_STORY]


def exclusion(story: Story, source: random.Random) -> frozenset[Place]:
    """A section or two that others need not, so that the rest is still understood.

    Mostly from inside a document, so that a gap is left in it; at times any one, also the correction that comes last.
    """
    places = story.places
    if source.random() < 0.75:
        places = [place for place in places if place[1] + 1 < len(story.documents[place[0]].sections)]
    free = [place for place in places if story.holds(frozenset({place}))]
    return frozenset(source.sample(free, min(len(free), len(story.places) - 1, source.choice((1, 1, 2)))))


def has_gap(story: Story, excluded: frozenset[Place]) -> bool:
    """Whether something of an excluded section's document is read behind it."""
    read = [place for place in story.places if place not in excluded]
    return any(document == gone[0] and section > gone[1] for gone in excluded for document, section in read)


def line(name: str, story: Story, question: Question, excluded: frozenset[Place], length: Length, size: int) -> dict:
    tags = [length.name, *(['across'] if question.is_across else []), *(['gap'] if has_gap(story, excluded) else [])]
    documents = [{'title': each.title, 'text': ''.join(each.markdown(is_airy=True))} for each in story.documents]
    return {
        'id': name, 'kind': question.kind, 'tags': tags, 'question': question.text, 'answers': [question.answer],
        'documents': documents, 'include': [],
        'exclude': [f'{document + 1}.s{section + 1}' for document, section in sorted(excluded)], 'contextTokens': size,
    }


def shared(lines: list[dict]) -> list[dict]:
    """Documents only where they first come up."""
    first: dict[str, str] = {}
    short = []
    for each in lines:
        key = json.dumps(each['documents'])
        if key in first:
            each = {name: value for name, value in each.items() if name != 'documents'} | {'documentsOf': first[key]}
        else:
            first[key] = each['id']
        short.append(each)
    return short


if __name__ == '__main__':
    if len(sys.argv) > 2:
        sys.exit(__doc__)
    main(Path(sys.argv[1]) if len(sys.argv) == 2 else Path(__file__).resolve().parents[2] / 'test/suites')
