/** What the fake workbench says of questions: before they are asked, and after. */
import type { Answer, AskRequest, ChunkTrace } from '../../src/shared/answer'
import { sentence, type Detail } from '../../src/shared/details'
import { WorkbenchError } from '../../src/shared/errors'
import type { ArmEstimate, Estimate } from '../../src/shared/estimate'
import type { PastQuery } from '../../src/shared/hits'
import type { ChunkTokens } from '../../src/shared/knowledge'
import type { Profile } from '../../src/shared/profile'
import type { Provenance } from '../../src/shared/provenance'

/** Why `auto` begins as it does here. */
export const UNCALIBRATED: Detail = { id: 'auto.uncalibrated', params: {} }

export interface FakeQuery {
  readonly id: number
  readonly setName: string
  readonly request: AskRequest
  /** Null: it was stopped. */
  readonly answer: Answer | null
}

export function pastQuery({ id, setName, request, answer }: FakeQuery): PastQuery {
  const trace = answer?.trace
  return {
    id,
    askedAt: '2025-01-31T12:00:00.000Z',
    set: request.set,
    setName,
    model: trace?.model ?? 'first',
    strategy: trace?.strategy ?? request.strategy,
    question: request.question,
    ttftMs: trace?.ttftMs ?? 12,
    knowledgeTokens: trace?.knowledgeTokens ?? 0,
    questionTokens: 14,
    reusedTokens: trace?.reusedTokens ?? 0,
    recomputedTokens: trace?.recomputedTokens ?? 0,
    computedTokens: trace?.computedTokens ?? 14,
    hitRate: trace?.hitRate ?? null,
    bytesRead: trace?.bytesRead ?? 0,
    generatedTokens: trace?.generatedTokens ?? null,
  }
}

/** A token is a word with the space before it. */
export function chunkTokens(id: string, text: string): ChunkTokens {
  return { id, text, ends: [...text.matchAll(/\s*\S+(?=\s|$)\s*$|\s*\S+/g)].map(({ index, 0: { length } }) => index + length) }
}

/** What is cached of a selection, in tokens. */
export interface FakeSelected {
  readonly knowledgeTokens: number
  readonly reusedTokens: number
  readonly profile: Profile | null
}

/** Nothing was calibrated here, so `reuse` and the forms between it and `full` say nothing of fidelity. */
export function fakeEstimate({ knowledgeTokens, reusedTokens, profile }: FakeSelected, strategies: readonly string[]): Estimate {
  const arm = (strategy: string, share: number): ArmEstimate => {
    const isExact = strategy === 'full' || strategy === 'prefix'
    const reused = strategy === 'full' ? 0 : reusedTokens
    const recomputed = Math.floor(reused * share)
    const computed = knowledgeTokens - reused + 14
    return {
      strategy,
      chosen: null,
      ttftMs: 5 + (computed + recomputed) * 3,
      isRough: false,
      bytes: reused * (profile === 'small' ? 128 : 2048),
      reusedTokens: reused,
      recomputedTokens: recomputed,
      computedTokens: computed,
      fidelity: isExact ? { klMean: 0, top1: 1, basis: 'exact' } : null,
      refused: null,
      isDominated: false,
    }
  }
  const usual: Record<string, number> = { reuse: 0, 'link:16': 0.1, 'mix:16+0.15': 0.15, 'blend:0.15': 0.3, prefix: 0.5, full: 1 }
  const more = Object.fromEntries(strategies.filter((each) => each !== 'auto' && !(each in usual)).map((each) => [each, 0.2]))
  const arms = Object.entries({ ...usual, ...more }).map(([strategy, share]) => arm(strategy, share))
  const chosen = { strategy: 'link:16', why: sentence(UNCALIBRATED), said: UNCALIBRATED }
  return {
    arms: [...arms.toSorted((a, b) => (a.ttftMs ?? 0) - (b.ttftMs ?? 0)), { ...arm('link:16', 0.1), strategy: 'auto', chosen }],
    knowledgeTokens,
    questionTokens: 14,
    device: 'cpu',
    measured: { queries: 3, withCaches: 2, builds: 9 },
    calibration: null,
    gate: 'not checked',
  }
}

/** The first chunk got twice what the others got. */
export function fakeProvenance(query: number, { text, trace }: Answer): Provenance {
  const all = trace.chunks.reduce((sum, { tokens }) => sum + tokens, 0)
  const weights = trace.chunks.map((_, at) => (at === 0 ? 2 : 1))
  const total = weights.reduce((sum, weight) => sum + weight, 0)
  if (trace.chunks.length === 0)
    throw new WorkbenchError('argument.invalid', { id: 'query.no-knowledge', params: { id: query } })
  const shareOf = (_: ChunkTrace, at: number): number => (weights[at] ?? 0) / total
  return {
    query,
    chunks: trace.chunks.map((chunk, at) => ({ id: chunk.id, share: shareOf(chunk, at), expected: chunk.tokens / all })),
    tokens: (text.match(/\s*\S+/g) ?? []).map((word) => ({
      text: word,
      knowledge: 0.4,
      top: trace.chunks.slice(0, 3).map((chunk, at) => ({ chunk: at, share: shareOf(chunk, at) })),
    })),
    knowledge: 0.4,
    ms: 12,
  }
}
