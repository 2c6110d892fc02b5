import type { Command } from 'commander'
import type { BuildCost, DocumentLook, PreviewFile, PreviewTotals } from '../../shared/preview'
import { bytes, clock, count, several } from './figures'
import { makeProgress } from './progress'
import type { Run, Session } from './run'
import { quoted } from './sets'
import { numbers, shortened, table } from './table'

const HELP = `
Nothing is stored. "to build" is what a build would compute: tokens of all variants, about how long it takes at the speed of this
model's builds so far, and what the caches take on disk.

Examples:
  kvasir docs preview Handbook ~/handbook              every file: what it is read as, what is new or changed
  kvasir docs preview Handbook paper.pdf --chunks      the text of each, cut as it would be`

const OUTCOMES: Readonly<Record<PreviewFile['outcome'], string>> = {
  added: 'new',
  'new-version': 'changed',
  unchanged: 'unchanged',
  failed: 'failed',
}

/** `kvasir docs preview` */
export function addPreviewCommand(docs: Command, run: Run): void {
  docs
    .command('preview')
    .argument('<set>', 'id or name')
    .argument('<path...>', 'files, and folders of them')
    .option('--sections', 'show the sections of each file')
    .option('--chunks', 'show the text of each file as it would be cut')
    .description('say what an import would do: how each file is read, what changed, what building it takes')
    .addHelpText('after', HELP)
    .action(
      run(async (session, set: string, paths: string[], options: { sections?: boolean; chunks?: boolean }) => {
        const { workbench, output, signal, fail } = session
        const { files, totals } = await read(session, set, paths)
        const looks = options.sections || options.chunks ? files.filter(({ outcome }) => outcome !== 'failed') : []
        output.line(filesTable(files))
        const shown: (DocumentLook & { readonly source: string })[] = []
        for (const { source, file } of looks) {
          const look = await workbench.documents.look(set, file, { signal })
          shown.push({ source, ...look })
          output.line(`\n${output.paint.bold(look.title)}  ${source}`)
          output.line(options.chunks ? chunkLines(look) : sectionLines(look))
        }
        output.result({ files, totals, ...(looks.length > 0 && { looks: shown }) })
        output.line(totalLine(totals))
        for (const { source, detail } of files.filter(({ outcome }) => outcome === 'failed'))
          fail(detail?.includes(source) ? detail : `${source}: ${detail ?? ''}`)
        const isNew = totals.files.added + totals.files['new-version'] > 0
        output.remark(isNew ? `Next: kvasir docs add ${quoted(set)} ${paths.map(quoted).join(' ')}` : 'Nothing would be imported.')
      }),
    )
}

async function read(
  { workbench, output, signal }: Session,
  set: string,
  paths: readonly string[],
): Promise<{ readonly files: readonly PreviewFile[]; readonly totals: PreviewTotals }> {
  const progress = makeProgress(output)
  const files: PreviewFile[] = []
  try {
    const from = { paths: [...paths] }
    for await (const event of workbench.documents.preview(set, from, { signal })) {
      if (event.type === 'reading')
        progress.show({ phase: `Reading ${event.source}`, done: event.done, total: event.total, unit: 'files' })
      else if (event.type === 'file') files.push(event.file)
      else if (event.type === 'end') return { files, totals: event.totals }
    }
    throw new Error('The preview ended without its totals.')
  } finally {
    progress.end()
  }
}

function filesTable(files: readonly PreviewFile[]): string {
  return table(
    ['', 'id', 'file', 'title', numbers('pages'), numbers('sections'), numbers('chunks'), numbers('tokens'), numbers('to build'), 'changed'],
    files.map((file) => [
      file.fromTrash ? 'from trash' : OUTCOMES[file.outcome],
      file.document ?? '',
      endOf(file.source, 36),
      file.outcome === 'failed' ? 'see below' : shortened(file.title ?? '', 28),
      file.pages > 0 ? count(file.pages) : '',
      ...[file.sections, file.chunks, file.tokens].map((value) => (file.outcome === 'failed' ? '' : count(value))),
      file.build.tokens > 0 ? count(file.build.tokens) : '',
      file.changes ? `${file.changes.changed} of ${file.chunks} chunks` : '',
    ]),
  )
}

/** Of a long path the end says which file it is. */
function endOf(text: string, most: number): string {
  const characters = Array.from(text)
  return characters.length <= most ? text : `…${characters.slice(1 - most).join('')}`
}

function sectionLines({ sections }: DocumentLook): string {
  return table(
    ['section', numbers('page'), numbers('chunks'), numbers('tokens')],
    sections.map(({ title, level, page, chunks, tokens }) => [
      `${'  '.repeat(Math.max(0, level - 1))}${shortened(title, 60)}`,
      page === null ? '' : count(page),
      count(chunks),
      count(tokens),
    ]),
  )
}

function chunkLines({ sections, chunks, chunksLeftOut }: DocumentLook): string {
  const lines = chunks.map(({ section, tokens, page, isNew, text }, index) => {
    const facts = [`chunk ${index + 1}`, sections[section - 1]?.title ?? '', several(tokens, 'token')]
    const rest = [...(page === null ? [] : [`page ${page}`]), ...(isNew ? [] : ['as before'])]
    return `--- ${[...facts, ...rest].join(', ')} ---\n${text.trimEnd()}`
  })
  return [...lines, ...(chunksLeftOut > 0 ? [`--- ${several(chunksLeftOut, 'more chunk')} ---`] : [])].join('\n')
}

function totalLine({ files, tokens, chunks, build }: PreviewTotals): string {
  const counts = (['added', 'new-version', 'unchanged', 'failed'] as const)
    .filter((outcome) => files[outcome] > 0)
    .map((outcome) => `${files[outcome]} ${OUTCOMES[outcome]}`)
  return `${counts.join(', ')}; ${several(tokens, 'token')} in ${several(chunks, 'chunk')}; to build: ${costText(build)}.`
}

function costText({ tokens, seconds, bytes: size }: BuildCost): string {
  if (tokens === 0) return 'nothing'
  const time = seconds === null ? 'for a time that is known after the first build' : `for about ${clock(seconds)}`
  return `${several(tokens, 'token')} ${time}, about ${bytes(size)} on disk`
}
