/** Colours of a heat map: from the page's own ground to one that says what is measured, in equal steps. */
import type { CachePlaneName } from '../../../shared/upkeep'

/** Odd: a difference of none has its own, in the middle. */
export const LEVELS = 25

/** Deviations are what computing would change; attention is what is looked at. */
const HUES: Record<CachePlaneName, string> = {
  keyNorms: '--stale',
  valueNorms: '--stale',
  keyDeviations: '--compute',
  valueDeviations: '--compute',
  attention: '--accent',
  questionAttention: '--accent',
}

/** `difference`: less in one colour, more in another, and none in the page's own ground. */
export type Hue = CachePlaneName | 'difference'

export function colourOf(hue: Hue, level: number): string {
  if (hue === 'difference') {
    const apart = (2 * level) / (LEVELS - 1) - 1
    return mixed(apart < 0 ? '--accent' : '--compute', Math.abs(apart))
  }
  return mixed(HUES[hue], level / (LEVELS - 1))
}

function mixed(colour: string, amount: number): string {
  const share = Math.round(100 * amount)
  return `color-mix(in oklab, var(${colour}) ${share}%, var(--panel))`
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
  return scaleFrom(least, most)
}

/** As far to the one side as to the other. */
export function differenceScale(values: readonly (readonly number[])[]): Scale {
  const { most } = scaleOf(values.map((row) => row.map(Math.abs)))
  return most > 0 ? scaleFrom(-most, most) : { least: 0, most: 0, level: () => (LEVELS - 1) / 2 }
}

function scaleFrom(least: number, most: number): Scale {
  const span = most - least
  return {
    least,
    most,
    level: (value) => (span <= 0 ? 0 : Math.max(0, Math.min(LEVELS - 1, Math.round(((value - least) / span) * (LEVELS - 1))))),
  }
}
