"""Byte-level BPE as GPT-2 has it: trained on the corpus, and any text comes back unchanged.

    python3 models/demo/bpe.py [models/demo/tokenizer.json]

Sennrich et al. 2016 on GPT-2's pieces (Radford et al. 2019): the pair of tokens that stands next to each other most
often becomes a token, again and again. Needs nothing but Python.
"""
from __future__ import annotations

import json
import random
import re
import sys
from collections import Counter, defaultdict
from collections.abc import Iterable
from pathlib import Path

import asking
from story import Level, Teller

CONTROL = ('<|pad|>', '<|begin|>', '<|end|>', '<|question|>', '<|answer|>')
PAD, BOS, EOS, QUESTION, ANSWER = range(5)
VOCABULARY = 2048
STORIES = 2500
SEED = 11

# GPT-2's pattern, without its exact classes of letters and digits, which Python's `re` cannot name.
PIECES = re.compile(r"'s|'t|'re|'ve|'m|'ll|'d| ?[^\W\d_]+| ?\d+| ?(?:[^\w\s]|_)+|\s+(?!\S)|\s+")


def _byte_characters() -> dict[int, str]:
    """GPT-2's printable character for every byte."""
    printable = [*range(ord('!'), ord('~') + 1), *range(ord('¡'), ord('¬') + 1), *range(ord('®'), ord('ÿ') + 1)]
    others = [byte for byte in range(256) if byte not in printable]
    return {byte: chr(byte) for byte in printable} | {byte: chr(256 + at) for at, byte in enumerate(others)}


CHARACTER_OF = _byte_characters()
BYTE_OF = {character: byte for byte, character in CHARACTER_OF.items()}


def spell(text: str) -> str:
    return ''.join(CHARACTER_OF[byte] for byte in text.encode('utf-8'))


class Tokenizer:
    """Control tokens, the bytes, then one token per merge."""

    def __init__(self, merges: list[tuple[str, str]]):
        self.merges = merges
        self.texts = [*CONTROL, *CHARACTER_OF.values(), *(left + right for left, right in merges)]
        self.ids = {text: at for at, text in enumerate(self.texts)}
        self.ranks = {pair: rank for rank, pair in enumerate(merges)}
        self.known: dict[str, list[int]] = {}

    def encode(self, text: str) -> list[int]:
        """Token ids of plain text (control tokens written out are not parsed)."""
        return [token for piece in PIECES.findall(text) for token in self._piece(piece)]

    def decode(self, tokens: Iterable[int]) -> str:
        """Text of tokens; control tokens have none."""
        spelled = ''.join(self.texts[token] for token in tokens if token >= len(CONTROL))
        return bytes(BYTE_OF[character] for character in spelled).decode('utf-8', 'replace')

    def _piece(self, piece: str) -> list[int]:
        if piece not in self.known:
            parts = list(spell(piece))
            while len(parts) > 1:
                never = len(self.ranks)
                rank, at = min((self.ranks.get(pair, never), at) for at, pair in enumerate(zip(parts, parts[1:])))
                if rank == never:
                    break
                parts[at : at + 2] = [parts[at] + parts[at + 1]]
            self.known[piece] = [self.ids[part] for part in parts]
        return self.known[piece]


def load(path: Path = Path(__file__).with_name('tokenizer.json')) -> Tokenizer:
    return Tokenizer([(left, right) for left, right in json.loads(path.read_text(encoding='utf-8'))])


def train(texts: Iterable[str], vocabulary: int = VOCABULARY) -> Tokenizer:
    """Ties go to the pair that sorts first, so that a run can be repeated."""
    counts = Counter(spell(piece) for text in texts for piece in PIECES.findall(text))
    words = [(list(word), count) for word, count in counts.items()]
    pairs: Counter[tuple[str, str]] = Counter()
    where: defaultdict[tuple[str, str], set[int]] = defaultdict(set)
    for at, (parts, count) in enumerate(words):
        for pair in zip(parts, parts[1:]):
            pairs[pair] += count
            where[pair].add(at)
    merges: list[tuple[str, str]] = []
    while len(CONTROL) + 256 + len(merges) < vocabulary and pairs:
        best = min(pairs, key=lambda pair: (-pairs[pair], pair))
        merges.append(best)
        for at in where[best]:
            parts, count = words[at]
            for pair in zip(parts, parts[1:]):
                pairs[pair] -= count
            parts[:] = _merged(parts, best)
            for pair in zip(parts, parts[1:]):
                pairs[pair] += count
                where[pair].add(at)
        del pairs[best]
    return Tokenizer(merges)


def _merged(parts: list[str], pair: tuple[str, str]) -> list[str]:
    merged: list[str] = []
    at = 0
    while at < len(parts):
        taken = 2 if tuple(parts[at : at + 2]) == pair else 1
        merged.append(''.join(parts[at : at + taken]))
        at += taken
    return merged


def corpus(source: random.Random) -> Iterable[str]:
    """What the model is trained on: stories with their questions and answers."""
    for _ in range(STORIES):
        story = Teller(source, Level(filler=(0, 1))).tell()
        yield ''.join(chunk for document in story.documents for chunk in document.markdown(source.random() < 0.5))
        for question in asking.questions(story, frozenset(), source):
            yield f' {question.text}'
            yield f' {question.answer}'


def main(path: str) -> None:
    tokenizer = train(corpus(random.Random(SEED)))
    lines = ',\n'.join(json.dumps(pair, ensure_ascii=False) for pair in tokenizer.merges)
    Path(path).write_text(f'[\n{lines}\n]\n', encoding='utf-8')
    print(f'{path}: {len(tokenizer.texts)} tokens')


if __name__ == '__main__':
    if len(sys.argv) > 2:
        sys.exit(__doc__)
    main(sys.argv[1] if len(sys.argv) == 2 else str(Path(__file__).with_name('tokenizer.json')))
