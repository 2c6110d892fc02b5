/** One host from its start to its end: handshake, calls by id, heart-beat. Knows nothing of models or restarts. */
import { z } from 'zod'
import { memoryReport, type EngineCalls, type EngineMethod, type MemoryReport } from '../../shared/engine'
import { ERROR_CODES, fromErrorData, WorkbenchError } from '../../shared/errors'
import { throwIfCancelled } from '../base/cancelled'
import type { HostLauncher, HostProcess } from './host-process'
import { withDetail } from './native-details'

const fromHost = z.discriminatedUnion('type', [
  z.object({ type: z.literal('ready'), pid: z.int() }),
  z.object({ type: z.literal('beat'), memory: memoryReport.nullable() }),
  z.object({ type: z.literal('started'), id: z.int() }),
  z.object({ type: z.literal('event'), id: z.int(), event: z.unknown() }),
  z.object({ type: z.literal('result'), id: z.int(), result: z.unknown() }),
  z.object({
    type: z.literal('error'),
    id: z.int(),
    error: z.object({ code: z.enum(ERROR_CODES), message: z.string() }),
  }),
])

export interface Supervision {
  /** From the start to the `ready` message. */
  readonly readyMs: number
  /** A host that says nothing for this long is ended; it beats once a second while its thread is free. */
  readonly silentMs: number
}

export interface CallOptions<M extends EngineMethod> {
  readonly signal?: AbortSignal
  readonly onEvent?: (event: EngineCalls[M]['event']) => void
}

/** The host ended before it answered: the message is a predicate ("ended with signal SIGKILL"). */
export class HostEnded extends Error {
  readonly method: EngineMethod
  /** False while the call was still waiting behind another. */
  readonly started: boolean

  constructor(reason: string, method: EngineMethod, started: boolean) {
    super(reason)
    this.method = method
    this.started = started
  }
}

export interface HostSetup {
  readonly launch: HostLauncher
  readonly script: string
  readonly args: readonly string[]
  readonly supervision: Supervision
  /** Ends the host when it aborts. */
  readonly signal: AbortSignal
  /** Called once when the host has ended, before its calls are told; `reason` as in `HostEnded`. */
  readonly onEnd: (reason: string) => void
  /** Called with every beat. */
  readonly onMemory: (report: MemoryReport | null) => void
}

interface Pending {
  readonly method: EngineMethod
  started: boolean
  readonly onEvent: ((event: unknown) => void) | undefined
  resolve(result: unknown): void
  reject(error: Error): void
}

export class HostConnection {
  /** Resolves with the reason when the host has ended, whatever way. */
  readonly ended: Promise<string>
  readonly #setup: HostSetup
  readonly #process: HostProcess
  readonly #pending = new Map<number, Pending>()
  readonly #settleEnded: (reason: string) => void
  #pid: number | null = null
  #nextId = 1
  #lastSign = Date.now()
  #endReason: string | null = null
  #killReason: string | null = null
  #watch: NodeJS.Timeout | null = null
  #onReady: (() => void) | null = null

  private constructor(setup: HostSetup) {
    this.#setup = setup
    const { promise, resolve } = Promise.withResolvers<string>()
    this.ended = promise
    this.#settleEnded = resolve
    this.#process = setup.launch(setup.script, setup.args, {
      onMessage: (message) => this.#receive(message),
      onExit: (how, tail) => this.#end(how, tail),
    })
    const close = (): void => this.kill('was closed')
    if (setup.signal.aborted) close()
    setup.signal.addEventListener('abort', close, { once: true })
    void this.ended.then(() => setup.signal.removeEventListener('abort', close))
  }

  /** @throws `engine.died` when it ends or says nothing before it is ready. */
  static async start(setup: HostSetup): Promise<HostConnection> {
    const host = new HostConnection(setup)
    const { readyMs } = setup.supervision
    const ready = new Promise<null>((resolve) => {
      host.#onReady = () => resolve(null)
    })
    const timer = setTimeout(() => host.kill(`was not ready after ${readyMs / 1000} s`), readyMs)
    const reason = await Promise.race([ready, host.ended])
    clearTimeout(timer)
    if (reason !== null) throw new WorkbenchError('engine.died', { id: 'engine.not-started', params: { why: reason } })
    host.#startWatch()
    return host
  }

  get pid(): number | null {
    return this.#pid
  }

  get alive(): boolean {
    return this.#endReason === null
  }

  /**
   * One call. An abort is passed on; the call still ends only when the host says so, because until then it may write.
   * @throws `HostEnded`, or what the host answered.
   */
  async request<M extends EngineMethod>(
    method: M,
    params: EngineCalls[M]['params'],
    { signal, onEvent }: CallOptions<M>,
  ): Promise<EngineCalls[M]['result']> {
    throwIfCancelled(signal)
    if (this.#endReason !== null) throw new HostEnded(this.#endReason, method, false)
    const id = this.#nextId++
    const { promise, resolve, reject } = Promise.withResolvers<unknown>()
    this.#pending.set(id, { method, started: false, onEvent: onEvent as Pending['onEvent'], resolve, reject })
    const abort = (): void => this.#process.send({ type: 'abort', id })
    signal?.addEventListener('abort', abort, { once: true })
    this.#process.send({ type: 'call', id, method, params })
    try {
      return (await promise) as EngineCalls[M]['result']
    } finally {
      signal?.removeEventListener('abort', abort)
      this.#pending.delete(id)
    }
  }

  /** Ends the host; `reason` is a predicate ("said nothing for 20 s"). */
  kill(reason: string): void {
    this.#killReason ??= reason
    this.#process.kill()
  }

  #receive(raw: unknown): void {
    this.#lastSign = Date.now()
    const parsed = fromHost.safeParse(raw)
    if (!parsed.success) return this.kill('sent a message that nobody understands')
    const message = parsed.data
    if (message.type === 'ready') {
      this.#pid = message.pid
      this.#onReady?.()
      return
    }
    if (message.type === 'beat') return this.#setup.onMemory(message.memory)
    // A call whose caller has been told already may still have messages under way.
    const call = this.#pending.get(message.id)
    if (!call) return
    switch (message.type) {
      case 'started':
        call.started = true
        break
      case 'event':
        call.onEvent?.(message.event)
        break
      case 'result':
        call.resolve(message.result)
        break
      case 'error':
        call.reject(fromErrorData(withDetail(message.error)))
        break
    }
  }

  #startWatch(): void {
    const { silentMs } = this.#setup.supervision
    const every = silentMs / 4
    let lastLook = Date.now()
    this.#watch = setInterval(() => {
      const now = Date.now()
      // This process itself was held up (a sleeping laptop): that says nothing about the host.
      if (now - lastLook > 2 * every) this.#lastSign = now
      lastLook = now
      if (now - this.#lastSign > silentMs) this.kill(`said nothing for ${silentMs / 1000} s and was ended`)
    }, every)
    this.#watch.unref()
  }

  #end(how: string, tail: string): void {
    if (this.#watch) clearInterval(this.#watch)
    const lastLines = tail.trim().split('\n').slice(-3).join(' | ')
    this.#endReason = (this.#killReason ?? `ended with ${how}`) + (lastLines ? ` (${lastLines})` : '')
    this.#setup.onEnd(this.#endReason)
    for (const call of this.#pending.values()) call.reject(new HostEnded(this.#endReason, call.method, call.started))
    this.#settleEnded(this.#endReason)
  }
}
