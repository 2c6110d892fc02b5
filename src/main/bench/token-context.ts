/**
 * Knowledge of random tokens with its caches: every chunk on its own behind BOS, as if each were a document, and, where a
 * strategy needs it, behind all those before it, which is what `prefix` reads and what tokens are scored against.
 */
import { join } from 'node:path'
import type { Segment } from '../../shared/engine'
import type { Deviations } from '../../shared/engine-looks'
import type { StrategySpec } from '../../shared/strategy'
import { recomputeFor, type BlendChunk, type RowDeviations } from '../blend/rows'
import type { KeyedChunk } from '../build/knowledge'
import type { ModelIdentity } from '../store/key'
import { readScores, type Scores } from '../store/scores'
import { cachedSegment, openStore, type Lease, type Store } from '../store/store'
import { buildCaches } from './caches'
import { SUB_BATCH, type Bench, type Composed, type Prompt } from './measure'
import type { BenchRun } from './slots'
import { pieces, tokenDocument } from './token-knowledge'

/** Where `blend` compares when it names no layer: the paper's. */
export const CHECK_LAYER = 1

export interface TokenContextOptions {
  readonly bench: Bench
  readonly fingerprint: string
  /** Where the caches lie; what is there already is not computed again. */
  readonly folder: string
  readonly knowledge: readonly number[]
  /** Tokens of a chunk. */
  readonly chunk: number
  /** Strategies that contexts will be composed by. */
  readonly strategies: readonly StrategySpec[]
  readonly run: BenchRun
}

/** Those that read, or score against, chunks computed one behind the other. */
const BEHIND_OTHERS: readonly StrategySpec['name'][] = ['prefix', 'score', 'mix']

export class TokenContext implements AsyncDisposable {
  readonly #bench: Bench
  readonly #store: Store
  readonly #lease: Lease
  readonly #identity: ModelIdentity
  readonly #chunks: readonly KeyedChunk[]
  readonly #scores: ReadonlyMap<string, Scores>
  #deviations: Promise<RowDeviations> | null = null

  private constructor(
    bench: Bench,
    parts: { store: Store; lease: Lease; identity: ModelIdentity; chunks: readonly KeyedChunk[] },
  ) {
    this.#bench = bench
    this.#store = parts.store
    this.#lease = parts.lease
    this.#identity = parts.identity
    this.#chunks = parts.chunks
    this.#scores = readScores(
      parts.store.sql,
      parts.chunks.map(({ keys }) => keys.document.key),
    )
  }

  /** Computes what is missing of the caches. */
  static async open(options: TokenContextOptions): Promise<TokenContext> {
    const { bench, fingerprint, folder, knowledge, chunk, strategies, run } = options
    const variants: readonly ('bos' | 'document')[] = strategies.some(({ name }) => BEHIND_OTHERS.includes(name))
      ? ['document', 'bos']
      : ['bos']
    await using opened = new AsyncDisposableStack()
    const store = opened.use(await openStore(join(folder, 'caches')))
    const identity = identityOf(bench, fingerprint)
    const document = tokenDocument(1, pieces(knowledge, chunk), identity)
    await buildCaches(bench.engine, store, {
      model: bench.model.model,
      identity,
      documents: [document],
      variants,
      run,
    })
    const keys = document.chunks.flatMap(({ keys }) => variants.map((variant) => keys[variant].key))
    const lease = opened.use(await store.open(keys))
    const context = new TokenContext(bench, { store, lease, identity, chunks: document.chunks })
    opened.move()
    return context
  }

  /** The chunks' caches in bytes, each on its own. */
  get bytes(): number {
    return this.#store.bytesOf(this.#chunks.map(({ keys }) => keys.bos.key))
  }

  /** Milliseconds that computing them took, now or in an earlier run. */
  get encodeMs(): number {
    return this.#chunks.reduce((sum, { keys }) => sum + (this.#store.entry(keys.bos.key)?.computeMs ?? 0), 0)
  }

  promptOf(question: readonly number[]): Prompt {
    return { knowledge: this.#tokens().length, question: question.length }
  }

  /** The question without the knowledge. */
  alone(question: readonly number[]): Composed {
    return {
      segments: [{ kind: 'compute', tokens: [...this.#identity.bos, ...question] }],
      recompute: { kind: 'none' },
    }
  }

  /** The context of a strategy, with this question. */
  async composed(spec: StrategySpec, question: readonly number[]): Promise<Composed> {
    const { bos } = this.#identity
    const asked: Segment = { kind: 'compute', tokens: [...question] }
    if (spec.name === 'full') {
      return {
        segments: [{ kind: 'compute', tokens: [...bos, ...this.#tokens(), ...question] }],
        recompute: { kind: 'none' },
      }
    }
    const front: Segment[] = bos.length > 0 ? [{ kind: 'compute', tokens: [...bos] }] : []
    const segments = [...front, ...this.#cached(spec.name === 'prefix' ? 'document' : 'bos'), asked]
    const oracle = spec.name === 'oracle' ? await this.#measured(segments) : undefined
    return {
      segments,
      recompute: recomputeFor(spec, this.#blendChunks(), { checkLayer: CHECK_LAYER, seed: 'bench', oracle }),
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#lease[Symbol.asyncDispose]()
    await this.#store[Symbol.asyncDispose]()
  }

  #tokens(): number[] {
    return this.#chunks.flatMap(({ tokens }) => tokens)
  }

  #cached(kind: 'bos' | 'document'): Segment[] {
    return this.#chunks.map(({ tokens, keys }) => {
      const { key } = keys[kind]
      return cachedSegment(this.#lease, key, [...tokens])
    })
  }

  #blendChunks(): BlendChunk[] {
    let start = this.#identity.bos.length
    return this.#chunks.map(({ tokens, keys }, at) => {
      const chunk = {
        start,
        tokens: tokens.length,
        cached: true,
        exact: at === 0,
        score: this.#scores.get(keys.document.key) ?? null,
      }
      start += tokens.length
      return chunk
    })
  }

  #measured(segments: Segment[]): Promise<RowDeviations> {
    const { engine, model, signal } = this.#bench
    this.#deviations ??= engine
      .call('measure', { model: model.model, segments, subBatch: SUB_BATCH }, { signal })
      .then(overLayers)
    return this.#deviations
  }
}

/** A model without a template, as random ones are: BOS stands before everything. */
export function identityOf({ model }: Bench, fingerprint: string): ModelIdentity {
  const bos = model.bosToken ? [model.bosToken.id] : []
  return { fingerprint, bos, prefix: bos, contextLength: model.contextLength }
}

/** Per row, over all layers. */
function overLayers({ k, v }: Deviations): RowDeviations {
  const sum = (layers: Deviations['k']): number[] =>
    layers.reduce<number[]>((total, layer) => layer.map((value, row) => (total[row] ?? 0) + value), [])
  return { k: sum(k), v: sum(v) }
}
