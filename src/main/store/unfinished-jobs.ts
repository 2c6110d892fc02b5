/** Rows of jobs that are kept for the next start. Each belongs to a living workbench, or to none. */
import { randomBytes } from 'node:crypto'
import type { JobSubject } from '../../shared/jobs'
import { isRunning, MACHINE } from './leases'
import type { Sql } from './sql'

export interface Unfinished {
  readonly id: number
  /** What starts it anew; checked by whom it concerns. */
  readonly spec: unknown
  /** For lists. */
  readonly subject: JobSubject
  /** Another kept job that has to end first. */
  readonly after: number | null
  /** They start in this order. */
  readonly order: number
  readonly isPaused: boolean
  /** How often it was started without having ended, or the workbench having closed: it crashed. */
  readonly starts: number
}

interface Row {
  readonly id: number
  readonly spec: string
  readonly subject: string
  readonly after_id: number | null
  readonly position: number
  readonly is_paused: number
  readonly starts: number
  readonly owner: string | null
}

/** Workbenches of this process that are open. */
const living = new Set<string>()

export class UnfinishedJobs implements Disposable {
  readonly #sql: Sql
  readonly #owner = `${MACHINE}:${process.pid}:${randomBytes(6).toString('hex')}`

  constructor(sql: Sql) {
    this.#sql = sql
    living.add(this.#owner)
  }

  /** Those that no living workbench has, in order. */
  list(): Unfinished[] {
    return this.#sql
      .all<Row>('SELECT id, spec, subject, after_id, position, is_paused, starts, owner FROM unfinished_jobs ORDER BY position, id')
      .filter(({ owner }) => owner === null || !isAlive(owner))
      .map(({ id, spec, subject, after_id: after, position: order, is_paused, starts }) => ({
        id,
        spec: JSON.parse(spec) as unknown,
        subject: JSON.parse(subject) as JobSubject,
        after,
        order,
        isPaused: is_paused === 1,
        starts,
      }))
  }

  /** What starts them anew, of all of them: those that a living workbench has, too. */
  specs(): unknown[] {
    return this.#sql.all<Pick<Row, 'spec'>>('SELECT spec FROM unfinished_jobs').map(({ spec }) => JSON.parse(spec) as unknown)
  }

  /** Those that no living workbench has, and they are this workbench's now. */
  claim(): Unfinished[] {
    return this.#sql.transaction(() => {
      const free = this.list()
      for (const { id } of free) this.#sql.run('UPDATE unfinished_jobs SET owner = ? WHERE id = ?', [this.#owner, id])
      return free
    })
  }

  /** @param id null: a new one. @returns its id */
  put(id: number | null, { spec, subject, after, order, isPaused, starts }: Omit<Unfinished, 'id'>): number {
    const values = [JSON.stringify(subject), after, order, isPaused ? 1 : 0, starts, this.#owner]
    if (id === null) {
      return this.#sql.run(
        `INSERT INTO unfinished_jobs (subject, after_id, position, is_paused, starts, owner, spec)
         VALUES (?, ?, ?, ?, ?, ?, ?)`,
        [...values, JSON.stringify(spec)],
      ).id
    }
    this.#sql.run(
      `UPDATE unfinished_jobs SET subject = ?, after_id = ?, position = ?, is_paused = ?, starts = ?, owner = ?
       WHERE id = ?`,
      [...values, id],
    )
    return id
  }

  /** Counts until it ends or is left: whether it is the one in the middle of which the workbench crashed. */
  started(id: number): void {
    this.#sql.run('UPDATE unfinished_jobs SET starts = starts + 1 WHERE id = ?', [id])
  }

  /** For the next start: the workbench closes. */
  leave(id: number): void {
    this.#sql.run('UPDATE unfinished_jobs SET starts = 0, owner = NULL WHERE id = ?', [id])
  }

  remove(id: number): boolean {
    return this.#sql.run('DELETE FROM unfinished_jobs WHERE id = ?', [id]).changes > 0
  }

  [Symbol.dispose](): void {
    living.delete(this.#owner)
  }
}

/** Of another machine nobody can ask; its jobs are left to it. */
function isAlive(owner: string): boolean {
  const [machine, pid] = owner.split(':')
  if (machine !== MACHINE) return true
  return Number(pid) === process.pid ? living.has(owner) : isRunning(Number(pid))
}
