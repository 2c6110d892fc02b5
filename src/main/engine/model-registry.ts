/** The models a workbench knows: added by path, checked, named, and recognised again when their file moves or changes. */
import { stat } from 'node:fs/promises'
import { basename, extname, resolve } from 'node:path'
import type { ModelFacts } from '../../shared/engine'
import { WorkbenchError } from '../../shared/errors'
import type { KnownModel } from '../../shared/workbench'
import type { Engine } from './engine'
import { fileStamp } from './file-stamp'

export interface ModelRow {
  /** Unique. */
  readonly id: string
  /** Absolute; unique. */
  readonly path: string
  /** SHA-256 of the file. */
  readonly fingerprint: string
  readonly facts: ModelFacts
  /** Size and time of the file that `fingerprint` was taken of: while they hold it need not be read again. */
  readonly stamp: string
  /** ISO 8601, UTC. */
  readonly addedAt: string
  readonly isDefault: boolean
  readonly bundled: boolean
}

/** Where the rows are kept; the store implements it. */
export interface ModelRows {
  /** In order of addition. */
  list(): ModelRow[]
  find(id: string): ModelRow | null
  /** Inserts the row or replaces the one with its id. */
  put(row: ModelRow): void
  remove(id: string): void
}

export interface AddOptions {
  readonly signal?: AbortSignal
  readonly onProgress?: (done: number, total: number) => void
  readonly bundled?: boolean
  /** What its id is made of; default: the file's name. */
  readonly name?: string
}

export class ModelRegistry {
  readonly #engine: Engine
  readonly #rows: ModelRows
  /** Since the workbench was opened, by path: adding one again need not read all of it. */
  readonly #removed = new Map<string, ModelRow>()

  constructor(engine: Engine, rows: ModelRows) {
    this.#engine = engine
    this.#rows = rows
  }

  list(): KnownModel[] {
    return this.#rows.list().map(summary)
  }

  /** @throws `not-found`, naming the models there are */
  find(id: string): KnownModel {
    const row = this.#rows.find(id)
    if (row) return summary(row)
    const known = this.#rows.list().map((row) => row.id)
    throw new WorkbenchError(
      'not-found',
      { id: 'model.unknown', params: { id, known } },
    )
  }

  /** The one marked as default, else the bundled one, else the first added; null when there is none. */
  default(): KnownModel | null {
    const rows = this.#rows.list()
    const row = rows.find((row) => row.isDefault) ?? rows.find((row) => row.bundled) ?? rows[0]
    return row ? summary(row) : null
  }

  setDefault(id: string): KnownModel {
    this.find(id)
    for (const row of this.#rows.list()) {
      if (row.isDefault !== (row.id === id)) this.#rows.put({ ...row, isDefault: row.id === id })
    }
    return this.find(id)
  }

  /** Forgets it; the file stays. */
  remove(id: string): void {
    const { path } = this.find(id)
    const row = this.#rows.find(id)
    if (row) this.#removed.set(path, row)
    this.#rows.remove(id)
  }

  /**
   * Checks the file, takes its fingerprint and remembers it. A known file that has not changed is answered at once; a
   * known model whose old file has gone keeps its id at the new place.
   * @throws `model.unreadable`, `model.damaged`, `model.unsupported`, `cancelled`
   */
  async add(path: string, options: AddOptions = {}): Promise<KnownModel> {
    const file = resolve(path)
    const before = this.#rows.list().find((row) => row.path === file)
    const stamp = await fileStamp(file)
    if (before?.stamp === stamp) return summary(before)
    const removed = this.#removed.get(file)
    if (removed?.stamp === stamp && !this.#rows.find(removed.id)) {
      this.#rows.put(removed)
      return summary(removed)
    }
    const { facts, fingerprint } = await this.#examine(file, options)
    const known = before ?? (await this.#movedFrom(fingerprint))
    const row: ModelRow = {
      id: known?.id ?? this.#freeId(options.name ?? basename(file, extname(file))),
      path: file,
      fingerprint,
      facts,
      stamp,
      addedAt: known?.addedAt ?? new Date().toISOString(),
      isDefault: known?.isDefault ?? false,
      bundled: known?.bundled ?? options.bundled ?? false,
    }
    this.#rows.put(row)
    if (options.bundled) this.#isOnlyBundled(row)
    return summary(row)
  }

  /** An earlier version's bundled model is one like any other. */
  #isOnlyBundled({ id }: ModelRow): void {
    const others = this.#rows.list().filter((row) => row.bundled && row.id !== id)
    for (const row of others) this.#rows.put({ ...row, bundled: false })
  }

  /**
   * A known model whose file is still the one that was added; to be asked before its caches are used. A file that was
   * only touched or copied over with the same bytes is accepted.
   * @throws `not-found`, `model.unreadable` when the file has gone, `object.mismatch` when its contents are others
   */
  async current(id: string, options: AddOptions = {}): Promise<KnownModel> {
    const known = this.find(id)
    const row = this.#rows.find(id)
    const stamp = await fileStamp(known.path)
    if (!row || row.stamp === stamp) return known
    const { digest } = await this.#fingerprint(known.path, options)
    if (digest !== row.fingerprint) {
      throw new WorkbenchError(
        'object.mismatch',
        { id: 'model.replaced', params: { id, path: known.path, was: short(row.fingerprint), is: short(digest) } },
      )
    }
    this.#rows.put({ ...row, stamp })
    return this.find(id)
  }

  /** Facts of a known model's file, or of any file by its path. */
  async inspect(idOrPath: string): Promise<ModelFacts & { readonly path: string }> {
    const path = this.#rows.find(idOrPath)?.path ?? resolve(idOrPath)
    return { ...(await this.#engine.call('inspect', { path })), path }
  }

  async #examine(path: string, options: AddOptions): Promise<{ facts: ModelFacts; fingerprint: string }> {
    // Seconds before minutes: a file that is no model is refused before all of it is read.
    const facts = await this.#engine.call('inspect', { path }, { signal: options.signal })
    const { digest } = await this.#fingerprint(path, options)
    return { facts, fingerprint: digest }
  }

  async #fingerprint(path: string, { signal, onProgress }: AddOptions): Promise<{ digest: string; bytes: number }> {
    const onEvent = ({ done, total }: { done: number; total: number }): void => onProgress?.(done, total)
    return await this.#engine.call('fingerprint', { path }, { signal, onEvent })
  }

  async #movedFrom(fingerprint: string): Promise<ModelRow | null> {
    for (const row of this.#rows.list()) {
      if (row.fingerprint !== fingerprint) continue
      const there = await stat(row.path).catch(() => null)
      if (!there) return row
    }
    return null
  }

  /** The name in the letters that need no quotes in a shell, with a number when it is taken. */
  #freeId(given: string): string {
    const name = given
      .toLowerCase()
      .replace(/[^\p{L}\p{N}._-]+/gu, '-')
      .replace(/^[-.]+|-+$/g, '')
    const wanted = name || 'model'
    let id = wanted
    for (let number = 2; this.#rows.find(id); number++) id = `${wanted}-${number}`
    return id
  }
}

function summary({ id, path, fingerprint, facts, addedAt, isDefault, bundled }: ModelRow): KnownModel {
  return { ...facts, id, path, fingerprint, addedAt, isDefault, bundled }
}

const short = (fingerprint: string): string => `${fingerprint.slice(0, 8)}…`
