/**
 * `kvasir bench --kind engine`: prefill and decode against libllama, and the time to the first token of `full` and
 * `reuse`, on a random-weight model. What is compared runs alternately, after a warm-up, in one process.
 */
import { mkdtemp, mkdir, rm } from 'node:fs/promises'
import { cpus, totalmem } from 'node:os'
import { join } from 'node:path'
import type { AnswerResult, BenchParams, LoadedModel, Segment } from '../../shared/engine'
import { WorkbenchError } from '../../shared/errors'
import { sha256, tokenDigest } from '../base/hash'
import type { Engine } from '../engine/engine'
import { cacheKey } from '../store/key'
import { randomModelFile, randomTokens } from './random-model'
import type { ArmReport, BenchReport, Comparison } from './report'
import { contextShape, madeModel, type ContextShape } from './shapes'
import { median, medianInterval, quantile } from './statistics'

const CHUNK_TOKENS = 512
const SUB_BATCH = 512
/** Context in front of the timed decode steps: enough to be real, little enough that preparing it does not take over. */
const DECODE_CONTEXT = 256
const DECODE_STEPS = 64

export interface BenchDeps {
  readonly engine: Engine
  readonly dataDir: string
  /** Of Kvasir. */
  readonly version: string
}

export interface EngineBenchOptions {
  /** e.g. `1b:q4_0` */
  readonly make: string
  /** e.g. `1024+64` */
  readonly shape: string
  /** Pairs or rounds of each measurement; default 9, the fewest whose interval is worth stating. */
  readonly repetitions?: number
  /** CPU threads; default 0, the physical cores. */
  readonly threads?: number
  readonly device?: string
  /** Of weights and tokens; default 1. */
  readonly seed?: number
  /** For the report. */
  readonly command: string
}

export interface BenchRun {
  readonly signal?: AbortSignal
  /** `done` of `total` steps; `phase` in plain words. */
  readonly onProgress?: (phase: string, done: number, total: number) => void
}

/** What every measurement needs. */
interface Bench {
  readonly engine: Engine
  readonly model: LoadedModel
  readonly fingerprint: string
  readonly shape: ContextShape
  readonly repetitions: number
  readonly seed: number
  readonly signal: AbortSignal | undefined
  step(phase: string): void
}

/** @throws `argument.invalid`, `cancelled`, the engine's errors */
export async function runEngineBench(
  { engine, dataDir, version }: BenchDeps,
  options: EngineBenchOptions,
  { signal, onProgress }: BenchRun = {},
): Promise<BenchReport> {
  const { repetitions = 9, threads = 0, device = 'auto', seed = 1 } = options
  if (!Number.isInteger(repetitions) || repetitions < 1) {
    throw new WorkbenchError('argument.invalid', `Expected at least 1 repetition, got ${repetitions}.`)
  }
  const made = madeModel(options.make, seed)
  const shape = contextShape(options.shape)
  // Making, loading, a warm-up for each of three measurements, encoding, and the rounds.
  const total = 6 + 3 * repetitions
  let done = 0
  const step = (phase: string): void => onProgress?.(phase, done++, total)

  step(`making the random model ${made.name}`)
  const path = await randomModelFile(engine, dataDir, made, signal)
  const { digest: fingerprint } = await engine.call('fingerprint', { path }, { signal })
  step('loading it')
  const model = await engine.call('load', { path, options: { device, gpuLayers: 'auto', threads } }, { signal })
  try {
    const bench: Bench = { engine, model, fingerprint, shape, repetitions, seed, signal, step }
    const prefill = await compare(bench, 'prefill', shape.knowledge)
    const decode = await compare(bench, 'decode', Math.min(DECODE_CONTEXT, shape.knowledge))
    const arms = await timeToFirstToken(bench, dataDir)
    const { ggmlVersion, llamaVersion } = await engine.call('system', {}, { signal })
    return {
      kvasir: version,
      createdAt: new Date().toISOString(),
      command: options.command,
      kind: 'engine',
      machine: {
        cpu: cpus()[0]?.model.trim() ?? process.arch,
        threads: model.threads,
        device: model.device,
        memoryGiB: Math.round(totalmem() / 1024 ** 3),
      },
      model: {
        name: made.name,
        fingerprint,
        architecture: model.architecture,
        parameters: model.parameters,
        quantization: model.quantization,
        kvBytesPerToken: model.kvBytesPerToken,
      },
      libraries: { ggml: ggmlVersion, llama: llamaVersion },
      repetitions,
      engine: { prefill, decode },
      arms,
    }
  } finally {
    await engine.call('unload', { model: model.model })
  }
}

