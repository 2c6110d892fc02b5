import type { Command } from 'commander'
import type { SetTree } from '../../shared/knowledge'
import { wholeBetween, wholeNumber } from './ask'
import { bytes, count, percent, several } from './figures'
import type { Run } from './run'
import { addSelectionsCommand } from './selections'
import { documentsTable, outlineTable } from './tree'
import { numbers, table } from './table'
import { restore } from './trash'

/** `kvasir sets create | list | show | outline | rename | selections | remove | restore` */
export function addSetsCommands(program: Command, run: Run): void {
  const sets = program.command('sets').description('knowledge sets: documents that are asked together')

  sets
    .command('create')
    .argument('<name>', 'a name for the set')
    .option('--model <id>', 'the model that answers (default: the one marked in `kvasir models list`)')
    .description('make an empty set')
    .addHelpText('after', '\nExample:\n  kvasir sets create Handbook --model llama-3.2-1b')
    .action(
      run(async ({ workbench, output }, name: string, { model }: { model?: string }) => {
        const set = await workbench.sets.create(name, { model })
        output.result({ set })
        output.line(`Created ${output.paint.bold(set.name)} for the model ${set.model}.`)
        output.remark(`Next: kvasir docs add ${quoted(set.name)} PATH…`)
      }),
    )

  sets
    .command('list')
    .description('list the sets')
    .action(
      run(async ({ workbench, output }) => {
        const list = await workbench.sets.list()
        output.result({ sets: list })
        if (list.length === 0) {
          output.line('No sets yet.')
          output.remark('`kvasir demo` makes a sample; `kvasir sets create NAME` makes one of yours.')
          return
        }
        const rows = list.map((set) => [set.id, set.name, set.model, count(set.documents), set.createdAt.slice(0, 10)])
        output.line(table(['id', 'name', 'model', numbers('documents'), 'created'], rows))
      }),
    )

  sets
    .command('show')
    .argument('<set>', 'id or name')
    .description('show a set: documents, sections, what of them is cached, questions that suit it')
    .action(
      run(async ({ workbench, output }, name: string) => {
        const set = await workbench.sets.show(name)
        output.result({ set })
        output.line(`${output.paint.bold(set.name)} (${set.id}), model ${set.model}`)
        output.line(summary(set))
        if (set.tree.length > 0) output.line(`\n${documentsTable(set.tree, 'sections')}`)
        if (set.suggestions.length > 0) {
          output.line('\nQuestions that suit it:')
          for (const { question } of set.suggestions) output.line(`  ${question}`)
        }
      }),
    )

  sets
    .command('outline')
    .argument('<set>', 'id or name')
    .option('--limit <n>', 'documents at most (default: 2000)', wholeBetween(1, 10_000))
    .option('--offset <n>', 'leave out so many from the start', wholeNumber)
    .description('show a set of any size: a row per document, without its parts')
    .addHelpText('after', '\nExample:\n  kvasir sets outline Handbook --offset 2000 --limit 500')
    .action(
      run(async ({ workbench, output }, name: string, page: { limit?: number; offset?: number }) => {
        const outline = await workbench.sets.outline(name, page)
        output.result({ outline })
        const { documents, tokens, chunks, cachedChunks } = outline
        output.line(`${output.paint.bold(outline.name)} (${outline.id}), model ${outline.model}`)
        output.line(`${several(documents, 'document')}, ${several(tokens, 'token')}, ${count(cachedChunks)} of ${several(chunks, 'chunk')} cached`)
        if (outline.rows.length > 0) output.line(`\n${outlineTable(outline.rows)}`)
      }),
    )

  sets
    .command('rename')
    .argument('<set>', 'id or name')
    .argument('<name>', 'its new name')
    .description('give a set another name')
    .action(
      run(async ({ workbench, output }, wanted: string, name: string) => {
        const set = await workbench.sets.rename(wanted, name)
        output.result({ set })
        output.line(`${set.id} is called ${output.paint.bold(set.name)} now.`)
      }),
    )

  addSelectionsCommand(sets, run)

  sets
    .command('remove')
    .argument('<set>', 'id or name')
    .description('put a set with its documents into the trash; your files and the caches stay')
    .action(
      run(async ({ workbench, output }, name: string) => {
        const { id, name: full, documents } = await workbench.sets.outline(name, { limit: 0 })
        await workbench.sets.remove(id)
        output.result({ removed: { id, name: full, documents } })
        output.line(`Removed ${full} with ${several(documents, 'document')}.`)
        output.remark(`Bring it back: kvasir sets restore ${id}. Its caches stay on disk.`)
      }),
    )

  sets
    .command('restore')
    .argument('<set>', 'its id, or the name that it had')
    .description('bring back a set that was removed, with its documents')
    .action(
      run(async (session, wanted: string) => {
        const removed = session.workbench.trash.list().filter(({ kind }) => kind === 'set')
        const found = removed.find(({ id, name }) => id === wanted || name === wanted)
        await restore(session, [found?.id ?? wanted])
      }),
    )
}

/** `4 documents, 213 tokens in 9 chunks, all cached (1.2 MB)` */
export function summary(set: Pick<SetTree, 'documents' | 'tokens' | 'chunks' | 'cachedChunks' | 'cacheBytes'>): string {
  const { documents, tokens, chunks, cachedChunks, cacheBytes } = set
  const text = `${several(documents, 'document')}, ${several(tokens, 'token')} in ${several(chunks, 'chunk')}`
  if (chunks === 0) return text
  return `${text}, ${cachedChunks === chunks ? 'all' : percent(cachedChunks / chunks)} cached (${bytes(cacheBytes)})`
}

/** For a command line that can be copied. */
export function quoted(text: string): string {
  return /^[\w./:+=@,~-]+$/.test(text) ? text : `"${text.replaceAll('"', '\\"')}"`
}
