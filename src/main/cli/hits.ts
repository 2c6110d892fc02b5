import { InvalidArgumentError, Option, type Command } from 'commander'
import type { Colors } from 'picocolors/types'
import {
  HITS_BY,
  TIMELINE_SPLITS,
  type HitFigures,
  type HitRow,
  type HitsBy,
  type HitsReport,
  type HitTimeline,
  type ReasonRow,
  type TimelineSplit,
} from '../../shared/hits'
import { wholeBetween } from './ask'
import { count, percent, several } from './figures'
import { localTime } from './history'
import type { Run } from './run'
import { quoted } from './sets'
import { numbers, shortened, table, wrapped, type Column } from './table'

interface HitsOptions {
  readonly by?: HitsBy
  readonly split?: TimelineSplit
  readonly since?: string
  readonly limit: number
}

const NAME_WIDTH = 40
const UNITS = { m: 60_000, h: 3_600_000, d: 86_400_000, w: 7 * 86_400_000 }

const EXAMPLES = `
The hit rate is the share of the selected knowledge tokens that came from caches and were not computed again.
A section's or chunk's row has the history of the text that stands there now, wherever edits have moved it inside its
document; what was asked of texts that are gone is in the row "(earlier text)" of their document.

Examples:
  kvasir hits                              every set, and why tokens were not reused
  kvasir hits Sample                       document by document
  kvasir hits Sample --by chunk --since 7d
  kvasir hits --by day --limit 14
  kvasir hits --split tier                 day by day: from memory, from disk, computed
  kvasir hits Sample --split document --since 4w
  kvasir hits --json | jq .report.total.hitRate`

/** `kvasir hits` */
export function addHitsCommand(program: Command, run: Run): void {
  program
    .command('hits')
    .argument('[set]', 'id or name (default: all sets)')
    .addOption(new Option('--by <what>', 'a row for each (default: document of a set, else set)').choices(HITS_BY))
    .addOption(
      new Option('--split <what>', 'over time (--by hour or day): where tokens came from, or hit rates of each').choices(
        TIMELINE_SPLITS,
      ),
    )
    .option('--since <when>', 'only questions since then: 30m, 12h, 7d, 4w ago, or a day such as 2025-01-31', sinceOf)
    .option('--limit <n>', 'rows at most', wholeBetween(1, 100_000), 50)
    .description('how much of the knowledge asked for came from caches, and why not more')
    .addHelpText('after', EXAMPLES)
    .action(
      run(async ({ workbench, output }, set: string | undefined, options: HitsOptions) => {
        const { by = set === undefined ? 'set' : 'document', since, limit } = options
        const { timeZone: zone } = new Intl.DateTimeFormat().resolvedOptions()
        if (options.split !== undefined) {
          const step = options.by === 'hour' ? 'hour' : 'day'
          const timeline = await workbench.hits.timeline({ set, since, zone, step, split: options.split })
          output.result({ timeline })
          output.line(timeline.starts.length === 0 ? 'Nothing was asked then.' : timelineTable(timeline, limit))
          return
        }
        const report = await workbench.hits.report({ set, by, since, zone, limit })
        output.result({ report })
        if (report.total.times === 0) {
          output.line(`Nothing was asked${ofWhat(report)}${sinceText(report)}.`)
          output.remark(`Next: kvasir ask ${quoted(report.set?.name ?? 'SET')} QUESTION`)
          return
        }
        output.line(hitsText(report, output.paint))
      }),
    )
}

export function hitsText(report: HitsReport, paint: Colors): string {
  const { total, rows, leftOut, reasons, by } = report
  const parts = [headline(report, paint)]
  if (rows.length > 0) parts.push(rowsTable(rows, by, paint))
  if (leftOut > 0) parts.push(`${several(leftOut, 'row')} more; --limit shows them.`)
  if (reasons.length > 0) parts.push(reasonsText(reasons))
  else if (total.tokens > 0) parts.push('Everything was reused, in the best variant there is.')
  return parts.join('\n\n')
}

/** Newest first, as other rows by time. */
function timelineTable({ starts, series, step, leftOut }: HitTimeline, limit: number): string {
  const rows = starts.map((start, at) => [
    start,
    ...series.map(({ points }) => {
      const share = points[at]?.share ?? null
      return share === null ? '-' : percent(share)
    }),
  ])
  const columns = [step, ...series.map(({ name }) => numbers(shortened(name, 20)))]
  const more = leftOut > 0 ? `\n${several(leftOut, 'more line')} with fewer tokens.` : ''
  return table(columns, rows.toReversed().slice(0, limit)) + more
}

