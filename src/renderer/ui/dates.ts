/** Days and moments here, in the window's language; every date that a person reads is one of these. */
import { locale } from '../strings'

const STYLES = {
  day: { dateStyle: 'medium' },
  moment: { dateStyle: 'medium', timeStyle: 'short', hourCycle: 'h23' },
  clock: { timeStyle: 'short', hourCycle: 'h23' },
  shortDay: { month: 'short', day: 'numeric', timeZone: 'UTC' },
} as const satisfies Record<string, Intl.DateTimeFormatOptions>

/** Making one takes longer than using it. */
const made = new Map<string, Intl.DateTimeFormat>()

/** "Jan 14, 2025", 2025年1月14日. */
export function day(time: string): string {
  return shown(time, 'day')
}

/** "Jan 14, 2025, 12:00", 2025年1月14日 12:00. */
export function moment(time: string): string {
  return shown(time, 'moment')
}

/** A moment as short as tells it from others: "12:00" where it is today. */
export function lately(time: string): string {
  return shown(time, new Date(time).toDateString() === new Date().toDateString() ? 'clock' : 'moment')
}

/** "Jan 14", 1月14日: of a day that is written as 2025-01-14. */
export function shortDay(date: string): string {
  return shown(`${date}T00:00:00Z`, 'shortDay')
}

/** What is no time, as a report from elsewhere may hold, is shown as it came. */
function shown(time: string, style: keyof typeof STYLES): string {
  const date = new Date(time)
  return Number.isNaN(date.getTime()) ? time : formatOf(style).format(date)
}

function formatOf(style: keyof typeof STYLES): Intl.DateTimeFormat {
  const key = `${locale()} ${style}`
  const format = made.get(key) ?? new Intl.DateTimeFormat(locale(), STYLES[style])
  made.set(key, format)
  return format
}
