/** What each strategy would cost a question, and keep of full prefill, before it is asked. */
import { z } from 'zod'
import { turn } from './answer'
import type { Detail } from './details'
import { selection } from './knowledge'
import { profile } from './profile'
import { strategy, type Strategy } from './strategy'

export const estimateRequest = z.object({
  /** Id or name of a set. */
  set: z.string().min(1),
  selection: selection.prefault({}),
  /** Without one, the template's tokens alone are counted. */
  question: z.string().max(100_000).default(''),
  history: z.array(turn).max(1000).default([]),
  /** As in `ask`. */
  profile: profile.nullable().default(null),
  fidelity: z.number().min(0).max(100).default(0.02),
  /** To be estimated beside the usual ones and those that were calibrated; controls are not. */
  strategies: z.array(strategy).max(16).default([]),
})
export type EstimateRequest = z.infer<typeof estimateRequest>
export type EstimateInput = z.input<typeof estimateRequest>

/** What a strategy keeps of full prefill. */
export interface Fidelity {
  /** Mean KL(full || strategy) per token, nats. */
  readonly klMean: number
  /** Share of tokens whose most likely one is full prefill's. */
  readonly top1: number
  /** `exact`: what is reused here is what full prefill computes. `calibrated`: measured on other questions. */
  readonly basis: 'exact' | 'calibrated'
}

export interface ArmEstimate {
  readonly strategy: Strategy
  /** Of `auto`: what it would begin with, and why; null for others. */
  readonly chosen: { readonly strategy: Strategy; readonly why: string; readonly said?: Detail | undefined } | null
  /** Null: nothing that was measured tells. */
  readonly ttftMs: number | null
  /** Whether the time is told from queries that did much less or much more, or from builds. */
  readonly isRough: boolean
  /** Of the caches' files; what the engine still keeps in memory is not read again. */
  readonly bytes: number
  /** Of cached chunks; of them `recomputedTokens` are computed again. */
  readonly reusedTokens: number
  readonly recomputedTokens: number
  /** Knowledge without a cache, and the question. */
  readonly computedTokens: number
  /** Null: not calibrated, and not exact. */
  readonly fidelity: Fidelity | null
  /** Why it may not be used: the gate's word, or what the model lacks; null where it may. */
  readonly refused: string | null
  readonly refusal?: Detail | undefined
  /** Whether something cheaper is as faithful, as far as both were calibrated. */
  readonly isDominated: boolean
}

export interface Estimate {
  /** Cheapest first; `auto` last. */
  readonly arms: readonly ArmEstimate[]
  readonly knowledgeTokens: number
  readonly questionTokens: number
  readonly device: string
  /** What times are told from. */
  readonly measured: {
    /** Queries on this model and device. */
    readonly queries: number
    /** Those of them that read caches. */
    readonly withCaches: number
    /** Caches whose computing was timed: for a device that has answered nothing yet. */
    readonly builds: number
  }
  /** Null: neither the set nor the model was calibrated. */
  readonly calibration: { readonly set: string | null; readonly questions: number; readonly madeAt: string } | null
  readonly gate: 'passed' | 'failed' | 'not checked'
}
