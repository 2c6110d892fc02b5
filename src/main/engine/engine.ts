/** The bridge: the engine's calls, answered by a host process that this class starts, watches and starts again. */
import { basename } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { sentence, type Detail } from '../../shared/details'
import { loadOptions, type EngineCalls, type EngineMethod, type LoadedModel, type MemoryReport } from '../../shared/engine'
import { toErrorData, WorkbenchError } from '../../shared/errors'
import type { EngineStatus } from '../../shared/workbench'
import { throwIfCancelled } from '../base/cancelled'
import { errorText } from '../base/error-code'
import { log } from '../base/log'
import { fileStamp } from './file-stamp'
import { HostConnection, HostEnded, type CallOptions, type Supervision } from './host-connection'
import { forkHost, type HostLauncher } from './host-process'
import { libraryFolders, type LibraryFolder } from './libraries'
import { LoadedModels, type ModelHandle } from './loaded-models'
import { memoryBudget } from './memory-budget'
import { addonFile, appRoot, hostScript } from './places'

const SUPERVISION: Supervision = { readyMs: 30_000, silentMs: 20_000 }
const MOST_MODELS = 2
/** A call that had not begun when its host died is sent again this often. */
const MOST_ATTEMPTS = 3
/** Waiting time before the second start in a row that follows a death; it doubles up to the longest. */
const FIRST_PAUSE_MS = 200
const LONGEST_PAUSE_MS = 10_000

export interface EngineOptions {
  /** How the host is started; default `forkHost`. */
  readonly launch?: HostLauncher
  /** The host's bundle; default the built one. */
  readonly script?: string
  /** The native addon; default the built one. */
  readonly addon?: string
  /** Default: the installed packages, best first. */
  readonly libraries?: readonly LibraryFolder[]
  readonly supervision?: Partial<Supervision>
  /** Models kept in memory at once; default 2. */
  readonly mostModels?: number
  /** Bytes of decoded caches kept in memory; default `memoryBudget`, and 0 keeps none. The call `memory` changes it. */
  readonly memoryBytes?: number
}

type Params<M extends EngineMethod> = EngineCalls[M]['params']
type Result<M extends EngineMethod> = EngineCalls[M]['result']

export class Engine implements AsyncDisposable {
  readonly #options: EngineOptions
  readonly #models: LoadedModels
  readonly #closing = new AbortController()
  readonly #listeners = new Set<(status: EngineStatus) => void>()
  #host: HostConnection | null = null
  #starting: Promise<HostConnection> | null = null
  #calls = 0
  #restarts = 0
  /** Deaths since the last call that succeeded. */
  #deaths = 0
  #lastFailure: string | null = null
  #lastDetail: Detail | undefined
  #memoryBytes: number
  #memory: MemoryReport | null = null

  constructor(options: EngineOptions = {}) {
    this.#options = options
    this.#models = new LoadedModels(options.mostModels ?? MOST_MODELS)
    this.#memoryBytes = options.memoryBytes ?? memoryBudget()
  }

