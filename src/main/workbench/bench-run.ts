/** Which bench the options name, for command line and window alike; what comes along with Kvasir for it. */
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import {
  ASKED_OPTIONS,
  BENCH_DEFAULTS,
  BENCH_TAKES,
  benchOptions,
  type BenchOption,
  type BenchOptions,
  type BenchSuite,
} from '../../shared/bench'
import type { BenchKind } from '../../shared/bench-report'
import { WorkbenchError } from '../../shared/errors'
import { parseArms } from '../bench/arms'
import type { BenchDeps, FinishedBench } from '../bench/deps'
import { runCodecBench } from '../bench/kinds/codec'
import { runCodecShapeBench } from '../bench/kinds/codec-shape'
import { runEngineBench } from '../bench/kinds/engine'
import { runNovelBench } from '../bench/kinds/novel'
import { runShapeBench } from '../bench/kinds/shape'
import { runStoreBench } from '../bench/kinds/store'
import { runSuiteBench } from '../bench/kinds/suite'
import { runTable1Bench } from '../bench/kinds/table1'
import { findModel, type NamedModel } from '../bench/model-file'
import { contextShape, madeModel } from '../bench/shapes'
import type { BenchRun } from '../bench/slots'
import { readSuite } from '../bench/suite-file'
import { appRoot, unpacked } from '../engine/places'
import { bundledModelPath } from './sample'

/** The question sets that come along, by name. */
const SUITES: Readonly<Record<string, string>> = { demo: 'demo.jsonl', hard: 'demo-hard.jsonl' }

/** Everything that can be known to be wrong before a minute is spent. @throws `argument.invalid` */
export function checkBench(options: BenchOptions): void {
  assertTaken(options)
  const { kind, make, layers, seed = 1, shape, arms } = options
  if (make !== undefined) {
    madeModel(make, seed, layers)
    if (kind === 'codec') assertNotAsked(options)
  }
  if (shape !== undefined) contextShape(shape)
  if (kind === 'shape' || kind === 'suite' || kind === 'novel') parseArms(arms, kind)
}

/** Starts what the options name. @throws `argument.invalid` also for options of another kind */
export async function runBench(
  deps: BenchDeps,
  { command, ...asked }: BenchOptions & { readonly command: string },
  run: BenchRun,
): Promise<FinishedBench> {
  const options = Object.fromEntries(Object.entries(asked).filter(([, value]) => value !== undefined)) as BenchOptions
  checkBench(options)
  const startedAt = performance.now()
  let measurements = 0
  const counting: BenchRun = {
    ...run,
    onMeasured: (figures, isNew) => {
      if (isNew) measurements++
      run.onMeasured?.(figures, isNew)
    },
  }
  const finished = await started(deps, { ...options, command }, counting)
  const seconds = Math.round((performance.now() - startedAt) / 100) / 10
  const { fresh: _, ...given } = options
  return { ...finished, report: { ...finished.report, options: benchOptions.parse(given), took: { seconds, measurements } } }
}

async function started(
  deps: BenchDeps,
  options: BenchOptions & { readonly command: string },
  run: BenchRun,
): Promise<FinishedBench> {
  const { kind, firstQuery = false } = options
  switch (kind) {
    case 'engine':
      return await runEngineBench(deps, { ...BENCH_DEFAULTS.engine, ...options }, run)
    case 'shape':
      return await runShapeBench(deps, { ...BENCH_DEFAULTS.shape, ...options }, run)
    case 'table1': {
      const { priceHour, priceGbMonth, requestsMonth } = options
      const prices = { perHour: priceHour, perGbMonth: priceGbMonth, requestsPerMonth: requestsMonth }
      return await runTable1Bench(deps, { ...BENCH_DEFAULTS.table1, ...options, prices }, run)
    }
    case 'novel':
      return await runNovelBench(deps, { ...BENCH_DEFAULTS.novel, ...options }, run)
    case 'codec': {
      const { make, shape = BENCH_DEFAULTS.codec.shape } = options
      if (make !== undefined) return await runCodecShapeBench(deps, { ...options, make, shape }, run)
      return await runCodecBench(deps, { ...options, ...(await askedOf(deps, options)) }, run)
    }
    case 'store':
      return await runStoreBench(deps, { ...options, model: await modelOf(deps, options) }, run)
    case 'suite':
      return await runSuiteBench(deps, { ...options, ...(await askedOf(deps, options)), tails: !firstQuery }, run)
  }
}

