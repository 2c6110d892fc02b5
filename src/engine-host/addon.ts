/**
 * The native addon's functions. Only the engine host and native tests load it.
 * Every promise rejects with an Error that has a `code` of `src/shared/errors`; events of a call arrive before it
 * settles.
 */
import { createRequire } from 'node:module'
import type {
  AnswerEvent,
  AnswerParams,
  AnswerResult,
  BenchParams,
  CompareParams,
  EncodedChunk,
  EncodeEvent,
  EncodeParams,
  EngineCalls,
  KeptCache,
  LearnParams,
  Learnt,
  LoadedModel,
  LoadOptions,
  MemoryReport,
  ModelFacts,
  QuantiseParams,
  RandomModelParams,
  RecodedObject,
  RecodeParams,
  Segment,
  SystemInfo,
  VerifyParams,
} from '../shared/engine'
import type { CachePlanes, InspectParams, LogitsComparison, ProvenanceParams } from '../shared/engine-looks'

/** A chunk's event as the addon sends it: the digest of the file is the host's to add. */
export type AddonEncodeEvent =
  | Extract<EncodeEvent, { type: 'progress' }>
  | ({ readonly type: 'chunk' } & Omit<EncodedChunk, 'digest'>)

export type AddonRecodeEvent = Omit<RecodedObject, 'digest'>

/** For parity tests, in process only. */
export interface LogitsParams {
  readonly path: string
  readonly who: 'kvasir' | 'libllama'
  /** What stands in front of `tokens`, for `kvasir` only; its logits are left out. */
  readonly context?: readonly Segment[]
  readonly tokens: readonly number[]
  readonly subBatch?: number
  /** The last tokens, computed one at a time. Default 0. */
  readonly decode?: number
  readonly threads?: number
  /** Default `cpu`. */
  readonly device?: string
  /** Default: as many as fit. */
  readonly gpuLayers?: number
  /** False gives small sub-batches the same shapes as libllama's: bit-equal at any length. Default true. */
  readonly asLibllama?: boolean
  /** Goes through ggml's scheduler, as other devices than the CPU do. Default false. */
  readonly scheduler?: boolean
  /** Multiplies the RoPE base: anything but 1 must be noticed. Default 1. */
  readonly ropeBaseScale?: number
}

export interface Addon {
  /**
   * Opens ggml's libraries of a folder; once per process, the same folder again does nothing. Where its accelerator's
   * library cannot be loaded, the one of `fallbackDir` is tried.
   */
  open(libraryDir: string, fallbackDir?: string | null): SystemInfo
  inspect(path: string): Promise<ModelFacts>
  load(path: string, options: LoadOptions): Promise<LoadedModel>
  /** A running job keeps the model until it ends. */
  unload(model: string): void
  /** What is kept of decoded caches, after setting its budget where one is given. */
  memory(budgetBytes?: number): MemoryReport
  kept(): readonly KeptCache[]
  tokenize(model: string, texts: readonly string[], special: boolean): Promise<number[][]>
  detokenize(model: string, tokens: readonly number[]): Promise<string>
  pieces(model: string, tokens: readonly number[]): Promise<number[]>
  /** Jobs of one model wait for each other. `job` is a number by which `abort` finds it. */
  encode(job: number, params: EncodeParams, onEvent: (event: AddonEncodeEvent) => void): Promise<{ ms: number }>
  answer(job: number, params: AnswerParams, onEvent: (event: AnswerEvent) => void): Promise<AnswerResult>
  compare(
    job: number,
    params: CompareParams,
    onEvent: (event: EngineCalls['compare']['event']) => void,
  ): Promise<EngineCalls['compare']['result']>
  measure(job: number, params: EngineCalls['measure']['params']): Promise<EngineCalls['measure']['result']>
  inspectCache(job: number, params: InspectParams): Promise<CachePlanes>
  provenance(
    job: number,
    params: ProvenanceParams,
    onEvent: (event: EngineCalls['provenance']['event']) => void,
  ): Promise<EngineCalls['provenance']['result']>
  deviation(job: number, params: EngineCalls['deviation']['params']): Promise<EngineCalls['deviation']['result']>
  parity(job: number, params: EngineCalls['parity']['params']): Promise<LogitsComparison>
  shift(job: number, params: EngineCalls['shift']['params']): Promise<LogitsComparison>
  verify(params: VerifyParams): Promise<EngineCalls['verify']['result']>
  learn(
    job: number,
    params: LearnParams,
    onEvent: (event: EngineCalls['learn']['event']) => void,
  ): Promise<readonly Omit<Learnt, 'digest'>[]>
  quantise(job: number, params: QuantiseParams, onEvent: (event: AddonRecodeEvent) => void): Promise<null>
  recode(job: number, params: RecodeParams, onEvent: (event: AddonRecodeEvent) => void): Promise<null>
  randomModel(params: RandomModelParams): Promise<{ bytes: number }>
  bench(job: number, params: BenchParams): Promise<{ ms: number; tokens: number }>
  /** [tokens][vocabulary], f32, of every token. */
  logits(params: LogitsParams): Promise<Float32Array>
  /** The job ends with `cancelled` before its next operation; nothing happens when there is none of this number. */
  abort(job: number): void
}

const names: readonly (keyof Addon)[] = [
  'open',
  'inspect',
  'load',
  'unload',
  'memory',
  'kept',
  'tokenize',
  'detokenize',
  'pieces',
  'encode',
  'answer',
  'compare',
  'measure',
  'inspectCache',
  'provenance',
  'deviation',
  'parity',
  'shift',
  'verify',
  'learn',
  'recode',
  'quantise',
  'randomModel',
  'bench',
  'logits',
  'abort',
]

/** Whether a loaded module has every function; a stale build lacks some. */
function isAddon(value: unknown): value is Addon {
  if (typeof value !== 'object' || value === null) return false
  const functions = new Map<string, unknown>(Object.entries(value))
  return names.every((name) => typeof functions.get(name) === 'function')
}

/** Loads the addon from an absolute path (`native/build/Release/kvasir.node`). */
export function loadAddon(path: string): Addon {
  const loaded: unknown = createRequire(import.meta.url)(path)
  if (isAddon(loaded)) return loaded
  throw new Error(`Expected Kvasir's engine in ${path}, but functions are missing. Build it again.`)
}
