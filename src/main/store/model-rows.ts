/** The registry's rows. */
import type { ModelFacts } from '../../shared/engine'
import type { ModelRow, ModelRows } from '../engine/model-registry'
import type { Sql } from './sql'

interface StoredModel {
  readonly id: string
  readonly path: string
  readonly fingerprint: string
  readonly facts: string
  readonly stamp: string
  readonly added_at: string
  readonly is_default: number
  readonly bundled: number
}

const SELECT = 'SELECT id, path, fingerprint, facts, stamp, added_at, is_default, bundled FROM models'

export function modelRows(sql: Sql): ModelRows {
  return {
    list: () => sql.all<StoredModel>(`${SELECT} ORDER BY added_at, rowid`).map(toRow),
    find: (id) => {
      const row = sql.get<StoredModel>(`${SELECT} WHERE id = ?`, [id])
      return row ? toRow(row) : null
    },
    put: ({ id, path, fingerprint, facts, stamp, addedAt, isDefault, bundled }) => {
      sql.run(
        `INSERT INTO models (id, path, fingerprint, facts, stamp, added_at, is_default, bundled)
         VALUES (?, ?, ?, ?, ?, ?, ?, ?)
         ON CONFLICT (id) DO UPDATE SET path = excluded.path, fingerprint = excluded.fingerprint,
           facts = excluded.facts, stamp = excluded.stamp, added_at = excluded.added_at, is_default = excluded.is_default,
           bundled = excluded.bundled
         -- Another process added the same file meanwhile: its id stays.
         ON CONFLICT (path) DO UPDATE SET fingerprint = excluded.fingerprint, facts = excluded.facts,
           stamp = excluded.stamp`,
        [id, path, fingerprint, JSON.stringify(facts), stamp, addedAt, isDefault ? 1 : 0, bundled ? 1 : 0],
      )
    },
    remove: (id) => {
      sql.run('DELETE FROM models WHERE id = ?', [id])
    },
  }
}

function toRow({ facts, added_at, is_default, bundled, ...row }: StoredModel): ModelRow {
  return {
    ...row,
    facts: JSON.parse(facts) as ModelFacts,
    addedAt: added_at,
    isDefault: is_default === 1,
    bundled: bundled === 1,
  }
}
