/**
 * Which objects are being read, by whom: several processes use one store, and none may remove what another reads. Rows live
 * in a database of their own, without durability: a lease ends with its process.
 */
import { createHash } from 'node:crypto'
import { rmSync } from 'node:fs'
import { hostname } from 'node:os'
import Database from 'better-sqlite3'
import { errorCode } from '../base/error-code'
import { storeError } from './store-error'

/** Tells processes of this machine from those of others on a shared folder. */
export const MACHINE = createHash('sha256').update(hostname()).digest('hex').slice(0, 8)

/** A lease of another machine is believed no longer: nobody can ask whether its process lives. */
const STALE_MS = 24 * 60 * 60 * 1000
const BUSY_TIMEOUT_MS = 10_000

/** Paths that this process has opened before. */
const opened = new Set<string>()

export class Leases implements Disposable {
  readonly #path: string
  readonly #database: Database.Database
  readonly #take: Database.Statement
  readonly #giveBack: Database.Statement
  readonly #holders: Database.Statement

  constructor(path: string) {
    this.#path = path
    this.#database = openDatabase(path)
    this.#take = this.#database.prepare(
      `INSERT INTO leases (object, machine, pid, count, taken_at) VALUES (?, '${MACHINE}', ${process.pid}, 1, ?)
       ON CONFLICT (object, machine, pid) DO UPDATE SET count = count + 1, taken_at = excluded.taken_at`,
    )
    this.#giveBack = this.#database.prepare(
      `UPDATE leases SET count = count - 1 WHERE object = ? AND machine = '${MACHINE}' AND pid = ${process.pid}`,
    )
    this.#holders = this.#database.prepare('SELECT machine, pid, taken_at AS takenAt FROM leases WHERE object = ?')
    this.#forgetDead()
    opened.add(path)
  }

  /** Keeps these objects where they are until they are given back. */
  take(objects: readonly string[]): void {
    this.#transaction(() => {
      for (const object of objects) this.#take.run(object, Date.now())
    })
  }

  giveBack(objects: readonly string[]): void {
    this.#transaction(() => {
      for (const object of objects) this.#giveBack.run(object)
      this.#database.prepare('DELETE FROM leases WHERE count <= 0').run()
    })
  }

  /**
   * Does `remove` with those of the objects that nobody holds; nobody can take one of them meanwhile. Whoever takes one
   * afterwards finds that it has gone.
   */
  withFree<T>(objects: readonly string[], remove: (free: readonly string[]) => T): T {
    return this.#transaction(() => remove(objects.filter((object) => !this.#isHeld(object))))
  }

  [Symbol.dispose](): void {
    this.#database.close()
  }

  #isHeld(object: string): boolean {
    return (this.#holders.all(object) as Holder[]).some(isAlive)
  }

  #forgetDead(): void {
    this.#transaction(() => {
      const holders = this.#database
        .prepare('SELECT DISTINCT machine, pid, max(taken_at) AS takenAt FROM leases GROUP BY machine, pid')
        .all() as Holder[]
      // A process that had this one's number, before it: nobody of this one holds anything yet.
      const isPredecessor = ({ machine, pid }: Holder): boolean =>
        machine === MACHINE && pid === process.pid && !opened.has(this.#path)
      for (const holder of holders.filter((each) => isPredecessor(each) || !isAlive(each)))
        this.#database.prepare('DELETE FROM leases WHERE machine = ? AND pid = ?').run(holder.machine, holder.pid)
    })
  }

  #transaction<T>(work: () => T): T {
    try {
      return this.#database.transaction(work).immediate()
    } catch (error) {
      throw storeError(error, this.#path)
    }
  }
}

interface Holder {
  readonly machine: string
  readonly pid: number
  readonly takenAt: number
}

/** What a crash of the machine left of it is worth nothing: it is made anew. */
function openDatabase(path: string): Database.Database {
  try {
    return prepared(path)
  } catch (error) {
    if (!/^SQLITE_(CORRUPT|NOTADB)/.test(errorCode(error))) throw storeError(error, path)
    for (const suffix of ['', '-wal', '-shm']) rmSync(path + suffix, { force: true })
    return prepared(path)
  }
}

function prepared(path: string): Database.Database {
  const database = new Database(path, { timeout: BUSY_TIMEOUT_MS })
  try {
    database.pragma('journal_mode = WAL')
    database.pragma('synchronous = OFF')
    database.exec(
      `CREATE TABLE IF NOT EXISTS leases (
         object TEXT NOT NULL, machine TEXT NOT NULL, pid INTEGER NOT NULL, count INTEGER NOT NULL, taken_at INTEGER NOT NULL,
         PRIMARY KEY (object, machine, pid)) STRICT, WITHOUT ROWID`,
    )
    return database
  } catch (error) {
    database.close()
    throw error
  }
}

function isAlive({ machine, pid, takenAt }: Holder): boolean {
  if (machine !== MACHINE) return Date.now() - takenAt < STALE_MS
  return isRunning(pid)
}

export function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return true
  } catch (error) {
    // EPERM: it runs, under another user.
    return errorCode(error) === 'EPERM'
  }
}
