/** Pages of caches, as lists show them: filtered, in an order, from wherever wanted. */
import type { ContextKind } from '../../shared/knowledge'
import { PROFILES, type Profile } from '../../shared/profile'
import type { CacheFilter, CachePage, CachePlace, CacheRow, CacheSort } from '../../shared/upkeep'
import { keyList, type Sql, type SqlValue } from './sql'

/** Of a set's current documents, as one tokenizer cuts them, for one model. */
export interface SetPage {
  readonly set: number
  readonly tokenizer: string
  /** Fingerprint. */
  readonly model: string
}

/** Which caches; `set` and `document` as the index knows them. */
export interface PageFilter extends Omit<CacheFilter, 'set' | 'document'> {
  readonly set: SetPage | null
  /** Number of a document. */
  readonly document: number | null
}

export interface PageOrder {
  readonly sort: CacheSort
  readonly descending: boolean
}

type MemoryLessRow = Omit<CacheRow, 'memoryBytes'>
export type CacheListing = Omit<CachePage, 'rows'> & { readonly rows: MemoryLessRow[] }

export const ALL_CACHES: PageFilter = {
  set: null,
  document: null,
  pinned: false,
  damaged: false,
  duplicates: false,
  unreferenced: false,
}

const SORT_COLUMNS: Readonly<Record<Exclude<CacheSort, 'document'>, string>> = {
  use: 'recent_at',
  size: 'bytes',
  hits: 'hits',
  tokens: 'tokens',
  compute: 'compute_ms',
  made: 'created_at',
}

const DAY_MS = 86_400_000
/** Views that are kept for their next pages. */
const KEPT_VIEWS = 4

/** Caches that have no copy left, since all were damaged, as rows like those of `entries`. */
const LOST = `SELECT key, entry->>'model' AS model, entry->>'kind' AS kind, entry->>'chain' AS chain,
    entry->>'token_digest' AS token_digest, entry->>'tokens' AS tokens, entry->>'compute_ms' AS compute_ms,
    entry->>'created_at' AS created_at, entry->>'used_at' AS used_at, entry->>'hits' AS hits, entry->>'pinned' AS pinned,
    0 AS bytes, 0 AS copies, coalesce(entry->>'used_at', entry->>'created_at') AS recent_at
  FROM quarantine
  WHERE entry IS NOT NULL AND NOT EXISTS (SELECT 1 FROM entries WHERE entries.key = quarantine.key) GROUP BY key`
const COLUMNS =
  'key, model, kind, chain, token_digest, tokens, compute_ms, created_at, used_at, hits, pinned, bytes, copies, recent_at'
const DAMAGED = `SELECT ${COLUMNS} FROM entries WHERE key IN (SELECT key FROM quarantine) UNION ALL ${LOST}`

/** Text of current versions of documents that are there. */
const STANDING = `chunks JOIN versions ON versions.id = chunks.version_id AND is_current = 1
  JOIN documents ON documents.id = versions.document_id AND documents.removed_at IS NULL
  JOIN sets ON sets.id = documents.set_id AND sets.removed_at IS NULL`

type Sums = Pick<CachePage, 'total' | 'bytes'>

interface View {
  readonly name: string
  readonly keys: readonly string[]
  readonly bytes: number
}

/**
 * All caches are read from the index that has their order. What is filtered is found whole once and kept until something
 * changes: its pages then cost no more than the first ones.
 */
export class CachePages {
  readonly #sql: Sql
  /** Least recently used first. */
  #views: View[] = []
  #sums: Sums | null = null
  #stamp = ''

  constructor(sql: Sql) {
    this.#sql = sql
  }

  page(
    filter: PageFilter,
    order: PageOrder,
    { limit, offset }: { readonly limit: number; readonly offset: number },
  ): CacheListing {
    if (order.sort !== 'document' && isAll(filter)) {
      const sums = this.#all()
      return { ...sums, rows: cacheRows(this.#sql, this.#keysAt(order, { limit, offset }, sums.total)) }
    }
    const { keys, bytes } = this.#view(filter, order)
    return { rows: cacheRows(this.#sql, keys.slice(offset, offset + limit), filter.set?.set), total: keys.length, bytes }
  }

  /** Of all that match, in no order. */
  keys(filter: PageFilter): readonly string[] {
    return this.#view(filter, { sort: 'made', descending: true }).keys
  }

  /** Of an index, from the end that is nearer. */
  #keysAt(order: PageOrder, { limit, offset }: { readonly limit: number; readonly offset: number }, total: number): string[] {
    const count = Math.max(0, Math.min(limit, total - offset))
    const behind = total - offset - count
    const isNearEnd = behind < offset
    const from = isNearEnd ? { ...order, descending: !order.descending } : order
    const keys = this.#sql
      .all<{ key: string }>(`SELECT key FROM entries ORDER BY ${orderOf(from)} LIMIT ? OFFSET ?`, [
        count,
        isNearEnd ? behind : offset,
      ])
      .map(({ key }) => key)
    return isNearEnd ? keys.toReversed() : keys
  }

  #all(): Sums {
    this.#forgetOld()
    this.#sums ??= this.#sql.get<Sums>('SELECT count(*) AS total, coalesce(sum(bytes), 0) AS bytes FROM entries') ?? null
    return this.#sums ?? { total: 0, bytes: 0 }
  }

  #forgetOld(): void {
    const stamp = this.#sql.stamp()
    if (stamp === this.#stamp) return
    this.#views = []
    this.#sums = null
    this.#stamp = stamp
  }

  #view(filter: PageFilter, order: PageOrder): View {
    this.#forgetOld()
    const name = JSON.stringify([filter, order])
    const known = this.#views.find((view) => view.name === name)
    const view = known ?? this.#find(name, filter, order)
    this.#views = [...this.#views.filter((each) => each !== view), view].slice(-KEPT_VIEWS)
    return view
  }

  #find(name: string, filter: PageFilter, order: PageOrder): View {
    const { text, parameters } = viewQuery(filter, order)
    const found = this.#sql.all<{ key: string; bytes: number }>(text, parameters)
    return { name, keys: found.map(({ key }) => key), bytes: found.reduce((sum, { bytes }) => sum + bytes, 0) }
  }
}

