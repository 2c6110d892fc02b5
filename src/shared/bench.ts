/** Benches: what may be asked for, by window and command line alike, and what is shown of their reports. */
import { z } from 'zod'
import { BENCH_KINDS, type BenchKind, type BenchReport } from './bench-report'
import type { Detail } from './details'
import type { JobState } from './workbench'

const text = z.string().min(1).max(1000)
const whole = z.int().min(0).max(1_000_000_000)
const price = z.number().min(0).max(1e12)

/** As asked for: what is absent has the kind's own default. What a kind makes of its values, it says itself. */
export const benchOptions = z.strictObject({
  kind: z.enum(BENCH_KINDS),
  /** The random model, e.g. `1b:q4_0`. */
  make: text.optional(),
  /** Only so many of its layers. */
  layers: whole.optional(),
  /** Tokens of knowledge and question, e.g. `4096+64`. */
  shape: text.optional(),
  /** Tokens of a chunk. */
  chunk: whole.optional(),
  /** Apart by commas. */
  arms: text.optional(),
  repetitions: whole.optional(),
  /** Repetitions of `full` and `libllama`. */
  baselines: whole.optional(),
  /** `demo`, `hard`, or a file of JSON Lines. */
  suite: text.optional(),
  /** Only questions with it. */
  tag: text.optional(),
  /** A model's id, or a GGUF file. */
  model: text.optional(),
  /** So many of them, spread evenly. */
  questions: whole.optional(),
  /** Of an answer at most. */
  maxTokens: whole.optional(),
  /** Behind gaps in a selection only what its first question finds. */
  firstQuery: z.boolean().optional(),
  queries: whole.optional(),
  documents: whole.optional(),
  perQuery: whole.optional(),
  documentTokens: whole.optional(),
  questionTokens: whole.optional(),
  epochs: whole.optional(),
  priceHour: price.optional(),
  priceGbMonth: price.optional(),
  requestsMonth: whole.optional(),
  /** CPU threads; 0: as many as the engine thinks best. */
  threads: whole.optional(),
  device: text.optional(),
  /** Of weights, tokens and draws. */
  seed: whole.optional(),
  /** Forgets what an interrupted run of the same has measured. */
  fresh: z.boolean().optional(),
})
export type BenchOptions = z.infer<typeof benchOptions>
export type BenchOption = Exclude<keyof BenchOptions, 'kind'>

const ALWAYS: readonly BenchOption[] = ['threads', 'device', 'seed']
const RANDOM: readonly BenchOption[] = ['make', 'layers']
/** Of a question set. */
export const ASKED_OPTIONS: readonly BenchOption[] = ['suite', 'tag', 'model', 'questions', 'maxTokens']

/** What each kind takes. */
export const BENCH_TAKES: Readonly<Record<BenchKind, readonly BenchOption[]>> = {
  engine: [...RANDOM, 'shape', 'repetitions', ...ALWAYS],
  shape: [...RANDOM, 'shape', 'chunk', 'arms', 'repetitions', 'baselines', 'fresh', ...ALWAYS],
  suite: [...ASKED_OPTIONS, 'arms', 'firstQuery', 'fresh', ...ALWAYS],
  table1: [
    ...RANDOM,
    'shape',
    'chunk',
    'repetitions',
    'epochs',
    'priceHour',
    'priceGbMonth',
    'requestsMonth',
    'fresh',
    ...ALWAYS,
  ],
  codec: [...RANDOM, 'shape', 'chunk', 'repetitions', ...ASKED_OPTIONS, 'fresh', ...ALWAYS],
  store: ['model', 'documents', 'queries', ...ALWAYS],
  novel: [...RANDOM, 'arms', 'queries', 'documents', 'perQuery', 'documentTokens', 'questionTokens', 'fresh', ...ALWAYS],
}

const MAKE = '1b:q4_0'

