/** Sums of the history, for reports. */
import type { Sql, SqlValue } from './sql'

/** What of the history. */
export interface Span {
  /** Id of a set; null: all. */
  readonly set: string | null
  /** As `Date.toISOString` writes it; null: all that is kept. */
  readonly since: string | null
}

/** `reused`: tokens of hits, also those of them that were computed again. */
export interface Sums {
  readonly times: number
  readonly tokens: number
  readonly reused: number
  readonly recomputed: number
}

const QUERY_SUMS = `count(*) AS times, sum(knowledge_tokens) AS tokens, sum(reused_tokens) AS reused,
  sum(recomputed_tokens) AS recomputed`

export interface SetSums extends Sums {
  readonly set: string
}

/** Of queries, set by set. */
export function setSums(sql: Sql, { set, since }: Span): SetSums[] {
  return sql.all<SetSums>(
    `SELECT set_id AS "set", ${QUERY_SUMS} FROM queries WHERE asked_at >= ? ${ofSet(set)} GROUP BY +set_id`,
    [since ?? '', ...wanted(set)],
  )
}

export interface SlotSums extends Sums {
  /** When it began, UTC: `2025-01-31T14:45Z`. */
  readonly start: string
}

const SLOT = `substr(asked_at, 1, 14) || CASE CAST(substr(asked_at, 15, 2) AS INTEGER) / 15
  WHEN 0 THEN '00Z' WHEN 1 THEN '15Z' WHEN 2 THEN '30Z' ELSE '45Z' END`

/** Of queries, by quarters of an hour: no time zone divides the day more finely. In order of time. */
export function slotSums(sql: Sql, { set, since }: Span): SlotSums[] {
  return sql.all<SlotSums>(
    `SELECT ${SLOT} AS start, ${QUERY_SUMS}
     FROM queries WHERE asked_at >= ? ${ofSet(set)} GROUP BY start ORDER BY start`,
    [since ?? '', ...wanted(set)],
  )
}

export interface TierSums extends SlotSums {
  readonly set: string
  /** Of the reused ones: from engine memory. */
  readonly memory: number
}

/** Of queries, by slots and sets, in order of time. */
export function tierSums(sql: Sql, { set, since }: Span): TierSums[] {
  return sql.all<TierSums>(
    `SELECT ${SLOT} AS start, set_id AS "set", ${QUERY_SUMS}, sum(memory_tokens) AS memory
     FROM queries WHERE asked_at >= ? ${ofSet(set)} GROUP BY start, set_id ORDER BY start`,
    [since ?? '', ...wanted(set)],
  )
}

export interface DocumentDaySums extends Sums {
  /** As it was then. */
  readonly document: string
  /** UTC. */
  readonly day: string
}

/** Whole days, the first one included. */
export function documentDaySums(sql: Sql, { set, since }: Span): DocumentDaySums[] {
  return sql.all<DocumentDaySums>(
    `SELECT substr(node, 1, instr(node || '.', '.') - 1) AS document, day, sum(times) AS times,
       sum(place_days.tokens) AS tokens, sum(reused) AS reused, sum(recomputed) AS recomputed
     FROM places CROSS JOIN place_days ON place = places.id WHERE day >= ? ${ofSet(set)} GROUP BY 1, 2 ORDER BY day`,
    [dayOf(since), ...wanted(set)],
  )
}

export interface ReasonSums {
  /** 1 or 0. */
  readonly isHit: number
  /** Of a miss, or why a hit is a poorer one; empty for other hits. */
  readonly reason: string
  readonly times: number
  readonly tokens: number
  readonly recomputed: number
}

/** One reason may come twice: from whole days, and from what is left of the first one. */
export function reasonSums(sql: Sql, { set, since }: Span): ReasonSums[] {
  const days = sql.all<ReasonSums>(
    `SELECT is_hit AS isHit, reason, sum(times) AS times, sum(tokens) AS tokens, sum(recomputed) AS recomputed
     FROM reason_days WHERE day > ? ${ofSet(set)} GROUP BY is_hit, reason`,
    [dayOf(since), ...wanted(set)],
  )
  if (since === null) return days
  const rest = sql.all<ReasonSums>(
    `SELECT variant IS NOT NULL AS isHit, coalesce(reason, '') AS reason, count(*) AS times, sum(tokens) AS tokens,
       sum(recomputed) AS recomputed
     FROM queries JOIN query_chunks ON query_id = queries.id WHERE ${REST_OF_DAY} ${ofSet(set)} GROUP BY 1, 2`,
    [...restOfDay(since), ...wanted(set)],
  )
  return [...days, ...rest]
}

