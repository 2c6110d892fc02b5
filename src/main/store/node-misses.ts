/** What became of one part of a set in the newest questions. */
import type { MissReason } from '../../shared/answer'
import type { NodeId } from '../../shared/knowledge'
import type { ReasonSums } from './hit-sums'
import type { Sql } from './sql'

/** A document, section or chunk, by its id as it was then. */
export interface Part {
  /** Id. */
  readonly set: string
  readonly node: NodeId
}

export interface MissRow {
  readonly query: number
  readonly askedAt: string
  readonly question: string
  readonly node: NodeId
  readonly tokens: number
  readonly reason: MissReason
}

/** Questions looked at: enough to say what is wrong now. */
const NEWEST = 500

const OF_PART = `FROM places JOIN query_chunks ON place = places.id
  WHERE places.set_id = ? AND (node = ? OR (node >= ? AND node < ?))
    AND query_id > (SELECT coalesce(max(id), 0) FROM queries) - ${NEWEST}`

export function reasonsOf(sql: Sql, part: Part): ReasonSums[] {
  return sql.all<ReasonSums>(
    `SELECT variant IS NOT NULL AS isHit, coalesce(reason, '') AS reason, count(*) AS times,
       sum(query_chunks.tokens) AS tokens, sum(recomputed) AS recomputed ${OF_PART} GROUP BY 1, 2`,
    parameters(part),
  )
}

/** Newest first, then in reading order. */
export function missesOf(sql: Sql, part: Part, limit: number): MissRow[] {
  return sql.all<MissRow>(
    `SELECT query, asked_at AS askedAt, question, node, tokens, reason
     FROM (SELECT query_id AS query, at, node, query_chunks.tokens AS tokens, reason ${OF_PART} AND variant IS NULL
       ORDER BY query_id DESC, at LIMIT ?) JOIN queries ON queries.id = query
     ORDER BY query DESC, at`,
    [...parameters(part), limit],
  )
}

function parameters({ set, node }: Part): string[] {
  return [set, node, `${node}.`, `${node}/`]
}
