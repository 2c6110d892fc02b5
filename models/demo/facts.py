"""What can be said and asked of people, companies, projects, products, sites and house rules."""
from __future__ import annotations

from dataclasses import dataclass

CITIES = (
    'Paris Oslo Lima Rome Cairo Delhi Tokyo Quito Bern Prague Vienna Madrid Lisbon Dublin Athens Sofia Riga Tunis '
    'Accra Lagos Hanoi Seoul Osaka Perth Boston Denver Miami Austin Dakar Nairobi'
).split()
ROLES = (
    'pilot teacher doctor lawyer painter driver farmer singer dentist chemist plumber writer judge nurse sailor '
    'tailor baker builder cook guard'
).split()
INSTRUMENTS = 'piano violin guitar flute drums cello harp trumpet organ banjo oboe tuba'.split()
PETS = 'dog cat horse parrot rabbit turtle hamster snake goat duck lizard pony'.split()
FOODS = 'pasta rice soup bread cheese apples grapes olives noodles salad beans cake plums nuts'.split()
COLOURS = 'red blue green black white yellow purple orange brown pink grey silver'.split()
LANGUAGES = 'French German Spanish Italian Greek Turkish Arabic Hindi Korean Polish Danish Dutch'.split()
MONTHS = 'January February March April May June July August September October November December'.split()
GOODS = (
    'chairs lamps boats shoes bikes watches clocks tents pianos bricks tiles ovens carpets mirrors cables bottles'
).split()
MATERIALS = 'wood glass steel copper leather paper cotton stone rubber plastic silk wool'.split()
NUMBERS = [str(number) for number in range(10, 100)]
YEARS = [str(year) for year in range(1960, 2020)]


@dataclass(frozen=True)
class Fact:
    """An attribute that every entity of a kind may have.

    statements: sentences with {s}, the subject, and {v}, the value; the first one begins with {s}, and {v} comes later.
    questions: with {s}. reverse: with {v}.
    values: the pool of single words that {v} is drawn from, or the kind of entity that it names.
    """

    kind: str
    key: str
    heading: str
    values: tuple[str, ...] | str
    statements: tuple[str, ...]
    questions: tuple[str, ...]
    reverse: str
    # How an answer and a question's end spell the value: '63 thousand euros'.
    form: str = '{v}'
    # What the subject's value is called when it is asked for something of its own: 'the leader of {s}'.
    bridge: str | None = None


