"""Trains the demo model from nothing; goes on where it stopped when the same command is given again.

    python3 models/demo/train.py --out FOLDER [--minutes 600] [--seed 1] [--from models/demo/demo.gguf]

Stage 0 teaches to look things up among random tokens, then come the lessons of `lessons.py`, the next one when the last
is mastered. FOLDER gets `state.pt` every minute and `log.jsonl`, a line every 50 steps. Every worker is a process of
one thread that reads its share of each step; on CPUs that is much faster than threads, which wait for each other. Needs
PyTorch >= 2.4, numpy and a C++ compiler.
"""
from __future__ import annotations

import argparse
import json
import random
import time
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path

import torch
from torch import Tensor
from torch.nn import functional

import bpe
import lessons
from export import read_weights
from llama import Llama, Shape, start_heads
from muon import Muon
from team import Team, start

MUON_RATE, ADAM_RATE, WARM_UP = 0.01, 2e-3, 60
# Of these rates, in lessons: at higher ones answers that need several steps were not found.
IN_LESSONS = 0.5
STEP_TOKENS, INDUCTION_TOKENS, MICRO_TOKENS = 3000, 2400, 2048
LOG_STEPS, SAVE_SECONDS = 50, 60
# Right answers, mean over the kinds of question, that open the next lesson; it also opens after so many steps.
MASTERED, MOST_STEPS = 0.9, 3000
# The same for the levels of stage 0. Pairs that are turned round take longer, and go on meanwhile.
PAIRS_MASTERED = {'forward': 0.8, 'backward': 0.5}
# Shares of samples of lessons before, and of the next one.
REPEATED, AHEAD = 0.22, 0.08
# In the last lesson: share of samples of the two before it, which have everything but length.
SHORTER = 0.5
# Share of its steps in which pairs are turned round.
BACKWARD = 0.4
# Stage 0 ends with this many pairs, this far apart.
MOST_PAIRS, MOST_GAP = 10, 4


