/** Looking after the store: what it holds, what may go, what came back. */
import { z } from 'zod'
import { CONTEXT_KINDS, type ContextKind, type NodeId } from './knowledge'
import { profile, type Profile } from './profile'

export interface StoreStats {
  readonly entries: number
  /** Of all copies; the trash is not counted. */
  readonly bytes: number
  readonly quarantined: number
  readonly pinned: number
  readonly profiles: readonly { readonly profile: Profile; readonly copies: number; readonly bytes: number }[]
  readonly trash: { readonly copies: number; readonly bytes: number }
  /** Most bytes of all copies; null: as many as the disk takes. */
  readonly quota: number | null
}

/** Copies that were thrown away together. */
export interface TrashBatch {
  readonly batch: number
  readonly copies: number
  readonly bytes: number
  readonly trashedAt: string
}

/** Most rows that a preview shows. */
export const MOST_CLEAN_ROWS = 1000

/** Which copies a clean-up takes; conditions hold together. Pinned ones are never taken. */
export const cleanFilter = z.object({
  /** Id or name of a set whose documents' caches are meant. */
  set: z.string().min(1).max(1000).optional(),
  profile: profile.optional(),
  /** Neither used nor made in so many days. */
  unusedDays: z.number().min(0).max(100_000).optional(),
  /** Of texts that no document of any set has any more. */
  unreferenced: z.boolean().default(false),
  /** Only copies beside which another one stays. */
  duplicates: z.boolean().default(false),
  /** So many bytes, least valuable first; all that fit the conditions when absent. */
  bytes: z.number().positive().optional(),
  /** Rows to show of what goes. */
  rows: z.int().min(0).max(MOST_CLEAN_ROWS).default(0),
})
export type CleanInput = z.input<typeof cleanFilter>
export type CleanFilter = z.infer<typeof cleanFilter>

/** A copy that a clean-up would take. */
export interface CleanRow {
  readonly key: string
  readonly profile: Profile
  readonly bytes: number
  /** Whether the cache stays, in another copy. */
  readonly stays: boolean
  /** Of the cache; what it takes to have it again, where it does not stay. */
  readonly computeMs: number
  readonly usedAt: string | null
  readonly createdAt: string
  readonly hits: number
  readonly place: CachePlace | null
}

export interface CleanPreview {
  readonly copies: number
  readonly bytes: number
  /** Caches that would be gone altogether, and the time it took to compute them. */
  readonly caches: number
  readonly recomputeMs: number
  /** The first that go, the most valuable last; as many as were asked for. */
  readonly rows: readonly CleanRow[]
}

/** Where a cache's text stands now. */
export interface CachePlace {
  readonly set: string
  readonly setName: string
  readonly document: NodeId
  readonly title: string
  readonly section: string
  /** The chunk. */
  readonly node: NodeId
  /** Its first words. */
  readonly preview: string
}

/** A cache as a list shows it. */
export interface CacheRow {
  readonly key: string
  /** The first place in reading order; null: no document has its text any more. */
  readonly place: CachePlace | null
  /** How many places its text has. */
  readonly places: number
  readonly kind: ContextKind
  readonly tokens: number
  /** Of its copies; none where all of them were damaged and set aside. */
  readonly profiles: readonly Profile[]
  /** Of all its copies. */
  readonly bytes: number
  readonly computeMs: number
  readonly createdAt: string
  readonly usedAt: string | null
  readonly hits: number
  readonly pinned: boolean
  /** Why a copy of it was set aside; null where none was. */
  readonly damage: string | null
  /** Bytes that the engine keeps of it in memory now, decoded. */
  readonly memoryBytes: number
}

/** Conditions hold together. */
export const cacheFilter = z.object({
  /** Id or name of a set in whose documents the text stands now. */
  set: z.string().min(1).max(1000).optional(),
  /** Id of a document, such as d12. */
  document: z.string().regex(/^d\d+$/, 'Expected the id of a document, such as d12').optional(),
  /** Part of a document's title, whatever its case. */
  title: z.string().max(200).optional(),
  /** There is a copy in it. */
  profile: profile.optional(),
  kind: z.enum(CONTEXT_KINDS).optional(),
  pinned: z.boolean().default(false),
  /** Neither used nor made in so many days. */
  unusedDays: z.number().min(0).max(100_000).optional(),
  /** A copy of it was set aside. */
  damaged: z.boolean().default(false),
  /** It has several copies. */
  duplicates: z.boolean().default(false),
  /** No document of any set has its text any more. */
  unreferenced: z.boolean().default(false),
})
export type CacheFilterInput = z.input<typeof cacheFilter>
export type CacheFilter = z.infer<typeof cacheFilter>

export const CACHE_SORTS = ['use', 'size', 'hits', 'tokens', 'compute', 'made', 'document'] as const
export type CacheSort = (typeof CACHE_SORTS)[number]

