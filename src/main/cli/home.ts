import type { Command } from 'commander'
import type { Home, SetNeeds } from '../../shared/home'
import { clock, count, percent, several } from './figures'
import { historyTable } from './history'
import type { Run } from './run'
import { quoted } from './sets'
import { numbers, table } from './table'

/** `kvasir home` */
export function addHomeCommand(program: Command, run: Run): void {
  program
    .command('home')
    .description('what was asked lately, what sets want, what caches saved today')
    .action(
      run(async ({ workbench, output }) => {
        const home = await workbench.home.show({ zone: Intl.DateTimeFormat().resolvedOptions().timeZone })
        const needs = await Promise.all(home.sets.map(({ id }) => workbench.home.needs(id)))
        output.result({ home, needs })
        output.line(todayText(home))
        if (home.sets.length > 0) output.line(`\n${setsTable(home, needs)}`)
        if (home.questions.length > 0) output.line(`\n${historyTable(home.questions, output.paint, { withSet: true })}`)
        if (home.sets.length === 0) output.remark('Next: kvasir demo')
      }),
    )
}

function todayText({ today }: Home): string {
  if (!today) return 'Nothing was asked today.'
  const { figures, saved } = today
  const rate = figures.hitRate === null ? '' : `, hit rate ${percent(figures.hitRate)}`
  const asked = `Today: ${several(figures.times, 'question')}${rate}.`
  if (!saved) return asked
  return `${asked} About ${clock(saved.seconds)} saved: ${count(saved.tokens)} tokens from caches, at the speed at which their model reads.`
}

function setsTable({ sets }: Home, needs: readonly SetNeeds[]): string {
  const rows = needs.map(({ missing, stale, folders, next }, at) => {
    const name = sets[at]?.name ?? ''
    const actions = { import: `kvasir docs add ${quoted(name)} PATH…`, sync: `kvasir docs sync ${quoted(name)}`, build: `kvasir build ${quoted(name)}`, wait: 'a job is at it' }
    return [name, count(missing), count(stale), folders ? (folders.problem ?? count(folders.changed)) : '', next ? actions[next] : '']
  })
  return table(['set', numbers('chunks not cached'), numbers('documents stale'), numbers('files changed'), 'next'], rows)
}