/** Where a question set lies: one of those that come along, or a file. @throws `argument.invalid` where it is not installed */
export function suiteFile(suite: string): string {
  const name = SUITES[suite]
  if (name === undefined) return suite
  const path = join(unpacked(appRoot()), 'test', 'suites', name)
  if (existsSync(path)) return path
  throw new WorkbenchError('argument.invalid', 'This installation has no question set. Give one with --suite FILE.')
}

/** Those that come along, as far as they are installed. */
export async function knownSuites(): Promise<BenchSuite[]> {
  const installed = Object.keys(SUITES).filter((name) => existsSync(join(unpacked(appRoot()), 'test', 'suites', SUITES[name] ?? '')))
  return await Promise.all(
    installed.map(async (name) => {
      const { questions } = await readSuite(suiteFile(name))
      const tags = Map.groupBy(
        questions.flatMap(({ tags }) => tags),
        (tag) => tag,
      )
      const counts = [...tags].map(([tag, all]) => ({ tag, questions: all.length }))
      return { name, questions: questions.length, tags: counts.toSorted((a, b) => a.tag.localeCompare(b.tag, 'en', { numeric: true })) }
    }),
  )
}

/** The model and the question set that are named, or those that come along. */
async function askedOf(
  deps: BenchDeps,
  options: BenchOptions,
): Promise<{ readonly model: NamedModel; readonly suite: string }> {
  return { model: await modelOf(deps, options), suite: suiteFile(options.suite ?? BENCH_DEFAULTS.suite.suite) }
}

async function modelOf(deps: BenchDeps, { model }: BenchOptions): Promise<NamedModel> {
  return await findModel(deps, model ?? bundledModelPath(unpacked(appRoot())))
}

/** @throws `argument.invalid` for options of a question set beside a random model, which cannot answer */
function assertNotAsked(options: BenchOptions): void {
  const asked = ASKED_OPTIONS.find((name) => options[name] !== undefined)
  if (asked === undefined) return
  throw new WorkbenchError(
    'argument.invalid',
    `--${dashed(asked)} asks questions, which a model with random weights (--make) cannot answer. Leave out one of them.`,
  )
}

function assertTaken({ kind, ...given }: BenchOptions): void {
  for (const [name, value] of Object.entries(given) as [BenchOption, unknown][]) {
    if (value === undefined || BENCH_TAKES[kind].includes(name)) continue
    const kinds = (Object.keys(BENCH_TAKES) as BenchKind[]).filter((each) => BENCH_TAKES[each].includes(name))
    throw new WorkbenchError(
      'argument.invalid',
      `--${dashed(name)} belongs to --kind ${kinds.join(', ')}, not to --kind ${kind}. ` +
        'Leave it out or take another kind.',
    )
  }
}

/** The command line that asks for the same. */
export function benchCommand({ kind, ...options }: BenchOptions): string {
  const given = Object.entries(options).flatMap(([name, value]) =>
    value === undefined || value === false ? [] : value === true ? [`--${dashed(name)}`] : [`--${dashed(name)}`, quoted(String(value))],
  )
  return ['kvasir', 'bench', '--kind', kind, ...given].join(' ')
}

const quoted = (word: string): string => (/^[\w./:+,=@-]+$/.test(word) ? word : `'${word.replaceAll("'", `'\\''`)}'`)

function dashed(name: string): string {
  return name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)
}
