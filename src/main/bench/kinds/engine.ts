/**
 * `kvasir bench --kind engine`: prefill and decode against libllama, and the time to the first token of `full` and
 * `reuse`, on a random-weight model. What is compared runs alternately, after a warm-up, in one process.
 */
import { BENCH_DEFAULTS, type Measured } from '../../../shared/bench'
import { mkdir, mkdtemp, rm } from 'node:fs/promises'
import { join } from 'node:path'
import type { BenchParams, Segment } from '../../../shared/engine'
import type { JobStep } from '../../../shared/jobs'
import { sha256, tokenDigest } from '../../base/hash'
import { cacheKey } from '../../store/key'
import {
  assertCount,
  withRandomModel,
  type BenchDeps,
  type FinishedBench,
  type RandomModelOptions,
  type UsedModel,
} from '../deps'
import { tokensFor } from '../draw'
import { reportFacts } from '../facts'
import { firstToken, SUB_BATCH, type Bench, type Composed } from '../measure'
import type { ArmReport, Comparison } from '../../../shared/bench-report'
import { armReports, type Sample } from '../samples'
import { contextShape, madeModel, type ContextShape } from '../shapes'
import type { BenchRun } from '../slots'
import { median, medianInterval } from '../statistics'
import { pieces } from '../token-knowledge'

const CHUNK_TOKENS = 512
/** Context in front of the timed decode steps: enough to be real, little enough to be prepared quickly. */
const DECODE_CONTEXT = 256
const DECODE_STEPS = 64

export interface EngineBenchOptions extends RandomModelOptions {
  /** e.g. `1024+64` */
  readonly shape: string
  /** Pairs or rounds of each measurement; default 9, the fewest whose interval is worth stating. */
  readonly repetitions?: number
}

/** What every measurement needs. */
interface EngineBench extends Bench {
  readonly fingerprint: string
  readonly shape: ContextShape
  readonly repetitions: number
  tokens(count: number, round: number): number[]
  step(step: JobStep): void
  measured(figure: Measured): void
}

/** @throws `argument.invalid`, `cancelled`, the engine's errors */
export async function runEngineBench(
  deps: BenchDeps,
  options: EngineBenchOptions,
  run: BenchRun = {},
): Promise<FinishedBench> {
  const { repetitions = BENCH_DEFAULTS.engine.repetitions, seed = 1, command } = options
  const shape = contextShape(options.shape)
  assertCount('repetitions', repetitions)
  madeModel(options.make, seed, options.layers)
  return await withRandomModel(deps, { ...options, run }, async (used) => {
    const bench = engineBench(deps, used, { shape, repetitions, seed, run })
    const prefill = await compare(bench, 'prefill', shape.knowledge)
    const decode = await compare(bench, 'decode', Math.min(DECODE_CONTEXT, shape.knowledge))
    const arms = await timeToFirstToken(bench, deps.dataDir)
    const facts = await reportFacts(deps.engine, { ...used, version: deps.version, command, signal: run.signal })
    return {
      report: { ...facts, kind: 'engine' as const, repetitions, engine: { prefill, decode }, arms },
      forget: async () => undefined,
    }
  })
}

function engineBench(
  { engine }: BenchDeps,
  { model, fingerprint }: UsedModel,
  {
    shape,
    repetitions,
    seed,
    run,
  }: Pick<EngineBench, 'shape' | 'repetitions'> & { readonly seed: number; readonly run: BenchRun },
): EngineBench {
  // A warm-up for each of three measurements, encoding, and the rounds.
  const total = 4 + 3 * repetitions
  let done = 0
  return {
    engine,
    model,
    fingerprint,
    shape,
    repetitions,
    signal: run.signal,
    tokens: tokensFor(model, seed),
    measured: (figure) => run.onMeasured?.([figure], true),
    step: (step) => run.onProgress?.({ step, done: done++, total, unit: 'steps' }),
  }
}

