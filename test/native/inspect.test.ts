/** One cache drawn: norms, deviations and attention against plain arithmetic. In this process, random weights. */
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import type { CachePlanes, InspectParams } from '../../src/shared/engine-looks'
import { cached, compute, digestOf, engineFixture, rejection, someTokens, type Cached } from './engine-fixture'
import { planes } from './object-planes'
import { ReferenceModel } from './reference'

const engine = engineFixture()
const { addon } = engine
const BOS = [1022]
const FRONT = [...BOS, ...someTokens(70, 1)]
const CHUNK = someTokens(75, 2)
const QUESTION = someTokens(9, 3)
const SHAPE = { layers: 3 } as const
/** Sums in f32 over f16 rows against sums in f64. */
const MAX_RELATIVE_ERROR = 0.01
/** Of a share of attention. */
const MAX_ATTENTION_ERROR = 1e-3

let lastJob = 3_000_000

async function encode(model: string, context: number[], tokens: number[]): Promise<Cached> {
  const key = digestOf(String(++lastJob))
  const chunk = { tokens, key, path: join(engine.folder, `${key}.kvo`) }
  await addon.encode(lastJob, { model, context: [compute(context)], chunks: [chunk], subBatch: 64 }, () => undefined)
  return chunk
}

async function prepare(): Promise<{ model: string; isolated: Cached; behind: Cached; reference: ReferenceModel }> {
  const path = await engine.model({ ...SHAPE })
  const { model } = await engine.load(path)
  const isolated = await encode(model, BOS, CHUNK)
  return { model, isolated, behind: await encode(model, FRONT, CHUNK), reference: new ReferenceModel(path) }
}

const inspect = async (model: string, chunk: Cached, changes: Partial<InspectParams> = {}): Promise<CachePlanes> => {
  const whole = { front: FRONT, question: QUESTION, from: 0, to: CHUNK.length, subBatch: 64 }
  return await addon.inspectCache(++lastJob, { model, cache: cached(chunk), ...whole, ...changes })
}

const norm = (values: ArrayLike<number>): number => Math.sqrt(Array.from(values).reduce((sum, value) => sum + value ** 2, 0))
const difference = (a: ArrayLike<number>, b: ArrayLike<number>): number =>
  norm(Array.from(a, (value, i) => value - (b[i] ?? NaN)))

function expectClose(actual: Float32Array, expected: readonly number[], tolerance: number): void {
  expect(actual).toHaveLength(expected.length)
  for (const [i, value] of expected.entries()) expect(Math.abs((actual[i] ?? NaN) - value)).toBeLessThan(tolerance)
}

