/** Knowledge sets, documents and what of them a query takes. */
import { z } from 'zod'
import type { Detail } from './details'
import type { Profile } from './profile'

/**
 * Ids are short and typeable: `d12` a document, `d12.s3` its third section, `d12.s3.c2` that section's second chunk.
 * Section and chunk numbers start at 1 and belong to the document's current version.
 */
export const nodeId = z.string().regex(/^d\d+(\.s\d+(\.c\d+)?)?$/)
export type NodeId = string

/**
 * What a query takes of a set. The most specific listed id on the way from a chunk up to its document decides; where none
 * is listed, a chunk is in when `include` is empty and out otherwise. An id in both lists is out.
 */
export const selection = z.object({
  include: z.array(nodeId).max(100_000).default([]),
  exclude: z.array(nodeId).max(100_000).default([]),
})
export type Selection = z.infer<typeof selection>
export type SelectionInput = z.input<typeof selection>

/**
 * Of a chunk's best variant, and of a document from all of its chunks. `partly`: a poorer variant, some of its chunks.
 * `building`: a running job is making it. `damaged`: it was set aside, and has not been made again. `stale`: caches exist
 * for an earlier text of this place only.
 */
export const CACHE_STATES = ['cached', 'partly', 'building', 'stale', 'missing', 'damaged'] as const
export type CacheState = (typeof CACHE_STATES)[number]

export interface ChunkNode {
  readonly id: NodeId
  readonly tokens: number
  readonly state: CacheState
  /** Variants at hand for the set's model. */
  readonly variants: readonly ContextKind[]
  /** Of this text, wherever in its document questions found it; absent where none did. */
  readonly hitRate?: number
  /** The first words, for a list. */
  readonly preview: string
}

export interface SectionNode {
  readonly id: NodeId
  /** Heading text; the part before the first heading has the document's title. */
  readonly title: string
  /** 1 to 6; 0 for the part before the first heading. */
  readonly level: number
  readonly tokens: number
  readonly state: CacheState
  /** Of its chunks' texts; absent where no question took any. */
  readonly hitRate?: number
  readonly chunks: readonly ChunkNode[]
}

export interface DocumentNode {
  readonly id: NodeId
  readonly title: string
  /** Where it came from, as given. */
  readonly source: string
  /** Counts from 1; a re-import of changed text makes the next. */
  readonly version: number
  readonly bytes: number
  readonly tokens: number
  readonly state: CacheState
  /** Of all its versions; absent where no question took any. */
  readonly hitRate?: number
  readonly importedAt: string
  readonly sections: readonly SectionNode[]
}

export interface SetSummary {
  readonly id: string
  readonly name: string
  readonly model: string
  /** How its caches are kept. */
  readonly profile: Profile
  readonly documents: number
  readonly createdAt: string
}

export interface SetTree extends SetSummary {
  readonly tokens: number
  readonly chunks: number
  readonly cachedChunks: number
  readonly cacheBytes: number
  /** Documents in reading order. */
  readonly tree: readonly DocumentNode[]
  readonly suggestions: readonly Suggestion[]
}

/** A question that suits a set (the sample set has some). */
export interface Suggestion {
  readonly question: string
  /** What of the set to ask; empty: all of it. */
  readonly include: readonly NodeId[]
}

/** What stood in front of a chunk when its K/V were computed (`docs/formats.md`, "Variants"). */
export const CONTEXT_KINDS = ['bos', 'prefix', 'document', 'tail'] as const
export type ContextKind = (typeof CONTEXT_KINDS)[number]

/** A chunk's text, token by token. */
export interface ChunkTokens {
  readonly id: NodeId
  /** Of all its tokens. */
  readonly text: string
  /** Where each token ends in the text, in UTF-16 code units. One that is part of a character ends where that begins. */
  readonly ends: readonly number[]
}

export interface ImportOutcome {
  readonly source: string
  readonly document: NodeId | null
  /** `unchanged`: same bytes as the current version. `failed`: nothing of it was stored. */
  readonly outcome: 'added' | 'new-version' | 'unchanged' | 'failed'
  readonly detail: string
  /** The detail of one that failed, as data. */
  readonly said?: Detail | undefined
}

/** A document as it was at one time. */
export interface DocumentVersion {
  readonly number: number
  readonly title: string
  readonly bytes: number
  readonly importedAt: string
  readonly isCurrent: boolean
  readonly sections: number
  /** Against the version before; none of the first. */
  readonly changes: readonly SectionChange[]
  /** Changes that are not named. */
  readonly changesLeftOut: number
}

export interface SectionChange {
  readonly title: string
  readonly level: number
  readonly change: 'added' | 'removed' | 'changed'
}

export const searchOptions = z.object({
  /** Most hits. */
  limit: z.int().min(1).max(200).default(10),
})
export type SearchInput = z.input<typeof searchOptions>

/** A chunk in which words of a search stand. */
export interface SearchHit {
  readonly id: NodeId
  readonly document: NodeId
  /** Of the document. */
  readonly title: string
  /** Of the document, as given. */
  readonly source: string
  /** Heading under which it stands. */
  readonly section: string
  /** Of the chunk. */
  readonly tokens: number
  /** The part of the chunk with most of the words. */
  readonly snippet: string
  /** Where in the snippet words stand that were looked for: offsets in UTF-16 code units, in order, apart. */
  readonly marks: readonly (readonly [start: number, end: number])[]
  /** Of the snippet in the document's text. */
  readonly start: number
  /** On which most of the words stand; null where the document has no pages. */
  readonly page: number | null
  /** BM25: the higher, the better. Comparable within one search only. */
  readonly score: number
}

/** A file of a folder, or of a document that came from there. */
export interface FolderEntry {
  /** Absolute. */
  readonly path: string
  readonly document: NodeId | null
  /** `gone`: the document is there, its file is not. `unreadable`: nothing is known about it or what is below it. */
  readonly state: 'new' | 'changed' | 'gone' | 'unreadable'
  /** Why it is unreadable. */
  readonly detail: string | null
  readonly said?: Detail | undefined
}

/** What differs between folders and a set. */
export interface FolderDiff {
  readonly folders: readonly string[]
  readonly entries: readonly FolderEntry[]
  /** Files that are as they were imported. */
  readonly unchanged: number
}
