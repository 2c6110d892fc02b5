/** A report as Markdown, for people, and as CSV, for spreadsheets. */
import type { BenchHeadline, Figure, FigureColumn, Figures, Spread } from '../../shared/bench'
import type { BenchReport } from '../../shared/bench-report'
import { figuresOf } from './figures'

/** A table of what a report holds: titles, then rows. Figures are texts already. */
export interface FigureTable {
  readonly title: string
  /** The first one names the row, the others are figures. */
  readonly columns: readonly string[]
  readonly rows: readonly (readonly string[])[]
}

/** Every table that a report has something for, in words. */
export function tablesOf(report: BenchReport): FigureTable[] {
  return figuresOf(report).map((figures) => {
    const { columns, rows, rowId } = figures
    return {
      title: titleOf(figures, report),
      columns: [ROWS[rowId] ?? rowId, ...columns.map(columnTitle)],
      rows: rows.map(({ name, values }) => [name, ...columns.map((column, at) => figureText(values[at] ?? null, column))]),
    }
  })
}

function titleOf({ id, rowId, over }: Figures, { store }: BenchReport): string {
  const many = rowId === 'arm' ? ' (how many)' : ''
  switch (id) {
    case 'byType':
      return `Exact match % by kind of question${many}`
    case 'byTag':
      return `Exact match % by tag of question${many}`
    case 'novel':
      return (
        `${over?.arm} over time: TTFT of the last ${over?.block} over that of the first: ${over?.decay.toFixed(3)} ` +
        `(${over?.lastMs.toFixed(1)} over ${over?.firstMs.toFixed(1)} ms)`
      )
    case 'store':
      return `A store of ${store?.caches ?? 0} caches`
    case 'engine':
    case 'times':
    case 'work':
    case 'answers':
    case 'table1':
    case 'codec':
      return TITLES[id]
  }
}

const TITLES = {
  engine: 'Tokens per second',
  times: 'Time to the first token',
  work: 'Work until then',
  answers: 'Answers',
  table1: 'Injecting knowledge',
  codec: 'Forms of caches',
} as const

const ROWS: Readonly<Record<string, string>> = { byType: 'kind', byTag: 'tag', speed: 'tokens/s' }

const COLUMNS: Readonly<Record<string, string>> = {
  ttft: 'TTFT ms p50',
  noLoad: 'without load',
  againstFull: 'against full',
  ofResident: 'of resident',
  tokensPerSecond: 'tokens/s',
  hitRate: 'hit rate',
  tokenHitRate: 'token hit rate',
  megabytesRead: 'MB read',
  cpuMs: 'CPU ms',
  exactMatch: 'exact match %',
  f1: 'F1 %',
  rougeL: 'ROUGE-L %',
  klMean: 'KL nats',
  top1: 'top-1 %',
  smaller: 'smaller than f16',
  bitsPerElement: 'bits/element',
  bytesPerChunk: 'bytes/chunk',
  sharedKilobytes: 'shared kB',
  encodeSpeed: 'encode MB/s',
  decodeSpeed: 'decode MB/s',
  loadOfBlend: 'load, of blend:0.15',
  reuseMs: 'reuse TTFT ms',
  fromMemoryMs: 'from memory',
  inject: 'time to inject s',
  cost: 'cost per request',
  response: 'response delay s',
  gigabytesStored: 'GB stored',
}

function columnTitle({ id, of, n }: FigureColumn): string {
  if (of === undefined) return COLUMNS[id] ?? id
  return n === undefined ? of : `${of} (${n})`
}

function figureText(figure: Figure, { digits = 0, precision, unit }: FigureColumn): string {
  if (figure === null) return ''
  if (typeof figure === 'string') return figure
  if (typeof figure === 'object')
    return `${figure.value.toFixed(digits)} (${figure.low.toFixed(digits)} to ${figure.high.toFixed(digits)})`
  const text = precision === undefined ? figure.toFixed(digits) : figure.toPrecision(precision)
  return unit === undefined ? text : `${text}${unit === '%' ? ' %' : unit}`
}

