/** Benches of the workbench without an engine: what is measured is made up, what is made of reports is the core's own. */
import {
  BENCH_DEFAULTS,
  type Benches,
  type BenchOptions,
  type BenchView,
  type LiveBench,
} from '../../src/shared/bench'
import { benchReport, type BenchReport } from '../../src/shared/bench-report'
import { WorkbenchError } from '../../src/shared/errors'
import type { JobState } from '../../src/shared/workbench'
import { compareReports } from '../../src/main/bench/compare'
import { figuresOf } from '../../src/main/bench/figures'
import { insightOf } from '../../src/main/bench/insight'
import { summaryOf } from '../../src/main/bench/kept-reports'
import { parseReport } from '../../src/main/bench/report-file'
import { checkBench } from '../../src/main/workbench/bench-run'

export interface FakeBenchOptions {
  /** There from the beginning. */
  readonly reports?: readonly BenchReport[]
  /** Starts a job of so many steps. */
  readonly startJob: (total: number, step: (index: number) => void) => JobState
}

export function fakeBench({ reports: given = [], startJob }: FakeBenchOptions): Benches {
  const reports = new Map(given.map((report, index) => [`r${index + 1}`, report]))
  const removed = new Map<string, BenchReport>()
  const lives = new Map<string, LiveBench>()
  const find = (id: string): BenchReport => {
    const report = reports.get(id)
    if (!report) throw new WorkbenchError('not-found', `There is no report ${id}. \`kvasir bench list\` shows those that are kept.`)
    return report
  }
  const keep = (report: BenchReport): string => {
    const id = `r${reports.size + removed.size + 1}`
    reports.set(id, report)
    return id
  }
  return {
    start: async (options) => {
      checkBench(options)
      const arms = ['full', ...(options.arms ?? BENCH_DEFAULTS.suite.arms).split(',').slice(0, 3)]
      const job = startJob(10, (index) => {
        const live = lives.get(job.id)
        if (!live) return
        lives.set(job.id, {
          ...live,
          rows: arms.map((name, at) => ({
            name,
            figures: [
              { figure: 'ttftMs', n: index + 1, value: 100 / (at + 1) },
              { figure: 'exactMatch', n: index + 1, value: 1 - at / 50 },
            ],
          })),
          report: index === 9 ? keep(madeUp(options, arms)) : null,
        })
      })
      lives.set(job.id, { job: job.id, options, rows: [], remarks: [], report: null })
      return job
    },
    estimate: async (options) => {
      checkBench(options)
      return { measurements: options.questions ?? options.repetitions ?? 100, seconds: 75, like: null }
    },
    suites: async () => [
      { name: 'demo', questions: 1188, tags: [{ tag: '0.25K', questions: 1071 }, { tag: 'quick', questions: 120 }] },
    ],
    live: (job) => {
      const live = lives.get(job)
      if (!live) throw new WorkbenchError('not-found', `There is no bench job "${job}".`)
      return live
    },
    list: async () =>
      [...reports]
        .map(([id, report]) => summaryOf(id, report))
        .toSorted((a, b) => b.createdAt.localeCompare(a.createdAt)),
    report: async (id): Promise<BenchView> => {
      const report = find(id)
      return { summary: summaryOf(id, report), report, figures: figuresOf(report), ...insightOf(report) }
    },
    compare: async (first, second) => compareReports(find(first), find(second)),
    importReport: async (from) => {
      const report = parseReport('text' in from ? from.text : '', 'this text')
      return summaryOf(keep(report), report)
    },
    remove: async (id) => {
      removed.set(id, find(id))
      reports.delete(id)
    },
    restore: async (id) => {
      const report = removed.get(id)
      if (!report) throw new WorkbenchError('not-found', `There is no report ${id}.`)
      reports.set(id, report)
      removed.delete(id)
      return summaryOf(id, report)
    },
  }
}

function madeUp(options: BenchOptions, arms: readonly string[]): BenchReport {
  return benchReport.parse({
    kvasir: '0',
    createdAt: new Date().toISOString(),
    command: `kvasir bench --kind ${options.kind}`,
    options,
    kind: options.kind,
    machine: { cpu: 'A processor', threads: 2, device: 'cpu', memoryGiB: 8 },
    model: {
      name: 'first',
      fingerprint: 'f'.repeat(64),
      architecture: 'llama',
      parameters: 800_000,
      quantization: 'F32',
      kvBytesPerToken: 2048,
    },
    libraries: { ggml: '1', llama: '1' },
    repetitions: 1,
    arms: arms.map((name, at) => ({
      name,
      ttftMs: { p50: 100 / (at + 1), p95: 120 / (at + 1) },
      samplesMs: [90, 100, 120].map((ms) => ms / (at + 1)),
      ratioToFull: at + 1,
      ratioInterval: [at + 0.9, at + 1.1],
      n: 10,
      exactMatch: 1 - at / 50,
      f1: 1 - at / 50,
      rougeL: 1 - at / 50,
      klMean: at / 100,
      top1: 1 - at / 100,
    })),
  } satisfies BenchReport)
}
