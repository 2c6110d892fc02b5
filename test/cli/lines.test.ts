/** What is printed fits the terminal it is printed on. */
import { describe, expect, test } from 'vitest'
import { barLine, type ProgressState } from '../../src/main/cli/progress'
import { wrapped } from '../../src/main/cli/table'

const LONG: ProgressState = {
  phase: 'Encoding parts of "A document with a long name"',
  done: 123_456,
  total: 402_000,
  unit: 'tokens',
  speed: 1234,
  etaSeconds: 725,
}
/** `{label}  {bar}  {percentage} %  {figures}` */
const lengthOf = ({ label, barsize, figures }: ReturnType<typeof barLine>): number =>
  `${label}  ${' '.repeat(barsize)}  100 %  ${figures}`.length

describe('the progress bar', () => {
  test.each([80, 100, 140])('fits %i columns, the time left always with it', (columns) => {
    const line = barLine(LONG, columns)
    expect(lengthOf(line)).toBeLessThan(columns)
    expect(line.figures).toMatch(/^123,456\/402,000 tokens .*ETA 12:05$/)
  })

  test('says the speed where there is room', () => {
    expect(barLine(LONG, 140).figures).toContain('1,234 tokens/s')
    expect(barLine({ ...LONG, done: 35, total: 402, speed: 32, etaSeconds: 12 }, 80).figures).toContain('32 tokens/s')
  })
})

describe('a long line', () => {
  const text = 'ggml 0.23.0 in /some/where (SSE3 SSSE3 AVX AVX2 F16C FMA BMI2 AVX512)'

  test('is broken between words, further lines indented, nothing lost', () => {
    const lines = wrapped(text, 40).split('\n')
    expect(lines.every((line) => line.length < 40)).toBe(true)
    expect(lines.slice(1).every((line) => /^ {4}\S/.test(line))).toBe(true)
    expect(lines.map((line) => line.trim()).join(' ')).toBe(text)
  })

  test('stays whole where there is no terminal', () => {
    expect(wrapped(text, undefined)).toBe(text)
  })
})
