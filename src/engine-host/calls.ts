/** Every call of the protocol as work of the addon; digests of files are taken here. */
import type { EngineCalls, EngineMethod } from '../shared/engine'
import type { AddonEncodeEvent, AddonRecodeEvent } from './addon'
import { fileDigest } from './file-digest'
import type { Native } from './native'

export interface CallContext<M extends EngineMethod> {
  /** Number of the job, to abort it by. */
  readonly job: number
  readonly signal: AbortSignal
  readonly emit: (event: EngineCalls[M]['event']) => void
}

export type Calls = {
  readonly [M in EngineMethod]: (
    params: EngineCalls[M]['params'],
    context: CallContext<M>,
  ) => Promise<EngineCalls[M]['result']>
}

/** Whose turn a call waits for: weights are used by one job at a time, and only one model is brought in at a time. */
const TURNS: Readonly<Record<EngineMethod, 'model' | 'load' | null>> = {
  answer: 'model',
  encode: 'model',
  bench: 'model',
  compare: 'model',
  measure: 'model',
  inspectCache: 'model',
  provenance: 'model',
  parity: 'model',
  shift: 'model',
  unload: 'model',
  load: 'load',
  randomModel: 'load',
  system: null,
  memory: null,
  kept: null,
  inspect: null,
  fingerprint: null,
  tokenize: null,
  detokenize: null,
  pieces: null,
  deviation: null,
  verify: null,
  learn: null,
  recode: null,
  quantise: null,
}

/** The queue that a call stands in; null when it may run beside any other. */
export function queueOf(method: EngineMethod, params: EngineCalls[EngineMethod]['params']): string | null {
  const turn = TURNS[method]
  return turn === 'model' && 'model' in params ? `model ${params.model}` : turn
}

export function createCalls(native: () => Native): Calls {
  const addon = (): Native['addon'] => native().addon
  /** Runs a job of the addon that stops when `signal` aborts. */
  const abortable = async <T>(
    { job, signal }: { job: number; signal: AbortSignal },
    work: () => Promise<T>,
  ): Promise<T> => {
    signal.throwIfAborted()
    const abort = (): void => addon().abort(job)
    signal.addEventListener('abort', abort, { once: true })
    try {
      return await work()
    } finally {
      signal.removeEventListener('abort', abort)
    }
  }

  /** Runs a job that writes these files, and tells of each with its digest. */
  const telling = async <Event extends { readonly index: number }, T>(
    paths: readonly string[],
    context: { job: number; signal: AbortSignal; emit: (event: Event & { readonly digest: string }) => void },
    work: (take: (event: Event) => void) => Promise<T>,
  ): Promise<T> => {
    const digests = new ObjectDigests<Event>(paths, context.emit)
    try {
      return await abortable(context, () => work((event) => digests.take(event)))
    } finally {
      // What was written before a failure is told before it, so that it can be kept.
      await digests.done()
    }
  }

  return {
    system: async () => native().system(),
    inspect: async ({ path }) => await addon().inspect(path),
    fingerprint: async ({ path }, { signal, emit }) =>
      await fileDigest(path, { signal, onProgress: (done, total) => emit({ done, total }) }),
    load: async ({ path, options }) => await addon().load(path, options),
    unload: async ({ model }) => {
      addon().unload(model)
      return null
    },
    kept: async () => addon().kept(),
    memory: async ({ budgetBytes }) => addon().memory(budgetBytes),
    tokenize: async ({ model, texts, special }) => await addon().tokenize(model, texts, special),
    detokenize: async ({ model, tokens }) => await addon().detokenize(model, tokens),
    pieces: async ({ model, tokens }) => await addon().pieces(model, tokens),
    encode: async (params, context) => {
      const paths = params.chunks.map(({ path }) => path)
      return await telling<Extract<AddonEncodeEvent, { type: 'chunk' }>, { ms: number }>(paths, context, (take) =>
        addon().encode(context.job, params, (event) => (event.type === 'progress' ? context.emit(event) : take(event))),
      )
    },
    answer: async (params, context) =>
      await abortable(context, () => addon().answer(context.job, params, context.emit)),
    compare: async (params, context) =>
      await abortable(context, () => addon().compare(context.job, params, context.emit)),
    measure: async (params, context) => await abortable(context, () => addon().measure(context.job, params)),
    inspectCache: async (params, context) => await abortable(context, () => addon().inspectCache(context.job, params)),
    provenance: async (params, context) =>
      await abortable(context, () =>
        addon().provenance(context.job, params, ({ done, total }) => context.emit({ done, total })),
      ),
    deviation: async (params, context) => await abortable(context, () => addon().deviation(context.job, params)),
    parity: async (params, context) => await abortable(context, () => addon().parity(context.job, params)),
    shift: async (params, context) => await abortable(context, () => addon().shift(context.job, params)),
    verify: async (params) => await addon().verify(params),
    learn: async (params, context) => {
      const learnt = await abortable(context, () =>
        addon().learn(context.job, params, ({ done, total }) => context.emit({ done, total })),
      )
      const digests = await Promise.all(params.trials.map(async ({ path }) => await fileDigest(path)))
      return learnt.map((each, index) => ({ ...each, digest: digests[index]?.digest ?? '' }))
    },
    recode: async (params, context) =>
      await telling<AddonRecodeEvent, null>(params.objects.map(({ to }) => to), context, (take) =>
        addon().recode(context.job, params, take),
      ),
    quantise: async (params, context) =>
      await telling<AddonRecodeEvent, null>(params.objects.map(({ to }) => to), context, (take) =>
        addon().quantise(context.job, params, take),
      ),
    randomModel: async (params) => await addon().randomModel(params),
    bench: async (params, context) => await abortable(context, () => addon().bench(context.job, params)),
  }
}

/** Tells what was written only once its digest is known, in the order of writing. */
class ObjectDigests<Event extends { readonly index: number }> {
  readonly #paths: readonly string[]
  readonly #emit: (event: Event & { readonly digest: string }) => void
  #last: Promise<void> = Promise.resolve()

  constructor(paths: readonly string[], emit: (event: Event & { readonly digest: string }) => void) {
    this.#paths = paths
    this.#emit = emit
  }

  take(event: Event): void {
    this.#last = this.#last.then(async () => {
      const { digest } = await fileDigest(this.#paths[event.index] ?? '')
      this.#emit({ ...event, digest })
    })
    // Thrown by `done`.
    this.#last.catch(() => undefined)
  }

  async done(): Promise<void> {
    await this.#last
  }
}
