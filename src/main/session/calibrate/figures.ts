/** From what was measured to what is kept. Pure. */
import type { CalibratedArm } from '../../../shared/calibration'
import type { DeviationOf } from '../../../shared/strategy'
import type { BlendSpec } from './arms'

/** One strategy on one question, beside full prefill on the same one. */
export interface Measured {
  readonly strategy: string
  /** TTFT over full prefill's. */
  readonly cost: number
  readonly klMean: number
  readonly top1: number
  /** Its first token's probability, and whether that token is full prefill's. */
  readonly first: { readonly probability: number; readonly right: boolean } | null
}

/** A check that costs more than this share of full prefill leaves too little to gain. */
const MOST_COST = 0.75
/** KL this close to the best one is as good: then the shallower layer is taken. */
const AS_GOOD = 1.1
/** Nats; below it everything is exact to rounding. */
const NOTHING = 1e-4

/** One line for each strategy, cheapest first: the median of cost, the means of the rest. */
export function summarise(all: readonly Measured[]): CalibratedArm[] {
  const byStrategy = Map.groupBy(all, ({ strategy }) => strategy)
  return [...byStrategy]
    .map(([strategy, measured]) => ({
      strategy,
      cost: median(measured.map(({ cost }) => cost)),
      klMean: mean(measured.map(({ klMean }) => klMean)),
      top1: mean(measured.map(({ top1 }) => top1)),
    }))
    .toSorted((a, b) => a.cost - b.cost || a.klMean - b.klMean)
}

/**
 * Where `blend` chooses its tokens best: the lowest KL among those that are cheap enough, else among all; what is as good
 * at a shallower layer comes first. Layer 1 by V, CacheBlend's own, where nothing was measured.
 */
export function chooseCheck(
  scanned: readonly { readonly spec: BlendSpec; readonly arm: CalibratedArm }[],
): { readonly layer: number; readonly by: DeviationOf } {
  const cheap = scanned.filter(({ arm }) => arm.cost <= MOST_COST)
  const candidates = cheap.length > 0 ? cheap : scanned
  const least = Math.min(...candidates.map(({ arm }) => arm.klMean))
  const chosen = candidates
    .filter(({ arm }) => arm.klMean <= Math.max(least * AS_GOOD, NOTHING))
    .toSorted((a, b) => (a.spec.layer ?? 0) - (b.spec.layer ?? 0) || a.arm.klMean - b.arm.klMean)[0]
  return { layer: chosen?.spec.layer ?? 1, by: chosen?.spec.by ?? 'v' }
}

/**
 * The probability below which first tokens were wrong more often than right, 0 where there is none: the largest bound
 * under which the wrong ones are in the majority.
 */
export function leastConfidence(firsts: readonly { readonly probability: number; readonly right: boolean }[]): number {
  const sorted = firsts.toSorted((a, b) => a.probability - b.probability)
  let bound = 0
  let wrong = 0
  for (const [at, { probability, right }] of sorted.entries()) {
    if (!right) wrong += 1
    const next = sorted[at + 1]?.probability ?? probability
    // Equal probabilities are on the same side of every bound.
    if (wrong * 2 > at + 1 && (next > probability || at + 1 === sorted.length)) bound = (probability + next) / 2
  }
  return bound
}

function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length
}

function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b)
  const middle = sorted.length >> 1
  return sorted.length % 2 === 1 ? (sorted[middle] ?? 0) : ((sorted[middle - 1] ?? 0) + (sorted[middle] ?? 0)) / 2
}
