import { describe, expect, it } from 'vitest'
import { rangesOf, recomputeFor, type BlendChunk, type RecomputeOptions } from '../../src/main/blend/rows'
import { parseStrategy, type StrategySpec } from '../../src/shared/strategy'

const OPTIONS: RecomputeOptions = { checkLayer: 3, seed: 'a' }

/** Chunks one behind the other from row 3; a number is its tokens, negative: not cached. */
function chunksOf(...sizes: readonly number[]): BlendChunk[] {
  let start = 3
  return sizes.map((size) => {
    const chunk = { start, tokens: Math.abs(size), cached: size > 0, score: null }
    start += chunk.tokens
    return chunk
  })
}

function scored(chunk: BlendChunk, v: readonly number[], k = v): BlendChunk {
  return { ...chunk, score: { k: Float32Array.from(k), v: Float32Array.from(v) } }
}

function spec(text: string): StrategySpec {
  const parsed = parseStrategy(text)
  if (!parsed.ok) throw new Error(parsed.problem)
  return parsed.spec
}

function rows(strategy: string, chunks: readonly BlendChunk[], more: Partial<RecomputeOptions> = {}): readonly number[] {
  const found = recomputeFor(spec(strategy), chunks, { ...OPTIONS, ...more })
  if (found.kind === 'check') throw new Error('no rows')
  return found.kind === 'none' ? [] : found.rows
}

describe('link', () => {
  it('takes the first tokens of every cached chunk but the first of the context', () => {
    expect(rows('link:2', chunksOf(4, 4, 4))).toEqual([7, 8, 11, 12])
    expect(rows('link:2', chunksOf(-4, 4, -4, 4))).toEqual([7, 8, 15, 16])
    expect(rows('link:16', chunksOf(4, 2, 3))).toEqual([7, 8, 9, 10, 11])
  })

  it('is nothing where there is nothing to link', () => {
    expect(recomputeFor(spec('link:16'), chunksOf(9), OPTIONS)).toEqual({ kind: 'none' })
    expect(recomputeFor(spec('link:16'), [], OPTIONS)).toEqual({ kind: 'none' })
  })
})

describe('score', () => {
  const [a, b, c] = chunksOf(4, 4, -4) as [BlendChunk, BlendChunk, BlendChunk]
  const chunks = [scored(a, [1, 9, 2, 3], [8, 1, 1, 1]), scored(b, [9, 1, 7, 5], [1, 1, 1, 9]), c]

  it('takes the highest in all, ties by the lower row, never of a chunk that is not cached', () => {
    expect(rows('score:0.25', chunks)).toEqual([4, 7])
    expect(rows('score:0.126', chunks)).toEqual([4])
    expect(rows('score:0.375', chunks)).toEqual([4, 7, 9])
    expect(rows('score:1', chunks)).toEqual([3, 4, 5, 6, 7, 8, 9, 10])
    expect(rows('score:0.12', chunks)).toEqual([])
    expect(rows('score:0', chunks)).toEqual([])
  })

  it('compares keys, or both, where it is told so', () => {
    expect(rows('score:0.25:by=k', chunks)).toEqual([3, 10])
    expect(rows('score:0.25:by=kv', chunks)).toEqual([4, 10])
  })

  it('leaves what is exact already alone, until everything is computed', () => {
    const exact = chunks.map((chunk, at) => ({ ...chunk, exact: at === 0 }))
    expect(rows('score:0.25', exact)).toEqual([7, 9])
    for (const strategy of ['score:0.75', 'random:0.75', 'mix:3+0.75']) expect(rows(strategy, exact)).toEqual([7, 8, 9, 10])
    for (const strategy of ['score:1', 'random:1', 'mix:3+1']) expect(rows(strategy, exact)).toHaveLength(8)
  })

  it("gives a chunk without scores its share at its start, then the others' scores", () => {
    const mixed = [scored(a, [1, 9, 2, 3]), b]
    expect(rows('score:0.5', mixed)).toEqual([4, 6, 7, 8])
    expect(rows('score:0.75', mixed)).toEqual([4, 5, 6, 7, 8, 9])
    expect(rows('score:1', mixed)).toHaveLength(8)
    // At most 16 tokens at the start while another chunk has scores left.
    const [long, other] = chunksOf(40, 40) as [BlendChunk, BlendChunk]
    const scores = Array.from({ length: 40 }, (_, at) => at)
    expect(rows('score:0.5', [long, scored(other, scores)])).toEqual([
      ...Array.from({ length: 16 }, (_, at) => 3 + at),
      ...Array.from({ length: 24 }, (_, at) => 43 + 16 + at),
    ])
  })
})

