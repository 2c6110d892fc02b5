/** A race: lanes answer one after the other, so that each has the machine to itself, then are held against full prefill. */
import { askRequest } from '../../shared/answer'
import type { LoadedModel, MemoryReport } from '../../shared/engine'
import { WorkbenchError } from '../../shared/errors'
import type { AwaitedJob, LaneEvent, LaneRun, RaceComparison, RaceEvent, RaceLane, RaceRequest } from '../../shared/race'
import { EventQueue } from '../base/event-queue'
import type { KnowledgeSet } from '../documents/sets'
import { answerQuery, type Answered, type AskServices } from './ask'
import type { OpenModel } from './models'
import { select, type Query } from './query'
import { compareLanes, type Comparison, type Contestant } from './race/compare'
import { comparisonOf, orderOf } from './race/figures'

export interface RaceOptions {
  readonly request: RaceRequest
  readonly set: KnowledgeSet
  readonly model: OpenModel
  readonly signal: AbortSignal
  /** `performance.now()` of its start. */
  readonly startedAt: number
  /** Says what has the machine, until nothing does: a job; null: another race. */
  readonly untilIdle: () => AsyncIterable<AwaitedJob | null>
}

/** An event before it has its time. */
type Happening = RaceEvent extends infer Event ? (Event extends RaceEvent ? Omit<Event, 'at'> : never) : never

/** A lane that has answered once. */
interface Finished {
  readonly query: Query
  readonly answered: Answered
  readonly run: LaneRun
}

export async function* race(services: AskServices, options: RaceOptions): AsyncGenerator<RaceEvent, RaceComparison> {
  const { startedAt } = options
  const events = happenings(services, options)
  try {
    for (;;) {
      const next = await events.next()
      if (next.done) return next.value
      yield { ...next.value, at: Math.round((performance.now() - startedAt) * 10) / 10 }
    }
  } finally {
    await events.return(undefined as never)
  }
}

async function* happenings(services: AskServices, options: RaceOptions): AsyncGenerator<Happening, RaceComparison> {
  const { request, model, signal } = options
  const { lanes, repetitions } = request
  const order = orderOf(lanes.length, repetitions)
  yield { type: 'begin', request, order }
  yield* waiting(options)
  const loaded = await model.load(signal)
  yield { type: 'conditions', conditions: { ...about(loaded), memory: await memoryOf(services) } }
  if (request.warmUp) {
    for (const [lane, spec] of lanes.entries()) {
      yield { type: 'warm-up', lane }
      const query = await queryOf(services, options, { ...spec, maxTokens: 1 })
      for await (const _ of answerQuery(services, query)) signal.throwIfAborted()
    }
  } else {
    // What is read of the set the first time would count against the first lane.
    for (const spec of lanes.slice(0, 1)) await queryOf(services, options, spec)
  }
  const finished = lanes.map((): Finished[] => [])
  for (const [repetition, turn] of order.entries()) {
    for (const lane of turn) {
      yield* waiting(options)
      yield { type: 'start', lane, repetition }
      const spec = lanes[lane]
      if (!spec) continue
      const one = yield* runLane(services, options, { spec, lane, repetition })
      finished[lane]?.push(one)
    }
  }
  const comparison = yield* compared(services, finished, { loaded, signal })
  yield { type: 'compared', comparison }
  return comparison
}

async function* waiting({ untilIdle }: RaceOptions): AsyncGenerator<Happening> {
  for await (const job of untilIdle()) yield { type: 'waiting', job }
}

async function* runLane(
  services: AskServices,
  options: RaceOptions,
  { spec, lane, repetition }: { readonly spec: RaceLane; readonly lane: number; readonly repetition: number },
): AsyncGenerator<Happening, Finished> {
  const query = await queryOf(services, options, spec)
  const events = answerQuery(services, query)
  const passed = (event: LaneEvent): Happening => ({ type: 'lane', lane, repetition, event })
  try {
    for (;;) {
      const next = await events.next()
      if (next.done) {
        const answered = next.value
        const { trace } = answered.answer
        yield passed({ type: 'answer', answer: answered.answer })
        const { ttftMs, decodeTokensPerSecond } = trace
        return { query, answered, run: { repetition, ttftMs, totalMs: answered.composed.endMs, decodeTokensPerSecond } }
      }
      yield passed(next.value)
    }
  } finally {
    await events.return(undefined as never)
  }
}

async function* compared(
  services: AskServices,
  finished: readonly (readonly Finished[])[],
  { loaded, signal }: { readonly loaded: LoadedModel; readonly signal: AbortSignal },
): AsyncGenerator<Happening, RaceComparison> {
  const ran = finished.flatMap((runs) => {
    const last = runs.at(-1)
    return last ? [{ runs: runs.map(({ run }) => run).toSorted((a, b) => a.repetition - b.repetition), last }] : []
  })
  yield { type: 'comparing', done: 0, total: ran.length }
  const contestants = ran.map(({ last: { query, answered } }): Contestant => {
    const { rung, result } = answered.composed
    const { text, tokens, pieces, stop } = result
    return { query, rung, answer: { text, tokens, pieces, stop } }
  })
  const progress = new EventQueue<Happening>()
  const stop = new AbortController()
  const call = compareLanes(services, contestants, {
    loaded,
    signal: AbortSignal.any([signal, stop.signal]),
    onProgress: (done, total) => progress.push({ type: 'comparing', done, total }),
  })
  const ended = call.then(
    () => progress.end(),
    (error: unknown) => progress.fail(error),
  )
  let comparison: Comparison
  try {
    yield* progress
    comparison = await call
  } finally {
    stop.abort()
    await ended
  }
  const lanes = ran.map(({ runs, last: { answered } }, at) => {
    const { composed, answer } = answered
    const arm = comparison.lanes[at]
    if (!arm) throw new WorkbenchError('internal', 'A lane was not compared.')
    return {
      strategy: composed.rung.strategy,
      runs,
      computedTokens: answer.trace.computedTokens + answer.trace.recomputedTokens,
      storedBytes: arm.storedBytes,
      answer: contestants[at]?.answer ?? composed.result,
      compared: arm.compared,
    }
  })
  return comparisonOf(lanes, comparison.reference)
}

/** Greedy, read from files alone, nothing built afterwards: no lane finds what another one has left. */
async function queryOf(
  { knowledge }: AskServices,
  { request, set, model, signal }: RaceOptions,
  { strategy, profile, maxTokens = request.maxTokens }: RaceLane & { readonly maxTokens?: number },
): Promise<Query> {
  const { question, selection, fidelity } = request
  const asked = askRequest.parse({ set: set.id, question, selection, strategy, profile, fidelity, maxTokens })
  return await select(knowledge, { request: asked, set, model, signal, memory: false })
}

function about({ device, threads, name }: LoadedModel): { model: string; device: string; threads: number } {
  return { model: name, device, threads }
}

async function memoryOf({ engine }: AskServices): Promise<Pick<MemoryReport, 'bytes' | 'budgetBytes'>> {
  const { bytes, budgetBytes } = await engine.call('memory', {})
  return { bytes, budgetBytes }
}
