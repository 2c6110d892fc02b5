/** Composing contexts: what is computed again, what it may see, and what it gives. In this process, random weights. */
import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import type { AnswerParams, AnswerResult, LoadedModel, Recompute, Segment } from '../../src/shared/engine'
import {
  ask,
  cached,
  compute,
  digestOf,
  engineFixture,
  rejection,
  someTokens,
  type Cached,
} from './engine-fixture'
import { planes } from './object-planes'
import { ReferenceModel } from './reference'
import { xxh64 } from '../helpers/xxh64'

const engine = engineFixture()
const { addon } = engine
const BOS = [1022]
const QUESTION = someTokens(24, 3)
const SIZES = [70, 64, 5, 128, 35]
const KNOWLEDGE = SIZES.reduce((sum, size) => sum + size, 0)
/** Deep enough for a check layer to have layers on both sides. */
const SHAPE = { layers: 4 } as const

let lastJob = 1_000_000
const nextJob = (): number => ++lastJob

async function encode(model: string, context: number[], texts: readonly number[][]): Promise<Cached[]> {
  const chunks = texts.map((tokens) => {
    const key = digestOf(String(nextJob()))
    return { tokens, key, path: join(engine.folder, `${key}.kvo`) }
  })
  await addon.encode(nextJob(), { model, context: [compute(context)], chunks, subBatch: 64 }, () => undefined)
  return chunks
}

const answer = async (params: AnswerParams): Promise<AnswerResult> =>
  await addon.answer(nextJob(), { ...params, maxTokens: params.maxTokens === 12 ? 1 : params.maxTokens }, () => undefined)

interface Prepared {
  readonly loaded: LoadedModel
  readonly model: string
  readonly texts: number[][]
  /** Each encoded behind BOS alone. */
  readonly isolated: Cached[]
  /** BOS, the chunks, the question. */
  readonly reused: Segment[]
  readonly full: Segment[]
}

async function prepare(architecture = 'llama', seed = 0): Promise<Prepared> {
  const loaded = await engine.load(await engine.model({ ...SHAPE, architecture }))
  const { model } = loaded
  const texts = SIZES.map((size, i) => someTokens(size, 100 + 10 * seed + i))
  const isolated: Cached[] = []
  for (const text of texts) isolated.push(...(await encode(model, BOS, [text])))
  return {
    loaded,
    model,
    texts,
    isolated,
    reused: [compute(BOS), ...isolated.map(cached), compute(QUESTION)],
    full: [compute(BOS), compute([...texts.flat(), ...QUESTION])],
  }
}

const rowsFrom = (start: number, count: number): number[] => Array.from({ length: count }, (_, i) => start + i)
const rows = (list: number[]): Recompute => ({ kind: 'rows', rows: list })
const check = (changes: Partial<Extract<Recompute, { kind: 'check' }>>): Recompute => ({
  kind: 'check',
  layer: 1,
  ratio: 0.2,
  exactRows: 0,
  by: 'v',
  attention: false,
  gradual: false,
  ...changes,
})

/** Every kind of selection, some rows of every chunk. */
const SELECTIONS: Record<string, Recompute> = {
  none: { kind: 'none' },
  'first tokens of chunks': rows([71, 72, 135, 136, 140, 141, 268, 269]),
  'every third row': rows(rowsFrom(1, KNOWLEDGE).filter((row) => row % 3 === 0)),
  'check at 1': check({}),
  'check at 2 by k': check({ layer: 2, by: 'k' }),
  'check at the last layer': check({ layer: 3, by: 'kv' }),
  'check, attention': check({ attention: true }),
  'check, gradual': check({ gradual: true, ratio: 0.3 }),
  // Two chunks of 64 + 5 behind BOS, and half of the third.
  'check behind exact rows': check({ layer: 2, exactRows: 200 }),
  'check behind exact rows, in every way': check({ layer: 2, exactRows: 200, gradual: true, attention: true, ratio: 0.3 }),
}

