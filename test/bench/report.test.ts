import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { randomTokens } from '../../src/main/bench/draw'
import type { BenchReport } from '../../src/shared/bench-report'
import { readReport, viewFor, writeReport } from '../../src/main/bench/report-file'
import { contextShape, madeModel } from '../../src/main/bench/shapes'
import { toCsv, toMarkdown } from '../../src/main/bench/views'
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
  expect(text).toContain('| prefill | 76.5 | 75.0 | 1.020 (0.990 to 1.040) |')
  expect(text).toContain('| decode | 12.3 | 12.5 | 0.980 (0.970 to 1.010) |')
  expect(text).toContain('| reuse | 900.0 | 950.0 | 850.0 | 15.55 (15.00 to 16.00) |')
  // Columns that no arm has a figure for are left out.
  expect(text).toContain('| arm | reused | computed | MB read |')
  expect(text).toContain('| reuse | 1024 | 65 | 33.6 |')
  expect(text).toContain('`kvasir bench --kind engine --make 1b:q4_0 --shape 1024+64`')
})

test('Markdown of what the other kinds measure', () => {
  const { engine: _, ...rest } = report
  const quality = { n: 3, exactMatch: 2 / 3, f1: 0.75, rougeL: 0.5, klMean: 0.01234, top1: 0.9 }
  const text = toMarkdown({
    ...rest,
    kind: 'suite',
    runs: 2,
    arms: report.arms.map((arm) => ({
      ...arm,
      ...quality,
      byType: { lookup: quality, 'a|b': { ...quality, n: 1, exactMatch: 0 } },
      byTag: { gap: quality },
    })),
    suite: { file: 's.jsonl', digest: 'cd'.repeat(32), questions: 3, tag: 'gap', documents: 2, maxTokens: 32, tails: true },
    novel: {
      queries: 100,
      documents: 9,
      perQuery: 2,
      documentTokens: 4,
      questionTokens: 1,
      block: 50,
      arms: [
        {
          name: 'reuse',
          firstMs: 10,
          lastMs: 10.4,
          decay: 1.04,
          blocks: [{ from: 1, to: 50, hitRate: 1, lowestHitRate: 0.5, ttftMs: 10, ratioToFull: 7 }],
        },
      ],
    },
    table1: {
      prices: { perHour: 1, perGbMonth: 0.02, requestsPerMonth: 1000 },
      flopsPerSecond: 2e9,
      epochs: 3,
      rows: [
        {
          name: 'fine-tuning',
          isEstimate: true,
          how: 'an ESTIMATE',
          injectSeconds: 1234.5,
          costPerRequest: 0.00123,
          responseSeconds: 1.5,
          storedBytes: 5e8,
        },
      ],
    },
  })
  expect(text).toContain('| reuse | 66.7 | 75.0 | 50.0 | 0.0123 | 90.0 |')
  expect(text).toContain('| kind | questions | full | reuse |')
  expect(text).toContain('| a\\|b | 1 | 0.0 | 0.0 |')
  // More arms than groups: arms go down the page.
  expect(text).toContain('| arm | gap (3) |')
  expect(text).toContain('| reuse | 66.7 |')
  expect(text).toContain('3 questions of s.jsonl tagged gap (')
  expect(text).toContain('reuse over time: TTFT of the last 50 over that of the first: 1.040 (10.4 over 10.0 ms)')
  expect(text).toContain('| 1 to 50 | 1.0000 | 0.5000 | 10.0 | 7.00 |')
  expect(text).toContain('| fine-tuning (estimate) | 1.23e+3 | 0.00123 | 1.50 | 0.500 |')
  expect(text).toContain('fine-tuning: an ESTIMATE.')
  expect(text).toContain('Measured in 2 processes')
  expect(text).not.toContain('libllama |')
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
    expect(await readReport(join(folder, 'r.json'))).toEqual(report)
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
  // Half to the power of so many is no number any more.
  expect(medianInterval(upTo(2034))).toEqual([973, 1062])
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
