/** Hit accounting: what questions reused and computed, why not more, and the history that tells it. */
import { z } from 'zod'
import type { Answer, AskRequest, MissReason, PoorerReason } from './answer'
import type { Strategy } from './strategy'

export const HITS_BY = ['set', 'document', 'section', 'chunk', 'hour', 'day', 'reason'] as const
export type HitsBy = (typeof HITS_BY)[number]

/** An IANA name such as `Asia/Shanghai`. */
const zone = z.string().max(100).refine(isZone, { message: 'Expected the name of a time zone, such as Europe/Rome' })

export const hitsRequest = z.object({
  /** Id or name; default: all sets, also those that were removed. */
  set: z.string().min(1).max(1000).optional(),
  /** Questions asked from then on; default: all that is kept. */
  since: z.iso.datetime().optional(),
  /** What the rows are; `reason`: none, as every report has the reasons. */
  by: z.enum(HITS_BY).default('set'),
  /** Whose hours and days. */
  zone: zone.default('UTC'),
  /** Rows at most. */
  limit: z.int().min(1).max(100_000).default(1000),
})
export type HitsRequest = z.infer<typeof hitsRequest>
export type HitsInput = z.input<typeof hitsRequest>

/** `tokens`: knowledge selected, which is `reused` + `recomputed` + `missed`. */
export interface HitFigures {
  /** Queries; of a document, section, chunk or reason: how often a chunk of it was selected. */
  readonly times: number
  readonly tokens: number
  /** From caches, and not computed again. */
  readonly reused: number
  /** From caches, and computed again in their place. */
  readonly recomputed: number
  readonly missed: number
  /** reused / tokens; null when nothing was selected. */
  readonly hitRate: number | null
}

export interface HitRow extends HitFigures {
  /** Of the set, document, section or chunk; of an hour or day its start: `2025-01-31 14:00`, `2025-01-31`. */
  readonly id: string
  /** Id of the set; empty for hours and days, which are of all sets asked for. */
  readonly set: string
  /** Name, title or first words; as the id where there are none. */
  readonly name: string
  /**
   * `earlier`: texts that the document had in earlier versions, all in one row; its id is the document's. `removed`:
   * the set or document is not there any more. Sections and chunks are those of the current version: a text keeps its
   * history wherever an edit has moved it inside its document, and what replaced it begins with none.
   */
  readonly state: 'current' | 'earlier' | 'removed'
}

/**
 * What mends a reason. `build`: a build of the set. `keep`: the question once more, and what it misses is built then.
 * `strategy`: a strategy that reuses more. `recode`: coding the set in the profile asked for.
 */
const MENDS = ['build', 'keep', 'strategy', 'recode'] as const
export type Mend = (typeof MENDS)[number]

/** Tokens that were computed, or reused in a poorer variant, for one reason. */
export type ReasonRow = {
  /** Chunks in queries; null for `recomputed`, of which tokens alone are counted. */
  readonly times: number | null
  /** Of `recomputed` those computed again, of the others all of their chunks'. */
  readonly tokens: number
  /** Of all tokens selected. */
  readonly share: number
  readonly why: string
  readonly mend: Mend
  /** The one thing that mends it, as a sentence for the command line. */
  readonly remedy: string
} & (
  | { readonly kind: 'missed'; readonly reason: MissReason }
  /** Reused all the same: these count as hits. */
  | { readonly kind: 'poorer'; readonly reason: PoorerReason }
  | { readonly kind: 'recomputed'; readonly reason: 'recomputed' }
)

export interface HitsReport {
  /** Id and name of the set asked for; null: all. */
  readonly set: { readonly id: string; readonly name: string } | null
  readonly since: string | null
  readonly by: HitsBy
  readonly total: HitFigures
  /** In reading order; hours and days newest first. */
  readonly rows: readonly HitRow[]
  /** Rows beyond the limit. */
  readonly leftOut: number
  /** Most tokens first: what was missed, or computed again; then hits in poorer variants. */
  readonly reasons: readonly ReasonRow[]
}