class Training:
    """Model, optimisers and where in the curriculum it stands: all of it is saved."""

    def __init__(self, seed: int, device: str, team: Team):
        torch.manual_seed(seed)
        self.seed, self.device, self.team, self.tokenizer = seed, device, team, bpe.load()
        self.model = Llama(Shape(len(self.tokenizer.texts)))
        start_heads(self.model)
        self.model.to(device)
        self.compiled = torch.compile(self.model, dynamic=True)
        matrices = [weight for weight in self.model.blk.parameters() if weight.dim() == 2]
        self.others = [weight for weight in self.model.parameters() if not any(weight is each for each in matrices)]
        self.muon = Muon(matrices, MUON_RATE, team)
        self.adam = torch.optim.Adam(self.others, ADAM_RATE, betas=(0.9, 0.98), eps=1e-9)
        # What stage 0 draws from, a growing part of it.
        self.pool = torch.tensor(lessons.sought(self.tokenizer))
        self.at = {'stage': 0, 'level': 0, 'pairs': 3, 'gap': 0, 'pool': 40}
        self.at |= {'step': 0, 'since': 0, 'tokens': 0, 'seconds': 0.0}

    def state(self) -> dict[str, object]:
        return {
            'shape': asdict(self.model.shape), 'model': self.model.state_dict(), 'at': self.at,
            'muon': self.muon.state_dict(), 'adam': self.adam.state_dict(),
        }

    def restore(self, state: dict) -> None:
        self.model.load_state_dict(state['model'])
        self.muon.load_state_dict(state['muon'])
        self.adam.load_state_dict(state['adam'])
        self.at = state['at']

    def begin_with(self, path: Path) -> None:
        """A model that was exported, with the last lesson."""
        shape, weights = read_weights(path)
        assert shape == self.model.shape, f'expected {self.model.shape}, but {path} has {shape}'
        self.model.load_state_dict(weights)
        self.at |= {'stage': 1, 'level': len(lessons.LESSONS) - 1}

    def rate(self, share: float) -> None:
        """share: of the time that is left for cooling down, 1 until then."""
        warm = min(1.0, (self.at['step'] + 1) / WARM_UP)
        share *= 1.0 if self.at['stage'] == 0 else IN_LESSONS
        for optimiser, rate in ((self.muon, MUON_RATE), (self.adam, ADAM_RATE)):
            for group in optimiser.param_groups:
                group['lr'] = rate * warm * share

    def step(self) -> tuple[dict[str, list[bool]], float]:
        """What was right, by kind, and the loss: this worker's share of both."""
        # Every step has its own lots, so that a run that goes on draws what it would have drawn.
        source = random.Random(f'{self.seed} {self.at["step"]} {self.team.rank}')
        hits, loss = self._induction(source) if self.at['stage'] == 0 else self._lesson(source)
        self._apply()
        return hits, loss

    def _apply(self) -> None:
        self.team.sum([weight.grad for weight in self.model.parameters()])
        torch.nn.utils.clip_grad_norm_(self.others, 1.0)
        self.muon.step()
        self.adam.step()
        self.muon.zero_grad(set_to_none=True)
        self.adam.zero_grad(set_to_none=True)
        self.at['step'] += 1

    def _induction(self, source: random.Random) -> tuple[dict[str, list[bool]], float]:
        """Pairs of random tokens, shuffled again and again: the second follows from the first.

        Backward: turned round in their second pass, so that the first follows from the second. That is how "who lives in
        Oslo?" is answered, and nothing else that is taught needs it.
        """
        at, width, is_backward = self.at, source.randint(1, 2), source.random() < BACKWARD
        count, gap = at['pairs'], source.randint(0, at['gap'])
        span = width + gap + 1
        times = 2 if is_backward else max(3, 64 // (count * span) + 1)
        batch = INDUCTION_TOKENS // (times * count * span * self.team.size)
        lots = torch.Generator().manual_seed(source.getrandbits(48))
        pairs, between = self._pairs(batch, count, width, gap, lots)
        forward = torch.cat((pairs[:, :, :width], between, pairs[:, :, width:]), 2)
        later, known = forward, span - 1
        if is_backward:
            later, known = torch.cat((pairs[:, :, width:], between, pairs[:, :, :width]), 2), gap + 1
        orders = torch.rand(times, batch, count, generator=lots).argsort(2)
        shuffled = [
            torch.gather(later if number else forward, 1, order[..., None].expand(-1, -1, span))
            for number, order in enumerate(orders)
        ]
        tokens = torch.cat(shuffled, 1).view(batch, -1).to(self.device)
        length = tokens.shape[1]
        positions = torch.arange(length, device=self.device) + source.randint(0, lessons.FARTHEST - length)
        mask = torch.full((length, length), float('-inf'), device=self.device).triu(1)
        sought = torch.arange(known, length, span, device=self.device)[count:]
        right = tokens[:, sought]
        logits = self._logits(tokens, positions.expand(batch, -1), mask.expand(batch, -1, -1), (slice(None), sought - 1))
        loss = functional.cross_entropy(logits.flatten(0, 1), right.flatten()) / self.team.size
        loss.backward()
        at['tokens'] += tokens.numel() * self.team.size
        hits = (logits.argmax(-1) == right).flatten().tolist()
        return {'backward' if is_backward else 'forward': hits}, loss.item()

    def _pairs(
        self, batch: int, count: int, width: int, gap: int, lots: torch.Generator
    ) -> tuple[Tensor, Tensor]:
        """Random tokens of the pool: pairs [batch, count, width + 1], and what stands within each [batch, count, gap]"""
        chosen = torch.rand(batch, self.at['pool'], generator=lots).argsort(1)[:, : count * (width + 1) + gap]
        words = self.pool[chosen]
        pairs = words[:, gap:].view(batch, count, width + 1)
        return pairs, words[:, None, :gap].expand(batch, count, gap)

    def _lesson(self, source: random.Random) -> tuple[dict[str, list[bool]], float]:
        """One step over stories of this level, and some of those before."""
        samples, size = [], 0
        while size < STEP_TOKENS / self.team.size:
            samples.append(lessons.draw(source, self._number(source), self.tokenizer))
            size += len(samples[-1].tokens)
        total, tokens = self.team.totals(sum(sum(sample.weights) for sample in samples), size)
        right: defaultdict[str, list[bool]] = defaultdict(list)
        lost = 0.0
        for batch in _batches(samples):
            lost += self._backward(batch, total, right)
        self.at['tokens'] += round(tokens)
        return right, lost

    def _number(self, source: random.Random) -> int:
        """Of the next sample's lesson."""
        level, last, lot = self.at['level'], len(lessons.LESSONS) - 1, source.random()
        if lot < REPEATED:
            return source.randint(0, level)
        if level == last:
            return last - (source.randint(1, 2) if lot < REPEATED + SHORTER else 0)
        return level + (lot > 1 - AHEAD)

    def _backward(self, samples: list[lessons.Sample], total: float, right: dict[str, list[bool]]) -> float:
        """Adds to `right`, by kind, whether every token of an answer of this lesson would have been chosen."""
        tokens, positions, blocks, targets, weights, mask = lessons.collate(samples, self.device)
        counted = weights > 0
        logits, weight, target = self._logits(tokens, positions, mask, counted), weights[counted], targets[counted]
        loss = (functional.cross_entropy(logits, target, reduction='none') * weight).sum() / total
        loss.backward()
        hits = zip(counted.nonzero()[:, 0].tolist(), blocks[counted].tolist(), (logits.argmax(-1) == target).tolist())
        is_answer = (weight >= lessons.AT_END).tolist()
        wrong = {(row, block) for (row, block, hit), counts in zip(hits, is_answer) if counts and not hit}
        for row, sample in enumerate(samples):
            for number, kind in enumerate(sample.kinds, 1):
                if sample.lesson == self.at['level']:
                    right[kind].append((row, number) not in wrong)
        return loss.item()

    def _logits(self, tokens: Tensor, positions: Tensor, mask: Tensor, chosen: object) -> Tensor:
        """Of the chosen tokens, which index [batch, tokens]."""
        with torch.autocast(torch.device(self.device).type, torch.bfloat16):
            return self.model.logits(self.compiled(tokens, positions, mask)[chosen]).float()

    def advance(self, right: dict[str, list[bool]]) -> bool:
        """The next lesson, when this one is mastered or has taken long enough."""
        at = self.at
        share = sum(sum(each) / len(each) for each in right.values()) / max(1, len(right))
        at['since'] += LOG_STEPS
        if at['stage'] == 0:
            done = all(sum(right[way]) / max(1, len(right[way])) >= share for way, share in PAIRS_MASTERED.items())
            is_last = at['pairs'] == MOST_PAIRS and at['gap'] == MOST_GAP and at['pool'] == len(self.pool)
            if not done:
                return False
            if is_last:
                at['stage'], at['since'] = 1, 0
            else:
                at['pairs'] = min(at['pairs'] + 2, MOST_PAIRS)
                at['pool'] = min(at['pool'] * 2, len(self.pool))
                at['gap'] = min(at['gap'] + 1, MOST_GAP)
            return True
        if (share > MASTERED or at['since'] >= MOST_STEPS) and at['level'] + 1 < len(lessons.LESSONS):
            at['level'], at['since'] = at['level'] + 1, 0
            return True
        return False


def _batches(samples: list[lessons.Sample]) -> Iterator[list[lessons.Sample]]:
    """Of like lengths, so that little is padded."""
    batch: list[lessons.Sample] = []
    for sample in sorted(samples, key=lambda sample: len(sample.tokens)):
        if batch and (len(batch) + 1) * len(sample.tokens) > MICRO_TOKENS:
            yield batch
            batch = []
        batch.append(sample)
    yield batch


def main() -> None:
    options = _options()
    Path(options.out).mkdir(parents=True, exist_ok=True)
    start(options.workers, train, options)


def train(team: Team, options: argparse.Namespace) -> None:
    training, folder = Training(options.seed, options.device, team), Path(options.out)
    if (folder / 'state.pt').exists():
        training.restore(torch.load(folder / 'state.pt', map_location='cpu'))
        if team.leads:
            _forget(folder / 'log.jsonl', training.at['step'])
    elif options.begin:
        training.begin_with(Path(options.begin))
    if team.leads:
        weights = sum(weight.numel() for weight in training.model.parameters())
        print(f'{weights / 1e6:.2f} million weights; step {training.at["step"]}', flush=True)
    started = saved = time.time()
    spent = training.at['seconds']
    right: defaultdict[str, list[bool]] = defaultdict(list)
    losses: list[float] = []
    while (elapsed := team.first(spent + time.time() - started)) < options.minutes * 60:
        left = 1 - elapsed / (options.minutes * 60)
        training.rate(min(1.0, max(0.02, left / options.cool)) if options.cool else 1.0)
        hits, loss = training.step()
        training.at['seconds'] = elapsed
        losses.append(loss)
        for kind, each in hits.items():
            right[kind] += each
        if training.at['step'] % LOG_STEPS == 0:
            right, losses = _together(team, right, losses)
            if team.leads:
                _log(folder, training, right, losses)
            if training.advance(right) and team.leads:
                print(f'  -> {training.at}', flush=True)
            right, losses = defaultdict(list), []
        if team.leads and time.time() - saved > SAVE_SECONDS:
            _save(folder, training)
            saved = time.time()
    if team.leads:
        _save(folder, training)


def _together(
    team: Team, right: dict[str, list[bool]], losses: list[float]
) -> tuple[defaultdict[str, list[bool]], list[float]]:
    """What all workers had right, and the losses of the steps."""
    all_right: defaultdict[str, list[bool]] = defaultdict(list)
    gathered = team.gather((dict(right), losses))
    for each, _ in gathered:
        for kind, hits in each.items():
            all_right[kind] += hits
    return all_right, [sum(shares) for shares in zip(*(each for _, each in gathered))]


def _save(folder: Path, training: Training) -> None:
    """Never half a file."""
    torch.save(training.state(), folder / 'state.part')
    (folder / 'state.part').replace(folder / 'state.pt')


def _forget(log: Path, step: int) -> None:
    """What was logged behind this step, and will be again."""
    lines = log.read_text(encoding='utf-8').splitlines(keepends=True) if log.exists() else []
    log.write_text(''.join(line for line in lines if json.loads(line)['step'] <= step), encoding='utf-8')


def _log(folder: Path, training: Training, right: dict[str, list[bool]], losses: list[float]) -> None:
    at = training.at
    shares = {kind: round(sum(each) / len(each), 3) for kind, each in sorted(right.items())}
    line = {
        'step': at['step'], 'minutes': round(at['seconds'] / 60, 1), 'tokens': at['tokens'], 'stage': at['stage'],
        'level': at['level'], 'pairs': at['pairs'], 'loss': round(sum(losses) / len(losses), 4), 'right': shares,
    }
    with (folder / 'log.jsonl').open('a', encoding='utf-8') as file:
        file.write(json.dumps(line) + '\n')
    speed = at['tokens'] / at['seconds']
    print(f'{line["step"]} {line["minutes"]}min {at["tokens"] / 1e6:.2f}M {speed:.0f}/s '
          f'stage {at["stage"]} level {at["level"]} pairs {at["pairs"]} loss {line["loss"]} '
          + ' '.join(f'{kind} {share:.2f}' for kind, share in shares.items()), flush=True)


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument('--out', required=True)
    parser.add_argument('--from', dest='begin', help='a GGUF to begin with, where FOLDER has nothing')
    parser.add_argument('--minutes', type=float, default=600, help='of training in all')
    parser.add_argument('--cool', type=float, default=0, help='share of them, at the end, in which the rate falls')
    parser.add_argument('--seed', type=int, default=1)
    parser.add_argument('--device', default='cpu')
    parser.add_argument('--workers', type=int, default=2, help='processes; 1 on a GPU')
    return parser.parse_args()


if __name__ == '__main__':
    main()