describe.each(['llama', 'qwen2', 'qwen3'])('computing everything again is full prefill, bit for bit (%s)', (architecture) => {
  test.each([64, 100, 512])('in sub-batches of %i', async (subBatch) => {
    const { model, full, reused } = await prepare(architecture)
    const expected = await answer(ask(model, full, { subBatch }))
    const all = rowsFrom(BOS.length, KNOWLEDGE)
    for (const recompute of [rows(all), ...[1, 2, 3].map((layer) => check({ layer, ratio: 1 }))]) {
      const actual = await answer(ask(model, reused, { subBatch, recompute }))
      expect(actual.logitsDigest).toBe(expected.logitsDigest)
      expect(actual.recomputedRows).toEqual(all)
    }
    // The test can fail: one row less is noticed.
    const less = await answer(ask(model, reused, { subBatch, recompute: rows(all.slice(1)) }))
    expect(less.logitsDigest).not.toBe(expected.logitsDigest)
  })
})

test('computing everything again gives the same answer after the first token, too', async () => {
  const { model, full, reused } = await prepare()
  const expected = await answer(ask(model, full, { maxTokens: 20 }))
  const actual = await answer(ask(model, reused, { maxTokens: 20, recompute: check({ ratio: 1 }) }))
  expect(actual.tokens).toEqual(expected.tokens)
})

test.each(Object.entries(SELECTIONS))('no row sees a later key: %s', async (_, recompute) => {
  // Rows in front of a chunk must not mind what it holds: here the last chunk is huge, and the question stands before it.
  const { model, isolated } = await prepare()
  const last = isolated.at(-1)
  if (!last) throw new Error('There are chunks.')
  const huge = { ...last, path: join(engine.folder, `${digestOf(`huge ${String(nextJob())}`)}.kvo`) }
  await writeFile(huge.path, await withHugeKeys(last.path))
  const front = [compute(BOS), ...isolated.slice(0, -1).map(cached), compute(QUESTION)]
  const digestWith = async (chunk: Cached, planted: boolean): Promise<string> => {
    // The chunk behind the question is in the cache while the question is computed, at rows that it may not see.
    if (planted) await answer(ask(model, [compute(someTokens(KNOWLEDGE - 10, 5)), cached(chunk), compute([1])]))
    const clipped: Recompute =
      recompute.kind === 'rows' ? rows(recompute.rows.filter((row) => row < KNOWLEDGE - 35 + BOS.length)) : recompute
    return (await answer(ask(model, front, { recompute: clipped }))).logitsDigest
  }
  const clean = await digestWith(last, false)
  expect(await digestWith(huge, true)).toBe(clean)
  expect(await digestWith(last, true)).toBe(clean)
})

test('rows in front of a chunk with huge keys are computed as if it were not there', async () => {
  const { model, isolated } = await prepare()
  const last = isolated.at(-1)
  if (!last) throw new Error('There are chunks.')
  const huge = { ...last, path: join(engine.folder, `${digestOf(`planted ${String(nextJob())}`)}.kvo`) }
  await writeFile(huge.path, await withHugeKeys(last.path))
  const measured = async (chunk: Cached): Promise<number[][]> => {
    const segments = [compute(BOS), ...isolated.slice(0, -1).map(cached), cached(chunk), compute(QUESTION)]
    const { v } = await addon.measure(nextJob(), { model, segments, subBatch: 64 })
    return v.map((layer) => layer.slice(0, KNOWLEDGE - 35))
  }
  expect(await measured(huge)).toEqual(await measured(last))
})

test('what is computed does not depend on the order of loading, on leftovers, or on who asked before', async () => {
  const { model, reused } = await prepare()
  for (const recompute of Object.values(SELECTIONS)) {
    const first = await answer(ask(model, reused, { recompute }))
    await answer(ask(model, [compute(someTokens(400, 77))]))
    const second = await answer(ask(model, reused, { recompute }))
    expect(second.logitsDigest).toBe(first.logitsDigest)
    expect(second.recomputedRows).toEqual(first.recomputedRows)
  }
})

