/** Two reports side by side. */
import { BENCH_CONDITIONS, type BenchCondition, type ComparedFigure, type ReportComparison } from '../../shared/bench'
import type { BenchReport } from '../../shared/bench-report'
import { medianInterval } from './statistics'
import { leavesOf, type Leaf } from './views'

export type { ComparedFigure, ReportComparison }

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
      const intervals = [intervalOf(first, a, { section, name, metric }), intervalOf(second, b, { section, name, metric })] as const
      return [
        {
          section,
          name,
          metric,
          first: before,
          second: after,
          quotient: quotient(before, after),
          quotientInterval: quotientInterval(...intervals),
          isApart: apart(...intervals),
        },
      ]
    }),
  )
  const [before, after] = [conditionsOf(first), conditionsOf(second)]
  const conditions = BENCH_CONDITIONS.map((name) => ({ name, first: before[name], second: after[name] }))
  return { conditions, warnings: warnings(conditions), figures }
}

/** What a report was measured under, in a line each. */
function conditionsOf(report: BenchReport): Record<BenchCondition, string | null> {
  const { kind, command, machine, model, kvasir, shape, suite, libraries, repetitions } = report
  const threads = machine.threads === 1 ? '1 thread' : `${machine.threads} threads`
  return {
    kind,
    machine: `${machine.cpu}, ${threads}, device ${machine.device}, ${machine.memoryGiB} GiB`,
    model: `${model.name} (${model.fingerprint.slice(0, 8)}…)`,
    shape: shape ? `${shape.knowledge}+${shape.question} in chunks of ${shape.chunk}` : null,
    suite: suite
      ? `${suite.questions} questions of ${suite.file} (${suite.digest.slice(0, 8)}…)${suite.tag === undefined ? '' : `, ${suite.tag}`}`
      : null,
    version: kvasir,
    libraries: `ggml ${libraries.ggml}, llama.cpp ${libraries.llama}`,
    repetitions: String(repetitions),
    command,
  }
}

/** Of more or fewer repetitions a figure is worth more or less, and no other one. */
function warnings(conditions: ReportComparison['conditions']): string[] {
  return conditions.flatMap(({ name, first, second }) =>
    first === second || name === 'repetitions' ? [] : [`Another ${name}: ${first ?? 'none'} against ${second ?? 'none'}.`],
  )
}

type Interval = readonly [number, number]

/** The 95 % interval that a report states of a figure, or that its own times give. */
function intervalOf(report: BenchReport, values: Values, leaf: Pick<Leaf, 'section' | 'name' | 'metric'>): Interval | null {
  const stated = INTERVALS[leaf.metric]
  if (stated !== undefined) {
    const [low, high] = [0, 1].map((end) => values.get(keyOf({ ...leaf, metric: `${stated}.${end}` })))
    return low === undefined || high === undefined ? null : [low, high]
  }
  if (leaf.section !== 'arm' || leaf.metric !== 'ttftMs.p50') return null
  const { samplesMs = [] } = report.arms.find(({ name }) => name === leaf.name) ?? {}
  return samplesMs.length > 1 ? medianInterval(samplesMs) : null
}

/** Both may be as far from their medians as their intervals go, in opposite ways. */
function quotientInterval(first: Interval | null, second: Interval | null): Interval | null {
  if (!first || !second || first[0] <= 0) return null
  return [second[0] / first[1], second[1] / first[0]]
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

function apart(first: Interval | null, second: Interval | null): boolean | null {
  return first && second ? first[1] < second[0] || second[1] < first[0] : null
}
