/** Numbers for people. */
import { expect, it } from 'vitest'
import { bytes, duration, estimate, figure, pace, percent, ratio, speed } from '../../src/renderer/ui/format'

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
