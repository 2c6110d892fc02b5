"""What the model is shown: stories with many questions each, from easy to hard."""
from __future__ import annotations

import random
from collections import Counter
from dataclasses import dataclass, replace

import numpy as np
import torch
from torch import Tensor

import asking
from asking import KINDS, Question
from bpe import BOS, EOS, PAD, Tokenizer
from prompt import answer_tokens, context, question_tokens
from story import Level, Place, Story, Teller


@dataclass(frozen=True)
class Lesson:
    level: Level
    # Tokens of the context: what is longer is drawn again.
    most_tokens: int = 256
    # Kinds of questions that are sought, each as often as the others.
    kinds: tuple[str, ...] = ('lookup', 'reverse')
    # Share of statements whose beginning is to be completed, and of values whose subject is to be named: a bridge from
    # repeating to answering.
    cloze: float = 0.0


_FLAT = Level(is_lesson=True, facts=(1, 1), wordings=1, openers=0, corrections=0, padding=(0, 0))
_TOLD = ('lookup', 'coref', 'alias', 'reverse', 'unknown', 'correction', 'conflict')
# A name that another document has given comes last of all: it is sought three times as often.
_ALL = (*KINDS, 'alias', 'alias')
LESSONS = (
    Lesson(replace(_FLAT, entities=(2, 3), is_first=True), cloze=1.0),
    Lesson(replace(_FLAT, entities=(2, 3), pool=30), cloze=1.0),
    Lesson(replace(_FLAT, entities=(2, 4)), cloze=0.7),
    Lesson(replace(_FLAT, entities=(4, 7)), cloze=0.5),
    Lesson(
        replace(_FLAT, entities=(3, 4), facts=(1, 2), wordings=3, openers=0.1),
        kinds=('lookup', 'reverse', 'correction'), cloze=0.2,
    ),
    Lesson(Level(entities=(2, 2), facts=(2, 3), openers=0, padding=(0, 0)), kinds=_TOLD),
    Lesson(Level(entities=(2, 3), facts=(2, 3)), kinds=(*_TOLD, 'two-hop')),
    Lesson(Level(entities=(2, 3), facts=(2, 4), strange=0.4, is_rich=True), kinds=_ALL),
    Lesson(Level(entities=(2, 4), facts=(2, 4), filler=(0, 2), padding=(0, 2), strange=0.4, is_rich=True), 320, kinds=_ALL),
    Lesson(Level(entities=(2, 5), facts=(2, 5), filler=(0, 4), padding=(0, 6), strange=0.4, is_rich=True), 768, kinds=_ALL),
)
# What a story must have for a kind to come up. Shares of the others fall, so that it stays short.
_SPARSE = {'aliases': 0.25, 'corrections': 0.15, 'conflicts': 0.15, 'bridges': 0.05, 'notes': 0.25, 'needles': 0.05}
_FOCUS = {
    'alias': {'aliases': 1.0, 'notes': 0.9}, 'correction': {'corrections': 1.0}, 'conflict': {'conflicts': 1.0},
    'needle': {'needles': 1.0}, 'two-hop': {'bridges': 1.0, 'entities': (2, 2), 'facts': (1, 3)},
}
# Weight of the loss on an answer's tokens and on its end; of all the context, in parts of that of the answers.
IN_ANSWER, AT_END, OF_CONTEXT = 1.0, 0.3, 0.2
# Questions asked of a story at most.
MOST_QUESTIONS = 10
# Positions reach this far, so that distances beyond the length of a lesson are not new to the model.
FARTHEST = 4096
# Share of questions that another one with its answer stands in front of, as in a chat.
EARLIER_TURN = 0.05
# Kinds that come up often anyway: so many of them are asked.
COMMON = {'lookup': 0.3, 'reverse': 0.3, 'unknown': 0.4, 'coref': 0.7, 'conflict': 0.7, 'correction': 0.7}


@dataclass
class Sample:
    tokens: list[int]
    positions: list[int]
    # 0: context, n: the n-th question, which sees the context and itself.
    blocks: list[int]
    targets: list[int]
    weights: list[float]
    kinds: list[str]
    # Number of its lesson.
    lesson: int = 0


def draw(source: random.Random, number: int, tokenizer: Tokenizer) -> Sample:
    """A story of a lesson with questions, one of a kind that is drawn first among them."""
    lesson = LESSONS[number]
    kind = source.choice(lesson.kinds)
    level = lesson.level
    if level.is_lesson:
        level = replace(level, corrections=float(kind == 'correction'))
    else:
        level = replace(level, **{**_SPARSE, **_FOCUS.get(kind, {})})
    while True:
        story, excluded, chunks = tell(source, level, lesson.most_tokens, tokenizer)
        asked = asking.questions(story, excluded, source, level.wordings)
        if source.random() < 0.3:
            asked.append(asking.stranger(story, source, 'train', level.wordings, level.pool, level.strange))
        sought = [each for each in asked if each.kind == kind]
        if sought:
            others = [each for each in asked if each.kind != kind and source.random() < COMMON.get(each.kind, 1)]
            chosen = (source.sample(sought, len(sought)) + source.sample(others, len(others)))[:MOST_QUESTIONS]
            sample = pack(chunks, chosen, _clozes(story, lesson.cloze, source), tokenizer, source)
            return replace(sample, lesson=number)


