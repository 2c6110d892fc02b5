/** A large set of random documents with their caches, and queries over a few of them, as the core answers them. */
import type { Segment } from '../../shared/engine'
import type { StrategySpec } from '../../shared/strategy'
import { plan, type Plan } from '../blend/plan'
import { recomputeFor } from '../blend/rows'
import { includedChunks } from '../build/included'
import type { KeyedDocument } from '../build/knowledge'
import type { ModelIdentity } from '../store/key'
import { readScores } from '../store/scores'
import { cachedSegment, openStore, type Lease, type Store } from '../store/store'
import { buildCaches } from './caches'
import type { UsedModel } from './deps'
import { drawn, tokensFor } from './draw'
import { firstToken, type Bench, type Composed } from './measure'
import type { Sample } from './samples'
import type { BenchRun } from './slots'
import { CHECK_LAYER, identityOf } from './token-context'
import { pieces, tokenDocument } from './token-knowledge'

const CHUNK_TOKENS = 512

export interface NovelSetting {
  readonly queries: number
  /** Documents in the set. */
  readonly documents: number
  /** Documents of a query. */
  readonly perQuery: number
  readonly documentTokens: number
  readonly questionTokens: number
}

interface SetInput {
  readonly used: UsedModel
  readonly setting: NovelSetting
  readonly seed: number
  readonly folder: string
  readonly run: BenchRun
}

export class NovelSet implements AsyncDisposable {
  readonly #bench: Bench
  readonly #store: Store
  readonly #identity: ModelIdentity
  readonly #documents: readonly KeyedDocument[]
  readonly #setting: NovelSetting
  readonly #seed: number

  private constructor(
    bench: Bench,
    parts: {
      store: Store
      identity: ModelIdentity
      documents: readonly KeyedDocument[]
      setting: NovelSetting
      seed: number
    },
  ) {
    this.#bench = bench
    this.#store = parts.store
    this.#identity = parts.identity
    this.#documents = parts.documents
    this.#setting = parts.setting
    this.#seed = parts.seed
  }

  /** Computes what is missing of the caches. */
  static async open(bench: Bench, { used, setting, seed, folder, run }: SetInput): Promise<NovelSet> {
    await using opened = new AsyncDisposableStack()
    const store = opened.use(await openStore(folder))
    const identity = identityOf(bench, used.fingerprint)
    const tokens = tokensFor(used.model, seed)
    const documents = Array.from({ length: setting.documents }, (_, at) =>
      // Rounds behind those that questions are drawn in.
      tokenDocument(at + 1, pieces(tokens(setting.documentTokens, 1_000_000 + at), CHUNK_TOKENS), identity),
    )
    await buildCaches(bench.engine, store, {
      model: bench.model.model,
      identity,
      documents,
      variants: ['document', 'bos'],
      run,
    })
    const set = new NovelSet(bench, { store, identity, documents, setting, seed })
    opened.move()
    return set
  }

  /** Plan, open, compose, as a question to the workbench does; all of it counts. */
  async measure(spec: StrategySpec, query: number): Promise<Sample> {
    const documents = drawn(this.#documents, this.#setting.perQuery, this.#seed * 1_000_003 + query)
    const question = tokensFor(this.#bench.model, this.#seed)(this.#setting.questionTokens, query)
    const chunks = documents.flatMap((document) => document.chunks)
    const prompt = { knowledge: chunks.reduce((sum, { tokens }) => sum + tokens.length, 0), question: question.length }
    const startedAt = performance.now()
    const planned = this.#plan(spec, documents, question)
    const keys = [...new Set(planned.chunks.flatMap(({ key }) => key ?? []))]
    await using lease = await this.#store.open(keys)
    const composed = this.#composed(spec, planned, lease)
    const planMs = performance.now() - startedAt
    const measured = await firstToken(this.#bench, composed, prompt)
    this.#store.recordHits(keys)
    return { ...measured, ttftMs: measured.ttftMs + planMs }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#store[Symbol.asyncDispose]()
  }

  #plan(strategy: StrategySpec, documents: readonly KeyedDocument[], tail: readonly number[]): Plan {
    const chunks = includedChunks(
      this.#identity,
      documents.flatMap((document) => document.chunks),
    )
    const keys = chunks.flatMap(({ chunk, cache }) => [chunk.keys.bos.key, chunk.keys.prefix.key, cache.key])
    const evidence = {
      available: this.#store.available(keys),
      tails: this.#store.tails(keys),
      setAside: this.#store.setAside(keys),
      gone: this.#store.gone(keys),
      otherwiseKept: new Set<string>(),
      // Why a chunk has no cache is not told here.
      holders: new Map(),
      earlier: new Map(),
      otherwiseCut: new Map(),
    }
    return plan({ strategy, model: this.#identity, prefix: this.#identity.prefix, tail, chunks, evidence })
  }

  #composed(spec: StrategySpec, { segments, chunks }: Plan, lease: Lease): Composed {
    const scores = readScores(
      this.#store.sql,
      chunks.flatMap((chunk) => chunk.scores ?? []),
    )
    const blend = chunks.map(({ chunk, start, key, exact, scores: of }) => ({
      start,
      tokens: chunk.tokens.length,
      cached: key !== null,
      exact,
      score: scores.get(of ?? '') ?? null,
    }))
    return {
      segments: segments.map((segment): Segment =>
        segment.kind === 'compute'
          ? { kind: 'compute', tokens: [...segment.tokens] }
          : cachedSegment(lease, segment.key, [...segment.tokens]),
      ),
      recompute: recomputeFor(spec, blend, { checkLayer: CHECK_LAYER, seed: 'bench' }),
    }
  }
}
