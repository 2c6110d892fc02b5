/** Hit rates over time, line by line. Pure. */
import { TIERS, type HitTimeline, type Tier, type TimelinePoint, type TimelineSeries } from '../../shared/hits'
import type { DocumentDaySums, Sums, TierSums } from '../store/hit-sums'

/** What of one line lies at one start. */
interface Piece extends Sums {
  readonly line: string
  readonly start: string
}

export type Lines = Pick<HitTimeline, 'starts' | 'series' | 'leftOut'>

/** Where tokens came from. `startOf`: of a slot. */
export function tierLines(sums: readonly TierSums[], startOf: (slot: string) => string): Lines {
  const byStart = Map.groupBy(sums, ({ start }) => startOf(start))
  const columns = [...byStart.values()].map((slots) => tokensByTier(slots))
  const series = TIERS.map((tier): TimelineSeries => {
    const points = columns.map((column): TimelinePoint => {
      const all = TIERS.reduce((sum, each) => sum + column[each], 0)
      return { tokens: column[tier], share: all === 0 ? null : column[tier] / all }
    })
    return { id: tier, name: tier, state: 'current', points }
  })
  return { starts: [...byStart.keys()], series, leftOut: 0 }
}

function tokensByTier(slots: readonly TierSums[]): Record<Tier, number> {
  const column: Record<Tier, number> = { memory: 0, disk: 0, recomputed: 0, missed: 0 }
  for (const { tokens, reused, recomputed, memory } of slots) {
    // What was computed again was read all the same; it counts once.
    const kept = reused - recomputed
    const fromMemory = reused === 0 ? 0 : Math.round((Math.min(memory, reused) / reused) * kept)
    column.memory += fromMemory
    column.disk += kept - fromMemory
    column.recomputed += recomputed
    column.missed += tokens - reused
  }
  return column
}

export interface Named {
  /** Null: not there any more. */
  readonly nameOf: (id: string) => string | null
  /** Lines at most. */
  readonly most: number
}

export function setLines(sums: readonly TierSums[], startOf: (slot: string) => string, named: Named): Lines {
  return rateLines(sums.map((each) => ({ ...each, line: each.set, start: startOf(each.start) })), named)
}

export function documentLines(sums: readonly DocumentDaySums[], named: Named): Lines {
  return rateLines(sums.map((each) => ({ ...each, line: each.document, start: each.day })), named)
}

/** Those with most tokens first. */
function rateLines(pieces: readonly Piece[], { nameOf, most }: Named): Lines {
  const starts = [...new Set(pieces.map(({ start }) => start))].toSorted()
  const lines = [...Map.groupBy(pieces, ({ line }) => line)].map(([id, own]) => {
    const byStart = Map.groupBy(own, ({ start }) => start)
    const points = starts.map((start) => pointOf(byStart.get(start) ?? []))
    return { id, points, tokens: points.reduce((sum, { tokens }) => sum + tokens, 0) }
  })
  const ranked = lines.toSorted((a, b) => b.tokens - a.tokens || a.id.localeCompare(b.id, 'en', { numeric: true }))
  const series = ranked.slice(0, most).map(({ id, points }): TimelineSeries => {
    const name = nameOf(id)
    return { id, name: name ?? id, state: name === null ? 'removed' : 'current', points }
  })
  return { starts, series, leftOut: Math.max(0, ranked.length - most) }
}

function pointOf(pieces: readonly Sums[]): TimelinePoint {
  const tokens = pieces.reduce((sum, each) => sum + each.tokens, 0)
  const kept = pieces.reduce((sum, { reused, recomputed }) => sum + reused - recomputed, 0)
  return { tokens, share: tokens === 0 ? null : kept / tokens }
}
