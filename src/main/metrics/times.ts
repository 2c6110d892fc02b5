/** Hit rates over time. Pure. */
import type { HitRow } from '../../shared/hits'
import type { SlotSums } from '../store/hit-sums'
import { figuresOf, summedBy } from './figures'

export type TimeKind = 'hour' | 'day'

const DAY_MS = 86_400_000

/** Newest first; hours and days in which nothing was asked have no row. Days are the zone's, be they 23 hours long. */
export function timeRows(kind: TimeKind, slots: readonly SlotSums[], zone: string): HitRow[] {
  const startOf = localStart(kind, zone)
  const summed = summedBy(slots, ({ start }) => startOf(start))
  return [...summed]
    .map(([id, sums]) => ({ id, set: '', name: id, state: 'current' as const, ...figuresOf(sums) }))
    .toReversed()
}

/** When the hour or day began in which a slot lies, by a zone's clocks: `2025-01-31 14:00`, `2025-01-31`. */
export function localStart(kind: TimeKind, zone: string): (slot: string) => string {
  const offset = offsetsOf(zone)
  return (slot) => {
    const time = Date.parse(slot)
    const local = new Date(time + offset(time)).toISOString()
    return kind === 'day' ? local.slice(0, 10) : `${local.slice(0, 10)} ${local.slice(11, 13)}:00`
  }
}

/** How far a zone's clocks are ahead of UTC at a time, ms. Asked twice a day at most, but on the days of a change. */
function offsetsOf(zone: string): (time: number) => number {
  const format = new Intl.DateTimeFormat('en', {
    timeZone: zone,
    hourCycle: 'h23',
    year: 'numeric',
    month: 'numeric',
    day: 'numeric',
    hour: 'numeric',
    minute: 'numeric',
  })
  const exact = (time: number): number => {
    const parts = new Map(format.formatToParts(time).map(({ type, value }) => [type, Number(value)]))
    const part = (name: Intl.DateTimeFormatPartTypes): number => parts.get(name) ?? 0
    return Date.UTC(part('year'), part('month') - 1, part('day'), part('hour'), part('minute')) - time
  }
  const steady = new Map<number, number | null>()
  return (time) => {
    const day = Math.floor(time / DAY_MS) * DAY_MS
    if (!steady.has(day)) steady.set(day, exact(day) === exact(day + DAY_MS) ? exact(day) : null)
    return steady.get(day) ?? exact(time)
  }
}
