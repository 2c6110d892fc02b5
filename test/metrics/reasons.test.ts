/** The ranking of reasons, and what mends each. */
import { describe, expect, it } from 'vitest'
import { reasonRows } from '../../src/main/metrics/reasons'
import { MISS_REASONS, POORER_REASONS } from '../../src/shared/answer'

const sums = (isHit: 0 | 1, reason: string, tokens: number, recomputed = 0) => ({ isHit, reason, times: 2, tokens, recomputed })

describe('reasons', () => {
  it('are ranked by tokens, poorer hits last; one that comes twice is one', () => {
    const rows = reasonRows(
      [
        sums(1, '', 500, 40),
        sums(1, 'no-tail', 300),
        sums(1, 'no-bos', 20, 10),
        sums(0, 'never-built', 30),
        sums(0, 'strategy', 90),
        sums(0, 'never-built', 60),
      ],
      'set3',
    )
    expect(rows.map(({ kind, reason, times, tokens, share }) => [kind, reason, times, tokens, share])).toEqual([
      ['missed', 'never-built', 4, 90, 0.09],
      ['missed', 'strategy', 2, 90, 0.09],
      ['recomputed', 'recomputed', null, 50, 0.05],
      ['poorer', 'no-tail', 2, 300, 0.3],
      ['poorer', 'no-bos', 2, 20, 0.02],
    ])
    expect(rows[0]).toMatchObject({ why: 'its cache was never built', remedy: 'Build the set: kvasir build set3' })
    expect(rows[3]?.remedy).toContain('--keep-missed')
  })

  it('there are none where everything was reused, or nothing asked', () => {
    expect(reasonRows([sums(1, '', 10)], null)).toEqual([])
    expect(reasonRows([], null)).toEqual([])
  })

  it('each has its remedy, a sentence without its end', () => {
    const all = [
      ...Object.keys(MISS_REASONS).map((reason) => sums(0, reason, 1)),
      ...Object.keys(POORER_REASONS).map((reason) => sums(1, reason, 1)),
    ]
    const rows = reasonRows(all, null)
    expect(rows).toHaveLength(all.length)
    for (const { remedy } of rows) expect(remedy).toMatch(/^[A-Z].*[^.]$/)
  })

  it('that do not exist are named', () => {
    expect(() => reasonRows([sums(0, 'no-tail', 1)], null)).toThrow('Expected a reason for a miss in the history but got "no-tail"')
    expect(() => reasonRows([sums(1, 'toString', 1)], null)).toThrow(expect.objectContaining({ code: 'store.damaged' }))
  })
})
