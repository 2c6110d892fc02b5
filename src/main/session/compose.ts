/** One strategy on its way: plan, open, compose, stream. */
import type { EarlyEvent } from '../../shared/answer'
import type { Calibration } from '../../shared/calibration'
import type { AnswerEvent, AnswerParams, AnswerResult, Composition, Recompute, Segment } from '../../shared/engine'
import type { Deviations } from '../../shared/engine-looks'
import { WorkbenchError } from '../../shared/errors'
import type { Profile } from '../../shared/profile'
import { strategyText, type StrategySpec } from '../../shared/strategy'
import { EventQueue } from '../base/event-queue'
import { sha256 } from '../base/hash'
import { plan, type Plan } from '../blend/plan'
import { recomputeFor, type RowDeviations } from '../blend/rows'
import { gatherEvidence } from '../build/evidence'
import { setAsideDamaged } from '../build/set-aside'
import type { Chunks } from '../documents/chunks'
import type { Engine } from '../engine/engine'
import { readScores } from '../store/scores'
import { cachedSegment, isObjectFault, type Lease, type Store } from '../store/store'
import { roomOf, type Query } from './query'
import type { Begun, Composed, Rung } from './rung'
import { chunkTraces } from './trace'

export interface ComposeServices {
  readonly engine: Pick<Engine, 'call'>
  readonly store: Store
  readonly chunks: Chunks
}

/** Most tokens computed at once. */
export const SUB_BATCH = 512
/** Where `blend` checks when neither it nor a calibration names a layer: as its authors do. */
const CHECK_LAYER = 1

/**
 * A cache that turns out to be damaged is set aside, and what is left is planned anew.
 * @param onBegun hears of the first token
 */
export async function* compose(
  services: ComposeServices,
  query: Query,
  rung: Rung,
  onBegun: (begun: Begun) => void,
): AsyncGenerator<EarlyEvent, Composed> {
  const { engine, store } = services
  for (;;) {
    const planned = planQuery(services, query, rung.strategy)
    const keys = planned.chunks.flatMap(({ key }) => key ?? [])
    await using lease = await store.open(keys, profileFor(query, rung.strategy))
    // Set aside now, or by another process since the plan was made: the next plan does without them.
    if (keys.some((key) => !lease.files.has(key))) continue
    try {
      const segments = segmentsOf(planned, lease)
      const recompute = await recomputeOf(services, query, { rung, planned, segments })
      yield planEvent(query, rung, { planned, recompute, files: lease.files })
      const calledMs = performance.now() - query.startedAt
      const onFirst = (result: Composition): void => onBegun({ rung, planned, files: lease.files, result, calledMs })
      const result = yield* answer(engine, query, { rung, segments, recompute, calledMs, onFirst })
      return { rung, planned, files: lease.files, result, calledMs, endMs: performance.now() - query.startedAt }
    } catch (error) {
      if (!isObjectFault(error) || (await setAsideDamaged(engine, store, lease)) === 0) throw error
    }
  }
}

export function planQuery({ store, chunks }: ComposeServices, query: Query, strategy: StrategySpec): Plan {
  const { model, included, documents, prefix, tail } = query
  const evidence = gatherEvidence(store, chunks, {
    documents,
    included,
    tokenizer: model.tokenizer.digest,
    profile: profileFor(query, strategy),
  })
  return plan({ strategy, model: model.identity, prefix, tail, chunks: included, evidence })
}

/** Whether all that a plan reads is kept as it was computed. */
export function isKeptExactly({ store }: ComposeServices, { request }: Query, { chunks }: Plan): boolean {
  const keys = new Set(chunks.flatMap(({ key }) => key ?? []))
  return (request.profile ?? 'f16') === 'f16' && store.available([...keys], ['f16']).size === keys.size
}

/** In which profile caches are read; null: in the most exact there is. What `prefix` promises only f16 can keep. */
export function profileFor({ request }: Query, strategy: StrategySpec): Profile | null {
  return request.profile ?? (strategy.name === 'prefix' ? 'f16' : null)
}

export function segmentsOf({ segments }: Plan, lease: Lease): Segment[] {
  return segments.map((segment): Segment => {
    const tokens = [...segment.tokens]
    if (segment.kind === 'compute') return { kind: 'compute', tokens }
    return cachedSegment(lease, segment.key, tokens)
  })
}

interface Ready {
  readonly rung: Rung
  readonly planned: Plan
  readonly segments: readonly Segment[]
}

