/** Uploads, previews and folders of the fake workbench: what is uploaded is text, whatever its name. */
import { setImmediate } from 'node:timers/promises'
import { sentence, type Detail } from '../../src/shared/details'
import { WorkbenchError } from '../../src/shared/errors'
import type { DocumentNode, FolderDiff, FolderEntry } from '../../src/shared/knowledge'
import type { ImportFile, ImportSource, PreviewFile } from '../../src/shared/preview'
import type { JobState, Workbench } from '../../src/shared/workbench'

interface Text {
  readonly name: string
  readonly text: string
}

interface Sets {
  readonly source: (set: string, name: string) => DocumentNode | undefined
  readonly parse: (file: Text) => DocumentNode
  readonly importFiles: (set: string, files: readonly Text[]) => JobState
}

type FakeUploads = Pick<Workbench['documents'], 'preview' | 'look' | 'addUpload' | 'uploads'> & { readonly uploaded: () => number }

const TOKENS_PER_SECOND = 400
const BYTES_PER_TOKEN = 2048

export function fakeUploads({ source, parse, importFiles }: Sets): FakeUploads {
  const uploads = new Map<string, Map<string, string>>()
  const filesOf = (id: string): Map<string, string> => {
    const files = uploads.get(id)
    if (!files) throw new WorkbenchError('not-found', 'This upload is not there any more. Upload the files again.')
    return files
  }
  const textsOf = (from: ImportSource): Text[] =>
    'upload' in from
      ? [...filesOf(from.upload)].map(([name, text]) => ({ name, text }))
      : from.paths.map((path) => ({ name: path.split('/').at(-1) ?? path, text: `# ${path}\n\nText of ${path}.\n` }))
  const costOf = (tokens: number) => ({ tokens, seconds: tokens / TOKENS_PER_SECOND, bytes: tokens * BYTES_PER_TOKEN })
  const previewOf = (set: string, { name, text }: Text, file: ImportFile): PreviewFile => {
    const known = source(set, name)
    const document = known?.id ?? null
    const base = { source: name, file, document, fromTrash: false, pages: 0, changes: null, bytes: text.length }
    if (text.trim() === '') {
      const nothing = { format: null, title: null, sections: 0, chunks: 0, tokens: 0, build: costOf(0) }
      const said: Detail = { id: 'document.empty', params: { name } }
      return { ...base, ...nothing, outcome: 'failed', detail: sentence(said), said }
    }
    const { title, sections, tokens, bytes } = parse({ name, text })
    const chunks = sections.reduce((sum, section) => sum + section.chunks.length, 0)
    const size = { title, format: 'markdown' as const, sections: sections.length, chunks, tokens }
    if (known?.bytes === bytes) return { ...base, ...size, outcome: 'unchanged', detail: null, build: costOf(0) }
    const changes = known ? { same: chunks - 1, changed: 1, gone: 1 } : null
    return { ...base, ...size, changes, outcome: known ? 'new-version' : 'added', detail: null, build: costOf(2 * tokens) }
  }
  return {
    uploaded: () => uploads.size,
    async *preview(set, from, { signal } = {}) {
      const texts = textsOf(from)
      yield { type: 'start', total: texts.length }
      const files: PreviewFile[] = []
      for (const [done, text] of texts.entries()) {
        if (signal?.aborted) return
        yield { type: 'reading', source: text.name, done, total: texts.length }
        const ref = 'upload' in from ? { upload: from.upload, name: text.name } : { path: from.paths[done] ?? text.name }
        const file = previewOf(set, text, ref)
        files.push(file)
        yield { type: 'file', file }
        await setImmediate()
      }
      const count = (outcome: PreviewFile['outcome']): number => files.filter((file) => file.outcome === outcome).length
      const sum = (of: (file: PreviewFile) => number): number => files.reduce((total, file) => total + of(file), 0)
      yield {
        type: 'end',
        totals: {
          files: { added: count('added'), 'new-version': count('new-version'), unchanged: count('unchanged'), failed: count('failed') },
          bytes: sum(({ bytes }) => bytes),
          chunks: sum(({ chunks }) => chunks),
          tokens: sum(({ tokens }) => tokens),
          build: costOf(sum(({ build }) => build.tokens)),
        },
      }
    },
    look: async (_, file) => {
      const from = 'path' in file ? { paths: [file.path] } : { upload: file.upload }
      const text = textsOf(from).find(({ name }) => 'path' in file || name === file.name)
      if (!text) throw new WorkbenchError('not-found', 'There is no such file.')
      const { title, sections } = parse(text)
      return {
        title,
        format: 'markdown',
        sections: sections.map(({ title: heading, level, tokens, chunks }) => ({
          title: heading, level, page: null, tokens, chunks: chunks.length,
        })),
        chunks: sections.flatMap(({ chunks }, index) =>
          chunks.map(({ tokens, preview }) => ({ section: index + 1, page: null, tokens, isNew: true, text: `${preview}\n\n` })),
        ),
        chunksLeftOut: 0,
      }
    },
    addUpload: async (set, id) => {
      const job = importFiles(set, textsOf({ upload: id }))
      uploads.delete(id)
      return job
    },
    uploads: {
      begin: async (files) => {
        const upload = crypto.randomUUID()
        const wanted = files.filter(({ name, inFolder }) => !inFolder || /\.(md|txt|html|pdf|docx)$/.test(name)).map(({ name }) => name)
        uploads.set(upload, new Map(wanted.map((name) => [name, ''])))
        return { upload, wanted }
      },
      put: async (id, pieces) => {
        const files = filesOf(id)
        for (const { name, data } of pieces) files.set(name, (files.get(name) ?? '') + Buffer.from(data).toString())
      },
      discard: async (id) => void uploads.delete(id),
    },
  }
}

