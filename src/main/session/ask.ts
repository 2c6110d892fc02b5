/** The query path. */
import type { Answer, AskEvent, Attempt, EarlyEvent, Trace } from '../../shared/answer'
import type { Calibration, ModelVerdict } from '../../shared/calibration'
import type { Detail } from '../../shared/details'
import { WorkbenchError } from '../../shared/errors'
import { parseStrategy } from '../../shared/strategy'
import { chooseStrategy, nextRung } from '../blend/auto'
import { assertMayBlend, recomputesParts } from '../blend/gate'
import type { Plan } from '../blend/plan'
import type { Knowledge } from '../build/knowledge'
import { recordQuery, type QueryRecord } from '../store/queries'
import { keepQuery } from '../store/query-records'
import { compose, isKeptExactly, planQuery, type ComposeServices } from './compose'
import { select, type AskInput, type Query } from './query'
import type { Begun, Composed, Rung } from './rung'
import { speedOf } from './speed'
import { attemptOf, factsOf, traceOf } from './trace'

export interface AskServices extends ComposeServices {
  readonly knowledge: Knowledge
  readonly measured: Measured
}

/** What was found out about a model, by its fingerprint. */
export interface Measured {
  /** Null: not checked on this device. */
  readonly verdict: (model: string, device: string) => ModelVerdict | null
  /** Null: neither for this set nor for any. */
  readonly calibration: (model: string, set: string) => Calibration | null
}

/**
 * Select, choose, compose, stream; more is computed where a first token was unsure. Stops when the reader does; what had
 * its first token by then is part of the history, since its caches have served.
 */
export async function* ask(services: AskServices, input: AskInput): AsyncGenerator<AskEvent, void> {
  const query = await select(services.knowledge, input)
  const begun: Begun[] = []
  try {
    const answered = yield* answerQuery(services, query, (first) => begun.push(first))
    begun.splice(0)
    yield { type: 'answer', ...finish(services, query, answered) }
  } finally {
    const stopped = begun.at(-1)
    if (stopped && !services.store.isClosed) {
      remember(services, query, { begun: stopped, facts: factsOf(query, stopped), generatedTokens: null })
    }
  }
}

/** How a query was answered in the end. */
export interface Answered {
  readonly composed: Composed
  readonly answer: Answer
}

/**
 * Choose, compose, stream. Nothing of it is written down.
 * @param onBegun hears of every first token
 */
export async function* answerQuery(
  services: AskServices,
  query: Query,
  onBegun: (begun: Begun) => void = () => undefined,
): AsyncGenerator<EarlyEvent, Answered> {
  const verdict = services.measured.verdict(query.model.identity.fingerprint, query.handle.device)
  const attempts: Attempt[] = []
  let rung: Rung | null = firstRung(services, query, verdict)
  while (rung) {
    assertMayBlend(rung.strategy, verdict, query.model.summary.id)
    const composed: Composed = yield* compose(services, query, rung, onBegun)
    const { result } = composed
    if (result.stop !== 'uncertain') {
      const gate = !recomputesParts(rung.strategy) ? null : verdict ? 'passed' : 'not checked'
      const trace = traceOf(query, composed, { attempts, gate })
      return { composed, answer: { text: result.text, stop: result.stop, trace } }
    }
    attempts.push(attemptOf(composed))
    rung = rungAfter(rung, composed.endMs)
  }
  throw new WorkbenchError('internal', 'The engine was unsure of a first token that it was to take as it is.')
}

function firstRung(services: AskServices, query: Query, verdict: ModelVerdict | null): Rung {
  const { request, model, set } = query
  const parsed = parseStrategy(request.strategy)
  if (!parsed.ok) throw new WorkbenchError('argument.invalid', parsed.said)
  const calibration = services.measured.calibration(model.identity.fingerprint, set.id)
  const first = { calibration, startMs: 0 }
  if (parsed.spec.name !== 'auto') return { ...first, strategy: parsed.spec, why: null, minConfidence: 0 }
  const planned = planQuery(services, query, { name: 'reuse', bos: false })
  const exact = planned.exact && isKeptExactly(services, query, planned)
  const chosen = chooseStrategy({ calibration, exact, trusted: verdict?.passed !== false, target: request.fidelity })
  // What is exact gives full prefill's first token, however likely that is.
  const minConfidence = exact || chosen.strategy.name === 'full' ? 0 : (calibration?.minConfidence ?? 0)
  return { ...first, ...chosen, minConfidence }
}

function rungAfter(tried: Rung, startMs: number): Rung | null {
  const { calibration } = tried
  if (!calibration) return null
  const next = nextRung(tried.strategy, calibration)
  if (!next) return null
  const why: Detail = { id: 'auto.unsure', params: {} }
  const minConfidence = next.name === 'full' ? 0 : tried.minConfidence
  return { strategy: next, why, minConfidence, calibration, startMs }
}

/** Writes down what happened. */
function finish(
  services: AskServices,
  query: Query,
  { composed, answer }: Answered,
): { readonly query: number; readonly answer: Answer } {
  const { trace } = answer
  const id = remember(services, query, { begun: composed, facts: trace, generatedTokens: trace.generatedTokens })
  keepQuery(services.store.sql, id, {
    request: { ...query.request, set: query.set.id },
    answer,
    tokens: composed.result.tokens,
    speed: speedOf(trace),
  })
  const keys = missedKeys(composed.planned)
  if (keys.size > 0) query.onMissed?.({ keys, included: query.included })
  return { query: id, answer }
}

/** Counts what was used, and adds to the history. @returns the query's number */
function remember(
  { store }: AskServices,
  { set, request, model }: Query,
  { begun, ...known }: { readonly begun: Begun; readonly facts: QueryRecord['facts'] & Pick<Trace, 'bytesFromMemory'> } & Pick<
    QueryRecord,
    'generatedTokens'
  >,
): number {
  const { chunks } = begun.planned
  store.recordHits([...new Set(chunks.flatMap(({ key }) => key ?? []))])
  const digests = chunks.map(({ chunk }) => chunk.digest)
  // What memory keeps is decoded, so its bytes count tokens.
  const memoryTokens = Math.round(known.facts.bytesFromMemory / model.summary.kvBytesPerToken)
  return recordQuery(store.sql, { ...known, set: set.id, question: request.question, digests, memoryTokens })
}

/** Caches that would have served better than those that were there. */
function missedKeys({ chunks }: Plan): Set<string> {
  const missed = chunks.filter(({ outcome }) => outcome.kind === 'miss' || outcome.poorer !== null)
  return new Set(missed.flatMap(({ wanted }) => wanted ?? []))
}
