/** Numbers for people, in the window's language: units always, digits that mean something. Dates are in `dates.ts`. */
import { locale } from '../strings'

/** Making one takes longer than using it. */
const made = new Map<string, Intl.NumberFormat>()

/** 18420 as "18,420". */
export function count(value: number): string {
  return decimal(value, null)
}

/** Always so many digits behind the point: "1,234.50". Null: as many as there are, at most 3. */
export function decimal(value: number, digits: number | null): string {
  return inLanguage(value, digits === null ? {} : { minimumFractionDigits: digits, maximumFractionDigits: digits })
}

/** So many digits that matter: "0.0123", "9.93", "43,700". */
export function digits(value: number, precision = 3): string {
  return inLanguage(value, { maximumSignificantDigits: precision })
}

function inLanguage(value: number, options: Intl.NumberFormatOptions): string {
  const key = JSON.stringify([locale(), options])
  const format = made.get(key) ?? new Intl.NumberFormat(locale(), options)
  made.set(key, format)
  return format.format(value)
}

/** For a large figure: all digits up to a million, then "1.52 M". */
export function figure(value: number): string {
  return value < 1e6 ? count(value) : `${(value / 1e6).toPrecision(3)} M`
}

/** Of a model: "1.24 B"; billions are what people know one by. */
export function parameters(value: number): string {
  return value < 1e9 ? figure(value) : `${(value / 1e9).toPrecision(3)} B`
}

/** ms up to a second, then s, then min: "0.4 ms", "64 ms", "6.90 s", "12.3 s", "2 min 5 s". */
export function duration(ms: number): string {
  if (ms < 9.95) return `${ms.toFixed(1)} ms`
  if (ms < 999.5) return `${Math.round(ms)} ms`
  const seconds = ms / 1000
  if (seconds < 9.995) return `${seconds.toFixed(2)} s`
  if (seconds < 59.95) return `${seconds.toFixed(1)} s`
  const whole = Math.round(seconds)
  return `${Math.floor(whole / 60)} min ${whole % 60} s`
}

/** Of a clock that runs: the same number of digits all the time. */
export function ticking(ms: number): string {
  return `${(ms / 1000).toFixed(1)} s`
}

/** Whole seconds and minutes, for an estimate: "22 s", "3 min". */
export function estimate(seconds: number): string {
  if (seconds < 90) return `${Math.max(1, Math.round(seconds))} s`
  return seconds < 5400 ? `${Math.round(seconds / 60)} min` : `${(seconds / 3600).toFixed(1)} h`
}

/** Powers of 1000: "0 B", "3.2 MB", "41 MB". */
export function bytes(value: number): string {
  const units = ['B', 'kB', 'MB', 'GB', 'TB']
  const power = value < 1000 ? 0 : Math.min(units.length - 1, Math.floor(Math.log10(value) / 3))
  const scaled = value / 1000 ** power
  return `${power > 0 && scaled < 9.95 ? scaled.toFixed(1) : Math.round(scaled)} ${units[power]}`
}

/** "3.7x", "33x". */
export function ratio(value: number): string {
  return `${value < 9.95 ? value.toFixed(1) : count(Math.round(value))}x`
}

/** Our time beside another: what rounds to "1.0x" is neither faster nor slower. */
export function pace(oursMs: number, theirsMs: number): { readonly kind: 'faster' | 'slower' | 'even'; readonly ratio: string } {
  const factor = theirsMs / oursMs
  const shown = ratio(Math.max(factor, 1 / factor))
  return { kind: shown === '1.0x' ? 'even' : factor > 1 ? 'faster' : 'slower', ratio: shown }
}

/** A share of 1 as "94 %"; never "100 %" while something is missing, nor "0 %" while there is something. */
export function percent(share: number): string {
  const rounded = Math.round(share * 100)
  return `${share < 1 ? Math.min(99, share > 0 ? Math.max(1, rounded) : 0) : 100} %`
}

/** Per second: "40", "8.4". */
export function speed(value: number): string {
  return value < 9.95 ? value.toFixed(1) : count(Math.round(value))
}
