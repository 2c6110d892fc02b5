/** Rows of a cache's files, one per profile, and of what was set aside. An entry goes with its last copy. */
import type { GoneReason } from '../../shared/answer'
import { PROFILES, type Profile } from '../../shared/profile'
import type { CacheFacts } from './entries'
import { dropScores } from './scores'
import { keyList, type Sql } from './sql'

/** A finished file, as the engine reports it. */
export interface WrittenObject {
  readonly digest: string
  readonly bytes: number
  readonly ms: number
}

/** In which form a cache is kept. */
export interface CopyForm {
  readonly profile: Profile
  /** Digest of the codebook's file; '' for f16. */
  readonly codebook: string
  /** Made only to be coded in another profile: it goes once that is done. */
  readonly temporary: boolean
}

export const F16: CopyForm = { profile: 'f16', codebook: '', temporary: false }

export interface Copy extends CopyForm {
  readonly key: string
  /** Digest of the file. */
  readonly object: string
  readonly bytes: number
  readonly madeAt: string
}

interface CopyRow extends Omit<Copy, 'temporary'> {
  readonly temporary: number
}

export interface Inserted {
  /** The file that the row names now. */
  readonly object: string
  /** A file that it named before: another codebook's. */
  readonly replaced: string | null
  /** A file that had been set aside under this key and profile. */
  readonly recovered: string | null
}

/** What `pages.ts` lists of a cache that has no copy left. */
const ENTRY_JSON = `json_object('model', model, 'kind', kind, 'chain', chain, 'token_digest', token_digest,
  'tokens', tokens, 'compute_ms', compute_ms, 'created_at', created_at, 'used_at', used_at, 'hits', hits, 'pinned', pinned)`

const COPY_COLUMNS = 'key, profile, codebook, object, bytes, made_at AS madeAt, temporary'

export class Copies {
  readonly #sql: Sql

  constructor(sql: Sql) {
    this.#sql = sql
  }

  /** Of these keys, most faithful first. */
  list(keys: readonly string[]): Copy[] {
    return this.#sql
      .all<CopyRow>(`SELECT ${COPY_COLUMNS} FROM copies WHERE key IN (SELECT value FROM json_each(?))`, [keyList(keys)])
      .map((row) => ({ ...row, temporary: row.temporary === 1 }))
      .toSorted((a, b) => PROFILES.indexOf(a.profile) - PROFILES.indexOf(b.profile))
  }

