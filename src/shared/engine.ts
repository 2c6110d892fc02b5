/**
 * What the bridge (main process) and the engine host say to each other, and the shape of the native addon's calls.
 * K/V, weights and logits never cross: paths, ids, tokens and derived figures do.
 */
import { z } from 'zod'
import type { ErrorData } from './errors'

/** Hex SHA-256. */
export const digest = z.string().regex(/^[0-9a-f]{64}$/)
const tokens = z.array(z.int().nonnegative())

export const loadOptions = z.object({
  /** `auto` takes the fastest device with room; else a name that `system` printed, e.g. `cpu`, `CUDA0`. */
  device: z.string().default('auto'),
  /** Layers kept on an accelerator; `auto` fits as many as memory allows. Ignored on the CPU. */
  gpuLayers: z.union([z.literal('auto'), z.int().nonnegative()]).default('auto'),
  /** CPU threads; 0 takes the physical cores that this process may use, or one for a model of a few megabytes. */
  threads: z.int().nonnegative().max(512).default(0),
})
export type LoadOptions = z.infer<typeof loadOptions>

/** A run of the context: computed now, or read from an object file. `tokens` are always given: positions follow from them. */
export const segment = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('compute'), tokens }),
  z.object({ kind: z.literal('cached'), tokens, path: z.string(), key: digest }),
])
export type Segment = z.infer<typeof segment>

export const sampling = z.object({
  /** 0 is greedy. */
  temperature: z.number().min(0).max(10).default(0),
  topK: z.int().min(0).default(40),
  topP: z.number().min(0).max(1).default(0.95),
  minP: z.number().min(0).max(1).default(0.05),
  seed: z.int().min(0).max(0xffffffff).default(0),
})
export type Sampling = z.infer<typeof sampling>

export const answerParams = z.object({
  model: z.string(),
  segments: z.array(segment).min(1),
  sampling,
  maxTokens: z.int().min(1),
  /** Generation ends before the first of these; none of it is shown. */
  stop: z.array(z.string().min(1)).max(16),
  /** Most tokens computed at once; a multiple of 64. Sub-batches never span a segment border. */
  subBatch: z.int().min(64).max(8192).default(512),
})
export type AnswerParams = z.infer<typeof answerParams>

export const encodeParams = z.object({
  model: z.string(),
  /** What stands in front of the first chunk: the context chain. Its rows are not stored. */
  context: z.array(segment),
  /** Chunks in order; each sees the context and all chunks before it. One object file each, written as it is done. */
  chunks: z
    .array(z.object({ tokens: tokens.min(1), key: digest, path: z.string() }))
    .min(1),
  subBatch: z.int().min(64).max(8192).default(512),
})
export type EncodeParams = z.infer<typeof encodeParams>

export const DATA_TYPES = ['f32', 'f16', 'bf16', 'q8_0', 'q4_0', 'q4_k', 'q6_k'] as const

/** A model with random weights, for tests and benches: real shapes, meaningless words. */
export const randomModelParams = z.object({
  path: z.string(),
  architecture: z.string(),
  type: z.enum(DATA_TYPES),
  layers: z.int().min(1).max(256),
  embedding: z.int().min(32),
  feedForward: z.int().min(32),
  heads: z.int().min(1),
  kvHeads: z.int().min(1),
  headDim: z.int().min(2),
  /** At least 1024: 256 bytes, letter pairs, two control tokens, the rest filler. */
  vocabulary: z.int().min(1024),
  contextLength: z.int().min(1).default(131072),
  tied: z.boolean().default(false),
  ropeBase: z.number().positive().default(500000),
  /** `llama3` writes a `rope_freqs.weight` tensor; `yarn` and `linear` write metadata. */
  ropeScaling: z.enum(['none', 'llama3', 'yarn', 'linear']).default('none'),
  seed: z.int().nonnegative().default(1),
})
export type RandomModelParams = z.infer<typeof randomModelParams>

export const benchParams = z.object({
  model: z.string(),
  /** Who computes: this engine, or libllama on the same file in the same process. */
  who: z.enum(['kvasir', 'libllama']),
  /** `prefill`: `tokens` from an empty context. `decode`: `steps` single tokens behind `tokens` (prefilled, not timed). */
  what: z.enum(['prefill', 'decode']),
  tokens: tokens.min(1),
  steps: z.int().min(1).max(4096).default(32),
  subBatch: z.int().min(64).max(8192).default(512),
})
export type BenchParams = z.infer<typeof benchParams>

export interface Device {
  /** Name to give as `device`. */
  readonly name: string
  readonly description: string
  readonly kind: 'cpu' | 'gpu' | 'accelerator'
  readonly memoryBytes: number
  readonly freeBytes: number
}

export interface SystemInfo {
  readonly libraryDir: string
  readonly ggmlVersion: string
  readonly llamaVersion: string
  /** Vector instruction sets and the like, as ggml reports them. */
  readonly cpuFeatures: string
  readonly devices: readonly Device[]
}

