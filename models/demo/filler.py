"""Sentences that state nothing of anyone."""
from __future__ import annotations

import random
import re

SENTENCES = (
    'The weather was fine for most of the week.', 'Please keep the doors closed in winter.',
    'Coffee is on the second shelf.', 'All of this was said before, and it is still true.',
    'Nobody had any questions about it.', 'More about this can be read on the last page.',
    'The old plan is no longer in use.', 'We thank everyone who has helped so far.', 'A short summary follows below.',
    'This part is for new readers only.', 'The numbers were checked twice.',
    'There was a long talk about the kitchen.', 'The meeting began a little late.',
    'Some of the work can wait until next month.', 'The list is sorted by hand.',
    'Take a look at the plan on the wall.', 'A few things are still open.', 'The printer is out of paper again.',
    'It is good to write such things down.', 'Keep your desk clean and your bag closed.',
    'Lunch was served in the garden.', 'The lift will be repaired soon.',
    'Everyone agreed that this was a good idea.', 'The next meeting will be shorter.',
    'Lights go out by themselves at night.', 'Ask at the front desk if anything is unclear.',
    'Letters are brought twice a day.', 'The bus stops right behind the house.', 'Please do not feed the birds.',
    'The result came as a surprise to nobody.', 'We hope to know more by then.', 'Old files are kept in the cellar.',
    'Guests should sign the book.', 'The windows were cleaned last week.', 'There is no reason to worry.',
    'Bicycles may stand in the yard.', 'A first draft was sent around.', 'The rest is a matter of taste.',
    'Every page has a number at the bottom.', 'Two chairs were broken and have been replaced.',
    'It took longer than we had hoped.', 'The phone rang all morning.', 'What remains is easy.',
    'Tea and water are free for all.', 'The plants need water on Fridays.', 'Nothing else was decided.',
    'A copy of this text is kept in the library.', 'The room was too small for so many people.',
    'Wash your cup after you have used it.', 'Keys are handed out in the morning.',
    'The clock in the hall is five minutes slow.', 'Nobody knows where the blue folder went.',
    'Snow fell in the night and was gone by noon.', 'The new chairs are better than the old ones.',
    'Please write clearly and use short words.', 'The soup was too hot, as it always is.',
    'Some pages were copied twice by mistake.', 'A cake was shared in the afternoon.',
    'The heating makes a strange noise.', 'If the door is locked, knock twice.', 'The old carpet was taken out.',
    'We learned a lot and forgot half of it.', 'The market is closed on Sundays.',
    'Everybody likes the view from the roof.', 'The radio was turned off at last.',
    'It rained, so the walk was put off.', 'The cleaning starts after six.', 'A few words should be enough here.',
    'The lamp by the stairs needs a new bulb.', 'There are more cups than people.',
    'The second draft was better than the first.', 'Old habits are hard to change.',
    'The mail came late because of the storm.', 'One can see the hills on a clear day.',
    'Please return the pens that you borrow.', 'The answer was shorter than the question.',
    'We will talk about this again in spring.', 'Nothing was lost in the move.',
    'The cat from next door came to visit.', 'The elevator music was much discussed.',
    'The shelves are dusted once a month.', 'A small prize was given to the winner.', 'The game ended in a draw.',
    'What is written here may change.', 'The sun comes in from the left.', 'It pays to ask before one begins.',
    'All drawers have been labelled.', 'The fire alarm is tested every quarter.', 'Some of us came by train.',
    'The photos turned out well.', 'There was more laughter than work.', 'The tables were moved to the wall.',
    'Fresh fruit is bought on Mondays.', 'The path through the park is open again.', 'The paint was still wet.',
    'Umbrellas can be left by the door.', 'The song was played once more.', 'The report is longer than last time.',
    'A stamp is missing on the form.', 'The pictures hang a little too low.', 'Half of the boxes are empty.',
    'The tap in the kitchen drips.', 'It is quiet after lunch.', 'The wind took the sign away.',
    'The minutes were read out loud.', 'This was asked before.', 'A good night of sleep helps.',
    'The bread was still warm.', 'Old jokes were told again.', 'The bell rings at noon.',
    'The road is being repaired.', 'The leaves are falling early.', 'The stairs were painted on the weekend.',
    'Gloves were found in the hall.', 'A new kettle has been ordered.', 'The glass door is easy to miss.',
    'Most of it went according to plan.', 'A note was left on the table.', 'The trees behind the house were cut.',
    'The light in the cellar is weak.', 'The file is too large to be sent.', 'Many hands make light work.',
    'The train was on time for once.', 'The pond is frozen.', 'The story has no end.',
    'Better ideas are always welcome.', 'There is a mirror next to the coats.', 'The speech was kept short.',
    'Chalk and paper are on the shelf.', 'The flowers were a gift.', 'Smoke was seen, but it was only steam.',
    'We counted everything twice.', 'The boat trip was the best part.', 'The bill has been paid.',
    'The choir needs more voices.', 'A spare key hangs by the door.', 'The noise came from the street.',
    'Summer begins with a feast.', 'The last page is blank.', 'The next issue follows soon.',
)
# The rest of the prose is put together: sentences with words to fill in.
PATTERNS = (
    'The {adjective} {thing} is {place} now.', 'The {thing} {place} is {adjective} again.',
    'Please {do} the {thing} {when}.', 'Please do not {do} the {adjective} {thing}.',
    'Nobody has seen the {thing} {when}.', 'If the {thing} is {adjective}, {do} it {when}.',
    'There is a {adjective} {thing} {place}.', 'We {did} the {thing} {when}, and nobody minded.',
    '{who} {did} the {thing} {place}.', '{who} likes the {adjective} {thing}.',
    'The {thing} and the {thing} stand {place}.', 'It took {time} until the {thing} was {adjective}.',
    'Some say that the {thing} should be {adjective}.', 'What to do with the {thing} is still open.',
    'A {thing} is more {adjective} than a {thing}, and so it will stay.',
    'After {time} the {thing} was found {place}.', 'One can {do} the {thing} {when}, if one has {time}.',
    'Those who {do} the {thing} may keep the {thing}.', 'Take the {thing} {place}, and bring it back {when}.',
    'The {thing} was too {adjective} for the {thing}.', 'This year the {thing} is {adjective}, and that is fine.',
    '{who} asked for a {adjective} {thing} {when}.', 'Without the {thing} nothing goes on {place}.',
    'So far the {thing} has not been {adjective}.',
)
WORDS = {
    'thing': (
        'chair table lamp box cup drawer carpet door window key bag letter page pen wall roof stair bell kettle '
        'shelf mirror plant tree path garden bench basket ladder hammer brush towel plate spoon pot oven book note '
        'list map picture song story plan idea question answer rule game prize party meal walk trip storm rain '
        'wind fire light shadow noise smell'
    ).split(),
    'adjective': (
        'old new small large heavy empty full open broken clean dirty quiet loud warm cold dry wet round flat long '
        'short low narrow wide bright dark soft hard strange plain good bad slow quick early late free ready busy '
        'safe simple'
    ).split(),
    'place': (
        'in the hall/in the yard/by the door/under the stairs/next to the window/on the second shelf/in the cellar/'
        'at the lake/behind the house/on the wall/in the large room/at the front desk/between two doors/'
        'on the roof/in a box'
    ).split('/'),
    'when': (
        'in the morning/at night/after lunch/before noon/on the weekend/in winter/in spring/last week/since then/'
        'once a month/every day/at the end of the year/when it rains/as soon as possible/for a while'
    ).split('/'),
    'time': 'a week/half an hour/a long time/some days/most of the year/a minute/the whole summer'.split('/'),
    'do': 'move/close/open/clean/carry/paint/wash/keep/hide/lift/count/borrow/share/repair/draw'.split('/'),
    'did': 'moved/closed/opened/cleaned/carried/painted/washed/kept/found/lifted/counted/lost/shared/drew'.split('/'),
    'who': 'Everybody/Nobody/Someone/Half of us/A guest/The cook/A child/One of us/Whoever came first'.split('/'),
}


