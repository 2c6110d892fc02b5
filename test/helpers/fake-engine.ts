/**
 * An engine without a model, deterministic and small, for tests of the core: words are tokens, object files hold a line
 * of JSON with a checksum. What it was asked is kept for tests to look at.
 */
import { createHash } from 'node:crypto'
import { readFile, writeFile } from 'node:fs/promises'
import { setTimeout as sleep } from 'node:timers/promises'
import type {
  AnswerParams,
  Composition,
  EncodeParams,
  EngineCalls,
  EngineMethod,
  LoadedModel,
  ModelFacts,
  Segment,
} from '../../src/shared/engine'
import { WorkbenchError } from '../../src/shared/errors'
import type { CallOptions } from '../../src/main/engine/host-connection'
import type { Engine } from '../../src/main/engine/engine'

export const BOS = 1

export interface FakeEngineOptions {
  readonly contextLength?: number
  readonly layers?: number
  readonly chatTemplate?: string | null
  /** Pause before each encoded chunk and each answered word, ms. */
  readonly stepMs?: number
}

export const FAKE_TEMPLATE =
  '{{ bos_token }}{% for message in messages %}<{{ message.role }}>{{ message.content }}</{{ message.role }}>' +
  '{% endfor %}{% if add_generation_prompt %}<assistant>{% endif %}'

export class FakeEngine {
  readonly calls: { method: EngineMethod; params: unknown }[] = []
  /** Chunks until the next `encode` dies; null: never. */
  dieAfterChunks: number | null = null
  /** Of every first token. */
  logProbability = -0.1
  /** What its memory keeps. */
  kept: EngineCalls['kept']['result'] = []
  readonly #options: FakeEngineOptions

  constructor(options: FakeEngineOptions = {}) {
    this.#options = options
  }

  /** The parts of the core want the class; they call nothing but what is here. */
  get asEngine(): Engine {
    return this as unknown as Engine
  }

  of<M extends EngineMethod>(method: M): EngineCalls[M]['params'][] {
    return this.calls.filter((call) => call.method === method).map(({ params }) => params as EngineCalls[M]['params'])
  }

  async call<M extends EngineMethod>(
    method: M,
    params: EngineCalls[M]['params'],
    options: CallOptions<M> = {},
  ): Promise<EngineCalls[M]['result']> {
    this.calls.push({ method, params })
    await Promise.resolve()
    if (options.signal?.aborted) throw new WorkbenchError('cancelled', 'Cancelled.')
    const emit = options.onEvent as ((event: unknown) => void) | undefined
    const result = await this.#answer(method, params as never, emit ?? (() => undefined), options.signal)
    return result as EngineCalls[M]['result']
  }

  status(): ReturnType<Engine['status']> {
    return { state: 'ready', loaded: null, restarts: 0, lastFailure: null, memory: this.#memory() }
  }

  #memory(): ReturnType<Engine['status']>['memory'] {
    if (this.kept.length === 0) return null
    return { budgetBytes: 1000, bytes: 100, layers: this.kept.length, hits: 0, misses: 0, evictions: 0 }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.resolve()
  }

