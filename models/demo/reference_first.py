"""Writes 100 questions of held-out worlds with the checkpoint's own greedy answers, for `test/demo/reference.test.ts`.

    python3 models/demo/reference_first.py CHECKPOINT [test/demo/reference.json]

The tests run the exported GGUF through Kvasir's engine and require the same tokens.
"""
from __future__ import annotations

import json
import random
import sys
from pathlib import Path

import torch

import worlds
from checkpoint import Checkpoint
from export_first import encode
from tokenizer import EOS, build

QUESTIONS = 100
PER_WORLD = 4
SEED = 2024  # another than the exporter's


def main(checkpoint_path: str, reference_path: str) -> None:
    checkpoint, tokenizer, source = Checkpoint(checkpoint_path), build(), random.Random(SEED)
    entries: list[dict[str, object]] = []
    while len(entries) < QUESTIONS:
        world = worlds.draw(source)
        for kind, question, expected in world.questions[: min(PER_WORLD, QUESTIONS - len(entries))]:
            tokens = encode(world, question, tokenizer)
            answer = checkpoint.greedy(tokens, EOS)
            text = ' '.join(tokenizer.words[token] for token in answer)
            entries.append(
                {'kind': kind, 'question': question, 'expected': expected, 'answer': text}
                | {'tokens': tokens, 'answerTokens': answer}
            )
    right = sum(entry['answer'] == entry['expected'] for entry in entries)
    lines = ',\n'.join(json.dumps(entry) for entry in entries)
    Path(reference_path).write_text(f'[\n{lines}\n]\n', encoding='utf-8')
    print(f'{reference_path}: {len(entries)} questions, {right} of them answered as the world has it')


if __name__ == '__main__':
    if not 2 <= len(sys.argv) <= 3:
        sys.exit(__doc__)
    torch.set_num_threads(1)
    here = Path(__file__).resolve()
    main(sys.argv[1], sys.argv[2] if len(sys.argv) == 3 else str(here.parents[2] / 'test/demo/reference.json'))
