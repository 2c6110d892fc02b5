/**
 * History of queries: what each reused and computed, chunk by chunk, with sums per day beside it. The newest stay:
 * 100,000 queries, or as many as have 2,000,000 chunks, of 400 days.
 */
import type { ChunkTrace, Trace } from '../../shared/answer'
import type { Sql } from './sql'

/** Known when the first token is there; a query that is stopped behind it is written too. */
export type QueryFacts = Pick<
  Trace,
  | 'model'
  | 'strategy'
  | 'ttftMs'
  | 'knowledgeTokens'
  | 'questionTokens'
  | 'reusedTokens'
  | 'recomputedTokens'
  | 'computedTokens'
  | 'bytesRead'
  | 'chunks'
>

export interface QueryRecord {
  readonly set: string
  readonly question: string
  readonly facts: QueryFacts
  /** Null: stopped before its end. */
  readonly generatedTokens: number | null
  /** Token digests of the chunks, in the same order: they find a text again after its document changed. */
  readonly digests: readonly string[]
  /** Of the reused tokens: from engine memory. */
  readonly memoryTokens: number
}

/** What history keeps of the newest; `chunks`: up to the query that has the last of so many. */
export interface Kept {
  readonly queries: number
  readonly chunks: number
  readonly days: number
}

export const KEPT: Kept = { queries: 100_000, chunks: 2_000_000, days: 400 }
/** With every query written; one at a time would never catch up. */
const FORGOTTEN_AT_ONCE = 3
const DAY_MS = 86_400_000

/** Sums of one query's chunks, in the columns of `place_days` and `reason_days`. */
const PLACE_SUMS = `SELECT place, substr(asked_at, 1, 10) AS day, 1 AS times, tokens,
    tokens * (variant IS NOT NULL) AS reused, recomputed
  FROM queries JOIN query_chunks ON query_id = queries.id WHERE queries.id = ?`
const REASON_SUMS = `SELECT set_id, substr(asked_at, 1, 10) AS day, variant IS NOT NULL AS is_hit,
    coalesce(reason, '') AS reason, count(*) AS times, sum(tokens) AS tokens, sum(recomputed) AS recomputed
  FROM queries JOIN query_chunks ON query_id = queries.id WHERE queries.id = ? GROUP BY is_hit, reason`

/** Also forgets a few of those that history has no room for any more. @returns the query's number */
export function recordQuery(sql: Sql, record: QueryRecord, { kept = KEPT, now = new Date() } = {}): number {
  return sql.transaction(() => {
    const id = insert(sql, record, now)
    sql.run(
      `INSERT INTO place_days ${PLACE_SUMS} ON CONFLICT DO UPDATE SET times = times + excluded.times,
         tokens = tokens + excluded.tokens, reused = reused + excluded.reused,
         recomputed = recomputed + excluded.recomputed`,
      [id],
    )
    sql.run(
      `INSERT INTO reason_days ${REASON_SUMS} ON CONFLICT DO UPDATE SET times = times + excluded.times,
         tokens = tokens + excluded.tokens, recomputed = recomputed + excluded.recomputed`,
      [id],
    )
    forgetOldest(sql, kept, now)
    return id
  })
}

function insert(sql: Sql, { set, question, facts, generatedTokens, digests, memoryTokens }: QueryRecord, now: Date): number {
  const { id } = sql.run(
    `INSERT INTO queries (asked_at, set_id, model, strategy, question, ttft_ms, knowledge_tokens, question_tokens,
       reused_tokens, recomputed_tokens, memory_tokens, computed_tokens, bytes_read, generated_tokens, stopped, chunks_so_far)
     VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?,
       ? + coalesce((SELECT chunks_so_far FROM queries ORDER BY id DESC LIMIT 1), 0))`,
    [
      now.toISOString(),
      set,
      facts.model,
      facts.strategy,
      question,
      facts.ttftMs,
      facts.knowledgeTokens,
      facts.questionTokens,
      facts.reusedTokens,
      facts.recomputedTokens,
      memoryTokens,
      facts.computedTokens,
      facts.bytesRead,
      generatedTokens ?? 0,
      generatedTokens === null ? 1 : 0,
      facts.chunks.length,
    ],
  )
  for (const [at, chunk] of facts.chunks.entries()) {
    const { variant, reason } = columnsOf(chunk)
    const recomputed = chunk.recomputed.reduce((sum, [from, to]) => sum + to - from, 0)
    const place = placeOf(sql, [set, chunk.id, digests[at] ?? ''])
    sql.run(
      `INSERT INTO query_chunks (query_id, at, place, tokens, variant, reason, recomputed)
       VALUES (?, ?, ?, ?, ?, ?, ?)`,
      [id, at, place, chunk.tokens, variant, reason, recomputed],
    )
  }
  return id
}

