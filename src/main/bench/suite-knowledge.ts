/**
 * The documents of a question set in a data folder of their own, held as the workbench holds them: imported, cut,
 * computed, planned and opened by the same code.
 */
import { askRequest } from '../../shared/answer'
import type { Calibration } from '../../shared/calibration'
import type { Recompute, Segment } from '../../shared/engine'
import { toErrorData, WorkbenchError } from '../../shared/errors'
import type { NodeId } from '../../shared/knowledge'
import type { StrategySpec } from '../../shared/strategy'
import { chooseStrategy } from '../blend/auto'
import { gatherEvidence } from '../build/evidence'
import { Knowledge } from '../build/knowledge'
import { setTree } from '../build/set-tree'
import { Chunks } from '../documents/chunks'
import { findNodes } from '../documents/find-node'
import { Library } from '../documents/library'
import { Sets, type KnowledgeSet } from '../documents/sets'
import type { Engine } from '../engine/engine'
import { ModelRegistry } from '../engine/model-registry'
import { planQuery, recomputeOf, segmentsOf } from '../session/compose'
import { openModel, type OpenModel } from '../session/models'
import { select, type Query } from '../session/query'
import { modelRows } from '../store/model-rows'
import { openStore, type Store } from '../store/store'
import { buildCaches } from './caches'
import type { BenchRun } from './slots'
import type { SuiteQuestion } from './suite-file'

export interface SuiteKnowledgeOptions {
  readonly engine: Engine
  /** Where everything is kept; what is there already is not done again. */
  readonly folder: string
  /** Of the model's file. */
  readonly path: string
  readonly threads: number
  readonly device: string
  readonly calibration: Calibration | null
  readonly maxTokens: number
  readonly run: BenchRun
}

/** One strategy on one question, ready for the engine. */
export interface SuiteComposition {
  /** What `auto` came to; else what was asked for. */
  readonly strategy: StrategySpec
  readonly segments: Segment[]
  readonly recompute: Recompute
}

export class SuiteKnowledge implements AsyncDisposable {
  readonly model: OpenModel
  readonly #options: SuiteKnowledgeOptions
  readonly #store: Store
  readonly #sets: Sets
  readonly #library: Library
  readonly #chunks: Chunks
  readonly #knowledge: Knowledge
  /** The set that holds a list of documents, by their names. */
  readonly #setOf = new Map<string, KnowledgeSet>()

  private constructor(options: SuiteKnowledgeOptions, store: Store, model: OpenModel) {
    this.model = model
    this.#options = options
    this.#store = store
    this.#sets = new Sets(store.sql)
    this.#library = new Library(store.sql)
    this.#chunks = new Chunks(store.sql, this.#library)
    this.#knowledge = new Knowledge(this.#library, this.#chunks, store.chunkKeys)
  }

  static async open(options: SuiteKnowledgeOptions): Promise<SuiteKnowledge> {
    const { engine, folder, path, threads, device, run } = options
    await using opened = new AsyncDisposableStack()
    const store = opened.use(await openStore(folder))
    const registry = new ModelRegistry(engine, modelRows(store.sql))
    const { id } = await registry.add(path, { signal: run.signal })
    const load = { device, gpuLayers: 'auto' as const, threads }
    const knowledge = new SuiteKnowledge(
      options,
      store,
      await openModel(id, { engine, registry, sql: store.sql, options: load }),
    )
    opened.move()
    return knowledge
  }

