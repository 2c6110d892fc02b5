"""Contexts put together from caches, in PyTorch: what the native engine's `blend` does, written down a second time.

Numbers are f32; K and V are rounded to f16 wherever the engine stores them, and `Exported` rounds what meets matrices.
Without that a check at a shallow layer could not be compared: most tokens deviate there by rounding alone, and the choice
among them is a lottery. Caches hold K before RoPE, which is applied at a token's place in the context.
"""
from __future__ import annotations

from dataclasses import dataclass, field

import torch

from checkpoint import Checkpoint, half

# K and V of every layer: [kv heads, tokens, head_dim].
Planes = list[tuple[torch.Tensor, torch.Tensor]]

# Rows of the question whose attention weighs deviations.
ATTENTION_QUERIES = 32


@dataclass(frozen=True)
class Check:
    """CacheBlend (arXiv 2405.16444): rows are chosen at a layer by their deviation from the cached K/V."""

    layer: int
    ratio: float
    by: str = 'v'
    # Times the attention that the question pays at that layer.
    attention: bool = False
    # Begins with 1.5 times the ratio and chooses anew in every layer, down to half of it in the last.
    gradual: bool = False
    # Cached rows before it are exact already: neither computed nor chosen.
    exact_rows: int = 0

    def share(self, layer: int, layers: int) -> float:
        steps = layers - 1 - self.layer
        if not self.gradual or steps == 0:
            return self.ratio
        return min(1.0, self.ratio * (1.5 - (layer - self.layer) / steps))


@dataclass
class Layout:
    """Tokens of a context; what is cached of it stands where `planes` has it, the rest is computed."""

    tokens: list[int]
    # Of all rows: whether they are cached.
    cached: torch.Tensor
    # With RoPE; zeros where nothing is cached.
    planes: Planes
    # Tokens of the question with its template.
    question: int


@dataclass
class Composed:
    planes: Planes
    # Behind the last token. [vocabulary]
    logits: torch.Tensor
    # Fresh and old K/V differ so much: [layers][rows], NaN where a row was not computed in that layer.
    deviations: list[dict[str, torch.Tensor]] = field(default_factory=list)
    # Cached rows that were computed again in the last layer.
    recomputed: torch.Tensor | None = None


