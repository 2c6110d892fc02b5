/** The forms of a cache that `--kind codec` holds against each other. */

/** By a codebook: along the channels, or along the principal components of each layer's K and V. */
export interface CodedForm {
  readonly kind: 'coded'
  readonly name: string
  readonly basis: boolean
  /** Of V, in parts of its deviation in that layer. */
  readonly step: number
}

/** By others: ggml's K/V types, or a general compressor over the f16 file. */
export type PeerForm =
  | { readonly kind: 'ggml'; readonly name: string; readonly type: 'q8_0' | 'q4_0' }
  | { readonly kind: 'zstd'; readonly name: string }

/** K decides whom a token attends to: an error in it costs more than one in V. */
const K_STEP = 0.5

const CHANNELS = [0.03, 0.3, 0.6, 0.9, 1.2, 1.8]
const COMPONENTS = [0.3, 0.6, 0.9, 1.2, 1.5, 1.8, 2.2, 2.6]

export const CODED_FORMS: readonly CodedForm[] = [
  ...CHANNELS.map((step) => ({ kind: 'coded' as const, name: `channels ${step}`, basis: false, step })),
  ...COMPONENTS.map((step) => ({ kind: 'coded' as const, name: `components ${step}`, basis: true, step })),
]

export const PEER_FORMS: readonly PeerForm[] = [
  { kind: 'ggml', name: 'ggml q8_0', type: 'q8_0' },
  { kind: 'ggml', name: 'ggml q4_0', type: 'q4_0' },
  { kind: 'zstd', name: 'zstd -19 of shuffled f16' },
]

/** Steps of K and V of every layer from 1 on. */
export function stepsOf({ step }: CodedForm, layers: number): number[] {
  return Array.from({ length: layers - 1 }, () => [K_STEP * step, step]).flat()
}