/** Tokens per second of both engines; each pair's order is the reverse of the one before. */
async function compare(bench: Bench, what: BenchParams['what'], tokenCount: number): Promise<Comparison> {
  const speeds: Record<BenchParams['who'], number[]> = { kvasir: [], libllama: [] }
  const measure = async (who: BenchParams['who'], tokens: number[]): Promise<number> => {
    const params = { model: bench.model.model, who, what, tokens, steps: DECODE_STEPS, subBatch: SUB_BATCH }
    const result = await bench.engine.call('bench', params, { signal: bench.signal })
    return result.tokens / (result.ms / 1000)
  }
  bench.step(`${what}: warming up`)
  // A short one: it touches all weights and starts all threads.
  for (const who of ['kvasir', 'libllama'] as const) await measure(who, tokensFor(bench, Math.min(64, tokenCount), 0))
  for (let pair = 1; pair <= bench.repetitions; pair++) {
    bench.step(`${what}: pair ${pair} of ${bench.repetitions}`)
    const tokens = tokensFor(bench, tokenCount, pair)
    for (const who of pair % 2 === 1 ? (['kvasir', 'libllama'] as const) : (['libllama', 'kvasir'] as const)) {
      speeds[who].push(await measure(who, tokens))
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

interface Shot {
  readonly ttftMs: number
  readonly loadMs: number
  readonly result: AnswerResult
}

/** `full` and `reuse` in alternating order over the same tokens; the caches lie in a folder of their own meanwhile. */
async function timeToFirstToken(bench: Bench, dataDir: string): Promise<ArmReport[]> {
  const parent = join(dataDir, 'bench')
  await mkdir(parent, { recursive: true })
  const folder = await mkdtemp(join(parent, 'objects-'))
  try {
    const { bosToken } = bench.model
    const bos = bosToken ? [bosToken.id] : []
    const knowledge = tokensFor(bench, bench.shape.knowledge, 0)
    bench.step('computing the caches')
    const cached = await encodeDocument(bench, folder, bos, knowledge)
    const knowledgeSegments: Record<'full' | 'reuse', Segment[]> = {
      full: [{ kind: 'compute', tokens: [...bos, ...knowledge] }],
      reuse: [...(bos.length > 0 ? [{ kind: 'compute', tokens: bos } as const] : []), ...cached],
    }
    const shots: Record<'full' | 'reuse', Shot[]> = { full: [], reuse: [] }
    bench.step('time to first token: warming up')
    await shoot(bench, knowledgeSegments.reuse, tokensFor(bench, bench.shape.question, -1))
    for (let round = 1; round <= bench.repetitions; round++) {
      bench.step(`time to first token: round ${round} of ${bench.repetitions}`)
      const question = tokensFor(bench, bench.shape.question, round)
      for (const arm of round % 2 === 1 ? (['full', 'reuse'] as const) : (['reuse', 'full'] as const)) {
        shots[arm].push(await shoot(bench, knowledgeSegments[arm], question))
      }
    }
    return [
      armReport('full', shots.full, shots.full, bench.shape),
      armReport('reuse', shots.reuse, shots.full, bench.shape),
    ]
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}

/** The `document` variants of the knowledge, cut into chunks, as segments to be read. */
async function encodeDocument(bench: Bench, folder: string, bos: number[], knowledge: number[]): Promise<Segment[]> {
  const chunks = Array.from({ length: Math.ceil(knowledge.length / CHUNK_TOKENS) }, (_, index) => {
    const tokens = knowledge.slice(index * CHUNK_TOKENS, (index + 1) * CHUNK_TOKENS)
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

/** One greedy token; timed from the request here to its arrival here. */
async function shoot(
  { engine, model, signal }: Bench,
  knowledge: readonly Segment[],
  question: number[],
): Promise<Shot> {
  // In one run with the knowledge where that is computed: full prefill has no border there.
  const last = knowledge.at(-1)
  const joined = last?.kind === 'compute' && knowledge.length === 1
  const segments: Segment[] = joined
    ? [{ kind: 'compute', tokens: [...last.tokens, ...question] }]
    : [...knowledge, { kind: 'compute', tokens: question }]
  const sampling = { temperature: 0, topK: 1, topP: 1, minP: 0, seed: 0 }
  const started = performance.now()
  let ttftMs: number | null = null
  const result = await engine.call(
    'answer',
    { model: model.model, segments, sampling, maxTokens: 1, stop: [], subBatch: SUB_BATCH },
    {
      signal,
      onEvent: (event) => {
        if (event.type === 'first-token') ttftMs = performance.now() - started
      },
    },
  )
  const loadMs = result.stages
    .filter(({ name }) => name === 'read' || name === 'upload')
    .reduce((sum, { ms }) => sum + ms, 0)
  return { ttftMs: ttftMs ?? performance.now() - started, loadMs, result }
}

function armReport(name: string, shots: readonly Shot[], full: readonly Shot[], shape: ContextShape): ArmReport {
  const ttft = shots.map((shot) => shot.ttftMs)
  const noLoad = shots.map((shot) => shot.ttftMs - shot.loadMs)
  const ratios = shots.map((shot, round) => (full[round]?.ttftMs ?? Number.NaN) / shot.ttftMs)
  const { reusedTokens = 0, computedTokens = 0, bytesRead = 0 } = shots[0]?.result ?? {}
  return {
    name,
    ttftMs: { p50: quantile(ttft, 0.5), p95: quantile(ttft, 0.95) },
    ttftNoLoadMs: { p50: quantile(noLoad, 0.5), p95: quantile(noLoad, 0.95) },
    ratioToFull: median(ratios),
    ratioInterval: medianInterval(ratios),
    tokens: { ...shape, reused: reusedTokens, computed: computedTokens },
    bytesRead,
  }
}

/** Other tokens for every round, the same in every run. */
function tokensFor({ model, seed }: Bench, count: number, round: number): number[] {
  const control = [model.bosToken?.id ?? -1, model.eosToken?.id ?? -1]
  return randomTokens(count, model.vocabulary, seed * 1000 + round, control)
}
