/** What a report comes to: on the reports of the repository, and where they have nothing to say. */
import { readFile } from 'node:fs/promises'
import { expect, test } from 'vitest'
import { figuresOf } from '../../src/main/bench/figures'
import { headlineOf, timesOf, tradeOf } from '../../src/main/bench/insight'
import { parseReport } from '../../src/main/bench/report-file'
import { headlineText, tablesOf } from '../../src/main/bench/views'
import type { ArmReport, BenchReport } from '../../src/shared/bench-report'

const kept = async (name: string): Promise<BenchReport> =>
  parseReport(await readFile(`docs/bench/${name}.json`, 'utf8'), name)

const arm = (name: string, more: Partial<ArmReport> = {}): ArmReport => ({
  name,
  ttftMs: { p50: 1, p95: 2 },
  ratioToFull: 1,
  ratioInterval: [1, 1],
  ...more,
})

const judged = (name: string, ratioToFull: number, exactMatch: number, klMean = 0): ArmReport =>
  arm(name, { ratioToFull, ratioInterval: [ratioToFull * 0.9, ratioToFull * 1.1], exactMatch, f1: 1, rougeL: 1, top1: 1, klMean, n: 9 })

const suite = async (arms: ArmReport[]): Promise<BenchReport> => ({ ...(await kept('quality-lengths')), arms })

test.each([
  ['quality', /right answers, full 98\.\d %$/],
  ['shape-1b-q4_0-4096+64', /^reuse: first token 45\.7\d \(.* to .*\) times as soon as full prefill$/],
  ['engine-1b-q4_0-1024+64', /^against libllama: prefill 1\.005 \(.*decode 1\.139/],
  ['novel-1b-q4_0', /^reuse: after 500 queries 0\.93 times the first ones' time, hit rate at least 100\.0 %$/],
  ['codec', /^components 2.2: .* times smaller than f16; .* right answers, f16/],
  ['codec-1b', /times smaller than f16$/],
  ['table1-1b-q4_0', /^reuse: first token/],
  ['store', /^105000 caches: opens in/],
])('%s in a sentence', async (name, sentence) => {
  const headline = headlineOf(await kept(name))
  expect(headline).not.toBeNull()
  expect(headline && headlineText(headline)).toMatch(sentence)
})

test('the headline is the fastest that keeps the answers; controls and baselines are none; where none keeps them it says so', async () => {
  const arms = [judged('full', 1, 0.98), judged('random:0.15', 90, 0.98), judged('reuse:bos', 50, 0.8), judged('link:4', 10, 0.975), judged('blend:0.15', 4, 0.98)]
  expect(headlineOf(await suite(arms))).toMatchObject({ arm: 'link:4', ratio: { value: 10, low: 9, high: 11 }, answers: { keeps: true } })
  const poor = [judged('full', 1, 0.98), judged('reuse:bos', 50, 0.5), judged('link:4:bos', 10, 0.7)]
  expect(headlineOf(await suite(poor))).toMatchObject({ arm: 'link:4:bos', answers: { arm: 0.7, full: 0.98, keeps: false } })
  expect(headlineOf(await suite([judged('full', 1, 0.98)]))).toBeNull()
})

test('the frontier: nothing on it is beaten, everything else is, and controls take no part', async () => {
  const points = tradeOf(
    await suite([
      judged('full', 1, 0.98, 0),
      judged('libllama', 0.9, 0.98, 0),
      judged('reuse', 50, 0.9, 0.2),
      judged('link:4', 10, 0.95, 0.1),
      judged('score:0.15', 8, 0.94, 0.05),
      judged('oracle:0.15', 60, 1, 0),
      arm('resident'),
    ]),
  )
  const frontier = (quality: 'exactMatch' | 'klMean'): string[] =>
    points.filter((point) => point.frontier.includes(quality)).map((point) => point.arm)
  expect(points.map((point) => point.arm)).not.toContain('resident')
  expect(frontier('exactMatch')).toEqual(['full', 'reuse', 'link:4'])
  expect(frontier('klMean')).toEqual(['full', 'reuse', 'link:4', 'score:0.15'])
  expect(points.find((point) => point.arm === 'link:4')?.latency).toEqual({ value: 0.1, low: 1 / 11, high: 1 / 9 })
  expect(points.find((point) => point.arm === 'oracle:0.15')).toMatchObject({ isControl: true, frontier: [] })
  const isolated = tradeOf(await kept('quality')).filter((point) => point.isIsolated)
  expect(isolated.length).toBeGreaterThan(5)
  expect(isolated.every((point) => point.arm.includes(':bos'))).toBe(true)
})

test('times lie where they were measured; reports from before they were kept have their quantiles alone', async () => {
  const times = timesOf(await suite([arm('reuse', { ttftMs: { p50: 20, p95: 30 }, samplesMs: [10, 20, 30] }), arm('old')]))
  expect(times).toEqual([
    { arm: 'reuse', p50: 20, p95: 30, samples: [10, 20, 30], median: { value: 20, low: 10, high: 30 } },
    { arm: 'old', p50: 1, p95: 2 },
  ])
})

test('figures are numbers in the unit that is shown, and words come from the same ones', async () => {
  const report = await kept('quality')
  const answers = figuresOf(report).find(({ id }) => id === 'answers')
  expect(answers?.columns.map(({ id }) => id)).toEqual(['exactMatch', 'f1', 'rougeL', 'klMean', 'top1'])
  const [full] = answers?.rows ?? []
  expect(full?.values[0]).toBeCloseTo((report.arms[0]?.exactMatch ?? 0) * 100)
  expect(tablesOf(report).map(({ columns, rows }) => [columns.length, rows.length])).toEqual(
    figuresOf(report).map(({ columns, rows }) => [columns.length + 1, rows.length]),
  )
})
