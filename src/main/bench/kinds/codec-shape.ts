/**
 * `kvasir bench --kind codec --make …`: what caches of a random model of a real shape take in each form, how fast they are
 * coded and decoded, and what part of a blended query's time loading them is. Random weights have nothing to answer.
 */
import { join } from 'node:path'
import { z } from 'zod'
import { engineVersion } from '../../engine/engine-version'
import type { F16Cache } from '../../session/profiles/coded-files'
import { cachesInForms, f16Bytes, type CachesInForm } from '../coded-caches'
import { CODED_FORMS, PEER_FORMS } from '../codec-forms'
import { assertCount, withRandomModel, type BenchDeps, type FinishedBench, type RandomModelOptions } from '../deps'
import { tokensFor } from '../draw'
import { machineFacts, reportFacts } from '../facts'
import { Journal } from '../journal'
import { firstToken, type Bench } from '../measure'
import type { CodecRow } from '../report'
import { contextShape } from '../shapes'
import { keeping, measureSlots, type BenchRun, type Slot } from '../slots'
import { median } from '../statistics'
import { CHECK_LAYER, TokenContext } from '../token-context'

export interface CodecShapeOptions extends RandomModelOptions {
  /** e.g. `4096+64` */
  readonly shape: string
  /** Tokens of a chunk; default 512. */
  readonly chunk?: number
  /** Of each query; default 3. */
  readonly repetitions?: number
}

/** Chunks of other tokens that codebooks are learnt from. */
const LEARNING_CHUNKS = 4
const F16 = 'f16'
const BLEND = { name: 'blend', ratio: 0.15, layer: CHECK_LAYER, by: 'v', attention: false, gradual: false, bos: true } as const

interface QuerySlot extends Slot {
  readonly form: CachesInForm | null
  readonly repetition: number
}

/** @throws `argument.invalid`, `cancelled`, the engine's errors */
export async function runCodecShapeBench(
  deps: BenchDeps,
  options: CodecShapeOptions,
  run: BenchRun = {},
): Promise<FinishedBench> {
  const { chunk = 512, repetitions = 3, seed = 1, fresh = false } = options
  const shape = contextShape(options.shape)
  assertCount('tokens of a chunk', chunk)
  assertCount('repetitions', repetitions)
  return await withRandomModel(deps, { ...options, run }, async (used) => {
    const { engine } = deps
    const bench: Bench = { engine, model: used.model, signal: run.signal }
    const identity = {
      kind: 'codec',
      engine: engineVersion(deps.version),
      model: used.fingerprint,
      machine: machineFacts(used.model),
      shape,
      chunk,
      seed,
      forms: [...CODED_FORMS, ...PEER_FORMS],
    }
    const journal = await Journal.open({ dataDir: deps.dataDir, entry: z.number(), fresh, identity })
    return await keeping(journal, async () => {
      const tokens = tokensFor(used.model, seed)
      const place = { bench, fingerprint: used.fingerprint, chunk, strategies: [], run }
      const known = { ...place, folder: join(journal.folder, 'learning'), knowledge: tokens(LEARNING_CHUNKS * chunk, -1) }
      await using learning = await TokenContext.open(known)
      const asked = { ...place, folder: join(journal.folder, 'asked'), knowledge: tokens(shape.knowledge, 0) }
      await using context = await TokenContext.open(asked)
      const caches = await cachesOf(context)
      const forms = await cachesInForms({
        engine,
        folder: join(journal.folder, 'forms'),
        fingerprint: used.fingerprint,
        layers: used.model.layers,
        threads: used.model.threads,
        learning: await cachesOf(learning),
        caches,
        // Random weights have no answers to calibrate by.
        profiles: [],
        run,
      })
      const asks = [null, ...forms.filter(({ segment }) => segment)]
      const slots = Array.from({ length: repetitions }, (_, at) =>
        asks.map((form): QuerySlot => {
          const name = form?.name ?? F16
          return { id: `${at + 1}/${name}`, label: 'query', phase: `blending ${name}`, form, repetition: at + 1 }
        }),
      ).flat()
      const measure = async ({ form, repetition }: QuerySlot): Promise<number> => {
        const question = tokens(shape.question, repetition)
        const { segments, recompute } = await context.composed(BLEND, question)
        const changed = segments.map((each) => (each.kind === 'cached' && form?.segment ? form.segment(each) : each))
        const { loadMs = 0, ttftMs } = await firstToken(bench, { segments: changed, recompute }, context.promptOf(question))
        return loadMs / ttftMs
      }
      await measureSlots(slots, { journal, measure, run })
      const facts = await reportFacts(engine, {
        ...used,
        version: deps.version,
        command: options.command,
        signal: run.signal,
      })
      const elements = (caches.reduce((sum, cache) => sum + cache.tokens, 0) * used.model.kvBytesPerToken) / 2
      const f16 = { name: F16, isPeer: false, bytes: await f16Bytes(caches), sharedBytes: 0 }
      const loads = (name: string): number[] =>
        slots.filter(({ form }) => (form?.name ?? F16) === name).map(({ id }) => journal.get(id))
      const report = {
        ...facts,
        kind: 'codec' as const,
        repetitions,
        runs: journal.runs,
        shape: { ...shape, chunk },
        arms: [],
        codec: [f16, ...forms].map((form) => ({
          ...weighed(form, { elements, chunks: caches.length }),
          ...(loads(form.name).length > 0 && { loadShare: median(loads(form.name)) }),
        })),
      }
      return { report, forget: () => journal.end() }
    })
  })
}

async function cachesOf(context: TokenContext): Promise<F16Cache[]> {
  const { segments } = await context.composed({ name: 'reuse', bos: true }, [0])
  return segments.flatMap((segment) =>
    segment.kind === 'cached' ? [{ key: segment.key, path: segment.path, tokens: segment.tokens.length }] : [],
  )
}

/** What a form takes, and how fast it is made and read. `elements`: of K and V of all layers. */
export function weighed(
  form: Pick<CachesInForm, 'name' | 'isPeer' | 'bytes' | 'sharedBytes'> & Partial<CachesInForm>,
  { elements, chunks }: { readonly elements: number; readonly chunks: number },
): CodecRow {
  const megabytes = (2 * elements) / 1e6
  return {
    profile: form.name,
    peer: form.isPeer,
    bytesPerChunk: form.bytes / chunks,
    sharedBytes: form.sharedBytes,
    bitsPerElement: (8 * form.bytes) / elements,
    ratioToF16: (2 * elements) / form.bytes,
    ...(form.encodeMs !== undefined && { encodeMBps: megabytes / (form.encodeMs / 1000) }),
    ...(form.decodeMs !== undefined && { decodeMBps: megabytes / (form.decodeMs / 1000) }),
  }
}
