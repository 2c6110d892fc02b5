import type { Command } from 'commander'
import type { Colors } from 'picocolors/types'
import type { PastQuery } from '../../shared/hits'
import { wholeBetween } from './ask'
import { count, milliseconds, percent } from './figures'
import { provenanceReport } from './provenance-report'
import type { Run } from './run'
import { quoted } from './sets'
import { numbers, shortened, table } from './table'
import { traceReport } from './trace-report'

const SET_WIDTH = 16
const HELP = `
The newest 100,000 questions of the last 400 days are kept, in the data folder only.

Example:
  kvasir history Sample --limit 5
  kvasir history show 17 --trace`
const QUESTION_WIDTH = 48

/** `kvasir history` */
export function addHistoryCommand(program: Command, run: Run): void {
  const history = program.command('history')
  addShowCommand(history, run)
  history
    .argument('[set]', 'id or name (default: all sets)')
    .option('--limit <n>', 'questions at most', wholeBetween(1, 1000), 20)
    .option('--before <n>', 'only those before the question of this number', wholeBetween(1, Number.MAX_SAFE_INTEGER))
    .description('questions that were asked, newest first: strategy, first token, what was reused')
    .addHelpText('after', HELP)
    .action(
      run(async ({ workbench, output }, set: string | undefined, options: { limit: number; before?: number }) => {
        const queries = await workbench.hits.history({ set, ...options })
        output.result({ queries })
        const last = queries.at(-1)
        if (!last) {
          output.line('Nothing was asked yet, or nothing that is still kept.')
          output.remark(`Next: kvasir ask ${quoted(set ?? 'SET')} QUESTION`)
          return
        }
        output.line(historyTable(queries, output.paint, { withSet: set === undefined }))
        if (queries.length === options.limit) output.remark(`Older ones: --before ${last.id}`)
      }),
    )
}

const SHOW_HELP = `
The newest 1,000 questions that were answered to their end are kept whole: request, answer and trace.

Example:
  kvasir history show 17 --trace`

function addShowCommand(history: Command, run: Run): void {
  history
    .command('show')
    .argument('<number>', 'of the question, as `kvasir history` lists it', wholeBetween(1, Number.MAX_SAFE_INTEGER))
    .option('--trace', 'show where the time went, and per chunk what was reused and why not')
    .option('--provenance', 'show which parts the answer paid attention to')
    .description('a past question with its answer')
    .addHelpText('after', SHOW_HELP)
    .action(
      run(async ({ workbench, output, signal }, id: number, options: { trace?: boolean; provenance?: boolean }) => {
        const whole = await workbench.hits.query(id)
        const provenance = options.provenance ? await workbench.provenance(id, { signal }) : undefined
        output.result({ ...whole, provenance })
        const { query, answer } = whole
        output.line(output.paint.bold(query.question))
        output.line(answer ? answer.text.trimStart() : 'Only its figures are kept: it was stopped, or is an old one.')
        output.line()
        if (options.trace && answer) output.line(traceReport(answer.trace, output.paint))
        else output.line(historyTable([query], output.paint, { withSet: true }))
        if (provenance && answer) output.line(`\n${provenanceReport(provenance, answer.trace.chunks)}`)
      }),
    )
}

export function historyTable(
  queries: readonly PastQuery[],
  paint: Colors,
  { withSet }: { readonly withSet: boolean },
): string {
  const rows = queries.map((query) => [
    String(query.id),
    localTime(query.askedAt),
    ...(withSet ? [query.setName === null ? `${query.set} (removed)` : shortened(query.setName, SET_WIDTH)] : []),
    query.strategy,
    milliseconds(query.ttftMs),
    count(query.knowledgeTokens),
    query.hitRate === null ? '-' : percent(query.hitRate),
    `${shortened(query.question, QUESTION_WIDTH)}${query.generatedTokens === null ? paint.yellow(' (stopped)') : ''}`,
  ])
  const set = withSet ? ['set'] : []
  const figures = [numbers('first token'), numbers('tokens'), numbers('hit rate')]
  return table([numbers('no.'), 'asked', ...set, 'strategy', ...figures, 'question'], rows)
}

/** `2025-01-31 14:05`, here. */
export function localTime(time: string): string {
  const date = new Date(time)
  const two = (part: number): string => String(part).padStart(2, '0')
  const day = `${date.getFullYear()}-${two(date.getMonth() + 1)}-${two(date.getDate())}`
  return `${day} ${two(date.getHours())}:${two(date.getMinutes())}`
}
