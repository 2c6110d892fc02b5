/** Why tokens were not reused, or not in the best variant, and what mends it. Pure. */
import { MISS_REASONS, POORER_REASONS, type MissReason, type PoorerReason } from '../../shared/answer'
import { WorkbenchError } from '../../shared/errors'
import type { Mend, ReasonRow } from '../../shared/hits'
import type { ReasonSums } from '../store/hit-sums'

const KEEP = 'Ask once more of the same parts with --keep-missed, which then builds what was missing'

interface Remedy {
  readonly mend: Mend
  /** Of a set by its id. */
  readonly text: (set: string) => string
}

const REBUILD: Remedy = { mend: 'build', text: (set) => `Build the set: kvasir build ${set}` }

const MISS_REMEDIES: Record<MissReason, Remedy> = {
  strategy: { mend: 'strategy', text: () => 'Ask with a strategy that reuses caches, such as --strategy reuse' },
  'never-built': REBUILD,
  'edited-text': { mend: 'build', text: (set) => `Build the set again, which computes only what changed: kvasir build ${set}` },
  'other-model': { mend: 'build', text: (set) => `Build the set for the model that it has now: kvasir build ${set}` },
  // Also of the strategy prefix, which asks for the one cache that no build makes: behind the documents before it.
  'other-context': {
    mend: 'keep',
    text: () => 'Ask with --strategy reuse --keep-missed: any variant will do, and then the best is built',
  },
  'not-in-prefix': { mend: 'strategy', text: () => 'Ask with --strategy reuse, which goes on behind the first gap' },
  damaged: { mend: 'build', text: (set) => `Build the set again, which replaces what was damaged: kvasir build ${set}` },
  evicted: {
    mend: 'build',
    text: (set) => `Raise the quota or pin the set, then build it again: kvasir store quota SIZE, kvasir build ${set}`,
  },
  removed: {
    mend: 'build',
    text: (set) =>
      `Bring it back while it is in the trash, or build the set again: kvasir trash list, kvasir trash restore ID, kvasir build ${set}`,
  },
  'other-profile': {
    mend: 'recode',
    text: (set) => `Ask without --profile, or code the set in that one: kvasir store recode ${set} --profile PROFILE`,
  },
}

const POORER_REMEDIES: Record<PoorerReason, Remedy> = {
  'no-document': REBUILD,
  'no-tail': { mend: 'keep', text: () => KEEP },
  'no-bos': REBUILD,
  'no-document-nor-bos': REBUILD,
  'no-tail-nor-bos': { mend: 'keep', text: () => KEEP },
}

const AGAIN = {
  kind: 'recomputed',
  reason: 'recomputed',
  why: 'the strategy computes them again in their place, for a better answer',
  mend: 'strategy',
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

type Explained = Pick<ReasonRow, 'why' | 'mend' | 'remedy'> &
  (
    | { readonly kind: 'missed'; readonly reason: MissReason }
    | { readonly kind: 'poorer'; readonly reason: PoorerReason }
  )

function explained(isHit: boolean, reason: string, set: string): Explained {
  if (isHit && isKey(POORER_REASONS, reason)) {
    const { mend, text } = POORER_REMEDIES[reason]
    return { kind: 'poorer', reason, why: POORER_REASONS[reason], mend, remedy: text(set) }
  }
  if (!isHit && isKey(MISS_REASONS, reason)) {
    const { mend, text } = MISS_REMEDIES[reason]
    return { kind: 'missed', reason, why: MISS_REASONS[reason], mend, remedy: text(set) }
  }
  throw new WorkbenchError(
    'store.damaged',
    `Expected a reason for a ${isHit ? 'poorer hit' : 'miss'} in the history but got "${reason}".`,
  )
}

function isKey<T extends object>(reasons: T, reason: string): reason is keyof T & string {
  return Object.hasOwn(reasons, reason)
}