describe('mix', () => {
  it('takes link tokens, then scores, up to the ratio', () => {
    const [a, b] = chunksOf(4, 4) as [BlendChunk, BlendChunk]
    const chunks = [scored(a, [1, 9, 2, 3]), scored(b, [0, 1, 7, 5])]
    expect(rows('mix:1+0.25', chunks)).toEqual([4, 7])
    expect(rows('mix:1+0.5', chunks)).toEqual([4, 7, 9, 10])
    // The ratio bounds the link tokens, too: every chunk's first before any chunk's second.
    expect(rows('mix:4+0.25', chunks)).toEqual([7, 8])
    expect(rows('mix:4+0.34', chunksOf(2, 2, 2))).toEqual([5, 7])
  })
})

describe('random', () => {
  it('draws the same for the same seed, of cached rows only', () => {
    const chunks = chunksOf(50, -50, 50)
    const drawn = rows('random:0.3', chunks)
    expect(drawn).toHaveLength(30)
    expect(drawn).toEqual(drawn.toSorted((a, b) => a - b))
    expect(new Set(drawn).size).toBe(30)
    expect(drawn.filter((row) => row < 3 || (row >= 53 && row < 103) || row >= 153)).toEqual([])
    expect(rows('random:0.3', chunks)).toEqual(drawn)
    expect(rows('random:0.3', chunks, { seed: 'b' })).not.toEqual(drawn)
    expect(drawn.some((row) => row < 53) && drawn.some((row) => row >= 103)).toBe(true)
  })
})

describe('oracle', () => {
  it('takes what deviates most from full prefill', () => {
    const chunks = chunksOf(3, -2, 3)
    const oracle = { v: [0, 5, 0, 0, 9, 1], k: [7, 0, 0, 0, 0, 8] }
    expect(rows('oracle:0.34', chunks, { oracle })).toEqual([4, 9])
    expect(rows('oracle:0.34:by=k', chunks, { oracle })).toEqual([3, 10])
    expect(() => rows('oracle:0.34', chunks)).toThrow('Expected deviations of 6 rows')
    expect(() => rows('oracle:0.34', chunks, { oracle: { k: [1], v: [1] } })).toThrow('got 1')
  })
})

describe('blend', () => {
  it('leaves the choice to the engine, at the calibrated layer unless it names one', () => {
    const check = { kind: 'check', ratio: 0.15, exactRows: 3, by: 'v', attention: false, gradual: false }
    expect(recomputeFor(spec('blend:0.15'), chunksOf(4), OPTIONS)).toEqual({ ...check, layer: 3 })
    expect(recomputeFor(spec('blend:0.15:layer=1:by=kv:attention:gradual'), chunksOf(4), OPTIONS)).toEqual({
      kind: 'check',
      layer: 1,
      ratio: 0.15,
      exactRows: 3,
      by: 'kv',
      attention: true,
      gradual: true,
    })
  })
})

describe('blend and link', () => {
  it('spare what is exact from the start on', () => {
    const exactUpTo = (count: number, ...sizes: readonly number[]) =>
      chunksOf(...sizes).map((chunk, at) => ({ ...chunk, exact: at < count }))
    const exactRows = (chunks: readonly BlendChunk[]) =>
      (recomputeFor(spec('blend:0.15'), chunks, OPTIONS) as { exactRows?: number }).exactRows
    expect(exactRows(exactUpTo(1, 4, 4, 4))).toBe(7)
    // What is missing is computed, so nothing behind it is at the start any more.
    expect(exactRows(exactUpTo(3, 4, -4, 4, 4))).toBe(7)
    for (const chunks of [[], exactUpTo(3, 4, 4, 4), exactUpTo(3, 4, -4, 4)])
      expect(recomputeFor(spec('blend:0.15'), chunks, OPTIONS)).toEqual({ kind: 'none' })
    expect(recomputeFor(spec('blend:1'), exactUpTo(2, 4, 4), OPTIONS)).toMatchObject({ kind: 'check', exactRows: 11 })
    expect(rows('link:2', exactUpTo(2, 4, 4, 4))).toEqual([11, 12])
  })
})

describe('others', () => {
  it('compute nothing again', () => {
    for (const name of ['full', 'prefix', 'reuse', 'reuse:bos'])
      expect(recomputeFor(spec(name), chunksOf(4, 4), OPTIONS)).toEqual({ kind: 'none' })
    expect(() => recomputeFor(spec('auto'), chunksOf(4), OPTIONS)).toThrow('resolved before')
  })
})

describe('ranges', () => {
  it('name the tokens of each chunk, from its first', () => {
    const chunks = chunksOf(4, 3, 5)
    expect(rangesOf(chunks, [3, 4, 6, 7, 8, 9, 11, 14])).toEqual([[[0, 2], [3, 4]], [[0, 3]], [[1, 2], [4, 5]]])
    expect(rangesOf(chunks, [])).toEqual([[], [], []])
    // Rows before the first chunk and behind the last belong to none.
    expect(rangesOf(chunks, [0, 2, 3, 15, 16])).toEqual([[[0, 1]], [], []])
  })
})