describe('one cache drawn', () => {
  test('has the norms of its rows', async () => {
    const { model, isolated } = await prepare()
    const drawn = await inspect(model, isolated)
    const rows = await planes(isolated.path)
    const width = (rows[0]?.length ?? 0) / CHUNK.length
    const expected = (kind: 0 | 1): number[] =>
      Array.from({ length: SHAPE.layers * CHUNK.length }, (_, i) => {
        const token = i % CHUNK.length
        const plane = rows[2 * Math.floor(i / CHUNK.length) + kind]
        return norm(plane?.subarray(token * width, (token + 1) * width) ?? [])
      })
    expect(drawn).toMatchObject({ layers: 3, cells: CHUNK.length, tokensPerCell: 1 })
    const largest = Math.max(...expected(0))
    expectClose(drawn.keyNorms, expected(0), largest * MAX_RELATIVE_ERROR)
    expectClose(drawn.valueNorms, expected(1), Math.max(...expected(1)) * MAX_RELATIVE_ERROR)
    expect(drawn.texts).toHaveLength(CHUNK.length)
    expect(drawn.texts.join('').length).toBeGreaterThan(CHUNK.length)
  })

  test('tells how far it is from full prefill behind what stands in front', async () => {
    const { model, isolated, behind, reference } = await prepare()
    const full = reference.emptyCache()
    reference.compute(full, [...FRONT, ...CHUNK], [...FRONT, ...CHUNK].map((_, row) => row))
    const own = reference.emptyCache()
    reference.place(own, await planes(isolated.path), FRONT.length)
    const expected = (kind: 'k' | 'v'): number[] =>
      Array.from({ length: SHAPE.layers }, (_, layer) =>
        CHUNK.map((__, token) => {
          const row = FRONT.length + token
          const reached = full[kind][layer]?.[row] ?? []
          return difference(own[kind][layer]?.[row] ?? [], reached) / norm(reached)
        }),
      ).flat()
    const drawn = await inspect(model, isolated)
    expectClose(drawn.keyDeviations, expected('k'), MAX_RELATIVE_ERROR)
    expectClose(drawn.valueDeviations, expected('v'), MAX_RELATIVE_ERROR)
    // Layer 0 knows nothing of what stands in front; others do.
    expect(Math.max(...drawn.valueDeviations.subarray(0, CHUNK.length))).toBeLessThan(MAX_RELATIVE_ERROR)
    expect(Math.max(...drawn.valueDeviations)).toBeGreaterThan(10 * MAX_RELATIVE_ERROR)
    // What was computed behind the very same tokens has nothing to tell.
    const exact = await inspect(model, behind)
    expect(Math.max(...exact.keyDeviations, ...exact.valueDeviations)).toBeLessThan(MAX_RELATIVE_ERROR)
  })

  test('tells who attends to it, of the chunk and of a question', async () => {
    const { model, isolated, reference } = await prepare()
    const tokens = [...FRONT, ...CHUNK, ...QUESTION]
    const attention = reference.attention(reference.emptyCache(), tokens, tokens.map((_, row) => row))
    const paid = (layer: number, query: number, token: number): number =>
      attention[layer]?.[query]?.[FRONT.length + token] ?? NaN
    const end = FRONT.length + CHUNK.length
    const mean = (values: readonly number[]): number =>
      values.length === 0 ? 0 : values.reduce((sum, value) => sum + value, 0) / values.length
    const layers = Array.from({ length: SHAPE.layers }, (_, layer) => layer)
    const within = layers.flatMap((layer) =>
      CHUNK.map((_, token) =>
        mean(Array.from({ length: CHUNK.length - 1 - token }, (__, i) => paid(layer, FRONT.length + token + 1 + i, token))),
      ),
    )
    const asked = layers.flatMap((layer) =>
      CHUNK.map((_, token) => mean(QUESTION.map((__, i) => paid(layer, end + i, token)))),
    )
    const drawn = await inspect(model, isolated)
    expectClose(drawn.attention, within, MAX_ATTENTION_ERROR)
    expectClose(drawn.questionAttention, asked, MAX_ATTENTION_ERROR)
    // The tolerance tells other numbers apart.
    expect(Math.max(...within)).toBeGreaterThan(10 * MAX_ATTENTION_ERROR)
    expect(Math.max(...asked.map((value, i) => Math.abs(value - (within[i] ?? NaN))))).toBeGreaterThan(MAX_ATTENTION_ERROR)
    expect((await inspect(model, isolated, { question: [] })).questionAttention).toHaveLength(0)
  })

  test('does not depend on sub-batches, nor on what was computed before', async () => {
    const { model, isolated } = await prepare()
    const once = await inspect(model, isolated)
    const other = await inspect(model, isolated, { subBatch: 128 })
    expectClose(other.keyDeviations, [...once.keyDeviations], 1e-4)
    expectClose(other.attention, [...once.attention], 1e-4)
    expect(await inspect(model, isolated)).toEqual(once)
  })

  test('a part of it is the same part, in cells where a mebibyte is too little for tokens', async () => {
    const { model, isolated } = await prepare()
    const whole = await inspect(model, isolated)
    const part = await inspect(model, isolated, { from: 10, to: 30 })
    expect(part.cells).toBe(20)
    expect([...part.keyNorms.subarray(0, 20)]).toEqual([...whole.keyNorms.subarray(10, 30)])
    expect(part.texts).toEqual(whole.texts.slice(10, 30))
    const long = await encode(model, BOS, someTokens(2000, 5))
    const deep = await engine.load(await engine.model({ layers: 24 }))
    const many = await encode(deep.model, BOS, long.tokens)
    const drawn = await inspect(deep.model, many, { to: 2000 })
    expect(drawn).toMatchObject({ layers: 24, tokensPerCell: 2, cells: 1000 })
    expect(drawn.keyNorms.length * 4 * 6).toBeLessThanOrEqual(2 ** 20)
  })

  test('refuses a range that is not there', async () => {
    const { model, isolated } = await prepare()
    for (const range of [{ from: 5, to: 5 }, { from: 0, to: CHUNK.length + 1 }])
      expect(await rejection(inspect(model, isolated, range))).toBe('argument.invalid')
  })
})
