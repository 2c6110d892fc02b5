/** Two reports side by side. */
import type { BenchReport } from './report'
import { leavesOf, type Leaf } from './views'

export interface ComparedFigure {
  readonly section: Leaf['section']
  readonly name: string
  readonly metric: string
  /** Null where that report has no such figure. */
  readonly first: number | null
  readonly second: number | null
  /** second / first; null where either is absent or the first is 0. */
  readonly quotient: number | null
  /** Whether the 95 % intervals lie apart; null where the figure has none. */
  readonly isApart: boolean | null
}

export interface ReportComparison {
  /** Why the figures may not be held against each other. */
  readonly warnings: readonly string[]
  readonly figures: readonly ComparedFigure[]
}

/** The figures that people compare, in this order. */
const METRICS = [
  'ttftMs.p50',
  'ttftNoLoadMs.p50',
  'loadShare',
  'ratioToFull',
  'ratioToResident',
  'tokensPerSecond',
  'cpuMs',
  'bytesRead',
  'tokens.reused',
  'tokens.recomputed',
  'tokens.computed',
  'hitRate',
  'exactMatch',
  'f1',
  'rougeL',
  'klMean',
  'top1',
  'kvasir',
  'libllama',
  'ratio',
  'firstMs',
  'lastMs',
  'decay',
  'injectSeconds',
  'costPerRequest',
  'responseSeconds',
  'storedBytes',
]

/** Where a ratio's interval stands. */
const INTERVALS: Readonly<Record<string, string>> = {
  ratioToFull: 'ratioInterval',
  ratioToResident: 'residentInterval',
  ratio: 'ratioInterval',
}

export function compareReports(first: BenchReport, second: BenchReport): ReportComparison {
  const [a, b] = [valuesOf(first), valuesOf(second)]
  const named = new Map([...leavesOf(first), ...leavesOf(second)].map((leaf) => [`${leaf.section} ${leaf.name}`, leaf]))
  const figures = [...named.values()].flatMap(({ section, name }) =>
    METRICS.flatMap((metric): ComparedFigure[] => {
      const at = (values: Values, leaf: string): number | null =>
        values.get(keyOf({ section, name, metric: leaf })) ?? null
      const [before, after] = [at(a, metric), at(b, metric)]
      if (section === 'report' || (before === null && after === null)) return []
      const interval = (values: Values): (number | null)[] =>
        ['0', '1'].map((end) => at(values, `${INTERVALS[metric] ?? ''}.${end}`))
      return [
        {
          section,
          name,
          metric,
          first: before,
          second: after,
          quotient: quotient(before, after),
          isApart: apart(interval(a), interval(b)),
        },
      ]
    }),
  )
  return { warnings: warnings(first, second), figures }
}

function warnings(first: BenchReport, second: BenchReport): string[] {
  const about = ({ kind, command, machine, model, kvasir, shape }: BenchReport): Record<string, string> => ({
    kind,
    machine: `${machine.cpu}, ${machine.threads} threads, device ${machine.device}, ${machine.memoryGiB} GiB`,
    model: `${model.name} (${model.fingerprint.slice(0, 8)}…)`,
    shape: shape ? `${shape.knowledge}+${shape.question} in chunks of ${shape.chunk}` : 'none',
    version: kvasir,
    command,
  })
  const [a, b] = [about(first), about(second)]
  return Object.keys(a).flatMap((name) =>
    a[name] === b[name] ? [] : [`Another ${name}: ${a[name]} against ${b[name]}.`],
  )
}

type Values = ReadonlyMap<string, number>

function valuesOf(report: BenchReport): Values {
  return new Map(leavesOf(report).map((leaf) => [keyOf(leaf), Number(leaf.value)]))
}

function keyOf({ section, name, metric }: Pick<Leaf, 'section' | 'name' | 'metric'>): string {
  return JSON.stringify([section, name, metric])
}

function quotient(before: number | null, after: number | null): number | null {
  return before === null || after === null || before === 0 ? null : after / before
}

function apart(
  [aLow = null, aHigh = null]: (number | null)[],
  [bLow = null, bHigh = null]: (number | null)[],
): boolean | null {
  if (aLow === null || aHigh === null || bLow === null || bHigh === null) return null
  return aHigh < bLow || bHigh < aLow
}
