import type { Command } from 'commander'
import type { Colors } from 'picocolors/types'
import type { PastQuery } from '../../shared/hits'
import { wholeBetween } from './ask'
import { count, milliseconds, percent } from './figures'
import type { Run } from './run'
import { quoted } from './sets'
import { numbers, shortened, table } from './table'

const SET_WIDTH = 16
const HELP = `
The newest 100,000 questions of the last 400 days are kept, in the data folder only.

Example:
  kvasir history Sample --limit 5`
const QUESTION_WIDTH = 48

/** `kvasir history` */
export function addHistoryCommand(program: Command, run: Run): void {
  program
    .command('history')
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
