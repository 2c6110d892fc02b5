/**
 * How a context is put together: which chunks come from caches, in which variant, and what is computed. Pure.
 *
 * Exclusion leaves no trace: a `document` variant is used only where every earlier chunk of its document is included
 * and stands before it, so nothing in a plan derives from a chunk that is not.
 */
import type { ChunkOutcome, Strategy } from '../../shared/answer'
import type { ContextKind } from '../../shared/knowledge'
import { TokenChain } from '../base/hash'
import type { KeyedChunk } from '../build/knowledge'
import { missReason, type Evidence } from '../build/states'
import { cacheKey, type ModelIdentity } from '../store/key'

export interface PlanInput {
  readonly strategy: Strategy
  readonly model: ModelIdentity
  /** Tokens in front of the knowledge in this prompt. */
  readonly prefix: readonly number[]
  readonly tail: readonly number[]
  /** The included chunks in reading order. */
  readonly chunks: readonly KeyedChunk[]
  readonly evidence: Evidence
}

export type PlannedSegment =
  | { readonly kind: 'compute'; readonly tokens: readonly number[] }
  | { readonly kind: 'cached'; readonly tokens: readonly number[]; readonly key: string }

export interface PlannedChunk {
  readonly chunk: KeyedChunk
  readonly outcome: ChunkOutcome
  /** The cache to read; null for a miss. */
  readonly key: string | null
  /** The key under which a build would serve this query best. */
  readonly wanted: string
}

export interface Plan {
  readonly chunks: readonly PlannedChunk[]
  /** The last one is the tail. */
  readonly segments: readonly PlannedSegment[]
}

interface Candidate {
  readonly kind: ContextKind
  readonly key: string
  /** Why the candidates before this one are better, when they are missing. */
  readonly poorer: string | null
}

const POORER = {
  bos: 'the variant behind its document is not cached: this one does not know what stands before it',
  prefix: "its isolated variant is not cached: this one was computed behind the prompt's first part only",
  document: 'its variants behind the document and on its own are not cached',
} as const

export function plan(input: PlanInput): Plan {
  const chunks = plannedChunks(input)
  const merges = input.strategy === 'full' || input.strategy === 'prefix'
  const segments: PlannedSegment[] = []
  const compute = (tokens: readonly number[]): void => {
    const last = segments.at(-1)
    if (tokens.length === 0) return
    // Chunks computed apart meet the same sub-batches as when their caches were made.
    if (merges && last?.kind === 'compute')
      segments[segments.length - 1] = { kind: 'compute', tokens: last.tokens.concat(tokens) }
    else segments.push({ kind: 'compute', tokens })
  }
  compute(input.prefix)
  for (const run of mergedRuns(chunks, merges)) {
    if (run.key === null) compute(run.tokens)
    else segments.push({ kind: 'cached', tokens: run.tokens, key: run.key })
  }
  segments.push({ kind: 'compute', tokens: input.tail })
  return { chunks, segments }
}

/** Chunks with neighbours that are computed taken together, so that joining long texts stays linear. */
function mergedRuns(
  chunks: readonly PlannedChunk[],
  merges: boolean,
): { readonly key: string | null; readonly tokens: readonly number[] }[] {
  const runs: { key: string | null; parts: (readonly number[])[] }[] = []
  for (const { key, chunk } of chunks) {
    const last = runs.at(-1)
    if (merges && key === null && last?.key === null) last.parts.push(chunk.tokens)
    else runs.push({ key, parts: [chunk.tokens] })
  }
  return runs.map(({ key, parts }) => ({ key, tokens: parts.flat() }))
}

function plannedChunks(input: PlanInput): PlannedChunk[] {
  if (input.strategy === 'prefix') return prefixWalk(input)
  if (input.strategy !== 'full') return bestVariants(input)
  return input.chunks.map((chunk) => ({
    chunk,
    outcome: { kind: 'miss', reason: 'strategy' },
    key: null,
    wanted: chunk.keys.document.key,
  }))
}

/** From the start, while the cache behind exactly this chain is there. */
function prefixWalk({ chunks, model, prefix, evidence }: PlanInput): PlannedChunk[] {
  const chain = new TokenChain(prefix)
  let isBroken = false
  return chunks.map((chunk) => {
    const key = cacheKey(model.fingerprint, chain.digest(), chunk.digest)
    chain.append(chunk.tokens)
    if (isBroken) return { chunk, outcome: { kind: 'miss', reason: 'not-in-prefix' }, key: null, wanted: key }
    if (evidence.available.has(key))
      return { chunk, outcome: { kind: 'hit', variant: 'document', poorer: null }, key, wanted: key }
    isBroken = true
    return {
      chunk,
      outcome: { kind: 'miss', reason: missReason(chunk, [key], model.fingerprint, evidence) },
      key: null,
      wanted: key,
    }
  })
}

/** Every chunk in the best variant that the selection allows and the store has. */
function bestVariants({ chunks, model, prefix, strategy, evidence }: PlanInput): PlannedChunk[] {
  /** How far each document is included without a gap. */
  const whole = new Map<number, number>()
  // A prompt with another first part than usual has no `prefix` or `document` variants.
  const isUsual = prefix.length === model.prefix.length && prefix.every((token, index) => token === model.prefix[index])
  return chunks.map((chunk) => {
    const isGapless = (whole.get(chunk.document) ?? 0) === chunk.position
    if (isGapless) whole.set(chunk.document, chunk.position + 1)
    const candidates = strategy === 'reuse:bos' ? [isolated(chunk, null)] : candidatesOf(chunk, isGapless, isUsual)
    const found = candidates.find(({ key }) => evidence.available.has(key))
    const wanted = candidates[0]?.key ?? chunk.keys.bos.key
    if (found)
      return { chunk, outcome: { kind: 'hit', variant: found.kind, poorer: found.poorer }, key: found.key, wanted }
    const reason = missReason(
      chunk,
      candidates.map(({ key }) => key),
      model.fingerprint,
      evidence,
    )
    return { chunk, outcome: { kind: 'miss', reason }, key: null, wanted }
  })
}

/** Best first. */
function candidatesOf(chunk: KeyedChunk, isGapless: boolean, isUsual: boolean): Candidate[] {
  const prefix: Candidate = { kind: 'prefix', key: chunk.keys.prefix.key, poorer: POORER.prefix }
  if (!isUsual) return [isolated(chunk, null)]
  if (!isGapless) return [isolated(chunk, null), prefix]
  const document: Candidate = { kind: 'document', key: chunk.keys.document.key, poorer: null }
  if (!chunk.keys.documentFits) return [isolated(chunk, null), prefix]
  return [document, isolated(chunk, POORER.bos), { ...prefix, poorer: POORER.document }]
}

function isolated(chunk: KeyedChunk, poorer: string | null): Candidate {
  return { kind: 'bos', key: chunk.keys.bos.key, poorer }
}
