/** Asking: strategies, what a query streams back, and its trace. */
import { z } from 'zod'
import { sampling, type AnswerResult } from './engine'
import { selection, type ContextKind, type NodeId } from './knowledge'

/**
 * `full`: in-context learning, everything computed. `prefix`: the longest exact cached prefix, the rest computed.
 * `reuse`: every chunk as cached, in the best variant that the selection allows; chunks not cached are computed in place.
 * `reuse:bos`: isolated variants only (naive concatenation, for comparison).
 */
export const STRATEGIES = ['full', 'prefix', 'reuse', 'reuse:bos'] as const
export const strategy = z.enum(STRATEGIES)
export type Strategy = z.infer<typeof strategy>

export const turn = z.object({ role: z.enum(['user', 'assistant']), content: z.string().max(1_000_000) })
export type Turn = z.infer<typeof turn>

export const askRequest = z.object({
  /** Id or name of a set. */
  set: z.string().min(1),
  question: z.string().min(1).max(100_000),
  selection: selection.prefault({}),
  strategy: strategy.default('reuse'),
  history: z.array(turn).max(1000).default([]),
  sampling: sampling.prefault({}),
  maxTokens: z.int().min(1).max(100_000).default(256),
  stop: z.array(z.string().min(1).max(1000)).max(16).default([]),
  /** Compute chunks that have no cache and keep them afterwards (a background build of what this query missed). */
  keepMissed: z.boolean().default(false),
})
export type AskRequest = z.infer<typeof askRequest>
export type AskInput = z.input<typeof askRequest>

/** Why a chunk was not reused. */
export const MISS_REASONS = {
  strategy: 'the strategy computes everything',
  'never-built': 'its cache was never built',
  'edited-text': 'its text changed since it was built',
  'other-model': 'it was built for another model',
  'other-context': 'it was built behind other text than this query has in front of it',
  'not-in-prefix': 'it stands behind the first chunk that is not cached exactly',
  damaged: 'its cache was damaged and set aside',
} as const
export type MissReason = keyof typeof MISS_REASONS

export type ChunkOutcome =
  | { readonly kind: 'hit'; readonly variant: ContextKind; /** Why a better variant was not used; null when this is the best. */ readonly poorer: string | null }
  | { readonly kind: 'miss'; readonly reason: MissReason }

export interface ChunkTrace {
  readonly id: NodeId
  readonly document: string
  readonly section: string
  readonly tokens: number
  readonly outcome: ChunkOutcome
}

export interface Trace {
  readonly strategy: Strategy
  readonly model: string
  readonly device: string
  /** `plan` first, then the engine's stages; ms from the request. */
  readonly stages: readonly { readonly name: 'plan' | AnswerResult['stages'][number]['name']; readonly startMs: number; readonly ms: number }[]
  /** From the request to the first sampled token, plan and load included. */
  readonly ttftMs: number
  readonly knowledgeTokens: number
  /** Template, history and question: always computed. */
  readonly questionTokens: number
  readonly reusedTokens: number
  readonly computedTokens: number
  /** reusedTokens / knowledgeTokens; null when nothing was selected. */
  readonly hitRate: number | null
  readonly bytesRead: number
  readonly generatedTokens: number
  readonly decodeTokensPerSecond: number | null
  readonly chunks: readonly ChunkTrace[]
  readonly firstTokens: AnswerResult['firstTokens']
  readonly logitsDigest: string
}

export interface Answer {
  readonly text: string
  readonly stop: AnswerResult['stop']
  readonly trace: Trace
}

export type AskEvent =
  | { readonly type: 'plan'; readonly chunks: readonly ChunkTrace[]; readonly knowledgeTokens: number }
  | { readonly type: 'progress'; readonly done: number; readonly total: number }
  | { readonly type: 'first-token'; readonly ttftMs: number }
  | { readonly type: 'text'; readonly text: string }
  | { readonly type: 'answer'; readonly answer: Answer }
