import type { Command } from 'commander'
import { WorkbenchError } from '../../shared/errors'
import type { DocumentNode, DocumentVersion } from '../../shared/knowledge'
import type { Workbench } from '../../shared/workbench'
import { wholeBetween } from './ask'
import { addPreviewCommand } from './docs-preview'
import { addSyncCommands } from './docs-sync'
import { bytes, several } from './figures'
import { followImport } from './follow-import'
import { addNodeHitsCommand } from './node-hits'
import type { Run } from './run'
import { hitLines } from './search-hits'
import { quoted, summary } from './sets'
import { restore } from './trash'
import { documentsTable } from './tree'

const SEARCH_EXAMPLES = `
Examples:
  kvasir docs search Handbook "travel allowance"
  kvasir docs search Handbook "Who approves night flights?" --limit 3
  kvasir docs search Handbook '"first class"' --json`

/** `kvasir docs add | preview | list | search | show | hits | versions | remove | restore | sync | watch` */
export function addDocsCommands(program: Command, run: Run): void {
  const docs = program.command('docs').description('documents of a set')

  docs
    .command('add')
    .argument('<set>', 'id or name of the set')
    .argument('<path...>', 'files (.md, .txt, .pdf, .docx, .html), and folders of them')
    .description('import documents; a changed file becomes a new version, and only what changed needs building')
    .addHelpText('after', '\nExample:\n  kvasir docs add Handbook ~/handbook notes.md')
    .action(
      run(async (session, set: string, paths: string[]) => {
        const job = await session.workbench.documents.add(set, paths)
        const outcomes = await followImport(session, job)
        session.output.result({ outcomes })
        if (outcomes.some(({ outcome }) => outcome === 'failed')) return
        session.output.remark(`Next: kvasir build ${quoted(set)}`)
      }),
    )

  docs
    .command('list')
    .argument('<set>', 'id or name')
    .option('--chunks', 'show chunks and the variants at hand too')
    .description('list documents and their sections, with tokens and the state of their caches')
    .addHelpText('after', '\nOf a set of thousands, a row per document at once: kvasir sets outline SET')
    .action(
      run(async ({ workbench, output }, name: string, { chunks = false }: { chunks?: boolean }) => {
        const set = await workbench.sets.show(name)
        output.result({ documents: set.tree })
        if (set.tree.length === 0) {
          output.line(`${set.name} has no documents yet.`)
          output.remark(`Next: kvasir docs add ${quoted(set.name)} PATH…`)
          return
        }
        output.line(documentsTable(set.tree, chunks ? 'chunks' : 'sections'))
        output.remark(summary(set))
      }),
    )

  docs
    .command('search')
    .argument('<set>', 'id or name')
    .argument('<query>', 'words or a question; "words in quotes" are looked for side by side')
    .option('--limit <n>', 'show this many places at most (default: 10)', wholeBetween(1, 200))
    .description('find the parts that words or a question are about')
    .addHelpText('after', SEARCH_EXAMPLES)
    .action(
      run(async ({ workbench, output }, set: string, query: string, { limit }: { limit?: number }) => {
        const hits = await workbench.documents.search(set, query, { limit })
        output.result({ hits })
        if (hits.length === 0) output.line('Nothing found.')
        for (const hit of hits) output.line(hitLines(hit, output))
        if (hits.length > 0)
          output.remark('`kvasir docs show ID` prints a part, `kvasir ask SET … --include ID` asks of it.')
      }),
    )

  docs
    .command('show')
    .argument('<id>', 'a document, section or chunk, e.g. d1, d1.s2, d1.s2.c1')
    .option('--tokens', 'of a chunk: its text token by token, as the set\'s model reads it')
    .description('print the text as it was imported: of PDF, Word and HTML files what Kvasir reads in them')
    .action(
      run(async ({ workbench, output }, id: string, options: { tokens?: boolean }) => {
        if (options.tokens) {
          const { text, ends } = await workbench.documents.tokens(id)
          output.result({ id, text, ends })
          for (const [at, end] of ends.entries()) output.line(`${String(at).padStart(5)}  ${JSON.stringify(text.slice(ends[at - 1] ?? 0, end))}`)
          return
        }
        const ids = id.includes('.') ? [id] : (await findDocument(workbench, id)).sections.map((section) => section.id)
        const parts = await Promise.all(ids.map((part) => workbench.documents.text(part)))
        const text = parts.join('')
        output.result({ id, text })
        output.write(text.endsWith('\n') ? text : `${text}\n`)
      }),
    )

  addNodeHitsCommand(docs, run)

  docs
    .command('versions')
    .argument('<id>', 'a document, e.g. d3')
    .description('list the versions of a document, with the sections that changed from each to the next')
    .action(
      run(async ({ workbench, output }, id: string) => {
        const versions = await workbench.documents.versions(id)
        output.result({ versions })
        for (const version of versions) output.line(versionLines(version))
      }),
    )

  docs
    .command('remove')
    .argument('<id...>', 'documents, e.g. d3')
    .option('--dry-run', 'only say what would be removed')
    .description('put documents into the trash; your files and the caches stay')
    .action(
      run(async ({ workbench, output }, ids: string[], { dryRun = false }: { dryRun?: boolean }) => {
        const documents = await Promise.all(ids.map((id) => findDocument(workbench, id)))
        if (!dryRun) await workbench.documents.remove(documents.map(({ id }) => id))
        output.result({ dryRun, removed: documents.map(({ id, title, source }) => ({ id, title, source })) })
        for (const { id, title } of documents) output.line(`${dryRun ? 'Would remove' : 'Removed'} ${id}, ${title}.`)
        if (!dryRun) output.remark(`Bring back: kvasir docs restore ${documents.map(({ id }) => id).join(' ')}`)
      }),
    )

  docs
    .command('restore')
    .argument('<id...>', 'documents that were removed, e.g. d3')
    .description('bring back documents from the trash, under their ids')
    .action(run((session, ids: string[]) => restore(session, ids)))

  addPreviewCommand(docs, run)
  addSyncCommands(docs, run)
}

const SIGNS = { added: '+', removed: '-', changed: '~' } as const

function versionLines({ number, isCurrent, importedAt, sections, bytes: size, changes, changesLeftOut }: DocumentVersion): string {
  const head = [`version ${number}${isCurrent ? ', current' : ''}`, importedAt.slice(0, 16).replace('T', ' '), bytes(size)]
  const lines = changes.map(({ title, change }) => `  ${SIGNS[change]} ${title}`)
  const more = changesLeftOut > 0 ? [`  and ${several(changesLeftOut, 'more change')}`] : []
  return [[...head, several(sections, 'section')].join('  '), ...lines, ...more].join('\n')
}

/** @throws `not-found` */
async function findDocument(workbench: Workbench, id: string): Promise<DocumentNode> {
  if (/^d\d+\./.test(id)) {
    throw new WorkbenchError(
      'argument.invalid',
      `${id} is a part of a document, and documents are removed whole. \`kvasir ask SET … --exclude ${id}\` leaves it out.`,
    )
  }
  return await workbench.documents.show(id)
}