export interface PlaceSums extends Sums {
  readonly set: string
  /** As it was then. */
  readonly node: string
  readonly digest: string
}

/** Of every text at every place that it had; one may come twice, as in `reasonSums`. */
export function placeSums(sql: Sql, { set, since }: Span): PlaceSums[] {
  const days = sql.all<PlaceSums>(
    `SELECT set_id AS "set", node, token_digest AS digest, sum(times) AS times, sum(place_days.tokens) AS tokens,
       sum(reused) AS reused, sum(recomputed) AS recomputed
     FROM places CROSS JOIN place_days ON place = places.id WHERE day > ? ${ofSet(set)} GROUP BY places.id`,
    [dayOf(since), ...wanted(set)],
  )
  if (since === null) return days
  const rest = sql.all<PlaceSums>(
    `SELECT places.set_id AS "set", node, token_digest AS digest, count(*) AS times, sum(tokens) AS tokens,
       sum(tokens * (variant IS NOT NULL)) AS reused, sum(recomputed) AS recomputed
     FROM queries JOIN query_chunks ON query_id = queries.id JOIN places ON places.id = place
     WHERE ${REST_OF_DAY} ${ofSet(set, 'queries.')} GROUP BY place`,
    [...restOfDay(since), ...wanted(set)],
  )
  return [...days, ...rest]
}

/** Another text after every question that was written or forgotten. */
export function historyMark(sql: Sql): string {
  const row = sql.get<{ mark: string }>("SELECT coalesce(min(id), 0) || ' ' || coalesce(max(id), 0) AS mark FROM queries")
  return row?.mark ?? ''
}

/** Places summed by one query. */
const PLACES_AT_ONCE = 2000

/** Hit rates of a set's documents by their numbers, of all their versions, as far back as history goes. */
export async function documentRates(sql: Sql, set: string, breathe: () => Promise<void>): Promise<Map<number, number>> {
  const last = sql.get<{ id: number | null }>('SELECT max(id) AS id FROM places')?.id ?? 0
  const sums = new Map<number, { tokens: number; hits: number }>()
  for (let from = 0; from < last; from += PLACES_AT_ONCE) {
    // By the row's number: the index of sets would be read whole for every slice.
    const rows = sql.all<{ document: number; tokens: number; hits: number }>(
      `SELECT CAST(substr(node, 2) AS INTEGER) AS document, sum(place_days.tokens) AS tokens,
         sum(reused - recomputed) AS hits
       FROM places NOT INDEXED CROSS JOIN place_days ON place = places.id
       WHERE places.id > ? AND places.id <= ? AND set_id = ? GROUP BY document`,
      [from, from + PLACES_AT_ONCE, set],
    )
    for (const { document, tokens, hits } of rows) {
      const before = sums.get(document) ?? { tokens: 0, hits: 0 }
      sums.set(document, { tokens: before.tokens + tokens, hits: before.hits + hits })
    }
    await breathe()
  }
  return new Map([...sums].flatMap(([document, { tokens, hits }]) => (tokens > 0 ? [[document, hits / tokens]] : [])))
}

/** Of a document's places. */
export function placeSumsOf(sql: Sql, set: string, document: number): PlaceSums[] {
  return sql.all<PlaceSums>(
    `SELECT set_id AS "set", node, token_digest AS digest, sum(times) AS times, sum(place_days.tokens) AS tokens,
       sum(reused) AS reused, sum(recomputed) AS recomputed
     FROM places CROSS JOIN place_days ON place = places.id
     WHERE set_id = ? AND node >= ? AND node < ? GROUP BY places.id`,
    [set, `d${document}.`, `d${document}/`],
  )
}

function ofSet(set: string | null, table = ''): string {
  return set === null ? '' : `AND ${table}set_id = ?`
}

function wanted(set: string | null): SqlValue[] {
  return set === null ? [] : [set]
}

function dayOf(since: string | null): string {
  return since?.slice(0, 10) ?? ''
}

const REST_OF_DAY = 'asked_at >= ? AND asked_at < ?'

/** `U` follows the `T` behind every day. */
function restOfDay(since: string): SqlValue[] {
  return [since, `${dayOf(since)}U`]
}