def sentence(source: random.Random, has_actor: bool = True) -> str:
    """One that states nothing of anyone. has_actor: whether somebody without a name may act in it."""
    if source.random() < 0.5:
        return source.choice(SENTENCES)
    pattern = source.choice([each for each in PATTERNS if has_actor or '{who}' not in each])
    return re.sub(r'\{(\w+)\}', lambda match: source.choice(WORDS[match[1]]), pattern)


# In front of a statement, whose first letter then stays small unless it is a name's.
OPENERS = (
    'As everyone knows, ', 'In short, ', 'By the way, ', 'As was said before, ', 'To be clear, ',
    'As far as we know, ', 'Let it be noted that ', 'As always, ',
)
HANDBOOK = (
    'These rules hold for everyone.', 'This handbook tells how we work.', 'Please read these rules with care.',
    'The following holds from the first of January.',
)
LIST = (
    'This page lists them all.', 'Here is what we know so far.',
    'The list is kept up to date.',
)
MINUTES = (
    'Everyone was there.', 'The meeting took an hour.', 'We spoke about what is new.', 'There were three points.',
)
TITLES = (
    'House news', 'Welcome', 'Around the office', 'General remarks', 'A week in review', 'Good to know', 'Letters',
)
HEADINGS = (
    'News', 'Remarks', 'Other things', 'Kitchen', 'Garden', 'In short', 'Notes', 'Miscellaneous',
)
