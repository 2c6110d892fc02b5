import type { Command } from 'commander'
import { WorkbenchError } from '../../shared/errors'
import type { TrashItem } from '../../shared/trash'
import { bytes, several } from './figures'
import type { Run, Session } from './run'
import { numbers, shortened, table } from './table'

const HELP = `
Sets and documents stay in the trash for 30 days, caches that were cleaned up for 7; then they go for good by themselves.

Examples:
  kvasir trash list
  kvasir trash restore d3 set2     under the ids that they had
  kvasir trash empty d3 --yes      remove one for good
  kvasir trash empty --yes         remove everything in it for good`

/** `kvasir trash list | restore | empty` */
export function addTrashCommands(program: Command, run: Run): void {
  const trash = program
    .command('trash')
    .description('documents, sets and caches that were removed and can be brought back')
    .addHelpText('after', HELP)

  trash
    .command('list')
    .description('list what is in the trash, the last removed first')
    .action(
      run(async ({ workbench, output }) => {
        await Promise.resolve()
        const items = workbench.trash.list()
        output.result({ trash: items })
        if (items.length === 0) return output.line('The trash is empty.')
        output.line(trashTable(items))
        output.remark('Bring some back: kvasir trash restore ID… Remove them for good: kvasir trash empty')
      }),
    )

  trash
    .command('restore')
    .argument('<id...>', 'as `kvasir trash list` shows them, e.g. d3, set2, b4')
    .description('bring back what was removed, as it was')
    .action(run((session, ids: string[]) => restore(session, ids)))

  trash
    .command('empty')
    .argument('[id...]', 'only these (default: everything)')
    .option('--yes', 'do it')
    .description('remove for good what is in the trash; without --yes only say what would go')
    .addHelpText('after', HELP)
    .action(
      run(async ({ workbench, output }, ids: string[], { yes = false }: { yes?: boolean }) => {
        const wanted = ids.length === 0 ? undefined : ids
        const lying = workbench.trash.list()
        const missing = wanted?.filter((id) => !lying.some((item) => item.id === id)) ?? []
        if (missing.length > 0) throw notThere(missing)
        const items = yes ? await workbench.trash.empty(wanted) : lying.filter(({ id }) => wanted?.includes(id) ?? true)
        output.result({ emptied: yes, items })
        if (items.length === 0) return output.line('The trash is empty.')
        output.line(trashTable(items))
        const size = bytes(items.reduce((sum, item) => sum + item.bytes, 0))
        output.line(yes ? `Removed for good: ${several(items.length, 'item')}, ${size}.` : `Would go for good: ${size}.`)
        if (!yes) output.remark('Nothing was removed. --yes does it, and nothing brings it back then.')
      }),
    )
}

/** Brings back what is named by its id. @throws not-found */
export async function restore({ workbench, output }: Session, ids: readonly string[]): Promise<void> {
  const lying = new Map(workbench.trash.list().map((item) => [item.id, item]))
  const missing = ids.filter((id) => !lying.has(id))
  if (missing.length > 0) throw notThere(missing)
  await workbench.trash.restore(ids)
  const items = ids.flatMap((id) => lying.get(id) ?? [])
  output.result({ restored: items })
  for (const item of items) output.line(`Back: ${item.id}, ${nameOf(item)}.`)
}

function notThere(ids: readonly string[]): WorkbenchError {
  return new WorkbenchError('not-found', `There is no ${ids.join(', ')} in the trash. \`kvasir trash list\` shows what is there.`)
}

function trashTable(items: readonly TrashItem[]): string {
  return table(
    ['id', 'what', 'of', numbers('size'), 'removed', 'kept until'],
    items.map((item) => [
      item.id,
      shortened(nameOf(item), 48),
      item.set ? shortened(item.set.name, 24) + (item.set.removed ? ' (removed)' : '') : '',
      bytes(item.bytes),
      item.removedAt.slice(0, 16).replace('T', ' '),
      item.expiresAt.slice(0, 10),
    ]),
  )
}

function nameOf({ kind, name, count }: TrashItem): string {
  if (kind === 'caches') return several(count, 'cache file')
  return kind === 'set' ? `${name ?? ''} with ${several(count, 'document')}` : (name ?? '')
}