function headline(report: HitsReport, paint: Colors): string {
  const { total } = report
  const rate = total.hitRate === null ? 'no knowledge was selected' : `hit rate ${rateText(total, paint)}`
  const what = report.set ? `${report.set.name}: ` : ''
  const asked = `in ${count(total.times)} ${total.times === 1 ? 'query' : 'queries'}${sinceText(report)}`
  const { tokens, reused, recomputed, missed } = total
  const again = recomputed > 0 ? `, ${count(recomputed)} computed again` : ''
  const first = `${what}${rate} ${asked}`
  if (tokens === 0) return first
  return `${first}\n${several(tokens, 'token')} selected: ${count(reused)} reused${again}, ${count(missed)} missed`
}

function rowsTable(rows: readonly HitRow[], by: HitsBy, paint: Colors): string {
  const isTime = by === 'hour' || by === 'day'
  const hasAgain = rows.some(({ recomputed }) => recomputed > 0)
  const columns: Column[] = [
    isTime ? by : 'id',
    ...(isTime ? [] : [by]),
    numbers(isTime || by === 'set' ? 'queries' : 'times'),
    numbers('tokens'),
    numbers('hit rate'),
    numbers('reused'),
    ...(hasAgain ? [numbers('again')] : []),
    numbers('missed'),
  ]
  const cells = rows.map((row) => [
    row.id,
    ...(isTime ? [] : [nameText(row)]),
    count(row.times),
    count(row.tokens),
    rateText(row, paint),
    count(row.reused),
    ...(hasAgain ? [count(row.recomputed)] : []),
    count(row.missed),
  ])
  return table(columns, cells)
}

function nameText({ id, name, state }: HitRow): string {
  if (state === 'removed') return name === id ? '(removed)' : `${shortened(name, NAME_WIDTH)} (removed)`
  return state === 'earlier' ? `${shortened(name, NAME_WIDTH - 15)} (earlier text)` : shortened(name, NAME_WIDTH)
}

function rateText({ hitRate }: HitFigures, paint: Colors): string {
  if (hitRate === null) return '-'
  const text = percent(hitRate)
  return hitRate >= 0.9 ? paint.green(text) : hitRate < 0.5 ? paint.yellow(text) : text
}

/** What was not reused, then what was reused poorly; below the table what each means and what to do. */
function reasonsText(reasons: readonly ReasonRow[]): string {
  const rows = reasons.map(({ kind, reason, times, tokens, share }) => [
    reason,
    KINDS[kind],
    times === null ? '' : count(times),
    count(tokens),
    percent(share),
  ])
  const { columns } = process.stdout
  const meanings = reasons.map(({ reason, why, remedy }) => wrapped(`${reason}: ${why}. ${remedy}.`, columns))
  const titles = ['reason', '', numbers('times'), numbers('tokens'), numbers('share')]
  return [table(titles, rows), '', ...meanings].join('\n')
}

const KINDS: Record<ReasonRow['kind'], string> = {
  missed: 'missed',
  poorer: 'reused, poorer',
  recomputed: 'computed again',
}

function ofWhat({ set }: HitsReport): string {
  return set ? ` of ${set.name}` : ' yet'
}

function sinceText({ since }: HitsReport): string {
  return since === null ? '' : ` since ${localTime(since)}`
}

/** Of `7d`, or of a day as it begins here. */
export function sinceOf(text: string, _earlier?: string, now = new Date()): string {
  const [, amount, unit] = /^(\d{1,4})([mhdw])$/.exec(text) ?? []
  if (amount && unit) return new Date(now.getTime() - Number(amount) * UNITS[unit as keyof typeof UNITS]).toISOString()
  const [, year, month, day] = /^(\d{4})-(\d{2})-(\d{2})$/.exec(text) ?? []
  const date = new Date(Number(year), Number(month) - 1, Number(day))
  if (day && date.getMonth() === Number(month) - 1 && date.getDate() === Number(day)) return date.toISOString()
  throw new InvalidArgumentError('Expected a time such as 30m, 12h, 7d or 4w, or a day such as 2025-01-31.')
}
