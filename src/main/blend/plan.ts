/**
 * How a context is put together: which chunks come from caches, in which variant, and what is computed. Pure.
 *
 * Exclusion leaves no trace: a cache is used, and its scores are, only where every chunk of the chain it was computed
 * behind is included and stands before it, so nothing in a plan derives from a chunk that is not.
 */
import type { ChunkOutcome, PoorerReason } from '../../shared/answer'
import type { ContextKind } from '../../shared/knowledge'
import { isIsolated, type StrategySpec } from '../../shared/strategy'
import { TokenChain } from '../base/hash'
import type { IncludedChunk } from '../build/included'
import type { KeyedChunk } from '../build/knowledge'
import { isTail } from '../build/missing'
import { missReason, type Evidence } from '../build/states'
import { cacheKey, type ModelIdentity } from '../store/key'

export interface PlanInput {
  readonly strategy: StrategySpec
  readonly model: ModelIdentity
  /** Tokens in front of the knowledge in this prompt. */
  readonly prefix: readonly number[]
  readonly tail: readonly number[]
  /** In reading order. */
  readonly chunks: readonly IncludedChunk[]
  readonly evidence: Evidence
}

export type PlannedSegment =
  | { readonly kind: 'compute'; readonly tokens: readonly number[] }
  | { readonly kind: 'cached'; readonly tokens: readonly number[]; readonly key: string }

export interface PlannedChunk {
  readonly chunk: KeyedChunk
  /** Row of its first token in the context. */
  readonly start: number
  readonly outcome: ChunkOutcome
  /** The cache to read; null for a miss. */
  readonly key: string | null
  /** The key under which a build would serve this query best; null where no cache that may be kept would. */
  readonly wanted: string | null
  /** Whether its K/V are what full prefill gives: all that stands before it here stood before it then. */
  readonly exact: boolean
  /** The variant whose scores say which of its tokens depend on others; null: none may. */
  readonly scores: string | null
}

export interface Plan {
  readonly chunks: readonly PlannedChunk[]
  /** The last one ends with the tail. */
  readonly segments: readonly PlannedSegment[]
  /** Whether nothing could be won by computing a cached token again. */
  readonly exact: boolean
}

type Choice = Omit<PlannedChunk, 'chunk' | 'start'>

interface Candidate {
  readonly kind: ContextKind
  readonly key: string
  readonly usable: boolean
  /** Why the candidates before this one are better, when they are missing. */
  readonly poorer: PoorerReason | null
}

const POORER = {
  bos: { document: 'no-document', tail: 'no-tail' },
  prefix: { document: 'no-document-nor-bos', tail: 'no-tail-nor-bos', alone: 'no-bos' },
} as const

export function plan(input: PlanInput): Plan {
  const choices = choicesOf(input)
  let start = input.prefix.length
  const chunks = input.chunks.map(({ chunk }, index): PlannedChunk => {
    const planned = { chunk, start, ...(choices[index] as Choice) }
    start += chunk.tokens.length
    return planned
  })
  return {
    chunks,
    segments: segmentsOf(input, chunks),
    exact: chunks.every(({ key, exact }) => key === null || exact),
  }
}

/**
 * The prefix stands in a segment of its own: the engine keeps its rows from question to question. Then what is computed
 * in one piece is one segment; the question has its own, but in `full`.
 */
function segmentsOf({ strategy, prefix, tail }: PlanInput, chunks: readonly PlannedChunk[]): PlannedSegment[] {
  const runs: { readonly key: string | null; readonly parts: (readonly number[])[] }[] = []
  for (const { key, chunk } of chunks) {
    const last = runs.at(-1)
    if (key === null && last?.key === null) last.parts.push(chunk.tokens)
    else runs.push({ key, parts: [chunk.tokens] })
  }
  const last = runs.at(-1)
  if (strategy.name === 'full' && last) last.parts.push(tail)
  else runs.push({ key: null, parts: [tail] })
  return [{ key: null, parts: [prefix] }, ...runs]
    .map(({ key, parts }): PlannedSegment => {
      const tokens = parts.flat()
      return key === null ? { kind: 'compute', tokens } : { kind: 'cached', tokens, key }
    })
    .filter(({ tokens }) => tokens.length > 0)
}

