/**
 * Scores of tokens: how far each token of a variant is from the same token in the isolated variant, per kind. They go
 * with their variant, and with the isolated one that they were held against.
 */
import type { Sql } from './sql'

export interface Scores {
  readonly k: Float32Array
  readonly v: Float32Array
}

/** Of those keys that have scores. */
export function readScores(sql: Sql, keys: readonly string[]): Map<string, Scores> {
  const rows = sql.all<{ key: string; k: Uint8Array; v: Uint8Array }>(
    'SELECT key, k, v FROM scores WHERE key IN (SELECT value FROM json_each(?))',
    [JSON.stringify(keys)],
  )
  return new Map(rows.map(({ key, k, v }) => [key, { k: floatsOf(k), v: floatsOf(v) }]))
}

/** Which of the keys have scores. */
export function scoredKeys(sql: Sql, keys: readonly string[]): Set<string> {
  const rows = sql.all<{ key: string }>('SELECT key FROM scores WHERE key IN (SELECT value FROM json_each(?))', [
    JSON.stringify(keys),
  ])
  return new Set(rows.map(({ key }) => key))
}

/** Nothing is written where either cache has been set aside or removed meanwhile. */
export function writeScores(
  sql: Sql,
  { key, isolated }: { readonly key: string; readonly isolated: string },
  scores: { readonly k: readonly number[]; readonly v: readonly number[] },
): void {
  sql.run(
    `INSERT INTO scores (key, k, v) SELECT ?, ?, ?
     WHERE (SELECT count(*) FROM entries WHERE key IN (?, ?)) = 2 ON CONFLICT (key) DO NOTHING`,
    [key, floatBytes(scores.k), floatBytes(scores.v), key, isolated],
  )
}

/** Removes what was measured on caches that are going; called while their rows are still there. */
export function dropScores(sql: Sql, keys: readonly string[]): void {
  // A `prefix` variant is the isolated one of a model without a template.
  sql.run(
    `WITH gone AS (SELECT key, model, kind, token_digest FROM entries WHERE key IN (SELECT value FROM json_each(?)))
     DELETE FROM scores WHERE key IN (SELECT key FROM gone) OR key IN (
       SELECT entries.key FROM entries
       JOIN gone ON entries.token_digest = gone.token_digest AND entries.model = gone.model
       WHERE gone.kind IN ('bos', 'prefix'))`,
    [JSON.stringify(keys)],
  )
}

function floatBytes(values: readonly number[]): Uint8Array {
  const bytes = new Uint8Array(values.length * 4)
  const view = new DataView(bytes.buffer)
  for (const [index, value] of values.entries()) view.setFloat32(index * 4, value, true)
  return bytes
}

function floatsOf(bytes: Uint8Array): Float32Array {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  return Float32Array.from({ length: bytes.byteLength >> 2 }, (_, index) => view.getFloat32(index * 4, true))
}
