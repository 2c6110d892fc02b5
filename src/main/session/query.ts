/** What was asked, of what, and when. */
import type { AskRequest } from '../../shared/answer'
import { WorkbenchError } from '../../shared/errors'
import { includedChunks, type IncludedChunk } from '../build/included'
import type { KeyedDocument, Knowledge } from '../build/knowledge'
import { selectChunks } from '../documents/selection'
import type { KnowledgeSet } from '../documents/sets'
import type { OpenModel } from './models'

export interface AskInput {
  readonly request: AskRequest
  readonly set: KnowledgeSet
  readonly model: OpenModel
  readonly signal: AbortSignal
  /** Whether decoded caches are kept in engine memory and taken from it; default true. */
  readonly memory?: boolean
  /** Hears which caches would have served this query better, and of what selection. */
  readonly onMissed?: (missed: Missed) => void
}

export interface Missed {
  readonly keys: ReadonlySet<string>
  readonly included: readonly IncludedChunk[]
}

export interface Query extends AskInput {
  readonly handle: { readonly model: string; readonly device: string }
  /** Documents of which something is included. */
  readonly documents: readonly KeyedDocument[]
  readonly included: readonly IncludedChunk[]
  readonly knowledgeTokens: number
  readonly prefix: readonly number[]
  readonly tail: readonly number[]
  /** Of `performance.now()`; a model that had to be loaded first is not part of a query's time. */
  readonly startedAt: number
}

/** @throws engine.context-too-long, not-found, … */
export async function select(knowledge: Knowledge, input: AskInput): Promise<Query> {
  const { request, set, model, signal } = input
  const handle = await model.load(signal)
  const startedAt = performance.now()
  const { documents, others } = await knowledge.readSelected(set.row, request.selection, { model, signal })
  const chunks = selectChunks(
    documents.flatMap((document) => document.chunks),
    request.selection,
    others,
  )
  const rendered = model.frame.render(request.question, request.history)
  const [prefix, tail] = await Promise.all([
    model.prefixTokens(rendered.prefix, signal),
    model.tailTokens(rendered.tail, signal),
  ])
  const touched = new Set(chunks.map(({ document }) => document))
  const query: Query = {
    ...input,
    handle,
    startedAt,
    included: includedChunks(model.identity, chunks),
    knowledgeTokens: chunks.reduce((sum, { tokens }) => sum + tokens.length, 0),
    prefix,
    tail,
    documents: documents.filter(({ row }) => touched.has(row.id)),
  }
  assertFits(query)
  return query
}

/** Tokens that are left for an answer. */
export function roomOf({ model, prefix, tail, knowledgeTokens }: Query): number {
  return model.identity.contextLength - prefix.length - tail.length - knowledgeTokens
}

function assertFits(query: Query): void {
  if (roomOf(query) > 0) return
  const { knowledgeTokens, prefix, tail, model, set } = query
  throw new WorkbenchError(
    'engine.context-too-long',
    {
      id: 'context.too-long',
      params: {
        limit: model.identity.contextLength,
        model: model.summary.id,
        set: set.name,
        knowledge: knowledgeTokens,
        question: prefix.length + tail.length,
      },
    },
  )
}
