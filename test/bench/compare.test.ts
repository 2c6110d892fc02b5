import { expect, test } from 'vitest'
import { compareReports } from '../../src/main/bench/compare'
import type { ArmReport, BenchReport } from '../../src/shared/bench-report'

const arm = (name: string, p50: number, ratio: number, interval: [number, number]): ArmReport => ({
  name,
  ttftMs: { p50, p95: p50 },
  ratioToFull: ratio,
  ratioInterval: interval,
})
const report = (arms: ArmReport[], given: Partial<BenchReport> = {}): BenchReport => ({
  kvasir: '0.1.0',
  createdAt: '2026-01-01',
  command: 'kvasir bench',
  kind: 'shape',
  repetitions: 5,
  arms,
  machine: { cpu: 'a', threads: 2, device: 'cpu', memoryGiB: 8 },
  model: {
    name: 'm',
    fingerprint: 'ab'.repeat(32),
    architecture: 'llama',
    parameters: 1,
    quantization: 'F32',
    kvBytesPerToken: 4,
  },
  libraries: { ggml: '1', llama: '1' },
  ...given,
})

test('figures of the same arm stand side by side, with their quotient and whether their intervals part', () => {
  const first = report([arm('full', 100, 1, [1, 1]), arm('reuse', 10, 10, [9, 11]), arm('gone', 1, 1, [1, 1])])
  const second = report([arm('full', 120, 1, [1, 1]), arm('reuse', 8, 15, [12, 16]), arm('new', 1, 1, [1, 1])])
  const { warnings, figures } = compareReports(first, second)
  expect(warnings).toEqual([])
  const of = (name: string, metric: string): unknown =>
    figures.find((figure) => figure.name === name && figure.metric === metric)
  expect(of('full', 'ttftMs.p50')).toEqual({
    section: 'arm',
    name: 'full',
    metric: 'ttftMs.p50',
    first: 100,
    second: 120,
    quotient: 1.2,
    quotientInterval: null,
    isApart: null,
  })
  expect(of('reuse', 'ratioToFull')).toMatchObject({ first: 10, second: 15, quotient: 1.5, isApart: true })
  expect(of('full', 'ratioToFull')).toMatchObject({ isApart: false })
  expect(of('gone', 'ttftMs.p50')).toMatchObject({ first: 1, second: null, quotient: null })
  expect(of('new', 'ttftMs.p50')).toMatchObject({ first: null, second: 1, quotient: null })
  expect(of('full', 'exactMatch')).toBeUndefined()
})

test('engine, novel and table1 have their own figures', () => {
  const comparison = { kvasir: 10, libllama: 10, ratio: 1, ratioInterval: [0.9, 1.1] as const }
  const novel = (decay: number): BenchReport['novel'] => ({
    queries: 1,
    documents: 1,
    perQuery: 1,
    documentTokens: 1,
    questionTokens: 1,
    block: 1,
    arms: [{ name: 'reuse', blocks: [], firstMs: 1, lastMs: decay, decay }],
  })
  const { figures } = compareReports(
    report([], { engine: { prefill: comparison, decode: comparison }, novel: novel(1) }),
    report([], {
      engine: { prefill: { ...comparison, ratio: 1.2, ratioInterval: [1.15, 1.3] }, decode: comparison },
      novel: novel(1.5),
    }),
  )
  expect(figures).toContainEqual({
    section: 'engine',
    name: 'prefill',
    metric: 'ratio',
    first: 1,
    second: 1.2,
    quotient: 1.2,
    quotientInterval: [1.15 / 1.1, 1.3 / 0.9],
    isApart: true,
  })
  expect(figures).toContainEqual({
    section: 'novel',
    name: 'reuse',
    metric: 'decay',
    first: 1,
    second: 1.5,
    quotient: 1.5,
    quotientInterval: null,
    isApart: null,
  })
})

test('what makes figures incomparable is said', () => {
  const { warnings } = compareReports(
    report([]),
    report([], {
      kind: 'table1',
      machine: { cpu: 'b', threads: 4, device: 'cpu', memoryGiB: 8 },
      shape: { knowledge: 10, question: 2, chunk: 4 },
    }),
  )
  expect(warnings).toEqual([
    'Another kind: shape against table1.',
    'Another machine: a, 2 threads, device cpu, 8 GiB against b, 4 threads, device cpu, 8 GiB.',
    'Another shape: none against 10+2 in chunks of 4.',
  ])
})

test('times that were kept give the quotient of medians its interval; conditions stand side by side', () => {
  const timed = (samplesMs: number[]): ArmReport => ({
    name: 'reuse',
    ttftMs: { p50: samplesMs[2] ?? 0, p95: samplesMs[4] ?? 0 },
    samplesMs,
    ratioToFull: 1,
    ratioInterval: [1, 1],
  })
  const { figures, conditions } = compareReports(
    report([timed([9, 10, 10, 10, 11])]),
    report([timed([18, 20, 20, 20, 22])], { repetitions: 9 }),
  )
  const ttft = figures.find(({ metric }) => metric === 'ttftMs.p50')
  expect(ttft).toMatchObject({ quotient: 2, isApart: true, quotientInterval: [18 / 11, 22 / 9] })
  expect(conditions.find(({ name }) => name === 'repetitions')).toMatchObject({ second: '9' })
  expect(conditions.find(({ name }) => name === 'suite')).toEqual({ name: 'suite', first: null, second: null })
})
