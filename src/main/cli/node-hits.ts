import type { Command } from 'commander'
import type { NodeHits } from '../../shared/hits'
import { count, percent, several } from './figures'
import { localTime } from './history'
import type { Run } from './run'
import { numbers, shortened, table } from './table'

const QUESTION_WIDTH = 48

/** `kvasir docs hits` */
export function addNodeHitsCommand(docs: Command, run: Run): void {
  docs
    .command('hits')
    .argument('<id>', 'a document, section or chunk, e.g. d1, d1.s2, d1.s2.c1')
    .description('how often a part came from its caches, why the newest misses happened, and what mends them')
    .addHelpText('after', '\nExample:\n  kvasir docs hits d1.s2')
    .action(
      run(async ({ workbench, output }, id: string) => {
        const hits = await workbench.hits.of(id)
        output.result({ hits })
        output.line(hitsText(id, hits))
        if (hits.mend) output.remark(`${hits.mend.remedy}.`)
        else if (hits.times > 0) output.remark('There is nothing to mend now.')
      }),
    )
}

function hitsText(id: string, { times, tokens, reused, hitRate, misses, reasons }: NodeHits): string {
  if (times === 0) return `No question took ${id} yet.`
  const rate = hitRate === null ? '' : `, hit rate ${percent(hitRate)}`
  const lines = [`${id}: taken ${several(times, 'time')}${rate}, ${count(reused)} of ${several(tokens, 'token')} reused`]
  for (const { reason, why, tokens: missed } of reasons) lines.push(`  ${reason}: ${count(missed)} tokens, ${why}`)
  if (misses.length === 0) return lines.join('\n')
  const rows = misses.map(({ node, askedAt, question, tokens: missed, reason }) => [
    node,
    localTime(askedAt),
    reason,
    count(missed),
    shortened(question, QUESTION_WIDTH),
  ])
  return [...lines, '', table(['part', 'asked', 'reason', numbers('tokens'), 'question'], rows)].join('\n')
}
