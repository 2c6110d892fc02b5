/** The first page: what happened lately, what wants doing, what was saved. */
import { z } from 'zod'
import type { Detail } from './details'
import type { HitFigures, PastQuery } from './hits'
import type { SetSummary } from './knowledge'

export const homeRequest = z.object({
  /** Whose day it is, an IANA name such as `Asia/Shanghai`. */
  zone: z.string().max(100).default('UTC'),
  /** Questions and sets at most. */
  limit: z.int().min(1).max(50).default(6),
})
export type HomeInput = z.input<typeof homeRequest>

/** Of today's questions; `saved`: null where it is not known how fast their models read. */
export interface Today {
  readonly figures: HitFigures
  readonly saved: Saved | null
}

export interface Saved {
  readonly seconds: number
  /** Tokens that came from caches and were not computed again, of models whose speed is known. */
  readonly tokens: number
  /** By model: prefill, tokens per second, as the median of so many questions that computed all of their knowledge. */
  readonly speeds: readonly { readonly model: string; readonly tokensPerSecond: number; readonly questions: number }[]
}

export interface Home {
  /** Null: nothing was asked today. */
  readonly today: Today | null
  /** Newest first. */
  readonly questions: readonly PastQuery[]
  /** Those asked last first, then the newest. */
  readonly sets: readonly SetSummary[]
  /** `verdict`: whether it passed its check; null: not checked. */
  readonly models: readonly { readonly id: string; readonly verdict: boolean | null; readonly isDefault: boolean }[]
}

/** What a set wants. */
export interface SetNeeds {
  readonly set: string
  readonly chunks: number
  /** Chunks without a cache. */
  readonly missing: number
  /** Documents whose caches are of an earlier text. */
  readonly stale: number
  /** What differs in its folders; null: it has none. */
  readonly folders: { readonly changed: number; readonly problem: string | null; readonly said?: Detail | undefined } | null
  /** The one thing to do; null: nothing. `wait`: a job is at it. */
  readonly next: 'import' | 'sync' | 'build' | 'wait' | null
}
