import type { Command } from 'commander'
import { WorkbenchError, toErrorData } from '../../shared/errors'
import type { FolderDiff, FolderEntry, ImportOutcome } from '../../shared/knowledge'
import { several } from './figures'
import { followImport } from './follow-import'
import type { Run, Session } from './run'
import { quoted } from './sets'
import { table } from './table'

interface SyncOptions {
  readonly yes?: boolean
  readonly removeGone?: boolean
  readonly forget?: boolean
}

const SYNC_EXAMPLES = `
Without --yes nothing is changed: you see what is new, changed and gone. Folders are remembered when a sync is applied, and
taken when none are given. A document whose file is gone is kept, unless --remove-gone says otherwise.

Examples:
  kvasir docs sync Handbook ~/handbook           what would be imported
  kvasir docs sync Handbook ~/handbook --yes     import it, and remember the folder
  kvasir docs sync Handbook --yes                later: what is new and changed in it
  kvasir docs sync Handbook --yes --remove-gone  and remove the documents whose files are gone
  kvasir docs sync Handbook ~/handbook --forget  forget the folder; its documents stay`

const WATCH_EXAMPLES = `
Shows what is new, changed and gone, now and whenever a file changes, until Ctrl-C. With --yes what is new and changed is
imported at once; nothing is ever removed.

Example:
  kvasir docs watch Handbook --yes`

/** `kvasir docs sync | watch` */
export function addSyncCommands(docs: Command, run: Run): void {
  docs
    .command('sync')
    .argument('<set>', 'id or name')
    .argument('[folder...]', 'folders (default: those that the set remembers)')
    .option('--yes', 'import what is new and changed')
    .option('--remove-gone', 'with --yes: remove the documents whose files are gone')
    .option('--forget', 'forget these folders instead; their documents stay')
    .description('keep a set in step with folders')
    .addHelpText('after', SYNC_EXAMPLES)
    .action(
      run(async (session, set: string, folders: string[], options: SyncOptions) => {
        if (options.forget) await forget(session, set, folders)
        else await sync(session, { set, folders, ...options })
      }),
    )

  docs
    .command('watch')
    .argument('<set>', 'id or name')
    .option('--yes', 'import what is new and changed')
    .description('look at the folders that a set remembers until Ctrl-C')
    .addHelpText('after', WATCH_EXAMPLES)
    .action(
      run(async (session, set: string, { yes = false }: { yes?: boolean }) => {
        if (session.output.json) {
          throw new WorkbenchError(
            'argument.invalid',
            'Expected no --json: watching has no one result. `kvasir docs sync SET --json` prints what differs now.',
          )
        }
        await watch(session, set, yes)
      }),
    )
}

interface Wanted {
  readonly set: string
  readonly folders: readonly string[]
}

async function sync(
  session: Session,
  { set, folders, yes = false, removeGone = false }: SyncOptions & Wanted,
): Promise<void> {
  const { workbench, output, fail } = session
  const diff = await workbench.documents.sync.preview(set, folders)
  const gone = diff.entries.filter(({ state }) => state === 'gone')
  output.line(diffLines(diff))
  const outcomes = yes ? await followImport(session, await workbench.documents.sync.run(set, folders)) : []
  const removed = yes && removeGone ? gone : []
  const ids = removed.flatMap(({ document }) => document ?? [])
  if (ids.length > 0) await workbench.documents.remove(ids)
  for (const { document, path } of removed) output.line(`Removed ${document}, ${path}.`)
  if (ids.length > 0) output.remark(`Bring back: kvasir docs restore ${ids.join(' ')}`)
  output.result({ diff, applied: yes, outcomes, removed: removed.map(({ document }) => document) })
  for (const { detail } of diff.entries.filter(({ state }) => state === 'unreadable')) fail(detail ?? '')
  if (gone.length > removed.length)
    output.remark(`${several(gone.length, 'document')} without a file kept; --yes --remove-gone removes what is gone.`)
  output.remark(yes ? nextBuild(set, outcomes) : 'Nothing was changed. --yes imports what is new and changed.')
}

async function forget({ workbench, output }: Session, set: string, folders: readonly string[]): Promise<void> {
  if (folders.length === 0) {
    throw new WorkbenchError(
      'argument.invalid',
      'Expected the folders to forget. `kvasir docs sync SET` shows those remembered.',
    )
  }
  await workbench.documents.sync.forget(set, folders)
  const remembered = await workbench.documents.sync.folders(set)
  output.result({ folders: remembered })
  output.line(remembered.length === 0 ? 'No folders are remembered any more.' : `Remembered: ${remembered.join(', ')}`)
}

async function watch(session: Session, set: string, yes: boolean): Promise<void> {
  const { workbench, output, signal, fail } = session
  const folders = await workbench.documents.sync.folders(set)
  output.remark(`Watching ${folders.join(', ')}. Ctrl-C ends it.`)
  let shown = ''
  for await (const diff of workbench.documents.sync.watch(set, { signal })) {
    const importable = diff.entries.some(({ state }) => state === 'new' || state === 'changed')
    const lines = diffLines(diff)
    if (lines !== shown) output.line(lines)
    shown = lines
    if (!yes || !importable) continue
    // One file that cannot be read must not end the watch.
    await workbench.documents.sync
      .run(set)
      .then((job) => followImport(session, job))
      .catch((error: unknown) => {
        if (!signal.aborted) fail(toErrorData(error).message)
      })
    shown = ''
  }
}

const STATES: readonly FolderEntry['state'][] = ['new', 'changed', 'gone', 'unreadable']

/** A table, and a line of counts. */
function diffLines({ folders, entries, unchanged }: FolderDiff): string {
  const counts = STATES.map((state) => ({ state, count: entries.filter((entry) => entry.state === state).length }))
    .filter(({ count }) => count > 0)
    .map(({ state, count }) => `${count} ${state}`)
  const where = folders.length === 1 ? folders[0] : several(folders.length, 'folder')
  const total = `${[...counts, `${unchanged} unchanged`].join(', ')} in ${where}.`
  const rows = entries.map(({ state, document, path }) => [state, document ?? '', path])
  return rows.length === 0 ? total : `${table(['', 'id', 'file'], rows)}\n${total}`
}

function nextBuild(set: string, outcomes: readonly ImportOutcome[]): string {
  const isNew = outcomes.some(({ outcome }) => outcome === 'added' || outcome === 'new-version')
  return isNew ? `Next: kvasir build ${quoted(set)}` : 'Nothing was imported.'
}
