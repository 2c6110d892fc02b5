/** Colours of a heat map: from the page's own ground to one that says what is measured, in equal steps. */
import type { CachePlaneName } from '../../../shared/upkeep'

export const LEVELS = 24

/** Deviations are what computing would change; attention is what is looked at. */
const HUES: Record<CachePlaneName, string> = {
  keyNorms: '--stale',
  valueNorms: '--stale',
  keyDeviations: '--compute',
  valueDeviations: '--compute',
  attention: '--accent',
  questionAttention: '--accent',
}

export function colourOf(plane: CachePlaneName, level: number): string {
  const share = Math.round((100 * level) / (LEVELS - 1))
  return `color-mix(in oklab, var(${HUES[plane]}) ${share}%, var(--panel))`
}

export interface Scale {
  readonly least: number
  readonly most: number
  /** From 0 to LEVELS - 1. Above `most` as at it. */
  readonly level: (value: number) => number
}

/** One token may outshine all others (the first of a prompt does): what all but one in a hundred reach is the top. */
const TOP = 0.99

export function scaleOf(values: readonly (readonly number[])[]): Scale {
  const sorted = values.flat().toSorted((a, b) => a - b)
  const least = sorted[0] ?? 0
  const most = sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * TOP))] ?? 0
  const span = most - least
  return {
    least,
    most,
    level: (value) => (span <= 0 ? 0 : Math.max(0, Math.min(LEVELS - 1, Math.round(((value - least) / span) * (LEVELS - 1))))),
  }
}
