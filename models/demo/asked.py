"""Questions of the suite with the caches that strategies may use, and their contexts put together."""
from __future__ import annotations

import hashlib
from array import array
from dataclasses import dataclass

import torch

import selection
from bpe import BOS, Tokenizer
from checkpoint import Checkpoint
from compose import Check, Composed, Composer, Layout, Planes, differences
from prompt import question_tokens
from suite_file import chunks

# What the chunks come from. `variants`: each behind what its document has before it in the selection. `first-query`: the
# same before a gap, isolated behind it, as when a selection is asked for the first time. `isolated`: `reuse:bos`.
BASES = ('variants', 'first-query', 'isolated')


@dataclass(frozen=True)
class Part:
    """An included chunk."""

    tokens: list[int]
    # Included chunks of its document before it, with the prompt's prefix.
    front: list[int]
    # No part of its document before it is left out.
    gapless: bool
    # In the first document that is read.
    leads: bool


class Answerer:
    """Caches are made once."""

    def __init__(self, checkpoint: Checkpoint, tokenizer: Tokenizer):
        self.tokenizer, self.composer = tokenizer, Composer(checkpoint)
        self.made: dict[tuple[int, ...], Planes] = {}

    def cache(self, front: list[int], tokens: list[int]) -> Planes:
        key = (*front, -1, *tokens)
        if key not in self.made:
            self.made[key] = self.composer.encode(front, tokens)
        return self.made[key]

    def ask(self, question: dict) -> Asked:
        parts: list[Part] = []
        for number, document in enumerate(question['documents'], 1):
            front, gapless, leads = [BOS], True, not parts
            for section, text in enumerate(chunks(document['text']), 1):
                tokens = self.tokenizer.encode(text)
                if f'{number}.s{section}' in question['exclude']:
                    gapless = False
                    continue
                parts.append(Part(tokens, front, gapless, leads))
                front = front + tokens
        return Asked(self, parts, question_tokens(question['question'], self.tokenizer))


@dataclass(frozen=True)
class Asked:
    answerer: Answerer
    parts: list[Part]
    tail: list[int]

    @property
    def prompt(self) -> list[int]:
        return [BOS] + [token for part in self.parts for token in part.tokens] + self.tail

    @property
    def knowledge(self) -> int:
        return sum(len(part.tokens) for part in self.parts)

    def full(self) -> Composed:
        composer = self.answerer.composer
        return composer.fixed(composer.layout([(self.prompt, None)], len(self.tail)), torch.arange(0))

    def compose(self, strategy: selection.Strategy, base: str) -> Composed:
        composer = self.answerer.composer
        cached = [(part.tokens, self._cache(part, base)) for part in self.parts]
        layout = composer.layout([([BOS], None), *cached, (self.tail, None)], len(self.tail))
        oracle = self._deviations(layout) if strategy.name == 'oracle' else {}
        rows = selection.recompute(strategy, self._chunks(base), oracle, self._seed())
        return composer.checked(layout, rows) if isinstance(rows, Check) else composer.fixed(layout, rows)

    def _cache(self, part: Part, base: str) -> Planes:
        isolated = base == 'isolated' or (base == 'first-query' and not part.gapless)
        return self.answerer.cache([BOS] if isolated else part.front, part.tokens)

    def _chunks(self, base: str) -> list[selection.Chunk]:
        made, start = [], 1
        for part in self.parts:
            exact = part.leads and (part.gapless or base != 'first-query') and base != 'isolated'
            made.append(selection.Chunk(start, len(part.tokens), exact, self._score(part, base)))
            start += len(part.tokens)
        return made

    def _score(self, part: Part, base: str) -> dict[str, torch.Tensor] | None:
        """How much the chunk's tokens depend on what stands before them, as far as caches can tell."""
        cache = self.answerer.cache
        if base == 'first-query' and not part.gapless:
            return None
        return differences(cache(part.front, part.tokens), cache([BOS], part.tokens))

    def _deviations(self, layout: Layout) -> dict[str, torch.Tensor]:
        """Of all cached rows from full prefill."""
        layers = self.answerer.composer.fixed(layout, layout.cached.nonzero()[:, 0]).deviations
        return {of: sum(layer[of] for layer in layers)[layout.cached] for of in ('k', 'v')}

    def _seed(self) -> str:
        return hashlib.sha256('\n'.join(digest(part.tokens) for part in self.parts).encode()).hexdigest()


def digest(tokens: list[int]) -> str:
    """SHA-256 of token ids, 32 bit each, as Kvasir names token runs."""
    return hashlib.sha256(array('i', tokens).tobytes()).hexdigest()