function choicesOf(input: PlanInput): Choice[] {
  if (input.strategy.name === 'prefix') return prefixWalk(input)
  if (input.strategy.name !== 'full') return bestVariants(input)
  return input.chunks.map(() => missed('strategy', null))
}

function missed(reason: Extract<ChunkOutcome, { kind: 'miss' }>['reason'], wanted: string | null): Choice {
  return { outcome: { kind: 'miss', reason }, key: null, wanted, exact: false, scores: null }
}

/** From the start, while the cache behind exactly this chain is there: at most to the first document's end. */
function prefixWalk(input: PlanInput): Choice[] {
  const { chunks, model, prefix, evidence } = input
  const chain = new TokenChain(prefix)
  let isBroken = false
  return chunks.map((included): Choice => {
    const { chunk, kind } = included
    const key = cacheKey(model.fingerprint, chain.digest(), chunk.digest)
    chain.append(chunk.tokens)
    // Behind other documents there may be a cache of the same chain only by chance, of a text that is left out.
    const behind = behindIncluded(included, input)
    const wanted = behind?.key === key ? key : null
    if (isBroken) return missed('not-in-prefix', wanted)
    if (wanted && behind?.usable)
      return { outcome: { kind: 'hit', variant: kind, poorer: null }, key, wanted, exact: true, scores: null }
    isBroken = true
    return missed(missReason(chunk, [key], model.fingerprint, evidence), wanted)
  })
}

/** Every chunk in the best variant that the selection allows and the store has. */
function bestVariants(input: PlanInput): Choice[] {
  const { chunks, model, evidence } = input
  const first = chunks[0]?.chunk.document
  const across = chunks.findIndex(({ chunk }) => chunk.document !== first)
  return chunks.map((included, at): Choice => {
    const { chunk } = included
    const candidates = candidatesOf(included, input)
    const found = candidates.find(({ usable }) => usable)
    const wanted = candidates[0]?.key ?? chunk.keys.bos.key
    if (!found) {
      const keys = candidates.map(({ key }) => key)
      return missed(missReason(chunk, keys, model.fingerprint, evidence), wanted)
    }
    const { kind, key, poorer } = found
    const behind = behindIncluded(included, input)
    const exact = behind?.key === key && (across < 0 || at < across)
    const scores = key !== chunk.keys.bos.key ? key : behind?.usable ? behind.key : null
    return { outcome: { kind: 'hit', variant: kind, poorer }, key, wanted, exact, scores }
  })
}

/** Best first. */
function candidatesOf(included: IncludedChunk, input: PlanInput): Candidate[] {
  const { strategy, evidence } = input
  const { keys } = included.chunk
  const own = (kind: 'bos' | 'prefix', poorer: PoorerReason | null): Candidate => {
    const { key } = keys[kind]
    return { kind, key, usable: evidence.available.has(key), poorer }
  }
  if (isIsolated(strategy) || !isUsual(input)) return [own('bos', null)]
  const behind = behindIncluded(included, input)
  if (!behind) return [own('bos', null), own('prefix', POORER.prefix.alone)]
  return [behind, own('bos', POORER.bos[included.kind]), own('prefix', POORER.prefix[included.kind])]
}

/** The variant behind the prefix and what of the chunk's document is included before it. */
function behindIncluded(included: IncludedChunk, input: PlanInput): Candidate | null {
  const { kind, cache, fits } = included
  if (!fits || !isUsual(input)) return null
  const { available, tails } = input.evidence
  const usable = (isTail(included) ? tails : available).has(cache.key)
  return { kind, key: cache.key, usable, poorer: null }
}

/** A prompt with another first part than usual has no variants behind it. */
function isUsual({ prefix, model }: PlanInput): boolean {
  return prefix.length === model.prefix.length && prefix.every((token, index) => token === model.prefix[index])
}
