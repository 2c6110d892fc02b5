/** The KV store: rows in `index.sqlite`, object files beside it. A row exists only for a file that is whole on disk. */
import { rm } from 'node:fs/promises'
import { join } from 'node:path'
import { WorkbenchError } from '../../shared/errors'
import type { StoreStats } from '../../shared/workbench'
import { makeDataDir } from '../base/data-dir'
import { errorText } from '../base/error-code'
import { log } from '../base/log'
import { Entries, type CacheFacts, type Entry, type WrittenObject } from './entries'
import { ObjectFiles } from './objects'
import { Sql } from './sql'
import { storeError } from './store-error'

/** Object files that stay where they are until the lease is given back. */
export interface Lease extends AsyncDisposable {
  /** Paths by key, of those that are whole as far as a look at their size tells. */
  readonly paths: ReadonlyMap<string, string>
  /** Keys whose file turned out to be missing or cut; they have been set aside. */
  readonly damaged: ReadonlySet<string>
}

/** Opens the store in a data folder, which is made where it is absent. */
export async function openStore(dataDir: string): Promise<Store> {
  await makeDataDir(dataDir)
  const files = new ObjectFiles(join(dataDir, 'objects'))
  try {
    await files.prepare()
  } catch (error) {
    throw storeError(error, dataDir)
  }
  const sql = new Sql(join(dataDir, 'index.sqlite'))
  const store = new Store(sql, files)
  try {
    await store.sweep()
  } catch (error) {
    await store[Symbol.asyncDispose]()
    throw storeError(error, dataDir)
  }
  return store
}

export class Store implements AsyncDisposable {
  /** For the modules that keep their rows in the same database. */
  readonly sql: Sql
  readonly #entries: Entries
  readonly #files: ObjectFiles
  /** How many leases hold an object, by its digest. */
  readonly #leases = new Map<string, number>()
  /** Objects to delete when their last lease is given back. */
  readonly #doomed = new Set<string>()
  #closed = false

  constructor(sql: Sql, files: ObjectFiles) {
    this.sql = sql
    this.#entries = new Entries(sql)
    this.#files = files
  }

  /** Which of the keys have a cache. */
  available(keys: readonly string[]): Set<string> {
    return this.#entries.available(keys)
  }

  /**
   * Which of the keys have a cache that was asked for as a `tail`. Another document's cache may have the same key;
   * whether it exists says something of that document, which a selection may exclude.
   */
  tails(keys: readonly string[]): Set<string> {
    return this.#entries.tails(keys)
  }

  /** Lets caches be used as `tail` that were made for another reason. */
  markTails(keys: readonly string[]): void {
    this.#entries.markTails(keys)
  }

  /** Keys of all `tail` variants of these texts, by token digest. */
  tailsOf(model: string, tokenDigests: readonly string[]): string[] {
    return this.#entries.tailsOf(model, tokenDigests)
  }

  has(key: string): boolean {
    return this.available([key]).size > 0
  }

  entry(key: string): Entry | undefined {
    return this.#entries.get(key)
  }

  /** What the index knows of these texts under any chain and model, to say why a key is absent. */
  traces(tokenDigests: readonly string[]): ReturnType<Entries['traces']> {
    return this.#entries.traces(tokenDigests)
  }

  /** Which of the keys had a cache that was damaged and has not been made again. */
  setAside(keys: readonly string[]): Set<string> {
    return this.#entries.setAside(keys)
  }

  /** A path to write an object to, for `commit`. */
  stage(): string {
    this.#assertOpen()
    return this.#files.stage()
  }

  /** Removes a staged file that will not be committed. */
  async discard(staged: string): Promise<void> {
    await rm(staged, { force: true })
  }

  /**
   * Takes a staged file into the store: bytes to the disk, final name, then the row. Two processes may commit one key
   * at once: the first row stays, the other file goes.
   * @throws object.damaged when the file is not as long as reported; store.full
   */
  async commit(staged: string, cache: CacheFacts, object: WrittenObject): Promise<void> {
    this.#assertOpen()
    try {
      const size = await this.#files.size(staged)
      if (size !== object.bytes) {
        throw new WorkbenchError(
          'object.damaged',
          `Expected ${object.bytes} bytes in ${staged} but found ${size ?? 'no file'}. Build again.`,
        )
      }
      await this.#files.settle(staged, object.digest)
      const kept = this.#entries.insert(cache, object)
      if (kept.object !== object.digest) await this.#removeUnused(object.digest)
      if (kept.recovered) await this.#files.removeSetAside(kept.recovered)
    } catch (error) {
      await this.discard(staged)
      throw storeError(error, staged)
    }
  }

