/** The newest queries as they were asked and answered, and what they tell of speed. */
import type { Answer, AskRequest } from '../../shared/answer'
import type { Sql } from './sql'

export interface KeptQuery {
  readonly request: AskRequest
  readonly answer: Answer
  /** Ids of the answer's tokens. */
  readonly tokens: readonly number[]
}

/** What one query took, up to its first token. */
export interface Speed {
  /** Tokens through all layers; through half of them count half. */
  readonly work: number
  readonly computeMs: number
  /** Tokens that came from caches. */
  readonly loaded: number
  readonly loadMs: number
  /** Before the engine was called. */
  readonly planMs: number
}

/** Queries that are kept whole. */
const KEPT_WHOLE = 1000
/** Newest queries whose speeds count. */
const SPEEDS = 200

/** Forgets those that there is no room for any more. Numbers have no gaps but at their beginning. */
export function keepQuery(
  sql: Sql,
  id: number,
  { request, answer, tokens, speed }: KeptQuery & { readonly speed: Speed },
  kept = KEPT_WHOLE,
): void {
  const { model, device } = answer.trace
  sql.run(
    `INSERT INTO query_records (query_id, model, device, request, answer, tokens, speed) VALUES (?, ?, ?, ?, ?, ?, ?)`,
    [id, model, device, JSON.stringify(request), JSON.stringify(answer), JSON.stringify(tokens), JSON.stringify(speed)],
  )
  sql.run('DELETE FROM query_records WHERE query_id <= ?', [id - kept])
}

export function keptQuery(sql: Sql, id: number): KeptQuery | null {
  const row = sql.get<{ request: string; answer: string; tokens: string }>(
    'SELECT request, answer, tokens FROM query_records WHERE query_id = ?',
    [id],
  )
  if (!row) return null
  return {
    request: JSON.parse(row.request) as AskRequest,
    answer: JSON.parse(row.answer) as Answer,
    tokens: JSON.parse(row.tokens) as number[],
  }
}

/** Newest first. */
export function speedsOf(sql: Sql, model: string, device: string): Speed[] {
  return sql
    .all<{ speed: string }>(
      'SELECT speed FROM query_records WHERE model = ? AND device = ? ORDER BY query_id DESC LIMIT ?',
      [model, device, SPEEDS],
    )
    .map(({ speed }) => JSON.parse(speed) as Speed)
}

/** Token digests of a query's chunks, in the order of its context. */
export function chunkDigests(sql: Sql, id: number): string[] {
  return sql
    .all<{ digest: string }>(
      `SELECT token_digest AS digest FROM query_chunks JOIN places ON places.id = place WHERE query_id = ? ORDER BY at`,
      [id],
    )
    .map(({ digest }) => digest)
}

/** Tokens per ms at which a model's caches were computed, wherever that was; newest first. */
export function buildSpeeds(sql: Sql, fingerprint: string): number[] {
  return sql
    .all<{ speed: number }>(
      `SELECT tokens / compute_ms AS speed FROM entries WHERE model = ? AND compute_ms > 0
       ORDER BY created_at DESC LIMIT ?`,
      [fingerprint, SPEEDS],
    )
    .map(({ speed }) => speed)
}
