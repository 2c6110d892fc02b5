/**
 * `kvasir bench --kind shape`: the time to the first token of every arm on a random-weight model of a named shape. The
 * arms take turns; who begins changes with every repetition.
 */
import { BENCH_DEFAULTS, type Measured } from '../../../shared/bench'
import { engineVersion } from '../../engine/engine-version'
import { assertLayers, isBaseline, parseArms, type Arm } from '../arms'
import {
  assertCount,
  withRandomModel,
  type BenchDeps,
  type FinishedBench,
  type RandomModelOptions,
  type UsedModel,
} from '../deps'
import { tokensFor } from '../draw'
import { machineFacts, reportFacts } from '../facts'
import { Journal } from '../journal'
import { firstToken, libllamaFirstToken, residentFirstToken, type Bench } from '../measure'
import { armReports, sample, type Sample, type Samples } from '../samples'
import { contextShape, madeModel, type ContextShape } from '../shapes'
import { keeping, measureSlots, type BenchRun, type Slot } from '../slots'
import { TokenContext } from '../token-context'

const DEFAULTS = BENCH_DEFAULTS.shape
/** Tokens that touch all weights and start all threads. */
const WARM_UP = 64

export interface ShapeBenchOptions extends RandomModelOptions {
  /** e.g. `4096+64` */
  readonly shape: string
  /** Tokens of a chunk; default 512. */
  readonly chunk?: number
  /** Apart by commas; default `usualArms('shape')`. */
  readonly arms?: string
  /** Default 5. */
  readonly repetitions?: number
  /** Repetitions in which `full` and `libllama` take part; default all. */
  readonly baselines?: number
}

/** @throws `argument.invalid`, `cancelled`, the engine's errors */
export async function runShapeBench(
  deps: BenchDeps,
  options: ShapeBenchOptions,
  run: BenchRun = {},
): Promise<FinishedBench> {
  const { repetitions = DEFAULTS.repetitions, baselines = repetitions, chunk = DEFAULTS.chunk, seed = 1 } = options
  const shape = contextShape(options.shape)
  const arms = parseArms(options.arms, 'shape')
  assertCount('repetitions', repetitions)
  assertCount('repetitions of full and libllama', baselines)
  assertCount('tokens of a chunk', chunk)
  assertLayers(arms, madeModel(options.make, seed, options.layers).params.layers)
  return await withRandomModel(deps, { ...options, run }, async (used) => {
    const measured = await measureArms(
      deps,
      { used, shape, chunk, arms, repetitions, baselines, seed, kind: 'shape', fresh: options.fresh ?? false },
      run,
    )
    const report = {
      ...(await reportFacts(deps.engine, {
        ...used,
        version: deps.version,
        command: options.command,
        signal: run.signal,
      })),
      kind: 'shape' as const,
      repetitions,
      baselines: baselines < repetitions ? baselines : undefined,
      runs: measured.journal.runs,
      shape: { ...shape, chunk },
      arms: armReports(measured.samples),
    }
    return { report, forget: () => measured.journal.end() }
  })
}

export interface ArmsInput {
  readonly used: UsedModel
  readonly shape: ContextShape
  readonly chunk: number
  readonly arms: readonly Arm[]
  readonly repetitions: number
  /** Repetitions in which `full` and `libllama` take part. */
  readonly baselines: number
  readonly seed: number
  readonly kind: 'shape' | 'table1'
  readonly fresh: boolean
}

export interface MeasuredArms {
  readonly journal: Journal<Sample>
  readonly samples: readonly Samples[]
  /** Of all chunks' caches: how long they took, and their bytes. */
  readonly encodeMs: number
  readonly bytes: number
}

interface ArmSlot extends Slot {
  readonly arm: Arm
  readonly repetition: number
}

/** Measures every arm in every repetition, as far as an interrupted run has not. */
export async function measureArms(deps: BenchDeps, input: ArmsInput, run: BenchRun): Promise<MeasuredArms> {
  const { used, shape, chunk, arms, seed, kind, fresh } = input
  const bench: Bench = { engine: deps.engine, model: used.model, signal: run.signal }
  const journal = await Journal.open({
    dataDir: deps.dataDir,
    entry: sample,
    fresh,
    identity: {
      kind,
      engine: engineVersion(deps.version),
      model: used.fingerprint,
      machine: machineFacts(used.model),
      shape,
      chunk,
      seed,
      arms: arms.map(({ name }) => name),
    },
  })
  return await keeping(journal, async () => {
    const tokens = tokensFor(used.model, seed)
    const knowledge = tokens(shape.knowledge, 0)
    const strategies = arms.flatMap((arm) => (arm.kind === 'strategy' ? [arm.spec] : []))
    const place = { bench, fingerprint: used.fingerprint, folder: journal.folder, knowledge, chunk, strategies, run }
    await using context = await TokenContext.open(place)
    const slots = slotsOf(input)
    if (slots.some(({ id }) => !journal.has(id))) {
      run.onProgress?.({ step: { code: 'warming-up' }, done: journal.size, total: slots.length, unit: 'measurements' })
      await warmUp(bench, context, tokens(WARM_UP, -1))
    }
    const measure = ({ arm, repetition }: ArmSlot): Promise<Sample> =>
      measureArm(bench, { context, arm, question: tokens(shape.question, repetition) })
    const shows = ({ arm }: ArmSlot, { ttftMs }: Sample): Measured[] => [{ name: arm.name, figure: 'ttftMs', value: ttftMs }]
    await measureSlots(slots, { journal, measure, shows, run })
    const samples = arms.map(({ name }) => ({
      name,
      samples: slots.filter(({ arm }) => arm.name === name).map(({ id }) => journal.get(id)),
    }))
    return { journal, samples, encodeMs: context.encodeMs, bytes: context.bytes }
  })
}

/** Repetition by repetition; each begins with the arm behind the one that the last began with. */
function slotsOf({ arms, repetitions, baselines }: ArmsInput): ArmSlot[] {
  return Array.from({ length: repetitions }, (_, at) => {
    const taking = arms.filter((arm) => at < baselines || !isBaseline(arm))
    const first = at % taking.length
    return [...taking.slice(first), ...taking.slice(0, first)].map((arm): ArmSlot => ({
      id: `${at + 1}/${arm.name}`,
      label: arm.name,
      step: { code: 'measuring', name: arm.name, number: at + 1, of: repetitions },
      arm,
      repetition: at + 1,
    }))
  }).flat()
}

/** Brings the objects into the page cache, too. */
async function warmUp(bench: Bench, context: TokenContext, tokens: readonly number[]): Promise<void> {
  const prompt = context.promptOf(tokens)
  await libllamaFirstToken(bench, context.alone(tokens), prompt)
  await firstToken(bench, await context.composed({ name: 'reuse', bos: true }, tokens), prompt)
}

async function measureArm(
  bench: Bench,
  {
    context,
    arm,
    question,
  }: { readonly context: TokenContext; readonly arm: Arm; readonly question: readonly number[] },
): Promise<Sample> {
  const prompt = context.promptOf(question)
  switch (arm.kind) {
    case 'libllama':
      return await libllamaFirstToken(bench, await context.composed({ name: 'full' }, question), prompt)
    case 'resident':
      return await residentFirstToken(bench, await context.composed({ name: 'reuse', bos: true }, question), prompt)
    case 'question':
      return await firstToken(bench, context.alone(question), { ...prompt, knowledge: 0 })
    case 'strategy':
      return await firstToken(bench, await context.composed(arm.spec, question), prompt)
  }
}
