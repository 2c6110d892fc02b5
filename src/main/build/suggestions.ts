/** Questions that a set suggests, with what of it to ask, as ids. */
import { WorkbenchError } from '../../shared/errors'
import type { NodeId, Suggestion } from '../../shared/knowledge'
import { findNodes, type NamedTree } from '../documents/find-node'
import { documentId, sectionId } from '../documents/node-id'
import { selectChunks } from '../documents/selection'
import type { KnowledgeSet, SuggestedQuestion } from '../documents/sets'
import type { ModelIdentity } from '../store/key'
import { includedChunks, type IncludedChunk } from './included'
import type { KeyedChunk, KeyedDocument } from './knowledge'

/** Those whose parts are there. */
export function suggestionsOf(set: KnowledgeSet, documents: readonly KeyedDocument[]): Suggestion[] {
  return suggestionsByName(set, () => documents)
}

/** @param read is called where parts have to be found by their names */
export function suggestionsByName(
  { name, suggestions }: KnowledgeSet,
  read: () => readonly Pick<KeyedDocument, 'row' | 'sections'>[],
): Suggestion[] {
  const tree = suggestions.some(({ include }) => include.length > 0) ? read().map(namesOf) : []
  return suggestions.flatMap((suggestion) => suggested(suggestion, { name, tree }))
}

/** What suggested questions ask of, so that caches behind gaps can be there before the first of them is asked. */
export function suggestedSelections(
  set: KnowledgeSet,
  model: ModelIdentity,
  documents: readonly KeyedDocument[],
): IncludedChunk[][] {
  return suggestionsOf(set, documents)
    .filter(({ include }) => include.length > 0)
    .map(({ include }) => includedChunks(model, suggestedChunks(documents, include)))
}

/** In reading order. */
export function suggestedChunks(documents: readonly KeyedDocument[], include: readonly NodeId[]): KeyedChunk[] {
  return selectChunks(
    documents.flatMap(({ chunks }) => chunks),
    { include: [...include], exclude: [] },
  )
}

/** Nothing while what it asks of is not there: not imported yet, or removed. */
function suggested({ question, include }: SuggestedQuestion, set: NamedTree): Suggestion[] {
  if (include.length === 0) return [{ question, include: [] }]
  try {
    return [{ question, include: findNodes(set, include) }]
  } catch (error) {
    if (error instanceof WorkbenchError) return []
    throw error
  }
}

/** Sets suggest documents and sections alone. */
function namesOf({ row, sections }: Pick<KeyedDocument, 'row' | 'sections'>): NamedTree['tree'][number] {
  return {
    id: documentId(row.id),
    title: row.title,
    source: row.source,
    sections: sections.map(({ title }, at) => ({ id: sectionId(row.id, at + 1), title, chunks: [] })),
  }
}
