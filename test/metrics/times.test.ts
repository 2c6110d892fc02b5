/** Hours and days, as they are where the asker is. */
import { describe, expect, it } from 'vitest'
import { timeRows } from '../../src/main/metrics/times'

const slot = (start: string, tokens: number, reused = tokens) => ({ start, times: 1, tokens, reused, recomputed: 0 })
const shown = (...args: Parameters<typeof timeRows>) => timeRows(...args).map(({ id, times, tokens, hitRate }) => [id, times, tokens, hitRate])

const NIGHT = [slot('2025-01-30T18:15Z', 10), slot('2025-01-30T18:30Z', 20, 0), slot('2025-01-31T12:00Z', 40, 30)]

describe('over time', () => {
  it('days are those of the zone, newest first', () => {
    expect(shown('day', NIGHT, 'UTC')).toEqual([
      ['2025-01-31', 1, 40, 0.75],
      ['2025-01-30', 2, 30, 1 / 3],
    ])
    // Midnight in India is 18:30 UTC.
    expect(shown('day', NIGHT, 'Asia/Kolkata')).toEqual([
      ['2025-01-31', 2, 60, 0.5],
      ['2025-01-30', 1, 10, 1],
    ])
  })

  it('hours likewise, by quarters where a zone needs them', () => {
    expect(shown('hour', NIGHT, 'UTC').map(([id]) => id)).toEqual(['2025-01-31 12:00', '2025-01-30 18:00'])
    expect(shown('hour', NIGHT, 'Asia/Kathmandu').map(([id]) => id)).toEqual(['2025-01-31 17:00', '2025-01-31 00:00'])
  })

  it('the hour that comes twice when summer ends is one row', () => {
    const slots = [slot('2025-10-26T00:00Z', 1), slot('2025-10-26T01:00Z', 2), slot('2025-10-26T02:00Z', 4)]
    expect(shown('hour', slots, 'Europe/Rome').map(([id, , tokens]) => [id, tokens])).toEqual([
      ['2025-10-26 03:00', 4],
      ['2025-10-26 02:00', 3],
    ])
    expect(shown('hour', [slot('2025-03-30T00:45Z', 1), slot('2025-03-30T01:00Z', 2)], 'Europe/Rome').map(([id]) => id)).toEqual([
      '2025-03-30 03:00',
      '2025-03-30 01:00',
    ])
  })
})