export function toMarkdown(report: BenchReport): string {
  const { machine, model } = report
  return [
    `# ${report.kind}: ${model.name}`,
    '',
    `\`${report.command}\``,
    '',
    `Kvasir ${report.kvasir}, ggml ${report.libraries.ggml}, llama.cpp ${report.libraries.llama}, ` +
      `${report.createdAt}. ` +
      `${machine.cpu}, ${machine.threads} threads, device ${machine.device}, ${machine.memoryGiB} GiB. ` +
      `${model.architecture} ${model.quantization}, ${parameters(model.parameters)} parameters, ` +
      `${model.kvBytesPerToken} bytes of K/V per token, fingerprint ${model.fingerprint}.`,
    '',
    ...notesOf(report).map((note) => `- ${note}`),
    ...tablesOf(report).flatMap(({ title, columns, rows }) => [
      '',
      `## ${title}`,
      '',
      row(columns),
      row(columns.map((_, at) => (at === 0 ? '---' : '---:'))),
      ...rows.map(row),
    ]),
    '',
  ].join('\n')
}

/** What a report comes to, in a sentence. */
export function headlineText(headline: BenchHeadline): string {
  const range = ({ value, low, high }: Spread, digits: number): string =>
    `${value.toFixed(digits)} (${low.toFixed(digits)} to ${high.toFixed(digits)})`
  switch (headline.kind) {
    case 'faster': {
      const { arm, ratio, answers } = headline
      const times = `${arm}: first token ${range(ratio, 2)} times as soon as full prefill`
      return answers ? `${times}; ${percent(answers.arm)} % right answers, full ${percent(answers.full)} %` : times
    }
    case 'engine':
      return `against libllama: prefill ${range(headline.prefill, 3)}, decode ${range(headline.decode, 3)}`
    case 'steady':
      return (
        `${headline.arm}: after ${headline.queries} queries ${headline.decay.toFixed(2)} times the first ones' time, ` +
        `hit rate at least ${percent(headline.hitRate)} %`
      )
    case 'smaller': {
      const { form, ratio, answers } = headline
      const size = `${form}: ${ratio.toFixed(1)} times smaller than f16`
      return answers ? `${size}; ${percent(answers.form)} % right answers, f16 ${percent(answers.f16)} %` : size
    }
    case 'store':
      return `${headline.caches} caches: opens in ${headline.startMs.toFixed(1)} ms, 20 files in ${headline.openMs.toFixed(1)} ms`
  }
}

/** What a reader has to know beside the figures. */
export function notesOf(report: BenchReport): string[] {
  const { kind, repetitions, baselines, runs = 1, shape, suite, novel, table1, store } = report
  const notes = [
    store
      ? `${repetitions} queries; files of ${store.bytes / store.caches} bytes, made up. Memory grew by ${percent(store.memoryGrowth)} % over ` +
        'nine tenths of them.'
      : kind === 'codec'
      ? 'Every form is held against the f16 caches that it was made from; headers and tables of the files count, what all ' +
        'caches of a form share stands apart. Codebooks were learnt from other caches than those measured. Encoding and ' +
        'decoding, with reading and checking, on one thread.'
      : kind === 'suite' || kind === 'novel'
        ? 'Medians; ratios are medians of pairs with their 95 % interval.'
        : `${repetitions === 1 ? 'One repetition' : `${repetitions} repetitions`} in rotating order; medians; ` +
          'ratios are medians of pairs with their 95 % interval.',
  ]
  if (baselines !== undefined) notes.push(`full and libllama took part in the first ${baselines === 1 ? 'one' : baselines}.`)
  if (shape)
    notes.push(`${shape.knowledge} tokens of knowledge in chunks of ${shape.chunk}, ${shape.question} of the question.`)
  if (suite) {
    const tagged = suite.tag === undefined ? '' : ` tagged ${suite.tag}`
    notes.push(
      `${suite.questions} questions of ${suite.file}${tagged} (${suite.digest.slice(0, 12)}…) over ` +
        `${suite.documents} documents, answered greedily with at most ${suite.maxTokens} tokens. Behind gaps in a selection, caches ` +
        (suite.tails
          ? 'were there as from its second question on.'
          : 'were those of single chunks, as for its first question.'),
    )
  }
  if (novel)
    notes.push(
      `${novel.queries} queries, each over ${novel.perQuery} shuffled documents out of ${novel.documents}, ` +
        `${novel.documentTokens} tokens each, with a question of ${novel.questionTokens}.`,
    )
  if (table1) {
    const { perHour, perGbMonth, requestsPerMonth } = table1.prices
    notes.push(
      `Prices: ${perHour} an hour of this machine, ${perGbMonth} a GB of storage and month, ` +
        `${requestsPerMonth} requests a month. Arithmetic: ${(table1.flopsPerSecond / 1e9).toFixed(1)} GFLOP/s, as measured in prefill.`,
      ...table1.rows.map(({ name, how }) => `${name}: ${how}.`),
    )
  }
  for (const { name, chosen } of report.arms) {
    const counts = Object.entries(chosen ?? {}).map(([strategy, count]) => `${strategy} (${count})`)
    if (counts.length > 0) notes.push(`${name} chose ${counts.join(', ')}.`)
  }
  if (runs > 1) notes.push(`Measured in ${runs} processes, since it was interrupted.`)
  return notes
}