  /**
   * Imports the questions' documents and looks at every selection, then computes all caches; with `tails` also those
   * behind what a selection leaves of a document, which a workbench has from the second question of that selection on.
   * @throws `not-found`, `argument.invalid`, `engine.context-too-long`, naming the question
   */
  async bringIn(questions: readonly SuiteQuestion[], { tails }: { readonly tails: boolean }): Promise<void> {
    const { run } = this.#options
    for (const [done, question] of questions.entries()) {
      run.onProgress?.({ step: { code: 'bringing-in' }, done, total: questions.length, unit: 'questions' })
      await this.#import(question)
      await this.query(question)
    }
    const documents = []
    for (const set of this.#setOf.values()) documents.push(...(await this.#knowledge.read(set.row, this.model)))
    await this.#build({ documents, variants: ['document', 'bos'] })
    for (const question of tails ? questions : []) {
      const query = await this.query(question)
      if (!query.included.some(({ kind }) => kind === 'tail')) continue
      await this.#build({ documents: query.documents, variants: [], selections: [query.included] })
    }
  }

  /** What is asked, of which chunks. */
  async query(question: SuiteQuestion): Promise<Query> {
    const set = this.#setOf.get(documentsKey(question))
    if (!set) throw new WorkbenchError('internal', `The documents of question ${question.id} were not imported.`)
    try {
      const [include, exclude] = [await this.#nodes(set, question.include), await this.#nodes(set, question.exclude)]
      const request = askRequest.parse({
        set: set.id,
        question: question.question,
        selection: { include, exclude },
        maxTokens: this.#options.maxTokens,
      })
      const signal = this.#options.run.signal ?? new AbortController().signal
      return await select(this.#knowledge, { request, set, model: this.model, signal })
    } catch (error) {
      const { code, message } = toErrorData(error)
      if (code === 'cancelled' || code === 'internal') throw error
      throw new WorkbenchError(code, `Question ${question.id}: ${message}`, { cause: error })
    }
  }

  /** Puts the strategies' contexts together and hands them on while their caches are held. */
  async composed<T>(
    query: Query,
    specs: readonly StrategySpec[],
    work: (compositions: readonly SuiteComposition[]) => Promise<T>,
  ): Promise<T> {
    const { calibration } = this.#options
    const services = { engine: this.#options.engine, store: this.#store, chunks: this.#chunks }
    const plans = specs.map((spec) => {
      const strategy = spec.name === 'auto' ? this.#choose(query) : spec
      return {
        rung: { strategy, why: null, minConfidence: 0, calibration, startMs: 0 },
        planned: planQuery(services, query, strategy),
      }
    })
    const keys = plans.flatMap(({ planned }) => planned.chunks.flatMap(({ key }) => key ?? []))
    await using lease = await this.#store.open([...new Set(keys)])
    const compositions: SuiteComposition[] = []
    for (const { rung, planned } of plans) {
      const segments = segmentsOf(planned, lease)
      compositions.push({
        strategy: rung.strategy,
        segments,
        recompute: await recomputeOf(services, query, { rung, planned, segments }),
      })
    }
    return await work(compositions)
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#store[Symbol.asyncDispose]()
  }

  #choose(query: Query): StrategySpec {
    const { engine, calibration } = this.#options
    const { exact } = planQuery({ engine, store: this.#store, chunks: this.#chunks }, query, {
      name: 'reuse',
      bos: false,
    })
    return chooseStrategy({ calibration, exact, trusted: true, target: query.request.fidelity }).strategy
  }

  async #import(question: SuiteQuestion): Promise<void> {
    const key = documentsKey(question)
    if (this.#setOf.has(key)) return
    const name = `Documents ${this.#setOf.size + 1}`
    const { row } = this.#sets.list().find((set) => set.name === name) ?? this.#sets.create(name, this.model.summary.id)
    for (const [at, document] of question.documents.entries()) {
      // A document may stand in a list twice; each is one of its own.
      await this.#library.import(row, { ...document, origin: `${at + 1}:${document.origin}` })
    }
    this.#setOf.set(key, this.#sets.find(name))
  }

  /** Ids of parts: by their documents' place in the question (`2.s3`), else by name. */
  async #nodes(set: KnowledgeSet, names: readonly string[]): Promise<NodeId[]> {
    if (names.length === 0) return []
    const documents = await this.#knowledge.read(set.row, this.model)
    const evidence = gatherEvidence(this.#store, this.#chunks, { documents, tokenizer: this.model.tokenizer.digest })
    const tree = setTree(set, documents, { store: this.#store, model: this.model.identity.fingerprint, evidence })
    return names.map((name) => {
      const place = /^d?(\d{1,9})((?:\.s\d+(?:\.c\d+)?)?)$/.exec(name)
      const document = place && documents[Number(place[1]) - 1]
      return document ? `d${document.row.id}${place[2]}` : (findNodes(tree, [name])[0] ?? name)
    })
  }

  async #build(what: Pick<Parameters<typeof buildCaches>[2], 'documents' | 'variants' | 'selections'>): Promise<void> {
    const { engine, run } = this.#options
    const { model } = await this.model.load(run.signal)
    await buildCaches(engine, this.#store, { ...what, model, identity: this.model.identity, run })
  }
}

/** Names a question's list of documents. */
export function documentsKey({ documents }: SuiteQuestion): string {
  return JSON.stringify(documents.map(({ origin }) => origin))
}
