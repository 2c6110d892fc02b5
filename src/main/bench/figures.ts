/** What a report holds, as tables of numbers: whoever shows them puts them into words (`views.ts` in English). */
import type { Figure, FigureColumn, Figures } from '../../shared/bench'
import type { ArmReport, BenchReport, CodecRow } from '../../shared/bench-report'

/** A column, and its figure of a row where the row has one. */
type Column<Row> = FigureColumn & { readonly figure: (row: Row) => Figure | undefined }

/** Every table that a report has something for. */
export function figuresOf(report: BenchReport): Figures[] {
  const { arms } = report
  const judged = arms.filter(({ exactMatch }) => exactMatch !== undefined)
  return [
    engineFigures(report),
    armFigures('times', arms, TIME_COLUMNS),
    armFigures('work', arms, WORK_COLUMNS),
    armFigures('answers', judged, ANSWER_COLUMNS),
    groupFigures(arms, 'byType'),
    groupFigures(arms, 'byTag'),
    ...novelFigures(report),
    priceFigures(report),
    codecFigures(report),
    storeFigures(report),
  ].filter((table) => table !== null)
}

const TIME_COLUMNS: readonly Column<ArmReport>[] = [
  { id: 'ttft', digits: 1, figure: ({ ttftMs }) => ttftMs.p50 },
  { id: 'p95', digits: 1, figure: ({ ttftMs }) => ttftMs.p95 },
  { id: 'noLoad', digits: 1, figure: ({ ttftNoLoadMs }) => ttftNoLoadMs?.p50 },
  { id: 'load', digits: 1, unit: '%', figure: ({ loadShare }) => hundredfold(loadShare) },
  { id: 'againstFull', digits: 2, figure: ({ ratioToFull, ratioInterval }) => spreadOf(ratioToFull, ratioInterval) },
  {
    id: 'ofResident',
    digits: 2,
    figure: ({ ratioToResident, residentInterval }) => spreadOf(ratioToResident, residentInterval),
  },
]

const WORK_COLUMNS: readonly Column<ArmReport>[] = [
  { id: 'tokensPerSecond', digits: 0, figure: ({ tokensPerSecond }) => tokensPerSecond },
  { id: 'reused', digits: 0, figure: ({ tokens }) => tokens?.reused },
  { id: 'recomputed', digits: 0, figure: ({ tokens }) => tokens?.recomputed },
  { id: 'computed', digits: 0, figure: ({ tokens }) => tokens?.computed },
  { id: 'hitRate', digits: 3, figure: ({ hitRate }) => hitRate },
  { id: 'megabytesRead', digits: 1, figure: ({ bytesRead }) => (bytesRead === undefined ? undefined : bytesRead / 1e6) },
  { id: 'cpuMs', digits: 0, figure: ({ cpuMs }) => cpuMs },
]

const ANSWER_COLUMNS: readonly Column<ArmReport>[] = [
  { id: 'exactMatch', digits: 1, figure: ({ exactMatch }) => hundredfold(exactMatch) },
  { id: 'f1', digits: 1, figure: ({ f1 }) => hundredfold(f1) },
  { id: 'rougeL', digits: 1, figure: ({ rougeL }) => hundredfold(rougeL) },
  { id: 'klMean', digits: 4, figure: ({ klMean }) => klMean },
  { id: 'top1', digits: 1, figure: ({ top1 }) => hundredfold(top1) },
]

const CODEC_COLUMNS: readonly Column<CodecRow>[] = [
  { id: 'smaller', digits: 2, unit: 'x', figure: ({ ratioToF16 }) => ratioToF16 },
  { id: 'bitsPerElement', digits: 2, figure: ({ bitsPerElement }) => bitsPerElement },
  { id: 'bytesPerChunk', digits: 0, figure: ({ bytesPerChunk }) => bytesPerChunk },
  { id: 'sharedKilobytes', digits: 0, figure: ({ sharedBytes }) => sharedBytes / 1000 },
  { id: 'exactMatch', digits: 1, figure: ({ exactMatch }) => hundredfold(exactMatch) },
  { id: 'klMean', digits: 4, figure: ({ klMean }) => klMean },
  { id: 'top1', digits: 1, figure: ({ top1 }) => hundredfold(top1) },
  { id: 'encodeSpeed', digits: 0, figure: ({ encodeMBps }) => encodeMBps },
  { id: 'decodeSpeed', digits: 0, figure: ({ decodeMBps }) => decodeMBps },
  { id: 'loadOfBlend', digits: 1, unit: '%', figure: ({ loadShare }) => hundredfold(loadShare) },
  { id: 'reuseMs', digits: 0, figure: ({ reuseMs }) => reuseMs },
  { id: 'fromMemoryMs', digits: 0, figure: ({ reuseFromMemoryMs }) => reuseFromMemoryMs },
]

/** Columns that no row has a figure for are left out. */
function rowsOf<Row>(
  rows: readonly Row[],
  columns: readonly Column<Row>[],
  name: (row: Row) => string,
): Pick<Figures, 'columns' | 'rows'> {
  const shown = columns.filter(({ figure }) => rows.some((row) => figure(row) !== undefined))
  return {
    columns: shown.map(({ id, digits, unit, precision }) => ({ id, digits, unit, precision })),
    rows: rows.map((row) => ({ name: name(row), values: shown.map(({ figure }) => figure(row) ?? null) })),
  }
}