def _facts() -> list[Fact]:
    def fact(kind, key, heading, values, statements, questions, reverse, form='{v}', bridge=None):
        pool = values if isinstance(values, str) else tuple(values)
        return Fact(kind, key, heading, pool, tuple(statements), tuple(questions), reverse, form, bridge)

    return [
        fact('person', 'home', 'Home', CITIES,
             ['{s} lives in {v}.', '{s} has a flat in {v}.', 'These days {s} lives in {v}.'],
             ['Where does {s} live?', 'In which city does {s} live?'], 'Who lives in {v}?'),
        fact('person', 'born', 'Early years', CITIES,
             ['{s} was born in {v}.', '{s} comes from {v}.', 'It is known that {s} was born in {v}.'],
             ['Where was {s} born?', 'Which city does {s} come from?'], 'Who was born in {v}?'),
        fact('person', 'job', 'Work', ROLES,
             ['{s} works as a {v}.', '{s} is a {v}.', 'By training {s} is a {v}.'],
             ['What is the job of {s}?', 'What does {s} work as?'], 'Who works as a {v}?'),
        fact('person', 'employer', 'Employer', 'company',
             ['{s} works for {v}.', '{s} is employed by {v}.', 'At present {s} works for {v}.'],
             ['Which company does {s} work for?', 'Who employs {s}?'], 'Who works for {v}?',
             bridge='the employer of {s}'),
        fact('person', 'music', 'Music', INSTRUMENTS,
             ['{s} plays the {v}.', '{s} practises the {v} every day.', 'In the evening {s} plays the {v}.'],
             ['What does {s} play?', 'Which instrument does {s} play?'], 'Who plays the {v}?'),
        fact('person', 'pet', 'Pets', PETS,
             ['{s} has a pet {v}.', '{s} looks after a {v}.', 'At home {s} keeps a {v}.'],
             ['Which pet does {s} have?', 'What animal does {s} have?'], 'Who has a pet {v}?'),
        fact('person', 'food', 'Food', FOODS,
             ['{s} likes to eat {v}.', '{s} often asks for {v}.', 'For lunch {s} likes {v} best.'],
             ['What does {s} like to eat?', 'Which food does {s} like?'], 'Who likes to eat {v}?'),
        fact('person', 'language', 'Languages', LANGUAGES,
             ['{s} speaks {v}.', '{s} is fluent in {v}.', 'At work {s} speaks {v}.'],
             ['Which language does {s} speak?', 'What language is {s} fluent in?'], 'Who speaks {v}?'),
        fact('person', 'room', 'Office', NUMBERS,
             ['{s} sits in {v}.', '{s} can be found in {v}.', 'On most days {s} sits in {v}.'],
             ['Where does {s} sit?', 'In which room is {s}?'], 'Who sits in {v}?', form='room {v}'),
        fact('person', 'joined', 'Start', YEARS,
             ['{s} started in {v}.', '{s} joined the team in {v}.', 'It was in {v} that {s} started.'],
             ['When did {s} start?', 'In which year did {s} join?'], 'Who started in {v}?'),
        fact('company', 'base', 'Location', CITIES,
             ['{s} is based in {v}.', '{s} has its main office in {v}.', 'The main office of {s} is in {v}.'],
             ['Where is {s} based?', 'In which city is {s} based?'], 'Which company is based in {v}?'),
        fact('company', 'staff', 'Staff', NUMBERS,
             ['{s} has {v}.', '{s} employs {v}.', 'The staff of {s} counts {v}.'],
             ['How many people work at {s}?', 'What is the staff of {s}?'], 'Which company has {v}?',
             form='{v} people'),
        fact('company', 'founded', 'History', YEARS,
             ['{s} was founded in {v}.', '{s} opened its doors in {v}.', 'The first year of {s} was {v}.'],
             ['When was {s} founded?', 'In which year was {s} founded?'], 'Which company was founded in {v}?'),
        fact('company', 'director', 'Management', 'person',
             ['{s} is run by {v}.', '{s} reports to director {v}.', 'The director of {s} is {v}.'],
             ['Who runs {s}?', 'Who is the director of {s}?'], 'Which company does {v} run?',
             bridge='the director of {s}'),
        fact('company', 'logo', 'Brand', COLOURS,
             ['{s} has a {v} logo.', '{s} prints its logo in {v}.', 'The logo of {s} is {v}.'],
             ['Which colour is the logo of {s}?', 'What logo does {s} have?'], 'Which company has a {v} logo?'),
        fact('company', 'goods', 'Business', GOODS,
             ['{s} makes {v}.', '{s} sells {v}.', 'The main goods of {s} are {v}.'],
             ['What does {s} make?', 'What does {s} sell?'], 'Which company makes {v}?'),
        fact('project', 'budget', 'Budget', NUMBERS,
             ['{s} has a budget of {v}.', '{s} may spend {v}.', 'The budget of {s} is {v}.'],
             ['What is the budget of {s}?', 'How much may {s} spend?'], 'Which project has a budget of {v}?',
             form='{v} thousand euros'),
        fact('project', 'due', 'Schedule', MONTHS,
             ['{s} is due in {v}.', '{s} must be ready in {v}.', 'The end of {s} is planned for {v}.'],
             ['When is {s} due?', 'In which month is {s} due?'], 'Which project is due in {v}?'),
        fact('project', 'place', 'Place', CITIES,
             ['{s} takes place in {v}.', '{s} is carried out in {v}.', 'The home of {s} is {v}.'],
             ['Where does {s} take place?', 'In which city is {s}?'], 'Which project takes place in {v}?'),
        fact('project', 'leader', 'Team', 'person',
             ['{s} is led by {v}.', '{s} is in the hands of {v}.', 'The leader of {s} is {v}.'],
             ['Who leads {s}?', 'Who is the leader of {s}?'], 'Which project does {v} lead?',
             bridge='the leader of {s}'),
        fact('project', 'sponsor', 'Money', 'company',
             ['{s} is paid by {v}.', '{s} gets its money from {v}.', 'The sponsor of {s} is {v}.'],
             ['Who pays for {s}?', 'Who is the sponsor of {s}?'], 'Which project is paid by {v}?',
             bridge='the sponsor of {s}'),
        fact('project', 'team', 'People', NUMBERS,
             ['{s} has a team of {v}.', '{s} keeps {v} busy.', 'The team of {s} counts {v}.'],
             ['How large is the team of {s}?', 'How many people work on {s}?'], 'Which project has a team of {v}?',
             form='{v} people'),
        fact('product', 'price', 'Price', NUMBERS,
             ['{s} costs {v}.', '{s} is sold for {v}.', 'The price of {s} is {v}.'],
             ['How much does {s} cost?', 'What is the price of {s}?'], 'Which device costs {v}?', form='{v} euros'),
        fact('product', 'colour', 'Design', COLOURS,
             ['{s} comes in {v}.', '{s} is painted {v}.', 'The colour of {s} is {v}.'],
             ['Which colour does {s} come in?', 'What is the colour of {s}?'], 'Which device comes in {v}?'),
        fact('product', 'origin', 'Factory', CITIES,
             ['{s} is made in {v}.', '{s} is put together in {v}.', 'The factory of {s} is in {v}.'],
             ['Where is {s} made?', 'In which city is {s} made?'], 'Which device is made in {v}?'),
        fact('product', 'weight', 'Weight', NUMBERS,
             ['{s} weighs {v}.', '{s} has a weight of {v}.', 'The weight of {s} is {v}.'],
             ['How much does {s} weigh?', 'What is the weight of {s}?'], 'Which device weighs {v}?', form='{v} grams'),
        fact('product', 'material', 'Material', MATERIALS,
             ['{s} is made of {v}.', '{s} has a case of {v}.', 'The case of {s} is made of {v}.'],
             ['What is {s} made of?', 'Which material is {s} made of?'], 'Which device is made of {v}?'),
        fact('product', 'designer', 'Designer', 'person',
             ['{s} was designed by {v}.', '{s} is the work of {v}.', 'The designer of {s} is {v}.'],
             ['Who designed {s}?', 'Who is the designer of {s}?'], 'Which device did {v} design?',
             bridge='the designer of {s}'),
        fact('site', 'city', 'Address', CITIES,
             ['{s} stands in {v}.', '{s} is found in {v}.', 'The address of {s} is in {v}.'],
             ['Where does {s} stand?', 'In which city is {s}?'], 'Which building stands in {v}?'),
        fact('site', 'floors', 'Building', NUMBERS,
             ['{s} has {v}.', '{s} is {v} high.', 'The height of {s} is {v}.'],
             ['How high is {s}?', 'How many floors does {s} have?'], 'Which building has {v}?', form='{v} floors'),
        fact('site', 'opened', 'Opening', YEARS,
             ['{s} was opened in {v}.', '{s} has been in use since {v}.', 'The opening of {s} was in {v}.'],
             ['When was {s} opened?', 'Since when has {s} been in use?'], 'Which building was opened in {v}?'),
        fact('site', 'keeper', 'Contact', 'person',
             ['{s} is managed by {v}.', '{s} is looked after by {v}.', 'The manager of {s} is {v}.'],
             ['Who manages {s}?', 'Who looks after {s}?'], 'Which building does {v} manage?',
             bridge='the manager of {s}'),
        fact('site', 'walls', 'Walls', COLOURS,
             ['{s} has {v} walls.', '{s} is painted {v}.', 'The walls of {s} are {v}.'],
             ['Which colour are the walls of {s}?', 'What walls does {s} have?'], 'Which building has {v} walls?'),
        *_rules(fact),
    ]


