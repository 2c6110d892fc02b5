/** The keys that chunks' caches have, kept beside the chunks: states of many chunks follow without reading any text. */
import type { VariantKeys } from './key'
import { KeySet, KEY_WORDS, keyWords } from './key-set'
import type { Sql } from './sql'

export interface ChunkKeyRow {
  readonly position: number
  readonly section: number
  readonly ordinal: number
  readonly tokens: number
  readonly digest: string
  readonly keys: VariantKeys
}

/** What is at hand of a chunk. */
export interface ChunkPresence {
  readonly section: number
  readonly ordinal: number
  readonly tokens: number
  /** Of its text. */
  readonly digest: string
  /** Key of the best variant that there can be. */
  readonly best: string
  /** 2: the best variant. 1: a poorer one. 0: none. */
  readonly found: 0 | 1 | 2
  /** 1: the best variant was damaged and has not been made again. */
  readonly damaged: 0 | 1
}

/** What is at hand of a version's chunks, as sums. */
export interface VersionPresence {
  /** Row of the version. */
  readonly version: number
  readonly tokens: number
  readonly chunks: number
  /** Chunks that have the best variant, and those that have a poorer one alone. */
  readonly cached: number
  readonly poorer: number
  /** Chunks whose best variant was damaged and has not been made again. */
  readonly damaged: number
}

/** All that there is, at some moment: what many chunks have follows without a look into an index for each. */
export interface HeldKeys {
  /** Of a model. */
  readonly cached: KeySet
  /** Of all models. */
  readonly damaged: KeySet
}

/** Keys that one query reads. */
const KEYS_AT_ONCE = 5000

/** One look into one index for all variants of a text. */
const FOUND = `coalesce((SELECT max(iif(key = best, 2, iif(key IN (bos, prefix, document), 1, 0))) FROM entries
  WHERE entries.token_digest = chunk_keys.token_digest AND entries.model = ?), 0)`
const DAMAGED = 'EXISTS (SELECT 1 FROM quarantine WHERE quarantine.key = best)'

export class ChunkKeys {
  readonly #sql: Sql

  constructor(sql: Sql) {
    this.#sql = sql
  }

  /** Which of the versions have no keys for this model. */
  lacking(versions: readonly number[], frame: string): number[] {
    return this.#sql
      .all<{ id: number }>(
        `SELECT value AS id FROM json_each(?)
         WHERE NOT EXISTS (SELECT 1 FROM keyings WHERE version_id = value AND frame = ?)`,
        [JSON.stringify(versions), frame],
      )
      .map(({ id }) => id)
  }

  /** Takes the place of keys for another model. What has gone meanwhile is left out. */
  write(frame: string, versions: ReadonlyMap<number, readonly ChunkKeyRow[]>): void {
    this.#sql.transaction(() => {
      for (const [version, rows] of versions) {
        this.#sql.run('DELETE FROM keyings WHERE version_id = ?', [version])
        const { changes } = this.#sql.run(
          'INSERT INTO keyings (version_id, frame) SELECT id, ? FROM versions WHERE id = ? AND is_current = 1',
          [frame, version],
        )
        if (changes > 0) for (const row of rows) this.#insert(version, row)
      }
    })
  }

  /** Of versions by their rows; of those that have no chunks nothing is said. */
  sums(versions: readonly number[], model: string): VersionPresence[] {
    return this.#sql.all<VersionPresence>(
      `SELECT version, count(*) AS chunks, sum(tokens) AS tokens, sum(found = 2) AS cached, sum(found = 1) AS poorer,
         sum(found < 2 AND damaged) AS damaged
       FROM (SELECT version_id AS version, tokens, ${FOUND} AS found, ${DAMAGED} AS damaged
         FROM json_each(?) CROSS JOIN chunk_keys ON version_id = json_each.value)
       GROUP BY version`,
      [model, JSON.stringify(versions)],
    )
  }

  /** How many caches there are, of all models. */
  caches(): number {
    return this.#sql.get<{ count: number }>('SELECT count(*) AS count FROM entries')?.count ?? 0
  }

  /** Reads the keys of all caches: worth it for a set that has a good part of them. */
  async held(model: string, breathe: () => Promise<void>): Promise<HeldKeys> {
    const parts: Uint32Array[] = []
    for (let last: string | null = ''; last !== null; ) {
      const part: { digits: string; last: string | null } | undefined = this.#sql.get(
        `SELECT coalesce(group_concat(key, ''), '') AS digits, max(key) AS last
         FROM (SELECT key FROM entries WHERE key > ? AND model = ? ORDER BY key LIMIT ${KEYS_AT_ONCE})`,
        [last, model],
      )
      parts.push(keyWords(part?.digits ?? ''))
      last = part?.last ?? null
      await breathe()
    }
    const damaged = this.#sql.get<{ digits: string }>(
      "SELECT coalesce(group_concat(key, ''), '') AS digits FROM (SELECT DISTINCT key FROM quarantine)",
    )
    return { cached: new KeySet(parts), damaged: new KeySet([keyWords(damaged?.digits ?? '')]) }
  }

  /** As `sums`, by keys that were read before. */
  sumsBy(versions: readonly number[], { cached, damaged }: HeldKeys): VersionPresence[] {
    const rows = this.#sql.all<{ version: number; tokens: number; chunks: number; digits: string }>(
      `SELECT version_id AS version, sum(tokens) AS tokens, count(*) AS chunks,
         group_concat(best || bos || prefix || document, '') AS digits
       FROM json_each(?) CROSS JOIN chunk_keys ON version_id = json_each.value GROUP BY version_id`,
      [JSON.stringify(versions)],
    )
    return rows.map(({ digits, ...row }) => {
      const words = keyWords(digits)
      const sum = { ...row, cached: 0, poorer: 0, damaged: 0 }
      for (let best = 0; best < words.length; best += 4 * KEY_WORDS) {
        if (cached.has(words, best)) {
          sum.cached++
          continue
        }
        if ([1, 2, 3].some((other) => cached.has(words, best + other * KEY_WORDS))) sum.poorer++
        if (damaged.has(words, best)) sum.damaged++
      }
      return sum
    })
  }

  /** Of a version's chunks, in order. */
  presence(version: number, model: string): ChunkPresence[] {
    return this.#sql.all<ChunkPresence>(
      `SELECT section, ordinal, tokens, token_digest AS digest, best, ${FOUND} AS found, ${DAMAGED} AS damaged
       FROM chunk_keys WHERE version_id = ? ORDER BY position`,
      [model, version],
    )
  }

  /** Caches of versions' texts with their bytes, those made for selections with a gap included. */
  bytes(versions: readonly number[], model: string): { readonly key: string; readonly bytes: number }[] {
    return this.#sql.all(
      `SELECT entries.key AS key, bytes
       FROM json_each(?) CROSS JOIN chunk_keys ON version_id = json_each.value
       JOIN entries ON entries.token_digest = chunk_keys.token_digest AND entries.model = ?
         AND (kind = 'tail' OR entries.key IN (bos, prefix, document))`,
      [JSON.stringify(versions), model],
    )
  }

  #insert(version: number, { position, section, ordinal, tokens, digest, keys }: ChunkKeyRow): void {
    const { bos, prefix, document, documentFits } = keys
    this.#sql.run(
      `INSERT INTO chunk_keys
         (version_id, position, section, ordinal, tokens, token_digest, bos, prefix, document, best)
       VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
      [
        version,
        position,
        section,
        ordinal,
        tokens,
        digest,
        bos.key,
        prefix.key,
        document.key,
        (documentFits ? document : bos).key,
      ],
    )
  }
}
