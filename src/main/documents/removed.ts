/** Sets and documents that were removed and can be brought back, as they were and under their ids. */
import { WorkbenchError } from '../../shared/errors'
import { keyList, type Sql } from '../store/sql'
import { documentId } from './node-id'
import type { Sets } from './sets'

export interface RemovedSet {
  readonly id: number
  readonly name: string
  /** Id of its model. */
  readonly model: string
  readonly removedAt: string
  /** Those that were not removed one by one before. */
  readonly documents: number
  /** Of its documents' files. */
  readonly bytes: number
}

export interface RemovedDocument {
  readonly id: number
  readonly title: string
  readonly source: string
  readonly removedAt: string
  readonly bytes: number
  readonly set: number
  readonly setName: string
  /** 1 or 0. */
  readonly isSetRemoved: number
}

export class Removed {
  readonly #sql: Sql
  readonly #sets: Sets

  constructor(sql: Sql, sets: Sets) {
    this.#sql = sql
    this.#sets = sets
  }

  /** All or none. @throws not-found */
  removeDocuments(documents: readonly number[]): void {
    this.#sql.transaction(() => {
      for (const document of documents) {
        const { changes } = this.#sql.run(
          `UPDATE documents SET removed_at = ? WHERE id = ? AND removed_at IS NULL
             AND EXISTS (SELECT 1 FROM sets WHERE id = set_id AND removed_at IS NULL)`,
          [new Date().toISOString(), document],
        )
        if (changes === 0)
          throw new WorkbenchError(
            'not-found',
            { id: 'document.unknown', params: { id: documentId(document) } },
          )
      }
    })
  }

  /** Its name is free from now on. */
  removeSet(set: number): void {
    // No other set may be called like an id, so this name cannot be taken.
    this.#sql.run(
      `UPDATE sets SET removed_at = ?, removed_name = name, name = 'set' || id WHERE id = ? AND removed_at IS NULL`,
      [new Date().toISOString(), set],
    )
  }

  /** All or none; those that are there already stay. @throws not-found, conflict where their set is in the trash */
  restoreDocuments(documents: readonly number[]): void {
    this.#sql.transaction(() => {
      for (const document of documents) {
        const set = this.#sql.get<{ id: number; name: string | null; removedAt: string | null }>(
          `SELECT sets.id AS id, removed_name AS name, sets.removed_at AS removedAt
           FROM documents JOIN sets ON sets.id = set_id WHERE documents.id = ?`,
          [document],
        )
        if (!set) throw notInTrash(documentId(document))
        if (set.removedAt !== null)
          throw new WorkbenchError(
            'conflict',
            { id: 'trash.set-first', params: { id: documentId(document), set: set.name ?? '', setId: `set${set.id}` } },
          )
        this.#sql.run('UPDATE documents SET removed_at = NULL WHERE id = ?', [document])
      }
    })
  }

  /** Under its old name, or one like it where that is taken by now. @throws not-found */
  restoreSet(set: number): void {
    this.#sql.transaction(() => {
      const row = this.#sql.get<{ name: string | null; removedAt: string | null }>(
        'SELECT removed_name AS name, removed_at AS removedAt FROM sets WHERE id = ?',
        [set],
      )
      if (!row) throw notInTrash(`set${set}`)
      if (row.removedAt === null) return
      this.#sql.run('UPDATE sets SET removed_at = NULL, removed_name = NULL, name = ? WHERE id = ?', [
        this.#sets.freeName(row.name ?? `Set ${set}`),
        set,
      ])
    })
  }

  /** The last removed first. */
  sets(): RemovedSet[] {
    return this.#sql.all<RemovedSet>(
      `SELECT sets.id AS id, coalesce(removed_name, name) AS name, model, sets.removed_at AS removedAt,
         count(documents.id) AS documents, coalesce(sum(bytes), 0) AS bytes
       FROM sets LEFT JOIN documents ON set_id = sets.id AND documents.removed_at IS NULL
         LEFT JOIN versions ON document_id = documents.id AND is_current = 1
       WHERE sets.removed_at IS NOT NULL GROUP BY sets.id ORDER BY sets.removed_at DESC, sets.id DESC`,
    )
  }

  /** The last removed first; those of removed sets only where they were removed before. */
  documents(): RemovedDocument[] {
    return this.#sql.all<RemovedDocument>(
      `SELECT documents.id AS id, title, source, documents.removed_at AS removedAt, bytes, sets.id AS "set",
         coalesce(removed_name, name) AS setName, sets.removed_at IS NOT NULL AS isSetRemoved
       FROM documents JOIN sets ON sets.id = set_id
         JOIN versions ON document_id = documents.id AND is_current = 1
       WHERE documents.removed_at IS NOT NULL ORDER BY documents.removed_at DESC, documents.id DESC`,
    )
  }

  /** Removes for good what was removed before then. */
  empty(before: Date): void {
    const at = before.toISOString()
    this.#sql.transaction(() => {
      this.#sql.run('DELETE FROM sets WHERE removed_at <= ?', [at])
      this.#sql.run('DELETE FROM documents WHERE removed_at <= ?', [at])
    })
  }

  /** Removes these for good. What is not in the trash stays. */
  drop({ sets, documents }: { readonly sets: readonly number[]; readonly documents: readonly number[] }): void {
    const list = (ids: readonly number[]): string => keyList(ids.map(String))
    this.#sql.transaction(() => {
      for (const [table, ids] of [
        ['sets', sets],
        ['documents', documents],
      ] as const)
        this.#sql.run(
          `DELETE FROM ${table} WHERE removed_at IS NOT NULL
             AND id IN (SELECT CAST(value AS INTEGER) FROM json_each(?))`,
          [list(ids)],
        )
    })
  }
}

function notInTrash(id: string): WorkbenchError {
  return new WorkbenchError('not-found', { id: 'trash.unknown', params: { id } })
}