  /** Adds a cache in one form. Where it is there in that form already, that stays. */
  insert(cache: CacheFacts, written: WrittenObject, form: CopyForm): Inserted {
    return this.#sql.transaction(() => {
      this.#sql.run(
        `INSERT INTO entries (key, model, kind, chain, token_digest, tokens, compute_ms, created_at)
         VALUES (?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (key) DO NOTHING`,
        [cache.key, cache.model, cache.kind, cache.chain, cache.tokenDigest, cache.tokens, written.ms, now()],
      )
      return this.#insertCopy(cache.key, written, form)
    })
  }

  /** Adds a form of a cache that is there in another; null where it has gone. */
  insertForm(key: string, written: WrittenObject, form: CopyForm): Inserted | null {
    return this.#sql.transaction(() =>
      this.#sql.get('SELECT 1 FROM entries WHERE key = ?', [key]) ? this.#insertCopy(key, written, form) : null,
    )
  }

  /** @returns the digest of the object taken out of use, or null when there is none any more */
  quarantine(key: string, profile: Profile, why: string): string | null {
    return this.#sql.transaction(() => {
      const entry = this.#sql.get<{ json: string }>(`SELECT ${ENTRY_JSON} AS json FROM entries WHERE key = ?`, [key])
      const [object] = this.remove([{ key, profile }])
      if (object === undefined) return null
      this.#sql.run(
        `INSERT INTO quarantine (key, profile, object, why, found_at, entry) VALUES (?, ?, ?, ?, ?, ?)
         ON CONFLICT (key, profile) DO UPDATE
         SET object = excluded.object, why = excluded.why, found_at = excluded.found_at, entry = excluded.entry`,
        [key, profile, object, why, now(), entry?.json ?? null],
      )
      return object
    })
  }

  setAside(keys: readonly string[]): Set<string> {
    const rows = this.#sql.all<{ key: string }>(
      'SELECT DISTINCT key FROM quarantine WHERE key IN (SELECT value FROM json_each(?))',
      [keyList(keys)],
    )
    return new Set(rows.map(({ key }) => key))
  }

  isSetAside(object: string): boolean {
    return this.#sql.get('SELECT 1 FROM quarantine WHERE object = ?', [object]) !== undefined
  }

  /** Forgets what was set aside before then. */
  forgetSetAside(before: Date): void {
    this.#sql.run('DELETE FROM quarantine WHERE found_at < ?', [before.toISOString()])
  }

  /** Which of the keys had a cache that has gone, and why. */
  gone(keys: readonly string[]): Map<string, GoneReason> {
    const rows = this.#sql.all<{ key: string; reason: GoneReason }>(
      'SELECT key, reason FROM evicted WHERE key IN (SELECT value FROM json_each(?))',
      [keyList(keys)],
    )
    return new Map(rows.map(({ key, reason }) => [key, reason]))
  }

  /** Remembers why they went, of those that have no copy left. */
  markGone(keys: readonly string[], reason: GoneReason): void {
    this.#sql.run(
      `INSERT OR REPLACE INTO evicted (key, evicted_at, reason) SELECT value, ?, ? FROM json_each(?)
       WHERE NOT EXISTS (SELECT 1 FROM entries WHERE key = value)`,
      [now(), reason, keyList(keys)],
    )
  }

  /** Removes copies, and the entries that have none then. @returns digests of the objects whose rows went */
  remove(copies: readonly { readonly key: string; readonly profile: Profile }[]): string[] {
    return this.#sql.transaction(() => {
      const removed = copies.flatMap(({ key, profile }) =>
        this.#sql.all<{ object: string }>('DELETE FROM copies WHERE key = ? AND profile = ? RETURNING object', [
          key,
          profile,
        ]),
      )
      this.#dropEmpty([...new Set(copies.map(({ key }) => key))])
      return removed.map(({ object }) => object)
    })
  }

  /** Removes whole caches. @returns digests of the objects whose rows went */
  removeAll(keys: readonly string[]): string[] {
    return this.remove(this.list(keys))
  }

  /** Keeps f16 copies for good that were made only to be coded. */
  keepF16(keys: readonly string[]): void {
    this.#sql.run(
      "UPDATE copies SET temporary = 0 WHERE profile = 'f16' AND temporary = 1 AND key IN (SELECT value FROM json_each(?))",
      [keyList(keys)],
    )
  }

  /** Removes f16 copies that were made only to be coded, where that is done. @returns their objects' digests */
  removeTemporary(keys: readonly string[], { profile, codebook }: CopyForm): string[] {
    return this.#sql
      .all<{ object: string }>(
        `DELETE FROM copies WHERE temporary = 1 AND key IN (SELECT value FROM json_each(?))
           AND EXISTS (SELECT 1 FROM copies AS other
             WHERE other.key = copies.key AND other.profile = ? AND other.codebook = ?)
         RETURNING object`,
        [keyList(keys), profile, codebook],
      )
      .map(({ object }) => object)
  }

  isReferenced(object: string): boolean {
    return (
      this.#sql.get('SELECT 1 FROM copies WHERE object = ? UNION ALL SELECT 1 FROM trash WHERE object = ? LIMIT 1', [
        object,
        object,
      ]) !== undefined
    )
  }

  /** Every object that a row names, the trash's included. */
  objects(): Set<string> {
    return new Set(
      this.#sql.all<{ object: string }>('SELECT object FROM copies UNION SELECT object FROM trash').map(
        ({ object }) => object,
      ),
    )
  }

  bytesOf(keys: readonly string[]): number {
    const row = this.#sql.get<{ bytes: number }>(
      'SELECT coalesce(sum(bytes), 0) AS bytes FROM copies WHERE key IN (SELECT value FROM json_each(?))',
      [keyList(keys)],
    )
    return row?.bytes ?? 0
  }

  #insertCopy(key: string, { digest, bytes }: WrittenObject, form: CopyForm): Inserted {
    const { profile, codebook, temporary } = form
    const before = this.#sql.get<{ object: string; codebook: string }>(
      'SELECT object, codebook FROM copies WHERE key = ? AND profile = ?',
      [key, profile],
    )
    // Another codebook's copy is replaced: its profile was calibrated anew since.
    const keeps = before?.codebook === codebook
    if (keeps)
      this.#sql.run('UPDATE copies SET temporary = min(temporary, ?) WHERE key = ? AND profile = ?', [
        temporary ? 1 : 0,
        key,
        profile,
      ])
    else
      this.#sql.run(
        `INSERT OR REPLACE INTO copies (key, profile, codebook, object, bytes, made_at, temporary)
         VALUES (?, ?, ?, ?, ?, ?, ?)`,
        [key, profile, codebook, digest, bytes, now(), temporary ? 1 : 0],
      )
    this.#sql.run('DELETE FROM evicted WHERE key = ?', [key])
    const aside = this.#sql.get<{ object: string }>(
      'DELETE FROM quarantine WHERE key = ? AND profile = ? RETURNING object',
      [key, profile],
    )
    return {
      object: keeps ? before.object : digest,
      replaced: keeps ? null : (before?.object ?? null),
      recovered: aside?.object ?? null,
    }
  }

  #dropEmpty(keys: readonly string[]): void {
    const empty = this.#sql
      .all<{ key: string }>(
        `SELECT key FROM entries WHERE key IN (SELECT value FROM json_each(?))
           AND NOT EXISTS (SELECT 1 FROM copies WHERE copies.key = entries.key)`,
        [keyList(keys)],
      )
      .map(({ key }) => key)
    dropScores(this.#sql, empty)
    this.#sql.run('DELETE FROM entries WHERE key IN (SELECT value FROM json_each(?))', [keyList(empty)])
  }
}

function now(): string {
  return new Date().toISOString()
}