  async #answer(
    method: EngineMethod,
    params: never,
    emit: (event: unknown) => void,
    signal: AbortSignal | undefined,
  ): Promise<unknown> {
    switch (method) {
      case 'inspect':
        return this.facts()
      case 'fingerprint':
        return { digest: sha256(await readFile((params as EngineCalls['fingerprint']['params']).path)), bytes: 1 }
      case 'load':
        return this.loaded()
      case 'unload':
        return null
      case 'tokenize': {
        const { texts, special } = params as EngineCalls['tokenize']['params']
        return texts.map((text) => fakeTokens(text, special))
      }
      case 'encode':
        return await this.#encode(params, emit, signal)
      case 'verify':
        return await verify(
          (params as EngineCalls['verify']['params']).path,
          (params as EngineCalls['verify']['params']).key,
        )
      case 'answer':
        return await this.#compose(params, emit, signal)
      case 'inspectCache':
        return await inspected(params)
      case 'kept':
        return this.kept
      case 'detokenize':
        return (params as EngineCalls['detokenize']['params']).tokens.map((token) => ` ${token}`).join('')
      case 'pieces':
        return (params as EngineCalls['pieces']['params']).tokens.map((token) => ` ${token}`.length)
      case 'provenance': {
        const { answer, ranges } = params as EngineCalls['provenance']['params']
        // The first chunk gets half, whatever its length.
        return { shares: answer.map(() => ranges.map((_, at) => (at === 0 ? 0.5 : 0.25 / (ranges.length - 1)))) }
      }
      case 'system':
      case 'randomModel':
      case 'bench':
      case 'measure':
        return measured((params as EngineCalls['measure']['params']).segments)
      case 'deviation':
        return await deviations(params)
      case 'compare':
      case 'parity':
      case 'shift':
      case 'learn':
      case 'recode':
      case 'quantise':
      case 'memory':
        throw new WorkbenchError('internal', `The fake engine has no ${method}.`)
    }
  }

  facts(): ModelFacts {
    return {
      name: 'fake',
      architecture: 'llama',
      quantization: 'F32',
      parameters: 1,
      fileBytes: 1,
      layers: this.#options.layers ?? 2,
      embedding: 1,
      heads: 1,
      kvHeads: 1,
      headDim: 1,
      vocabulary: 1,
      contextLength: this.#options.contextLength ?? 100_000,
      kvBytesPerToken: 4,
      chatTemplate: this.#options.chatTemplate === undefined ? FAKE_TEMPLATE : this.#options.chatTemplate,
      bosToken: { id: BOS, text: '<bos>' },
      eosToken: { id: 2, text: '<eos>' },
      addBos: true,
      tokenizerDigest: 'f'.repeat(64),
    }
  }

  loaded(): LoadedModel {
    return { ...this.facts(), model: 'm1', device: 'cpu', gpuLayers: 0, threads: 1, loadMs: 0, weightBytes: 1 }
  }

  async #encode(
    { context, chunks }: EncodeParams,
    emit: (event: unknown) => void,
    signal: AbortSignal | undefined,
  ): Promise<{ ms: number }> {
    await checkCached(context)
    const total = chunks.reduce((sum, { tokens }) => sum + tokens.length, 0)
    let done = 0
    for (const [index, { tokens, key, path }] of chunks.entries()) {
      if (this.#options.stepMs) await sleep(this.#options.stepMs)
      if (signal?.aborted) throw new WorkbenchError('cancelled', 'Cancelled.')
      if (this.dieAfterChunks === 0) {
        this.dieAfterChunks = null
        throw new WorkbenchError('engine.died', 'The engine died while it was computing caches: signal SIGKILL.')
      }
      if (this.dieAfterChunks !== null) this.dieAfterChunks -= 1
      const body = objectBytes(key, tokens.length)
      await writeFile(path, body)
      done += tokens.length
      emit({ type: 'progress', done, total })
      emit({ type: 'chunk', index, bytes: body.length, digest: sha256(body), ms: 1 })
    }
    return { ms: 1 }
  }

  async #compose(
    { segments, recompute, minConfidence = 0 }: AnswerParams,
    emit: (event: unknown) => void,
    signal: AbortSignal | undefined,
  ): Promise<EngineCalls['answer']['result']> {
    await checkCached(segments)
    const isUncertain = Math.exp(this.logProbability) < minConfidence
    const stages = [{ name: 'first-token' as const, startMs: 0, ms: 1, busyMs: 1 }]
    const words = isUncertain ? [] : ['So', ' it', ' is', '.']
    const tokensIn = (kind: Segment['kind']): number =>
      segments.filter((part) => part.kind === kind).reduce((sum, { tokens }) => sum + tokens.length, 0)
    const composition: Composition = {
      stages,
      ttftMs: 1,
      cpuMs: 1,
      work: [],
      wasResident: false,
      recomputedRows: recompute?.kind === 'rows' ? recompute.rows : [],
      bytesRead: 0,
      bytesFromMemory: 0,
      reusedTokens: tokensIn('cached'),
      computedTokens: tokensIn('compute'),
      // Depends on the tokens, on which caches were read and on what was computed again, as real logits do.
      logitsDigest: sha256(
        JSON.stringify([
          segments.map((part) => (part.kind === 'cached' ? [part.tokens, part.key] : part.tokens)),
          recompute,
        ]),
      ),
      firstTokens: [{ id: 3, text: 'So', logProbability: this.logProbability }],
    }
    if (!isUncertain) emit({ type: 'first-token', ...composition })
    for (const text of words) {
      if (this.#options.stepMs) await sleep(this.#options.stepMs)
      if (signal?.aborted) throw new WorkbenchError('cancelled', 'Cancelled.')
      emit({ type: 'text', text })
    }
    const [text, tokens] = [words.join(''), isUncertain ? [] : [3, 4, 5, 6]]
    return { ...composition, text, tokens, pieces: words, stop: isUncertain ? 'uncertain' : 'eos', decodeMs: 4 }
  }
}