/** Tokens per second of both engines; each pair's order is the reverse of the one before. */
async function compare(bench: EngineBench, what: BenchParams['what'], tokenCount: number): Promise<Comparison> {
  const speeds: Record<BenchParams['who'], number[]> = { kvasir: [], libllama: [] }
  const measure = async (who: BenchParams['who'], tokens: number[]): Promise<number> => {
    const params = { model: bench.model.model, who, what, tokens, steps: DECODE_STEPS, subBatch: SUB_BATCH }
    const result = await bench.engine.call('bench', params, { signal: bench.signal })
    return result.tokens / (result.ms / 1000)
  }
  bench.step({ code: 'warming-up' })
  // A short one: it touches all weights and starts all threads.
  for (const who of ['kvasir', 'libllama'] as const) await measure(who, bench.tokens(Math.min(64, tokenCount), 0))
  for (let pair = 1; pair <= bench.repetitions; pair++) {
    bench.step({ code: 'measuring', name: what, number: pair, of: bench.repetitions })
    const tokens = bench.tokens(tokenCount, pair)
    for (const who of pair % 2 === 1 ? (['kvasir', 'libllama'] as const) : (['libllama', 'kvasir'] as const)) {
      const speed = await measure(who, tokens)
      speeds[who].push(speed)
      bench.measured({ name: `${who}, ${what}`, figure: 'tokensPerSecond', value: speed })
    }
  }
  const ratios = speeds.kvasir.map((speed, pair) => speed / (speeds.libllama[pair] ?? Number.NaN))
  return {
    kvasir: median(speeds.kvasir),
    libllama: median(speeds.libllama),
    ratio: median(ratios),
    ratioInterval: medianInterval(ratios),
  }
}

/** `full` and `reuse` in alternating order over the same tokens; the caches lie in a folder of their own meanwhile. */
async function timeToFirstToken(bench: EngineBench, dataDir: string): Promise<ArmReport[]> {
  const parent = join(dataDir, 'bench')
  await mkdir(parent, { recursive: true })
  const folder = await mkdtemp(join(parent, 'objects-'))
  try {
    const { shape, repetitions, model } = bench
    const bos = model.bosToken ? [model.bosToken.id] : []
    const knowledge = bench.tokens(shape.knowledge, 0)
    bench.step({ code: 'computing-caches' })
    const front: Segment[] = bos.length > 0 ? [{ kind: 'compute', tokens: bos }] : []
    const cached = await encodeDocument(bench, folder, bos, knowledge)
    const compositions: Record<'full' | 'reuse', (question: number[]) => Composed['segments']> = {
      // In one run with the knowledge: full prefill has no border there.
      full: (question) => [{ kind: 'compute', tokens: [...bos, ...knowledge, ...question] }],
      reuse: (question) => [...front, ...cached, { kind: 'compute', tokens: question }],
    }
    const samples: Record<'full' | 'reuse', Sample[]> = { full: [], reuse: [] }
    const measure = async (arm: 'full' | 'reuse', question: number[]): Promise<Sample> =>
      await firstToken(bench, { segments: compositions[arm](question), recompute: { kind: 'none' } }, shape)
    bench.step({ code: 'warming-up' })
    await measure('reuse', bench.tokens(shape.question, -1))
    for (let round = 1; round <= repetitions; round++) {
      bench.step({ code: 'measuring', name: 'reuse', number: round, of: repetitions })
      const question = bench.tokens(shape.question, round)
      for (const arm of round % 2 === 1 ? (['full', 'reuse'] as const) : (['reuse', 'full'] as const)) {
        const sample = await measure(arm, question)
        samples[arm].push(sample)
        bench.measured({ name: arm, figure: 'ttftMs', value: sample.ttftMs })
      }
    }
    return armReports([
      { name: 'full', samples: samples.full },
      { name: 'reuse', samples: samples.reuse },
    ])
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}

/** The `document` variants of the knowledge, cut into chunks, as segments to be read. */
async function encodeDocument(
  bench: EngineBench,
  folder: string,
  bos: number[],
  knowledge: number[],
): Promise<Segment[]> {
  const chunks = pieces(knowledge, CHUNK_TOKENS).map((tokens, index) => {
    const chain = tokenDigest([...bos, ...knowledge.slice(0, index * CHUNK_TOKENS)])
    const key = cacheKey(bench.fingerprint, chain, tokenDigest(tokens))
    return { tokens, key, path: join(folder, `${sha256(key)}.kvo`) }
  })
  const context: Segment[] = bos.length > 0 ? [{ kind: 'compute', tokens: bos }] : []
  await bench.engine.call(
    'encode',
    { model: bench.model.model, context, chunks, subBatch: SUB_BATCH },
    { signal: bench.signal },
  )
  return chunks.map((chunk) => ({ kind: 'cached', ...chunk }))
}
