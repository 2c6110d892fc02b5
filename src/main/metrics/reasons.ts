/** Why tokens were not reused, or not in the best variant, and what mends it. Pure. */
import { MISS_REASONS, POORER_REASONS, type MissReason, type PoorerReason } from '../../shared/answer'
import { WorkbenchError } from '../../shared/errors'
import type { ReasonRow } from '../../shared/hits'
import type { ReasonSums } from '../store/hit-sums'

const KEEP = 'Ask once more of the same parts with --keep-missed, which then builds what was missing'

/** Of a set by its id. */
const MISS_REMEDIES: Record<MissReason, (set: string) => string> = {
  strategy: () => 'Ask with a strategy that reuses caches, such as --strategy reuse',
  'never-built': (set) => `Build the set: kvasir build ${set}`,
  'edited-text': (set) => `Build the set again, which computes only what changed: kvasir build ${set}`,
  'other-model': (set) => `Build the set for the model that it has now: kvasir build ${set}`,
  // Also of the strategy prefix, which asks for the one cache that no build makes: behind the documents before it.
  'other-context': () => 'Ask with --strategy reuse --keep-missed: any variant will do, and then the best is built',
  'not-in-prefix': () => 'Ask with --strategy reuse, which goes on behind the first gap',
  damaged: (set) => `Build the set again, which replaces what was damaged: kvasir build ${set}`,
  evicted: (set) => `Raise the quota or pin the set, then build it again: kvasir store quota SIZE, kvasir build ${set}`,
  'other-profile': (set) => `Ask without --profile, or code the set in that one: kvasir store recode ${set} --profile PROFILE`,
}

const POORER_REMEDIES: Record<PoorerReason, (set: string) => string> = {
  'no-document': (set) => `Build the set: kvasir build ${set}`,
  'no-tail': () => KEEP,
  'no-bos': (set) => `Build the set: kvasir build ${set}`,
  'no-document-nor-bos': (set) => `Build the set: kvasir build ${set}`,
  'no-tail-nor-bos': () => KEEP,
}

const AGAIN = {
  kind: 'recomputed',
  reason: 'recomputed',
  why: 'the strategy computes them again in their place, for a better answer',
  remedy: 'Take a strategy that computes less again, or --strategy auto, which chooses once the model is calibrated',
} as const

/**
 * Most tokens first: what was missed, or computed again; then hits in poorer variants.
 * @param set id; null: of several
 * @throws store.damaged for a reason that there is not
 */
export function reasonRows(sums: readonly ReasonSums[], set: string | null): ReasonRow[] {
  const total = sums.reduce((sum, { tokens }) => sum + tokens, 0)
  const rows = [...Map.groupBy(sums, ({ isHit, reason }) => `${isHit} ${reason}`).values()].flatMap((same) => {
    const [{ isHit, reason }] = same as [ReasonSums, ...ReasonSums[]]
    if (reason === '') return []
    const tokens = same.reduce((sum, one) => sum + one.tokens, 0)
    const figures = { times: same.reduce((sum, one) => sum + one.times, 0), tokens, share: tokens / total }
    return [{ ...figures, ...explained(isHit === 1, reason, set ?? 'SET') }]
  })
  const again = sums.reduce((sum, { recomputed }) => sum + recomputed, 0)
  const computed: ReasonRow = { ...AGAIN, times: null, tokens: again, share: again / total }
  return [...rows, ...(again > 0 ? [computed] : [])].toSorted(
    (a, b) => Number(a.kind === 'poorer') - Number(b.kind === 'poorer') || b.tokens - a.tokens,
  )
}

type Explained = Pick<ReasonRow, 'why' | 'remedy'> &
  (
    | { readonly kind: 'missed'; readonly reason: MissReason }
    | { readonly kind: 'poorer'; readonly reason: PoorerReason }
  )

function explained(isHit: boolean, reason: string, set: string): Explained {
  if (isHit && isKey(POORER_REASONS, reason)) {
    return { kind: 'poorer', reason, why: POORER_REASONS[reason], remedy: POORER_REMEDIES[reason](set) }
  }
  if (!isHit && isKey(MISS_REASONS, reason)) {
    return { kind: 'missed', reason, why: MISS_REASONS[reason], remedy: MISS_REMEDIES[reason](set) }
  }
  throw new WorkbenchError(
    'store.damaged',
    `Expected a reason for a ${isHit ? 'poorer hit' : 'miss'} in the history but got "${reason}".`,
  )
}

function isKey<T extends object>(reasons: T, reason: string): reason is keyof T & string {
  return Object.hasOwn(reasons, reason)
}