function isAll({ set, document, ...rest }: PageFilter): boolean {
  return set === null && document === null && Object.values(rest).every((value) => value === undefined || value === false)
}

function orderOf({ sort, descending }: PageOrder): string {
  const direction = descending ? 'DESC' : 'ASC'
  if (sort !== 'document') return `${SORT_COLUMNS[sort]} ${direction}, key ${direction}`
  // What stands nowhere comes last either way.
  return `document IS NULL, document ${direction}, position ${direction}, kind, key`
}

function viewQuery(filter: PageFilter, order: PageOrder): { readonly text: string; readonly parameters: SqlValue[] } {
  const conditions: string[] = []
  const values: SqlValue[] = []
  const add = (condition: string, ...own: SqlValue[]): void => {
    conditions.push(condition)
    values.push(...own)
  }
  if (filter.kind) add('kind = ?', filter.kind)
  if (filter.pinned) add('pinned = 1')
  if (filter.duplicates) add('copies > 1')
  if (filter.unusedDays !== undefined)
    add(`${SORT_COLUMNS.use} <= ?`, new Date(Date.now() - filter.unusedDays * DAY_MS).toISOString())
  if (filter.profile)
    add(
      `EXISTS (SELECT 1 FROM ${filter.damaged ? 'quarantine' : 'copies'} AS form
         WHERE form.key = entries.key AND form.profile = ?)`,
      filter.profile,
    )
  if (filter.unreferenced)
    add(`NOT EXISTS (SELECT 1 FROM ${STANDING} WHERE chunks.token_digest = entries.token_digest)`)
  const { text: placed, parameters } = placesQuery(filter, order)
  const where = conditions.length > 0 ? `WHERE ${conditions.join(' AND ')}` : ''
  return {
    text: `SELECT entries.key AS key, bytes FROM ${filter.damaged ? `(${DAMAGED})` : 'entries'} AS entries ${placed}
      ${where} ORDER BY ${orderOf(order)}`,
    parameters: [...parameters, ...values],
  }
}

/** Joins the first place of each text, where the filter or the order is about places. */
function placesQuery({ set, document, title }: PageFilter, { sort }: PageOrder): { text: string; parameters: SqlValue[] } {
  const conditions: string[] = []
  const parameters: SqlValue[] = []
  if (set) {
    conditions.push('documents.set_id = ? AND chunks.tokenizer = ?')
    parameters.push(set.set, set.tokenizer)
  }
  if (document !== null) {
    conditions.push('documents.id = ?')
    parameters.push(document)
  }
  if (title) {
    conditions.push("title LIKE ? ESCAPE '\\'")
    parameters.push(`%${title.replace(/[\\%_]/g, '\\$&')}%`)
  }
  const isWanted = conditions.length > 0
  if (!isWanted && sort !== 'document') return { text: '', parameters: [] }
  const where = isWanted ? `WHERE ${conditions.join(' AND ')}` : ''
  // Of the columns beside min(), SQLite takes those of the row that has it.
  const text = `${isWanted ? '' : 'LEFT '}JOIN (
      SELECT chunks.token_digest AS text, document_id AS document, position, min(document_id * 4294967296 + position)
      FROM ${STANDING} ${where} GROUP BY chunks.token_digest) AS placed
    ON placed.text = entries.token_digest${set ? ' AND entries.model = ?' : ''}`
  return { text, parameters: set ? [...parameters, set.model] : parameters }
}

interface Row {
  readonly key: string
  readonly digest: string
  readonly model: string
  readonly kind: ContextKind
  readonly tokens: number
  readonly computeMs: number
  readonly createdAt: string
  readonly usedAt: string | null
  readonly hits: number
  readonly pinned: number
  readonly bytes: number
  /** `f16,small` */
  readonly profiles: string | null
  readonly damage: string | null
}

