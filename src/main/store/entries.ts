/** Rows of caches and of what was set aside. */
import type { ContextKind } from '../../shared/knowledge'
import type { StoreStats } from '../../shared/workbench'
import { dropScores } from './scores'
import type { Sql } from './sql'

/** What is known of a cache before its file is. */
export interface CacheFacts {
  readonly key: string
  /** The model's fingerprint. */
  readonly model: string
  readonly kind: ContextKind
  /** Digest of the tokens in front. */
  readonly chain: string
  readonly tokenDigest: string
  readonly tokens: number
}

/** A finished file, as the engine reports it. */
export interface WrittenObject {
  readonly digest: string
  readonly bytes: number
  readonly ms: number
}

export interface Entry extends CacheFacts {
  readonly profile: 'f16'
  readonly object: string
  readonly bytes: number
  readonly computeMs: number
  readonly createdAt: string
  readonly usedAt: string | null
  readonly hits: number
}

const COLUMNS = `key, model, kind, chain, token_digest AS tokenDigest, tokens, profile, object, bytes,
  compute_ms AS computeMs, created_at AS createdAt, used_at AS usedAt, hits`

export class Entries {
  readonly #sql: Sql

  constructor(sql: Sql) {
    this.#sql = sql
  }

  get(key: string): Entry | undefined {
    return this.#sql.get<Entry>(`SELECT ${COLUMNS} FROM entries WHERE key = ?`, [key])
  }

  list(keys: readonly string[]): Entry[] {
    return this.#sql.all<Entry>(`SELECT ${COLUMNS} FROM entries WHERE key IN (SELECT value FROM json_each(?))`, [
      JSON.stringify(keys),
    ])
  }

  available(keys: readonly string[]): Set<string> {
    const rows = this.#sql.all<{ key: string }>(
      'SELECT key FROM entries WHERE key IN (SELECT value FROM json_each(?))',
      [JSON.stringify(keys)],
    )
    return new Set(rows.map(({ key }) => key))
  }

  /** Which of the keys have a cache that a selection with a gap has asked for. */
  tails(keys: readonly string[]): Set<string> {
    const rows = this.#sql.all<{ key: string }>(
      "SELECT key FROM entries WHERE kind = 'tail' AND key IN (SELECT value FROM json_each(?))",
      [JSON.stringify(keys)],
    )
    return new Set(rows.map(({ key }) => key))
  }

  /** Lets selections with a gap use caches that were made for another reason. */
  markTails(keys: readonly string[]): void {
    this.#sql.run("UPDATE entries SET kind = 'tail' WHERE kind <> 'tail' AND key IN (SELECT value FROM json_each(?))", [
      JSON.stringify(keys),
    ])
  }

  setAside(keys: readonly string[]): Set<string> {
    const rows = this.#sql.all<{ key: string }>(
      'SELECT key FROM quarantine WHERE key IN (SELECT value FROM json_each(?))',
      [JSON.stringify(keys)],
    )
    return new Set(rows.map(({ key }) => key))
  }

  /** Models that hold a cache of a text, by the text's token digest. */
  traces(tokenDigests: readonly string[]): Map<string, Set<string>> {
    const rows = this.#sql.all<{ digest: string; model: string }>(
      `SELECT DISTINCT token_digest AS digest, model FROM entries
       WHERE token_digest IN (SELECT value FROM json_each(?))`,
      [JSON.stringify(tokenDigests)],
    )
    const found = new Map<string, Set<string>>()
    for (const { digest, model } of rows) found.set(digest, (found.get(digest) ?? new Set()).add(model))
    return found
  }

  /**
   * Adds a row where the key has none. `object` is the file that the key's row names afterwards; `recovered` a file
   * that had been set aside under this key.
   */
  insert(cache: CacheFacts, object: WrittenObject): { readonly object: string; readonly recovered: string | null } {
    return this.#sql.transaction(() => {
      this.#sql.run(
        `INSERT INTO entries
           (key, model, kind, chain, token_digest, tokens, profile, object, bytes, compute_ms, created_at)
         VALUES (?, ?, ?, ?, ?, ?, 'f16', ?, ?, ?, ?) ON CONFLICT (key) DO NOTHING`,
        [
          cache.key,
          cache.model,
          cache.kind,
          cache.chain,
          cache.tokenDigest,
          cache.tokens,
          object.digest,
          object.bytes,
          object.ms,
          now(),
        ],
      )
      const kept = this.#sql.get<{ object: string }>('SELECT object FROM entries WHERE key = ?', [cache.key])
      const aside = this.#sql.get<{ object: string }>('DELETE FROM quarantine WHERE key = ? RETURNING object', [
        cache.key,
      ])
      return { object: kept?.object ?? object.digest, recovered: aside?.object ?? null }
    })
  }

  /** @returns the digest of the object taken out of use, or null when the key has none any more */
  quarantine(key: string, why: string): string | null {
    return this.#sql.transaction(() => {
      dropScores(this.#sql, [key])
      const removed = this.#sql.get<{ object: string }>('DELETE FROM entries WHERE key = ? RETURNING object', [key])
      if (!removed) return null
      this.#sql.run(
        `INSERT INTO quarantine (key, object, why, found_at) VALUES (?, ?, ?, ?)
         ON CONFLICT (key) DO UPDATE SET object = excluded.object, why = excluded.why, found_at = excluded.found_at`,
        [key, removed.object, why, now()],
      )
      return removed.object
    })
  }

  /** @returns digests of the objects whose rows went */
  remove(keys: readonly string[]): string[] {
    return this.#sql.transaction(() => {
      dropScores(this.#sql, keys)
      return this.#sql
        .all<{ object: string }>('DELETE FROM entries WHERE key IN (SELECT value FROM json_each(?)) RETURNING object', [
          JSON.stringify(keys),
        ])
        .map(({ object }) => object)
    })
  }

  isReferenced(object: string): boolean {
    return this.#sql.get('SELECT 1 FROM entries WHERE object = ?', [object]) !== undefined
  }

  objects(): Set<string> {
    return new Set(this.#sql.all<{ object: string }>('SELECT object FROM entries').map(({ object }) => object))
  }

  recordHits(keys: readonly string[]): void {
    this.#sql.run('UPDATE entries SET hits = hits + 1, used_at = ? WHERE key IN (SELECT value FROM json_each(?))', [
      now(),
      JSON.stringify(keys),
    ])
  }

  /** Variants of these texts that were made for selections with a gap. */
  tailsOf(model: string, tokenDigests: readonly string[]): string[] {
    return this.#sql
      .all<{ key: string }>(
        `SELECT key FROM entries
         WHERE kind = 'tail' AND model = ? AND token_digest IN (SELECT value FROM json_each(?))`,
        [model, JSON.stringify(tokenDigests)],
      )
      .map(({ key }) => key)
  }

  bytesOf(keys: readonly string[]): number {
    const row = this.#sql.get<{ bytes: number }>(
      'SELECT coalesce(sum(bytes), 0) AS bytes FROM entries WHERE key IN (SELECT value FROM json_each(?))',
      [JSON.stringify(keys)],
    )
    return row?.bytes ?? 0
  }

  stats(): StoreStats {
    const row = this.#sql.get<{ entries: number; bytes: number }>(
      'SELECT count(*) AS entries, coalesce(sum(bytes), 0) AS bytes FROM entries',
    )
    const aside = this.#sql.get<{ count: number }>('SELECT count(*) AS count FROM quarantine')
    return { entries: row?.entries ?? 0, bytes: row?.bytes ?? 0, quarantined: aside?.count ?? 0 }
  }
}

function now(): string {
  return new Date().toISOString()
}
