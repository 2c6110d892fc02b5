/** What the index knows of single caches and their texts. */
import type { CacheUse } from '../../shared/upkeep'
import type { ContextKind } from '../../shared/knowledge'
import type { Profile } from '../../shared/profile'
import { keyList, type Sql } from './sql'

/** Also of a cache that has no copy left, since all were damaged. */
export interface KnownCache {
  readonly key: string
  /** Fingerprint. */
  readonly model: string
  readonly kind: ContextKind
  readonly chain: string
  readonly digest: string
  readonly tokens: number
}

/** Those of the keys that there are. */
export function knownCaches(sql: Sql, keys: readonly string[]): KnownCache[] {
  const list = keyList(keys)
  return sql.all<KnownCache>(
    `SELECT key, model, kind, chain, token_digest AS digest, tokens FROM entries
       WHERE key IN (SELECT value FROM json_each(?))
     UNION SELECT key, entry->>'model', entry->>'kind', entry->>'chain', entry->>'token_digest', entry->>'tokens'
       FROM quarantine WHERE entry IS NOT NULL AND key IN (SELECT value FROM json_each(?))
         AND NOT EXISTS (SELECT 1 FROM entries WHERE entries.key = quarantine.key)`,
    [list, list],
  )
}

/** How many of the keys are pinned. */
export function pinnedOf(sql: Sql, keys: readonly string[]): number {
  return (
    sql.get<{ count: number }>(
      'SELECT count(*) AS count FROM entries WHERE pinned = 1 AND key IN (SELECT value FROM json_each(?))',
      [keyList(keys)],
    )?.count ?? 0
  )
}

export function keysOfText(sql: Sql, digest: string): string[] {
  return sql
    .all<{ key: string }>('SELECT key FROM entries WHERE token_digest = ? ORDER BY model, kind, key', [digest])
    .map(({ key }) => key)
}

export function damageOf(sql: Sql, key: string): { profile: Profile; why: string; foundAt: string }[] {
  return sql.all('SELECT profile, why, found_at AS foundAt FROM quarantine WHERE key = ? ORDER BY profile', [key])
}

/** A version of a document that has a text, the newest that is current. */
export interface TextPlace {
  /** Row of the version. */
  readonly version: number
  readonly document: number
  readonly tokenizer: string
  readonly section: number
  readonly ordinal: number
  readonly position: number
  readonly text: string
}

export function findText(sql: Sql, digest: string, tokenizer: string | null = null): TextPlace | null {
  const found = sql.get<Omit<TextPlace, 'text'>>(
    `SELECT version_id AS version, document_id AS document, tokenizer, section, ordinal, position
     FROM chunks JOIN versions ON versions.id = version_id JOIN documents ON documents.id = document_id
     WHERE token_digest = ? AND (? IS NULL OR tokenizer = ?)
     ORDER BY is_current DESC, documents.removed_at IS NOT NULL, documents.id, number DESC, position LIMIT 1`,
    [digest, tokenizer, tokenizer],
  )
  if (!found) return null
  const cut = sql.get<{ body: string; start: number; end: number }>(
    `SELECT body, start_at AS start, end_at AS "end" FROM chunks JOIN versions ON versions.id = version_id
     WHERE version_id = ? AND tokenizer = ? AND position = ?`,
    [found.version, found.tokenizer, found.position],
  )
  // Offsets count UTF-16 code units, which SQLite does not.
  return { ...found, text: cut ? cut.body.slice(cut.start, cut.end) : '' }
}

/** Little-endian token ids of a version's chunks up to a position, in order. */
export function tokensUpTo(sql: Sql, { version, tokenizer, position }: Omit<TextPlace, 'text'>): Uint8Array[] {
  return sql
    .all<{ tokens: Uint8Array }>(
      'SELECT tokens FROM chunks WHERE version_id = ? AND tokenizer = ? AND position <= ? ORDER BY position',
      [version, tokenizer, position],
    )
    .map(({ tokens }) => tokens)
}

const RECENT = 2000
const MOST_USES = 100

/** Questions of the newest that took a text in this variant, newest first. */
export function usesOf(sql: Sql, digest: string, kind: ContextKind): CacheUse[] {
  return sql.all<CacheUse>(
    `SELECT recent.id AS query, asked_at AS askedAt, recent.set_id AS "set", question, recomputed
     FROM (SELECT id, asked_at, set_id, question FROM queries ORDER BY id DESC LIMIT ${RECENT}) AS recent
     JOIN query_chunks ON query_id = recent.id
     WHERE variant = ? AND place IN (SELECT id FROM places WHERE token_digest = ?)
     ORDER BY query DESC LIMIT ${MOST_USES}`,
    [kind, digest],
  )
}