class Composer:
    def __init__(self, checkpoint: Checkpoint):
        self.model = checkpoint

    def encode(self, front: list[int], tokens: list[int]) -> Planes:
        """A cache of these tokens behind `front`, K before RoPE, as an object file holds it."""
        kept: Planes = []
        layout = self.layout([(front + tokens, None)], question=1)
        self._run(layout, torch.arange(len(layout.tokens)), kept)
        return [(keys[:, len(front) :], values[:, len(front) :]) for keys, values in kept]

    def layout(self, parts: list[tuple[list[int], Planes | None]], question: int) -> Layout:
        """Parts in order, each with its cache or None; the last one ends with the question."""
        model, tokens = self.model, [token for part, _ in parts for token in part]
        shape = (model.kv_heads, len(tokens), model.head_dim)
        planes = [(torch.zeros(shape), torch.zeros(shape)) for _ in range(model.layers)]
        cached, start = torch.zeros(len(tokens), dtype=torch.bool), 0
        for part, cache in parts:
            end = start + len(part)
            if cache is not None:
                cached[start:end] = True
                angles = self._angles(torch.arange(start, end))
                for (keys, values), (old_keys, old_values) in zip(planes, cache):
                    keys[:, start:end] = half(model.rope(old_keys, angles))
                    values[:, start:end] = old_values
            start = end
        return Layout(tokens, cached, planes, question)

    def fixed(self, layout: Layout, recomputed: torch.Tensor) -> Composed:
        """What is not cached and `recomputed` rows go through all layers."""
        computed = ~layout.cached
        computed[recomputed] = True
        return self._run(layout, computed.nonzero()[:, 0])

    def checked(self, layout: Layout, check: Check) -> Composed:
        """All rows that are not exact up to the check layer's K/V, then the question and the rows that deviate most."""
        model, cached = self.model, layout.cached.nonzero()[:, 0]
        chosen = cached[cached >= check.exact_rows]
        rows = (~layout.cached).index_fill(0, chosen, True).nonzero()[:, 0]
        planes: Planes = [(keys.clone(), values.clone()) for keys, values in layout.planes]
        x, angles = self._embed(layout.tokens)[rows], self._angles(rows)
        for layer in range(model.layers):
            h = model.norm(x, model.weights[f'blk.{layer}.attn_norm.weight'])
            if layer == check.layer or (check.gradual and layer > check.layer):
                deviation = self._store(planes, layer, h, rows, angles)
                scores = _score(deviation, check.by)
                if check.attention and layer == check.layer:
                    scores = scores * self._paid(layer, h, planes, layout.question)[rows]
                at = torch.searchsorted(rows, chosen)
                count = int(check.share(layer, model.layers) * len(cached))
                chosen = highest(chosen, scores[at], count)
                keep = (~layout.cached).index_fill(0, chosen, True)[rows]
                x, h, rows, angles = x[keep], h[keep], rows[keep], angles[keep]
            else:
                self._store(planes, layer, h, rows, angles)
            x = self._finish(layer, x, h, planes, rows, angles)
        return Composed(planes, self._logits(x[-1:])[0], recomputed=chosen)

    def extend(self, composed: Composed, tokens: list[int]) -> tuple[Planes, torch.Tensor]:
        """Tokens behind a context -> its K/V with them, and the logits behind each. [tokens, vocabulary]"""
        model, start = self.model, composed.planes[0][0].shape[1]
        new = torch.zeros(model.kv_heads, len(tokens), model.head_dim)
        planes = [(torch.cat((keys, new), 1), torch.cat((values, new), 1)) for keys, values in composed.planes]
        rows = torch.arange(start, start + len(tokens))
        x, angles = self._embed(tokens), self._angles(rows)
        for layer in range(model.layers):
            h = model.norm(x, model.weights[f'blk.{layer}.attn_norm.weight'])
            self._store(planes, layer, h, rows, angles)
            x = self._finish(layer, x, h, planes, rows, angles)
        return planes, self._logits(x)

    def greedy(self, composed: Composed, end: int, most: int) -> list[int]:
        """The answer's tokens, with `end` where it ended by itself."""
        answer = [int(composed.logits.argmax())]
        while answer[-1] != end and len(answer) < most:
            planes, logits = self.extend(composed, answer[-1:])
            composed = Composed(planes, logits[-1])
            answer.append(int(logits[-1].argmax()))
        return answer

    def forced(self, composed: Composed, answer: list[int]) -> torch.Tensor:
        """Log-probabilities that predict every token of an answer. [answer, vocabulary]"""
        logits = composed.logits[None]
        if len(answer) > 1:
            logits = torch.cat((logits, self.extend(composed, answer[:-1])[1]))
        return logits.log_softmax(-1)

    def _run(self, layout: Layout, rows: torch.Tensor, capture: Planes | None = None) -> Composed:
        model = self.model
        planes: Planes = [(keys.clone(), values.clone()) for keys, values in layout.planes]
        x, angles = self._embed(layout.tokens)[rows], self._angles(rows)
        deviations = []
        for layer in range(model.layers):
            h = model.norm(x, model.weights[f'blk.{layer}.attn_norm.weight'])
            deviations.append(self._store(planes, layer, h, rows, angles, capture))
            x = self._finish(layer, x, h, planes, rows, angles)
        return Composed(planes, self._logits(x[-1:])[0], deviations, rows[layout.cached[rows]])

    def _store(
        self, planes: Planes, layer: int, h: torch.Tensor, rows: torch.Tensor, angles: torch.Tensor,
        capture: Planes | None = None,
    ) -> dict[str, torch.Tensor]:
        """Writes the rows' fresh K/V over what stood there -> how far they were from it."""
        plain, values = self.model.project(layer, 'attn_k', h), self.model.project(layer, 'attn_v', h)
        if capture is not None:
            capture.append((half(plain), half(values)))
        keys = self.model.rope(plain, angles)
        old_keys, old_values = planes[layer]
        deviation = {
            'k': (keys - old_keys[:, rows]).pow(2).sum((0, 2)),
            'v': (values - old_values[:, rows]).pow(2).sum((0, 2)),
        }
        old_keys[:, rows], old_values[:, rows] = half(keys), half(values)
        return deviation

    def _finish(
        self, layer: int, x: torch.Tensor, h: torch.Tensor, planes: Planes, rows: torch.Tensor, angles: torch.Tensor
    ) -> torch.Tensor:
        """Attention over all K/V up to each row's own place, then the feed-forward part."""
        weights = self._attention(layer, h, planes, rows, angles)
        values = planes[layer][1].repeat_interleave(self.model.heads // self.model.kv_heads, 0)
        mixed = (weights @ values).transpose(0, 1).reshape(len(rows), -1)
        x = x + self.model.multiply(f'blk.{layer}.attn_output', mixed)
        return x + self.model.mlp(layer, x)

    def _attention(
        self, layer: int, h: torch.Tensor, planes: Planes, rows: torch.Tensor, angles: torch.Tensor
    ) -> torch.Tensor:
        """[heads, rows, all rows], by position: nothing reads what stands behind it."""
        model, keys = self.model, planes[layer][0]
        q = model.rope(model.project(layer, 'attn_q', h), angles)
        keys = keys.repeat_interleave(model.heads // model.kv_heads, 0)
        future = torch.arange(keys.shape[1])[None] > rows[:, None]
        scores = q @ keys.transpose(-1, -2) / model.head_dim**0.5
        return scores.masked_fill(future, float('-inf')).softmax(-1)

    def _paid(self, layer: int, h: torch.Tensor, planes: Planes, question: int) -> torch.Tensor:
        """The attention that the question's last rows pay to every row."""
        count = min(question, ATTENTION_QUERIES)
        total = planes[layer][0].shape[1]
        rows = torch.arange(total - count, total)
        return self._attention(layer, h[-count:], planes, rows, self._angles(rows)).mean((0, 1))

    def _embed(self, tokens: list[int]) -> torch.Tensor:
        return self.model.weights['token_embd.weight'][tokens]

    def _angles(self, rows: torch.Tensor) -> torch.Tensor:
        return self.model.angles(rows)

    def _logits(self, x: torch.Tensor) -> torch.Tensor:
        return self.model.multiply('token_embd', self.model.norm(x, self.model.weights['output_norm.weight']))


def highest(rows: torch.Tensor, scores: torch.Tensor, count: int) -> torch.Tensor:
    """The `count` rows of the highest scores, ascending; of equal ones the lower."""
    return rows[scores.sort(descending=True, stable=True).indices[:count]].sort().values


def differences(first: Planes, second: Planes) -> dict[str, torch.Tensor]:
    """Between two caches of the same tokens, summed over the layers: one figure per token."""
    pairs = list(zip(first, second))
    return {
        'k': sum((a[0] - b[0]).pow(2).sum((0, 2)) for a, b in pairs),
        'v': sum((a[1] - b[1]).pow(2).sum((0, 2)) for a, b in pairs),
    }


def _score(deviation: dict[str, torch.Tensor], by: str) -> torch.Tensor:
    return deviation['k'] + deviation['v'] if by == 'kv' else deviation[by]

