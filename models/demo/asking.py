"""Questions about a story for any selection of its sections, with the answer that the selection gives."""
from __future__ import annotations

import random
from dataclasses import dataclass

from facts import FACTS
from names import Names
from story import Place, Statement, Story, with_articles

UNKNOWN = 'unknown'
KINDS = ('lookup', 'coref', 'alias', 'correction', 'conflict', 'two-hop', 'unknown', 'reverse', 'needle')


@dataclass(frozen=True)
class Question:
    kind: str
    text: str
    answer: str
    # Sections that the answer rests on.
    needs: frozenset[Place] = frozenset()
    # It has to be put together from more than one document.
    is_across: bool = False


def questions(story: Story, excluded: frozenset[Place], source: random.Random, wordings: int = 2) -> list[Question]:
    """Everything that can be asked. Wordings are drawn."""
    current = story.current(excluded)
    told = {(id(each.entity), each.fact) for each in current}
    asked = []
    for each in current:
        asked.append(_forward(story, each, excluded, source, wordings))
        if each.by == 'name' and asked[-1].kind == 'lookup':
            text = with_articles(each.fact.reverse.format(v=each.value))
            asked.append(Question('reverse', text, each.entity.name, each.needs))
        asked += _two_hops(story, each, current, source, wordings)
    for entity in story.entities:
        for fact in entity.facts:
            if (id(entity), fact) not in told:
                asked.append(Question('unknown', _ask(fact, entity.name, source, wordings), UNKNOWN))
    return asked


def stranger(
    story: Story, source: random.Random, part: str = 'train', wordings: int = 2, pool: int = 99, strange: float = 0.0
) -> Question:
    """About somebody whom nobody speaks of."""
    kinds = [entity for entity in story.entities if entity.kind != 'rule']
    if kinds:
        like = source.choice(kinds)
        names = Names(source, part, pool, strange)
        names.taken.update(word for entity in story.entities for word in entity.name.split())
        name = names.person()[0] if like.kind == 'person' else names.other(like.kind)
        return Question('unknown', _ask(source.choice(like.facts), name, source, wordings), UNKNOWN)
    untold = [fact for fact in FACTS['rule'] if all(fact not in entity.facts for entity in story.entities)]
    fact = source.choice(untold)
    return Question('unknown', _ask(fact, fact.key, source, wordings), UNKNOWN)


def _forward(
    story: Story, each: Statement, excluded: frozenset[Place], source: random.Random, wordings: int
) -> Question:
    before = story.before(each, excluded)
    is_across = any(place[0] != each.place[0] for place in (each.subject, *(other.place for other in before)))
    if each.is_needle:
        kind = 'needle'
    elif before:
        kind = 'correction' if each.is_correction else 'conflict'
    elif each.place == each.subject:
        kind = 'lookup'
    else:
        kind = 'alias' if each.by == 'alias' else 'coref'
    return Question(kind, _ask(each.fact, each.entity.name, source, wordings), each.value, each.needs, is_across)


def _two_hops(
    story: Story, first: Statement, current: list[Statement], source: random.Random, wordings: int
) -> list[Question]:
    """What is asked of the one whom the first statement names. The answer names both."""
    if not first.fact.bridge:
        return []
    through = first.fact.bridge.format(s=first.entity.name)
    return [
        Question(
            'two-hop', _ask(second.fact, through, source, wordings), f'{first.value}, {second.value}',
            first.needs | second.needs, len({place[0] for place in first.needs | second.needs}) > 1,
        )
        for second in current
        if second.entity.name == first.value
    ]


def _ask(fact, subject: str, source: random.Random, wordings: int) -> str:
    return source.choice(fact.questions[:wordings]).format(s=subject)
