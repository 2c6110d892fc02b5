"""Little worlds that the checkpoint was trained to read: people, companies, projects and devices with a few facts.

Every world is drawn afresh, so an answer can only come from the text. Sentences are words of `vocabulary.txt` separated
by spaces, full stops included; a chunk is a list of sentences.
"""
from __future__ import annotations

import random
from dataclasses import dataclass, field


def _words(text: str) -> list[str]:
    return text.split()


WOMEN = _words(
    'Anna Maria Julia Clara Emma Nina Laura Alice Greta Helen Irene Karen Lena Mona Nora Olga Paula Rosa '
    'Sara Vera'
)
MEN = _words(
    'Peter Paul Mark Tom Igor Hugo Felix Oscar Victor Walter Adam Boris Carl David Eric Frank Glen Henry '
    'Ivan Jack'
)
SURNAMES = _words(
    'Lopez Stone Meyer Novak Silva Costa Berg Moreau Rossi Tanaka Khan Singh Nilsen Weber Duval Marsh '
    'Ortiz'
)
CITIES = _words(
    'Paris Oslo Lima Rome Cairo Delhi Tokyo Quito Bern Prague Vienna Madrid Lisbon Dublin Athens Riga '
    'Tunis'
)
COMPANIES = _words(
    'Acme Globex Initech Umbra Vortex Zenith Nimbus Solara Quanta Pinnacle Orion Helix Kestrel Lumen'
)
PROJECTS = _words('Falcon Otter Badger Heron Lynx Raven Puma Cobra Eagle Bison Marlin Osprey Panther Viper')
DEVICES = _words('Alpha Beta Gamma Sigma Omega Kappa Theta Lambda Zeta Epsilon Iota Rho')
ALIASES = _words('venture scheme effort trial deal plan program initiative')
JOBS = _words('pilot teacher doctor lawyer painter driver farmer singer dentist chemist')
INSTRUMENTS = _words('piano violin guitar flute drums cello harp trumpet')
PETS = _words('dog cat horse parrot rabbit turtle hamster snake')
COLOURS = _words('red blue green black white yellow purple orange')
MONTHS = _words('January February March April May June July August')
NUMBERS = [str(number) for number in range(10, 90)]
YEARS = [str(year) for year in range(1960, 2000)]


@dataclass(frozen=True)
class Fact:
    """`{s}` is the subject, `{v}` the value."""

    values: list[str]
    statement: str
    question: str
    # Asks for the subject of a value.
    reverse: str


FACTS = {
    'person': [
        Fact(CITIES, '{s} was born in {v} .', 'where was {s} born ?', 'who was born in {v} ?'),
        Fact(CITIES, '{s} lives in {v} .', 'where does {s} live ?', 'who lives in {v} ?'),
        Fact(COMPANIES, '{s} works for {v} .', 'which company does {s} work for ?', 'who works for {v} ?'),
        Fact(JOBS, '{s} is a {v} .', 'what is the job of {s} ?', 'who is a {v} ?'),
        Fact(INSTRUMENTS, '{s} plays the {v} .', 'what does {s} play ?', 'who plays the {v} ?'),
        Fact(PETS, '{s} has a pet {v} .', 'which pet does {s} have ?', 'who has a pet {v} ?'),
        Fact(NUMBERS, '{s} is {v} years old .', 'how old is {s} ?', 'who is {v} years old ?'),
    ],
    'company': [
        Fact(CITIES, '{s} is based in {v} .', 'where is {s} based ?', 'which company is based in {v} ?'),
        Fact(
            NUMBERS, '{s} has {v} employees .', 'how many employees does {s} have ?',
            'which company has {v} employees ?',
        ),
        Fact(YEARS, '{s} was founded in {v} .', 'when was {s} founded ?', 'which company was founded in {v} ?'),
        Fact(COLOURS, '{s} has a {v} logo .', 'which logo does {s} have ?', 'which company has a {v} logo ?'),
    ],
    'project': [
        Fact(
            NUMBERS, '{s} has a budget of {v} million .', 'what is the budget of {s} ?',
            'which project has a budget of {v} million ?',
        ),
        Fact(MONTHS, '{s} is due in {v} .', 'when is {s} due ?', 'which project is due in {v} ?'),
        Fact(CITIES, '{s} takes place in {v} .', 'where does {s} take place ?', 'which project takes place in {v} ?'),
        Fact(
            SURNAMES, '{s} is led by Manager {v} .', 'who is the manager of {s} ?',
            'which project is led by Manager {v} ?',
        ),
    ],
    'device': [
        Fact(NUMBERS, '{s} costs {v} dollars .', 'how much does {s} cost ?', 'which device costs {v} dollars ?'),
        Fact(COLOURS, '{s} comes in {v} .', 'which colour does {s} come in ?', 'which device comes in {v} ?'),
        Fact(CITIES, '{s} is made in {v} .', 'where is {s} made ?', 'which device is made in {v} ?'),
        Fact(NUMBERS, '{s} weighs {v} grams .', 'how many grams does {s} weigh ?', 'which device weighs {v} grams ?'),
    ],
}


@dataclass
class World:
    """`questions`: (kind, question, the world's answer)."""

    chunks: list[list[str]] = field(default_factory=list)
    questions: list[tuple[str, str, str]] = field(default_factory=list)


def draw(source: random.Random) -> World:
    """A world of two or three entities, told one after the other, with some facts corrected at the end."""
    world = World()
    corrections: list[str] = []
    used: set[str] = set()
    kinds = source.sample(sorted(FACTS), 2)
    facts = {kind: source.sample(FACTS[kind], 3) for kind in kinds}

    def fresh(values: list[str]) -> str:
        value = source.choice([value for value in values if value not in used])
        used.add(value)
        return value

    for _ in range(source.randint(2, 3)):
        kind = source.choice(kinds)
        name, pronoun = named(kind, fresh, source)
        alias = f'The {fresh(ALIASES)}' if kind != 'person' and source.random() < 0.4 else None
        sentences = [] if alias is None else [f'In this report {name} is called {alias.lower()} .']
        told = source.sample(facts[kind], source.randint(1, 3))
        for at, fact in enumerate(told):
            value = fresh(fact.values)
            subject = alias or (pronoun if at > 0 and source.random() < 0.6 else name)
            sentences.append(fact.statement.format(s=subject, v=value))
            asked = 'pronoun' if subject == pronoun else 'alias' if alias else 'name'
            if source.random() < 0.1:
                asked, value = 'correction', fresh(fact.values)
                corrections.append('Correction : ' + fact.statement.format(s=name, v=value))
            world.questions.append((asked, fact.question.format(s=name), value))
        absent = [fact for fact in facts[kind] if fact not in told]
        if absent:
            world.questions.append(('unknown', source.choice(absent).question.format(s=name), 'unknown'))
        cut = source.randint(1, len(sentences))
        world.chunks += [part for part in (sentences[:cut], sentences[cut:]) if part]
    if corrections:
        world.chunks.append(corrections)
    source.shuffle(world.questions)
    return world


def named(kind: str, fresh, source: random.Random) -> tuple[str, str]:
    """A name and its pronoun."""
    if kind == 'person':
        woman = source.random() < 0.5
        return f'{fresh(WOMEN if woman else MEN)} {fresh(SURNAMES)}', 'She' if woman else 'He'
    if kind == 'company':
        return fresh(COMPANIES), 'The company'
    if kind == 'project':
        return f'Project {fresh(PROJECTS)}', 'The project'
    return f'Device {fresh(DEVICES)}', 'The device'