def sought(tokenizer: Tokenizer, stories: int = 1500) -> list[int]:
    """Tokens that names and values are spelled with, the usual ones first: what the model will have to find again."""
    source, counts = random.Random(7), Counter[int]()
    for _ in range(stories):
        story = Teller(source, replace(LESSONS[-1].level, strange=0.0), 'train').tell()
        for text in [*(each.name for each in story.entities), *(each.value for each in story.statements)]:
            counts.update(tokenizer.encode(f' {text}'))
    return [token for token, _ in counts.most_common()]


def tell(
    source: random.Random, level: Level, most_tokens: int, tokenizer: Tokenizer, part: str = 'train'
) -> tuple[Story, frozenset[Place], list[list[int]]]:
    """A story that is short enough, what is left out of it at times, and the tokens of every chunk that is read."""
    while True:
        story = Teller(source, level, part).tell()
        excluded = _exclusion(story, source) if not level.is_lesson and source.random() < 0.3 else frozenset()
        chunks = context(story, excluded, tokenizer, source.random() < 0.3)
        if 0 < sum(map(len, chunks)) <= most_tokens:
            return story, excluded, chunks


def pack(
    chunks: list[list[int]], asked: list[Question], clozes: list[tuple[str, str, str]], tokenizer: Tokenizer,
    stretch: random.Random | None = None,
) -> Sample:
    """One row: the context, then every question as if it stood alone behind the context.

    stretch: draws gaps between positions and earlier turns; None leaves both away.
    """
    told = [token for chunk in chunks for token in chunk]
    sample = Sample([BOS, *told], _positions(chunks, stretch), [0] * (1 + len(told)), [*told, PAD], [], [])
    sample.weights = [0.0] * (len(told) + 1)
    start = sample.positions[-1] + 1
    blocks = [
        (each.kind, question_tokens(each.text, tokenizer), answer_tokens(each.answer, tokenizer)) for each in asked
    ]
    blocks += [(kind, tokenizer.encode(f'\n{begin}'), tokenizer.encode(f' {end}')) for kind, begin, end in clozes]
    for number, (kind, question, answer) in enumerate(blocks, 1):
        if stretch and number > 1 and stretch.random() < EARLIER_TURN:
            question = [*blocks[number - 2][1], *blocks[number - 2][2], *question]
        size = len(question) + len(answer)
        sample.tokens += question + answer
        sample.positions += range(start, start + size)
        sample.blocks += [number] * size
        sample.targets += [*question[1:], *answer, EOS]
        sample.weights += [0.0] * (len(question) - 1) + [IN_ANSWER] * len(answer) + [AT_END if kind in KINDS else 0.0]
        sample.kinds.append(kind)
    each = OF_CONTEXT * sum(sample.weights) / max(1, len(told))
    sample.weights[: len(told)] = [each] * len(told)
    return sample


def collate(samples: list[Sample], device: str = 'cpu') -> tuple[Tensor, Tensor, Tensor, Tensor, Tensor, Tensor]:
    """tokens, positions, blocks, targets, weights: [batch, tokens]; mask: [batch, tokens, tokens], 0 or -inf"""
    size = max(len(sample.tokens) for sample in samples)
    rows = [np.zeros((len(samples), size), kind) for kind in (np.int64, np.int64, np.int64, np.int64, np.float32)]
    rows[2] -= 1
    for at, each in enumerate(samples):
        for row, values in zip(rows, (each.tokens, each.positions, each.blocks, each.targets, each.weights)):
            row[at, : len(values)] = values
    tokens, positions, blocks, targets, weights = (torch.from_numpy(row).to(device) for row in rows)
    sees = (blocks[:, None, :] == 0) | (blocks[:, None, :] == blocks[:, :, None])
    sees &= torch.ones(size, size, dtype=torch.bool, device=device).tril()
    mask = torch.zeros(sees.shape, device=device).masked_fill_(~sees, float('-inf'))
    return tokens, positions, blocks, targets, weights, mask


def _positions(chunks: list[list[int]], source: random.Random | None) -> list[int]:
    """With gaps between the chunks, half of the time, where there is a source."""
    size = 1 + sum(map(len, chunks))
    gaps = [0] * len(chunks)
    if source and source.random() < 0.5:
        room = int((FARTHEST - size) * source.random() ** 3)
        cuts = sorted(source.randint(0, room) for _ in chunks)
        gaps = [after - before for before, after in zip([0, *cuts], cuts)]
    positions, at = [0], 1
    for chunk, gap in zip(chunks, gaps):
        at += gap
        positions += range(at, at + len(chunk))
        at += len(chunk)
    return positions


def _exclusion(story: Story, source: random.Random) -> frozenset[Place]:
    """One section or two, with all that nobody understands without them."""
    excluded = set(source.sample(story.places, min(len(story.places) - 1, source.choice((1, 1, 2)))))
    return frozenset(excluded.union(each.place for each in story.statements if each.needs & excluded))


def _clozes(story: Story, share: float, source: random.Random) -> list[tuple[str, str, str]]:
    """Beginnings of sentences that were told and how they go on; also values and whom they were told of."""
    clozes = []
    for each in story.current(frozenset()):
        if source.random() < share:
            begin, _ = each.fact.statements[0].split('{v}')
            clozes.append(('cloze', begin.format(s=each.entity.name).rstrip(), each.value))
        if source.random() < share:
            clozes.append(('whose', each.value, each.entity.name))
    return clozes
