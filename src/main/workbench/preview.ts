/** What an import would do: every file read, cut and compared with what is there. Nothing is stored. */
import { WorkbenchError } from '../../shared/errors'
import type { BuildCost, DocumentLook, ImportFile, ImportSource, PreviewEvent, PreviewFile, PreviewTotals } from '../../shared/preview'
import { throwIfCancelled } from '../base/cancelled'
import { errorText } from '../base/error-code'
import { tokenDigest } from '../base/hash'
import { BuildCosts } from '../build/cost'
import { formOf } from '../build/coded'
import type { KeyedChunk, KeyedDocument } from '../build/knowledge'
import type { Chunks } from '../documents/chunks'
import type { Conversions } from '../documents/conversions'
import type { Place } from '../documents/convert/converted'
import { Converter } from '../documents/converter'
import type { ImportedFacts, Library } from '../documents/library'
import { chunkId, documentId } from '../documents/node-id'
import { outline, type Outline } from '../documents/outline'
import type { KnowledgeSet, Sets } from '../documents/sets'
import { splitDocument, type Chunk } from '../documents/split'
import { pageAt } from '../documents/text-of'
import type { Uploads } from '../documents/uploads'
import type { OpenModel } from '../session/models'
import { variantKeys, type VariantKeys } from '../store/key'
import type { Store } from '../store/store'
import { incomingFiles, incomingUpload, isDocumentFault, type Incoming, type Reading } from './import-job'

export interface PreviewParts {
  readonly store: Store
  readonly sets: Sets
  readonly library: Library
  readonly chunks: Chunks
  readonly conversions: Conversions
  readonly uploads: Uploads
  readonly openModel: (id: string) => Promise<OpenModel>
}

/** Of a document that is only looked at. */
const NOBODY = 0
/** Characters of text that one look shows. */
const MOST_TEXT = 1_000_000

export async function* preview(
  parts: PreviewParts,
  { set: idOrName, from, signal }: { readonly set: string; readonly from: ImportSource; readonly signal: AbortSignal },
): AsyncGenerator<PreviewEvent, void> {
  const set = parts.sets.find(idOrName)
  const model = await parts.openModel(set.model)
  await using converter = new Converter()
  const files = distinct(await incomingOf(parts, from, { converter, conversions: parts.conversions, signal }))
  const costs = costsOf(parts, set, model)
  const total = files.length
  yield { type: 'start', total }
  const found: PreviewFile[] = []
  for (const [done, incoming] of files.entries()) {
    throwIfCancelled(signal)
    yield { type: 'reading', source: incoming.source, done, total }
    const file = await previewOf(parts, { set, model, costs, incoming, file: fileOf(incoming, from), signal })
    found.push(file)
    yield { type: 'file', file }
  }
  yield { type: 'end', totals: totalsOf(found, costs) }
}

/** One file as it would be cut. @throws document.invalid and what else is wrong with it */
export async function look(
  parts: PreviewParts,
  { set: idOrName, file, signal }: { readonly set: string; readonly file: ImportFile; readonly signal: AbortSignal },
): Promise<DocumentLook> {
  const set = parts.sets.find(idOrName)
  const model = await parts.openModel(set.model)
  await using converter = new Converter()
  const reading = { converter, conversions: parts.conversions, signal }
  const from = 'path' in file ? { paths: [file.path] } : { upload: file.upload }
  const wanted = 'path' in file ? null : file.name
  const incoming = (await incomingOf(parts, from, reading)).find(({ source }) => wanted === null || source === wanted)
  if (!incoming) throw new WorkbenchError('not-found', `Expected a file of this upload but got "${wanted}".`)
  const { facts, text: read } = await incoming.read()
  const { text, places } = await read()
  const { shape, chunks } = await cutOf(text, facts, { model, signal })
  const current = parts.library.at(set.row, facts.origin)
  const known = new Set(current ? parts.chunks.cut(current.versionRow, model.tokenizer.digest)?.digests : [])
  const shown = chunks.filter(({ end }) => end <= MOST_TEXT)
  const bySection = Map.groupBy(chunks, ({ section }) => section)
  return {
    title: shape.title,
    format: facts.format,
    sections: shape.sections.map(({ title, level, start }, index) => {
      const own = bySection.get(index + 1) ?? []
      return { title, level, page: pageAt(places, start), chunks: own.length, tokens: tokensIn(own) }
    }),
    chunks: shown.map(({ section, start, end, tokens }) => ({
      section,
      page: pageAt(places, start),
      tokens: tokens.length,
      isNew: !known.has(tokenDigest(tokens)),
      text: text.slice(start, end),
    })),
    chunksLeftOut: chunks.length - shown.length,
  }
}

async function incomingOf({ uploads }: PreviewParts, from: ImportSource, reading: Reading): Promise<Incoming[]> {
  return 'paths' in from ? await incomingFiles(from.paths, reading) : incomingUpload(await uploads.files(from.upload), reading)
}

/** A file that is reached twice is imported once. */
function distinct(files: readonly Incoming[]): Incoming[] {
  const seen = new Set<string>()
  return files.filter(({ path }) => path === undefined || (!seen.has(path) && seen.add(path)))
}

function fileOf({ path, source }: Incoming, from: ImportSource): ImportFile {
  return 'upload' in from ? { upload: from.upload, name: source } : { path: path ?? source }
}

