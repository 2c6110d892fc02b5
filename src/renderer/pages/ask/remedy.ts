/** What mends a chunk's outcome: of all that could, the one thing that does. */
import type { ChunkOutcome } from '../../../shared/answer'
import type { CodedProfile, Profile } from '../../../shared/profile'

export type Remedy =
  | { readonly kind: 'build' }
  /** Asking again: the window builds what a question missed. */
  | { readonly kind: 'again' }
  /** Asking again by a strategy that takes what is cached. */
  | { readonly kind: 'reuse' }
  /** Room first: built again, it would go again. */
  | { readonly kind: 'room'; readonly quota: number }
  | { readonly kind: 'recode'; readonly profile: CodedProfile }

/** How much more room there is to be, at least. */
const ROOM = 1.5

export interface Circumstances {
  /** In which profile the question wanted caches; null: in any. */
  readonly profile: Profile | null
  /** Most bytes of all caches; null: no limit. */
  readonly quota: number | null
}

/** Null: nothing is to be mended. */
export function remedyOf(outcome: ChunkOutcome, { profile, quota }: Circumstances): Remedy | null {
  if (outcome.kind === 'hit') {
    if (outcome.poorer === null) return null
    // A variant behind a gap is made for the questions that have this gap.
    return outcome.poorer === 'no-tail' || outcome.poorer === 'no-tail-nor-bos' ? { kind: 'again' } : { kind: 'build' }
  }
  switch (outcome.reason) {
    case 'strategy':
    case 'not-in-prefix':
      return { kind: 'reuse' }
    case 'other-context':
      return { kind: 'again' }
    case 'other-profile':
      return profile === null || profile === 'f16' ? { kind: 'build' } : { kind: 'recode', profile }
    case 'never-built':
    case 'edited-text':
    case 'other-model':
    case 'damaged':
    case 'removed':
      return { kind: 'build' }
    case 'evicted':
      return quota === null ? { kind: 'build' } : { kind: 'room', quota: Math.ceil(quota * ROOM) }
  }
}
