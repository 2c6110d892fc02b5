/** What the workbench offers of benches: starting and watching them, and the reports that are kept. */
import { readFile } from 'node:fs/promises'
import { cpus } from 'node:os'
import {
  benchOptions,
  type Benches,
  type BenchOptions,
  type BenchSummary,
  type BenchView,
  type LiveBench,
  type Measured,
} from '../../shared/bench'
import type { BenchReport } from '../../shared/bench-report'
import type { Detail } from '../../shared/details'
import { WorkbenchError } from '../../shared/errors'
import type { JobProgress } from '../../shared/jobs'
import { errorText } from '../base/error-code'
import { compareReports } from '../bench/compare'
import { estimateBench } from '../bench/estimate'
import { figuresOf } from '../bench/figures'
import { insightOf } from '../bench/insight'
import { KeptReports, summaryOf } from '../bench/kept-reports'
import { parseReport } from '../bench/report-file'
import { mean } from '../bench/samples'
import { median } from '../bench/statistics'
import type { BenchProgress } from '../bench/slots'
import { readSuite, taggedQuestions } from '../bench/suite-file'
import type { Engine } from '../engine/engine'
import type { Jobs } from '../jobs/jobs'
import type { Store } from '../store/store'
import { benchCommand, checkBench, knownSuites, runBench, suiteFile } from './bench-run'

export interface BenchDeskParts {
  readonly dataDir: string
  readonly version: string
  readonly store: Store
  readonly jobs: Jobs
  /** One of its own: what the workbench's keeps in memory stays, and a question does not wait for a bench. */
  readonly openEngine: () => Engine
}

/** Most bytes of a report from elsewhere. */
const MOST_BYTES = 32 * 1024 * 1024
/** Jobs whose measurements are remembered. */
const MOST_LIVE = 20

interface Running {
  readonly options: BenchOptions
  /** Values by name and figure, in the order of coming. */
  readonly values: Map<string, Map<Measured['figure'], number[]>>
  readonly remarks: Detail[]
  report: string | null
}

export function benchDesk({ dataDir, version, store, jobs, openEngine }: BenchDeskParts): Benches {
  const kept = new KeptReports(dataDir)
  const running = new Map<string, Running>()
  const view = (id: string, report: BenchReport): BenchView => ({
    summary: summaryOf(id, report),
    report,
    figures: figuresOf(report),
    ...insightOf(report),
  })
  return {
    start: async (input) => {
      const options = parsed(input)
      checkBench(options)
      const state: Running = { options, values: new Map(), remarks: [], report: null }
      const job = jobs.start({
        kind: 'bench',
        subject: { what: 'bench', bench: options.kind },
        unit: 'measurements',
        set: null,
        // A new run goes on behind the last measurement of its journal, except an engine's, which is short.
        pause: 'again',
        spec: { job: 'bench', options },
        run: async ({ signal, report: tell }) => {
          await using engine = openEngine()
          const { report, forget } = await runBench(
            { engine, dataDir, store, version },
            { ...options, command: benchCommand(options) },
            {
              signal,
              onProgress: (progress) => tell(toldAs(progress)),
              onRemark: (remark) => state.remarks.push(remark),
              onMeasured: (figures) => remember(state, figures),
            },
          )
          state.report = await kept.keep(report)
          await forget()
          return { what: 'bench', report: state.report }
        },
      })
      running.set(job.id, state)
      for (const old of [...running.keys()].slice(0, Math.max(0, running.size - MOST_LIVE))) running.delete(old)
      return job
    },
    estimate: async (input) => {
      const options = parsed(input)
      checkBench(options)
      const asks = options.kind === 'suite' || (options.kind === 'codec' && options.make === undefined)
      const suite = asks ? await readSuite(suiteFile(options.suite ?? 'demo')) : null
      const questions = suite ? taggedQuestions(suite, options.tag).length : 0
      return estimateBench({ options, questions, reports: await kept.list(), cpu: cpus()[0]?.model.trim() ?? process.arch })
    },
    suites: knownSuites,
    live: (job) => {
      const state = running.get(job)
      if (!state) throw new WorkbenchError('not-found', `There is no bench job "${job}". Its report, if it has one, is in the list.`)
      return liveOf(job, state)
    },
    list: async () => (await kept.list()).map(({ id, report }) => summaryOf(id, report)),
    report: async (id) => view(id, await kept.read(id)),
    compare: async (first, second) => compareReports(await kept.read(first), await kept.read(second)),
    importReport: async (from) => {
      const report = 'text' in from ? parseReport(from.text, 'this text') : await readAt(from.path)
      return summaryOf(await kept.keep(report), report)
    },
    remove: (id) => kept.remove(id),
    restore: async (id): Promise<BenchSummary> => summaryOf(id, await kept.restore(id)),
  }
}

/** What is made ready counts in units of its own, and says so with its step. */
function toldAs({ step, done, total, unit }: BenchProgress): JobProgress {
  if (unit === 'measurements' || unit === 'steps') return { step, done, total }
  return { step: total > 1 ? { number: done, of: total, ...step } : step, done: 0, total: 0 }
}

function parsed(input: BenchOptions): BenchOptions {
  const result = benchOptions.safeParse(input)
  if (result.success) return result.data
  const [issue] = result.error.issues
  const text = `The bench's ${issue?.path.join('.') || 'options'} does not fit: ${issue?.message ?? 'unknown'}.`
  throw new WorkbenchError('argument.invalid', text, { cause: result.error })
}

async function readAt(path: string): Promise<BenchReport> {
  try {
    const text = await readFile(path, 'utf8')
    if (text.length <= MOST_BYTES) return parseReport(text, path)
  } catch (error) {
    if (error instanceof WorkbenchError) throw error
    throw new WorkbenchError('file.unreadable', `${path} cannot be read: ${errorText(error)}.`, { cause: error })
  }
  throw new WorkbenchError('argument.invalid', `Expected a report of at most ${MOST_BYTES / 1024 / 1024} MB in ${path}.`)
}

function remember({ values }: Running, figures: readonly Measured[]): void {
  for (const { name, figure, value } of figures) {
    const own = values.get(name) ?? new Map<Measured['figure'], number[]>()
    values.set(name, own)
    own.set(figure, [...(own.get(figure) ?? []), value])
  }
}

function liveOf(job: string, { options, values, remarks, report }: Running): LiveBench {
  const rows = [...values].map(([name, own]) => ({
    name,
    figures: [...own].map(([figure, all]) => ({
      figure,
      n: all.length,
      value: /Ms$|PerSecond$|Share$/.test(figure) ? median(all) : (mean(all) ?? 0),
    })),
  }))
  return { job, options, rows, remarks: [...remarks], report }
}
