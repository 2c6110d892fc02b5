/**
 * The models that callers hold handles of. A handle outlives hosts: it names a file and options, and the file is loaded
 * again into whatever host runs when the handle is used.
 */
import type { LoadedModel, LoadOptions } from '../../shared/engine'
import { WorkbenchError } from '../../shared/errors'
import { fileStamp } from './file-stamp'
import { HostEnded, type HostConnection } from './host-connection'

export interface ModelHandle {
  readonly id: string
  readonly path: string
  readonly options: LoadOptions
  /** `load` calls minus `unload` calls. */
  references: number
  /** Calls in flight: a model in use is not made to give way. */
  jobs: number
  lastUse: number
  /** Size and time of the file that the handle stands for: a file that changed has another handle. */
  readonly stamp: string
  resident: { readonly host: HostConnection; readonly model: LoadedModel } | null
  loading: { readonly host: HostConnection; readonly done: Promise<LoadedModel> } | null
}

export class LoadedModels {
  readonly #handles = new Map<string, ModelHandle>()
  readonly #most: number
  #nextId = 1
  #uses = 0

  /** `most`: models kept in memory at once; the one not used for longest gives way. */
  constructor(most: number) {
    this.#most = most
  }

  /** The handle for a file as it is (`stamp`) with these options, an existing one if there is one. */
  handleFor(path: string, stamp: string, options: LoadOptions): ModelHandle {
    const wanted = JSON.stringify([path, stamp, options.device, options.gpuLayers, options.threads])
    for (const handle of this.#handles.values()) {
      const { device, gpuLayers, threads } = handle.options
      if (JSON.stringify([handle.path, handle.stamp, device, gpuLayers, threads]) === wanted) return handle
    }
    const handle: ModelHandle = {
      id: `m${this.#nextId++}`,
      path,
      options,
      references: 0,
      jobs: 0,
      lastUse: 0,
      stamp,
      resident: null,
      loading: null,
    }
    this.#handles.set(handle.id, handle)
    return handle
  }

  /** @throws `not-found` */
  find(id: string): ModelHandle {
    const handle = this.#handles.get(id)
    if (!handle)
      throw new WorkbenchError('not-found', `Expected the handle of a loaded model, got '${id}'; load it first.`)
    return handle
  }

  forget(handle: ModelHandle): void {
    this.#handles.delete(handle.id)
  }

  /** The model used last of those that `host` holds. */
  current(host: HostConnection | null): LoadedModel | null {
    const resident = this.#resident(host).toSorted((a, b) => b.lastUse - a.lastUse)[0]
    return resident?.resident ? { ...resident.resident.model, model: resident.id } : null
  }

  /** The model as `host` knows it, loaded now if it is not there. */
  async open(handle: ModelHandle, host: HostConnection): Promise<LoadedModel> {
    handle.lastUse = ++this.#uses
    if (handle.resident?.host === host) return handle.resident.model
    if (handle.loading?.host !== host) {
      const done = this.#load(handle, host).finally(() => {
        if (handle.loading?.done === done) handle.loading = null
      })
      handle.loading = { host, done }
    }
    return await handle.loading.done
  }

  /** Takes it out of `host`'s memory; the handle stays. */
  async close(handle: ModelHandle, host: HostConnection | null): Promise<void> {
    const { resident } = handle
    handle.resident = null
    if (!host || resident?.host !== host) return
    await host.request('unload', { model: resident.model.model }, {}).catch((error: unknown) => {
      // Its memory went with it.
      if (!(error instanceof HostEnded)) throw error
    })
  }

  async #load(handle: ModelHandle, host: HostConnection): Promise<LoadedModel> {
    await assertSame(handle)
    const idle = (): ModelHandle[] =>
      this.#resident(host)
        .filter((other) => other.jobs === 0 && other !== handle)
        .toSorted((a, b) => a.lastUse - b.lastUse)
    for (const other of idle().slice(0, Math.max(0, this.#resident(host).length - this.#most + 1))) {
      await this.close(other, host)
    }
    const request = (): Promise<LoadedModel> => host.request('load', { path: handle.path, options: handle.options }, {})
    const model = await request().catch(async (error: unknown) => {
      const others = idle()
      if (!(error instanceof WorkbenchError) || error.code !== 'engine.memory' || others.length === 0) throw error
      for (const other of others) await this.close(other, host)
      return await request()
    })
    handle.resident = { host, model }
    try {
      // It may have changed between the first look and the reading.
      await assertSame(handle)
    } catch (error) {
      await this.close(handle, host)
      throw error
    }
    return model
  }

  #resident(host: HostConnection | null): ModelHandle[] {
    return [...this.#handles.values()].filter((handle) => handle.resident !== null && handle.resident.host === host)
  }
}

/** @throws `model.unreadable` when the file is no longer the one that the handle stands for */
async function assertSame({ path, stamp }: ModelHandle): Promise<void> {
  if ((await fileStamp(path)) === stamp) return
  throw new WorkbenchError(
    'model.unreadable',
    { id: 'model.changed', params: { path } },
  )
}
