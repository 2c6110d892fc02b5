/** Pages of caches, as lists show them. */
import type { ContextKind } from '../../shared/knowledge'
import { PROFILES, type Profile } from '../../shared/profile'
import type { CacheRow } from '../../shared/upkeep'
import type { Sql } from './sql'

/** Of a set's current documents, as one tokenizer cuts them, for one model. */
export interface SetPage {
  readonly set: number
  readonly tokenizer: string
  /** Fingerprint. */
  readonly model: string
}

interface Row {
  readonly key: string
  readonly document: number | null
  readonly section: number | null
  readonly ordinal: number | null
  readonly title: string | null
  readonly kind: ContextKind
  readonly tokens: number
  readonly computeMs: number
  readonly createdAt: string
  readonly usedAt: string | null
  readonly hits: number
  readonly pinned: number
  /** `f16 73100,small 4100` */
  readonly copies: string
}

const COLUMNS = `entries.key AS key, entries.kind AS kind, entries.tokens AS tokens, compute_ms AS computeMs,
  created_at AS createdAt, used_at AS usedAt, hits, pinned,
  (SELECT group_concat(profile || ' ' || bytes) FROM copies WHERE copies.key = entries.key) AS copies`

/** In reading order; a text that stands in several places is listed at each. */
const OF_SET = `WITH page AS (
    SELECT entries.key AS cache, documents.id AS document, section, ordinal, position, title
    FROM documents JOIN versions ON versions.document_id = documents.id AND is_current = 1
    JOIN chunks ON chunks.version_id = versions.id AND chunks.tokenizer = ?
    JOIN entries ON entries.token_digest = chunks.token_digest AND entries.model = ?
    WHERE documents.set_id = ? AND removed_at IS NULL ORDER BY document, position, cache LIMIT ? OFFSET ?)
  SELECT ${COLUMNS}, document, section, ordinal, title FROM page JOIN entries ON entries.key = cache
  ORDER BY document, position, cache`

/** The most recently used or made first. */
const OF_ALL = `SELECT ${COLUMNS}, NULL AS document, NULL AS section, NULL AS ordinal, NULL AS title
  FROM entries ORDER BY coalesce(used_at, created_at) DESC LIMIT ? OFFSET ?`

export function cacheRows(
  sql: Sql,
  page: SetPage | null,
  { limit, offset }: { readonly limit: number; readonly offset: number },
): CacheRow[] {
  const rows = page
    ? sql.all<Row>(OF_SET, [page.tokenizer, page.model, page.set, limit, offset])
    : sql.all<Row>(OF_ALL, [limit, offset])
  return rows.map(({ document, section, ordinal, title, pinned, copies, ...row }) => {
    const kept = copies.split(',').map((copy) => copy.split(' '))
    const profiles = new Set(kept.map(([profile]) => profile as Profile))
    return {
      ...row,
      node: document === null ? null : `d${document}.s${section}.c${ordinal}`,
      document: title,
      profiles: PROFILES.filter((profile) => profiles.has(profile)),
      bytes: kept.reduce((sum, [, bytes]) => sum + Number(bytes), 0),
      pinned: pinned === 1,
    }
  })
}
