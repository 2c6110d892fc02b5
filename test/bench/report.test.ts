import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { randomTokens } from '../../src/main/bench/random-model'
import { toCsv, toMarkdown, viewFor, writeReport, type BenchReport } from '../../src/main/bench/report'
import { contextShape, madeModel } from '../../src/main/bench/shapes'
import { median, medianInterval, quantile } from '../../src/main/bench/statistics'

const report: BenchReport = {
  kvasir: '0.1.0',
  createdAt: '2026-01-02T03:04:05.000Z',
  command: 'kvasir bench --kind engine --make 1b:q4_0 --shape 1024+64',
  kind: 'engine',
  machine: { cpu: 'A "fast", big CPU', threads: 2, device: 'cpu', memoryGiB: 23 },
  model: {
    name: '1b-q4_0',
    fingerprint: 'ab'.repeat(32),
    architecture: 'llama',
    parameters: 1_200_000_000,
    quantization: 'Q4_0',
    kvBytesPerToken: 32768,
  },
  libraries: { ggml: '0.9', llama: 'b1' },
  repetitions: 9,
  engine: {
    prefill: { kvasir: 76.5, libllama: 75, ratio: 1.02, ratioInterval: [0.99, 1.04] },
    decode: { kvasir: 12.25, libllama: 12.5, ratio: 0.98, ratioInterval: [0.97, 1.01] },
  },
  arms: [
    {
      name: 'full',
      ttftMs: { p50: 14000, p95: 14500 },
      ttftNoLoadMs: { p50: 14000, p95: 14500 },
      ratioToFull: 1,
      ratioInterval: [1, 1],
      tokens: { knowledge: 1024, question: 64, reused: 0, computed: 1089 },
      bytesRead: 0,
    },
    {
      name: 'reuse',
      ttftMs: { p50: 900.04, p95: 950 },
      ttftNoLoadMs: { p50: 850, p95: 900 },
      ratioToFull: 15.55,
      ratioInterval: [15, 16],
      tokens: { knowledge: 1024, question: 64, reused: 1024, computed: 65 },
      bytesRead: 33_555_000,
    },
  ],
}

test('Markdown has every figure a person compares', () => {
  const text = toMarkdown(report)
  expect(text).toContain('| prefill | 76.5 | 75.0 | 1.020 | 0.990 to 1.040 |')
  expect(text).toContain('| decode | 12.3 | 12.5 | 0.980 | 0.970 to 1.010 |')
  expect(text).toContain('| reuse | 900.0 | 950.0 | 850.0 | 15.55 (15.00 to 16.00) | 1024 | 65 | 33.6 |')
  expect(text).toContain('`kvasir bench --kind engine --make 1b:q4_0 --shape 1024+64`')
})

test('CSV is one figure per line, with quotes where they are needed', () => {
  const lines = toCsv(report).split('\n')
  expect(lines[0]).toBe('section,name,metric,value')
  expect(lines).toContain('engine,prefill,ratioInterval.1,1.04')
  expect(lines).toContain('arm,reuse,ttftMs.p95,950')
  expect(lines).toContain('report,,machine.cpu,"A ""fast"", big CPU"')
  expect(lines.every((line) => line === '' || line.replaceAll(/"(?:[^"]|"")*"/g, '').split(',').length === 4)).toBe(
    true,
  )
})

test('a report is written in the form that its file name asks for', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'kvasir-report-'))
  try {
    await writeReport(report, join(folder, 'r.json'))
    expect(JSON.parse(await readFile(join(folder, 'r.json'), 'utf8'))).toEqual(report)
    await writeReport(report, join(folder, 'r.MD'))
    expect(await readFile(join(folder, 'r.MD'), 'utf8')).toBe(toMarkdown(report))
    await expect(writeReport(report, join(folder, 'none', 'r.csv'))).rejects.toMatchObject({ code: 'file.unreadable' })
    expect(() => viewFor('r.txt')).toThrow(expect.objectContaining({ code: 'argument.invalid' }))
  } finally {
    await rm(folder, { recursive: true })
  }
})

const upTo = (n: number): number[] => Array.from({ length: n }, (_, index) => n - index)

test('quantiles and the interval of a median', () => {
  expect(median([3, 1, 2])).toBe(2)
  expect(quantile([1, 2, 3, 4], 0.5)).toBe(2.5)
  expect(quantile([10, 20], 0.95)).toBeCloseTo(19.5)
  // Ranks from tables of the sign test's interval at 95 %.
  expect(medianInterval(upTo(5))).toEqual([1, 5])
  expect(medianInterval(upTo(6))).toEqual([1, 6])
  expect(medianInterval(upTo(9))).toEqual([2, 8])
  expect(medianInterval(upTo(15))).toEqual([4, 12])
  expect(medianInterval(upTo(25))).toEqual([8, 18])
})

test('shapes are parsed, and refused with the list of what there is', () => {
  expect(madeModel('1B:Q4_0', 7)).toMatchObject({ name: '1b-q4_0', params: { layers: 16, type: 'q4_0', seed: 7 } })
  expect(() => madeModel('2b:q4_0', 1)).toThrow(/1b, 3b, 8b, 70b.*'2b:q4_0'/s)
  expect(() => madeModel('1b', 1)).toThrow(expect.objectContaining({ code: 'argument.invalid' }))
  expect(contextShape('1024+64')).toEqual({ knowledge: 1024, question: 64 })
  for (const wrong of ['1024', '0+1', '1+0', '200000+1', '-1+5', '1e3+5']) {
    expect(() => contextShape(wrong)).toThrow(expect.objectContaining({ code: 'argument.invalid' }))
  }
})

test('random tokens are the same for a seed, spread out, and never control tokens', () => {
  const tokens = randomTokens(2000, 1024, 3, [1, 2])
  expect(randomTokens(2000, 1024, 3, [1, 2])).toEqual(tokens)
  expect(randomTokens(2000, 1024, 4, [1, 2])).not.toEqual(tokens)
  expect(new Set(tokens).size).toBeGreaterThan(700)
  expect(tokens.every((token) => token >= 0 && token < 1024 && token !== 1 && token !== 2)).toBe(true)
})
