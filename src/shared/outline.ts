/** Sets of any size, as lists show them: a row per document; its parts when it is opened. */
import { z } from 'zod'
import type { CacheState, DocumentNode, NodeId, Selection, SetSummary, Suggestion } from './knowledge'

/** A document without its parts. */
export interface DocumentOutline {
  readonly id: NodeId
  readonly title: string
  readonly tokens: number
  readonly chunks: number
  readonly cachedChunks: number
  readonly state: CacheState
  /** Of all its versions; absent where no question took any. */
  readonly hitRate?: number
  /** Counts from 1. */
  readonly version: number
}

export const outlinePage = z.object({
  /** Documents to leave out from the start. */
  offset: z.int().min(0).default(0),
  limit: z.int().min(0).max(10_000).default(2000),
})
export type OutlinePageInput = z.input<typeof outlinePage>

/** Sums are of the whole set. */
export interface SetOutline extends SetSummary {
  readonly tokens: number
  readonly chunks: number
  readonly cachedChunks: number
  readonly suggestions: readonly Suggestion[]
  /** Another text after a change of anything here. */
  readonly revision: string
  /** In reading order, from the offset asked for. */
  readonly rows: readonly DocumentOutline[]
}

/** A document with its parts. */
export interface DocumentDetail extends DocumentNode {
  /** Id of its set. */
  readonly set: string
}

/** What a selection takes of a set. */
export interface Selected {
  readonly documents: number
  readonly chunks: number
  readonly cachedChunks: number
  readonly tokens: number
  /** The same selection as the shortest list of exclusions, without what is not there any more. */
  readonly exclude: readonly NodeId[]
  /** Ids of the selection that name nothing in the set: a question would be refused because of them. */
  readonly unknown: readonly NodeId[]
}

/** A selection that was given a name. */
export interface SavedSelection {
  readonly name: string
  readonly selection: Selection
  readonly savedAt: string
}
