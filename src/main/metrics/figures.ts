import type { HitFigures } from '../../shared/hits'
import type { Sums } from '../store/hit-sums'

export const NOTHING: Sums = { times: 0, tokens: 0, reused: 0, recomputed: 0 }

export function added(one: Sums, other: Sums): Sums {
  return {
    times: one.times + other.times,
    tokens: one.tokens + other.tokens,
    reused: one.reused + other.reused,
    recomputed: one.recomputed + other.recomputed,
  }
}

/** Tokens computed again in their place are no hits, and no misses either. */
export function figuresOf({ times, tokens, reused, recomputed }: Sums): HitFigures {
  return {
    times,
    tokens,
    reused: reused - recomputed,
    recomputed,
    missed: tokens - reused,
    hitRate: tokens === 0 ? null : (reused - recomputed) / tokens,
  }
}

/** Sums under the same name, in the order in which names first come. */
export function summedBy<T extends Sums>(all: readonly T[], name: (sums: T) => string): Map<string, Sums> {
  const summed = new Map<string, Sums>()
  for (const sums of all) {
    const its = name(sums)
    summed.set(its, added(summed.get(its) ?? NOTHING, sums))
  }
  return summed
}
