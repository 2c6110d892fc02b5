/**
 * `kvasir bench --kind codec --make …`: what caches of a random model of a real shape take in each form, how fast they are
 * coded and decoded, what part of a blended query's time loading them is, and how long a query takes that only reuses them:
 * from their files, and from engine memory. Random weights have nothing to answer.
 */
import { join } from 'node:path'
import { z } from 'zod'
import { BENCH_DEFAULTS, type Measured as MeasuredFigure } from '../../../shared/bench'
import { engineVersion } from '../../engine/engine-version'
import type { F16Cache } from '../../session/profiles/coded-files'
import { cachesInForms, f16Bytes, type CachesInForm } from '../coded-caches'
import { CODED_FORMS, PEER_FORMS } from '../codec-forms'
import { assertCount, withRandomModel, type BenchDeps, type FinishedBench, type RandomModelOptions } from '../deps'
import { tokensFor } from '../draw'
import { machineFacts, reportFacts } from '../facts'
import { Journal } from '../journal'
import { firstToken, type Bench } from '../measure'
import type { CodecRow } from '../../../shared/bench-report'
import type { Sample } from '../samples'
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

const REUSE = { name: 'reuse', bos: true } as const

/** What is measured of a query: its share of loading; its time from files; its time from memory, as a query before left it. */
type Measured = 'load-share' | 'reuse' | 'reuse-from-memory'

interface QuerySlot extends Slot {
  readonly form: CachesInForm | null
  readonly repetition: number
  readonly what: Measured
}

/** @throws `argument.invalid`, `cancelled`, the engine's errors */
export async function runCodecShapeBench(
  deps: BenchDeps,
  options: CodecShapeOptions,
  run: BenchRun = {},
): Promise<FinishedBench> {
  const { chunk = BENCH_DEFAULTS.codec.chunk, repetitions = BENCH_DEFAULTS.codec.repetitions, seed = 1, fresh = false } = options
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
        asks.flatMap((form) =>
          measuredOf(form, at).map((what): QuerySlot => {
            const name = form?.name ?? F16
            return { id: `${at + 1}/${name}/${what}`, label: what, step: { code: 'asking', name }, form, repetition: at + 1, what }
          }),
        ),
      ).flat()
      const measure = async ({ form, repetition, what }: QuerySlot): Promise<number> => {
        const memory = what === 'reuse-from-memory'
        const ask = async (number: number): Promise<Sample> => {
          const question = tokens(shape.question, number)
          const { segments, recompute } = await context.composed(what === 'load-share' ? BLEND : REUSE, question)
          const changed = segments.map((each) => (each.kind === 'cached' && form?.segment ? form.segment(each) : each))
          return await firstToken(bench, { segments: changed, recompute }, context.promptOf(question), { memory })
        }
        if (memory) await ask(-repetition)
        const { loadMs = 0, ttftMs } = await ask(repetition)
        return what === 'load-share' ? loadMs / ttftMs : ttftMs
      }
      const shows = ({ form, what }: QuerySlot, value: number): MeasuredFigure[] => [
        { name: form?.name ?? F16, figure: what === 'load-share' ? 'loadShare' : 'ttftMs', value },
      ]
      await measureSlots(slots, { journal, measure, shows, run })
      const facts = await reportFacts(engine, {
        ...used,
        version: deps.version,
        command: options.command,
        signal: run.signal,
      })
      const elements = (caches.reduce((sum, cache) => sum + cache.tokens, 0) * used.model.kvBytesPerToken) / 2
      const f16 = { name: F16, isPeer: false, bytes: await f16Bytes(caches), sharedBytes: 0 }
      const measured = (name: string, what: Measured): number | undefined => {
        const own = slots.filter((slot) => (slot.form?.name ?? F16) === name && slot.what === what)
        return own.length > 0 ? median(own.map(({ id }) => journal.get(id))) : undefined
      }
      const report = {
        ...facts,
        kind: 'codec' as const,
        repetitions,
        runs: journal.runs,
        shape: { ...shape, chunk },
        arms: [],
        codec: [f16, ...forms].map((form) => ({
          ...weighed(form, { elements, chunks: caches.length }),
          loadShare: measured(form.name, 'load-share'),
          reuseMs: measured(form.name, 'reuse'),
          reuseFromMemoryMs: measured(form.name, 'reuse-from-memory'),
        })),
      }
      return { report, forget: () => journal.end() }
    })
  })
}

/** Memory keeps coded caches alone; which of both times comes first changes with every repetition. */
function measuredOf(form: CachesInForm | null, at: number): Measured[] {
  if (!form || form.isPeer) return ['load-share', 'reuse']
  return at % 2 === 0 ? ['load-share', 'reuse', 'reuse-from-memory'] : ['load-share', 'reuse-from-memory', 'reuse']
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