test('two threads give what one gives', async () => {
  const { loaded, reused } = await prepare()
  const path = await engine.model({ ...SHAPE })
  const two = await addon.load(path, { device: 'cpu', gpuLayers: 'auto', threads: 2 })
  try {
    for (const recompute of Object.values(SELECTIONS)) {
      const one = await answer(ask(loaded.model, reused, { recompute }))
      const other = await answer(ask(two.model, reused, { recompute }))
      expect(other.logitsDigest).toBe(one.logitsDigest)
    }
  } finally {
    addon.unload(two.model)
  }
})

describe('a check layer', () => {
  test('chooses the rows that deviate most there, as full prefill has it', async () => {
    const { model, reused, loaded } = await prepare()
    const deviations = await addon.measure(nextJob(), { model, segments: reused, subBatch: 64 })
    expect(deviations.k).toHaveLength(loaded.layers)
    expect(deviations.v[0]).toHaveLength(KNOWLEDGE)
    // Layer 0 knows nothing of what stands in front.
    expect(Math.max(...(deviations.v[0] ?? []))).toBeLessThan(1e-3)
    for (const [by, layer] of [['v', 1], ['k', 2], ['v', 3]] as const) {
      const scores = deviations[by][layer] ?? []
      const result = await answer(ask(model, reused, { recompute: check({ layer, by, ratio: 0.1 }) }))
      const order = scores.map((score, i) => ({ score, row: i + BOS.length })).toSorted((a, b) => b.score - a.score)
      const expected = order.slice(0, Math.floor(KNOWLEDGE * 0.1)).map(({ row }) => row)
      // A check at layer c sees full prefill up to there, so both name the same rows.
      expect(result.recomputedRows).toEqual(expected.toSorted((a, b) => a - b))
    }
  })

  test('keeps nothing at ratio 0, floor(ratio * tokens) otherwise, half of it in the last layer when gradual', async () => {
    const { model, reused } = await prepare()
    const count = async (changes: Parameters<typeof check>[0]): Promise<number> =>
      (await answer(ask(model, reused, { recompute: check(changes) }))).recomputedRows.length
    expect(await count({ ratio: 0 })).toBe(0)
    expect(await count({ ratio: 0.15 })).toBe(Math.floor(0.15 * KNOWLEDGE))
    expect(await count({ ratio: 0.2, gradual: true })).toBe(Math.floor(0.1 * KNOWLEDGE))
    expect(await count({ ratio: 0.2, attention: true })).toBe(Math.floor(0.2 * KNOWLEDGE))
  })

  test('leaves exact rows alone, but where everything is computed', async () => {
    const { model, reused, full } = await prepare()
    const behind = async (changes: Parameters<typeof check>[0]): Promise<AnswerResult> =>
      await answer(ask(model, reused, { recompute: check({ exactRows: 200, ...changes }) }))
    expect(Math.min(...(await behind({})).recomputedRows)).toBeGreaterThanOrEqual(200)
    // The ratio is of all cached tokens, as far as there are others than exact ones.
    expect((await behind({})).recomputedRows).toHaveLength(Math.floor(0.2 * KNOWLEDGE))
    expect((await behind({ ratio: 0.99 })).recomputedRows).toEqual(rowsFrom(200, KNOWLEDGE + BOS.length - 200))
    expect((await behind({ ratio: 0.2, exactRows: KNOWLEDGE + BOS.length })).recomputedRows).toEqual([])
    expect((await behind({ ratio: 1 })).logitsDigest).toBe((await answer(ask(model, full))).logitsDigest)
    const rowsAtFirst = ({ work }: AnswerResult): number =>
      work.filter(({ what, from }) => what === 'compute' && from === 0).reduce((sum, { rows: count }) => sum + count, 0)
    expect(rowsAtFirst(await behind({ exactRows: 0 }))).toBe(KNOWLEDGE + QUESTION.length)
    expect(rowsAtFirst(await behind({}))).toBe(KNOWLEDGE + QUESTION.length + BOS.length - 200)
  })

  test('weighs by attention when told to', async () => {
    const { model, reused } = await prepare()
    const chosen = async (attention: boolean): Promise<readonly number[]> =>
      (await answer(ask(model, reused, { recompute: check({ attention }) }))).recomputedRows
    expect(await chosen(true)).not.toEqual(await chosen(false))
  })

  test('does not read the layers below it', async () => {
    const { model, reused, loaded } = await prepare()
    const whole = await answer(ask(model, reused))
    const checked = await answer(ask(model, reused, { recompute: check({ layer: 2 }) }))
    expect(whole.bytesRead).toBe(KNOWLEDGE * loaded.kvBytesPerToken)
    expect(checked.bytesRead).toBe((KNOWLEDGE * loaded.kvBytesPerToken) / 2)
  })

  test('without cached segments computes everything once', async () => {
    const { model, full } = await prepare()
    const plain = await answer(ask(model, full))
    const checked = await answer(ask(model, full, { recompute: check({}) }))
    expect(checked.logitsDigest).toBe(plain.logitsDigest)
  })
})

