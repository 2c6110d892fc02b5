/** What a plan is told to take, and from what. */
import { describe, expect, it } from 'vitest'
import { costOf, workOf, type CostChunk } from '../../src/main/blend/cost'
import { recomputeFor } from '../../src/main/blend/rows'
import { strategySpec } from '../../src/shared/strategy'
import type { Speed } from '../../src/main/store/query-records'

const CHUNKS: readonly CostChunk[] = [
  { tokens: 100, cached: true, exact: true },
  { tokens: 200, cached: true, exact: false },
  { tokens: 50, cached: false, exact: false },
  { tokens: 10, cached: true, exact: false },
]
const INPUT = { chunks: CHUNKS, computed: 70, layers: 4, checkLayer: 1 }
const again = (strategy: string): number => workOf(strategySpec(strategy), INPUT).recomputed

describe('work', () => {
  it.each(['reuse', 'link:16', 'score:0.1', 'mix:16+0.15', 'mix:4+0.9', 'random:1', 'link:64'])(
    'of %s is as many rows as are computed again',
    (strategy) => {
      let start = 0
      const chunks = CHUNKS.map((chunk) => {
        start += chunk.tokens
        return { ...chunk, start: start - chunk.tokens, score: null }
      })
      const rows = recomputeFor(strategySpec(strategy), chunks, { checkLayer: 1, seed: 'a' })
      expect(again(strategy)).toBe(rows.kind === 'rows' ? rows.rows.length : 0)
      expect(workOf(strategySpec(strategy), INPUT).tokens).toBe(70 + again(strategy))
    },
  )

  it('of blend is everything that is not exact below the check layer, and what it keeps above', () => {
    const kept = Math.floor(0.2 * 310)
    expect(workOf(strategySpec('blend:0.2:layer=2'), INPUT)).toEqual({ tokens: 280 * 0.5 + (70 + kept) * 0.5, recomputed: kept })
    const exact = { ...INPUT, chunks: CHUNKS.slice(0, 1) }
    expect(workOf(strategySpec('blend:0.2'), exact)).toEqual({ tokens: 70, recomputed: 0 })
  })
})

describe('cost', () => {
  const speed = (work: number, computeMs: number, changes: Partial<Speed> = {}): Speed => ({
    work,
    computeMs,
    loaded: 0,
    loadMs: 0,
    planMs: 2,
    ...changes,
  })

  it('is that of queries of similar work, with planning and reading', () => {
    const speeds = [speed(100, 50), speed(1000, 2000), speed(110, 55, { loaded: 400, loadMs: 8 })]
    expect(costOf({ work: 120, loaded: 0 }, speeds, [])).toEqual({ ms: 2 + 60, isRough: false })
    expect(costOf({ work: 120, loaded: 200 }, speeds, [])).toEqual({ ms: 2 + 60 + 4, isRough: false })
    expect(costOf({ work: 900, loaded: 0 }, speeds, [])).toEqual({ ms: 2 + 1800, isRough: false })
  })

  it('is rough where they did much less or more', () => {
    expect(costOf({ work: 100_000, loaded: 0 }, [speed(1000, 2000)], [])).toEqual({ ms: 200_002, isRough: true })
  })

  it('is told from builds before the first question, as far as they tell', () => {
    expect(costOf({ work: 100, loaded: 0 }, [], [0.5, 0.4, 2])).toEqual({ ms: 200, isRough: true })
    expect(costOf({ work: 100, loaded: 50 }, [], [0.5])).toBeNull()
    expect(costOf({ work: 100, loaded: 0 }, [], [])).toBeNull()
    // A question that read nothing says nothing of reading.
    expect(costOf({ work: 100, loaded: 50 }, [speed(100, 50)], [])).toBeNull()
  })

  it('of more work is no less than what less work took', () => {
    // Small questions are slow per token: forty tokens by the speed of a thousand would look quicker than the ten that were measured.
    const small = [speed(10, 24), speed(12, 25), speed(11, 26)]
    const large = [speed(1000, 300), speed(60, 20)]
    const few = costOf({ work: 12, loaded: 0 }, [...small, ...large], [])
    const more = costOf({ work: 50, loaded: 0 }, [...small, ...large], [])
    expect(more?.ms).toBeGreaterThanOrEqual(25)
    expect(more?.ms).toBeGreaterThanOrEqual(few?.ms ?? Infinity)
  })
})
