"""Answers questions of the demo suite by many strategies in PyTorch: what Kvasir's bench has to give as well.

    python3 models/demo/quality.py [models/demo/demo.gguf [test/demo/quality.json]]

Per strategy: which questions were answered right, and mean KL(full || strategy) per kind. Needs PyTorch.
"""
from __future__ import annotations

import json
import re
import sys
from dataclasses import dataclass, field
from pathlib import Path

import torch

import bpe
import selection
from asked import Answerer, Asked, digest
from bpe import EOS
from checkpoint import Exported
from suite_file import read

# Questions of the suite with contexts of this length, every second one.
TAG, EVERY = '0.25K', 2
MOST_ANSWER_TOKENS = 16
FULL = ('full', 'full')


def arms() -> list[tuple[str, str]]:
    """(strategy, base of `asked.BASES`)."""
    both = [f'{name}:0.15{by}' for name in ('score', 'oracle') for by in ('', ':by=k')]
    both += ['reuse', 'link:16', 'mix:4+0.15:by=k', 'random:0.15', *(f'blend:0.15:layer={layer}' for layer in (1, 2, 4))]
    isolated = [*both, 'link:4', 'score:0.3:by=k', 'oracle:0.3:by=k', 'random:0.3', 'blend:0.3:layer=2']
    isolated += [f'blend:0.15:layer=2:{how}' for how in ('by=k', 'attention', 'gradual')]
    return [
        *((text, 'variants') for text in both),
        *((text, 'first-query') for text in both),
        *((f'{text}:bos', 'isolated') for text in isolated),
    ]


@dataclass
class Tally:
    """One arm's figures, one per question in order."""

    right: list[bool] = field(default_factory=list)
    kl: list[float] = field(default_factory=list)
    # Tokens, of the question's knowledge.
    recomputed: list[int] = field(default_factory=list)
    knowledge: list[int] = field(default_factory=list)


ROOT = Path(__file__).resolve().parents[2]
Tallies = dict[tuple[str, str], Tally]


def main(model_path: str, quality_path: str) -> None:
    answerer = Answerer(Exported(Path(model_path)), bpe.load())
    questions = [question for question in read(ROOT / 'test/suites/demo.jsonl') if TAG in question['tags']][::EVERY]
    tallies: Tallies = {arm: Tally() for arm in [FULL, *arms()]}
    prompts = []
    for number, question in enumerate(questions, 1):
        asked = answerer.ask(question)
        prompts.append(digest(asked.prompt)[:12])
        judge(answerer, asked, question['answers'], tallies)
        if number % 50 == 0:
            print(f'{number} of {len(questions)} questions', file=sys.stderr, flush=True)
    write(Path(quality_path), questions, prompts, tallies)


def judge(answerer: Answerer, asked: Asked, answers: list[str], tallies: Tallies) -> None:
    """Every arm on one question, each held against full prefill."""
    composer = answerer.composer
    full = asked.full()
    answer = composer.greedy(full, EOS, MOST_ANSWER_TOKENS)
    reference = composer.forced(full, answer)
    for (text, base), tally in tallies.items():
        composed = full if (text, base) == FULL else asked.compose(selection.parse(text), base)
        forced = composer.forced(composed, answer)
        own = answer
        if forced.argmax(-1).tolist() != answer:
            own = composer.greedy(composed, EOS, MOST_ANSWER_TOKENS)
        tally.right.append(is_right(answerer.tokenizer.decode(own), answers))
        tally.kl.append(float((reference.exp() * (reference - forced)).sum(-1).mean()))
        tally.recomputed.append(len(composed.recomputed))
        tally.knowledge.append(asked.knowledge)


def write(path: Path, questions: list[dict], prompts: list[str], tallies: Tallies) -> None:
    """
    `questions`: id, kind and the first digits of the digest of the prompt's tokens. `right`: a digit per question.
    `kl`: nats per token, by kind.
    """
    kinds = list(dict.fromkeys(question['kind'] for question in questions))
    lines = [json.dumps([question['id'], question['kind'], prompt]) for question, prompt in zip(questions, prompts)]
    arms = []
    for (text, base), tally in tallies.items():
        by_kind = {
            kind: mean([kl for kl, question in zip(tally.kl, questions) if question['kind'] == kind]) for kind in kinds
        }
        share = round(sum(tally.recomputed) / sum(tally.knowledge), 5)
        right = ''.join(str(int(right)) for right in tally.right)
        arm = {'name': text, 'base': base, 'recomputed': share, 'kl': by_kind, 'right': right}
        arms.append(json.dumps(arm))
    path.write_text(
        '{"questions": [\n' + ',\n'.join(lines) + '\n], "arms": [\n' + ',\n'.join(arms) + '\n]}\n', encoding='utf-8'
    )


def mean(figures: list[float]) -> float:
    # Not below zero by rounding.
    return abs(round(sum(figures) / len(figures), 5))


def is_right(text: str, answers: list[str]) -> bool:
    """Exact match as benches of question answering count it."""
    return any(normal(text) == normal(answer) for answer in answers)


def normal(text: str) -> str:
    return ' '.join(re.sub(r'\b(a|an|the)\b', ' ', re.sub(r'[^\w\s]', '', text.lower())).split())


if __name__ == '__main__':
    if len(sys.argv) > 3:
        sys.exit(__doc__)
    torch.set_num_threads(1)
    defaults = [str(ROOT / 'models/demo/demo.gguf'), str(ROOT / 'test/demo/quality.json')]
    main(*sys.argv[1:], *defaults[len(sys.argv) - 1 :])
