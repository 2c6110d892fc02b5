"""Exact match of a trained model on a suite, by kind of question: whether every token of the answer is the likeliest.

    python3 models/demo/evaluate.py MODEL [--suite test/suites/demo.jsonl] [--tag 0.25K] [--threads 1]

MODEL: FOLDER/state.pt of the training, or a GGUF. Kvasir's own figures come from `kvasir bench --kind suite`.
"""
from __future__ import annotations

import argparse
from collections import defaultdict
from pathlib import Path

import torch

import bpe
from bpe import EOS
from export import load
from llama import Llama, Shape
from prompt import answer_tokens, prompt
from suite_file import read, selected

# Answers that begin as "unknown", of the questions that the context answers.
UNASKED = 'unknown, but known'


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument('model')
    parser.add_argument('--suite', default=str(Path(__file__).resolve().parents[2] / 'test/suites/demo.jsonl'))
    parser.add_argument('--tag')
    parser.add_argument('--threads', type=int, default=1)
    options = parser.parse_args()
    torch.set_num_threads(options.threads)
    questions = [each for each in read(Path(options.suite)) if not options.tag or options.tag in each['tags']]
    for kind, hits in sorted(measure(opened(options.model), questions).items()):
        print(f'{kind:18} {sum(hits) / len(hits):.3f}  {len(hits)}')


def opened(path: str) -> Llama:
    if path.endswith('.gguf'):
        return load(Path(path))
    state = torch.load(path, map_location='cpu')
    model = Llama(Shape(**state['shape']))
    model.load_state_dict(state['model'])
    return model


@torch.no_grad()
def measure(model: Llama, questions: list[dict]) -> dict[str, list[bool]]:
    """Whether each answer is right, by kind and in all; and whether it begins as "unknown" where it should not."""
    tokenizer = bpe.load()
    unknown = answer_tokens('unknown', tokenizer)[0]
    right: defaultdict[str, list[bool]] = defaultdict(list)
    for question in questions:
        chunks = [tokenizer.encode(text) for text in selected(question)]
        told = prompt(chunks, question['question'], tokenizer)
        answer = [*answer_tokens(question['answers'][0], tokenizer), EOS]
        tokens = torch.tensor([told + answer[:-1]])
        size = tokens.shape[1]
        mask = torch.full((1, size, size), float('-inf')).triu(1)
        hidden = model(tokens, torch.arange(size)[None], mask)[0, len(told) - 1 :]
        said = model.logits(hidden).argmax(-1).tolist()
        right[question['kind']].append(said == answer)
        right['all'].append(said == answer)
        if question['kind'] != 'unknown':
            right[UNASKED].append(said[0] == unknown)
    return right


if __name__ == '__main__':
    main()
