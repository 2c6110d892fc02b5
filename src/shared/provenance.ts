/** Where an answer came from, as far as attention tells. */
import type { NodeId } from './knowledge'

export interface ChunkAttention {
  readonly id: NodeId
  /** Of the attention that the answer paid to knowledge, 0 to 1. */
  readonly share: number
  /** Its part of the knowledge's tokens: what it would get if every token got the same. */
  readonly expected: number
}

export interface TokenAttention {
  readonly text: string
  /** Of all its attention, what went to knowledge; the rest went to instructions, question and answer. */
  readonly knowledge: number
  /** Most of that first: indexes into `chunks`, and their share of it. */
  readonly top: readonly { readonly chunk: number; readonly share: number }[]
}

/** Attention is the mean over heads and over all layers but the first. What a model looks at is not why it answers so. */
export interface Provenance {
  /** Number of the query. */
  readonly query: number
  /** In reading order. */
  readonly chunks: readonly ChunkAttention[]
  /** Of the answer, in order. */
  readonly tokens: readonly TokenAttention[]
  /** Of all the answer's attention. */
  readonly knowledge: number
  readonly ms: number
}
