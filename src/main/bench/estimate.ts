/** How long a bench may take, by what the like of it took on this machine. */
import { BENCH_DEFAULTS, benchOptions, type BenchEstimate, type BenchOptions } from '../../shared/bench'
import type { BenchReport } from '../../shared/bench-report'
import { parseArms } from './arms'
import { contextShape, madeModel } from './shapes'

export interface EstimateInput {
  readonly options: BenchOptions
  /** Questions of the set that have the tag. */
  readonly questions: number
  /** Newest first. */
  readonly reports: readonly { readonly id: string; readonly report: BenchReport }[]
  /** Of this machine. */
  readonly cpu: string
}

/** Seconds grow with the measurements, and with the arithmetic in each, where the like was measured. */
export function estimateBench({ options, questions, reports, cpu }: EstimateInput): BenchEstimate {
  const measurements = measurementsOf(options, questions)
  for (const { id, report } of reports) {
    const parsed = benchOptions.safeParse(report.options)
    const { took, machine, runs = 1 } = report
    if (!took || took.measurements === 0 || runs > 1 || !parsed.success || machine.cpu !== cpu) continue
    const like = parsed.data
    if (like.kind !== options.kind || (like.make === undefined) !== (options.make === undefined)) continue
    // What a model of somebody's own takes, another one does not tell.
    if (like.model !== options.model || like.device !== options.device || like.threads !== options.threads) continue
    const scale = workOf(options) / workOf(like)
    return { measurements, like: id, seconds: took.seconds * (measurements / took.measurements) * scale }
  }
  return { measurements, seconds: null, like: null }
}

function measurementsOf(options: BenchOptions, questions: number): number {
  const { kind } = options
  switch (kind) {
    case 'engine':
      return 6 * (options.repetitions ?? BENCH_DEFAULTS.engine.repetitions)
    case 'shape': {
      const { repetitions = BENCH_DEFAULTS.shape.repetitions, baselines = repetitions } = options
      const arms = parseArms(options.arms, 'shape')
      const always = arms.filter(({ name }) => name === 'full' || name === 'libllama').length
      return repetitions * (arms.length - always) + Math.min(baselines, repetitions) * always
    }
    case 'table1':
      return 6 * (options.repetitions ?? BENCH_DEFAULTS.table1.repetitions)
    case 'suite':
    case 'codec':
      return Math.min(options.questions ?? questions, questions)
    case 'novel':
      return (options.queries ?? BENCH_DEFAULTS.novel.queries) * parseArms(options.arms, 'novel').filter(({ name }) => name !== 'full').length
    case 'store':
      return options.queries ?? BENCH_DEFAULTS.store.queries
  }
}

/** Of one measurement, in no unit: only what two of a kind have different is of interest. */
function workOf(options: BenchOptions): number {
  const { kind } = options
  const tokens = ({ knowledge, question }: ReturnType<typeof contextShape>): number => knowledge + question
  switch (kind) {
    case 'engine':
    case 'shape':
    case 'table1':
      return weightsOf(options) * tokens(contextShape(options.shape ?? BENCH_DEFAULTS[kind].shape))
    case 'novel': {
      const { perQuery = BENCH_DEFAULTS.novel.perQuery, documentTokens = BENCH_DEFAULTS.novel.documentTokens } = options
      return weightsOf(options) * perQuery * documentTokens
    }
    case 'suite':
      return parseArms(options.arms, 'suite').length
    case 'codec':
    case 'store':
      return 1
  }
}

function weightsOf({ kind, make, layers, seed = 1 }: BenchOptions): number {
  const usual = kind === 'engine' || kind === 'shape' || kind === 'table1' || kind === 'novel' ? BENCH_DEFAULTS[kind].make : '1b:q4_0'
  const { params } = madeModel(make ?? usual, seed, layers)
  const { embedding, feedForward, heads, kvHeads, headDim, vocabulary } = params
  return params.layers * embedding * (2 * headDim * (heads + kvHeads) + 3 * feedForward) + embedding * vocabulary
}
