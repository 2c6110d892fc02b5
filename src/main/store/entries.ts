/** Rows of caches: what each is, how it was made and used. Its files are rows of `copies.ts`. */
import type { ContextKind } from '../../shared/knowledge'
import type { Profile } from '../../shared/profile'
import { keyList, type Sql } from './sql'

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

export interface Entry extends CacheFacts {
  readonly computeMs: number
  readonly createdAt: string
  readonly usedAt: string | null
  readonly hits: number
  readonly pinned: boolean
}

interface EntryRow extends Omit<Entry, 'pinned'> {
  readonly pinned: number
}

const COLUMNS = `key, model, kind, chain, token_digest AS tokenDigest, tokens, compute_ms AS computeMs,
  created_at AS createdAt, used_at AS usedAt, hits, pinned`

/** Caches that say how fast a model is. */
const NEWEST = 500

export class Entries {
  readonly #sql: Sql

  constructor(sql: Sql) {
    this.#sql = sql
  }

  get(key: string): Entry | undefined {
    const row = this.#sql.get<EntryRow>(`SELECT ${COLUMNS} FROM entries WHERE key = ?`, [key])
    return row && { ...row, pinned: row.pinned === 1 }
  }

  keys(): string[] {
    return this.#sql.all<{ key: string }>('SELECT key FROM entries ORDER BY key').map(({ key }) => key)
  }

  /** Those that have a copy in one of the profiles. */
  available(keys: readonly string[], profiles: readonly Profile[] | null): Set<string> {
    const rows = profiles
      ? this.#sql.all<{ key: string }>(
          `SELECT DISTINCT key FROM copies WHERE key IN (SELECT value FROM json_each(?))
             AND profile IN (SELECT value FROM json_each(?))`,
          [keyList(keys), JSON.stringify(profiles)],
        )
      : this.#sql.all<{ key: string }>('SELECT key FROM entries WHERE key IN (SELECT value FROM json_each(?))', [
          keyList(keys),
        ])
    return new Set(rows.map(({ key }) => key))
  }

  /** Which of the keys have a cache that a selection with a gap has asked for. */
  tails(keys: readonly string[]): Set<string> {
    const rows = this.#sql.all<{ key: string }>(
      "SELECT key FROM entries WHERE kind = 'tail' AND key IN (SELECT value FROM json_each(?))",
      [keyList(keys)],
    )
    return new Set(rows.map(({ key }) => key))
  }

  /** Lets selections with a gap use caches that were made for another reason. */
  markTails(keys: readonly string[]): void {
    this.#sql.run("UPDATE entries SET kind = 'tail' WHERE kind <> 'tail' AND key IN (SELECT value FROM json_each(?))", [
      keyList(keys),
    ])
  }

  /** Models that hold a cache of a text, by the text's token digest. */
  traces(tokenDigests: readonly string[]): Map<string, Set<string>> {
    const rows = this.#sql.all<{ digest: string; model: string }>(
      `SELECT DISTINCT token_digest AS digest, model FROM entries
       WHERE token_digest IN (SELECT value FROM json_each(?))`,
      [keyList(tokenDigests)],
    )
    const found = new Map<string, Set<string>>()
    for (const { digest, model } of rows) found.set(digest, (found.get(digest) ?? new Set()).add(model))
    return found
  }

  recordHits(keys: readonly string[]): void {
    this.#sql.run('UPDATE entries SET hits = hits + 1, used_at = ? WHERE key IN (SELECT value FROM json_each(?))', [
      new Date().toISOString(),
      keyList(keys),
    ])
  }

  /** Tokens per second at which the newest caches of a model were computed; null where it has none. */
  speed(model: string): number | null {
    const sums = this.#sql.get<{ tokens: number | null; ms: number | null }>(
      `SELECT sum(tokens) AS tokens, sum(compute_ms) AS ms FROM (
         SELECT tokens, compute_ms FROM entries WHERE model = ? AND compute_ms > 0 ORDER BY created_at DESC LIMIT ${NEWEST})`,
      [model],
    )
    return sums?.tokens && sums.ms ? (sums.tokens * 1000) / sums.ms : null
  }

  /** @returns how many changed */
  pin(keys: readonly string[], pinned: boolean): number {
    const flag = pinned ? 1 : 0
    return this.#sql.run(
      'UPDATE entries SET pinned = ? WHERE pinned <> ? AND key IN (SELECT value FROM json_each(?))',
      [flag, flag, keyList(keys)],
    ).changes
  }

  /** Variants of these texts that were made for selections with a gap. */
  tailsOf(model: string, tokenDigests: readonly string[]): string[] {
    return this.#sql
      .all<{ key: string }>(
        `SELECT key FROM entries
         WHERE kind = 'tail' AND model = ? AND token_digest IN (SELECT value FROM json_each(?))`,
        [model, keyList(tokenDigests)],
      )
      .map(({ key }) => key)
  }

  /** Variants of these texts, of whatever kind. */
  keysOf(model: string, tokenDigests: readonly string[]): string[] {
    return this.#sql
      .all<{ key: string }>(
        'SELECT key FROM entries WHERE model = ? AND token_digest IN (SELECT value FROM json_each(?))',
        [model, keyList(tokenDigests)],
      )
      .map(({ key }) => key)
  }
}
