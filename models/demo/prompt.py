"""The tokens that the model reads: the beginning, every chunk on its own, the question, where the answer starts."""
from __future__ import annotations

from bpe import ANSWER, BOS, QUESTION, Tokenizer
from story import Place, Story


def prompt(chunks: list[list[int]], question: str, tokenizer: Tokenizer) -> list[int]:
    return [BOS, *(token for chunk in chunks for token in chunk), *question_tokens(question, tokenizer)]


def context(story: Story, excluded: frozenset[Place], tokenizer: Tokenizer, is_airy: bool) -> list[list[int]]:
    """Tokens of every chunk that is read."""
    return [
        tokenizer.encode(text)
        for at, document in enumerate(story.documents)
        for section, text in enumerate(document.markdown(is_airy))
        if (at, section) not in excluded
    ]


def question_tokens(question: str, tokenizer: Tokenizer) -> list[int]:
    return [QUESTION, *tokenizer.encode(f' {question}'), ANSWER]


def answer_tokens(answer: str, tokenizer: Tokenizer) -> list[int]:
    return tokenizer.encode(f' {answer}')