/** Rows of these caches in the same order; those that there are not are left out. `set` comes first where texts stand. */
export function cacheRows(sql: Sql, keys: readonly string[], set?: number): MemoryLessRow[] {
  const list = keyList(keys)
  const rows = sql.all<Row>(
    `SELECT key, model, token_digest AS digest, kind, tokens, compute_ms AS computeMs, created_at AS createdAt,
       used_at AS usedAt, hits, pinned, bytes,
       (SELECT group_concat(profile) FROM copies WHERE copies.key = entries.key) AS profiles,
       (SELECT why FROM quarantine WHERE quarantine.key = entries.key LIMIT 1) AS damage
     FROM (SELECT ${COLUMNS} FROM entries WHERE key IN (SELECT value FROM json_each(?))
       UNION ALL SELECT * FROM (${LOST}) WHERE key IN (SELECT value FROM json_each(?))) AS entries`,
    [list, list],
  )
  const byKey = new Map(rows.map((row) => [row.key, row]))
  const standing = firstPlaces(sql, rows, set)
  return keys.flatMap((key) => {
    const row = byKey.get(key)
    if (!row) return []
    const { digest, model, profiles, pinned, ...rest } = row
    const kept = new Set(profiles?.split(','))
    const { place, places } = standing.get(textOf({ digest, model })) ?? { place: null, places: 0 }
    return [
      {
        ...rest,
        place,
        places,
        profiles: PROFILES.filter((profile: Profile) => kept.has(profile)),
        pinned: pinned === 1,
      },
    ]
  })
}

interface PlaceRow extends Omit<CachePlace, 'set' | 'document' | 'node' | 'section'> {
  readonly setRow: number
  readonly documentRow: number
  readonly section: number
  readonly sectionTitle: string | null
  readonly ordinal: number
}

const SECTION_TITLE = `(SELECT sections.title FROM sections
  WHERE sections.version_id = chunks.version_id AND sections.ordinal = chunks.section) AS sectionTitle`

type Text = Pick<Row, 'digest' | 'model'>

function textOf({ digest, model }: Text): string {
  return `${model} ${digest}`
}

/** Of each text the first of `placesOf`, and how many there are: one query for a whole page. By `textOf`. */
function firstPlaces(
  sql: Sql,
  texts: readonly Text[],
  set: number | undefined,
): Map<string, { readonly place: CachePlace; readonly places: number }> {
  const wanted = [...new Map(texts.map((text) => [textOf(text), text])).values()]
  const list = JSON.stringify(wanted.map(({ digest, model }) => [digest, model]))
  // Of the columns beside min(), SQLite takes those of the row that has it.
  const rows = sql.all<PlaceRow & { readonly at: number; readonly places: number }>(
    `SELECT chunks.*, ${SECTION_TITLE} FROM (
       SELECT wanted.key AS at, sets.id AS setRow, sets.name AS setName, documents.id AS documentRow, versions.title AS title,
         version_id, section, ordinal, preview, count(DISTINCT document_id || '.' || section || '.' || ordinal) AS places,
         min(((sets.id <> ?) << 61) + ((models.fingerprint IS NOT wanted.value->>1) << 60) + (document_id << 32) + position)
       FROM json_each(?) AS wanted CROSS JOIN ${STANDING} LEFT JOIN models ON models.id = sets.model
       WHERE chunks.token_digest = wanted.value->>0 GROUP BY wanted.key) AS chunks`,
    [set ?? 0, list],
  )
  return new Map(
    rows.flatMap(({ at, places, ...row }) => {
      const text = wanted[at]
      return text ? [[textOf(text), { place: placeOf(row), places }] as const] : []
    }),
  )
}

/** Where a text stands now: sets of the model first, then in reading order. */
export function placesOf(
  sql: Sql,
  digest: string,
  { model, set }: { readonly model: string; readonly set?: number | undefined },
): CachePlace[] {
  const rows = sql.all<PlaceRow>(
    `SELECT DISTINCT sets.id AS setRow, sets.name AS setName, documents.id AS documentRow, versions.title AS title, section,
       ordinal, preview, ${SECTION_TITLE}
     FROM ${STANDING} LEFT JOIN models ON models.id = sets.model
     WHERE chunks.token_digest = ?
     ORDER BY sets.id = ? DESC, models.fingerprint = ? DESC, documents.id, position LIMIT 100`,
    [digest, set ?? 0, model],
  )
  return rows.map(placeOf)
}

function placeOf({ setRow, setName, documentRow, title, section, ordinal, preview, sectionTitle }: PlaceRow): CachePlace {
  return {
    set: `set${setRow}`,
    setName,
    document: `d${documentRow}`,
    node: `d${documentRow}.s${section}.c${ordinal}`,
    title,
    section: sectionTitle ?? '',
    preview,
  }
}
