/** One question answered by several strategies, each held against full prefill along full prefill's own answer. */
import { askRequest } from '../../../shared/answer'
import type { CompareParams, ComparedArm, LoadedModel } from '../../../shared/engine'
import { strategyText, type StrategySpec } from '../../../shared/strategy'
import { buildMissing } from '../../build/build'
import { formOf } from '../../build/coded'
import type { Knowledge } from '../../build/knowledge'
import { setAsideDamaged } from '../../build/set-aside'
import type { KnowledgeSet } from '../../documents/sets'
import { isObjectFault, type Lease } from '../../store/store'
import { planQuery, recomputeOf, segmentsOf, type ComposeServices } from '../compose'
import type { OpenModel } from '../models'
import { select, type Query } from '../query'
import type { Measured } from './figures'
import type { Probe } from './probes'

export interface CalibrationServices extends ComposeServices {
  readonly knowledge: Knowledge
}

export interface CompareOptions {
  readonly set: KnowledgeSet
  readonly model: OpenModel
  readonly loaded: LoadedModel
  readonly probe: Probe
  readonly specs: readonly StrategySpec[]
  readonly signal: AbortSignal
  /** Hears of every strategy that has been compared, with how many there are by then. */
  readonly onProgress?: (done: number) => void
}

/** Long enough to tell a wrong answer, short enough for many. */
export const ANSWER_TOKENS = 32
const SUB_BATCH = 512

type Arm = CompareParams['arms'][number]

/**
 * Builds what the probe's documents lack, as `kvasir build` does; what only this probe's gaps need is removed again. A
 * cache that turns out to be damaged is made anew.
 */
export async function compareOn(services: CalibrationServices, options: CompareOptions): Promise<Measured[]> {
  const query = await queryOf(services, options)
  await using _ = await builtFor(services, query, options)
  for (;;) {
    await build(services, query, options)
    const rungs = [FULL, ...options.specs].map((strategy) => ({ ...BARE, strategy }))
    const plans = rungs.map((rung) => ({ rung, planned: planQuery(services, query, rung.strategy) }))
    const keys = [...new Set(plans.flatMap(({ planned }) => planned.chunks.flatMap(({ key }) => key ?? [])))]
    await using lease: Lease = await services.store.open(keys)
    if (keys.some((key) => !lease.files.has(key))) continue
    try {
      const arms: Arm[] = []
      for (const { rung, planned } of plans) {
        const segments = segmentsOf(planned, lease)
        arms.push({ segments, recompute: await recomputeOf(services, query, { rung, planned, segments }) })
      }
      return measuredOf(options.specs, await compare(services, arms, options))
    } catch (error) {
      if (!isObjectFault(error) || (await setAsideDamaged(services.engine, services.store, lease)) === 0) throw error
    }
  }
}

const FULL: StrategySpec = { name: 'full' }
/** Nobody chose it, and nothing is tried after it. */
const BARE = { why: null, minConfidence: 0, calibration: null, startMs: 0 }

async function queryOf({ knowledge }: CalibrationServices, options: CompareOptions): Promise<Query> {
  const { set, model, probe, signal } = options
  const selection = { include: probe.chunks.map(({ id }) => id) }
  const request = askRequest.parse({ set: set.id, question: probe.question, selection })
  return await select(knowledge, { request, set, model, signal })
}

async function build({ engine, store }: CalibrationServices, query: Query, options: CompareOptions): Promise<void> {
  const { set, model, loaded, probe, signal } = options
  await buildMissing(engine, store, {
    model: loaded.model,
    identity: model.identity,
    documents: query.documents,
    variants: ['document', 'bos'],
    selections: probe.tails ? [query.included] : [],
    form: formOf(store, { id: set.model, fingerprint: model.identity.fingerprint }, set.profile),
    signal,
  })
}

/** When disposed, removes caches behind this probe's gaps that nobody had asked for before. */
async function builtFor({ store }: CalibrationServices, query: Query, { probe }: CompareOptions): Promise<AsyncDisposable> {
  const keys = query.included.filter(({ kind }) => kind === 'tail').map(({ cache }) => cache.key)
  const before = store.available(keys)
  const own = probe.tails ? keys.filter((key) => !before.has(key)) : []
  return await Promise.resolve({ [Symbol.asyncDispose]: () => store.remove(own) })
}

/**
 * The reference's answer is written first, so that no other strategy has to write one; it also warms what the first
 * strategy would otherwise pay for.
 */
async function compare(
  { engine }: CalibrationServices,
  arms: readonly Arm[],
  { loaded, signal, onProgress }: CompareOptions,
): Promise<readonly ComparedArm[]> {
  const common = { model: loaded.model, stop: [], subBatch: SUB_BATCH }
  const reference = { ...common, arms: arms.slice(0, 1), continuation: null, maxTokens: ANSWER_TOKENS }
  const [full] = (await engine.call('compare', reference, { signal })).arms
  const continuation = full ? continuationOf(full, loaded) : []
  const all = { ...common, arms: [...arms], continuation: continuation.length > 0 ? continuation : null, maxTokens: 1 }
  // The first is full prefill.
  const onEvent = ({ done }: { readonly done: number }): void => onProgress?.(done - 1)
  return (await engine.call('compare', all, { signal, onEvent })).arms
}

/** An answer that ended by itself is judged on its end, too. */
export function continuationOf({ tokens, stop }: Pick<ComparedArm, 'tokens' | 'stop'>, { eosToken }: LoadedModel): number[] {
  return stop === 'eos' && eosToken ? [...tokens, eosToken.id] : [...tokens]
}

function measuredOf(specs: readonly StrategySpec[], [full, ...arms]: readonly ComparedArm[]): Measured[] {
  if (!full) return []
  return arms.map((arm, at) => {
    const first = arm.firstTokens[0]
    return {
      strategy: strategyText(specs[at] ?? FULL),
      cost: arm.ttftMs / full.ttftMs,
      klMean: arm.klMean,
      top1: arm.top1,
      first: first ? { probability: Math.exp(first.logProbability), right: first.id === full.firstTokens[0]?.id } : null,
    }
  })
}
