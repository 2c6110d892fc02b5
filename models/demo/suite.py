"""Writes the demo model's question suite, which the bench asks and `quality.py` answers in PyTorch.

    python3 models/demo/suite.py [models/demo/suite-first.jsonl]

One question a line: id, kind, question, answers, documents (title, Markdown text), include, exclude, contextTokens.
Selections name parts by the document's place among the question's documents and the section's in it, from 1: `2.s3`.
Needs nothing but Python.
"""
from __future__ import annotations

import json
import random
import re
import sys
from dataclasses import dataclass
from pathlib import Path

import stories
from stories import Entity, Place, Statement, Story
from tokenizer import ANSWER, BOS, LINE, QUESTION, Tokenizer, build
from worlds import Fact

SEED = 7
PER_KIND = 44
PER_STORY = 6
# What the model was trained for, less the question.
MOST_TOKENS = 220

# Bound inside a section, across sections, across documents; then the same behind a gap in the selection.
WHOLE = (
    'lookup', 'coref', 'alias', 'correction', 'reverse', 'unknown', 'coref-across', 'alias-across', 'correction-across',
)
# `excluded`: what the answer stood in is left out, so that it is unknown or what was said before.
GAPS = ('lookup-gap', 'coref-gap', 'alias-gap', 'across-gap', 'excluded')
KINDS = WHOLE + GAPS

# What the chat template puts in front of the knowledge.
PREFIX = [BOS, LINE]
# Words that the model knows, so that headings cost few tokens.
TITLES = ('Report', 'Meeting', 'More details')
HEADING = 'Details'


@dataclass(frozen=True)
class Question:
    kind: str
    text: str
    answers: tuple[str, ...]
    excluded: frozenset[Place] = frozenset()


def main(path: str) -> None:
    lines = [json.dumps(line, ensure_ascii=False) for line in write(random.Random(SEED), build())]
    Path(path).write_text('\n'.join(lines) + '\n', encoding='utf-8')
    print(f'{path}: {len(lines)} questions, {Path(path).stat().st_size / 1e3:.0f} kB')


def write(source: random.Random, tokenizer: Tokenizer) -> list[dict[str, object]]:
    """Stories until every kind has its questions; the kinds that lack most are taken first from each."""
    lines: list[dict[str, object]] = []
    left = {kind: PER_KIND for kind in KINDS}
    told = 0
    while any(left.values()):
        story = stories.draw(source)
        documents = [{'title': title, 'text': text} for title, text in markdown(story)]
        sizes = [len(tokenizer.encode(text)) for document in documents for text in chunks(document['text'])]
        if sum(sizes) > MOST_TOKENS:
            continue
        asked = [question for question in questions(story, source) if left[question.kind] > 0]
        source.shuffle(asked)
        asked.sort(key=lambda question: -left[question.kind])
        # One of each kind, so that no story weighs much.
        taken = list({question.kind: question for question in reversed(asked)}.values())[-PER_STORY:]
        told += 1 if taken else 0
        for number, question in enumerate(reversed(taken), 1):
            left[question.kind] -= 1
            read = [size for place, size in zip(story.places, sizes) if place not in question.excluded]
            lines.append(
                {
                    'id': f'{told:03}-{number}',
                    'kind': question.kind,
                    'question': question.text,
                    'answers': list(question.answers),
                    'documents': documents,
                    'include': [],
                    'exclude': [f'{document + 1}.s{section + 1}' for document, section in sorted(question.excluded)],
                    'contextTokens': sum(read),
                }
            )
    return lines


def markdown(story: Story) -> list[tuple[str, str]]:
    """Title and text of every document. Every section has a heading, so that it is a chunk of its own."""
    written = []
    for title, document in zip(TITLES, story.documents):
        parts = [
            f'{f"# {title}" if at == 0 else f"## {HEADING}"}\n\n{sentences(section)}\n'
            for at, section in enumerate(document)
        ]
        written.append((title, '\n'.join(parts)))
    return written


