/** The KV store: rows in `index.sqlite`, object files beside it. A row exists only for a file that is whole on disk. */
import { rm } from 'node:fs/promises'
import { join } from 'node:path'
import type { GoneReason } from '../../shared/answer'
import type { Segment } from '../../shared/engine'
import { WorkbenchError } from '../../shared/errors'
import type { Profile } from '../../shared/profile'
import { makeDataDir } from '../base/data-dir'
import { errorText } from '../base/error-code'
import { log } from '../base/log'
import { ChunkKeys } from './chunk-keys'
import { Codebooks } from './codebooks'
import { Copies, F16, type Copy, type CopyForm, type Inserted, type WrittenObject } from './copies'
import { Entries, type CacheFacts, type Entry } from './entries'
import { Leases } from './leases'
import { ObjectFiles } from './objects'
import { Sql } from './sql'
import { storeError } from './store-error'
import { Trash } from './trash'
import { Upkeep } from './upkeep'

/** A file of a cache, with what reading it takes. */
export type CachedFile = Pick<Extract<Segment, { kind: 'cached' }>, 'path' | 'codebook'> & { readonly profile: Profile }

/** Object files that stay where they are until the lease is given back. */
export interface Lease extends AsyncDisposable {
  /** By key, of those that are whole as far as a look at their size tells. */
  readonly files: ReadonlyMap<string, CachedFile>
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
  let store: Store | null = null
  try {
    const leases = new Leases(join(dataDir, 'leases.sqlite'))
    const codebooks = new Codebooks(sql, { folder: join(dataDir, 'codebooks'), leases })
    store = new Store(sql, { files, codebooks, leases })
    await store.codebooks.prepare()
    await files.sweepStaging()
    return store
  } catch (error) {
    if (store) await store[Symbol.asyncDispose]()
    else sql[Symbol.dispose]()
    throw storeError(error, dataDir)
  }
}

interface StoreParts {
  readonly files: ObjectFiles
  readonly codebooks: Codebooks
  readonly leases: Leases
}

/** Files removed under one lock. */
const AT_ONCE = 200

export class Store implements AsyncDisposable {
  /** For the modules that keep their rows in the same database. */
  readonly sql: Sql
  readonly codebooks: Codebooks
  readonly upkeep: Upkeep
  readonly chunkKeys: ChunkKeys
  readonly #entries: Entries
  readonly #copies: Copies
  readonly #files: ObjectFiles
  readonly #leases: Leases
  /** Objects without a row that were being read when it went: they go when this process gives them back. */
  readonly #doomed = new Set<string>()
  #closed = false

