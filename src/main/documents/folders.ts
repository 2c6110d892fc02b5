/** The folders that a set is kept in step with. */
import type { Sql } from '../store/sql'

export class Folders {
  readonly #sql: Sql

  constructor(sql: Sql) {
    this.#sql = sql
  }

  list(set: number): string[] {
    return this.#sql
      .all<{ path: string }>('SELECT path FROM folders WHERE set_id = ? ORDER BY path', [set])
      .map(({ path }) => path)
  }

  remember(set: number, paths: readonly string[]): void {
    this.#sql.transaction(() => {
      for (const path of paths)
        this.#sql.run('INSERT INTO folders (set_id, path) VALUES (?, ?) ON CONFLICT DO NOTHING', [set, path])
    })
  }

  forget(set: number, paths: readonly string[]): void {
    this.#sql.transaction(() => {
      for (const path of paths) this.#sql.run('DELETE FROM folders WHERE set_id = ? AND path = ?', [set, path])
    })
  }
}
