/**
 * What the bridge (main process) and the engine host say to each other, and the shape of the native addon's calls.
 * K/V, weights and logits never cross: paths, ids, tokens and derived figures do.
 */
import { z } from 'zod'
import type {
  CachePlanes,
  Deviations,
  InspectParams,
  LogitsComparison,
  MeasureParams,
  ParityParams,
  ProvenanceParams,
  ShiftParams,
} from './engine-looks'
import type { ErrorData } from './errors'
import { DEVIATIONS } from './strategy'

/** Hex SHA-256. */
export const digest = z.string().regex(/^[0-9a-f]{64}$/)
export const tokens = z.array(z.int().nonnegative())

export const loadOptions = z.object({
  /** `auto` takes the fastest device with room; else a name that `system` printed, e.g. `cpu`, `CUDA0`. */
  device: z.string().default('auto'),
  /** Layers kept on an accelerator; `auto` fits as many as memory allows. Ignored on the CPU. */
  gpuLayers: z.union([z.literal('auto'), z.int().nonnegative()]).default('auto'),
  /** CPU threads; 0 takes the physical cores that this process may use, or one for a model of a few megabytes. */
  threads: z.int().nonnegative().max(512).default(0),
})
export type LoadOptions = z.infer<typeof loadOptions>

/** How a model's K/V is coded in one profile: a file, and its SHA-256. */
const codebookFile = z.object({ path: z.string().min(1), digest })
export type CodebookFile = z.infer<typeof codebookFile>

/**
 * A run of the context: computed now, or read from an object file, coded by a codebook or as f16. `tokens` are always
 * given: positions follow from them.
 */
export const segment = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('compute'), tokens }),
  z.object({ kind: z.literal('cached'), tokens, path: z.string(), key: digest, codebook: codebookFile.optional() }),
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

/**
 * Which rows of cached segments are computed again; row 0 is the context's first token. The rest is reused as it is.
 * What is computed at all is computed in one pass, in sub-batches cut from the rows in order.
 */
export const recompute = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('none') }),
  /** These rows, ascending, at every layer. */
  z.object({ kind: z.literal('rows'), rows: z.array(z.int().nonnegative()) }),
  /** CacheBlend (arXiv 2405.16444): chosen by their deviation from the cached K/V at a layer. */
  z.object({
    kind: z.literal('check'),
    /** Layers below it and its own K/V are computed for all rows but exact ones. From 1 to the last layer. */
    layer: z.int().min(1),
    /** floor(ratio * cached tokens) rows are kept. */
    ratio: z.number().min(0).max(1),
    /** Cached rows before it are what full prefill gives: below a ratio of 1 they are neither computed nor chosen. */
    exactRows: z.int().nonnegative(),
    by: z.enum(DEVIATIONS),
    /** Times the attention that the last segment pays at that layer. */
    attention: z.boolean(),
    /** Starts with 1.5 times the ratio and re-selects at every layer, down to half of it at the last. */
    gradual: z.boolean(),
  }),
])
export type Recompute = z.infer<typeof recompute>

export const answerParams = z.object({
  model: z.string(),
  segments: z.array(segment).min(1),
  recompute: recompute.default({ kind: 'none' }),
  /**
   * The call before has left the K/V of all segments but the last in the context: nothing is read or computed again for
   * them. Where it has not (other segments, a recomputation, another call meanwhile), they are brought in as usual.
   */
  resident: z.boolean().default(false),
  /** Whether decoded caches are kept in engine memory and taken from it; false reads every object file. */
  memory: z.boolean().default(true),
  /** Ends with `uncertain`, before any text, where the first token's probability is lower. */
  minConfidence: z.number().min(0).max(1).default(0),
  sampling,
  maxTokens: z.int().min(1),
  /** Generation ends before the first of these; none of it is shown. */
  stop: z.array(z.string().min(1)).max(16),
  /** Most tokens computed at once; a multiple of 64. */
  subBatch: z.int().min(64).max(8192).default(512),
})
export type AnswerParams = z.input<typeof answerParams>

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

const objectFile = z.object({ path: z.string().min(1).max(32_767), key: digest })

/** Codebooks learnt from f16 objects of one model. */
export const learnParams = z.object({
  /** The model's. */
  fingerprint: digest,
  objects: z.array(objectFile).min(1).max(4096),
  /** One codebook each. */
  trials: z
    .array(
      z.object({
        /** Where it goes. */
        path: z.string().min(1).max(32_767),
        /** By principal components of each layer's K and V; else by channel. */
        basis: z.boolean(),
        /** Of layer 1 K, layer 1 V, layer 2 K, ...: in parts of the deviation of that layer's K or V. */
        steps: z.array(z.number().positive()).min(2),
      }),
    )
    .min(1)
    .max(64),
  threads: z.int().min(1).max(512).default(1),
})
export type LearnParams = z.input<typeof learnParams>

