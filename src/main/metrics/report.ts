/** Reports of the history. */
import {
  historyRequest,
  hitsRequest,
  type HistoryInput,
  type HitRow,
  type HitsInput,
  type HitsRequest,
  type HitsReport,
  type HitTimeline,
  type PastQuery,
  timelineRequest,
  type TimelineInput,
  type WholeQuery,
} from '../../shared/hits'
import { WorkbenchError } from '../../shared/errors'
import type { Chunks } from '../documents/chunks'
import type { Library } from '../documents/library'
import { documentId, sectionId } from '../documents/node-id'
import type { Sets } from '../documents/sets'
import {
  documentDaySums,
  placeSums,
  reasonSums,
  setSums,
  slotSums,
  tierSums,
  type SetSums,
  type Span,
} from '../store/hit-sums'
import { pastQueries, pastQuery, type QueryRow } from '../store/queries'
import { keptQuery } from '../store/query-records'
import type { Sql } from '../store/sql'
import { added, figuresOf, NOTHING } from './figures'
import { partRows, type Standing } from './parts'
import { reasonRows } from './reasons'
import { documentLines, setLines, tierLines } from './timeline'
import { localStart, timeRows } from './times'

export interface HistorySources {
  readonly sql: Sql
  readonly sets: Sets
  readonly library: Library
  readonly chunks: Chunks
}

/** @throws not-found for a set that does not exist */
export function hitsReport(sources: HistorySources, input: HitsInput = {}): HitsReport {
  const { set: wanted, since, by, zone, limit } = hitsRequest.parse(input)
  const set = wanted === undefined ? null : sources.sets.find(wanted)
  const span: Span = { set: set?.id ?? null, since: since === undefined ? null : new Date(since).toISOString() }
  const sets = setSums(sources.sql, span)
  const rows = rowsOf(sources, { span, by, zone, sets })
  return {
    set: set && { id: set.id, name: set.name },
    since: span.since,
    by,
    total: figuresOf(sets.reduce(added, NOTHING)),
    rows: rows.slice(0, limit),
    leftOut: Math.max(0, rows.length - limit),
    reasons: reasonRows(reasonSums(sources.sql, span), span.set),
  }
}

/** @throws not-found for a set that does not exist */
export function hitTimeline(sources: HistorySources, input: TimelineInput = {}): HitTimeline {
  const { set: wanted, since, split, step, zone, most } = timelineRequest.parse(input)
  const { sql, sets, library } = sources
  const set = wanted === undefined ? null : sets.find(wanted)
  const span: Span = { set: set?.id ?? null, since: since === undefined ? null : new Date(since).toISOString() }
  if (split === 'document') {
    const rows = (set ? [set] : sets.list()).flatMap(({ row }) => library.list(row))
    const titles = new Map(rows.map(({ id, title }) => [documentId(id), title]))
    const lines = documentLines(documentDaySums(sql, span), { nameOf: (id) => titles.get(id) ?? null, most })
    return { split, step: 'day', ...lines }
  }
  const startOf = localStart(step, zone)
  const sums = tierSums(sql, span)
  if (split === 'tier') return { split, step, ...tierLines(sums, startOf) }
  const names = namesOf(sets)
  return { split, step, ...setLines(sums, startOf, { nameOf: (id) => names.get(id) ?? null, most }) }
}

/** Newest first. @throws not-found for a set that does not exist */
export function pastQueriesOf({ sql, sets }: HistorySources, input: HistoryInput = {}): PastQuery[] {
  const { set, limit, before = null } = historyRequest.parse(input)
  const names = namesOf(sets)
  return pastQueries(sql, { set: set === undefined ? null : sets.find(set).id, before, limit }).map((query) =>
    told(query, names),
  )
}

/** @throws not-found */
export function wholeQueryOf({ sql, sets }: HistorySources, id: number): WholeQuery {
  const query = pastQuery(sql, id)
  if (!query)
    throw new WorkbenchError(
      'not-found',
      { id: 'query.unknown', params: { id } },
    )
  const kept = keptQuery(sql, id)
  return { query: told(query, namesOf(sets)), request: kept?.request ?? null, answer: kept?.answer ?? null }
}

function told(query: QueryRow, names: ReadonlyMap<string, string>): PastQuery {
  const { knowledgeTokens, reusedTokens, recomputedTokens } = query
  const hitRate = knowledgeTokens === 0 ? null : (reusedTokens - recomputedTokens) / knowledgeTokens
  return { ...query, setName: names.get(query.set) ?? null, hitRate }
}

function rowsOf(
  sources: HistorySources,
  { by, zone, span, sets }: Pick<HitsRequest, 'by' | 'zone'> & { span: Span; sets: readonly SetSums[] },
): HitRow[] {
  switch (by) {
    case 'set':
      return setRows(sets, namesOf(sources.sets))
    case 'document':
    case 'section':
    case 'chunk':
      return partRows(by, placeSums(sources.sql, span), standingOf(sources, span.set))
    case 'hour':
    case 'day':
      return timeRows(by, slotSums(sources.sql, span), zone)
    case 'reason':
      return []
  }
}

function setRows(sums: readonly SetSums[], names: ReadonlyMap<string, string>): HitRow[] {
  return sums
    .map(({ set, ...rest }): HitRow => {
      const name = names.get(set)
      return { id: set, set, name: name ?? set, state: name === undefined ? 'removed' : 'current', ...figuresOf(rest) }
    })
    .toSorted((a, b) => a.id.localeCompare(b.id, 'en', { numeric: true }))
}

function namesOf(sets: Sets): Map<string, string> {
  return new Map(sets.list().map(({ id, name }) => [id, name]))
}

function standingOf({ sets, library, chunks }: HistorySources, set: string | null): Standing {
  const rows = (set === null ? sets.list() : [sets.find(set)]).flatMap(({ row }) => library.list(row))
  return {
    documents: new Map(rows.map(({ id, title }) => [id, title])),
    sections: new Map(
      rows.flatMap(({ id, versionRow }) =>
        library.sections(versionRow).map(({ title }, index): [string, string] => [sectionId(id, index + 1), title]),
      ),
    ),
    chunks: rows.flatMap((row) => chunks.standing(row)),
  }
}
