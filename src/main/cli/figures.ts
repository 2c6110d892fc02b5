/** Numbers for people: with a unit, and no more digits than mean something. */

export function count(value: number): string {
  return Math.round(value).toLocaleString('en')
}

export function bytes(value: number): string {
  const units = ['B', 'kB', 'MB', 'GB', 'TB']
  let size = value
  let at = 0
  while (size >= 999.5 && at < units.length - 1) {
    size /= 1000
    at++
  }
  return `${at === 0 || size >= 99.5 ? Math.round(size) : size.toPrecision(size >= 9.95 ? 3 : 2)} ${units[at]}`
}

export function milliseconds(value: number): string {
  if (value >= 10_000) return `${(value / 1000).toFixed(1)} s`
  if (value >= 1000) return `${(value / 1000).toFixed(2)} s`
  return value >= 10 ? `${Math.round(value)} ms` : `${value.toFixed(1)} ms`
}

/** 75 -> `1:15` */
export function clock(seconds: number): string {
  const whole = Math.max(0, Math.round(seconds))
  const parts = [Math.floor(whole / 60) % 60, whole % 60].map((part) => String(part).padStart(2, '0'))
  const hours = Math.floor(whole / 3600)
  return hours > 0 ? `${hours}:${parts.join(':')}` : parts.join(':').replace(/^0/, '')
}

export function percent(share: number): string {
  return `${(share * 100).toFixed(share > 0 && share < 0.1 ? 1 : 0)} %`
}

export function ratio(value: number): string {
  return `${value >= 9.95 ? Math.round(value) : value.toFixed(1)}x`
}

/** 1 document, 2 documents */
export function several(value: number, noun: string): string {
  return `${count(value)} ${noun}${value === 1 ? '' : 's'}`
}