export interface Learnt {
  readonly bytes: number
  /** SHA-256 of the codebook's file. */
  readonly digest: string
  /** Of all layers' elements, as far as the sample's K/V go; headers are not counted. */
  readonly bitsPerElement: number
}

/** Objects coded anew by a codebook, each into a new file. */
export const recodeParams = z.object({
  codebook: codebookFile,
  /** f16. */
  objects: z.array(objectFile.extend({ to: z.string().min(1).max(32_767) })).min(1),
})
export type RecodeParams = z.input<typeof recodeParams>

/** What ggml's K/V types would keep of f16 objects: the same objects, gone through the type and back. For benches. */
export const quantiseParams = recodeParams.omit({ codebook: true }).extend({ type: z.enum(['q8_0', 'q4_0']) })
export type QuantiseParams = z.input<typeof quantiseParams>

export const verifyParams = objectFile.extend({ codebook: codebookFile.optional() })
export type VerifyParams = z.input<typeof verifyParams>

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

/** What the engine keeps of decoded caches, layer by layer. */
export const memoryReport = z.object({
  budgetBytes: z.number(),
  /** K/V that are kept or being decoded. */
  bytes: z.number(),
  layers: z.number(),
  /** Layers taken from memory; decoded while there was a budget; that gave way to others. */
  hits: z.number(),
  misses: z.number(),
  evictions: z.number(),
})
export type MemoryReport = z.infer<typeof memoryReport>

export const memoryParams = z.object({
  /** Of decoded caches from now on; what is above it goes, as far as no call uses it. 0 keeps nothing. */
  budgetBytes: z.int().nonnegative().optional(),
})
export type MemoryParams = z.infer<typeof memoryParams>

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

const STAGES = ['load', 'compute', 'first-token'] as const
/**
 * `load`: object files to the device, checked, with RoPE, layer by layer. `compute`: layers, beginning before later ones
 * are loaded. `first-token`: sampling.
 */
export type EngineStage = (typeof STAGES)[number]

export interface StageTime {
  readonly name: EngineStage
  /** From the start of the call. */
  readonly startMs: number
  /** To its end; stages overlap. */
  readonly ms: number
  /** Spent at work between both. */
  readonly busyMs: number
}

/** Rows through some layers, or a layer of all cached segments being loaded. */
export interface WorkSpan {
  readonly what: 'load' | 'compute'
  /** Layers [from, to). */
  readonly from: number
  readonly to: number
  readonly rows: number
  /** From the start of the call. */
  readonly startMs: number
  readonly ms: number
}

/** How a context was put together, up to the first token's logits. */
export interface Composition {
  readonly stages: readonly StageTime[]
  /** What the stages consist of, in order of their ends. */
  readonly work: readonly WorkSpan[]
  /** Start of the call to the first sampled token, in the engine. */
  readonly ttftMs: number
  /** Of all threads, up to there. */
  readonly cpuMs: number
  /** K/V of object files, as they are in them. */
  readonly bytesRead: number
  /** K/V taken from engine memory instead, decoded. */
  readonly bytesFromMemory: number
  /** Tokens of cached segments; of them `recomputedRows` were computed again. */
  readonly reusedTokens: number
  /** Tokens of the segments that are not cached. */
  readonly computedTokens: number
  /** Rows of cached segments computed again in the last layer, ascending. */
  readonly recomputedRows: readonly number[]
  /** Whether the context was already in place (`resident`). */
  readonly wasResident: boolean
  /** SHA-256 of the first token's logits (f32, little-endian): equal digests mean bit-equal logits. */
  readonly logitsDigest: string
  /** Log-probabilities of the most likely first tokens, best first, at most 8. */
  readonly firstTokens: readonly { readonly id: number; readonly text: string; readonly logProbability: number }[]
}

export interface AnswerResult extends Composition {
  readonly text: string
  readonly tokens: readonly number[]
  /** What each token added to the text, which is all of them; empty where it was held back for later ones. */
  readonly pieces: readonly string[]
  readonly stop: 'eos' | 'stop-string' | 'length' | 'uncertain'
  readonly decodeMs: number
}

/** One question answered in several ways, each held against the first. */
export const compareParams = z.object({
  model: z.string(),
  /** The first is the reference, usually full prefill; they are composed in this order. */
  arms: z.array(z.object({ segments: z.array(segment).min(1), recompute: recompute.default({ kind: 'none' }) })).min(1).max(256),
  /** The tokens that every arm is judged on; null: the reference's own greedy answer. */
  continuation: tokens.min(1).nullable(),
  maxTokens: z.int().min(1),
  stop: z.array(z.string().min(1)).max(16),
  subBatch: z.int().min(64).max(8192).default(512),
})
export type CompareParams = z.input<typeof compareParams>

