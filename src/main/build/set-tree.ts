import type { ChunkNode, DocumentNode, NodeId, SectionNode, SetTree } from '../../shared/knowledge'
import { documentId, sectionId } from '../documents/node-id'
import type { KnowledgeSet } from '../documents/sets'
import type { Store } from '../store/store'
import { tokenCount, type KeyedDocument } from './knowledge'
import { chunkState, joinStates, variantsOf, type Evidence } from './states'
import { suggestionsOf } from './suggestions'

export interface TreeFacts {
  /** Fingerprint of the model whose caches count. */
  readonly model: string
  readonly evidence: Evidence
  /** By id, of what questions have taken. Default: of nothing. */
  readonly hitRates?: ReadonlyMap<NodeId, number>
}

/** The whole tree of a set with tokens, cache states and hit rates. */
export function setTree(
  set: KnowledgeSet,
  documents: readonly KeyedDocument[],
  { store, ...facts }: TreeFacts & { readonly store: Store },
): SetTree {
  const tree = documents.map((document) => documentNode(document, facts))
  const chunks = tree.flatMap(({ sections }) => sections.flatMap((section) => section.chunks))
  const keys = documents.flatMap((document) =>
    document.chunks.flatMap(({ keys }) => [keys.bos.key, keys.prefix.key, keys.document.key]),
  )
  const digests = documents.flatMap((document) => document.chunks.map(({ digest }) => digest))
  const { id, name, model: modelId, profile, createdAt } = set
  return {
    id,
    name,
    model: modelId,
    profile,
    createdAt,
    suggestions: suggestionsOf(set, documents),
    documents: documents.length,
    tokens: documents.reduce((sum, document) => sum + tokenCount(document), 0),
    chunks: chunks.length,
    cachedChunks: chunks.filter(({ state }) => state === 'cached').length,
    cacheBytes: store.bytesOf([...new Set([...keys, ...store.tailsOf(facts.model, digests)])]),
    tree,
  }
}

/** A document with its parts. */
export function documentNode(document: KeyedDocument, { model, evidence, hitRates = new Map() }: TreeFacts): DocumentNode {
  const { row } = document
  const bySection = Map.groupBy(document.chunks, ({ section }) => section)
  const sections = document.sections.map(({ title, level }, index): SectionNode => {
    const chunks = (bySection.get(index + 1) ?? []).map((chunk): ChunkNode => ({
      id: chunk.id,
      tokens: chunk.tokens.length,
      state: chunkState(chunk, model, evidence),
      variants: variantsOf(chunk, evidence.available),
      hitRate: hitRates.get(chunk.id),
      preview: chunk.preview,
    }))
    return {
      id: sectionId(row.id, index + 1),
      title,
      level,
      tokens: chunks.reduce((sum, { tokens }) => sum + tokens, 0),
      state: joinStates(chunks.map(({ state }) => state)),
      hitRate: hitRates.get(sectionId(row.id, index + 1)),
      chunks,
    }
  })
  return {
    id: documentId(row.id),
    title: row.title,
    source: row.source,
    version: row.version,
    bytes: row.bytes,
    tokens: tokenCount(document),
    state: joinStates(sections.flatMap(({ chunks }) => chunks.map(({ state }) => state))),
    hitRate: hitRates.get(documentId(row.id)),
    importedAt: row.importedAt,
    sections,
  }
}
