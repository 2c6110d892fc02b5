/**
 * `kvasir bench --kind novel`: hundreds of queries in a row, each over other documents of one large set in another
 * order, through the real store and the real plan. What it shows is whether hits or speed fade over time. The caches are
 * kept, so that the next run has them.
 */
import { join } from 'node:path'
import { BENCH_DEFAULTS } from '../../../shared/bench'
import type { LoadedModel } from '../../../shared/engine'
import { WorkbenchError } from '../../../shared/errors'
import { sha256 } from '../../base/hash'
import { engineVersion } from '../../engine/engine-version'
import { parseArms } from '../arms'
import {
  assertCount,
  withRandomModel,
  type BenchDeps,
  type FinishedBench,
  type RandomModelOptions,
  type UsedModel,
} from '../deps'
import { machineFacts, reportFacts } from '../facts'
import { Journal } from '../journal'
import type { Bench } from '../measure'
import { blockOf, figuresOf, type NovelSlot } from '../novel-figures'
import { NovelSet, type NovelSetting } from '../novel-set'
import { sample } from '../samples'
import { madeModel } from '../shapes'
import { keeping, measureSlots, type BenchRun } from '../slots'

const DEFAULTS = BENCH_DEFAULTS.novel

export interface NovelOptions extends RandomModelOptions {
  /** Strategies apart by commas; default `usualArms('novel')`. */
  readonly arms?: string
  /** Default 500. */
  readonly queries?: number
  /** Documents in the set; default 200. */
  readonly documents?: number
  /** Documents of a query; default 8. */
  readonly perQuery?: number
  /** Default 512. */
  readonly documentTokens?: number
  /** Default 64. */
  readonly questionTokens?: number
}

/** @throws `argument.invalid`, `cancelled`, the engine's errors */
export async function runNovelBench(
  deps: BenchDeps,
  options: NovelOptions,
  run: BenchRun = {},
): Promise<FinishedBench> {
  const { seed = 1, fresh = false } = options
  const setting = settingOf(options)
  const arms = parseArms(options.arms, 'novel').filter((arm) => arm.kind === 'strategy')
  madeModel(options.make, seed, options.layers)
  return await withRandomModel(deps, { ...options, run }, async (used) => {
    assertFits(setting, used.model)
    const bench: Bench = { engine: deps.engine, model: used.model, signal: run.signal }
    const identity = {
      kind: 'novel',
      engine: engineVersion(deps.version),
      model: used.fingerprint,
      machine: machineFacts(used.model),
      setting,
      seed,
      arms: arms.map(({ name }) => name),
    }
    const journal = await Journal.open({ dataDir: deps.dataDir, entry: sample, fresh, identity })
    return await keeping(journal, async () => {
      const folder = join(deps.dataDir, 'bench', 'novel', novelFolder(used, setting, seed))
      await using set = await NovelSet.open(bench, { used, setting, seed, folder, run })
      const slots = slotsOf(arms, setting.queries)
      if (slots.some(({ id }) => !journal.has(id))) await set.measure({ name: 'reuse', bos: false }, setting.queries)
      await measureSlots(slots, {
        journal,
        run,
        measure: ({ arm, query }) => set.measure(arm.spec, query),
        shows: ({ arm }, { ttftMs }) => [{ name: arm.name, figure: 'ttftMs', value: ttftMs }],
      })
      const facts = await reportFacts(deps.engine, {
        ...used,
        version: deps.version,
        command: options.command,
        signal: run.signal,
      })
      const report = {
        ...facts,
        kind: 'novel' as const,
        repetitions: 1,
        runs: journal.runs,
        ...figuresOf(slots, { setting, sampleOf: ({ id }) => journal.get(id) }),
      }
      return { report, forget: () => journal.end() }
    })
  })
}

function settingOf(options: NovelOptions): NovelSetting {
  const {
    queries = DEFAULTS.queries,
    documents = DEFAULTS.documents,
    perQuery = DEFAULTS.perQuery,
    documentTokens = DEFAULTS.documentTokens,
    questionTokens = DEFAULTS.questionTokens,
  } = options
  assertCount('queries', queries, 2)
  assertCount('documents', documents)
  assertCount('documents of a query', perQuery)
  assertCount('tokens of a document', documentTokens)
  assertCount('tokens of a question', questionTokens)
  if (perQuery > documents) {
    throw new WorkbenchError(
      'argument.invalid',
      `Expected at most the ${documents} documents that there are in a query, got ${perQuery}.`,
    )
  }
  return { queries, documents, perQuery, documentTokens, questionTokens }
}

function assertFits({ perQuery, documentTokens, questionTokens }: NovelSetting, { contextLength }: LoadedModel): void {
  const tokens = perQuery * documentTokens + questionTokens
  if (tokens < contextLength) return
  throw new WorkbenchError('argument.invalid', `Expected fewer than ${contextLength} tokens in a query, got ${tokens}.`)
}

/** Caches depend on no more than these. */
function novelFolder({ fingerprint }: UsedModel, { documents, documentTokens }: NovelSetting, seed: number): string {
  return sha256(JSON.stringify([fingerprint, documents, documentTokens, seed])).slice(0, 16)
}

/** Full prefill is measured on each block's first query only: it would take hours, and does not change over time. */
function slotsOf(arms: readonly NovelSlot['arm'][], queries: number): NovelSlot[] {
  return Array.from({ length: queries }, (_, query) => {
    const first = query % arms.length
    const order = [...arms.slice(first), ...arms.slice(0, first)]
    return order
      .filter(({ spec }) => spec.name !== 'full' || query % blockOf(queries) === 0)
      .map((arm): NovelSlot => ({
        id: `${query + 1}/${arm.name}`,
        label: arm.name,
        step: { code: 'asking' },
        arm,
        query,
      }))
  }).flat()
}
