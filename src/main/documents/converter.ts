/** PDF, Word and HTML to text, in a thread of its own with limits: what a file holds may be made to harm its reader. */
import { join } from 'node:path'
import { Worker } from 'node:worker_threads'
import type { Detail } from '../../shared/details'
import { fromErrorData } from '../../shared/errors'
import { throwIfCancelled } from '../base/cancelled'
import { errorText } from '../base/error-code'
import { appRoot } from '../engine/places'
import type { ConvertReply } from './convert'
import { invalid, type Converted, type ConvertRequest } from './convert/converted'
import { CONVERT_HEAP_MIB, CONVERT_SECONDS } from './limits'

export interface ConverterOptions {
  /** Default: `CONVERT_SECONDS`. */
  readonly seconds?: number
  /** Default: `CONVERT_HEAP_MIB`. */
  readonly heapMib?: number
}

/** One document at a time. The thread starts with the first one, and anew after one that had to be ended. */
export class Converter implements AsyncDisposable {
  readonly #seconds: number
  readonly #heapMib: number
  #worker: Worker | null = null

  constructor({ seconds = CONVERT_SECONDS, heapMib = CONVERT_HEAP_MIB }: ConverterOptions = {}) {
    this.#seconds = seconds
    this.#heapMib = heapMib
  }

  /** @throws document.invalid, cancelled */
  async convert(request: ConvertRequest, signal?: AbortSignal): Promise<Converted> {
    throwIfCancelled(signal)
    this.#worker ??= this.#start()
    const reply = await this.#ask(this.#worker, request, signal)
    if ('error' in reply) throw fromErrorData(reply.error)
    return reply.converted
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#end()
  }

  #start(): Worker {
    const worker = new Worker(join(appRoot(), 'out', 'main', 'document-converter.js'), {
      resourceLimits: { maxOldGenerationSizeMb: this.#heapMib },
      // What libraries print is nobody's result.
      stdout: true,
      stderr: true,
      execArgv: [],
    })
    worker.stdout.resume()
    worker.stderr.resume()
    return worker
  }

  async #end(): Promise<void> {
    const worker = this.#worker
    this.#worker = null
    await worker?.terminate()
  }

  /** The reply, or the end of the thread where there is none. */
  async #ask(worker: Worker, request: ConvertRequest, signal: AbortSignal | undefined): Promise<ConvertReply> {
    const { promise, resolve, reject } = Promise.withResolvers<ConvertReply>()
    const name = request.source
    const fail = (says: Detail): void => reject(invalid(says))
    const onError = (error: unknown): void =>
      fail(whyEnded(error, { name, heapMib: this.#heapMib }))
    const onAbort = (): void => reject(signal?.reason)
    const timer = setTimeout(
      () => fail({ id: 'document.slow', params: { name, seconds: this.#seconds } }),
      1000 * this.#seconds,
    )
    worker.once('message', resolve)
    worker.once('error', onError)
    worker.once('exit', onError)
    signal?.addEventListener('abort', onAbort, { once: true })
    try {
      worker.postMessage(request)
      return await promise
    } catch (error) {
      await this.#end()
      throwIfCancelled(signal)
      throw error
    } finally {
      clearTimeout(timer)
      worker.off('message', resolve)
      worker.off('error', onError)
      worker.off('exit', onError)
      signal?.removeEventListener('abort', onAbort)
    }
  }
}

function whyEnded(error: unknown, { name, heapMib }: { readonly name: string; readonly heapMib: number }): Detail {
  if (error instanceof Error && 'code' in error && error.code === 'ERR_WORKER_OUT_OF_MEMORY')
    return { id: 'document.memory', params: { name, mib: heapMib } }
  return { id: 'document.ended', params: { name, why: error instanceof Error ? errorText(error) : 'its reader ended' } }
}
