/** What a plan would take, told from what others took. Pure. */
import type { StrategySpec } from '../../shared/strategy'
import type { Speed } from '../store/query-records'

export interface CostChunk {
  readonly tokens: number
  readonly cached: boolean
  /** Its K/V are what full prefill gives already. */
  readonly exact: boolean
}

export interface WorkInput {
  /** In the context's order. */
  readonly chunks: readonly CostChunk[]
  /** Computed whatever the strategy: the question, and what has no cache. */
  readonly computed: number
  readonly layers: number
  /** Of `blend`, where it names none. */
  readonly checkLayer: number
}

export interface Work {
  /** Tokens through all layers; through half of them count half. */
  readonly tokens: number
  /** Of cached tokens, those that are computed again. */
  readonly recomputed: number
}

/** As `recomputeFor` and the engine would go about it. */
export function workOf(spec: StrategySpec, { chunks, computed, layers, checkLayer }: WorkInput): Work {
  const cached = sum(chunks.filter(({ cached: is }) => is))
  const open = sum(chunks.filter(({ cached: is, exact }) => is && !exact))
  const share = (ratio: number): number => Math.min(ratio === 1 ? cached : open, Math.floor(ratio * cached))
  const rows = (recomputed: number): Work => ({ tokens: computed + recomputed, recomputed })
  switch (spec.name) {
    case 'full':
    case 'prefix':
    case 'reuse':
    case 'auto':
      return rows(0)
    case 'link':
      return rows(
        chunks
          .slice(1)
          .filter(({ cached: is, exact }) => is && !exact)
          .reduce((total, { tokens }) => total + Math.min(spec.tokens, tokens), 0),
      )
    case 'score':
    case 'mix':
    case 'oracle':
    case 'random':
      return rows(share(spec.ratio))
    case 'blend': {
      const recomputed = share(spec.ratio)
      if (spec.ratio < 1 && open === 0) return rows(0)
      // Below the check layer everything that is not exact is computed.
      const below = (spec.layer ?? checkLayer) / layers
      const all = computed + (spec.ratio === 1 ? cached : open)
      return { tokens: all * below + (computed + recomputed) * (1 - below), recomputed }
    }
  }
}

export interface Cost {
  readonly ms: number
  readonly isRough: boolean
}

/** Nearest queries that speak for one. */
const NEAREST = 5
/** Newest queries with caches that say how fast these are read: the disk's cache and the engine's memory change. */
const NEWEST = 9
/** Told from queries of that many times less or more work, a time is rough. */
const FAR = 2

/**
 * Time to the first token: planning, loading and computing take turns in the main, so they add up. Each token's share
 * of computing is the median of the queries with the most similar work, since small work is slow per token and long
 * contexts are, too.
 * @param speeds newest first
 * @param builds tokens per ms of builds, where no query tells
 * @returns null where nothing tells
 */
export function costOf(
  { work, loaded }: { readonly work: number; readonly loaded: number },
  speeds: readonly Speed[],
  builds: readonly number[],
): Cost | null {
  const compute = computeCost(work, speeds, builds)
  const reading = speeds.filter((speed) => speed.loaded > 0).slice(0, NEWEST)
  const load = loaded === 0 ? 0 : loaded * (median(reading.map((speed) => speed.loadMs / speed.loaded)) ?? NaN)
  if (!compute || Number.isNaN(load)) return null
  const plan = median(speeds.slice(0, NEWEST).map(({ planMs }) => planMs)) ?? 0
  return { ms: plan + load + compute.ms, isRough: compute.isRough }
}

function computeCost(work: number, speeds: readonly Speed[], builds: readonly number[]): Cost | null {
  const own = computeLike(work, speeds)
  if (own) {
    // More work takes no less: what large queries took per token says too little of a middling one.
    const less = speeds.reduce((most, speed) => (speed.work <= work ? Math.max(most, speed.work) : most), 0)
    return { ...own, ms: Math.max(own.ms, computeLike(less, speeds)?.ms ?? 0) }
  }
  const speed = median(builds)
  return speed === null ? null : { ms: work / speed, isRough: true }
}

/** By the queries of the most similar work; null where there is none, or no work. */
function computeLike(work: number, speeds: readonly Speed[]): Cost | null {
  const nearest = speeds
    .filter((speed) => speed.work > 0 && speed.computeMs > 0)
    .map((speed) => ({ perToken: speed.computeMs / speed.work, far: Math.abs(Math.log(speed.work / work)) }))
    .toSorted((a, b) => a.far - b.far)
    .slice(0, NEAREST)
  const [first] = nearest
  if (!first || work === 0) return null
  const near = nearest.filter(({ far }) => far <= Math.max(Math.log(FAR), first.far))
  return { ms: work * (median(near.map((each) => each.perToken)) ?? 0), isRough: first.far > Math.log(FAR) }
}

function median(values: readonly number[]): number | null {
  const sorted = values.toSorted((a, b) => a - b)
  const middle = sorted.length >> 1
  const high = sorted[middle]
  if (high === undefined) return null
  return sorted.length % 2 === 1 ? high : ((sorted[middle - 1] ?? high) + high) / 2
}

function sum(chunks: readonly CostChunk[]): number {
  return chunks.reduce((total, { tokens }) => total + tokens, 0)
}