export const cachePage = cacheFilter.extend({
  /** `use`: last used or made; `document`: reading order. Default: `document` of a set, else `use`. */
  sort: z.enum(CACHE_SORTS).optional(),
  /** Default: of everything but `document`. */
  descending: z.boolean().optional(),
  limit: z.int().min(1).max(1000).default(100),
  offset: z.int().min(0).default(0),
})
export type CachePageInput = z.input<typeof cachePage>

export interface CachePage {
  readonly rows: readonly CacheRow[]
  /** Of all that match. */
  readonly total: number
  readonly bytes: number
}

const cacheKey = z.string().regex(/^[0-9a-f]{64}$/, 'Expected the key of a cache, 64 hexadecimal digits')

/** Caches that an action is for: some, or all that match. */
export const chosenCaches = z.union([
  z.object({ keys: z.array(cacheKey).min(1).max(10_000) }),
  z.object({ filter: cacheFilter }),
])
export type ChosenCachesInput = z.input<typeof chosenCaches>
export type ChosenCaches = z.infer<typeof chosenCaches>

/** What was thrown away of chosen caches. */
export interface Evicted {
  /** To bring it back by; null where nothing went. */
  readonly batch: number | null
  readonly caches: number
  readonly copies: number
  readonly bytes: number
  readonly recomputeMs: number
  /** Pinned ones stay. */
  readonly pinned: number
}

export interface CacheCopy {
  readonly profile: Profile
  readonly bytes: number
  /** Digest of the codebook that it is coded by; null for f16. */
  readonly codebook: string | null
  /** Digest of the file. */
  readonly object: string
  readonly madeAt: string
  /** Made only to be coded in another profile. */
  readonly temporary: boolean
}

/** A question that a cache served. */
export interface CacheUse {
  readonly query: number
  readonly askedAt: string
  readonly set: string
  readonly question: string
  /** Of its tokens, computed again in their place. */
  readonly recomputed: number
}

/** What stood in front when a cache was computed. */
export type CacheFront =
  | { readonly kind: 'bos' | 'prefix'; readonly tokens: number }
  /** The prefix, then these chunks, whole. */
  | { readonly kind: 'document'; readonly tokens: number; readonly chunks: readonly NodeId[] }
  /** Parts that a selection left, or text that has changed since. */
  | { readonly kind: 'unknown' }

export interface CacheDetail extends CacheRow {
  /** Null: none of the models that are known. */
  readonly model: { readonly id: string; readonly name: string } | null
  readonly fingerprint: string
  /** Digest of the tokens in front. */
  readonly chain: string
  readonly front: CacheFront
  readonly tokenDigest: string
  /** Of its chunk; null: no version of any document has it. */
  readonly text: string | null
  readonly copies: readonly CacheCopy[]
  readonly damaged: readonly { readonly profile: Profile; readonly why: string; readonly foundAt: string }[]
  readonly stands: readonly CachePlace[]
  /** Caches of the same text behind other contexts. */
  readonly variants: readonly CacheRow[]
  /** Newest first, of the newest 2,000 questions. */
  readonly uses: readonly CacheUse[]
}

export const CACHE_PLANES = [
  'keyNorms',
  'valueNorms',
  'keyDeviations',
  'valueDeviations',
  'attention',
  'questionAttention',
] as const
export type CachePlaneName = (typeof CACHE_PLANES)[number]

export const drawOptions = z.object({
  /** Of which copy; default: the most faithful. */
  profile: profile.optional(),
  /** Whose attention is drawn as well. */
  question: z.string().min(1).max(100_000).optional(),
  /** Tokens [from, to) of the cache; default: all of them. */
  from: z.int().nonnegative().optional(),
  to: z.int().positive().optional(),
})
export type DrawInput = z.input<typeof drawOptions>

/** One cache, layer by layer and token by token (`CachePlanes` says what each plane is). */
export interface CacheDrawing {
  readonly key: string
  readonly profile: Profile
  readonly tokens: number
  /** What is drawn of them. */
  readonly from: number
  readonly to: number
  /** Of the chunk and in whose document it was looked at; null: as it was computed. */
  readonly node: NodeId | null
  /** Tokens that full prefill had in front. */
  readonly frontTokens: number
  readonly question: string | null
  readonly layers: number
  readonly cells: number
  readonly tokensPerCell: number
  /** [layers][cells]; `questionAttention` is empty without a question. */
  readonly planes: Readonly<Record<CachePlaneName, readonly (readonly number[])[]>>
  /** Of each drawn token. */
  readonly texts: readonly string[]
}

export interface ScrubResult {
  readonly checked: number
  readonly bytes: number
  readonly damaged: readonly { readonly key: string; readonly profile: Profile; readonly why: string }[]
}