function placeOf(sql: Sql, place: readonly [set: string, node: string, digest: string]): number {
  const known = sql.get<{ id: number }>(
    'SELECT id FROM places WHERE set_id = ? AND node = ? AND token_digest = ?',
    place,
  )
  return known?.id ?? sql.run('INSERT INTO places (set_id, node, token_digest) VALUES (?, ?, ?)', place).id
}

function columnsOf({ outcome }: ChunkTrace): { variant: string | null; reason: string | null } {
  return outcome.kind === 'hit'
    ? { variant: outcome.variant, reason: outcome.poorer }
    : { variant: null, reason: outcome.reason }
}

/** Numbers have no gaps but at their beginning, so that nothing needs to be counted. */
function forgetOldest(sql: Sql, kept: Kept, now: Date): void {
  const doomed = sql.all<{ id: number }>(
    `WITH newest AS (SELECT id, chunks_so_far FROM queries ORDER BY id DESC LIMIT 1)
     SELECT oldest.id AS id FROM (SELECT id, asked_at, chunks_so_far FROM queries ORDER BY id LIMIT ?) AS oldest, newest
     WHERE oldest.id < newest.id AND
       (oldest.id <= newest.id - ? OR oldest.chunks_so_far <= newest.chunks_so_far - ? OR oldest.asked_at < ?)`,
    [FORGOTTEN_AT_ONCE, kept.queries, kept.chunks, new Date(now.getTime() - kept.days * DAY_MS).toISOString()],
  )
  for (const { id } of doomed) forget(sql, id)
}

function forget(sql: Sql, id: number): void {
  sql.run(
    `UPDATE place_days SET times = place_days.times - gone.times, tokens = place_days.tokens - gone.tokens,
       reused = place_days.reused - gone.reused, recomputed = place_days.recomputed - gone.recomputed
     FROM (${PLACE_SUMS}) AS gone WHERE place_days.place = gone.place AND place_days.day = gone.day`,
    [id],
  )
  sql.run(
    `UPDATE reason_days SET times = reason_days.times - gone.times, tokens = reason_days.tokens - gone.tokens,
       recomputed = reason_days.recomputed - gone.recomputed
     FROM (${REASON_SUMS}) AS gone WHERE reason_days.set_id = gone.set_id AND reason_days.day = gone.day
       AND reason_days.is_hit = gone.is_hit AND reason_days.reason = gone.reason`,
    [id],
  )
  const places = 'SELECT place FROM query_chunks WHERE query_id = ?'
  sql.run(`DELETE FROM place_days WHERE times = 0 AND place IN (${places})`, [id])
  sql.run(
    `DELETE FROM places WHERE id IN (${places}) AND NOT EXISTS (SELECT 1 FROM place_days WHERE place = places.id)`,
    [id],
  )
  sql.run('DELETE FROM reason_days WHERE times = 0 AND set_id = (SELECT set_id FROM queries WHERE id = ?)', [id])
  sql.run('DELETE FROM queries WHERE id = ?', [id])
}

/** As `PastQuery` has it, but for what follows from other tables or columns. */
export interface QueryRow {
  readonly id: number
  readonly askedAt: string
  readonly set: string
  readonly model: string
  readonly strategy: string
  readonly question: string
  readonly ttftMs: number
  readonly knowledgeTokens: number
  readonly questionTokens: number
  readonly reusedTokens: number
  readonly recomputedTokens: number
  readonly computedTokens: number
  readonly bytesRead: number
  readonly generatedTokens: number | null
}

const COLUMNS = `id, asked_at AS askedAt, set_id AS "set", model, strategy, question, ttft_ms AS ttftMs,
  knowledge_tokens AS knowledgeTokens, question_tokens AS questionTokens, reused_tokens AS reusedTokens,
  recomputed_tokens AS recomputedTokens, computed_tokens AS computedTokens, bytes_read AS bytesRead,
  iif(stopped, NULL, generated_tokens) AS generatedTokens`

export function pastQuery(sql: Sql, id: number): QueryRow | undefined {
  return sql.get<QueryRow>(`SELECT ${COLUMNS} FROM queries WHERE id = ?`, [id])
}

/** Newest first. */
export function pastQueries(
  sql: Sql,
  { set, before, limit }: { readonly set: string | null; readonly before: number | null; readonly limit: number },
): QueryRow[] {
  return sql.all<QueryRow>(
    `SELECT ${COLUMNS} FROM queries WHERE id < ? ${set === null ? '' : 'AND set_id = ?'} ORDER BY id DESC LIMIT ?`,
    [before ?? Number.MAX_SAFE_INTEGER, ...(set === null ? [] : [set]), limit],
  )
}