const logProbabilities = (logits: Float64Array): number[] => {
  const highest = Math.max(...logits)
  const total = logits.reduce((sum, logit) => sum + Math.exp(logit - highest), 0)
  return [...logits].map((logit) => logit - highest - Math.log(total))
}
/** How far the engine's most likely tokens are from the reference's opinion of them. */
const largestDifference = (actual: AnswerResult, logits: Float64Array): number => {
  const expected = logProbabilities(logits)
  return Math.max(...actual.firstTokens.map(({ id, logProbability }) => Math.abs(logProbability - (expected[id] ?? NaN))))
}
// The engine multiplies in f32 and attends over f16, the reference in f64.
const NOISE = 0.01

describe('gives what a plain reference gives', () => {
  /** A fixed order of loading for the reference; `planted` stands for the last chunk. */
  const both = async (recompute: Recompute, planted?: (chunk: Cached) => Promise<Cached>) => {
    const { loaded, model, isolated, texts } = await prepare()
    const chunks = await Promise.all(isolated.map(async (chunk, i) => (planted && i === 4 ? await planted(chunk) : chunk)))
    const actual = await answer(ask(model, [compute(BOS), ...chunks.map(cached), compute(QUESTION)], { recompute }))
    const reference = new ReferenceModel(await engine.model({ ...SHAPE }))
    const cache = reference.emptyCache()
    const tokens = [...BOS, ...texts.flat(), ...QUESTION]
    let start = BOS.length
    for (const chunk of chunks) {
      reference.place(cache, await planes(chunk.path), start)
      start += chunk.tokens.length
    }
    const cachedRows = rowsFrom(BOS.length, KNOWLEDGE)
    const again = recompute.kind === 'rows' ? recompute.rows : []
    const computed = [0, ...again, ...rowsFrom(start, QUESTION.length)]
    const expected =
      recompute.kind === 'check' && recompute.by !== 'kv'
        ? reference.blend(cache, tokens, cachedRows, { ...recompute, by: recompute.by })
        : { logits: reference.compute(cache, tokens, computed), chosen: again }
    expect(reference.layers).toBe(loaded.layers)
    return { actual, expected, reference, cache, tokens }
  }
  const compared = [
    'none', 'first tokens of chunks', 'every third row', 'check at 1', 'check at 2 by k', 'check behind exact rows',
  ] as const

  test.each(compared)('%s', async (name) => {
    const recompute = SELECTIONS[name] ?? { kind: 'none' }
    const { actual, expected } = await both(recompute)
    expect(actual.recomputedRows).toEqual(expected.chosen)
    expect(largestDifference(actual, expected.logits)).toBeLessThan(NOISE)
  })

  test.each(compared)('with huge keys in the last chunk, which rows in front must not see: %s', async (name) => {
    const plant = async (chunk: Cached): Promise<Cached> => {
      const huge = { ...chunk, path: join(engine.folder, `${digestOf(`in front ${String(nextJob())}`)}.kvo`) }
      await writeFile(huge.path, await withHugeKeys(chunk.path))
      return huge
    }
    const { actual, expected } = await both(SELECTIONS[name] ?? { kind: 'none' }, plant)
    expect(actual.recomputedRows).toEqual(expected.chosen)
    expect(largestDifference(actual, expected.logits)).toBeLessThan(NOISE)
  })

  test('and the reference tells one row more or less apart', async () => {
    const { actual, reference, tokens } = await both(SELECTIONS['first tokens of chunks'] ?? { kind: 'none' })
    const { expected } = await both({ kind: 'none' })
    expect(largestDifference(actual, expected.logits)).toBeGreaterThan(NOISE)
    const full = reference.compute(reference.emptyCache(), tokens, tokens.map((_, row) => row))
    expect(largestDifference(actual, full)).toBeGreaterThan(NOISE)
  })
})

