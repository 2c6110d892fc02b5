"""What must hold of the corpus, whatever is drawn: `python3 -m unittest discover models/demo`."""
from __future__ import annotations

import itertools
import random
import unittest

import asking
import bpe
from names import LISTED_HARD, FIRST_HARD, PARTS, Names
from story import Level, Story, Teller
from suites import LENGTHS, exclusion

STORIES = 400
KINDS_OF_NAMES = ('company', 'project', 'product', 'site')


def stories(part: str = 'train') -> list[Story]:
    source = random.Random(1)
    return [Teller(source, source.choice(LENGTHS[:2]).level, part).tell() for _ in range(STORIES)]


class Corpus(unittest.TestCase):
    def test_parts_share_no_name(self) -> None:
        drawn = {}
        for part in PARTS:
            names = [Names(random.Random(seed), part, strange=0.5 * (part == 'train')) for seed in range(STORIES)]
            drawn[part] = {name for each in names for name in (each.person()[0], *map(each.other, KINDS_OF_NAMES))}
        for one, other in itertools.combinations(PARTS, 2):
            self.assertFalse(drawn[one] & drawn[other])

    def test_what_is_held_out_is_never_trained_on(self) -> None:
        held_out = {word for lists in (LISTED_HARD, FIRST_HARD) for words in lists.values() for word in words}
        for seed in range(STORIES):
            names = Names(random.Random(seed), strange=0.5)
            words = ' '.join([names.person()[0], *map(names.other, KINDS_OF_NAMES)]).split()
            self.assertTrue(held_out.isdisjoint(words))

    def test_an_answer_stands_in_what_is_read(self) -> None:
        source, checked = random.Random(2), 0
        for story in stories():
            excluded = exclusion(story, source)
            text = read(story, excluded)
            for question in asking.questions(story, excluded, source):
                self.assertFalse(question.needs & excluded, question)
                if question.kind == 'unknown':
                    self.assertEqual(question.answer, asking.UNKNOWN)
                    continue
                for part in question.answer.split(', '):
                    self.assertIn(part.lower(), text.lower(), question)
                checked += 1
        self.assertGreater(checked, STORIES)

    def test_a_needle_leaves_something_to_tell(self) -> None:
        source = random.Random(5)
        level = Level(entities=(2, 2), facts=(1, 1), bridges=1.0, needles=1.0)
        for _ in range(STORIES):
            self.assertTrue(Teller(source, level, 'train').tell().statements)

    def test_leaving_a_section_out_takes_its_facts_away(self) -> None:
        source, changed = random.Random(3), 0
        for story in stories():
            excluded = exclusion(story, source)
            gone = [each for each in story.statements if each.place in excluded]
            told = {(each.entity.name, each.fact.key): each for each in story.current(excluded)}
            for each in gone:
                left = told.get((each.entity.name, each.fact.key))
                self.assertIsNot(left, each)
                changed += 1
        self.assertGreater(changed, 50)

    def test_what_is_left_can_be_understood(self) -> None:
        source = random.Random(4)
        for story in stories('demo'):
            excluded = exclusion(story, source)
            for each in story.statements:
                self.assertTrue(each.place in excluded or not each.needs & excluded)

    def test_the_last_word_counts(self) -> None:
        source = random.Random(5)
        kinds = set()
        for story in stories():
            excluded = exclusion(story, source)
            for question in asking.questions(story, excluded, source):
                if question.kind in ('correction', 'conflict'):
                    kinds.add(question.kind)
                    said = [
                        each.value for each in story.statements if each.place not in excluded
                        and any(wording.format(s=each.entity.name) == question.text for wording in each.fact.questions)
                    ]
                    self.assertGreater(len(said), 1)
                    self.assertEqual(question.answer, said[-1])
        self.assertEqual(kinds, {'correction', 'conflict'})

    def test_nobody_shares_a_value_of_a_fact(self) -> None:
        for story in stories():
            said = [(each.fact.key, each.value) for each in story.statements]
            self.assertEqual(len(said), len(set(said)))


class Bpe(unittest.TestCase):
    def test_any_text_comes_back(self) -> None:
        tokenizer = bpe.load()
        for text in ('', ' ', '\n\n  x\t', 'Émile — 日本語 🙂', "it's 12345 a_b <|end|>", '\r\n\u00a0#'):
            self.assertEqual(tokenizer.decode(tokenizer.encode(text)), text)

    def test_training_is_repeatable_and_takes_the_most_frequent_pair(self) -> None:
        tokenizer = bpe.train(['abab ab', 'ab c'], vocabulary=len(bpe.CONTROL) + 256 + 2)
        self.assertEqual(tokenizer.merges[0], ('a', 'b'))
        self.assertEqual(tokenizer.merges, bpe.train(['ab c', 'abab ab'], len(bpe.CONTROL) + 256 + 2).merges)


def read(story: Story, excluded: frozenset[tuple[int, int]]) -> str:
    return ''.join(
        text
        for at, document in enumerate(story.documents)
        for section, text in enumerate(document.markdown(is_airy=True))
        if (at, section) not in excluded
    )


if __name__ == '__main__':
    unittest.main()