/** What counts where nothing is given; the shapes are those that people quote for each kind. */
export const BENCH_DEFAULTS = {
  engine: { make: MAKE, shape: '1024+64', repetitions: 9 },
  shape: {
    make: MAKE,
    shape: '4096+64',
    chunk: 512,
    arms: 'resident,reuse,link:16,score:0.06,mix:8+0.1,blend:0.15',
    repetitions: 5,
  },
  suite: {
    suite: 'demo',
    arms: 'prefix,reuse,reuse:bos,link:4:bos,score:0.15:bos,mix:4+0.15:bos,blend:0.15:bos,oracle:0.15:bos,random:0.15:bos',
    maxTokens: 32,
  },
  table1: {
    make: MAKE,
    shape: '8192+2048',
    chunk: 512,
    repetitions: 3,
    epochs: 3,
    // Examples, in no particular currency: a small rented machine, object storage.
    priceHour: 0.1,
    priceGbMonth: 0.023,
    requestsMonth: 10_000,
  },
  /** Over a question set; with `make` the shape, its chunks and their repetitions. */
  codec: { suite: 'demo', maxTokens: 32, shape: '4096+64', chunk: 512, repetitions: 3 },
  store: { documents: 5000, queries: 500 },
  novel: {
    make: MAKE,
    arms: 'reuse',
    queries: 500,
    documents: 200,
    perQuery: 8,
    documentTokens: 512,
    questionTokens: 64,
  },
} as const satisfies Readonly<Record<BenchKind, Omit<BenchOptions, 'kind'>>>

/** The kinds that are worth starting from a window; the others are for the command line. */
export const WINDOW_BENCHES = ['suite', 'shape', 'codec', 'novel', 'engine'] as const satisfies readonly BenchKind[]
export type WindowBench = (typeof WINDOW_BENCHES)[number]

/** Sizes that end within minutes on two cores that do nothing else: each took less than 4 minutes of computing. */
export const QUICK_BENCHES: Readonly<Record<WindowBench, BenchOptions>> = {
  suite: { kind: 'suite', suite: 'demo', questions: 60, arms: 'reuse,link:4,score:0.15,blend:0.15,reuse:bos,link:4:bos,blend:0.15:bos' },
  shape: { kind: 'shape', make: MAKE, layers: 4, shape: '1024+64', arms: 'resident,reuse,link:16,blend:0.15', repetitions: 5 },
  codec: { kind: 'codec', suite: 'demo', tag: '0.25K', questions: 60 },
  novel: { kind: 'novel', make: MAKE, layers: 2, queries: 60, documents: 24, perQuery: 4, documentTokens: 256 },
  engine: { kind: 'engine', make: MAKE, layers: 2, shape: '512+64', repetitions: 7 },
}

/** A question set that comes along. */
export interface BenchSuite {
  readonly name: string
  readonly questions: number
  /** With how many questions have each. */
  readonly tags: readonly { readonly tag: string; readonly questions: number }[]
}

export interface BenchEstimate {
  readonly measurements: number
  /** Null: nothing like it has run on this machine. */
  readonly seconds: number | null
  /** The report that says so. */
  readonly like: string | null
}

/** A value with what it may as well be. */
export interface Spread {
  readonly value: number
  readonly low: number
  readonly high: number
}

/** What a report comes to, for a sentence. */
export type BenchHeadline =
  | {
      readonly kind: 'faster'
      /** The fastest that keeps the answers of full prefill; where none does, the one that keeps most. */
      readonly arm: string
      readonly ratio: Spread
      /** Right answers, 0 to 1, where questions were asked. */
      readonly answers: { readonly arm: number; readonly full: number; readonly keeps: boolean } | null
    }
  | { readonly kind: 'engine'; readonly prefill: Spread; readonly decode: Spread }
  | { readonly kind: 'steady'; readonly arm: string; readonly queries: number; readonly hitRate: number; readonly decay: number }
  | {
      readonly kind: 'smaller'
      readonly form: string
      readonly ratio: number
      readonly answers: { readonly form: number; readonly f16: number } | null
    }
  | { readonly kind: 'store'; readonly caches: number; readonly startMs: number; readonly openMs: number }

/** A report in the list. */
export interface BenchSummary {
  readonly id: string
  readonly kind: BenchKind
  readonly model: string
  readonly createdAt: string
  readonly command: string
  readonly machine: string
  readonly headline: BenchHeadline | null
}

/** In the unit that is shown; null where the row has no such figure. */
export type Figure = number | string | Spread | null

export interface FigureColumn {
  readonly id: string
  /** What it is named after where the data names it: an arm, a tag; with how many there are. */
  readonly of?: string
  readonly n?: number
  /** Behind the point. */
  readonly digits?: number
  /** `precision`: so many digits that matter, instead. */
  readonly precision?: number
  readonly unit?: '%' | 'x'
}

/** Everything of one sort that a report has figures for. */
export interface Figures {
  readonly id: 'engine' | 'times' | 'work' | 'answers' | 'byType' | 'byTag' | 'novel' | 'table1' | 'codec' | 'store'
  /** The first column, that names the rows. */
  readonly rowId: string
  readonly columns: readonly FigureColumn[]
  readonly rows: readonly { readonly name: string; readonly values: readonly Figure[] }[]
  /** Of `novel`: whose queries, and how the last ones stand against the first. */
  readonly over?: { readonly arm: string; readonly block: number; readonly firstMs: number; readonly lastMs: number; readonly decay: number }
}

