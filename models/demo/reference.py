"""Writes PyTorch's greedy answers to 200 questions of the demo suite, for the tests.

    python3 models/demo/reference.py MODEL [test/demo/answers.json]

MODEL: FOLDER/state.pt of the training, whose weights are f32, or a GGUF. The tests run the exported GGUF through Kvasir's
engine and require the same tokens and nearly the same distributions.
"""
from __future__ import annotations

import json
import sys
from pathlib import Path

import torch

import bpe
from bpe import EOS
from evaluate import opened
from llama import Llama
from prompt import prompt
from suite_file import read, selected

QUESTIONS = 200
MOST_TOKENS = 20
# Of a distribution, so many of the likeliest tokens are kept; the others' share is what is missing to 1.
KEPT = 24


@torch.no_grad()
def main(model_path: str, reference_path: str) -> None:
    model, tokenizer = opened(model_path), bpe.load()
    here = Path(__file__).resolve().parents[2]
    short = [each for each in read(here / 'test/suites/demo.jsonl') if '0.25K' in each['tags']]
    lines, right = [], 0
    for question in (short[at * len(short) // QUESTIONS] for at in range(QUESTIONS)):
        tokens = prompt([tokenizer.encode(text) for text in selected(question)], question['question'], tokenizer)
        answer, likely = greedy(model, tokens)
        text = tokenizer.decode(answer).strip()
        right += text in question['answers']
        lines.append(
            json.dumps(
                {'id': question['id'], 'kind': question['kind'], 'expected': question['answers'][0], 'answer': text}
                | {'tokens': tokens, 'answerTokens': answer, 'likely': likely}
            )
        )
    Path(reference_path).write_text('[\n' + ',\n'.join(lines) + '\n]\n', encoding='utf-8')
    print(f'{reference_path}: {len(lines)} questions, {right} of them answered as the world has it')


def greedy(model: Llama, tokens: list[int]) -> tuple[list[int], list[list[list[float]]]]:
    """The answer without its end, and the likeliest tokens with their probabilities in front of each of its tokens."""
    answer: list[int] = []
    likely: list[list[list[float]]] = []
    while len(answer) < MOST_TOKENS:
        read = torch.tensor([tokens + answer])
        size = read.shape[1]
        mask = torch.full((1, size, size), float('-inf')).triu(1)
        logits = model.logits(model(read, torch.arange(size)[None], mask)[0, -1])
        best = logits.softmax(-1).topk(KEPT)
        likely.append([[int(token), round(float(share), 7)] for token, share in zip(best.indices, best.values)])
        if int(best.indices[0]) == EOS:
            break
        answer.append(int(best.indices[0]))
    return answer, likely


if __name__ == '__main__':
    if not 2 <= len(sys.argv) <= 3:
        sys.exit(__doc__)
    torch.set_num_threads(1)
    here = Path(__file__).resolve()
    main(sys.argv[1], sys.argv[2] if len(sys.argv) == 3 else str(here.parents[2] / 'test/demo/answers.json'))
