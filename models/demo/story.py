"""A small world told as documents, and what is true of any selection of their sections.

Every statement knows where it stands and which sections tell whom it is about, so the right answer is known for every
selection. Documents stand in the order in which they were written: what comes later counts.
"""
from __future__ import annotations

import random
import re
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial

import filler
from facts import ALIASES, FACTS, LISTS, MONTHS, NOUNS, OPPOSITES, Fact
from names import Names

# Number of a document and of a section in it, from 0.
Place = tuple[int, int]


@dataclass
class Entity:
    kind: str
    name: str
    # How a sentence calls it once its name was said: 'she', 'the project'.
    pronoun: str
    # What it shares with others of its kind, and what of it is still untold.
    facts: list[Fact]
    left: list[Fact] = field(init=False)
    alias: str | None = None
    # Where its name was first said, its alias explained.
    introduced: Place = (0, 0)

    def __post_init__(self) -> None:
        self.left = list(self.facts)


@dataclass(frozen=True)
class Statement:
    place: Place
    entity: Entity
    fact: Fact
    # As answers spell it.
    value: str
    # 'name', 'pronoun' or 'alias'
    by: str
    # Where its subject's name must be read: its own section, the document's beginning, or where the alias is explained.
    subject: Place
    is_correction: bool = False
    is_needle: bool = False

    def is_about(self, entity: Entity, fact: Fact) -> bool:
        return self.entity is entity and self.fact is fact

    @property
    def needs(self) -> frozenset[Place]:
        return frozenset({self.place, self.subject})


@dataclass
class Section:
    heading: str
    sentences: list[str] = field(default_factory=list)


@dataclass
class Document:
    title: str
    sections: list[Section] = field(default_factory=list)

    def markdown(self, is_airy: bool) -> list[str]:
        """Its chunks: from heading to heading."""
        line = '\n\n' if is_airy else '\n'
        chunks = [
            f'{"#" if at == 0 else "##"} {section.heading}{line}{" ".join(section.sentences)}{line}'
            for at, section in enumerate(self.sections)
        ]
        return [*chunks[:-1], chunks[-1].rstrip() + '\n']


@dataclass
class Story:
    documents: list[Document] = field(default_factory=list)
    entities: list[Entity] = field(default_factory=list)
    statements: list[Statement] = field(default_factory=list)

    @property
    def places(self) -> list[Place]:
        return [
            (at, section) for at, document in enumerate(self.documents) for section in range(len(document.sections))
        ]

    def holds(self, excluded: frozenset[Place]) -> bool:
        """Whether everything that is left can still be understood."""
        return not any(each.place not in excluded and each.needs & excluded for each in self.statements)

    def current(self, excluded: frozenset[Place]) -> list[Statement]:
        """What is last said about everything."""
        last = {(id(each.entity), each.fact): each for each in self.statements if each.place not in excluded}
        return list(last.values())

    def before(self, statement: Statement, excluded: frozenset[Place]) -> list[Statement]:
        """What it overrides."""
        said = [each for each in self.statements if each.is_about(statement.entity, statement.fact)]
        return [each for each in said[: said.index(statement)] if each.place not in excluded]


@dataclass(frozen=True)
class Level:
    """How hard a world is. Pairs are the least and the most."""

    # Told in one section without headings, one fact for everybody.
    is_lesson: bool = False
    # People only, by their first names.
    is_first: bool = False
    entities: tuple[int, int] = (2, 4)
    facts: tuple[int, int] = (2, 3)
    # How many names and values are in use, and how many wordings of each fact.
    pool: int = 99
    # Share of names of any spelling.
    strange: float = 0.0
    # More shapes than the suites have: handbooks of three years, lists that give other names, news under headings.
    is_rich: bool = False
    wordings: int = 3
    # Shares of worlds with ...
    aliases: float = 0.4
    corrections: float = 0.4
    conflicts: float = 0.35
    bridges: float = 0.35
    notes: float = 0.4
    needles: float = 0.2
    # Share of sentences that begin with an aside.
    openers: float = 0.12
    # Sentences about nothing around the others of a section.
    padding: tuple[int, int] = (0, 1)
    # Documents about nothing between the others.
    filler: tuple[int, int] = (0, 0)


