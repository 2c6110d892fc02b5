import type { Command } from 'commander'
import { WorkbenchError } from '../../shared/errors'
import type { SavedSelection } from '../../shared/outline'
import { findNodes } from '../documents/find-node'
import { collect } from './ask'
import { count, several } from './figures'
import type { Run } from './run'
import { numbers, table } from './table'

interface SelectionsOptions {
  readonly save?: string
  readonly remove?: string
  readonly include?: readonly string[]
  readonly exclude?: readonly string[]
}

const EXAMPLES = `
Examples:
  kvasir sets selections Handbook
  kvasir sets selections Handbook --save "Without 2023" --exclude "Handbook 2023"
  kvasir ask Handbook "How many remote days?" --selection "Without 2023"
  kvasir sets selections Handbook --remove "Without 2023"`

/** `kvasir sets selections` */
export function addSelectionsCommand(sets: Command, run: Run): void {
  sets
    .command('selections')
    .argument('<set>', 'id or name')
    .option('--save <name>', 'keep the parts that --include and --exclude name under this name')
    .option('--remove <name>', 'forget the selection of this name')
    .option('--include <id>', 'with --save: only this document, section or chunk, by id or title (repeatable)', collect)
    .option('--exclude <id>', 'with --save: leave this document, section or chunk out (repeatable)', collect)
    .description('selections of a set that have a name')
    .addHelpText('after', EXAMPLES)
    .action(
      run(async ({ workbench, output }, name: string, { save, remove, include, exclude }: SelectionsOptions) => {
        if (save !== undefined && remove !== undefined)
          throw new WorkbenchError('argument.invalid', 'Give either --save or --remove, not both.')
        if (save === undefined && (include || exclude))
          throw new WorkbenchError('argument.invalid', '--include and --exclude say what --save NAME keeps. Give it too.')
        if (save !== undefined) {
          const set = await workbench.sets.show(name)
          const selection = { include: findNodes(set, include ?? []), exclude: findNodes(set, exclude ?? []) }
          const saved = await workbench.selections.save(set.id, save, selection)
          output.result({ saved })
          output.line(`Kept "${saved.name}": ${partsText(saved)}.`)
          return
        }
        if (remove !== undefined) {
          const removed = await workbench.selections.remove(name, remove)
          output.result({ removed })
          output.line(`Forgot "${removed.name}".`)
          return
        }
        const selections = await workbench.selections.list(name)
        output.result({ selections })
        if (selections.length === 0) {
          output.line('No selections yet.')
          output.remark('--save NAME with --include or --exclude keeps one.')
          return
        }
        const rows = await Promise.all(
          selections.map(async (saved) => {
            const { documents, tokens } = await workbench.sets.selected(name, saved.selection)
            return [saved.name, partsText(saved), count(documents), count(tokens)]
          }),
        )
        output.line(table(['name', 'takes', numbers('documents'), numbers('tokens')], rows))
      }),
    )
}

function partsText({ selection: { include, exclude } }: SavedSelection): string {
  const taken = include.length > 0 ? several(include.length, 'part') : 'everything'
  return exclude.length > 0 ? `${taken} but ${several(exclude.length, 'part')}` : taken
}