interface SyncSets {
  readonly documents: (set: string) => readonly { readonly id: string; readonly source: string; readonly bytes: number }[]
  readonly importFiles: Sets['importFiles']
}

/** Folders of a machine whose files are in a map; a file has changed where it has another length. */
export function fakeSync(files: ReadonlyMap<string, string>, { documents, importFiles }: SyncSets): Workbench['documents']['sync'] {
  const followed = new Map<string, Set<string>>()
  const foldersOf = (set: string): string[] => [...(followed.get(set) ?? [])]
  const isIn = (folders: readonly string[], path: string): boolean => folders.some((folder) => path.startsWith(`${folder}/`))
  const compare = (set: string, folders: readonly string[]): FolderDiff => {
    const known = new Map(documents(set).map((document) => [document.source, document]))
    const here = [...files].filter(([path]) => isIn(folders, path))
    const entries = here.flatMap(([path, text]): FolderEntry[] => {
      const document = known.get(path)
      if (!document) return [{ path, document: null, state: 'new', detail: null }]
      return document.bytes === text.length ? [] : [{ path, document: document.id, state: 'changed', detail: null }]
    })
    const gone = [...known.values()]
      .filter(({ source }) => isIn(folders, source) && !files.has(source))
      .map(({ id, source }): FolderEntry => ({ path: source, document: id, state: 'gone', detail: null }))
    return { folders, entries: [...entries, ...gone], unchanged: here.length - entries.length }
  }
  const remember = (set: string, folders: readonly string[]): void => {
    followed.set(set, new Set([...foldersOf(set), ...folders]))
  }
  return {
    folders: async (set) => foldersOf(set),
    preview: async (set, folders = []) => compare(set, folders.length > 0 ? folders : foldersOf(set)),
    run: async (set, folders = []) => {
      const { entries } = compare(set, folders.length > 0 ? folders : foldersOf(set))
      remember(set, folders)
      const coming = entries.filter(({ state }) => state === 'new' || state === 'changed')
      return importFiles(set, coming.map(({ path }) => ({ name: path, text: files.get(path) ?? '' })))
    },
    remember: async (set, folders) => remember(set, folders),
    forget: async (set, folders) => {
      followed.set(set, new Set(foldersOf(set).filter((folder) => !folders.includes(folder))))
    },
    watch: async function* (set) {
      yield compare(set, foldersOf(set))
    },
  }
}
