/** What a person has set in the window: any JSON by name. The workbench gives it no meaning. */
import { WorkbenchError } from '../../shared/errors'
import { MAX_PREFERENCE_CHARS, MAX_PREFERENCES, type Json } from '../../shared/preferences'
import type { Sql } from './sql'

export class Preferences {
  readonly #sql: Sql

  constructor(sql: Sql) {
    this.#sql = sql
  }

  all(): Record<string, Json> {
    const rows = this.#sql.all<{ name: string; value: string }>('SELECT name, value FROM preferences ORDER BY name')
    return Object.fromEntries(rows.map(({ name, value }) => [name, JSON.parse(value) as Json]))
  }

  /** `null` forgets it. @throws argument.invalid where it is too large or there are too many */
  set(name: string, value: Json): void {
    if (value === null) {
      this.#sql.run('DELETE FROM preferences WHERE name = ?', [name])
      return
    }
    const text = JSON.stringify(value)
    if (text.length > MAX_PREFERENCE_CHARS) {
      throw new WorkbenchError(
        'argument.invalid',
        `Expected at most ${MAX_PREFERENCE_CHARS} characters of JSON for "${name}" but got ${text.length}.`,
      )
    }
    this.#sql.transaction(() => {
      const { others } = this.#sql.get<{ others: number }>(
        'SELECT count(*) AS others FROM preferences WHERE name <> ?',
        [name],
      ) ?? { others: 0 }
      if (others >= MAX_PREFERENCES) {
        throw new WorkbenchError('argument.invalid', `Expected at most ${MAX_PREFERENCES} preferences. Forget some first.`)
      }
      this.#sql.run(
        'INSERT INTO preferences (name, value) VALUES (?, ?) ON CONFLICT (name) DO UPDATE SET value = excluded.value',
        [name, text],
      )
    })
  }
}