export const TRADE_QUALITIES = ['exactMatch', 'top1', 'klMean'] as const
export type TradeQuality = (typeof TRADE_QUALITIES)[number]

/** An arm in the picture of quality against latency. */
export interface TradePoint {
  readonly arm: string
  /** The strategy's name, or the baseline's: arms of one family have one colour. */
  readonly family: string
  /** Over isolated chunks (`:bos`). */
  readonly isIsolated: boolean
  /** `oracle` and `random`: what could not be had, and what chance has. */
  readonly isControl: boolean
  /** TTFT as a part of full prefill's. */
  readonly latency: Spread
  readonly exactMatch: number
  readonly top1: number
  readonly klMean: number
  /** By quality: no arm that is no control is as fast and better, or as good and faster. */
  readonly frontier: readonly TradeQuality[]
}

/** How an arm's times lie. */
export interface ArmTimes {
  readonly arm: string
  readonly p50: number
  readonly p95: number
  /** 95 % interval of the median, and every time; absent in reports from before they were kept. */
  readonly median?: Spread
  readonly samples?: readonly number[]
}

/** A report and what a person looks at. */
export interface BenchView {
  readonly summary: BenchSummary
  readonly report: BenchReport
  readonly figures: readonly Figures[]
  /** Empty where no questions were answered. */
  readonly trade: readonly TradePoint[]
  readonly times: readonly ArmTimes[]
}

export interface ComparedFigure {
  readonly section: 'report' | 'engine' | 'arm' | 'novel' | 'table1' | 'codec' | 'store'
  readonly name: string
  readonly metric: string
  /** Null where that report has no such figure. */
  readonly first: number | null
  readonly second: number | null
  /** second / first; null where either is absent or the first is 0. */
  readonly quotient: number | null
  /** What it may as well be, from the 95 % intervals of both, on the safe side; null where one has none. */
  readonly quotientInterval: readonly [number, number] | null
  /** Whether the 95 % intervals lie apart; null where the figure has none. */
  readonly isApart: boolean | null
}

export const BENCH_CONDITIONS = ['kind', 'machine', 'model', 'shape', 'suite', 'version', 'libraries', 'repetitions', 'command'] as const
export type BenchCondition = (typeof BENCH_CONDITIONS)[number]

export interface ReportComparison {
  /** What both were measured under; null: it has none. */
  readonly conditions: readonly {
    readonly name: BenchCondition
    readonly first: string | null
    readonly second: string | null
  }[]
  /** Why the figures may not be held against each other. */
  readonly warnings: readonly string[]
  readonly figures: readonly ComparedFigure[]
}

/** What is being measured says this of itself. */
export interface Measured {
  /** Of the arm, the form, the engine. */
  readonly name: string
  readonly figure: 'ttftMs' | 'exactMatch' | 'klMean' | 'top1' | 'tokensPerSecond' | 'loadShare'
  readonly value: number
}

/** A bench on its way. */
export interface LiveBench {
  readonly job: string
  readonly options: BenchOptions
  /** So far: medians of times and speeds, means of qualities. */
  readonly rows: readonly {
    readonly name: string
    readonly figures: readonly { readonly figure: Measured['figure']; readonly n: number; readonly value: number }[]
  }[]
  readonly remarks: readonly Detail[]
  /** Of the report, once there is one. */
  readonly report: string | null
}

export interface Benches {
  /** Measures as a job, on an engine of its own; the same options go on behind an interrupted run. */
  start(options: BenchOptions): Promise<JobState>
  estimate(options: BenchOptions): Promise<BenchEstimate>
  suites(): Promise<BenchSuite[]>
  /** What a bench job has measured so far. */
  live(job: string): LiveBench
  /** Kept reports, newest first. */
  list(): Promise<BenchSummary[]>
  report(id: string): Promise<BenchView>
  /** Two of them side by side. */
  compare(first: string, second: string): Promise<ReportComparison>
  /** Takes in a report that was made elsewhere, from its file or its text. */
  importReport(from: { readonly path: string } | { readonly text: string }): Promise<BenchSummary>
  /** `restore` brings it back. */
  remove(id: string): Promise<void>
  restore(id: string): Promise<BenchSummary>
}
