/** Looking after the store: what it holds, what may go, what came back. */
import { z } from 'zod'
import type { ContextKind } from './knowledge'
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
})
export type CleanInput = z.input<typeof cleanFilter>
export type CleanFilter = z.infer<typeof cleanFilter>

export interface CleanPreview {
  readonly copies: number
  readonly bytes: number
  /** Caches that would be gone altogether, and the time it took to compute them. */
  readonly caches: number
  readonly recomputeMs: number
}

/** A cache as a list shows it. */
export interface CacheRow {
  readonly key: string
  /** Id of the chunk where a set lists it; null elsewhere. */
  readonly node: string | null
  /** Of its document; null elsewhere. */
  readonly document: string | null
  readonly kind: ContextKind
  readonly tokens: number
  readonly profiles: readonly Profile[]
  /** Of all its copies. */
  readonly bytes: number
  readonly computeMs: number
  readonly createdAt: string
  readonly usedAt: string | null
  readonly hits: number
  readonly pinned: boolean
}

export const cachePage = z.object({
  /** Id or name: its documents' caches in reading order; without it all, the most recently used first. */
  set: z.string().min(1).max(1000).optional(),
  limit: z.int().min(1).max(1000).default(100),
  offset: z.int().min(0).default(0),
})
export type CachePageInput = z.input<typeof cachePage>

export interface ScrubResult {
  readonly checked: number
  readonly bytes: number
  readonly damaged: readonly { readonly key: string; readonly profile: Profile; readonly why: string }[]
}
