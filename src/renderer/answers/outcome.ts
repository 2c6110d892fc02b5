/** What became of a chunk, as the few kinds that have a colour, and in words. */
import type { ChunkOutcome, ChunkTrace, MissReason } from '../../shared/answer'
import { isIsolated, strategySpec, type Strategy } from '../../shared/strategy'
import { strings } from '../strings'

export const OUTCOMES = ['reused', 'isolated', 'computed', 'missed', 'stale'] as const
export type OutcomeKind = (typeof OUTCOMES)[number]

/**
 * `isolated` was reused, but encoded without all of the text in front of it. `computed` was meant to be; `missed` could have
 * been reused with a cache; `stale` has one of an earlier text.
 */
const OF_MISS: Record<MissReason, OutcomeKind> = {
  strategy: 'computed',
  'not-in-prefix': 'computed',
  'never-built': 'missed',
  damaged: 'missed',
  evicted: 'missed',
  removed: 'missed',
  'other-profile': 'missed',
  'edited-text': 'stale',
  'other-model': 'missed',
  'other-context': 'missed',
}

export function outcomeKind(outcome: ChunkOutcome): OutcomeKind {
  if (outcome.kind === 'miss') return OF_MISS[outcome.reason]
  return outcome.variant === 'bos' || outcome.poorer !== null ? 'isolated' : 'reused'
}

export function outcomeText(outcome: ChunkOutcome, strategy: Strategy | null): string {
  if (outcome.kind === 'miss') return strings.missReasons[outcome.reason]
  const variant = strings.variants[outcome.variant]
  const { poorer } = outcome
  const alone = outcome.variant === 'bos' ? whyAlone(strategy) : null
  const why = poorer === null ? alone : strings.poorerReasons[poorer]
  return why === null ? strings.strip.hit(variant) : strings.strip.poorerWhy(variant, why)
}

/** Why the best there can be is a chunk encoded alone: the trace has no reason for it, as nothing is missing. */
function whyAlone(strategy: Strategy | null): string {
  return strategy && isIsolated(strategySpec(strategy)) ? strings.strip.byChoice : strings.strip.noOther
}

/** Tokens of it that were reused and computed again in their place. */
export function recomputedTokens({ recomputed }: ChunkTrace): number {
  return recomputed.reduce((sum, [from, to]) => sum + to - from, 0)
}

export function chunkText(chunk: ChunkTrace, strategy: Strategy | null): string {
  const place = strings.strip.place(chunk.document, chunk.section)
  const again = recomputedTokens(chunk)
  const outcome = outcomeText(chunk.outcome, strategy)
  const what = again > 0 ? `${outcome} · ${strings.strip.andAgain(again)}` : outcome
  return strings.strip.chunk(place, chunk.tokens, what)
}