export interface ComparedArm extends Composition {
  /** Its own greedy answer. */
  readonly text: string
  readonly tokens: readonly number[]
  readonly pieces: AnswerResult['pieces']
  readonly stop: AnswerResult['stop']
  /**
   * Over the continuation's tokens, teacher-forced: KL(reference || arm) in nats; the share of them whose most likely
   * token is the reference's; the log-probability of all together. A greedy answer that ended by itself counts its end.
   */
  readonly klMean: number
  readonly klMax: number
  readonly top1: number
  readonly logProbability: number
  /** Of each of them: that KL, and whether the most likely token is the reference's. */
  readonly kl: readonly number[]
  readonly agrees: readonly boolean[]
}

/** A cache that engine memory keeps decoded, as coded by one codebook. */
export interface KeptCache {
  readonly key: string
  readonly codebook: string
  readonly layers: number
  readonly bytes: number
}

export type AnswerEvent =
  | { readonly type: 'progress'; readonly done: number; readonly total: number }
  | ({ readonly type: 'first-token' } & Composition)
  | { readonly type: 'text'; readonly text: string }

export interface RecodedObject {
  /** Index into `objects`. */
  readonly index: number
  readonly bytes: number
  /** SHA-256 of the object file. */
  readonly digest: string
  readonly ms: number
}

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
  /** Sets the budget where one is given. */
  memory: { params: MemoryParams; result: MemoryReport; event: never }
  /** What engine memory keeps of decoded caches, by key. */
  kept: { params: Record<string, never>; result: readonly KeptCache[]; event: never }
  /** `special`: whether control tokens written out in the text are parsed as such. No BOS is added. */
  tokenize: { params: { model: string; texts: string[]; special: boolean }; result: number[][]; event: never }
  detokenize: { params: { model: string; tokens: number[] }; result: string; event: never }
  /** How many bytes of the text in UTF-8 each token is. */
  pieces: { params: { model: string; tokens: number[] }; result: number[]; event: never }
  encode: { params: EncodeParams; result: { ms: number }; event: EncodeEvent }
  answer: { params: AnswerParams; result: AnswerResult; event: AnswerEvent }
  compare: { params: CompareParams; result: { readonly arms: readonly ComparedArm[] }; event: { readonly done: number; readonly total: number } }
  /** Deviation of cached segments from full prefill of the same tokens, for every cached row in order. */
  measure: { params: MeasureParams; result: Deviations; event: never }
  /** One cache, layer by layer and token by token, to be drawn. */
  inspectCache: { params: InspectParams; result: CachePlanes; event: never }
  /** Attention that each token of an answer was chosen with, by runs of the context's rows. */
  provenance: {
    params: ProvenanceParams
    /** [tokens][ranges], of 1 in all. Mean over heads and all layers but the first. */
    result: { readonly shares: readonly (readonly number[])[] }
    event: { readonly done: number; readonly total: number }
  }
  /** Deviation between two caches of the same tokens, summed over the layers, per token. */
  deviation: {
    params: { first: { path: string; key: string }; second: { path: string; key: string } }
    result: { readonly k: readonly number[]; readonly v: readonly number[] }
    event: never
  }
  /** This engine against libllama on the same file. */
  parity: { params: ParityParams; result: LogitsComparison; event: never }
  /** The same tokens at positions from 0 and from `offset`. */
  shift: { params: ShiftParams; result: LogitsComparison; event: never }
  /** Reads an object whole, checks every checksum, and decodes it where it is coded. */
  verify: { params: VerifyParams; result: { bytes: number; tokens: number; ms: number }; event: never }
  learn: { params: LearnParams; result: readonly Learnt[]; event: { readonly done: number; readonly total: number } }
  recode: { params: RecodeParams; result: null; event: RecodedObject }
  /** `bytes` of its events are those that the type would take. */
  quantise: { params: QuantiseParams; result: null; event: RecodedObject }
  randomModel: { params: RandomModelParams; result: { bytes: number }; event: never }
  bench: { params: BenchParams; result: { ms: number; tokens: number }; event: never }
}
export type EngineMethod = keyof EngineCalls

export type ToHost =
  | { readonly type: 'call'; readonly id: number; readonly method: EngineMethod; readonly params: unknown }
  | { readonly type: 'abort'; readonly id: number }

export type FromHost =
  | { readonly type: 'ready'; readonly pid: number }
  /** `memory`: null before the addon is open. */
  | { readonly type: 'beat'; readonly memory: MemoryReport | null }
  /** Its turn has come: until then a call has had no effect and may be sent again to another host. */
  | { readonly type: 'started'; readonly id: number }
  | { readonly type: 'event'; readonly id: number; readonly event: unknown }
  | { readonly type: 'result'; readonly id: number; readonly result: unknown }
  | { readonly type: 'error'; readonly id: number; readonly error: ErrorData }
