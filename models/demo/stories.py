"""Worlds told as one to three documents with sections, and what can be asked of any selection of them.

Every statement knows where it stands and what one must have read to know whom it is about, so the right answer is known
for every selection. A document is a list of sections, a section a list of sentences as in `worlds.py`.
"""
from __future__ import annotations

import random
from dataclasses import dataclass, field

import worlds
from worlds import FACTS, Fact

# Number of a document and of a section in it, from 0.
Place = tuple[int, int]


@dataclass
class Entity:
    kind: str
    name: str
    pronoun: str
    alias: str | None
    # Where its name was first said, and its alias explained.
    introduced: Place
    # Facts of it that nothing has told yet.
    left: list[Fact]

    @property
    def short(self) -> str:
        """The name that answers use: of people the first one."""
        return self.name.split()[0] if self.kind == 'person' else self.name


@dataclass(frozen=True)
class Statement:
    place: Place
    entity: Entity
    fact: Fact
    value: str
    # 'name', 'pronoun', 'alias' or 'correction'
    by: str

    def is_about(self, entity: Entity, fact: Fact) -> bool:
        return self.entity is entity and self.fact == fact

    @property
    def needs(self) -> frozenset[Place]:
        """The sections that tell whom this is about and what."""
        return frozenset({self.place} if self.by in ('name', 'correction') else {self.place, self.entity.introduced})

    @property
    def kind(self) -> str:
        """How hard it is to bind: inside its section, across sections, or across documents."""
        across = '-across' if self.place[0] != self.entity.introduced[0] else ''
        if self.by == 'correction':
            return f'correction{across}'
        if self.by == 'name' or self.place == self.entity.introduced:
            return 'lookup'
        return {'pronoun': 'coref', 'alias': 'alias'}[self.by] + across


@dataclass
class Story:
    documents: list[list[list[str]]] = field(default_factory=list)
    entities: list[Entity] = field(default_factory=list)
    statements: list[Statement] = field(default_factory=list)

    @property
    def places(self) -> list[Place]:
        return [(at, section) for at, document in enumerate(self.documents) for section in range(len(document))]

    def holds(self, excluded: frozenset[Place]) -> bool:
        """Whether everything that is left can still be understood."""
        return not any(each.place not in excluded and each.needs & excluded for each in self.statements)

    def answer(self, entity: Entity, fact: Fact, excluded: frozenset[Place]) -> Statement | None:
        """What is last said about it, if anything is."""
        said = [each for each in self.statements if each.is_about(entity, fact) and each.place not in excluded]
        return said[-1] if said else None


def draw(source: random.Random) -> Story:
    """One or two kinds of entities, which compete for the same facts; every value is said of one of them only."""
    return _Teller(source).tell()


class _Teller:
    def __init__(self, source: random.Random):
        self.source, self.story, self.used = source, Story(), set[str]()
        kinds = source.sample(sorted(FACTS), source.choice((1, 1, 2)))
        self.facts = {kind: source.sample(FACTS[kind], 4) for kind in kinds}

    def tell(self) -> Story:
        source = self.source
        documents = source.choice((1, 2, 2, 3))
        # The last of several documents is often about the others.
        has_notes = documents > 1 and source.random() < 0.7
        homes = documents - has_notes
        entities = 2 if documents == 1 else source.randint(max(2, homes), 4)
        for at in range(homes):
            self._document(entities // homes + (at < entities % homes))
        if has_notes:
            self._notes()
        elif source.random() < 0.5:
            self._section()
            self._correct(1)
        return self.story

    def _document(self, entities: int) -> None:
        """Two or three sections about every entity, one entity after the other."""
        self.story.documents.append([])
        for _ in range(entities):
            self._section()
            entity = self._entity()
            if entity.alias:
                self._say(f'In this report {entity.name} is called {entity.alias.lower()} .')
            self._state(entity, 'alias' if entity.alias else 'name')
            if self.source.random() < 0.3:
                self._state(entity, self._other(entity))
            for _ in range(2 if entities == 1 else self.source.choice((1, 1, 2))):
                if len(entity.left) > 1:
                    self._section()
                    self._state(entity, self._other(entity))

    def _entity(self) -> Entity:
        kind = self.source.choice(sorted(self.facts))
        name, pronoun = worlds.named(kind, self._fresh, self.source)
        has_alias = kind != 'person' and self.source.random() < 0.55
        alias = f'The {self._fresh(worlds.ALIASES)}' if has_alias else None
        entity = Entity(kind, name, pronoun, alias, self._place(), list(self.facts[kind]))
        self.story.entities.append(entity)
        return entity

    def _notes(self) -> None:
        """A document about those before it: what the last one did, more about those with an alias, corrections."""
        self.story.documents.append([])
        last = self.story.entities[-1]
        if last.left and self.source.random() < 0.6:
            self._section()
            self._state(last, self._other(last))
        for entity in self.story.entities:
            if entity.alias and entity.left and self.source.random() < 0.8:
                self._section()
                self._state(entity, 'alias')
        if self.source.random() < 0.6 or not self.story.documents[-1]:
            self._section()
            self._correct(self.source.choice((1, 2)))

    def _correct(self, most: int) -> None:
        told = [statement for statement in self.story.statements if statement.place != self._place()]
        for old in self.source.sample(told, min(most, len(told))):
            value = self._fresh(old.fact.values)
            self._say('Correction : ' + old.fact.statement.format(s=old.entity.name, v=value))
            self.story.statements.append(Statement(self._place(), old.entity, old.fact, value, 'correction'))

    def _state(self, entity: Entity, by: str) -> None:
        fact = entity.left.pop(self.source.randrange(len(entity.left)))
        value = self._fresh(fact.values)
        subject = {'name': entity.name, 'alias': entity.alias, 'pronoun': entity.pronoun}[by]
        self._say(fact.statement.format(s=subject, v=value))
        self.story.statements.append(Statement(self._place(), entity, fact, value, by))

    def _other(self, entity: Entity) -> str:
        """How an entity is called once it is known."""
        if entity.alias:
            return 'alias'
        return 'pronoun' if self.source.random() < 0.75 else 'name'

    def _section(self) -> None:
        self.story.documents[-1].append([])

    def _say(self, sentence: str) -> None:
        self.story.documents[-1][-1].append(sentence)

    def _place(self) -> Place:
        return len(self.story.documents) - 1, len(self.story.documents[-1]) - 1

    def _fresh(self, values: list[str]) -> str:
        value = self.source.choice([value for value in values if value not in self.used])
        self.used.add(value)
        return value
