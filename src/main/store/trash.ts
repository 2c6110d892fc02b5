/** Copies that were removed and can be brought back. Their files stay where they are until the trash is emptied. */
import type { Profile } from '../../shared/profile'
import type { TrashBatch } from '../../shared/upkeep'
import type { Copy, Copies } from './copies'
import type { Entries, Entry } from './entries'
import type { Sql } from './sql'

type Stored = Copy & { readonly entry: Entry }

export class Trash {
  readonly #sql: Sql
  readonly #entries: Entries
  readonly #copies: Copies

  constructor(sql: Sql, { entries, copies }: { readonly entries: Entries; readonly copies: Copies }) {
    this.#sql = sql
    this.#entries = entries
    this.#copies = copies
  }

  /** Puts copies in as one batch. @returns its number */
  put(copies: readonly { readonly key: string; readonly profile: Profile }[]): number {
    return this.#sql.transaction(() => {
      const batch = (this.#sql.get<{ last: number | null }>('SELECT max(batch) AS last FROM trash')?.last ?? 0) + 1
      const at = new Date().toISOString()
      const wanted = new Set(copies.map(({ key, profile }) => `${key} ${profile}`))
      for (const copy of this.#copies.list([...new Set(copies.map(({ key }) => key))])) {
        const entry = this.#entries.get(copy.key)
        if (!entry || !wanted.has(`${copy.key} ${copy.profile}`)) continue
        this.#sql.run(
          'INSERT INTO trash (batch, key, profile, object, bytes, entry, trashed_at) VALUES (?, ?, ?, ?, ?, ?, ?)',
          [batch, copy.key, copy.profile, copy.object, copy.bytes, JSON.stringify({ ...copy, entry }), at],
        )
      }
      this.#copies.remove(copies)
      return batch
    })
  }

  /** Newest first. */
  batches(): TrashBatch[] {
    return this.#sql.all<TrashBatch>(
      `SELECT batch, count(*) AS copies, sum(bytes) AS bytes, min(trashed_at) AS trashedAt FROM trash
       GROUP BY batch ORDER BY batch DESC`,
    )
  }

  /** Brings a batch back, but for what has been made again since. @returns how many copies, and objects that nobody needs */
  restore(batch: number): { readonly restored: number; readonly unneeded: readonly string[] } {
    return this.#sql.transaction(() => {
      const rows = this.#sql
        .all<{ entry: string }>('DELETE FROM trash WHERE batch = ? RETURNING entry', [batch])
        .map(({ entry }) => JSON.parse(entry) as Stored)
      const unneeded: string[] = []
      for (const { entry, ...copy } of rows) {
        if (this.#copies.list([copy.key]).some(({ profile }) => profile === copy.profile)) {
          unneeded.push(copy.object)
        } else {
          this.#copies.insert(entry, { digest: copy.object, bytes: copy.bytes, ms: entry.computeMs }, copy)
          this.#sql.run('UPDATE copies SET made_at = ? WHERE key = ? AND profile = ?', [copy.madeAt, copy.key, copy.profile])
        }
        // What was made again meanwhile has its history back.
        this.#sql.run(
          `UPDATE entries SET created_at = min(created_at, ?), hits = max(hits, ?), pinned = max(pinned, ?),
             used_at = nullif(max(coalesce(used_at, ''), coalesce(?, '')), '') WHERE key = ?`,
          [entry.createdAt, entry.hits, entry.pinned ? 1 : 0, entry.usedAt, entry.key],
        )
      }
      return { restored: rows.length - unneeded.length, unneeded }
    })
  }

  /** Forgets a batch. @returns objects whose rows went */
  drop(batch: number): string[] {
    return this.#sql
      .all<{ object: string }>('DELETE FROM trash WHERE batch = ? RETURNING object', [batch])
      .map(({ object }) => object)
  }

  /** Forgets what was thrown away before then. @returns objects whose rows went */
  empty(before: Date): string[] {
    return this.#sql
      .all<{ object: string }>('DELETE FROM trash WHERE trashed_at < ? RETURNING object', [before.toISOString()])
      .map(({ object }) => object)
  }
}