/** @throws argument.invalid */
export async function recomputeOf(services: ComposeServices, query: Query, ready: Ready): Promise<Recompute> {
  const { strategy, calibration } = ready.rung
  const { chunks } = ready.planned
  const usesScores = strategy.name === 'score' || strategy.name === 'mix'
  const scores = usesScores ? readScores(services.store.sql, chunks.flatMap((chunk) => chunk.scores ?? [])) : null
  return recomputeFor(
    strategy,
    chunks.map(({ chunk, start, key, exact, scores: of }) => {
      const tokens = chunk.tokens.length
      const score = scores?.get(of ?? '') ?? null
      return { start, tokens, cached: key !== null, exact, score: score?.k.length === tokens ? score : null }
    }),
    {
      checkLayer: checkLayerOf(query, strategy, calibration),
      seed: sha256(chunks.map(({ chunk }) => chunk.digest).join('\n')),
      oracle: strategy.name === 'oracle' ? await measured(services.engine, query, ready.segments) : undefined,
    },
  )
}

/** @throws argument.invalid for a layer that the model does not have */
export function checkLayerOf({ model }: Query, strategy: StrategySpec, calibration: Calibration | null): number {
  const { layers, id } = model.summary
  const wanted = strategy.name === 'blend' ? strategy.layer : null
  if (strategy.name === 'blend' && (layers < 2 || (wanted !== null && wanted >= layers))) {
    throw new WorkbenchError(
      'argument.invalid',
      { id: 'strategy.one-layer', params: { model: id, strategy: strategyText(strategy), layers } },
    )
  }
  return Math.min(wanted ?? calibration?.checkLayer ?? CHECK_LAYER, Math.max(1, layers - 1))
}

/** What full prefill would give instead of what is cached, summed over the layers. */
async function measured(
  engine: Pick<Engine, 'call'>,
  { handle, signal }: Query,
  segments: readonly Segment[],
): Promise<RowDeviations> {
  const params = { model: handle.model, segments: [...segments], subBatch: SUB_BATCH }
  const { k, v } = await engine.call('measure', params, { signal })
  return { k: summed(k), v: summed(v) }
}

function summed(layers: Deviations['k']): number[] {
  return Array.from({ length: layers[0]?.length ?? 0 }, (_, at) =>
    layers.reduce((sum, tokens) => sum + (tokens[at] ?? 0), 0),
  )
}

/** Has the engine put the context together and answer; passes on what it says meanwhile. */
async function* answer(
  engine: Pick<Engine, 'call'>,
  query: Query,
  {
    rung,
    segments,
    recompute,
    calledMs,
    onFirst,
  }: Omit<Ready, 'planned'> & {
    readonly segments: Segment[]
    readonly recompute: Recompute
    readonly calledMs: number
    readonly onFirst: (composition: Composition) => void
  },
): AsyncGenerator<EarlyEvent, AnswerResult> {
  const { request, handle, signal } = query
  const params: AnswerParams = {
    model: handle.model,
    segments,
    recompute,
    memory: query.memory ?? true,
    minConfidence: rung.minConfidence,
    sampling: request.sampling,
    maxTokens: Math.min(request.maxTokens, roomOf(query)),
    stop: request.stop,
    subBatch: SUB_BATCH,
  }
  const events = new EventQueue<AnswerEvent>()
  const stop = new AbortController()
  const call = engine.call('answer', params, {
    signal: AbortSignal.any([signal, stop.signal]),
    onEvent: (event) => {
      if (event.type === 'first-token') onFirst(event)
      events.push(event)
    },
  })
  const ended = call.then(
    () => events.end(),
    (error: unknown) => events.fail(error),
  )
  try {
    for await (const event of events)
      yield event.type === 'first-token' ? { type: 'first-token', ttftMs: calledMs + event.ttftMs } : event
    return await call
  } finally {
    stop.abort()
    await ended
  }
}

function planEvent(
  query: Query,
  { strategy }: Rung,
  {
    planned,
    recompute,
    files,
  }: { readonly planned: Plan; readonly recompute: Recompute; readonly files: Lease['files'] },
): EarlyEvent {
  return {
    type: 'plan',
    strategy: strategyText(strategy),
    chunks: chunkTraces(query, { planned, files }, recompute.kind === 'rows' ? recompute.rows : []),
    knowledgeTokens: query.knowledgeTokens,
  }
}