function costsOf({ store }: PreviewParts, { model: id, profile }: KnowledgeSet, { identity, summary }: OpenModel): BuildCosts {
  formOf(store, { id, fingerprint: identity.fingerprint }, profile)
  const ratio = profile === 'f16' ? 1 : (store.codebooks.current(identity.fingerprint, profile)?.ratio ?? 1)
  return new BuildCosts({
    available: (keys) => store.available(keys, ['f16', profile]),
    speed: store.speed(identity.fingerprint),
    bytesPerToken: summary.kvBytesPerToken / ratio,
  })
}

interface FileInput {
  readonly set: KnowledgeSet
  readonly model: OpenModel
  readonly costs: BuildCosts
  readonly incoming: Incoming
  readonly file: ImportFile
  readonly signal: AbortSignal
}

async function previewOf(parts: PreviewParts, { set, model, costs, incoming, file, signal }: FileInput): Promise<PreviewFile> {
  const { source } = incoming
  const build = costs.cost(0)
  const nothing = { pages: 0, sections: 0, chunks: 0, tokens: 0, changes: null, build, document: null, fromTrash: false }
  try {
    const { facts, text: read } = await incoming.read()
    const { format, bytes } = facts
    const current = parts.library.at(set.row, facts.origin)
    const standing = current && parts.chunks.cut(current.versionRow, model.tokenizer.digest)
    const place = { document: current && documentId(current.id), fromTrash: current?.isRemoved ?? false }
    const known = { source, file, detail: null, format, bytes, ...place }
    if (current?.digest === facts.digest && !current.isRemoved) {
      const { versionRow, title } = current
      const [sections, pages] = [parts.library.sections(versionRow).length, pagesIn(parts.library.places(versionRow))]
      const size = { chunks: standing?.digests.length ?? 0, tokens: standing?.tokens ?? 0 }
      return { ...known, outcome: 'unchanged', title, pages, sections, ...size, changes: null, build }
    }
    const { text, places } = await read()
    const { shape, chunks } = await cutOf(text, facts, { model, signal })
    const document = keyed(chunks, { facts, shape, model })
    return {
      ...known,
      outcome: current && !current.isRemoved ? 'new-version' : 'added',
      title: shape.title,
      pages: pagesIn(places),
      sections: shape.sections.length,
      chunks: chunks.length,
      tokens: tokensIn(chunks),
      changes: standing && changesIn(standing.digests, document.chunks),
      build: costs.of(document),
    }
  } catch (error) {
    if (!isDocumentFault(error)) throw error
    return { ...nothing, source, file, outcome: 'failed', detail: errorText(error), said: error.detail, format: null, title: null, bytes: 0 }
  }
}

async function cutOf(
  text: string,
  { format, source }: ImportedFacts,
  { model, signal }: { readonly model: OpenModel; readonly signal: AbortSignal },
): Promise<{ readonly shape: Outline; readonly chunks: Chunk[] }> {
  const shape = await outline(text, format, source)
  return { shape, chunks: await splitDocument(text, shape, model.tokenizer.tokenize, { signal }) }
}

/** As it would be in the set, but for its id. */
function keyed(
  chunks: readonly Chunk[],
  { facts, shape, model }: { readonly facts: ImportedFacts; readonly shape: Outline; readonly model: OpenModel },
): KeyedDocument {
  const named = chunks.map((chunk) => ({ ...chunk, digest: tokenDigest(chunk.tokens) }))
  const keys = variantKeys(model.identity, named)
  const { source, format, bytes } = facts
  return {
    row: { id: NOBODY, set: NOBODY, source, format, version: 1, versionRow: NOBODY, title: shape.title, bytes, importedAt: '' },
    sections: shape.sections,
    chunks: named.map((chunk, position): KeyedChunk => {
      const id = chunkId(NOBODY, chunk.section, chunk.ordinal)
      return { ...chunk, id, document: NOBODY, position, preview: '', keys: keys[position] as VariantKeys }
    }),
  }
}

function changesIn(before: readonly string[], after: readonly { readonly digest: string }[]): PreviewFile['changes'] {
  const left = new Map<string, number>()
  for (const digest of before) left.set(digest, (left.get(digest) ?? 0) + 1)
  let same = 0
  for (const { digest } of after) {
    const count = left.get(digest) ?? 0
    if (count === 0) continue
    left.set(digest, count - 1)
    same += 1
  }
  return { same, changed: after.length - same, gone: before.length - same }
}

function tokensIn(chunks: readonly { readonly tokens: readonly number[] }[]): number {
  return chunks.reduce((sum, { tokens }) => sum + tokens.length, 0)
}

function pagesIn(places: readonly Place[]): number {
  return places.at(-1)?.page ?? 0
}

function totalsOf(files: readonly PreviewFile[], costs: BuildCosts): PreviewTotals {
  const counts = { added: 0, 'new-version': 0, unchanged: 0, failed: 0 }
  for (const { outcome } of files) counts[outcome] += 1
  const sum = (of: (file: PreviewFile) => number): number => files.reduce((total, file) => total + of(file), 0)
  const build: BuildCost = costs.cost(sum((file) => file.build.tokens))
  return { files: counts, bytes: sum(({ bytes }) => bytes), chunks: sum(({ chunks }) => chunks), tokens: sum(({ tokens }) => tokens), build }
}