  constructor(sql: Sql, { files, codebooks, leases }: StoreParts) {
    this.sql = sql
    this.codebooks = codebooks
    this.chunkKeys = new ChunkKeys(sql)
    this.#entries = new Entries(sql)
    this.#copies = new Copies(sql)
    this.#files = files
    this.#leases = leases
    const copies = this.#copies
    const trash = new Trash(sql, { entries: this.#entries, copies })
    const removeUnused = (objects: readonly string[]): void => this.#removeUnused(objects)
    this.upkeep = new Upkeep({ sql, files, codebooks, leases, copies, trash, removeUnused })
  }

  /** Which of the keys have a cache; with `profiles`, one in any of these. */
  available(keys: readonly string[], profiles: readonly Profile[] | null = null): Set<string> {
    return this.#entries.available(keys, profiles)
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

  /** Keys of all variants of these texts, by token digest. */
  keysOf(model: string, tokenDigests: readonly string[]): string[] {
    return this.#entries.keysOf(model, tokenDigests)
  }

  /** Of every cache. */
  keys(): string[] {
    return this.#entries.keys()
  }

  has(key: string): boolean {
    return this.available([key]).size > 0
  }

  entry(key: string): Entry | undefined {
    return this.#entries.get(key)
  }

  /** Of these keys, most faithful first. */
  copies(keys: readonly string[]): Copy[] {
    return this.#copies.list(keys)
  }

  /** What the index knows of these texts under any chain and model, to say why a key is absent. */
  traces(tokenDigests: readonly string[]): ReturnType<Entries['traces']> {
    return this.#entries.traces(tokenDigests)
  }

  /** Which of the keys had a cache that was damaged and has not been made again. */
  setAside(keys: readonly string[]): Set<string> {
    return this.#copies.setAside(keys)
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
  async commit(staged: string, cache: CacheFacts, object: WrittenObject, form: CopyForm = F16): Promise<void> {
    await this.#commit(staged, object, () => this.#copies.insert(cache, object, form))
  }

  /** Takes in another form of a cache. @returns false where the cache has gone meanwhile, and the file with it */
  async commitForm(staged: string, key: string, object: WrittenObject, form: CopyForm): Promise<boolean> {
    return await this.#commit(staged, object, () => this.#copies.insertForm(key, object, form))
  }

  /**
   * Opens what there is of the keys, in the most faithful form, or only in the form asked for. A file that is missing or
   * cut is set aside and reported as damaged.
   */
  async open(keys: readonly string[], profile: Profile | null = null): Promise<Lease> {
    this.#assertOpen()
    const held: string[] = []
    const release = async (): Promise<void> => {
      if (!this.#closed) this.#release(held.splice(0))
      await Promise.resolve()
    }
    try {
      const first = this.#best(keys, profile)
      // With the codebooks that they are read by.
      held.push(...new Set(first.flatMap(({ object, codebook }) => (codebook === '' ? [object] : [object, codebook]))))
      this.#leases.take(held)
      const isHeld = new Set(held)
      // What went before it could be held is not damaged.
      const best = this.#best(keys, profile).filter(({ object }) => isHeld.has(object))
      const files = new Map<string, CachedFile>()
      const damaged = new Set<string>()
      for (const { key, object, bytes, profile: found, codebook } of best) {
        const path = this.#files.path(object)
        const size = await this.#files.size(path)
        if (size === bytes) {
          files.set(key, { path, profile: found, ...(codebook !== '' && { codebook: this.codebooks.file(codebook) }) })
          continue
        }
        const why = size === null ? 'its file is missing' : `its file has ${size} bytes instead of ${bytes}`
        await this.quarantine(key, found, why)
        damaged.add(key)
      }
      return { files, damaged, [Symbol.asyncDispose]: release }
    } catch (error) {
      await release()
      throw storeError(error, this.sql.path)
    }
  }

  /** Takes a damaged copy out of use; its file is kept aside until it is made again. */
  async quarantine(key: string, profile: Profile, why: string): Promise<void> {
    const object = this.#copies.quarantine(key, profile, why)
    if (object === null) return
    log('store', `set aside ${key} (${profile}): ${why}`)
    await this.#files.setAside(object)
  }

  /**
   * Has a copy read whole (`check`: the engine's `verify`), and sets it aside when it is not sound.
   * @returns null when sound, else why not
   */
  async verify(
    key: string,
    profile: Profile,
    check: (file: CachedFile, key: string) => Promise<unknown>,
  ): Promise<string | null> {
    await using lease = await this.open([key], profile)
    if (lease.damaged.has(key)) return 'its file is missing or cut'
    const file = lease.files.get(key)
    if (!file)
      throw new WorkbenchError(
        'not-found',
        `Expected the key of a cache but got ${key}, which the store does not have as ${profile}.`,
      )
    try {
      await check(file, key)
      return null
    } catch (error) {
      if (!isObjectFault(error)) throw error
      await this.quarantine(key, profile, errorText(error))
      return errorText(error)
    }
  }

  /** Removes caches, in every form. Files in use go when their last lease is given back. */
  async remove(keys: readonly string[]): Promise<void> {
    this.#removeUnused(this.#copies.removeAll(keys))
    await Promise.resolve()
  }

  /** Removes f16 copies that were made only to be coded, where that is done. */
  removeTemporary(keys: readonly string[], form: CopyForm): void {
    this.#removeUnused(this.#copies.removeTemporary(keys, form))
  }

  /** Keeps f16 copies for good that were made only to be coded. */
  keepF16(keys: readonly string[]): void {
    this.#copies.keepF16(keys)
  }

  /** Tokens per second at which the newest caches of a model were computed; null where it has none. */
  speed(model: string): number | null {
    return this.#entries.speed(model)
  }

  /** @returns how many changed */
  pin(keys: readonly string[], pinned: boolean): number {
    return this.#entries.pin(keys, pinned)
  }

  /** Which of the keys had a cache that went to make room or was thrown away, and has not come again. */
  gone(keys: readonly string[]): Map<string, GoneReason> {
    return this.#copies.gone(keys)
  }

  /** Counts one use of each. */
  recordHits(keys: readonly string[]): void {
    this.#entries.recordHits(keys)
  }

  bytesOf(keys: readonly string[]): number {
    return this.#copies.bytesOf(keys)
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#closed) return
    this.#closed = true
    this.#leases[Symbol.dispose]()
    this.sql[Symbol.dispose]()
    await Promise.resolve()
  }

  /** One copy a key. */
  #best(keys: readonly string[], profile: Profile | null): Copy[] {
    const best = new Map<string, Copy>()
    for (const copy of this.#copies.list(keys))
      if ((profile === null || copy.profile === profile) && !best.has(copy.key)) best.set(copy.key, copy)
    return [...best.values()]
  }

  async #commit(staged: string, object: WrittenObject, insert: () => Inserted | null): Promise<boolean> {
    this.#assertOpen()
    // Held, so that nobody who is rid of the same object elsewhere takes the file before its row is there.
    this.#leases.take([object.digest])
    try {
      const size = await this.#files.size(staged)
      if (size !== object.bytes) {
        throw new WorkbenchError(
          'object.damaged',
          `Expected ${object.bytes} bytes in ${staged} but found ${size ?? 'no file'}. Build again.`,
        )
      }
      await this.#files.settle(staged, object.digest)
      const kept = insert()
      if (kept?.recovered) await this.#files.removeSetAside(kept.recovered)
      if (kept?.replaced) this.#removeUnused([kept.replaced])
      if (kept?.object !== object.digest) this.#doomed.add(object.digest)
      this.upkeep.makeRoom()
      return kept !== null
    } catch (error) {
      await this.discard(staged)
      throw storeError(error, staged)
    } finally {
      if (!this.#closed) this.#release([object.digest])
    }
  }

  #release(objects: readonly string[]): void {
    if (objects.length === 0) return
    this.#leases.giveBack(objects)
    const doomed = [...new Set(objects)].filter((object) => this.#doomed.delete(object))
    if (doomed.length > 0) this.#removeUnused(doomed)
  }

  /** Removes the files of those that no row names; what is being read goes later. */
  #removeUnused(objects: readonly string[]): void {
    const left = new Set(objects)
    // A few at a time: whoever asks meanwhile waits for its lease no longer than that.
    for (let at = 0; at < objects.length; at += AT_ONCE) {
      this.#leases.withFree(objects.slice(at, at + AT_ONCE), (free) => {
        for (const object of free) {
          left.delete(object)
          if (!this.#copies.isReferenced(object)) this.#files.remove(object)
        }
      })
    }
    for (const object of left) this.#doomed.add(object)
  }

  get isClosed(): boolean {
    return this.#closed
  }

  #assertOpen(): void {
    if (this.#closed) throw new WorkbenchError('conflict', 'The store is closed. Open the workbench again.')
  }
}

/** What of a lease the engine reads. */
export function cachedSegment({ files }: Lease, key: string, tokens: number[]): Segment {
  const file = files.get(key)
  if (!file) throw new WorkbenchError('internal', `Expected cache ${key} to be open, but it is not.`)
  const { path, codebook } = file
  return { kind: 'cached', tokens, path, key, ...(codebook && { codebook }) }
}

/** Whether an error speaks of an object file rather than of the engine or the disk. */
export function isObjectFault(error: unknown): boolean {
  return error instanceof WorkbenchError && error.code.startsWith('object.')
}