test('missing chunks are computed in the same pass, over what is cached', async () => {
  const { model, isolated, texts } = await prepare()
  for (const recompute of Object.values(SELECTIONS)) {
    const segments = [
      compute(BOS),
      ...isolated.map((chunk, i) => (i === 1 || i === 3 ? compute(texts[i] ?? []) : cached(chunk))),
      compute(QUESTION),
    ]
    const own = recompute.kind === 'rows' ? rows(recompute.rows.filter((row) => row < 71 || row > 267)) : recompute
    const result = await answer(ask(model, segments, { recompute: own }))
    expect(result.computedTokens).toBe(BOS.length + 64 + 128 + QUESTION.length)
    expect(result.work.filter(({ what }) => what === 'compute').length).toBeGreaterThan(0)
  }
})

test('what stands in front stays for the next question, and has the same bits in every context', async () => {
  const { model, reused, isolated } = await prepare()
  const front = [1022, ...someTokens(80, 61)]
  const segments = [compute(front), ...reused.slice(1)]
  await answer(ask(model, [compute(someTokens(300, 62))]))
  const first = await answer(ask(model, segments))
  const second = await answer(ask(model, segments))
  const rowsOf = ({ work }: AnswerResult): number =>
    work.filter(({ what }) => what === 'compute').reduce((sum, { rows: count, from, to }) => sum + count * (to - from), 0)
  expect(rowsOf(first) - rowsOf(second)).toBe(front.length * SHAPE.layers)
  expect(second.logitsDigest).toBe(first.logitsDigest)
  const others = [compute(front), ...isolated.slice(2).map(cached), compute(QUESTION)]
  const kept = await answer(ask(model, others))
  await answer(ask(model, [compute(someTokens(300, 63))]))
  expect((await answer(ask(model, others))).logitsDigest).toBe(kept.logitsDigest)
})

test.each([3, 16, 40, 100])('a short question of %i tokens over a long context gives what the reference gives', async (size) => {
  // Few rows share tiles across heads; the reference knows nothing of tiles.
  const { model, isolated, texts } = await prepare()
  const question = someTokens(size, 71)
  const actual = await answer(ask(model, [compute(BOS), ...isolated.map(cached), compute(question)]))
  const reference = new ReferenceModel(await engine.model({ ...SHAPE }))
  const cache = reference.emptyCache()
  let start = BOS.length
  for (const chunk of isolated) {
    reference.place(cache, await planes(chunk.path), start)
    start += chunk.tokens.length
  }
  const tokens = [...BOS, ...texts.flat(), ...question]
  const logits = reference.compute(cache, tokens, [0, ...rowsFrom(start, size)])
  expect(largestDifference(actual, logits)).toBeLessThan(NOISE)
})

