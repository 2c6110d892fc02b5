/**
 * Object files: `objects/<first two hex digits>/<SHA-256 of the file>.kvo`, staged in `objects/staging/`, set aside in
 * `objects/quarantine/`. Nothing here knows rows.
 */
import { randomUUID } from 'node:crypto'
import { rmSync } from 'node:fs'
import { mkdir, readdir, rename, rm, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { moveDurably, syncFolder } from '../base/durable-files'
import { errorCode } from '../base/error-code'
import { isRunning, MACHINE } from './leases'

/** Older leftovers belong to nobody, whatever machine wrote them. */
const STALE_MS = 24 * 60 * 60 * 1000
const SUFFIX = '.kvo'

export class ObjectFiles {
  readonly #root: string

  constructor(root: string) {
    this.#root = root
  }

  async prepare(): Promise<void> {
    await mkdir(join(this.#root, 'staging'), { recursive: true, mode: 0o700 })
    await mkdir(join(this.#root, 'quarantine'), { recursive: true, mode: 0o700 })
  }

  path(digest: string): string {
    return join(this.#root, digest.slice(0, 2), digest + SUFFIX)
  }

  /** A name for a file to be written; nobody else has it. */
  stage(): string {
    return join(this.#root, 'staging', `${MACHINE}-${process.pid}-${randomUUID()}${SUFFIX}`)
  }

  /** Bytes of a file, or null where there is none. */
  async size(path: string): Promise<number | null> {
    try {
      const found = await stat(path)
      return found.isFile() ? found.size : null
    } catch (error) {
      if (['ENOENT', 'ENOTDIR'].includes(errorCode(error))) return null
      throw error
    }
  }

  /** Gives a staged file its final name. A file that has it already holds the same bytes, or damaged ones: replaced. */
  async settle(staged: string, digest: string): Promise<void> {
    const target = this.path(digest)
    const folder = join(this.#root, digest.slice(0, 2))
    if (await mkdir(folder, { recursive: true, mode: 0o700 })) await syncFolder(this.#root)
    await moveDurably(staged, target)
  }

  /** At once: whoever removes it holds a lock meanwhile. */
  remove(digest: string): void {
    rmSync(this.path(digest), { force: true })
  }

  async setAside(digest: string): Promise<void> {
    await rename(this.path(digest), join(this.#root, 'quarantine', digest + SUFFIX)).catch((error: unknown) => {
      if (errorCode(error) !== 'ENOENT') throw error
    })
  }

  async removeSetAside(digest: string): Promise<void> {
    await rm(join(this.#root, 'quarantine', digest + SUFFIX), { force: true })
  }

  /** Digests of what was set aside. */
  async allSetAside(): Promise<string[]> {
    return (await readdir(join(this.#root, 'quarantine'))).map((name) => name.slice(0, -SUFFIX.length))
  }

  /** Removes staged files whose writer is gone. */
  async sweepStaging(): Promise<number> {
    const names = await readdir(join(this.#root, 'staging'))
    let removed = 0
    for (const name of names) {
      const path = join(this.#root, 'staging', name)
      if (!(await isAbandoned(name, path))) continue
      await rm(path, { force: true })
      removed += 1
    }
    return removed
  }

  /** Digests of all objects there are. */
  async *all(): AsyncGenerator<string> {
    for (const folder of await readdir(this.#root)) {
      if (!/^[0-9a-f]{2}$/.test(folder)) continue
      for (const name of await readdir(join(this.#root, folder))) {
        if (name.endsWith(SUFFIX)) yield name.slice(0, -SUFFIX.length)
      }
    }
  }
}

async function isAbandoned(name: string, path: string): Promise<boolean> {
  const [machine, pid] = name.split('-')
  if (machine === MACHINE && pid && /^\d+$/.test(pid)) return !isRunning(Number(pid)) || (await ageMs(path)) > STALE_MS
  return (await ageMs(path)) > STALE_MS
}

/** Since the last write; a file that is gone has no age. */
async function ageMs(path: string): Promise<number> {
  try {
    return Date.now() - (await stat(path)).mtimeMs
  } catch (error) {
    if (errorCode(error) === 'ENOENT') return 0
    throw error
  }
}