def _rules(fact) -> list[Fact]:
    """House rules are entities with one fact each: their value. Handbooks of two years contradict each other."""
    rules = [
        ('the travel allowance', 'Travel', '{v} euros'), ('the meal allowance', 'Meals', '{v} euros'),
        ('the notice period', 'Notice', '{v} weeks'), ('the trial period', 'Trial period', '{v} weeks'),
        ('the yearly leave', 'Leave', '{v} days'), ('the parking fee', 'Parking', '{v} euros'),
        ('the training budget', 'Training', '{v} euros'), ('the phone limit', 'Phones', '{v} euros'),
        ('the overtime limit', 'Overtime', '{v} hours'), ('the gift limit', 'Gifts', '{v} euros'),
        ('the password length', 'Passwords', '{v} letters'), ('the visitor limit', 'Visitors', '{v} people'),
        ('the storage time', 'Records', '{v} months'), ('the quiet time', 'Quiet rooms', '{v} minutes'),
    ]
    return [
        fact('rule', name, heading, NUMBERS,
             ['{s} is {v}.', '{s} is set at {v}.', 'From now on {s} is {v}.'],
             ['What is {s}?', 'How much is {s}?'], 'What is set at {v}?', form=form)
        for name, heading, form in rules
    ]


FACTS: dict[str, list[Fact]] = {}
for _fact in _facts():
    FACTS.setdefault(_fact.kind, []).append(_fact)

# What a sentence calls an entity that was named before.
NOUNS = {'company': 'the company', 'project': 'the project', 'product': 'the device', 'site': 'the building'}
# Two facts that say the same of each other's sides: a world tells one of them.
OPPOSITES = {('company', 'director'): 'employer', ('person', 'employer'): 'director'}
# Titles of lists of a kind.
LISTS = {'person': 'Staff', 'company': 'Partners', 'project': 'Projects', 'product': 'Devices', 'site': 'Buildings'}
# What a report may call its subject after having said so.
ALIASES = {
    'company': 'firm group maker studio workshop agency'.split(),
    'project': 'venture scheme effort trial deal program initiative mission campaign'.split(),
    'product': 'gadget unit tool item machine model'.split(),
    'site': 'hub base block annex lodge campus'.split(),
}