describe('a resident context', () => {
  test('is not read again and gives the same bits', async () => {
    const { model, reused, isolated } = await prepare()
    const first = await answer(ask(model, reused))
    const second = await answer(ask(model, reused, { resident: true }))
    expect(second).toMatchObject({ wasResident: true, bytesRead: 0, logitsDigest: first.logitsDigest })
    const other = [compute(BOS), ...isolated.map(cached), compute(someTokens(700, 9))]
    const grown = await answer(ask(model, other, { resident: true }))
    expect(grown.wasResident).toBe(true)
    expect((await answer(ask(model, other))).logitsDigest).toBe(grown.logitsDigest)
  })

  test('serves no other segments, and none that were touched meanwhile', async () => {
    const { model, reused, isolated } = await prepare()
    const plain = await answer(ask(model, reused))
    const fewer = [compute(BOS), ...isolated.slice(1).map(cached), compute(QUESTION)]
    expect((await answer(ask(model, fewer, { resident: true }))).wasResident).toBe(false)
    await answer(ask(model, reused, { recompute: check({}) }))
    const after = await answer(ask(model, reused, { resident: true }))
    expect(after).toMatchObject({ wasResident: false, logitsDigest: plain.logitsDigest })
    await encode(model, BOS, [someTokens(20, 1)])
    expect((await answer(ask(model, reused, { resident: true }))).wasResident).toBe(false)
    await addon.bench(nextJob(), { model, who: 'kvasir', what: 'prefill', tokens: someTokens(5), steps: 1, subBatch: 64 })
    expect((await answer(ask(model, reused, { resident: true }))).wasResident).toBe(false)
  })
})

test('an uncertain answer ends before any text', async () => {
  const { model, reused } = await prepare()
  const events: unknown[] = []
  const params = ask(model, reused, { minConfidence: 0.999 })
  const result = await addon.answer(nextJob(), params, (event) => events.push(event.type))
  expect(result).toMatchObject({ stop: 'uncertain', text: '', tokens: [] })
  expect(events).not.toContain('text')
  expect(events).not.toContain('first-token')
  expect((await answer(ask(model, reused, { minConfidence: 1e-9 }))).stop).toBe('length')
})

describe('comparing', () => {
  const compareArms = async (model: string, arms: { segments: Segment[]; recompute?: Recompute }[], more: object = {}) =>
    (await addon.compare(nextJob(), { model, arms, continuation: null, maxTokens: 8, stop: [], subBatch: 64, ...more }, () => undefined)).arms

  test('holds every arm against the first', async () => {
    const { model, full, reused } = await prepare()
    const [reference, same, reuse] = await compareArms(model, [
      { segments: full },
      { segments: reused, recompute: check({ ratio: 1 }) },
      { segments: reused },
    ])
    expect(reference).toMatchObject({ klMean: 0, top1: 1 })
    expect(same).toMatchObject({ klMean: 0, klMax: 0, top1: 1, tokens: reference?.tokens })
    expect(reuse?.klMean).toBeGreaterThan(1e-6)
    expect(reuse?.klMax).toBeGreaterThanOrEqual(reuse?.klMean ?? 0)
    // Token by token it is the same.
    const judged = reference?.tokens.length ?? 0
    expect(reference?.kl).toEqual(Array.from({ length: judged }, () => 0))
    expect(reuse?.kl).toHaveLength(judged)
    expect(Math.max(...(reuse?.kl ?? []))).toBe(reuse?.klMax)
    expect((reuse?.kl ?? []).reduce((sum, kl) => sum + kl, 0) / judged).toBeCloseTo(reuse?.klMean ?? 0, 9)
    expect((reuse?.agrees ?? []).filter(Boolean).length / judged).toBeCloseTo(reuse?.top1 ?? 0, 9)
    const alone = await answer(ask(model, reused, { maxTokens: 8 }))
    expect(reuse).toMatchObject({ tokens: alone.tokens, text: alone.text, logitsDigest: alone.logitsDigest })
  })

  test('judges a given continuation by its probability', async () => {
    const { model, full } = await prepare()
    const greedy = await answer(ask(model, full, { maxTokens: 3 }))
    const judge = async (continuation: number[]): Promise<number> =>
      (await compareArms(model, [{ segments: full }], { continuation }))[0]?.logProbability ?? NaN
    const first = greedy.firstTokens[0]
    expect(await judge([first?.id ?? 0])).toBeCloseTo(first?.logProbability ?? NaN, 4)
    const [a = 0, b = 0] = greedy.tokens
    expect(await judge([a, b])).toBeGreaterThan(await judge([a, (b + 1) % 1000]))
  })
})

