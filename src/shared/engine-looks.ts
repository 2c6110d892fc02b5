/**
 * What the engine is asked for to be looked at, not answered from: deviations, planes of one cache, attention of an answer, and
 * comparisons of logits. Lengths in tokens; planes row by row.
 */
import { z } from 'zod'
import { recompute, segment, tokens } from './engine'

/** Sum over kv heads and dimensions of the squared difference, per layer and token. */
export interface Deviations {
  /** [layers][tokens]; K after RoPE, which keeps lengths. */
  readonly k: readonly (readonly number[])[]
  readonly v: readonly (readonly number[])[]
}

export const measureParams = z.object({
  model: z.string(),
  segments: z.array(segment).min(1),
  subBatch: z.int().min(64).max(8192).default(512),
})
export type MeasureParams = z.input<typeof measureParams>

/** One cache to be looked at, behind the tokens that would stand in front of it. */
export const inspectParams = z.object({
  model: z.string(),
  front: tokens,
  cache: segment.options[1],
  /** What is asked behind it; may be empty. */
  question: tokens,
  /** Tokens of the cache that are wanted: [from, to). */
  from: z.int().nonnegative(),
  to: z.int().positive(),
  subBatch: z.int().min(64).max(8192).default(512),
})
export type InspectParams = z.input<typeof inspectParams>

/** Planes are [layers][cells], 1 MiB in all at most; a cell is the mean of neighbouring tokens. */
export interface CachePlanes {
  readonly layers: number
  readonly cells: number
  /** Fewer in the last cell. */
  readonly tokensPerCell: number
  /** Euclidean norms of the cache's rows. */
  readonly keyNorms: Float32Array
  readonly valueNorms: Float32Array
  /** From full prefill of the same tokens behind the front: |cached - full| / |full|; K after RoPE. */
  readonly keyDeviations: Float32Array
  readonly valueDeviations: Float32Array
  /** Of full prefill, means over heads: what later tokens of the chunk pay to each on average; 0 for its last one. */
  readonly attention: Float32Array
  /** What the question's tokens pay on average; empty without one. */
  readonly questionAttention: Float32Array
  /** Of each wanted token. */
  readonly texts: readonly string[]
}

export const provenanceParams = z.object({
  model: z.string(),
  /** The context as it was composed for the answer. */
  segments: z.array(segment).min(1),
  recompute: recompute.default({ kind: 'none' }),
  answer: tokens.min(1).max(100_000),
  ranges: z.array(z.object({ from: z.int().nonnegative(), count: z.int().min(1) })).max(100_000),
  subBatch: z.int().min(64).max(8192).default(512),
})
export type ProvenanceParams = z.input<typeof provenanceParams>

const comparedTokens = z.object({
  model: z.string(),
  tokens: tokens.min(2),
  subBatch: z.int().min(64).max(8192).default(512),
})
export const parityParams = comparedTokens.extend({
  /** Every step by libllama's kernels; else by this engine's, where they are others. */
  asLibllama: z.boolean().default(false),
})
export type ParityParams = z.input<typeof parityParams>
export const shiftParams = comparedTokens.extend({
  /** Positions that the whole context is moved by. */
  offset: z.int().min(1),
})
export type ShiftParams = z.input<typeof shiftParams>

/** Logits of two computations of the same tokens, over all of them. */
export interface LogitsComparison {
  readonly maxDifference: number
  readonly klMean: number
  readonly klMax: number
  /** Share of tokens with the same most likely next one. */
  readonly top1: number
}