/** Words of at most eight letters with the space before them; `<bos>` is a control token where these are parsed. */
export function fakeTokens(text: string, special = false): number[] {
  if (special && text.startsWith('<bos>')) return [BOS, ...fakeTokens(text.slice(5))]
  return (text.match(/\s?[^\s]{1,8}|\s/gu) ?? []).map(wordId)
}

/** FNV-1a, folded above the control tokens. */
function wordId(word: string): number {
  let hash = 0x811c9dc5
  for (let at = 0; at < word.length; at++) hash = Math.imul(hash ^ word.charCodeAt(at), 0x01000193)
  return 10 + ((hash >>> 0) % 1_000_000)
}

function objectBytes(key: string, tokens: number): string {
  const body = JSON.stringify({ key, tokens })
  return `${body}\n${sha256(body)}\n`
}

async function verify(path: string, key: string): Promise<{ bytes: number; tokens: number }> {
  const text = await readFile(path, 'utf8').catch(() => {
    throw new WorkbenchError('object.unreadable', `Expected an object file at ${path}.`)
  })
  const [body = '', checksum] = text.split('\n')
  if (sha256(body) !== checksum)
    throw new WorkbenchError('object.damaged', `Expected checksum ${sha256(body)} in ${path} but found ${checksum}.`)
  const found = JSON.parse(body) as { key: string; tokens: number }
  if (found.key !== key)
    throw new WorkbenchError('object.mismatch', `Expected key ${key} in ${path} but found ${found.key}.`)
  return { bytes: text.length, tokens: found.tokens }
}

/** Later tokens of a segment deviate less, in two layers alike. */
function measured(segments: readonly Segment[]): EngineCalls['measure']['result'] {
  const layer = segments.flatMap(({ kind, tokens }) => (kind === 'cached' ? tokens.map((_, at) => 1 / (at + 1)) : []))
  return { k: [layer, layer], v: [layer, layer] }
}

/** The later a token, the more it depends on what stands before it. */
async function deviations({ first, second }: EngineCalls['deviation']['params']): Promise<EngineCalls['deviation']['result']> {
  const { tokens } = await verify(first.path, first.key)
  await verify(second.path, second.key)
  const figures = Array.from({ length: tokens }, (_, at) => at + 1)
  return { k: figures, v: figures }
}

/** Of token t at layer l every plane has l + t / 100. */
async function inspected({ cache, question, from, to }: EngineCalls['inspectCache']['params']): Promise<EngineCalls['inspectCache']['result']> {
  await checkCached([cache])
  const cells = to - from
  const plane = Float32Array.from({ length: 2 * cells }, (_, at) => Math.floor(at / cells) + (from + (at % cells)) / 100)
  const texts = cache.tokens.slice(from, to).map(String)
  const questionAttention = question.length > 0 ? plane : new Float32Array()
  const planes = { keyNorms: plane, valueNorms: plane, keyDeviations: plane, valueDeviations: plane, attention: plane }
  return { layers: 2, cells, tokensPerCell: 1, ...planes, questionAttention, texts }
}

async function checkCached(segments: readonly Segment[]): Promise<void> {
  for (const part of segments) if (part.kind === 'cached') await verify(part.path, part.key)
}

function sha256(data: string | Uint8Array): string {
  return createHash('sha256').update(data).digest('hex')
}
