/** What the workbench offers for documents. */
import { WorkbenchError } from '../../shared/errors'
import { searchOptions } from '../../shared/knowledge'
import { uploadFiles } from '../../shared/preview'
import type { Workbench } from '../../shared/workbench'
import type { StoredChunk } from '../documents/chunks'
import type { Folders } from '../documents/folders'
import { parseNodeId } from '../documents/node-id'
import type { Removed } from '../documents/removed'
import type { Versions } from '../documents/versions'
import type { OpenModel } from '../session/models'
import { folderSync } from './folder-sync'
import { incomingFiles, incomingTexts, incomingUpload, uploadSpec, type Reading } from './import-job'
import type { Importing, ImportingParts } from './importing'
import { look, preview, type PreviewParts } from './preview'

export interface DocumentParts extends ImportingParts, PreviewParts {
  readonly folders: Folders
  readonly removed: Removed
  readonly versions: Versions
  readonly importing: Importing
  readonly show: Workbench['documents']['show']
  readonly tokens: Workbench['documents']['tokens']
  /** Aborted when the workbench closes. */
  readonly closing: AbortSignal
}

export function documentCare(parts: DocumentParts): Workbench['documents'] {
  const { sets, removed, importing, uploads, search, openModel } = parts
  const ending = (signal: AbortSignal | undefined): AbortSignal => (signal ? AbortSignal.any([signal, parts.closing]) : parts.closing)
  return {
    show: parts.show,
    preview: (set, from, { signal } = {}) => preview(parts, { set, from, signal: ending(signal) }),
    look: (set, file, { signal } = {}) => look(parts, { set, file, signal: ending(signal) }),
    add: async (name, paths) => {
      const set = sets.find(name)
      return importing.start(set, (reading) => incomingFiles(paths, reading), { job: 'import', set: set.id, paths: [...paths] })
    },
    addText: async (name, files) => {
      const set = sets.find(name)
      return importing.start(set, async (reading) => incomingTexts(files, reading), uploadSpec(set.id, files))
    },
    addUpload: async (set, id) => {
      const found = sets.find(set)
      await uploads.keep(id)
      const incoming = async (reading: Reading) => {
        // At every try, also of one that had ended.
        await uploads.keep(id)
        void parts.jobs.finished(job.id).then(({ status }) => (status === 'done' ? uploads.discard(id) : undefined))
        return incomingUpload(await uploads.files(id), reading)
      }
      const job = importing.start(found, incoming, { job: 'uploaded', set: found.id, upload: id })
      return job
    },
    uploads: {
      begin: async (files) => await uploads.begin(uploadFiles.parse(files)),
      put: (id, pieces) => uploads.put(id, pieces),
      discard: (id) => uploads.discard(id),
    },
    outcomes: (jobId) => importing.outcomes(jobId),
    text: (id) => textAt(parts, id),
    tokens: parts.tokens,
    search: async (idOrName, query, input = {}) => {
      const { row, model } = sets.find(idOrName)
      const { tokenizer } = await openModel(model)
      return await search.find(row, query, tokenizer, searchOptions.parse(input))
    },
    remove: async (ids) => removed.removeDocuments(listOf(ids).map(wholeDocument)),
    restore: async (ids) => removed.restoreDocuments(listOf(ids).map(wholeDocument)),
    versions: async (id) => parts.versions.of(wholeDocument(id)),
    sync: folderSync(() => ({ ...parts, startImport: (set, incoming, spec) => importing.start(set, incoming, spec) })),
  }
}

function listOf(ids: string | readonly string[]): readonly string[] {
  return typeof ids === 'string' ? [ids] : ids
}

/** @throws argument.invalid for a part of a document */
function wholeDocument(id: string): number {
  const { document, section } = parseNodeId(id)
  if (section === null) return document
  throw new WorkbenchError(
    'argument.invalid',
    `Expected the id of a document (d${document}) but got ${id}. A part can be excluded in a question instead.`,
  )
}

type Texts = Pick<DocumentParts, 'library' | 'sets' | 'chunks' | 'openModel'>

async function textAt(parts: Texts, id: string): Promise<string> {
  const { library } = parts
  const place = parseNodeId(id)
  const row = library.find(place.document)
  const body = library.body(row.versionRow)
  if (place.section === null) return body
  const section = library.sections(row.versionRow)[place.section - 1]
  if (place.chunk === null && section) return body.slice(section.start, section.end)
  const { start, end } = await chunkAt(parts, id)
  return body.slice(start, end)
}

/** @throws argument.invalid, not-found */
export async function chunkAt(
  { library, sets, chunks, openModel }: Texts,
  id: string,
): Promise<StoredChunk & { readonly model: OpenModel }> {
  const place = parseNodeId(id)
  const row = library.find(place.document)
  const model = await openModel(sets.find(`set${row.set}`).model)
  const chunk = (await chunks.ensure(row, model.tokenizer)).find((candidate) => candidate.id === id)
  if (chunk) return { ...chunk, model }
  if (place.chunk === null && (place.section === null || library.sections(row.versionRow)[place.section - 1]))
    throw new WorkbenchError('argument.invalid', `Expected the id of a chunk, such as d12.s3.c2, but got ${id}.`)
  throw new WorkbenchError(
    'not-found',
    { id: 'document.part-gone', params: { title: row.title, id } },
  )
}