/** What became of a document, a section or a chunk in the questions that took it. */
export interface NodeHits extends HitFigures {
  /** In the newest questions, most tokens first. */
  readonly reasons: readonly ReasonRow[]
  /** The newest, newest first. */
  readonly misses: readonly PastMiss[]
  /** What would mend most of it; null: there is nothing to mend, or it has been mended since. */
  readonly mend: ReasonRow | null
}

/** A part of the node that a question did not find cached. */
export interface PastMiss {
  /** Number of the query. */
  readonly query: number
  readonly askedAt: string
  readonly question: string
  /** As it was then. */
  readonly node: string
  readonly tokens: number
  readonly reason: MissReason
}

export const TIMELINE_SPLITS = ['tier', 'set', 'document'] as const
export type TimelineSplit = (typeof TIMELINE_SPLITS)[number]

export const timelineRequest = z.object({
  /** Id or name; default: all sets. */
  set: z.string().min(1).max(1000).optional(),
  since: z.iso.datetime().optional(),
  /** What has a line: where tokens came from, or how often they were reused, set by set or document by document. */
  split: z.enum(TIMELINE_SPLITS).default('tier'),
  /** Documents are counted by UTC days alone. */
  step: z.enum(['hour', 'day']).default('day'),
  zone: zone.default('UTC'),
  /** Lines at most: those with most tokens. */
  most: z.int().min(1).max(50).default(8),
})
export type TimelineInput = z.input<typeof timelineRequest>

/** Where selected tokens came from; `recomputed`: from a cache, and computed again in their place. */
export const TIERS = ['memory', 'disk', 'recomputed', 'missed'] as const
export type Tier = (typeof TIERS)[number]

export interface TimelinePoint {
  readonly tokens: number
  /** Of a tier: of all tokens selected then. Of a set or document: its hit rate. Null: nothing was selected. */
  readonly share: number | null
}

export interface TimelineSeries {
  /** A tier, or the id of a set or document. */
  readonly id: string
  readonly name: string
  readonly state: 'current' | 'removed'
  /** One for each start. */
  readonly points: readonly TimelinePoint[]
}

/** Hit rates over time. Hours and days in which nothing was asked are left out. */
export interface HitTimeline {
  readonly split: TimelineSplit
  readonly step: 'hour' | 'day'
  /** Oldest first: `2025-01-31 14:00`, `2025-01-31`. */
  readonly starts: readonly string[]
  readonly series: readonly TimelineSeries[]
  /** Lines beyond the limit. */
  readonly leftOut: number
}

export const historyRequest = z.object({
  /** Id or name; default: all sets. */
  set: z.string().min(1).max(1000).optional(),
  limit: z.int().min(1).max(1000).default(20),
  /** Only queries older than the one of this number, to read on. */
  before: z.int().positive().optional(),
})
export type HistoryRequest = z.infer<typeof historyRequest>
export type HistoryInput = z.input<typeof historyRequest>

export interface PastQuery {
  readonly id: number
  readonly askedAt: string
  readonly set: string
  /** Null: the set was removed. */
  readonly setName: string | null
  readonly model: string
  readonly strategy: Strategy
  readonly question: string
  readonly ttftMs: number
  readonly knowledgeTokens: number
  readonly questionTokens: number
  /** Of cached chunks; of them `recomputedTokens` were computed again. */
  readonly reusedTokens: number
  readonly recomputedTokens: number
  readonly computedTokens: number
  /** Null when nothing was selected. */
  readonly hitRate: number | null
  readonly bytesRead: number
  /** Null: stopped behind its first token, by whoever asked or by a failure. */
  readonly generatedTokens: number | null
}

/** A query as it was asked and answered. */
export interface WholeQuery {
  readonly query: PastQuery
  /** Null for a query that was stopped, or that is older than the 1,000 newest that are kept whole. */
  readonly request: AskRequest | null
  readonly answer: Answer | null
}

function isZone(name: string): boolean {
  try {
    Intl.DateTimeFormat('en', { timeZone: name })
    return true
  } catch {
    return false
  }
}