function armFigures(id: Figures['id'], arms: readonly ArmReport[], columns: readonly Column<ArmReport>[]): Figures | null {
  return arms.length === 0 ? null : { id, rowId: 'arm', ...rowsOf(arms, columns, ({ name }) => name) }
}

function engineFigures({ engine }: BenchReport): Figures | null {
  if (!engine) return null
  return {
    id: 'engine',
    rowId: 'speed',
    columns: [
      { id: 'kvasir', digits: 1 },
      { id: 'libllama', digits: 1 },
      { id: 'ratio', digits: 3 },
    ],
    rows: (['prefill', 'decode'] as const).map((name) => {
      const { kvasir, libllama, ratio, ratioInterval } = engine[name]
      return { name, values: [kvasir, libllama, spreadOf(ratio, ratioInterval) ?? null] }
    }),
  }
}

/** Whichever there are more of, groups or arms, in rows. */
function groupFigures(arms: readonly ArmReport[], by: 'byType' | 'byTag'): Figures | null {
  const judged = arms.filter((arm) => arm[by])
  const groups = Object.entries(judged[0]?.[by] ?? {})
  if (groups.length === 0) return null
  const figure = (arm: ArmReport, group: string): Figure => hundredfold(arm[by]?.[group]?.exactMatch) ?? null
  if (judged.length > groups.length) {
    return {
      id: by,
      rowId: 'arm',
      columns: groups.map(([of, { n }]) => ({ id: 'group', of, n, digits: 1 })),
      rows: judged.map((arm) => ({ name: arm.name, values: groups.map(([group]) => figure(arm, group)) })),
    }
  }
  return {
    id: by,
    rowId: by,
    columns: [{ id: 'questions', digits: 0 }, ...judged.map(({ name }) => ({ id: 'arm', of: name, digits: 1 }))],
    rows: groups.map(([name, { n }]) => ({ name, values: [n, ...judged.map((arm) => figure(arm, name))] })),
  }
}

function novelFigures({ novel }: BenchReport): Figures[] {
  return (novel?.arms ?? []).map(({ name, blocks, firstMs, lastMs, decay }) => ({
    id: 'novel',
    rowId: 'queries',
    over: { arm: name, block: novel?.block ?? 0, firstMs, lastMs, decay },
    ...rowsOf(
      blocks,
      [
        { id: 'tokenHitRate', digits: 4, figure: ({ hitRate }) => hitRate },
        { id: 'lowest', digits: 4, figure: ({ lowestHitRate }) => lowestHitRate },
        { id: 'ttft', digits: 1, figure: ({ ttftMs }) => ttftMs },
        { id: 'againstFull', digits: 2, figure: ({ ratioToFull }) => ratioToFull },
      ],
      ({ from, to }) => `${from} to ${to}`,
    ),
  }))
}

function priceFigures({ table1 }: BenchReport): Figures | null {
  if (!table1) return null
  return {
    id: 'table1',
    rowId: 'method',
    ...rowsOf(
      table1.rows,
      [
        { id: 'inject', precision: 3, figure: ({ injectSeconds }) => injectSeconds },
        { id: 'cost', precision: 3, figure: ({ costPerRequest }) => costPerRequest },
        { id: 'response', precision: 3, figure: ({ responseSeconds }) => responseSeconds },
        { id: 'gigabytesStored', digits: 3, figure: ({ storedBytes }) => storedBytes / 1e9 },
      ],
      ({ name, isEstimate }) => (isEstimate && !/estimate/i.test(name) ? `${name} (estimate)` : name),
    ),
  }
}

function codecFigures({ codec }: BenchReport): Figures | null {
  return codec ? { id: 'codec', rowId: 'form', ...rowsOf(codec, CODEC_COLUMNS, ({ profile }) => profile) } : null
}

function storeFigures({ store }: BenchReport): Figures | null {
  if (!store) return null
  const { startMs, openMs, pageMs, recentMs, collectMs } = store
  return {
    id: 'store',
    rowId: 'ms',
    columns: [
      { id: 'p50', digits: 2 },
      { id: 'p95', digits: 2 },
    ],
    rows: [
      { name: 'opening the store', values: [startMs, null] },
      { name: 'opening the files of 20 caches', values: [openMs.p50, openMs.p95] },
      { name: 'a page of 100 caches of a set', values: [pageMs.p50, pageMs.p95] },
      { name: 'the 100 caches used last', values: [recentMs.p50, recentMs.p95] },
      { name: 'looking for what crashes left behind', values: [collectMs, null] },
    ],
  }
}

function spreadOf(value: number | undefined, interval: readonly [number, number] | undefined): Figure | undefined {
  return value === undefined || !interval ? undefined : { value, low: interval[0], high: interval[1] }
}

const hundredfold = (value: number | undefined): number | undefined => (value === undefined ? undefined : value * 100)
