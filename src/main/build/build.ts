/** Missing chunks -> encode -> store. */
import type { Segment } from '../../shared/engine'
import type { JobProgress, JobStep } from '../../shared/jobs'
import { throwIfCancelled } from '../base/cancelled'
import type { Engine } from '../engine/engine'
import type { ModelIdentity } from '../store/key'
import { F16, type CopyForm } from '../store/copies'
import { cachedSegment, isObjectFault, type Lease, type Store } from '../store/store'
import { codeMissing } from './coded'
import type { IncludedChunk } from './included'
import type { KeyedDocument } from './knowledge'
import { buildableKeys, isTail, missingRuns, runTokens } from './missing'
import type { EncodeRun, EncodeTarget, OwnKind } from './missing'
import { scoreMissing } from './scoring'
import { setAsideDamaged } from './set-aside'

export interface BuildInput {
  /** The engine's handle. */
  readonly model: string
  readonly identity: ModelIdentity
  readonly documents: readonly KeyedDocument[]
  readonly variants: readonly OwnKind[]
  /** Chunks of selections, which get variants behind what is included before them. */
  readonly selections?: readonly (readonly IncludedChunk[])[]
  /** Only these keys are made; all when absent. */
  readonly only?: ReadonlySet<string>
  /** How they are kept; default f16. */
  readonly form?: CopyForm
  readonly signal?: AbortSignal
  /** In tokens. */
  readonly onProgress?: (progress: JobProgress) => void
  /** Keys that are going to be made. */
  readonly onPlan?: (keys: ReadonlySet<string>) => void
}

export interface BuildResult {
  readonly chunks: number
  readonly tokens: number
  readonly bytes: number
  /** Caches whose tokens were scored. */
  readonly scored: number
  /** Damaged caches that were set aside and computed again. */
  readonly repaired: number
  /** Caches that were coded in the profile wanted. */
  readonly coded: number
}

/**
 * Makes what is missing. Every chunk is in the store once it is done: cancelling or a crash loses the one in flight,
 * and running again goes on behind the last. A damaged cache in a chunk's context is set aside and made again. In a coded
 * profile, one document after the other is computed as f16 and then coded, so that little stands there uncoded.
 * @throws cancelled, engine.died, store.full, …
 */
export async function buildMissing(
  engine: Pick<Engine, 'call'>,
  store: Store,
  input: BuildInput,
): Promise<BuildResult> {
  const made: Made = { chunks: 0, tokens: 0, bytes: 0, scored: 0, repaired: 0, coded: 0 }
  const { form = F16 } = input
  if (form.profile === 'f16') {
    store.keepF16(keysOf(input))
    await buildPart(engine, store, { ...input, form, planned: 0, made })
    return made
  }
  const runs = missingIn(store, { ...input, form })
  input.onPlan?.(targetKeys(runs))
  const planned = runs.reduce((sum, run) => sum + runTokens(run), 0)
  for (const document of input.documents) {
    const { id, title } = document.row
    const selections = input.selections?.map((included) => included.filter(({ chunk }) => chunk.document === id))
    const part = { ...input, documents: [document], selections, form, onPlan: undefined }
    for (;;) {
      await buildPart(engine, store, { ...part, planned, made })
      input.onProgress?.({ step: { code: 'coding-document', name: title, as: form.profile }, done: made.tokens, total: planned })
      const coding = await codeMissing(engine, store, { keys: keysOf(part), form, signal: input.signal })
      made.coded += coding.coded
      made.repaired += coding.damaged
      if (coding.damaged === 0) break
    }
  }
  return made
}

type Made = { -readonly [Name in keyof BuildResult]: number }

interface PartInput extends BuildInput {
  readonly form: CopyForm
  /** Tokens of all parts. */
  readonly planned: number
  /** Counts up. */
  readonly made: Made
}

async function buildPart(engine: Pick<Engine, 'call'>, store: Store, input: PartInput): Promise<void> {
  const { made } = input
  for (;;) {
    const runs = missingIn(store, input)
    input.onPlan?.(targetKeys(runs))
    const total = Math.max(input.planned, made.tokens + runs.reduce((sum, run) => sum + runTokens(run), 0))
    let repaired = 0
    for (const run of runs) {
      throwIfCancelled(input.signal)
      const report = (tokens: number): void =>
        input.onProgress?.({ step: stepOf(run), done: Math.min(total, made.tokens + tokens), total })
      report(0)
      const outcome = await encodeRun(engine, store, { ...input, run, report })
      made.chunks += outcome.chunks
      made.tokens += outcome.tokens
      made.bytes += outcome.bytes
      repaired += outcome.damaged
      // Made again first, it serves what stands behind it as a cache.
      if (outcome.damaged > 0) break
    }
    if (repaired === 0) {
      store.markTails((input.selections ?? []).flat().filter(isTail).map(({ cache }) => cache.key))
      const scores = await scoreMissing(engine, store, {
        ...input,
        onStart: (title) => input.onProgress?.({ step: { code: 'scoring', name: title }, done: total, total }),
      })
      made.scored += scores.scored
      repaired = scores.damaged
    }
    made.repaired += repaired
    if (repaired === 0) return
  }
}

function keysOf({ documents, variants, selections }: BuildInput): string[] {
  return buildableKeys(documents, ['document', ...variants], selections)
}

function targetKeys(runs: readonly EncodeRun[]): Set<string> {
  return new Set(runs.flatMap(({ targets }) => targets.map(({ cache }) => cache.key)))
}

