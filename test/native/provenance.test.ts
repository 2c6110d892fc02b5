/** What of its context an answer paid attention to, held against plain arithmetic. */
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import type { Recompute, Segment } from '../../src/shared/engine'
import { ask, cached, compute, digestOf, engineFixture, rejection, someTokens, type Cached } from './engine-fixture'
import { planes } from './object-planes'
import { ReferenceModel } from './reference'

const engine = engineFixture()
const { addon } = engine
const BOS = [1022]
const SIZES = [30, 20, 26]
const QUESTION = someTokens(9, 3)
const ANSWER = someTokens(21, 77)
const START = BOS.length
const RANGES = SIZES.map((count, at) => ({ from: START + SIZES.slice(0, at).reduce((sum, size) => sum + size, 0), count }))
const TOTAL = START + SIZES.reduce((sum, size) => sum + size, 0) + QUESTION.length
/** f32 and ggml's exp against doubles; K and V are f16 in both. */
const MAX_SHARE_ERROR = 2e-3

let job = 2_000_000
const texts = SIZES.map((size, at) => someTokens(size, 40 + at))

async function encode(model: string, tokens: number[]): Promise<Cached> {
  const key = digestOf(String(++job))
  const chunk = { tokens, key, path: join(engine.folder, `${key}.kvo`) }
  await addon.encode(++job, { model, context: [compute(BOS)], chunks: [chunk], subBatch: 64 }, () => undefined)
  return chunk
}

async function sharesOf(model: string, segments: Segment[], recompute: Recompute = { kind: 'none' }, answer = ANSWER): Promise<number[][]> {
  const params = { model, segments, recompute, answer, ranges: RANGES, subBatch: 64 }
  const { shares } = await addon.provenance(++job, params, () => undefined)
  return shares.map((token) => [...token])
}

/** Sums of the weights of the rows before each token of the answer. */
function expected(reference: ReferenceModel, cache: ReturnType<ReferenceModel['emptyCache']>, tokens: number[]): number[][] {
  const rows = ANSWER.map((_, at) => TOTAL - 1 + at)
  const layers = reference.attention(cache, [...tokens, ...ANSWER], rows).slice(1)
  return rows.map((_, at) =>
    RANGES.map(({ from, count }) => {
      const sums = layers.map((layer) => (layer[at] ?? []).slice(from, from + count).reduce((a, b) => a + b, 0))
      return sums.reduce((a, b) => a + b, 0) / layers.length
    }),
  )
}

function worst(actual: number[][], wanted: number[][]): number {
  return Math.max(...wanted.flatMap((token, at) => token.map((share, range) => Math.abs(share - (actual[at]?.[range] ?? NaN)))))
}

describe('attention that an answer was chosen with', () => {
  const shape = { layers: 3, heads: 4, kvHeads: 2 } as const

  test('is what plain arithmetic finds, over computed and over cached chunks', async () => {
    const path = await engine.model(shape)
    const { model } = await engine.load(path)
    const reference = new ReferenceModel(path)
    const tokens = [...BOS, ...texts.flat(), ...QUESTION]
    const full = reference.emptyCache()
    reference.compute(full, tokens, [...tokens.keys()])
    const computed = await sharesOf(model, [compute(BOS), compute([...texts.flat(), ...QUESTION])])
    const wantedComputed = expected(reference, full, tokens)
    expect(worst(computed, wantedComputed)).toBeLessThan(MAX_SHARE_ERROR)

    const chunks: Cached[] = []
    for (const text of texts) chunks.push(await encode(model, text))
    const reused = reference.emptyCache()
    reference.compute(reused, tokens, [0])
    for (const [at, { path: file }] of chunks.entries()) reference.place(reused, await planes(file), RANGES[at]?.from ?? NaN)
    reference.compute(reused, tokens, QUESTION.map((_, at) => TOTAL - QUESTION.length + at))
    const fromCaches = await sharesOf(model, [compute(BOS), ...chunks.map(cached), compute(QUESTION)])
    expect(worst(fromCaches, expected(reference, reused, tokens))).toBeLessThan(MAX_SHARE_ERROR)
    // The test can fail: the two differ by more than the tolerance.
    expect(worst(fromCaches, wantedComputed)).toBeGreaterThan(MAX_SHARE_ERROR)
  })

  test('leaves the rest to prompt and answer, whatever the length', async () => {
    const { model } = await engine.load(await engine.model(shape))
    const segments = [compute(BOS), compute([...texts.flat(), ...QUESTION])]
    const long = someTokens(150, 5)
    const shares = await sharesOf(model, segments, { kind: 'none' }, long)
    expect(shares).toHaveLength(long.length)
    for (const token of shares) expect(token.reduce((a, b) => a + b, 0)).toBeLessThan(1)
    // In batches or alone, a token's attention is the same.
    const first = await sharesOf(model, segments, { kind: 'none' }, long.slice(0, 1))
    expect(worst(first, shares.slice(0, 1))).toBeLessThan(MAX_SHARE_ERROR)
  })

  test('does not change what is answered behind the same context', async () => {
    const { model } = await engine.load(await engine.model(shape))
    const segments = [compute(BOS), compute([...texts.flat(), ...QUESTION])]
    const answer = () => addon.answer(++job, ask(model, segments, { maxTokens: 6 }), () => undefined)
    const before = await answer()
    await sharesOf(model, segments)
    const after = await answer()
    expect([after.tokens, after.logitsDigest]).toEqual([before.tokens, before.logitsDigest])
  })

  test('is refused where it cannot be', async () => {
    const { model } = await engine.load(await engine.model(shape))
    const params = { model, segments: [compute([1, 2, 3])], answer: [4], ranges: [{ from: 0, count: 2 }], subBatch: 64 }
    const of = (changes: object) => rejection(addon.provenance(++job, { ...params, ...changes }, () => undefined))
    expect(await of({ ranges: [{ from: 2, count: 2 }] })).toBe('argument.invalid')
    expect(await of({ answer: [] })).toBe('argument.invalid')
    expect(await of({ answer: [1_000_000] })).toBe('argument.invalid')
    const flat = await engine.load(await engine.model({ ...shape, layers: 1 }))
    expect(await of({ model: flat.model })).toBe('model.unsupported')
  })
})

test('tokens have as many bytes as their pieces', async () => {
  const { model } = await engine.load(await engine.model({ layers: 3, heads: 4, kvHeads: 2 }))
  const text = 'Zürich, 東京, and more 🙂.'
  const [tokens = []] = await addon.tokenize(model, [text], false)
  const sizes = await addon.pieces(model, tokens)
  expect(sizes).toHaveLength(tokens.length)
  expect(sizes.reduce((sum, size) => sum + size, 0)).toBe(Buffer.byteLength(await addon.detokenize(model, tokens)))
})
