/** The index database: one connection, prepared statements kept, every failure a named error. */
import Database from 'better-sqlite3'
import { WorkbenchError } from '../../shared/errors'
import { MIGRATIONS } from './schema'
import { storeError } from './store-error'

export type SqlValue = string | number | Uint8Array | null

/** Another process may hold the write lock for one short transaction at a time. */
const BUSY_TIMEOUT_MS = 10_000

/** A parameter for `IN (SELECT value FROM json_each(?))`. */
export function keyList(keys: readonly string[]): string {
  return JSON.stringify(keys)
}

export class Sql implements Disposable {
  readonly path: string
  readonly #database: Database.Database
  readonly #statements = new Map<string, Database.Statement>()

  /** @throws store.damaged, store.full, conflict, file.unreadable */
  constructor(path: string) {
    this.path = path
    this.#database = this.#guard(() => new Database(path, { timeout: BUSY_TIMEOUT_MS }))
    try {
      this.#guard(() => this.#prepareFile())
    } catch (error) {
      this.#database.close()
      throw error
    }
  }

  /** Rows of a query. The caller states with `Row` what its text selects: nothing else could. */
  all<Row>(text: string, parameters: readonly SqlValue[] = []): Row[] {
    return this.#guard(() => this.#statement(text).all(...parameters) as Row[])
  }

  get<Row>(text: string, parameters: readonly SqlValue[] = []): Row | undefined {
    return this.#guard(() => this.#statement(text).get(...parameters) as Row | undefined)
  }

  run(text: string, parameters: readonly SqlValue[] = []): { readonly changes: number; readonly id: number } {
    const { changes, lastInsertRowid } = this.#guard(() => this.#statement(text).run(...parameters))
    return { changes, id: Number(lastInsertRowid) }
  }

  get isOpen(): boolean {
    return this.#database.open
  }

  /** Another number after every commit of another connection, of this program or another one; our own do not count. */
  dataVersion(): number {
    return this.#guard(() => Number(this.#database.pragma('data_version', { simple: true })))
  }

  /** All or nothing; takes the write lock at its start, so that what it reads holds until it writes. */
  transaction<T>(work: () => T): T {
    return this.#guard(() => this.#database.transaction(work).immediate())
  }

  /** Another one after every change, by this connection or another. */
  stamp(): string {
    const own = this.get<{ changes: number }>('SELECT total_changes() AS changes')?.changes
    const others = this.#guard(() => this.#database.pragma('data_version', { simple: true }))
    return `${own} ${String(others)}`
  }

  [Symbol.dispose](): void {
    this.#statements.clear()
    this.#database.close()
  }

  #statement(text: string): Database.Statement {
    const known = this.#statements.get(text)
    if (known) return known
    const statement = this.#database.prepare(text)
    this.#statements.set(text, statement)
    return statement
  }

  #prepareFile(): void {
    this.#database.pragma('journal_mode = WAL')
    // A row that was reported as stored survives a power cut.
    this.#database.pragma('synchronous = FULL')
    this.#database.pragma('foreign_keys = ON')
    this.#database.transaction(() => this.#migrate()).immediate()
  }

  #migrate(): void {
    const found = Number(this.#database.pragma('user_version', { simple: true }))
    if (found > MIGRATIONS.length) {
      throw new WorkbenchError(
        'conflict',
        `Expected a store of version ${MIGRATIONS.length} or older but ${this.path} has version ${found}: ` +
          'a newer Kvasir made it. Use that one.',
      )
    }
    for (const migration of MIGRATIONS.slice(found)) this.#database.exec(migration)
    if (found < MIGRATIONS.length) this.#database.pragma(`user_version = ${MIGRATIONS.length}`)
  }

  #guard<T>(work: () => T): T {
    try {
      return work()
    } catch (error) {
      throw storeError(error, this.path)
    }
  }
}
