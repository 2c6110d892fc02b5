/** The keys that chunks' caches have, kept beside the chunks: states of many chunks follow without reading any text. */
import type { VariantKeys } from './key'
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
  /** Row of the version. */
  readonly version: number
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
  /** Of all its copies, also those made for selections with a gap. */
  readonly bytes: number
}

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

  /** Of these versions' chunks, in order of version and position. */
  presence(versions: readonly number[], model: string): ChunkPresence[] {
    return this.#sql.all<ChunkPresence>(
      `SELECT version_id AS version, section, ordinal, own.tokens AS tokens, own.token_digest AS digest, best,
         coalesce(max(iif(entries.key = best, 2, iif(entries.key IN (bos, prefix, document), 1, 0))), 0) AS found,
         EXISTS (SELECT 1 FROM quarantine WHERE quarantine.key = best) AS damaged,
         coalesce(sum((SELECT sum(bytes) FROM copies WHERE copies.key = entries.key
           AND (entries.kind = 'tail' OR entries.key IN (bos, prefix, document)))), 0) AS bytes
       FROM json_each(?) AS wanted CROSS JOIN chunk_keys AS own ON own.version_id = wanted.value
       LEFT JOIN entries ON entries.token_digest = own.token_digest AND entries.model = ?
       GROUP BY version_id, position`,
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
