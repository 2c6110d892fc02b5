"""A GPT-2 style byte-level BPE that yields the checkpoint's whole words.

The checkpoint knows 513 words, one token each. Here every word is built by a chain of merges, each of which extends
a prefix of it by one byte (`Ġ`+`P`, `ĠP`+`a`, ...), so BPE walks a trie of words. Other spellings of a word (a capital
at the start of a sentence, no space in front, a full stop glued to the word before) are tokens of their own that share
the word's embedding. Everything else falls to prefixes and bytes, so any text is tokenised and comes back unchanged.
"""
from __future__ import annotations

import re
from dataclasses import dataclass, field
from pathlib import Path

NORMAL, CONTROL = 1, 3  # llama.cpp's token types

PAD, BOS, EOS, LINE, QUESTION, ANSWER, UNKNOWN = range(7)
CONTROL_TEXTS = {PAD: '<pad>', BOS: '<bos>', EOS: '<eos>', QUESTION: '<|question|>', ANSWER: '<|answer|>'}
PUNCTUATION = '.?:'
SPELLINGS = {'color': 'colour'}

# `'s|'t|...` of the original never matters here: all of it is plain letters and punctuation to this vocabulary.
PIECES = re.compile(r"'s|'t|'re|'ve|'m|'ll|'d| ?[^\W\d_]+| ?\d+| ?(?:[^\w\s]|_)+|\s+(?!\S)|\s+")


@dataclass
class Tokenizer:
    """Token ids below the vocabulary's size are the checkpoint's own ids."""

    texts: list[str]  # as a GGUF holds them: bytes spelled by printable characters
    kinds: list[int]
    rows: list[int | None]  # the checkpoint's word whose embedding a token has; None: no word at all
    merges: list[tuple[str, str]]
    words: list[str]
    ids: dict[str, int] = field(default_factory=dict)
    ranks: dict[tuple[str, str], int] = field(default_factory=dict)

    def encode(self, text: str) -> list[int]:
        """Token ids of plain text (control tokens written out are not parsed)."""
        return [self.ids[part] for piece in PIECES.findall(text) for part in self._merge(spell(piece))]

    def decode(self, tokens: list[int]) -> str:
        """Text of tokens; control tokens have none."""
        spelled = ''.join(self.texts[token] for token in tokens if self.kinds[token] != CONTROL)
        return bytes(BYTE_OF[char] for char in spelled).decode('utf-8', 'replace')

    def _merge(self, spelled: str) -> list[str]:
        parts = list(spelled)
        while len(parts) > 1:
            pairs = [(self.ranks.get(pair, len(self.ranks)), at) for at, pair in enumerate(zip(parts, parts[1:]))]
            rank, at = min(pairs)
            if rank == len(self.ranks):
                break
            parts[at : at + 2] = [parts[at] + parts[at + 1]]
        return parts


def _byte_characters() -> dict[int, str]:
    """GPT-2's printable character for every byte."""
    printable = [*range(ord('!'), ord('~') + 1), *range(ord('¡'), ord('¬') + 1), *range(ord('®'), ord('ÿ') + 1)]
    others = [byte for byte in range(256) if byte not in printable]
    return {byte: chr(byte) for byte in printable} | {byte: chr(256 + at) for at, byte in enumerate(others)}


CHARACTER_OF = _byte_characters()
BYTE_OF = {character: byte for byte, character in CHARACTER_OF.items()}


def spell(text: str) -> str:
    return ''.join(CHARACTER_OF[byte] for byte in text.encode('utf-8'))


def read_words() -> list[str]:
    return Path(__file__).with_name('vocabulary.txt').read_text(encoding='utf-8').split('\n')[:-1]


def build(words: list[str] | None = None) -> Tokenizer:
    """The tokenizer of the checkpoint's words."""
    words = read_words() if words is None else words
    tokenizer = Tokenizer([], [], [], [], words)

    def add(text: str, row: int | None, kind: int = NORMAL) -> None:
        if text not in tokenizer.ids:
            tokenizer.ids[text] = len(tokenizer.texts)
            tokenizer.texts.append(text)
            tokenizer.kinds.append(kind)
            tokenizer.rows.append(row)

    canonical = [_canonical(row, word) for row, word in enumerate(words)]
    for row, text in enumerate(canonical):
        add(text if row in CONTROL_TEXTS else spell(text), row, CONTROL if row in CONTROL_TEXTS else NORMAL)
    assert len(tokenizer.texts) == len(words), 'two words have one text'
    for row, word in enumerate(words):
        for text in _spellings(row, word, set(words)):
            add(spell(text), row)
    whole = [text for text, kind in zip(tokenizer.texts, tokenizer.kinds) if kind == NORMAL]
    for character in CHARACTER_OF.values():
        add(character, None)
    # A word with its space is merged before anything inside it can be; of the rest, longer prefixes first.
    space = spell(' ')
    chains = {(text[:at], text[at]) for text in whole for at in range(1, len(text))}
    tokenizer.merges = sorted(chains, key=lambda pair: (pair[0][0] != space, -len(pair[0]), pair))
    tokenizer.ranks = {pair: rank for rank, pair in enumerate(tokenizer.merges)}
    for left, right in tokenizer.merges:
        add(left + right, None)
    return tokenizer


def _canonical(row: int, word: str) -> str:
    """The text that a word has when the model says it."""
    if row in CONTROL_TEXTS:
        return CONTROL_TEXTS[row]
    if row == LINE:
        return '\n'
    return word if word in PUNCTUATION else f' {word}'


def _spellings(row: int, word: str, known: set[str]) -> list[str]:
    """Other texts that mean the same word."""
    if row == LINE:
        return ['\n\n']
    if row in CONTROL_TEXTS:
        return []
    if word in PUNCTUATION:
        return [f' {word}']
    if not word.isalpha():
        return []
    other = word.lower() if word[0].isupper() else word.capitalize()
    texts = [word] if word[0].isupper() else []
    if other not in known:
        texts += [f' {other}'] + ([other] if other[0].isupper() else [])
    texts += [f' {spelling}' for spelling, meant in SPELLINGS.items() if meant == word]
    return texts
