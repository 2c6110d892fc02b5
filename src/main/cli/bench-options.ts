/** What `kvasir bench` takes, by kind, and which bench that starts. */
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { WorkbenchError } from '../../shared/errors'
import type { BenchDeps, CommonOptions, FinishedBench } from '../bench/deps'
import { runCodecBench } from '../bench/kinds/codec'
import { runCodecShapeBench } from '../bench/kinds/codec-shape'
import { runEngineBench } from '../bench/kinds/engine'
import { runNovelBench } from '../bench/kinds/novel'
import { runShapeBench } from '../bench/kinds/shape'
import { runStoreBench } from '../bench/kinds/store'
import { runSuiteBench } from '../bench/kinds/suite'
import { runTable1Bench } from '../bench/kinds/table1'
import { findModel, type NamedModel } from '../bench/model-file'
import type { BenchKind } from '../bench/report'
import type { BenchRun } from '../bench/slots'
import { appRoot, unpacked } from '../engine/places'
import { bundledModelPath } from '../workbench/sample'

/** As given: what is absent has the kind's own default. */
export interface BenchOptions {
  readonly kind: BenchKind
  readonly out?: readonly string[]
  readonly threads?: number
  readonly device?: string
  readonly seed?: number
  readonly fresh?: boolean
  readonly make?: string
  readonly layers?: number
  readonly shape?: string
  readonly chunk?: number
  readonly arms?: string
  readonly repetitions?: number
  readonly baselines?: number
  readonly suite?: string
  readonly tag?: string
  readonly model?: string
  readonly questions?: number
  readonly maxTokens?: number
  readonly firstQuery?: boolean
  readonly queries?: number
  readonly documents?: number
  readonly perQuery?: number
  readonly documentTokens?: number
  readonly questionTokens?: number
  readonly epochs?: number
  readonly priceHour?: number
  readonly priceGbMonth?: number
  readonly requestsMonth?: number
}

type OptionName = Exclude<keyof BenchOptions, 'kind'>

const ALWAYS: readonly OptionName[] = ['out', 'threads', 'device', 'seed']
const RANDOM: readonly OptionName[] = ['make', 'layers']
/** Of a question set. */
const ASKED: readonly OptionName[] = ['suite', 'tag', 'model', 'questions', 'maxTokens']
/** Every kind's own. */
const TAKES: Readonly<Record<BenchKind, readonly OptionName[]>> = {
  engine: [...RANDOM, 'shape', 'repetitions'],
  shape: [...RANDOM, 'shape', 'chunk', 'arms', 'repetitions', 'baselines', 'fresh'],
  suite: [...ASKED, 'arms', 'firstQuery', 'fresh'],
  table1: [...RANDOM, 'shape', 'chunk', 'repetitions', 'epochs', 'priceHour', 'priceGbMonth', 'requestsMonth', 'fresh'],
  codec: [...RANDOM, 'shape', 'chunk', 'repetitions', ...ASKED, 'fresh'],
  store: ['model', 'documents', 'queries'],
  novel: [...RANDOM, 'arms', 'queries', 'documents', 'perQuery', 'documentTokens', 'questionTokens', 'fresh'],
}

const MAKE = '1b:q4_0'
/** The shapes that people quote for each kind. */
const SHAPES = { engine: '1024+64', shape: '4096+64', table1: '8192+2048' } as const

/** The question sets that come along, by name. */
const SUITES: Readonly<Record<string, string>> = { demo: 'demo.jsonl', hard: 'demo-hard.jsonl' }

/** Where a question set lies: one of those that come along, or a file. @throws `argument.invalid` where it is not installed */
function suiteFile(suite: string): string {
  const name = SUITES[suite]
  if (name === undefined) return suite
  const path = join(unpacked(appRoot()), 'test', 'suites', name)
  if (existsSync(path)) return path
  throw new WorkbenchError('argument.invalid', 'This installation has no question set. Give one with --suite FILE.')
}

/** Starts what the options name. @throws `argument.invalid` also for options of another kind */
export async function runBench(
  deps: BenchDeps,
  options: BenchOptions & Pick<CommonOptions, 'command'>,
  run: BenchRun,
): Promise<FinishedBench> {
  assertOptions(options)
  const { kind, make = MAKE, firstQuery = false } = options
  switch (kind) {
    case 'engine':
      return await runEngineBench(deps, { ...options, make, shape: options.shape ?? SHAPES.engine }, run)
    case 'shape':
      return await runShapeBench(deps, { ...options, make, shape: options.shape ?? SHAPES.shape }, run)
    case 'table1': {
      const { priceHour, priceGbMonth, requestsMonth } = options
      const prices = { perHour: priceHour, perGbMonth: priceGbMonth, requestsPerMonth: requestsMonth }
      return await runTable1Bench(deps, { ...options, make, prices, shape: options.shape ?? SHAPES.table1 }, run)
    }
    case 'novel':
      return await runNovelBench(deps, { ...options, make }, run)
    case 'codec':
      if (options.make === undefined) return await runCodecBench(deps, { ...options, ...(await askedOf(deps, options)) }, run)
      assertNotAsked(options)
      return await runCodecShapeBench(deps, { ...options, make, shape: options.shape ?? SHAPES.shape }, run)
    case 'store': {
      const model = await findModel(deps.dataDir, options.model ?? bundledModelPath(unpacked(appRoot())))
      return await runStoreBench(deps, { ...options, model }, run)
    }
    case 'suite':
      return await runSuiteBench(deps, { ...options, ...(await askedOf(deps, options)), tails: !firstQuery }, run)
  }
}

/** The model and the question set that are named, or those that come along. */
async function askedOf(
  { dataDir }: BenchDeps,
  { model, suite }: BenchOptions,
): Promise<{ readonly model: NamedModel; readonly suite: string }> {
  return {
    model: await findModel(dataDir, model ?? bundledModelPath(unpacked(appRoot()))),
    suite: suiteFile(suite ?? 'demo'),
  }
}

/** @throws `argument.invalid` for options of a question set beside a random model, which cannot answer */
function assertNotAsked(options: BenchOptions): void {
  const asked = ASKED.find((name) => options[name] !== undefined)
  if (asked === undefined) return
  throw new WorkbenchError(
    'argument.invalid',
    `--${dashed(asked)} asks questions, which a model with random weights (--make) cannot answer. Leave out one of them.`,
  )
}

function assertOptions(options: BenchOptions): void {
  const { kind, ...given } = options
  const own = [...ALWAYS, ...TAKES[kind]]
  for (const name of Object.keys(TAKES).flatMap((each) => TAKES[each as BenchKind])) {
    if (given[name] === undefined || own.includes(name)) continue
    const kinds = Object.entries(TAKES).flatMap(([each, takes]) => (takes.includes(name) ? [each] : []))
    throw new WorkbenchError(
      'argument.invalid',
      `--${dashed(name)} belongs to --kind ${kinds.join(', ')}, not to --kind ${kind}. ` +
        'Leave it out or take another kind.',
    )
  }
}

function dashed(name: string): string {
  return name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)
}
