/** Asking: strategies, what a query streams back, and its trace. */
import { z } from 'zod'
import type { Detail } from './details'
import { sampling, type AnswerResult, type StageTime, type WorkSpan } from './engine'
import { selection, type ContextKind, type NodeId } from './knowledge'
import { profile, type Profile } from './profile'
import { strategy, type Strategy } from './strategy'

export const turn = z.object({ role: z.enum(['user', 'assistant']), content: z.string().max(1_000_000) })
export type Turn = z.infer<typeof turn>

export const askRequest = z.object({
  /** Id or name of a set. */
  set: z.string().min(1),
  question: z.string().min(1).max(100_000),
  selection: selection.prefault({}),
  strategy: strategy.default('reuse'),
  /** Of `auto`: most KL(full || strategy) per token that is accepted, nats. */
  fidelity: z.number().min(0).max(100).default(0.02),
  /** Caches are read in this profile alone; null: in the most faithful there is. */
  profile: profile.nullable().default(null),
  history: z.array(turn).max(1000).default([]),
  sampling: sampling.prefault({}),
  maxTokens: z.int().min(1).max(100_000).default(256),
  stop: z.array(z.string().min(1).max(1000)).max(16).default([]),
  /** Build in the background, afterwards, the caches that would have served this query best; faces with a window do. */
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
  evicted: 'its cache went to make room',
  removed: 'its cache was evicted by hand or cleaned up',
  'other-profile': 'it is cached in another profile only',
} as const
export type MissReason = keyof typeof MISS_REASONS
/** Why a cache that was there has gone: to keep the quota, or because somebody threw it away. */
export type GoneReason = Extract<MissReason, 'evicted' | 'removed'>

/** Why a chunk was reused in a poorer variant than the selection allows. */
export const POORER_REASONS = {
  'no-document': 'the variant behind its document is not cached: this one does not know what stands before it',
  'no-tail': 'the variant behind the included parts of its document is not cached yet: this one does not know them',
  'no-bos': "its isolated variant is not cached: this one was computed behind the prompt's first part only",
  'no-document-nor-bos': 'its variants behind the document and on its own are not cached',
  'no-tail-nor-bos': 'its variants behind the included parts of its document and on its own are not cached',
} as const
export type PoorerReason = keyof typeof POORER_REASONS

export type ChunkOutcome =
  /** `poorer`: why a better variant was not used; null when this is the best. */
  | { readonly kind: 'hit'; readonly variant: ContextKind; readonly poorer: PoorerReason | null }
  | { readonly kind: 'miss'; readonly reason: MissReason }

export interface ChunkTrace {
  readonly id: NodeId
  readonly document: string
  readonly section: string
  readonly tokens: number
  readonly outcome: ChunkOutcome
  /** How its cache was kept; null for a miss. */
  readonly profile: Profile | null
  /** Its cached tokens that were computed again: ranges from its first token, ascending, ends left out. */
  readonly recomputed: readonly (readonly [from: number, to: number])[]
}

/** `plan` first, then the engine's stages, which overlap; ms from the request. */
export interface TraceStage extends Omit<StageTime, 'name'> {
  readonly name: 'plan' | StageTime['name']
}

/** A strategy that `auto` gave up, because its first token was less likely than it should be. */
export interface Attempt {
  readonly strategy: Strategy
  readonly startMs: number
  readonly ms: number
  /** The first token's probability, and the least that was accepted. */
  readonly confidence: number
  readonly minConfidence: number
}

export interface Trace {
  /** The one that answered; what `auto` chose. */
  readonly strategy: Strategy
  /** Why it was chosen; null where it was asked for. */
  readonly why: string | null
  readonly said?: Detail | undefined
  /** What came before it, in order. */
  readonly attempts: readonly Attempt[]
  /** Whether the model passed its check for mixing cached and fresh parts; null where this strategy does not mix. */
  readonly gate: 'passed' | 'not checked' | null
  readonly model: string
  readonly device: string
  readonly stages: readonly TraceStage[]
  /** What the engine's stages consist of; ms from the request. */
  readonly work: readonly WorkSpan[]
  /** From the request to the first sampled token, plan and load included. */
  readonly ttftMs: number
  readonly knowledgeTokens: number
  /** Template, history and question: always computed. */
  readonly questionTokens: number
  /** Of cached chunks; of them `recomputedTokens` were computed again. */
  readonly reusedTokens: number
  readonly recomputedTokens: number
  /** Without those computed again. */
  readonly computedTokens: number
  /** Tokens reused and not computed again, of knowledgeTokens; null when nothing was selected. */
  readonly hitRate: number | null
  /** Of cache files; and what of caches came from engine memory instead, decoded. */
  readonly bytesRead: number
  readonly bytesFromMemory: number
  readonly generatedTokens: number
  readonly decodeTokensPerSecond: number | null
  readonly chunks: readonly ChunkTrace[]
  readonly firstTokens: AnswerResult['firstTokens']
  /** Probability of the likeliest first token. */
  readonly confidence: number
  readonly logitsDigest: string
}

export interface Answer {
  readonly text: string
  readonly stop: AnswerResult['stop']
  readonly trace: Trace
}

export type AskEvent =
  /** Comes again where a plan is given up: a cache turned out damaged, or `auto` tries more. */
  | { readonly type: 'plan'; readonly strategy: Strategy; readonly chunks: readonly ChunkTrace[]; readonly knowledgeTokens: number }
  | { readonly type: 'progress'; readonly done: number; readonly total: number }
  | { readonly type: 'first-token'; readonly ttftMs: number }
  | { readonly type: 'text'; readonly text: string }
  /** `query`: its number in the history. */
  | { readonly type: 'answer'; readonly query: number; readonly answer: Answer }

/** What comes before the answer. */
export type EarlyEvent = Exclude<AskEvent, { readonly type: 'answer' }>
