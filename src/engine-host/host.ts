/** The host: takes calls, runs them one at a time per model, answers, and stops those that are aborted. */
import type { z } from 'zod'
import type { EngineMethod, MemoryReport } from '../shared/engine'
import { toErrorData, WorkbenchError } from '../shared/errors'
import { queueOf, type Calls } from './calls'
import type { Channel } from './channel'
import { JobQueue } from './job-queue'
import { paramsOf, toHost } from './schemas'

const BEAT_MS = 1000

export class Host implements Disposable {
  readonly #channel: Channel
  readonly #calls: Calls
  readonly #memory: () => MemoryReport | null
  readonly #queue = new JobQueue()
  readonly #running = new Map<number, AbortController>()
  #beat: NodeJS.Timeout | null = null

  /** `memory`: told with every beat, once there is something to tell. */
  constructor(channel: Channel, calls: Calls, memory: () => MemoryReport | null = () => null) {
    this.#channel = channel
    this.#calls = calls
    this.#memory = memory
  }

  start(): void {
    this.#channel.onMessage((message) => this.#receive(message))
    this.#beat = setInterval(() => this.#channel.send({ type: 'beat', memory: this.#memory() }), BEAT_MS)
    this.#channel.send({ type: 'ready', pid: process.pid })
  }

  /** Stops beating and aborts what runs. */
  [Symbol.dispose](): void {
    if (this.#beat) clearInterval(this.#beat)
    for (const abort of this.#running.values()) abort.abort()
  }

  #receive(raw: unknown): void {
    const parsed = toHost.safeParse(raw)
    if (!parsed.success) throw new Error(`A message of the bridge makes no sense: ${describe(parsed.error)}`)
    const message = parsed.data
    if (message.type === 'abort') this.#running.get(message.id)?.abort()
    else void this.#answer(message.id, message.method, message.params)
  }

  async #answer(id: number, method: EngineMethod, raw: unknown): Promise<void> {
    const abort = new AbortController()
    this.#running.set(id, abort)
    try {
      const result = await this.#run(id, method, raw, abort.signal)
      this.#channel.send({ type: 'result', id, result })
    } catch (error) {
      this.#channel.send({ type: 'error', id, error: toErrorData(error) })
    } finally {
      this.#running.delete(id)
    }
  }

  async #run<M extends EngineMethod>(id: number, method: M, raw: unknown, signal: AbortSignal): Promise<unknown> {
    const parsed = paramsOf[method].safeParse(raw)
    if (!parsed.success) {
      throw new WorkbenchError('argument.invalid', `The engine's call '${method}' got ${describe(parsed.error)}.`)
    }
    const params = parsed.data
    const work = async (): Promise<unknown> => {
      this.#channel.send({ type: 'started', id })
      return await this.#calls[method](params, {
        job: id,
        signal,
        emit: (event) => this.#channel.send({ type: 'event', id, event }),
      })
    }
    const queue = queueOf(method, params)
    return await (queue === null ? work() : this.#queue.run(queue, work, signal))
  }
}

function describe(error: z.ZodError): string {
  const { path, message } = error.issues[0] ?? { path: [], message: 'something unknown' }
  return `${path.length > 0 ? `for ${path.map(String).join('.')}: ` : ''}${message}`
}