test('the deviation of two caches is that of their numbers', async () => {
  const { model, isolated, texts, loaded } = await prepare()
  const [, behind] = await encode(model, BOS, texts.slice(0, 2))
  const alone = isolated[1]
  if (!behind || !alone) throw new Error('Two chunks were asked for.')
  const { k, v } = await addon.deviation(nextJob(), { first: behind, second: alone })
  const width = loaded.kvHeads * loaded.headDim
  for (const [sums, kind] of [[k, 0], [v, 1]] as const) {
    const [a, b] = [await planes(behind.path), await planes(alone.path)]
    const expected = behind.tokens.map((_, token) => {
      let sum = 0
      for (let layer = 0; layer < loaded.layers; layer++) {
        for (let i = 0; i < width; i++) {
          const at = token * width + i
          sum += ((a[2 * layer + kind]?.[at] ?? NaN) - (b[2 * layer + kind]?.[at] ?? NaN)) ** 2
        }
      }
      return sum
    })
    for (const [i, sum] of sums.entries()) expect(sum / (expected[i] ?? NaN)).toBeCloseTo(1, 4)
    expect(Math.max(...sums)).toBeGreaterThan(0)
  }
  expect(await rejection(addon.deviation(nextJob(), { first: behind, second: isolated[0] ?? alone }))).toBe('object.mismatch')
})

test('parity with libllama and shifted positions, on random weights', async () => {
  const { model } = await prepare()
  const tokens = [...BOS, ...someTokens(130, 8)]
  const own = await addon.parity(nextJob(), { model, tokens, subBatch: 64 })
  expect(own).toMatchObject({ top1: 1 })
  expect(own.klMean).toBeLessThan(1e-7)
  const moved = await addon.shift(nextJob(), { model, tokens, offset: 100, subBatch: 64 })
  expect(moved.klMean).toBeLessThan(1e-4)
  expect(moved.maxDifference).toBeGreaterThan(0)
  expect(await rejection(addon.shift(nextJob(), { model, tokens, offset: 4090, subBatch: 64 }))).toBe('engine.context-too-long')
})

test('refuses what makes no sense, by its code', async () => {
  const { model, reused } = await prepare()
  const refused = async (recompute: Recompute): Promise<unknown> =>
    await rejection(answer(ask(model, reused, { recompute })))
  for (const wrong of [rows([0]), rows([5, 4]), rows([5, 5]), rows([KNOWLEDGE + 1]), check({ layer: 0 }), check({ layer: 4 }), check({ ratio: 2 }), check({ ratio: NaN })])
    expect(await refused(wrong)).toBe('argument.invalid')
  expect((await answer(ask(model, reused, { recompute: rows([1]) }))).recomputedRows).toEqual([1])
})

/** The same object with every K huge, but finite also when turned by RoPE; checksums made anew. */
async function withHugeKeys(path: string): Promise<Buffer> {
  const file = await readFile(path)
  for (let segment = 0; segment < file.readUInt32LE(64); segment++) {
    const at = 128 + 32 * segment
    const [offset, length] = [Number(file.readBigUInt64LE(at + 8)), Number(file.readBigUInt64LE(at + 16))]
    const HUGE = 0x7000 // 8192
    for (let i = 0; i < length && segment % 2 === 0; i += 2) file.writeUInt16LE(HUGE, offset + i)
    file.writeBigUInt64LE(xxh64(file.subarray(offset, Math.ceil((offset + length) / 64) * 64)), at + 24)
  }
  const data = Number(file.readBigUInt64LE(80))
  file.writeBigUInt64LE(xxh64(file.subarray(128, data)), 96)
  file.writeBigUInt64LE(xxh64(file.subarray(0, 120)), 120)
  return file
}
