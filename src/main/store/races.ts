/** Races as they were run: what a list shows, and every event with its time. The newest stay. */
import { WorkbenchError } from '../../shared/errors'
import type { RaceEvent, RaceRecord, RaceSummary } from '../../shared/race'
import type { Sql } from './sql'

/** How many are kept. */
const KEPT_RACES = 200
/** So long after it was removed a race can be brought back. */
const RESTORABLE_MS = 86_400_000

type Facts = Omit<RaceSummary, 'id' | 'runAt' | 'set' | 'question'>

interface Row {
  readonly id: number
  readonly run_at: string
  readonly set_id: string
  readonly question: string
  readonly summary: string
}

const SELECT = 'SELECT id, run_at, set_id, question, summary FROM races'

/** @returns its number */
export function keepRace(
  sql: Sql,
  { set, question, events, ...facts }: Omit<RaceRecord, 'id' | 'runAt'>,
  { kept = KEPT_RACES, now = new Date() } = {},
): number {
  return sql.transaction(() => {
    const { id } = sql.run('INSERT INTO races (run_at, set_id, question, summary, events) VALUES (?, ?, ?, ?, ?)', [
      now.toISOString(),
      set,
      question,
      JSON.stringify(facts),
      JSON.stringify(events),
    ])
    sql.run('DELETE FROM races WHERE removed_at < ?', [new Date(now.getTime() - RESTORABLE_MS).toISOString()])
    sql.run(
      `DELETE FROM races WHERE removed_at IS NULL AND id NOT IN
         (SELECT id FROM races WHERE removed_at IS NULL ORDER BY id DESC LIMIT ?)`,
      [kept],
    )
    return id
  })
}

/** Newest first. */
export function keptRaces(sql: Sql): RaceSummary[] {
  return sql.all<Row>(`${SELECT} WHERE removed_at IS NULL ORDER BY id DESC`).map(summaryOf)
}

/** @throws not-found */
export function keptRace(sql: Sql, id: number): RaceRecord {
  const row = sql.get<Row & { events: string }>(
    'SELECT id, run_at, set_id, question, summary, events FROM races WHERE id = ? AND removed_at IS NULL',
    [id],
  )
  if (!row) throw notThere(id)
  return { ...summaryOf(row), events: JSON.parse(row.events) as RaceEvent[] }
}

/** @throws not-found */
export function removeRace(sql: Sql, id: number, now = new Date()): void {
  const { changes } = sql.run('UPDATE races SET removed_at = ? WHERE id = ? AND removed_at IS NULL', [now.toISOString(), id])
  if (changes === 0) throw notThere(id)
}

/** Brings a removed one back. @throws not-found */
export function restoreRace(sql: Sql, id: number): void {
  const { changes } = sql.run('UPDATE races SET removed_at = NULL WHERE id = ?', [id])
  if (changes === 0) throw notThere(id)
}

function summaryOf({ id, run_at, set_id, question, summary }: Row): RaceSummary {
  return { id, runAt: run_at, set: set_id, question, ...(JSON.parse(summary) as Facts) }
}

function notThere(id: number): WorkbenchError {
  return new WorkbenchError(
    'not-found',
    { id: 'race.unknown', params: { id, kept: KEPT_RACES } },
  )
}
