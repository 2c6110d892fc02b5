"""Ways of coding caches, held against each other on the demo model: bits, and what they change in its answers.

    python3 models/demo/codec.py [models/demo/demo.gguf [docs/bench/codec-alternatives.md]]

Every way codes the K (before RoPE) and V of layers 1 and up of the caches that questions reuse; layer 0 costs nothing, since
it follows from the tokens. Bits are those of an ideal entropy coder with tables from other documents, or of the method's own
layout where it has no entropy coder; headers are not counted. What Kvasir does natively are `channels` and
`components`; `kvasir bench --kind codec` weighs them with everything in the files. Needs PyTorch.
"""
from __future__ import annotations

import json
import math
import random
import sys
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

import torch

import bpe
import lessons
from asked import Answerer
from bpe import BOS, EOS
from checkpoint import Exported, half
from compose import Planes
from quality import MOST_ANSWER_TOKENS, ROOT, is_right
from suite_file import read

TAG, EVERY = '0.25K', 6
STORIES = 120
# K decides whom a token attends to: its steps are finer.
K_STEP = 0.5
# Numbers nearer to zero than this many steps become zero, and so on outwards.
ROUND_UP = 0.6
# Components of about the same deviation in steps share a table: so many classes to a doubling.
CLASSES = 3
# What a number costs that no table foresaw, in bits.
ESCAPE = 24.0

# [tokens, width] of a plane -> the same, coded and decoded, and its bits.
Code = Callable[[torch.Tensor], tuple[torch.Tensor, float]]
# Name of a plane: (layer, 0 for K and 1 for V).
Plane = tuple[int, int]


def flat(plane: torch.Tensor) -> torch.Tensor:
    """[heads, tokens, head_dim] -> [tokens, width]"""
    return plane.transpose(0, 1).flatten(1)


def steps(x: torch.Tensor) -> torch.Tensor:
    return x.sign() * (x.abs() + 1 - ROUND_UP).floor()


class Tables:
    """Bits of whole numbers by class, from counts of a sample."""

    def __init__(self, numbers: torch.Tensor, classes: torch.Tensor):
        self.bits: dict[int, dict[int, float]] = {}
        for each in classes.unique().tolist():
            values, counts = numbers[:, classes == each].flatten().unique(return_counts=True)
            total = int(counts.sum()) + 1
            found = zip(values.tolist(), counts.tolist())
            self.bits[each] = {int(value): min(12.0, -math.log2(count / total)) for value, count in found}

    def cost(self, numbers: torch.Tensor, classes: torch.Tensor) -> float:
        bits = 0.0
        for each in classes.unique().tolist():
            values, counts = numbers[:, classes == each].flatten().unique(return_counts=True)
            table = self.bits.get(each, {})
            bits += sum(count * table.get(int(value), ESCAPE) for value, count in zip(values.tolist(), counts.tolist()))
        return bits


def classes_of(deviations: torch.Tensor, step: float) -> torch.Tensor:
    return (CLASSES * (deviations.clamp_min(1e-9) / step).log2()).round().clamp(-9, 21).int()


