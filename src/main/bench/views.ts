/** A report as Markdown, for people, and as CSV, for spreadsheets. */
import type { ArmReport, BenchReport, CodecRow, Comparison } from './report'

/** A table of what a report holds: titles, then rows. Figures are texts already. */
export interface FigureTable {
  readonly title: string
  /** The first one names the row, the others are figures. */
  readonly columns: readonly string[]
  readonly rows: readonly (readonly string[])[]
}

/** Every table that a report has something for. */
export function tablesOf(report: BenchReport): FigureTable[] {
  const { arms } = report
  const judged = arms.filter(({ exactMatch }) => exactMatch !== undefined)
  return [
    engineTable(report),
    columnsOf('Time to the first token', arms, TIME_COLUMNS),
    columnsOf('Work until then', arms, WORK_COLUMNS),
    columnsOf('Answers', judged, QUALITY_COLUMNS),
    groupTable(arms, 'byType', 'kind'),
    groupTable(arms, 'byTag', 'tag'),
    ...novelTables(report),
    priceTable(report),
    codecTable(report),
    storeTable(report),
  ].filter((table) => table !== null)
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

function engineTable({ engine }: BenchReport): FigureTable | null {
  if (!engine) return null
  const comparison = (name: string, { kvasir, libllama, ratio, ratioInterval: [low, high] }: Comparison): string[] => [
    name,
    fixed(kvasir, 1),
    fixed(libllama, 1),
    fixed(ratio, 3),
    `${fixed(low, 3)} to ${fixed(high, 3)}`,
  ]
  return {
    title: 'Tokens per second',
    columns: ['tokens/s', 'kvasir', 'libllama', 'ratio', 'interval'],
    rows: [comparison('prefill', engine.prefill), comparison('decode', engine.decode)],
  }
}

/** A column, and its figure of an arm where the arm has one. */
type ArmColumn = readonly [title: string, figure: (arm: ArmReport) => string | undefined]

const TIME_COLUMNS: readonly ArmColumn[] = [
  ['TTFT ms p50', ({ ttftMs }) => fixed(ttftMs.p50, 1)],
  ['p95', ({ ttftMs }) => fixed(ttftMs.p95, 1)],
  ['without load', ({ ttftNoLoadMs }) => ttftNoLoadMs && fixed(ttftNoLoadMs.p50, 1)],
  ['load', ({ loadShare }) => share(loadShare)],
  ['against full', ({ ratioToFull, ratioInterval }) => withInterval(ratioToFull, ratioInterval)],
  ['of resident', ({ ratioToResident, residentInterval }) => withInterval(ratioToResident, residentInterval)],
]

const WORK_COLUMNS: readonly ArmColumn[] = [
  ['tokens/s', ({ tokensPerSecond }) => tokensPerSecond?.toFixed(0)],
  ['reused', ({ tokens }) => tokens?.reused.toFixed(0)],
  ['recomputed', ({ tokens }) => tokens?.recomputed?.toFixed(0)],
  ['computed', ({ tokens }) => tokens?.computed.toFixed(0)],
  ['hit rate', ({ hitRate }) => hitRate?.toFixed(3)],
  ['MB read', ({ bytesRead }) => (bytesRead === undefined ? undefined : fixed(bytesRead / 1e6, 1))],
  ['CPU ms', ({ cpuMs }) => cpuMs?.toFixed(0)],
]

const QUALITY_COLUMNS: readonly ArmColumn[] = [
  ['exact match %', ({ exactMatch }) => percent(exactMatch)],
  ['F1 %', ({ f1 }) => percent(f1)],
  ['ROUGE-L %', ({ rougeL }) => percent(rougeL)],
  ['KL nats', ({ klMean }) => klMean?.toFixed(4)],
  ['top-1 %', ({ top1 }) => percent(top1)],
]

/** Columns that no arm has a figure for are left out. */
function columnsOf(title: string, arms: readonly ArmReport[], columns: readonly ArmColumn[]): FigureTable | null {
  if (arms.length === 0) return null
  const shown = columns.filter(([, figure]) => arms.some((arm) => figure(arm)))
  return {
    title,
    columns: ['arm', ...shown.map(([name]) => name)],
    rows: arms.map((arm) => [arm.name, ...shown.map(([, figure]) => figure(arm) ?? '')]),
  }
}

/** Whichever there are more of, groups or arms, in rows. */
function groupTable(arms: readonly ArmReport[], by: 'byType' | 'byTag', name: string): FigureTable | null {
  const judged = arms.filter((arm) => arm[by])
  const groups = Object.entries(judged[0]?.[by] ?? {})
  if (groups.length === 0) return null
  const title = `Exact match % by ${name} of question`
  const figure = (arm: ArmReport, group: string): string => percent(arm[by]?.[group]?.exactMatch) ?? ''
  if (judged.length > groups.length) {
    return {
      title: `${title} (how many)`,
      columns: ['arm', ...groups.map(([group, { n }]) => `${group} (${n})`)],
      rows: judged.map((arm) => [arm.name, ...groups.map(([group]) => figure(arm, group))]),
    }
  }
  return {
    title,
    columns: [name, 'questions', ...judged.map((arm) => arm.name)],
    rows: groups.map(([group, { n }]) => [group, String(n), ...judged.map((arm) => figure(arm, group))]),
  }
}

function novelTables({ novel }: BenchReport): FigureTable[] {
  return (novel?.arms ?? []).map(({ name, blocks, firstMs, lastMs, decay }) => ({
    title:
      `${name} over time: TTFT of the last ${novel?.block ?? 0} over that of the first: ${fixed(decay, 3)} ` +
      `(${fixed(lastMs, 1)} over ${fixed(firstMs, 1)} ms)`,
    columns: ['queries', 'token hit rate', 'lowest', 'TTFT ms p50', 'against full'],
    rows: blocks.map(({ from, to, hitRate, lowestHitRate, ttftMs, ratioToFull }) => [
      `${from} to ${to}`,
      hitRate.toFixed(4),
      lowestHitRate.toFixed(4),
      fixed(ttftMs, 1),
      fixed(ratioToFull, 2),
    ]),
  }))
}

function priceTable({ table1 }: BenchReport): FigureTable | null {
  if (!table1) return null
  return {
    title: 'Injecting knowledge',
    columns: ['method', 'time to inject s', 'cost per request', 'response delay s', 'GB stored'],
    rows: table1.rows.map(({ name, isEstimate, injectSeconds, costPerRequest, responseSeconds, storedBytes }) => [
      name,
      `${injectSeconds.toPrecision(3)}${isEstimate ? ' (estimate)' : ''}`,
      costPerRequest.toPrecision(3),
      responseSeconds.toPrecision(3),
      (storedBytes / 1e9).toFixed(3),
    ]),
  }
}

type CodecColumn = readonly [title: string, figure: (row: CodecRow) => string | undefined]

const CODEC_COLUMNS: readonly CodecColumn[] = [
  ['smaller than f16', ({ ratioToF16 }) => `${fixed(ratioToF16, 2)}x`],
  ['bits/element', ({ bitsPerElement }) => fixed(bitsPerElement, 2)],
  ['bytes/chunk', ({ bytesPerChunk }) => fixed(bytesPerChunk, 0)],
  ['shared kB', ({ sharedBytes }) => fixed(sharedBytes / 1000, 0)],
  ['exact match %', ({ exactMatch }) => percent(exactMatch)],
  ['KL nats', ({ klMean }) => klMean?.toFixed(4)],
  ['top-1 %', ({ top1 }) => percent(top1)],
  ['encode MB/s', ({ encodeMBps }) => encodeMBps?.toFixed(0)],
  ['decode MB/s', ({ decodeMBps }) => decodeMBps?.toFixed(0)],
  ['load, of blend:0.15', ({ loadShare }) => share(loadShare)],
  ['reuse TTFT ms', ({ reuseMs }) => reuseMs?.toFixed(0)],
  ['from memory', ({ reuseFromMemoryMs }) => reuseFromMemoryMs?.toFixed(0)],
]

function codecTable({ codec }: BenchReport): FigureTable | null {
  if (!codec) return null
  const shown = CODEC_COLUMNS.filter(([, figure]) => codec.some((row) => figure(row)))
  return {
    title: 'Forms of caches',
    columns: ['form', ...shown.map(([title]) => title)],
    rows: codec.map((row) => [row.profile, ...shown.map(([, figure]) => figure(row) ?? '')]),
  }
}

function storeTable({ store }: BenchReport): FigureTable | null {
  if (!store) return null
  const both = ({ p50, p95 }: { readonly p50: number; readonly p95: number }): [string, string] => [fixed(p50, 2), fixed(p95, 2)]
  return {
    title: `A store of ${store.caches} caches`,
    columns: ['ms', 'p50', 'p95'],
    rows: [
      ['opening the store', fixed(store.startMs, 1), ''],
      ['opening the files of 20 caches', ...both(store.openMs)],
      ['a page of 100 caches of a set', ...both(store.pageMs)],
      ['the 100 caches used last', ...both(store.recentMs)],
      ['looking for what crashes left behind', fixed(store.collectMs, 0), ''],
    ],
  }
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
export function parameters(value: number): string {
  return value >= 1e8 ? `${(value / 1e9).toFixed(2)} G` : `${(value / 1e6).toFixed(2)} M`
}

function withInterval(value: number | undefined, interval: readonly [number, number] | undefined): string | undefined {
  if (value === undefined || !interval) return undefined
  return `${fixed(value, 2)} (${fixed(interval[0], 2)} to ${fixed(interval[1], 2)})`
}

const field = (text: string): string => (/[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text)
const row = (cells: readonly string[]): string => `| ${cells.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |`
const fixed = (value: number, digits: number): string => value.toFixed(digits)
const percent = (value: number | undefined): string | undefined =>
  value === undefined ? undefined : (value * 100).toFixed(1)
const share = (value: number | undefined): string | undefined =>
  value === undefined ? undefined : `${(value * 100).toFixed(1)} %`
