/** Knowledge sets: a name, a model, an order of documents. */
import { WorkbenchError } from '../../shared/errors'
import type { SetSummary } from '../../shared/knowledge'
import type { Profile } from '../../shared/profile'
import type { Sql } from '../store/sql'

export interface KnowledgeSet extends SetSummary {
  /** The number in its id. */
  readonly row: number
  readonly suggestions: readonly SuggestedQuestion[]
}

/** A question that suits a set, and what of it to ask: names as `findNodes` takes them; none: all of it. */
export interface SuggestedQuestion {
  readonly question: string
  readonly include: readonly string[]
}

interface SetRow {
  readonly id: number
  readonly name: string
  readonly model: string
  readonly suggestions: string
  readonly profile: Profile
  readonly created_at: string
  readonly documents: number
}

const MAX_NAME = 200
const SELECT = `SELECT id, name, model, profile, suggestions, created_at,
  (SELECT count(*) FROM documents WHERE set_id = sets.id AND documents.removed_at IS NULL) AS documents
  FROM sets WHERE removed_at IS NULL`

export class Sets {
  readonly #sql: Sql

  constructor(sql: Sql) {
    this.#sql = sql
  }

  list(): KnowledgeSet[] {
    return this.#sql.all<SetRow>(`${SELECT} ORDER BY id`).map(toSet)
  }

  /** By id or name. @throws not-found */
  find(idOrName: string): KnowledgeSet {
    const row = this.#byId(idOrName) ?? this.#sql.get<SetRow>(`${SELECT} AND name = ?`, [idOrName])
    if (!row)
      throw new WorkbenchError(
        'not-found',
        { id: 'set.unknown', params: { name: idOrName } },
      )
    return toSet(row)
  }

  /** The sample set of a model. */
  findSample(model: string): KnowledgeSet | null {
    const row = this.#sql.get<SetRow>(`${SELECT} AND sample = 1 AND model = ?`, [model])
    return row ? toSet(row) : null
  }

  /** @throws argument.invalid, conflict when the name is taken */
  create(
    name: string,
    model: string,
    options: { readonly sample?: boolean; readonly suggestions?: readonly SuggestedQuestion[] } = {},
  ): KnowledgeSet {
    const trimmed = properName(name)
    return this.#sql.transaction(() => {
      this.#assertFree(trimmed)
      const { id } = this.#sql.run(
        'INSERT INTO sets (name, model, sample, suggestions, created_at) VALUES (?, ?, ?, ?, ?)',
        [trimmed, model, options.sample ? 1 : 0, JSON.stringify(options.suggestions ?? []), new Date().toISOString()],
      )
      return this.find(`set${id}`)
    })
  }

  /** @throws argument.invalid, conflict when the name is taken */
  rename(set: KnowledgeSet, name: string): KnowledgeSet {
    const trimmed = properName(name)
    if (trimmed === set.name) return set
    return this.#sql.transaction(() => {
      this.#assertFree(trimmed)
      this.#sql.run('UPDATE sets SET name = ? WHERE id = ?', [trimmed, set.row])
      return this.find(set.id)
    })
  }

  /** How its caches are kept from now on. */
  keepAs(set: KnowledgeSet, profile: Profile): void {
    this.#sql.run('UPDATE sets SET profile = ? WHERE id = ?', [profile, set.row])
  }

  /** A name like this one that no set has. */
  freeName(wanted: string): string {
    const taken = new Set(this.list().map(({ name }) => name))
    let name = wanted
    for (let number = 2; taken.has(name); number++) {
      const end = ` ${number}`
      name = wanted.slice(0, MAX_NAME - end.length) + end
    }
    return name
  }

  #assertFree(name: string): void {
    if (!this.#sql.get('SELECT 1 FROM sets WHERE name = ?', [name])) return
    throw new WorkbenchError('conflict', { id: 'set.taken', params: { name } })
  }

  #byId(id: string): SetRow | undefined {
    const number = /^set(\d{1,15})$/.exec(id)?.[1]
    return number ? this.#sql.get<SetRow>(`${SELECT} AND id = ?`, [Number(number)]) : undefined
  }
}

/** @throws argument.invalid */
function properName(name: string): string {
  const trimmed = name.trim()
  if (trimmed !== '' && trimmed.length <= MAX_NAME && !/^set\d+$/.test(trimmed)) return trimmed
  throw new WorkbenchError(
    'argument.invalid',
    { id: 'set.name', params: { name: name.slice(0, MAX_NAME), most: MAX_NAME } },
  )
}

function toSet(row: SetRow): KnowledgeSet {
  return {
    row: row.id,
    id: `set${row.id}`,
    name: row.name,
    model: row.model,
    profile: row.profile,
    documents: row.documents,
    createdAt: row.created_at,
    suggestions: (JSON.parse(row.suggestions) as (string | SuggestedQuestion)[]).map(toSuggestion),
  }
}

/** Kvasir 0.1 stored the question alone. */
function toSuggestion(stored: string | SuggestedQuestion): SuggestedQuestion {
  return typeof stored === 'string' ? { question: stored, include: [] } : stored
}
