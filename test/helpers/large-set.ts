/** A set as large as a shelf, made by rows: what importing and building ten thousand documents would leave, in seconds. */
import { randomBytes } from 'node:crypto'
import { sha256, tokenDigest, tokensOf } from '../../src/main/base/hash'
import type { ModelView } from '../../src/main/build/knowledge'
import { frameDigest, variantKeys } from '../../src/main/store/key'
import type { Sql } from '../../src/main/store/sql'

export interface LargeSet {
  /** Row of a set that has no documents. */
  readonly set: number
  readonly model: ModelView
  /** Default 10,000. */
  readonly documents?: number
  /** Of each document; default 10. */
  readonly chunks?: number
  /** Of each chunk; default 32: ids alone are hashed, whatever their number. */
  readonly tokens?: number
  /** Of every document it is written whether it is built; default: two of three. */
  readonly isBuilt?: (document: number) => boolean
}

const TOPICS = ['travel', 'remote work', 'invoices', 'holidays', 'security', 'hiring', 'training', 'suppliers', 'fleet']
const AT = '2025-01-01T00:00:00.000Z'

export function titleOf(document: number): string {
  return `Paper ${document} on ${TOPICS[document % TOPICS.length]}`
}

/** Two chunks a section; caches behind the document and alone. */
export function fillLargeSet(sql: Sql, options: LargeSet): void {
  const { set, model, documents = 10_000, chunks = 10, tokens = 32, isBuilt = (document) => document % 3 > 0 } = options
  const { identity, tokenizer } = model
  const frame = frameDigest(identity, tokenizer.digest)
  sql.transaction(() => {
    for (let number = 1; number <= documents; number++) {
      const origin = `text:paper-${number}.md`
      const document = sql.run("INSERT INTO documents (set_id, origin, source, format) VALUES (?, ?, ?, 'markdown')", [set, origin, origin.slice(5)]).id
      const parts = Array.from({ length: chunks }, (_, at) => `Text ${at + 1} of paper ${number}.\n`)
      const body = parts.join('')
      const version = sql.run(
        `INSERT INTO versions (document_id, number, is_current, digest, bytes, title, imported_at, body)
         VALUES (?, 1, 1, ?, ?, ?, ?, ?)`,
        [document, sha256(body), body.length, titleOf(number), AT, body],
      ).id
      sql.run('INSERT INTO chunkings (version_id, tokenizer) VALUES (?, ?)', [version, tokenizer.digest])
      sql.run('INSERT INTO keyings (version_id, frame) VALUES (?, ?)', [version, frame])
      const made = parts.map((text) => {
        const bytes = randomBytes(tokens * 4).map((byte, at) => (at % 4 > 1 ? 0 : byte))
        const ids = tokensOf(bytes)
        return { text, bytes, tokens: ids, digest: tokenDigest(ids) }
      })
      const keys = variantKeys(identity, made)
      let start = 0
      for (const [position, { text, bytes, digest }] of made.entries()) {
        const [section, ordinal] = [Math.floor(position / 2) + 1, (position % 2) + 1]
        const { bos, prefix, document: behind } = keys[position]!
        if (ordinal === 1)
          sql.run('INSERT INTO sections (version_id, ordinal, title, level, start_at, end_at) VALUES (?, ?, ?, 2, ?, ?)', [version, section, `Part ${section}`, start, start + text.length])
        sql.run(
          `INSERT INTO chunks (version_id, tokenizer, position, section, ordinal, start_at, end_at, token_digest,
             token_count, preview, tokens) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
          [version, tokenizer.digest, position, section, ordinal, start, start + text.length, digest, tokens, text.trim(), bytes],
        )
        sql.run(
          `INSERT INTO chunk_keys (version_id, position, section, ordinal, tokens, token_digest, bos, prefix, document, best)
           VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
          [version, position, section, ordinal, tokens, digest, bos.key, prefix.key, behind.key, behind.key],
        )
        start += text.length
        if (!isBuilt(number)) continue
        for (const [kind, { key, chain }] of [['document', behind], ['bos', bos]] as const) {
          sql.run(
            `INSERT INTO entries (key, model, kind, chain, token_digest, tokens, compute_ms, created_at)
             VALUES (?, ?, ?, ?, ?, ?, 10, ?)`,
            [key, identity.fingerprint, kind, chain, digest, tokens, AT],
          )
          sql.run(
            `INSERT INTO copies (key, profile, codebook, object, bytes, made_at, temporary)
             VALUES (?, 'f16', '', ?, 65536, ?, 0)`,
            [key, key, AT],
          )
        }
        const place = sql.run('INSERT INTO places (set_id, node, token_digest) VALUES (?, ?, ?)', [`set${set}`, `d${document}.s${section}.c${ordinal}`, digest]).id
        sql.run("INSERT INTO place_days (place, day, times, tokens, reused, recomputed) VALUES (?, '2025-01-01', 4, ?, ?, 0)", [place, 4 * tokens, (number % 5) * tokens])
      }
    }
  })
}