/** A GGUF's metadata, read and checked without loading its weights. */
export interface ModelFacts {
  readonly name: string
  readonly architecture: string
  /** e.g. `Q4_0`; the type that most weight bytes have. */
  readonly quantization: string
  readonly parameters: number
  readonly fileBytes: number
  readonly layers: number
  readonly embedding: number
  readonly heads: number
  readonly kvHeads: number
  readonly headDim: number
  readonly vocabulary: number
  /** Tokens it was trained for. */
  readonly contextLength: number
  /** f16 bytes of K and V for one token over all layers. */
  readonly kvBytesPerToken: number
  /** Jinja source, or null. */
  readonly chatTemplate: string | null
  readonly bosToken: { readonly id: number; readonly text: string } | null
  readonly eosToken: { readonly id: number; readonly text: string } | null
  /** Whether the tokenizer puts BOS in front by itself. */
  readonly addBos: boolean
  /** SHA-256 of everything that decides how text becomes token ids: vocabulary, merges, pre-tokenizer, flags. */
  readonly tokenizerDigest: string
}

export interface LoadedModel extends ModelFacts {
  /** Handle for later calls. */
  readonly model: string
  readonly device: string
  readonly gpuLayers: number
  readonly threads: number
  readonly loadMs: number
  readonly weightBytes: number
}

export const STAGES = ['read', 'upload', 'compute', 'first-token'] as const
/**
 * `read`: object files to memory, checked. `upload`: to the device, with RoPE. `compute`: segments computed before the
 * last one. `first-token`: the last segment (the question) and sampling.
 */
export type EngineStage = (typeof STAGES)[number]

export interface StageTime {
  readonly name: EngineStage
  /** From the start of the call. */
  readonly startMs: number
  readonly ms: number
}

export interface AnswerResult {
  readonly text: string
  readonly tokens: readonly number[]
  readonly stop: 'eos' | 'stop-string' | 'length'
  readonly stages: readonly StageTime[]
  /** Start of the call to the first sampled token, in the engine. */
  readonly ttftMs: number
  readonly decodeMs: number
  readonly bytesRead: number
  readonly reusedTokens: number
  readonly computedTokens: number
  /** SHA-256 of the first token's logits (f32, little-endian): equal digests mean bit-equal logits. */
  readonly logitsDigest: string
  /** Log-probabilities of the most likely first tokens, best first, at most 8. */
  readonly firstTokens: readonly { readonly id: number; readonly text: string; readonly logProbability: number }[]
}

export type AnswerEvent =
  | { readonly type: 'progress'; readonly done: number; readonly total: number }
  | { readonly type: 'first-token'; readonly ttftMs: number; readonly stages: readonly StageTime[] }
  | { readonly type: 'text'; readonly text: string }

export interface EncodedChunk {
  /** Index into `chunks`. */
  readonly index: number
  readonly bytes: number
  /** SHA-256 of the object file. */
  readonly digest: string
  readonly ms: number
}

export type EncodeEvent =
  | { readonly type: 'progress'; readonly done: number; readonly total: number }
  | ({ readonly type: 'chunk' } & EncodedChunk)

/** Request and result of every call of the host, with the events it may send meanwhile. */
export interface EngineCalls {
  system: { params: Record<string, never>; result: SystemInfo; event: never }
  inspect: { params: { path: string }; result: ModelFacts; event: never }
  /** SHA-256 of the whole file: the model's fingerprint. */
  fingerprint: { params: { path: string }; result: { digest: string; bytes: number }; event: { done: number; total: number } }
  load: { params: { path: string; options: LoadOptions }; result: LoadedModel; event: never }
  unload: { params: { model: string }; result: null; event: never }
  /** `special`: whether control tokens written out in the text are parsed as such. No BOS is added. */
  tokenize: { params: { model: string; texts: string[]; special: boolean }; result: number[][]; event: never }
  detokenize: { params: { model: string; tokens: number[] }; result: string; event: never }
  encode: { params: EncodeParams; result: { ms: number }; event: EncodeEvent }
  answer: { params: AnswerParams; result: AnswerResult; event: AnswerEvent }
  /** Reads an object whole and checks every checksum. */
  verify: { params: { path: string; key: string }; result: { bytes: number; tokens: number }; event: never }
  randomModel: { params: RandomModelParams; result: { bytes: number }; event: never }
  bench: { params: BenchParams; result: { ms: number; tokens: number }; event: never }
}
export type EngineMethod = keyof EngineCalls

export type ToHost =
  | { readonly type: 'call'; readonly id: number; readonly method: EngineMethod; readonly params: unknown }
  | { readonly type: 'abort'; readonly id: number }

export type FromHost =
  | { readonly type: 'ready'; readonly pid: number }
  | { readonly type: 'beat' }
  /** Its turn has come: until then a call has had no effect and may be sent again to another host. */
  | { readonly type: 'started'; readonly id: number }
  | { readonly type: 'event'; readonly id: number; readonly event: unknown }
  | { readonly type: 'result'; readonly id: number; readonly result: unknown }
  | { readonly type: 'error'; readonly id: number; readonly error: ErrorData }
