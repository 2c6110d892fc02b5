/** From what was measured to what is shown. Pure. */
import { bestLane, type LaneResult, type LaneRun, type RaceComparison, type RaceSummary } from '../../../shared/race'
import type { ComparedArm } from '../../../shared/engine'
import { strategyText, type StrategySpec } from '../../../shared/strategy'
import { costPerRequest, PRICES } from '../../metrics/cost'

export interface MeasuredLane {
  readonly strategy: StrategySpec
  readonly runs: readonly LaneRun[]
  readonly computedTokens: number
  readonly storedBytes: number
  readonly answer: Pick<ComparedArm, 'text' | 'tokens' | 'pieces' | 'stop'>
  readonly compared: Pick<ComparedArm, 'kl' | 'klMean' | 'klMax' | 'agrees' | 'top1'>
}

/** Which lanes run in which order: another one begins each time. */
export function orderOf(lanes: number, repetitions: number): number[][] {
  return Array.from({ length: repetitions }, (_, repetition) =>
    Array.from({ length: lanes }, (_, at) => (at + repetition) % lanes),
  )
}

export function comparisonOf(lanes: readonly MeasuredLane[], reference: RaceComparison['reference']): RaceComparison {
  const figures = lanes.map((lane) => {
    const [ttftMs, totalMs] = [median(lane.runs.map((run) => run.ttftMs)), median(lane.runs.map((run) => run.totalMs))]
    const cost = costPerRequest({ responseSeconds: ttftMs / 1000, storedBytes: lane.storedBytes })
    return { ttftMs, totalMs, computed: lane.computedTokens, cost }
  })
  const baseline = Math.max(0, lanes.findIndex(({ strategy }) => strategy.name === 'full'))
  const base = figures[baseline]
  return {
    baseline,
    reference,
    prices: PRICES,
    lanes: lanes.flatMap((lane, at): LaneResult[] => {
      const own = figures[at]
      if (!own || !base) return []
      const { strategy, runs, computedTokens, storedBytes, answer, compared } = lane
      const same = inCommon(reference.tokens, answer.tokens)
      const longer = Math.max(reference.tokens.length, answer.tokens.length)
      const speeds = runs.flatMap(({ decodeTokensPerSecond }) => decodeTokensPerSecond ?? [])
      return [
        {
          strategy: strategyText(strategy),
          runs,
          ttftMs: own.ttftMs,
          totalMs: own.totalMs,
          decodeTokensPerSecond: speeds.length === 0 ? null : median(speeds),
          computedTokens,
          storedBytes,
          cost: own.cost,
          versus: {
            ttft: base.ttftMs / own.ttftMs,
            total: base.totalMs / own.totalMs,
            computed: own.computed === 0 ? null : base.computed / own.computed,
            cost: own.cost === 0 ? null : base.cost / own.cost,
          },
          answer: { ...answer, same },
          agreement: {
            share: longer === 0 ? 1 : same.filter(Boolean).length / longer,
            firstDifference: firstDifference(reference.tokens, answer.tokens),
          },
          kl: {
            tokens: compared.kl,
            mean: compared.klMean,
            max: compared.klMax,
            agrees: compared.agrees,
            top1: compared.top1,
          },
        },
      ]
    }),
  }
}

export function bestOf(comparison: RaceComparison): RaceSummary['best'] {
  const lane = bestLane(comparison)
  const { versus, agreement, kl } = comparison.lanes[lane] ?? {}
  return { lane, ttft: versus?.ttft ?? 1, share: agreement?.share ?? 1, klMean: kl?.mean ?? 0 }
}

/** Which tokens of `second` belong to a longest sequence that stands in both in the same order. */
export function inCommon(first: readonly number[], second: readonly number[]): boolean[] {
  const wide = second.length + 1
  // Length of the longest one of first[at..] and second[to..].
  const longest = new Uint16Array((first.length + 1) * wide)
  const length = (at: number, to: number): number => longest[at * wide + to] ?? 0
  for (let at = first.length - 1; at >= 0; at--)
    for (let to = second.length - 1; to >= 0; to--)
      longest[at * wide + to] =
        first[at] === second[to] ? length(at + 1, to + 1) + 1 : Math.max(length(at + 1, to), length(at, to + 1))
  const same = second.map(() => false)
  for (let at = 0, to = 0; at < first.length && to < second.length; ) {
    if (first[at] === second[to]) {
      same[to] = true
      at++
      to++
    } else if (length(at + 1, to) >= length(at, to + 1)) at++
    else to++
  }
  return same
}

function firstDifference(first: readonly number[], second: readonly number[]): number | null {
  const longer = Math.max(first.length, second.length)
  for (let at = 0; at < longer; at++) if (first[at] !== second[at]) return at
  return null
}

export function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b)
  const middle = sorted.length >> 1
  return sorted.length % 2 === 1 ? (sorted[middle] ?? 0) : ((sorted[middle - 1] ?? 0) + (sorted[middle] ?? 0)) / 2
}