class Teller:
    """Draws one story."""

    def __init__(self, source: random.Random, level: Level, part: str = 'train'):
        self.source, self.level, self.story = source, level, Story()
        self.names = Names(source, part, level.pool, level.strange)
        # Values that are settled before their sentences: who leads what.
        self.settled: dict[tuple[int, Fact], str] = {}
        self.used: set[str] = set()
        self.aliases = {kind: source.sample(words, len(words)) for kind, words in ALIASES.items()}

    def tell(self) -> Story:
        if self.level.is_lesson:
            documents = [self._lesson]
        elif self._is(0.2):
            documents = self._handbooks()
        else:
            documents = self._reports()
        for _ in range(self.source.randint(*self.level.filler)):
            documents.insert(self.source.randint(0, len(documents)), self._filler)
        if self._is(self.level.corrections):
            documents.append(self._corrections)
        for document in documents:
            document()
        for document in self.story.documents:
            for section in document.sections:
                self._pad(section)
        return self.story

    # What there is to tell

    def _lesson(self) -> None:
        """The same facts about several of a kind, sentence by sentence."""
        kind = 'person' if self.level.is_first else self.source.choice([kind for kind in FACTS if kind != 'rule'])
        entities = self._entities(kind, self._facts(kind))
        todo = [(entity, fact) for entity in entities for fact in entity.left]
        self._document('Notes')
        for entity, fact in self.source.sample(todo, len(todo)):
            self._state(entity, fact, 'name')

    def _reports(self) -> list[Callable[[], None]]:
        """A document about each of several entities, or a list of them; then minutes, and newer reports."""
        source = self.source
        groups = self._bridged() if self._is(self.level.bridges) else [self._plain()]
        documents: list[Callable[[], None]] = []
        for group in source.sample(groups, len(groups)):
            if self._is(0.25):
                documents.append(partial(self._list, group))
            else:
                documents += [partial(self._report, entity) for entity in group]
        if self._is(self.level.needles):
            documents.insert(source.randint(0, len(documents)), partial(self._needle, source.choice(groups)))
        if self._is(self.level.notes):
            documents.append(self._minutes)
        if self._is(self.level.conflicts):
            documents.append(self._newer_report)
        return documents

    def _plain(self) -> list[Entity]:
        kind = self.source.choice(('person', 'person', 'company', 'project', 'product', 'site'))
        return self._entities(kind, self._facts(kind))

    def _bridged(self) -> list[list[Entity]]:
        """Owners, each of whom names another of the owned: projects and their leaders."""
        bridge = self.source.choice([fact for facts in FACTS.values() for fact in facts if fact.bridge])
        owners = self._entities(bridge.kind, [bridge, *self._facts(bridge.kind, bridge)[:-1]])
        opposite = OPPOSITES.get((bridge.kind, bridge.key))
        but = [fact for fact in FACTS[str(bridge.values)] if fact.key == opposite]
        owned = self._entities(str(bridge.values), self._facts(str(bridge.values), *but))
        for owner, entity in zip(owners, owned):
            self.settled[id(owner), bridge] = entity.name
        return [owners, owned]

    def _entities(self, kind: str, facts: list[Fact]) -> list[Entity]:
        """Of one kind with facts that they share, so that none can be told from the fact alone."""
        entities = []
        for _ in range(self.source.randint(*self.level.entities)):
            if kind == 'person':
                name, pronoun = self.names.person()
                name = name.split()[0] if self.level.is_first else name
            else:
                name, pronoun = self.names.other(kind), NOUNS[kind]
            entities.append(Entity(kind, name, pronoun, list(facts)))
        self.story.entities += entities
        return entities

    def _facts(self, kind: str, *but: Fact) -> list[Fact]:
        facts = [fact for fact in FACTS[kind] if fact not in but]
        return self.source.sample(facts, min(len(facts), self.source.randint(*self.level.facts)))

    def _handbooks(self) -> list[Callable[[], None]]:
        """House rules of one or two years, which contradict each other in part."""
        rules = self.source.sample(FACTS['rule'], self.source.randint(3, 5))
        entities = [Entity('rule', fact.key, fact.key, [fact]) for fact in rules]
        self.story.entities += entities
        count = 2 if self._is(2 * self.level.conflicts) else 1
        count += count == 2 and self.level.is_rich and self._is(0.4)
        years = sorted(self.source.sample(range(2015, 2027), count))
        changed = [self.source.sample(entities, self.source.randint(1, len(entities) - 1)) for _ in range(max(1, count - 1))]
        return [partial(self._handbook, year, rules) for year, rules in zip(years, [entities, *changed])]

    # Documents

    def _handbook(self, year: int, rules: list[Entity]) -> None:
        self._document(f'Handbook {year}')
        self._say(self.source.choice(filler.HANDBOOK))
        for rule in rules:
            fact = rule.facts[0]
            self._section(fact.heading)
            self._state(rule, fact, 'name')

    def _report(self, entity: Entity) -> None:
        """Named in its title; alias or name in the first section, pronoun or alias behind it."""
        own = 'Profile of {}' if entity.kind in ('person', 'company') else 'Status of {}'
        title = self.source.choice(('{}', 'Report on {}', 'About {}', 'Notes on {}', own))
        self._document(title.format(entity.name))
        entity.introduced = self._place()
        if self.aliases.get(entity.kind) and self._is(self.level.aliases):
            self._explain_alias(entity)
        self._state(entity, self._untold(entity), 'alias' if entity.alias else 'name')
        # Minutes have something left to tell at times.
        most = len(entity.left) - (len(entity.left) > 1 and self._is(0.4))
        more = self.source.randint(1, most) if entity.left else 0
        for at in range(more):
            fact = self._untold(entity)
            if at == 0 or self._is(0.75):
                self._section(fact.heading)
            by = 'alias' if entity.alias and self._is(0.7) else 'name' if self._is(0.2) else 'pronoun'
            self._state(entity, fact, by)
        told = [each for each in self._changeable() if each.entity is entity]
        if told and self._is(0.3 * self.level.corrections):
            self._section('Correction')
            self._state(entity, self.source.choice(told).fact, 'pronoun', is_correction=True)

    def _explain_alias(self, entity: Entity) -> None:
        alias = self.aliases[entity.kind].pop()
        entity.alias = f'the {alias}'
        wording = self.source.choice(('{} is called the {} here.', 'We call {} the {}.', 'In this text {} is the {}.'))
        self._say(wording.format(entity.name, alias))

    def _list(self, entities: list[Entity]) -> None:
        """All of a kind, everyone under a heading of their own."""
        self._document(LISTS[entities[0].kind])
        self._say(self.source.choice(filler.LIST))
        for entity in entities:
            self._section(entity.name)
            entity.introduced = self._place()
            if self.level.is_rich and self.aliases.get(entity.kind) and self._is(self.level.aliases):
                self._explain_alias(entity)
            for _ in range(self.source.randint(1, min(2, len(entity.left)))):
                self._state(entity, self._untold(entity), 'alias' if entity.alias else 'pronoun')

    def _minutes(self) -> None:
        """More about some of them, by name or by alias."""
        self._document(f'Minutes of {self.source.randint(1, 28)} {self.source.choice(MONTHS)}')
        self._say(self.source.choice(filler.MINUTES))
        entities = self.source.sample(self.story.entities, len(self.story.entities))
        for entity in sorted(entities, key=lambda entity: entity.alias is None)[:3]:
            if entity.left:
                fact = self._untold(entity)
                self._section(fact.heading)
                self._state(entity, fact, 'alias' if entity.alias else 'name')

    def _newer_report(self) -> None:
        """Says something else about one of them."""
        told = self._changeable()
        if told:
            old = self.source.choice(told)
            self._document(self.source.choice(('New report on {}', 'Update on {}')).format(old.entity.name))
            self._under_heading(old.fact)
            self._state(old.entity, old.fact, 'name')

    def _corrections(self) -> None:
        told = self._changeable()
        if told:
            self._document(self.source.choice(('Corrections', 'Errata', 'Changes')))
            for old in self.source.sample(told, min(len(told), self.source.randint(1, 2))):
                self._under_heading(old.fact)
                self._state(old.entity, old.fact, 'name', is_correction=True)

    def _under_heading(self, fact: Fact) -> None:
        if self.level.is_rich and self._is(0.5):
            if not self.story.documents[-1].sections[-1].sentences:
                self._say(filler.sentence(self.source))
            self._section(fact.heading)

    def _filler(self) -> None:
        self._document(self.source.choice(filler.TITLES))
        self._prose()
        for _ in range(self.source.randint(0, 2)):
            self._section(self.source.choice(filler.HEADINGS))
            self._prose()

    def _needle(self, among: list[Entity]) -> None:
        """One sentence about something in a document about nothing."""
        entity = self.source.choice(among)
        self._filler()
        # Something is left for the document about it.
        if len(entity.left) > (1 if entity.left == entity.facts else 0):
            self._section(self.source.choice(filler.HEADINGS))
            self._prose()
            self._state(entity, self._untold(entity), 'name', is_needle=True)
            self._prose()

    # Sentences

    def _state(self, entity: Entity, fact: Fact, by: str, is_correction: bool = False, is_needle: bool = False) -> None:
        value = self._value(entity, fact)
        subject = {'name': entity.name, 'alias': entity.alias, 'pronoun': entity.pronoun}[by]
        wording = self.source.choice(fact.statements[: self.level.wordings])
        opener = 'Correction: ' if is_correction else ''
        is_new = not any(each.is_about(entity, fact) for each in self.story.statements)
        if is_new and self._is(self.level.openers):
            opener = self.source.choice(filler.OPENERS)
            wording = wording if wording.startswith('{s}') else wording[0].lower() + wording[1:]
            self._say(opener + wording.format(s=subject, v=value))
        else:
            sentence = wording.format(s=subject, v=value)
            self._say(opener + sentence[0].upper() + sentence[1:])
        named = self._place() if by == 'name' else entity.introduced
        self.story.statements.append(Statement(self._place(), entity, fact, value, by, named, is_correction, is_needle))
        if fact in entity.left:
            entity.left.remove(fact)

    def _value(self, entity: Entity, fact: Fact) -> str:
        """No two entities share a value of the same fact."""
        if (id(entity), fact) in self.settled:
            return self.settled[id(entity), fact]
        if fact.values == 'person':
            return self.names.person()[0]
        if isinstance(fact.values, str):
            return self.names.other(fact.values)
        pool = fact.values[: max(self.level.pool, 12)]
        fresh = [value for value in pool if value not in self.used]
        value = self.source.choice(fresh or pool)
        self.used.add(value)
        return fact.form.format(v=value)

    def _changeable(self) -> list[Statement]:
        """What can still be told otherwise: nothing that others build on, and nothing twice."""
        current = self.story.current(frozenset())
        return [
            each for each in current
            if isinstance(each.fact.values, tuple) and not self.story.before(each, frozenset())
        ]

    def _untold(self, entity: Entity) -> Fact:
        return self.source.choice(entity.left)

    def _document(self, title: str) -> None:
        self.story.documents.append(Document(title, [Section(title)]))

    def _section(self, heading: str) -> None:
        self.story.documents[-1].sections.append(Section(heading))

    def _say(self, sentence: str) -> None:
        self.story.documents[-1].sections[-1].sentences.append(with_articles(sentence))

    def _prose(self) -> None:
        for _ in range(self.source.randint(1, 3)):
            self._say(filler.sentence(self.source))

    def _pad(self, section: Section) -> None:
        """Before or behind its sentences."""
        for _ in range(self.source.randint(*self.level.padding)):
            if self._is(0.5):
                # Whoever acts in it could be taken for the 'she' behind it.
                section.sentences.insert(0, with_articles(filler.sentence(self.source, has_actor=False)))
            else:
                section.sentences.append(with_articles(filler.sentence(self.source)))

    def _place(self) -> Place:
        return len(self.story.documents) - 1, len(self.story.documents[-1].sections) - 1

    def _is(self, share: float) -> bool:
        return self.source.random() < share


def with_articles(sentence: str) -> str:
    """'a orange' -> 'an orange'."""
    return re.sub(r'\b([Aa]) (?=[aeio])', r'\1n ', sentence)