/** One figure per line: `section,name,metric,value`. */
export function toCsv(report: BenchReport): string {
  const lines = leavesOf(report).map(({ section, name, metric, value }) => [section, name, metric, value])
  return [['section', 'name', 'metric', 'value'], ...lines].map((line) => `${line.map(field).join(',')}\n`).join('')
}

export interface Leaf {
  readonly section: 'report' | 'engine' | 'arm' | 'novel' | 'table1' | 'codec' | 'store'
  /** Of the arm, the comparison, the row; empty for what is said of the whole. */
  readonly name: string
  /** e.g. `ttftMs.p50` */
  readonly metric: string
  readonly value: string
}

/** Everything that a report says, value by value. */
export function leavesOf({ engine, arms, novel, table1, codec = [], store, ...about }: BenchReport): Leaf[] {
  const { arms: novelArms = [], ...novelAbout } = novel ?? {}
  const { rows = [], ...table1About } = table1 ?? {}
  return [
    ...section('report', '', about),
    ...Object.entries(engine ?? {}).flatMap(([name, figures]) => section('engine', name, figures)),
    ...arms.flatMap(({ name, ...figures }) => section('arm', name, figures)),
    ...section('novel', '', novelAbout),
    ...novelArms.flatMap(({ name, ...figures }) => section('novel', name, figures)),
    ...section('table1', '', table1About),
    ...rows.flatMap(({ name, ...figures }) => section('table1', name, figures)),
    ...section('store', '', store ?? {}),
    ...codec.flatMap(({ profile, ...figures }) => section('codec', profile, figures)),
  ]
}

function section(section: Leaf['section'], name: string, figures: object): Leaf[] {
  return flat(figures).map(([metric, value]) => ({ section, name, metric, value }))
}

/** Leaves of a plain object, with their paths; what is left out has none. */
function flat(value: object): [string, string][] {
  return Object.entries(value)
    .filter(([, inner]) => inner !== undefined)
    .flatMap(([name, inner]: [string, unknown]): [string, string][] =>
      typeof inner === 'object' && inner !== null
        ? flat(inner).map(([rest, leaf]) => [`${name}.${rest}`, leaf])
        : [[name, String(inner)]],
    )
}

/** 1.11 G, 0.8 M */
function parameters(value: number): string {
  return value >= 1e8 ? `${(value / 1e9).toFixed(2)} G` : `${(value / 1e6).toFixed(2)} M`
}

const field = (text: string): string => (/[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text)
const row = (cells: readonly string[]): string => `| ${cells.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |`
const percent = (value: number): string => (value * 100).toFixed(1)