/** What is neither there as f16 nor in the form wanted. */
function missingIn(store: Store, input: BuildInput & { readonly form: CopyForm }): EncodeRun[] {
  const available = store.available(keysOf(input), ['f16', input.form.profile])
  return missingRuns({ ...input, available })
}

interface RunInput extends BuildInput {
  readonly form: CopyForm
  readonly run: EncodeRun
  /** Tokens of this run done so far. */
  readonly report: (tokens: number) => void
}

interface RunOutcome {
  readonly chunks: number
  readonly tokens: number
  readonly bytes: number
  /** Caches found damaged; the run has ended early then. */
  readonly damaged: number
}

async function encodeRun(
  engine: Pick<Engine, 'call'>,
  store: Store,
  { run, model, identity, form, signal, report }: RunInput,
): Promise<RunOutcome> {
  const { before, chain } = run.context
  // What was coded is not what full prefill gave: it is computed again, so that no loss is built upon.
  await using lease = await store.open(before.map(({ cache }) => cache.key), 'f16')
  const none = { chunks: 0, tokens: 0, bytes: 0 }
  if (lease.damaged.size > 0) return { ...none, damaged: lease.damaged.size }
  await using writer = new ChunkWriter(store, { model: identity.fingerprint, form: { ...F16, temporary: form.profile !== 'f16' } }, run.targets)
  const total = runTokens(run)
  try {
    await engine.call(
      'encode',
      {
        model,
        context: contextSegments(identity[chain], run, lease),
        chunks: run.targets.map(({ chunk, cache }, index) => ({
          tokens: [...chunk.tokens],
          key: cache.key,
          path: writer.path(index),
        })),
        subBatch: 512,
      },
      {
        signal: signal ? AbortSignal.any([signal, writer.failed]) : writer.failed,
        onEvent: (event) => {
          if (event.type === 'chunk') {
            writer.write(event.index, event)
            report(writer.tokens)
          } else if (event.total > 0) report(Math.max(writer.tokens, Math.floor((event.done / event.total) * total)))
        },
      },
    )
  } catch (error) {
    await writer.settled()
    const damaged = isObjectFault(error) ? await setAsideDamaged(engine, store, lease) : 0
    if (damaged === 0) throw error
    return { ...writer.written, damaged }
  }
  await writer.settled()
  report(total)
  return { ...writer.written, damaged: 0 }
}

/** The chain in front: the fixed part, then the chunks, from caches where there are some. */
function contextSegments(front: readonly number[], { context }: EncodeRun, lease: Lease): Segment[] {
  const segments: Segment[] = front.length > 0 ? [{ kind: 'compute', tokens: [...front] }] : []
  for (const { chunk, cache } of context.before) {
    const tokens = [...chunk.tokens]
    segments.push(lease.files.has(cache.key) ? cachedSegment(lease, cache.key, tokens) : { kind: 'compute', tokens })
  }
  return segments
}

function stepOf({ document, context, targets }: EncodeRun): JobStep {
  const isAlone = context.before.length === 0 && targets.length === 1 && context.chain === 'bos'
  return { code: isAlone ? 'encoding-alone' : 'encoding', name: document.row.title }
}

/** Commits a run's chunks one after the other, while the engine goes on. */
class ChunkWriter implements AsyncDisposable {
  readonly #store: Store
  readonly #made: { readonly model: string; readonly form: CopyForm }
  readonly #targets: readonly EncodeTarget[]
  readonly #paths: readonly string[]
  readonly #stop = new AbortController()
  readonly #written = { chunks: 0, tokens: 0, bytes: 0 }
  readonly #finished = new Set<number>()
  #work: Promise<void> = Promise.resolve()
  #failure: { readonly error: unknown } | null = null
  #reported = 0

  constructor(
    store: Store,
    made: { readonly model: string; readonly form: CopyForm },
    targets: readonly EncodeTarget[],
  ) {
    this.#store = store
    this.#made = made
    this.#targets = targets
    this.#paths = targets.map(() => store.stage())
  }

  /** Aborts when a commit failed: going on would be for nothing. */
  get failed(): AbortSignal {
    return this.#stop.signal
  }

  /** Tokens of chunks that the engine has finished. */
  get tokens(): number {
    return this.#reported
  }

  get written(): { readonly chunks: number; readonly tokens: number; readonly bytes: number } {
    return this.#written
  }

  path(index: number): string {
    return this.#paths[index] ?? ''
  }

  write(index: number, object: { readonly digest: string; readonly bytes: number; readonly ms: number }): void {
    const target = this.#targets[index]
    if (!target) return
    this.#reported += target.chunk.tokens.length
    this.#work = this.#work.then(async () => {
      if (this.#failure) return
      try {
        await this.#commit(index, target, object)
      } catch (error) {
        this.#failure = { error }
        this.#stop.abort(error)
      }
    })
  }

  /** Waits for the commits begun; throws what one of them failed with. */
  async settled(): Promise<void> {
    await this.#work
    if (this.#failure) throw this.#failure.error
  }

  /** Removes what was staged and not committed. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.#work
    for (const [index, path] of this.#paths.entries()) if (!this.#finished.has(index)) await this.#store.discard(path)
  }

  async #commit(
    index: number,
    { chunk, kind, cache }: EncodeTarget,
    object: { digest: string; bytes: number; ms: number },
  ): Promise<void> {
    const tokens = chunk.tokens.length
    await this.#store.commit(
      this.path(index),
      { key: cache.key, model: this.#made.model, kind, chain: cache.chain, tokenDigest: chunk.digest, tokens },
      object,
      this.#made.form,
    )
    this.#finished.add(index)
    this.#written.chunks += 1
    this.#written.tokens += tokens
    this.#written.bytes += object.bytes
  }
}
