/** Selections of a set that were given a name. */
import { WorkbenchError } from '../../shared/errors'
import { selection as selectionShape, type Selection } from '../../shared/knowledge'
import type { SavedSelection } from '../../shared/outline'
import type { Sql } from '../store/sql'
import type { KnowledgeSet } from './sets'

interface Row {
  readonly name: string
  readonly value: string
  readonly savedAt: string
}

const MAX_NAME = 200
/** Of one set. */
const MAX_SAVED = 500

export class SavedSelections {
  readonly #sql: Sql

  constructor(sql: Sql) {
    this.#sql = sql
  }

  /** By name. */
  list({ row }: KnowledgeSet): SavedSelection[] {
    return this.#sql
      .all<Row>('SELECT name, value, saved_at AS savedAt FROM selections WHERE set_id = ? ORDER BY name', [row])
      .map(({ name, value, savedAt }) => ({ name, savedAt, selection: selectionShape.parse(JSON.parse(value)) }))
  }

  /** @throws not-found */
  find(set: KnowledgeSet, name: string): SavedSelection {
    const found = this.list(set).find((saved) => saved.name === name.trim())
    if (found) return found
    throw new WorkbenchError(
      'not-found',
      { id: 'selection.unknown', params: { set: set.name, name, id: set.id } },
    )
  }

  /** Takes the place of one that has the name. @throws argument.invalid */
  save(set: KnowledgeSet, name: string, selection: Selection): SavedSelection {
    const trimmed = name.trim()
    if (trimmed === '' || trimmed.length > MAX_NAME)
      throw new WorkbenchError(
        'argument.invalid',
        { id: 'selection.name', params: { name: trimmed.slice(0, MAX_NAME), most: MAX_NAME } },
      )
    const savedAt = new Date().toISOString()
    this.#sql.transaction(() => {
      this.#sql.run(
        `INSERT INTO selections (set_id, name, value, saved_at) VALUES (?, ?, ?, ?)
         ON CONFLICT (set_id, name) DO UPDATE SET value = excluded.value, saved_at = excluded.saved_at`,
        [set.row, trimmed, JSON.stringify(selection), savedAt],
      )
      const { count } = this.#sql.get<{ count: number }>('SELECT count(*) AS count FROM selections WHERE set_id = ?', [
        set.row,
      ]) ?? { count: 0 }
      if (count > MAX_SAVED)
        throw new WorkbenchError(
          'argument.invalid',
          { id: 'selection.most', params: { set: set.name, most: MAX_SAVED } },
        )
    })
    return { name: trimmed, selection, savedAt }
  }

  /** @returns what was removed, for an undo. @throws not-found */
  remove(set: KnowledgeSet, name: string): SavedSelection {
    const found = this.find(set, name)
    this.#sql.run('DELETE FROM selections WHERE set_id = ? AND name = ?', [set.row, found.name])
    return found
  }
}