  /** Opens what there is of the keys. A file that is missing or cut is set aside and reported as damaged. */
  async open(keys: readonly string[]): Promise<Lease> {
    this.#assertOpen()
    const entries = this.#entries.list(keys)
    const held = entries.map(({ object }) => object)
    for (const object of held) this.#leases.set(object, (this.#leases.get(object) ?? 0) + 1)
    const release = async (): Promise<void> => {
      for (const object of held.splice(0)) await this.#release(object)
    }
    try {
      const paths = new Map<string, string>()
      const damaged = new Set<string>()
      for (const { key, object, bytes } of entries) {
        const path = this.#files.path(object)
        const size = await this.#files.size(path)
        if (size === bytes) {
          paths.set(key, path)
          continue
        }
        await this.quarantine(
          key,
          size === null ? 'its file is missing' : `its file has ${size} bytes instead of ${bytes}`,
        )
        damaged.add(key)
      }
      return { paths, damaged, [Symbol.asyncDispose]: release }
    } catch (error) {
      await release()
      throw storeError(error, this.sql.path)
    }
  }

  /** Takes a damaged cache out of use; its file is kept aside until the cache is made again. */
  async quarantine(key: string, why: string): Promise<void> {
    const object = this.#entries.quarantine(key, why)
    if (object === null) return
    log('store', `set aside ${key}: ${why}`)
    await this.#files.setAside(object)
  }

  /**
   * Has an object read whole (`check`: the engine's `verify`), and sets it aside when it is not sound.
   * @returns null when sound, else why not
   */
  async verify(key: string, check: (path: string, key: string) => Promise<unknown>): Promise<string | null> {
    await using lease = await this.open([key])
    if (lease.damaged.has(key)) return 'its file is missing or cut'
    const path = lease.paths.get(key)
    if (!path)
      throw new WorkbenchError(
        'not-found',
        `Expected the key of a cache but got ${key}, which the store does not have.`,
      )
    try {
      await check(path, key)
      return null
    } catch (error) {
      if (!isObjectFault(error)) throw error
      await this.quarantine(key, errorText(error))
      return errorText(error)
    }
  }

  /** Removes caches. Files in use go when their last lease is given back. */
  async remove(keys: readonly string[]): Promise<void> {
    for (const object of this.#entries.remove(keys)) {
      if (this.#leases.has(object)) this.#doomed.add(object)
      else await this.#removeUnused(object)
    }
  }

  /** Counts one use of each. */
  recordHits(keys: readonly string[]): void {
    this.#entries.recordHits(keys)
  }

  bytesOf(keys: readonly string[]): number {
    return this.#entries.bytesOf(keys)
  }

  stats(): StoreStats {
    return this.#entries.stats()
  }

  /** Clears what crashed writers left behind. */
  async sweep(): Promise<void> {
    await this.#files.sweepStaging()
    const known = this.#entries.objects()
    await this.#files.sweepOrphans((digest) => known.has(digest))
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#closed) return
    this.#closed = true
    this.sql[Symbol.dispose]()
  }

  async #release(object: string): Promise<void> {
    const left = (this.#leases.get(object) ?? 1) - 1
    if (left > 0) {
      this.#leases.set(object, left)
      return
    }
    this.#leases.delete(object)
    if (this.#doomed.delete(object) && !this.#closed) await this.#removeUnused(object)
  }

  async #removeUnused(object: string): Promise<void> {
    if (!this.#entries.isReferenced(object)) await this.#files.remove(object)
  }

  get isClosed(): boolean {
    return this.#closed
  }

  #assertOpen(): void {
    if (this.#closed) throw new WorkbenchError('conflict', 'The store is closed. Open the workbench again.')
  }
}

/** Whether an error speaks of an object file rather than of the engine or the disk. */
export function isObjectFault(error: unknown): boolean {
  return error instanceof WorkbenchError && error.code.startsWith('object.')
}