def chunks(text: str) -> list[str]:
    """A document's chunks as Kvasir cuts it: from heading to heading (sections here are far below a chunk's limit)."""
    return re.split(r'(?m)^(?=#)', text)[1:]


def prompt(story: Story, question: Question, tokenizer: Tokenizer) -> list[int]:
    """The tokens that Kvasir has the model read."""
    texts = [text for _, document in markdown(story) for text in chunks(document)]
    read = [text for place, text in zip(story.places, texts) if place not in question.excluded]
    return PREFIX + [token for text in read for token in tokenizer.encode(text)] + tail(question.text, tokenizer)


def tail(question: str, tokenizer: Tokenizer) -> list[int]:
    """What the chat template puts behind the knowledge."""
    return [QUESTION, *tokenizer.encode(f' {question}'), ANSWER]


def questions(story: Story, source: random.Random) -> list[Question]:
    return _of_all(story) + _behind_gaps(story, source) + _about_excluded(story, source)


def _of_all(story: Story) -> list[Question]:
    """With everything selected."""
    asked = []
    for statement in _current(story):
        asked.append(Question(statement.kind, _ask(statement.entity, statement.fact), (statement.value,)))
        if statement.by != 'correction':
            names = dict.fromkeys((statement.entity.short, statement.entity.name))
            asked.append(Question('reverse', _spoken(statement.fact.reverse.format(v=statement.value)), tuple(names)))
    for entity in story.entities:
        asked += [Question('unknown', _ask(entity, fact), ('unknown',)) for fact in entity.left]
    return asked


def _behind_gaps(story: Story, source: random.Random) -> list[Question]:
    """Something that the answer does not need is left out of the fact's own document, before the fact."""
    asked = []
    for statement in _current(story):
        if statement.by == 'correction':
            continue
        said = [other.place for other in story.statements if other.is_about(statement.entity, statement.fact)]
        document, section = statement.place
        before = [place for place in story.places if place[0] == document and place[1] < section]
        excluded = _without_one_of(story, before, statement.needs.union(said), source)
        if excluded:
            kind = 'across-gap' if statement.kind.endswith('-across') else f'{statement.kind}-gap'
            asked.append(Question(kind, _ask(statement.entity, statement.fact), (statement.value,), excluded))
    return asked


def _about_excluded(story: Story, source: random.Random) -> list[Question]:
    """The section that has the answer is left out, with something of its document behind it that is read."""
    asked = []
    for statement in _current(story):
        has_more = any(place[0] == statement.place[0] and place > statement.place for place in story.places)
        excluded = _without_one_of(story, [statement.place], frozenset({statement.entity.introduced}), source)
        if has_more and excluded:
            before = story.answer(statement.entity, statement.fact, excluded)
            answer = before.value if before else 'unknown'
            asked.append(Question('excluded', _ask(statement.entity, statement.fact), (answer,), excluded))
    return asked


def _without_one_of(
    story: Story, places: list[Place], needed: frozenset[Place], source: random.Random
) -> frozenset[Place]:
    """What to leave out: one of the places, and what nobody understands without it. Empty where that cannot be."""
    for place in source.sample(places, len(places)):
        excluded = frozenset({place}.union(other.place for other in story.statements if place in other.needs))
        if not excluded & needed and story.holds(excluded):
            return excluded
    return frozenset()


def _current(story: Story) -> list[Statement]:
    """Statements that nothing later corrects."""
    return [
        statement for statement in story.statements
        if story.answer(statement.entity, statement.fact, frozenset()) is statement
    ]


def _ask(entity: Entity, fact: Fact) -> str:
    return _spoken(fact.question.format(s=entity.name))


def _spoken(question: str) -> str:
    return sentences([question[0].upper() + question[1:]])


def sentences(section: list[str]) -> str:
    return re.sub(r' (?=[.?:])', '', ' '.join(section))


if __name__ == '__main__':
    if len(sys.argv) > 2:
        sys.exit(__doc__)
    main(sys.argv[1] if len(sys.argv) == 2 else str(Path(__file__).with_name('suite-first.jsonl')))
