/** Numbers and dates for people, in the window's language. */
import { afterEach, beforeEach, expect, it, vi } from 'vitest'
import { loadStrings, type Language } from '../../src/renderer/strings'
import { day, lately, moment, shortDay } from '../../src/renderer/ui/dates'
import {
  bytes,
  count,
  decimal,
  digits,
  duration,
  estimate,
  figure,
  pace,
  parameters,
  percent,
  ratio,
  speed,
  ticking,
} from '../../src/renderer/ui/format'

beforeEach(() => speak('en'))
afterEach(() => vi.unstubAllGlobals())

async function speak(language: Language): Promise<void> {
  vi.stubGlobal('document', { documentElement: { lang: '' } })
  await loadStrings(language)
}

/** This clock's time, as it is stored. */
const stored = (...parts: [year: number, month: number, day: number, hour: number, minute: number]): string => new Date(...parts).toISOString()

it('says days and moments in the language of the window, by a clock of 24 hours', async () => {
  const [morning, midnight] = [stored(2025, 0, 4, 9, 5), stored(2025, 10, 22, 0, 47)]
  const all = (time: string): string[] => [day(time), moment(time), lately(time)]
  expect(all(morning)).toEqual(['Jan 4, 2025', 'Jan 4, 2025, 09:05', 'Jan 4, 2025, 09:05'])
  expect(all(midnight)).toEqual(['Nov 22, 2025', 'Nov 22, 2025, 00:47', 'Nov 22, 2025, 00:47'])
  expect(shortDay('2025-01-14')).toBe('Jan 14')
  await speak('zh')
  expect(all(morning)).toEqual(['2025年1月4日', '2025年1月4日 09:05', '2025年1月4日 09:05'])
  expect(all(midnight)).toEqual(['2025年11月22日', '2025年11月22日 00:47', '2025年11月22日 00:47'])
  expect(shortDay('2025-01-14')).toBe('1月14日')
})

it('leaves out the day where it is today, and shows what is no time as it came', () => {
  const now = new Date()
  expect(lately(stored(now.getFullYear(), now.getMonth(), now.getDate(), 14, 5))).toBe('14:05')
  expect([day('soon'), moment('')]).toEqual(['soon', ''])
})

it.each(['en', 'zh'] as const)('groups digits and keeps their number, in %s', async (language) => {
  await speak(language)
  expect([count(18_420), count(1_234_567), decimal(1234.5, 2), decimal(0.00005, 4)]).toEqual(['18,420', '1,234,567', '1,234.50', '0.0001'])
  expect([ticking(900), ticking(61_240)]).toEqual(['0.9 s', '61.2 s'])
  expect([800_000, 124_000_000, 1_240_000_000].map(parameters)).toEqual(['800,000', '124 M', '1.24 B'])
})

it('says times in ms, s or min', () => {
  const shown = [0.04, 9.94, 9.96, 64.4, 999.4, 999.6, 6900, 12_345, 59_960, 125_000].map(duration)
  expect(shown).toEqual([
    '0.0 ms',
    '9.9 ms',
    '10 ms',
    '64 ms',
    '999 ms',
    '1.00 s',
    '6.90 s',
    '12.3 s',
    '1 min 0 s',
    '2 min 5 s',
  ])
})

it('says estimates in whole units', () => {
  expect([0.2, 22, 200, 7200].map(estimate)).toEqual(['1 s', '22 s', '3 min', '2.0 h'])
})

it('says sizes in powers of 1000', () => {
  expect([0, 999, 1000, 3_200_000, 41_000_000, 8.4e9].map(bytes)).toEqual([
    '0 B',
    '999 B',
    '1.0 kB',
    '3.2 MB',
    '41 MB',
    '8.4 GB',
  ])
})

it('keeps large figures short', () => {
  expect([0, 1142, 999_999, 1_521_659, 23_400_000].map(figure)).toEqual(['0', '1,142', '999,999', '1.52 M', '23.4 M'])
})

it('never rounds to all or nothing', () => {
  expect([0, 0.001, 0.94, 0.999, 1].map(percent)).toEqual(['0 %', '1 %', '94 %', '99 %', '100 %'])
})

it('says as many digits as matter, thousands apart, however small the figure', () => {
  expect([43_669, 9.934, 0.012_34, 0.000_012_34, 0].map((value) => digits(value))).toEqual(['43,700', '9.93', '0.0123', '0.0000123', '0'])
  expect(digits(1234.567, 5)).toBe('1,234.6')
})

it('says ratios and speeds', () => {
  expect([3.67, 33.3, 1200].map(ratio)).toEqual(['3.7x', '33x', '1,200x'])
  expect([8.44, 40.2].map(speed)).toEqual(['8.4', '40'])
})

it('calls two times as fast where their ratio is shown as 1.0x', () => {
  expect(pace(20, 21)).toEqual({ kind: 'faster', ratio: '1.1x' })
  expect(pace(100, 104)).toMatchObject({ kind: 'even' })
  expect(pace(104, 100)).toMatchObject({ kind: 'even' })
  expect(pace(31, 16)).toEqual({ kind: 'slower', ratio: '1.9x' })
})
