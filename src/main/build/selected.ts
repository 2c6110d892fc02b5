/** What a selection takes, as sums and as the shortest list of exclusions, read from whole documents where it can be. Pure. */
import type { NodeId, Selection } from '../../shared/knowledge'
import type { Selected } from '../../shared/outline'
import { chunkId, documentId, idChain, parseNodeId, sectionId } from '../documents/node-id'

export interface SelectableDocument {
  /** Its number. */
  readonly id: number
  readonly tokens: number
  readonly chunks: number
  readonly cachedChunks: number
}

export interface SelectableChunk {
  readonly section: number
  readonly ordinal: number
  readonly tokens: number
  readonly isCached: boolean
}

/** @param chunksOf of a document, in order; called for those alone of which the selection names parts */
export function selectedOf(
  documents: readonly SelectableDocument[],
  selection: Selection,
  chunksOf: (document: number) => readonly SelectableChunk[],
): Selected {
  const rule = ruleOf(selection)
  const unknown = new Set<NodeId>([...selection.include, ...selection.exclude])
  const sum = { documents: 0, chunks: 0, cachedChunks: 0, tokens: 0 }
  const exclude: NodeId[] = []
  for (const document of documents) {
    const id = documentId(document.id)
    unknown.delete(id)
    if (!rule.namesPartsOf(document.id)) {
      if (rule.isOut(id)) exclude.push(id)
      else add(sum, { ...document, documents: 1 })
      continue
    }
    const chunks = chunksOf(document.id)
    const taken = chunks.filter(({ section, ordinal }) => !rule.isOut(chunkId(document.id, section, ordinal)))
    for (const { section, ordinal } of chunks) {
      unknown.delete(sectionId(document.id, section))
      unknown.delete(chunkId(document.id, section, ordinal))
    }
    if (taken.length > 0)
      add(sum, {
        documents: 1,
        chunks: taken.length,
        cachedChunks: taken.filter(({ isCached }) => isCached).length,
        tokens: taken.reduce((tokens, chunk) => tokens + chunk.tokens, 0),
      })
    exclude.push(...excluded(document.id, chunks, new Set(taken)))
  }
  return { ...sum, exclude, unknown: [...unknown] }
}

/** The rule of `Selection`. */
function ruleOf({ include, exclude }: Selection): {
  readonly isOut: (id: NodeId) => boolean
  readonly namesPartsOf: (document: number) => boolean
} {
  const taken = new Set(include)
  const left = new Set(exclude)
  const divided = new Set([...include, ...exclude].filter((id) => id.includes('.')).map((id) => parseNodeId(id).document))
  return {
    isOut: (id) => {
      const decisive = idChain(id).find((step) => taken.has(step) || left.has(step))
      return decisive === undefined ? taken.size > 0 : left.has(decisive)
    },
    namesPartsOf: (document) => divided.has(document),
  }
}

/** Whole sections, and the whole document, rather than all of their chunks. */
function excluded(
  document: number,
  chunks: readonly SelectableChunk[],
  taken: ReadonlySet<SelectableChunk>,
): NodeId[] {
  if (chunks.length > 0 && taken.size === 0) return [documentId(document)]
  return [...Map.groupBy(chunks, ({ section }) => section)].flatMap(([section, own]) => {
    const out = own.filter((chunk) => !taken.has(chunk))
    if (out.length === own.length) return [sectionId(document, section)]
    return out.map(({ ordinal }) => chunkId(document, section, ordinal))
  })
}

type Sums = { -readonly [Name in 'documents' | 'chunks' | 'cachedChunks' | 'tokens']: number }

function add(sum: Sums, more: Readonly<Sums>): void {
  sum.documents += more.documents
  sum.chunks += more.chunks
  sum.cachedChunks += more.cachedChunks
  sum.tokens += more.tokens
}