  /**
   * One call; the host is started when there is none. A model's handle stays valid when its host dies.
   * @throws `engine.died` when the host ends in the middle of it; `cancelled`; whatever the call's own errors are.
   */
  async call<M extends EngineMethod>(method: M, params: Params<M>, options: CallOptions<M> = {}): Promise<Result<M>> {
    throwIfCancelled(options.signal)
    this.#calls++
    this.#changed()
    try {
      if (method === 'load') return await this.#load(params as Params<'load'>, options.signal)
      // For hosts to come as well.
      if (method === 'memory') this.#memoryBytes = (params as Params<'memory'>).budgetBytes ?? this.#memoryBytes
      if (method === 'unload') return await this.#unload(params as Params<'unload'>)
      const handle = 'model' in params ? this.#models.find(params.model) : null
      return await this.#onHost(handle, options.signal, async (host, model) => {
        const sent = model ? { ...params, model: model.model } : params
        return await host.request(method, sent, options)
      })
    } finally {
      this.#calls--
      this.#changed()
    }
  }

  status(): EngineStatus {
    return {
      state: this.#state(),
      loaded: this.#models.current(this.#host),
      restarts: this.#restarts,
      lastFailure: this.#lastFailure,
      ...(this.#lastDetail && { said: this.#lastDetail }),
      memory: this.#memory,
    }
  }

  /** Calls `listener` whenever the status may have changed; the result stops that. */
  onChange(listener: (status: EngineStatus) => void): () => void {
    this.#listeners.add(listener)
    return () => void this.#listeners.delete(listener)
  }

  /** Process id of the running host. */
  get hostPid(): number | null {
    return this.#host?.pid ?? null
  }

  /** Ends the host; calls in flight fail. */
  async [Symbol.asyncDispose](): Promise<void> {
    const host = this.#host
    this.#closing.abort()
    // A start in progress fails because of the abort; whoever waits for it is told.
    await Promise.allSettled([host?.ended, this.#starting])
    this.#host = null
    this.#changed()
  }

  async #load({ path, options }: Params<'load'>, signal: AbortSignal | undefined): Promise<LoadedModel> {
    const handle = this.#models.handleFor(path, await fileStamp(path), loadOptions.parse(options))
    try {
      const model = await this.#onHost(handle, signal, async (host) => await this.#models.open(handle, host))
      handle.references++
      return { ...model, model: handle.id }
    } catch (error) {
      if (handle.references === 0 && handle.jobs === 0) this.#models.forget(handle)
      throw error
    }
  }

  async #unload({ model }: Params<'unload'>): Promise<null> {
    const handle = this.#models.find(model)
    handle.references--
    if (handle.references > 0) return null
    this.#models.forget(handle)
    await this.#models.close(handle, this.#host)
    return null
  }

  /** Runs `work` on a living host with the model in its memory. */
  async #onHost<T>(
    handle: ModelHandle | null,
    signal: AbortSignal | undefined,
    work: (host: HostConnection, model: LoadedModel | null) => Promise<T>,
  ): Promise<T> {
    if (handle) handle.jobs++
    try {
      for (let attempt = 1; ; attempt++) {
        const host = await untilAborted(this.#ready(), signal)
        try {
          const model = handle ? await untilAborted(this.#models.open(handle, host), signal) : null
          const result = await work(host, model)
          this.#deaths = 0
          return result
        } catch (error) {
          if (!(error instanceof HostEnded)) throw error
          if (this.#closing.signal.aborted) throw closed()
          if (error.started || attempt === MOST_ATTEMPTS) throw died(error, handle?.path ?? null)
        }
      }
    } finally {
      if (handle) handle.jobs--
    }
  }

  #ready(): Promise<HostConnection> {
    if (this.#closing.signal.aborted) return Promise.reject(closed())
    if (this.#host) return Promise.resolve(this.#host)
    this.#starting ??= this.#start().finally(() => {
      this.#starting = null
      this.#changed()
    })
    return this.#starting
  }

  async #start(): Promise<HostConnection> {
    this.#changed()
    const root = appRoot()
    const { launch = forkHost, script = hostScript(root), addon = addonFile(root) } = this.#options
    const libraries = this.#options.libraries ?? libraryFolders(root)
    if (this.#deaths > 1) {
      const pause = Math.min(FIRST_PAUSE_MS * 2 ** (this.#deaths - 2), LONGEST_PAUSE_MS)
      await sleep(pause, undefined, { signal: this.#closing.signal })
    }
    let started: HostConnection | null = null
    try {
      started = await HostConnection.start({
        launch,
        script,
        args: [addon, JSON.stringify(libraries), String(this.#memoryBytes)],
        supervision: { ...SUPERVISION, ...this.#options.supervision },
        signal: this.#closing.signal,
        // Before it is ready the failed start itself is the news.
        onEnd: (reason) => started && this.#ended(reason),
        onMemory: (report) => this.#remember(report),
      })
      if (!started.alive)
        throw new WorkbenchError('engine.died', { id: 'engine.no-start', params: { why: await started.ended } })
    } catch (error) {
      this.#deaths++
      this.#lastFailure = errorText(error)
      this.#lastDetail = toErrorData(error).detail
      throw error
    }
    log('engine', `host ${started.pid} is ready`)
    this.#host = started
    return started
  }

  #remember(report: MemoryReport | null): void {
    if (JSON.stringify(report) === JSON.stringify(this.#memory)) return
    this.#memory = report
    this.#changed()
  }

  #ended(reason: string): void {
    this.#host = null
    this.#memory = null
    if (this.#closing.signal.aborted) return
    this.#restarts++
    this.#deaths++
    this.#lastDetail = { id: 'engine.ended', params: { why: reason } }
    this.#lastFailure = sentence(this.#lastDetail)
    log('engine', this.#lastFailure)
    // At once rather than with the next call, which should find it ready; a failure is that call's to report.
    this.#ready().catch((error: unknown) => log('engine', errorText(error)))
  }

  #state(): EngineStatus['state'] {
    if (this.#starting) return this.#restarts > 0 ? 'restarting' : 'starting'
    if (!this.#host) return 'off'
    return this.#calls > 0 ? 'busy' : 'ready'
  }

  #changed(): void {
    const status = this.status()
    for (const listener of this.#listeners) listener(status)
  }
}

function died(error: HostEnded, model: string | null): WorkbenchError {
  // The file's name is enough to tell models apart; where it lies is nobody's business.
  const params = { method: error.method, model: model === null ? null : basename(model), why: error.message }
  return new WorkbenchError('engine.died', { id: 'engine.died', params }, { cause: error })
}

const closed = (): WorkbenchError => new WorkbenchError('cancelled', 'The engine was closed.')

/** Stops waiting when `signal` aborts; what `promise` stands for goes on for the others that wait for it. */
async function untilAborted<T>(promise: Promise<T>, signal: AbortSignal | undefined): Promise<T> {
  if (!signal) return await promise
  throwIfCancelled(signal)
  const { promise: aborted, reject } = Promise.withResolvers<never>()
  const abort = (): void => reject(new WorkbenchError('cancelled', 'Cancelled.', { cause: signal.reason }))
  signal.addEventListener('abort', abort, { once: true })
  try {
    return await Promise.race([promise, aborted])
  } finally {
    signal.removeEventListener('abort', abort)
  }
}