def transformed(sample: torch.Tensor, basis: torch.Tensor, step: float, along_tokens: bool = False) -> Code:
    """Less the mean, turned by an orthogonal basis (rows), in steps of one size, entropy coded.

    along_tokens: each token as what it differs from the one before it, as decoded.
    """
    mean = sample.mean(0)

    def numbers(x: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
        y = (x - mean) @ basis.T / step
        if not along_tokens:
            coded = steps(y)
            return coded, coded
        last, coded, decoded = torch.zeros(y.shape[1]), [], []
        for row in y:
            coded.append(steps(row - last))
            last = last + coded[-1]
            decoded.append(last)
        return torch.stack(coded), torch.stack(decoded)

    known = numbers(sample)[0]
    # Of differences the deviations are their own.
    deviations = known.std(0) * step if along_tokens else ((sample - mean) @ basis.T).std(0)
    classes = classes_of(deviations, step)
    tables = Tables(known, classes)

    def code(x: torch.Tensor) -> tuple[torch.Tensor, float]:
        coded, decoded = numbers(x)
        return decoded * step @ basis + mean, tables.cost(coded, classes)

    return code


def channels(sample: torch.Tensor, step: float) -> Code:
    return transformed(sample, torch.eye(sample.shape[1]), step)


def components(sample: torch.Tensor, step: float, along_tokens: bool = False) -> Code:
    _, directions = torch.linalg.eigh(torch.cov(sample.T))
    return transformed(sample, directions.flip(1).T, step, along_tokens)


def hadamard(sample: torch.Tensor, step: float) -> Code:
    basis = torch.ones(1, 1)
    while len(basis) < sample.shape[1]:
        basis = torch.cat((torch.cat((basis, basis), 1), torch.cat((basis, -basis), 1))) / 2**0.5
    return transformed(sample, basis, step)


def cachegen(sample: torch.Tensor, levels: float) -> Code:
    """CacheGen's public code (arXiv 2310.07240): a scale per token, levels over it, tables per channel."""

    def numbers(x: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
        scale = half(x.abs().amax(1, keepdim=True).clamp_min(1e-6)) / (levels / 2 - 1)
        return (x / scale).round(), scale

    each = torch.arange(sample.shape[1])
    tables = Tables(numbers(sample)[0], each)

    def code(x: torch.Tensor) -> tuple[torch.Tensor, float]:
        coded, scale = numbers(x)
        return coded * scale, tables.cost(coded, each) + 16 * len(x)

    return code


def kivi(is_key: bool, bits: int) -> Code:
    """KIVI (arXiv 2402.02750): K in groups of 32 tokens of a channel, V in groups of 32 channels of a token."""

    def code(x: torch.Tensor) -> tuple[torch.Tensor, float]:
        out, spent, y = torch.empty_like(x), 0.0, x.T if is_key else x
        restored = torch.empty_like(y)
        for start in range(0, y.shape[1], 32):
            group = y[:, start : start + 32]
            low, high = group.amin(1, keepdim=True), group.amax(1, keepdim=True)
            scale = half(((high - low) / (2**bits - 1)).clamp_min(1e-6))
            restored[:, start : start + 32] = ((group - half(low)) / scale).round().clamp(0, 2**bits - 1) * scale + half(low)
            # A scale and an offset of 16 bits each.
            spent += group.numel() * bits + 32 * len(group)
        out.copy_(restored.T if is_key else restored)
        return out, spent

    return code


@dataclass
class Tally:
    bits: float = 0.0
    elements: int = 0
    right: int = 0
    kl: list[float] = field(default_factory=list)


class Lab:
    def __init__(self, model_path: Path):
        self.answerer = Answerer(Exported(model_path), bpe.load())
        composer = self.answerer.composer
        self.layers = composer.model.layers
        questions = [question for question in read(ROOT / 'test/suites/demo.jsonl') if TAG in question['tags']][::EVERY]
        self.asked = [(self.answerer.ask(question), question['answers']) for question in questions]
        self.sample = self._sample()
        self.f16 = [self._answer(asked, lambda planes: planes) for asked, _ in self.asked]

    def _sample(self) -> dict[Plane, torch.Tensor]:
        """Caches of stories that are told for training: whole documents, and chunks alone."""
        source, composer = random.Random(99), self.answerer.composer
        made: list[Planes] = []
        for number in range(STORIES):
            lesson = lessons.LESSONS[source.choice((7, 8, 9))]
            _, _, chunks = lessons.tell(source, lesson.level, lesson.most_tokens, self.answerer.tokenizer)
            made.append(composer.encode([BOS], [token for chunk in chunks for token in chunk]))
            if number % 2 == 0:
                made += [composer.encode([BOS], chunk) for chunk in chunks]
        planes = [(layer, which) for layer in range(1, self.layers) for which in (0, 1)]
        return {(layer, which): torch.cat([flat(each[layer][which]) for each in made]) for layer, which in planes}

    def _answer(self, asked, change: Callable[[Planes], Planes], continuation: list[int] | None = None):
        """Greedy answer over reused caches, the tokens it is judged on, and their log-probabilities."""
        composer = self.answerer.composer
        cached = [(part.tokens, change(asked._cache(part, 'variants'))) for part in asked.parts]
        layout = composer.layout([([BOS], None), *cached, (asked.tail, None)], len(asked.tail))
        composed = composer.fixed(layout, torch.arange(0))
        if continuation is None:
            answer = composer.greedy(composed, EOS, MOST_ANSWER_TOKENS)
            return answer, answer, composer.forced(composed, answer)
        forced = composer.forced(composed, continuation)
        own = continuation
        if forced.argmax(-1).tolist() != continuation:
            own = composer.greedy(composed, EOS, MOST_ANSWER_TOKENS)
        return own, continuation, forced

    def judge(self, codes: dict[Plane, Code] | None) -> Tally:
        tally = Tally()
        for (asked, answers), (answer, _, reference) in zip(self.asked, self.f16):
            own, _, forced = self._answer(asked, lambda planes: self._coded(planes, codes, tally), answer)
            tally.right += is_right(self.answerer.tokenizer.decode(own), answers)
            tally.kl.append(float((reference.exp() * (reference - forced)).sum(-1).mean()))
        return tally

    def _coded(self, planes: Planes, codes: dict[Plane, Code] | None, tally: Tally) -> Planes:
        coded = [planes[0]]
        tally.elements += 2 * planes[0][0].numel()
        for layer, pair in enumerate(planes[1:], 1):
            kept = []
            for which, plane in enumerate(pair):
                tally.elements += plane.numel()
                if codes is None:
                    kept.append(plane)
                    continue
                restored, bits = codes[layer, which](flat(plane))
                tally.bits += bits
                kept.append(half(restored).unflatten(1, plane.shape[::2]).transpose(0, 1))
            coded.append(tuple(kept))
        return coded

    def codes(self, make: Callable[[torch.Tensor, float], Code], step: float) -> dict[Plane, Code]:
        """One step per plane, in parts of its deviation; finer for K."""
        return {
            (layer, which): make(x, step * float(x.var(0).mean()) ** 0.5 * (1.0 if which else K_STEP))
            for (layer, which), x in self.sample.items()
        }


def main(model_path: str, out: str) -> None:
    lab = Lab(Path(model_path))
    rows = []

    def row(way: str, setting: str, codes: dict[Plane, Code]) -> None:
        tally = lab.judge(codes)
        rows.append({
            'way': way, 'setting': setting, 'bitsPerElement': tally.bits / tally.elements,
            'ratioToF16': 16 * tally.elements / tally.bits, 'exactMatch': tally.right / len(lab.asked),
            'klMean': sum(tally.kl) / len(tally.kl),
        })
        print(json.dumps(rows[-1]), file=sys.stderr, flush=True)

    for step in (0.3, 0.6, 0.9, 1.2, 1.8):
        row('channels', f'step {step}', lab.codes(channels, step))
    for step in (0.3, 0.6, 0.9, 1.2, 1.8, 2.6):
        row('components', f'step {step}', lab.codes(components, step))
    for step in (0.6, 1.2, 1.8):
        row('components, differences along tokens', f'step {step}', lab.codes(lambda x, s: components(x, s, True), step))
    for step in (0.3, 0.6, 0.9, 1.2, 1.8):
        row('Hadamard', f'step {step}', lab.codes(hadamard, step))
    for k, v in ((32, 32), (32, 16), (16, 16), (16, 8), (8, 8)):
        row('CacheGen', f'{k} levels of K, {v} of V', {
            plane: cachegen(x, v if plane[1] else k) for plane, x in lab.sample.items()
        })
    for bits in (4, 3, 2):
        row('KIVI', f'{bits} bits', {plane: kivi(plane[1] == 0, bits) for plane in lab.sample})
    f16 = lab.judge(None)
    report(Path(out), rows, f16.right / len(lab.asked), len(lab.asked))


def report(path: Path, rows: list[dict], f16: float, questions: int) -> None:
    lines = [
        '# Ways of coding caches', '',
        f'`python3 models/demo/codec.py`: {questions} questions of the demo suite, {TAG}, over reused caches in each form; '
        f'f16 caches give {100 * f16:.1f} % exact match. Ideal entropy coders, no headers; layer 0 is not stored.', '',
        '| way | setting | bits/element | smaller than f16 | exact match % | KL nats |', '| --- | --- | ---: | ---: | ---: | ---: |',
    ]
    lines += [
        f'| {row["way"]} | {row["setting"]} | {row["bitsPerElement"]:.2f} | {row["ratioToF16"]:.1f}x | '
        f'{100 * row["exactMatch"]:.1f} | {row["klMean"]:.4f} |'
        for row in rows
    ]
    path.write_text('\n'.join(lines) + '\n', encoding='utf-8')


if __name__ == '__main__':
    if len(sys.argv) > 3:
        sys.exit(__doc__)
    torch.set_num_threads(1)
    defaults = [str(ROOT / 'models/demo/demo.gguf'), str(ROOT / 'docs/bench/codec-alternatives.md')]
    main(*sys.argv[1:], *defaults[len(sys.argv) - 1 :])
