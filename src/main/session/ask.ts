/** The query path. */
import type { Answer, AskEvent, AskRequest, ChunkTrace, Trace } from '../../shared/answer'
import type { AnswerEvent, AnswerParams, AnswerResult, Segment } from '../../shared/engine'
import { WorkbenchError } from '../../shared/errors'
import { EventQueue } from '../base/event-queue'
import { setAsideDamaged } from '../build/build'
import { gatherEvidence } from '../build/evidence'
import type { KeyedChunk, KeyedDocument, Knowledge } from '../build/knowledge'
import type { Chunks } from '../documents/chunks'
import { selectChunks } from '../documents/selection'
import type { KnowledgeSet } from '../documents/sets'
import type { Engine } from '../engine/engine'
import { recordQuery } from '../store/queries'
import { isObjectFault, type Lease, type Store } from '../store/store'
import type { OpenModel } from './models'
import { plan, type Plan } from './plan'

export interface AskServices {
  readonly engine: Pick<Engine, 'call'>
  readonly store: Store
  readonly chunks: Chunks
  readonly knowledge: Knowledge
}

export interface AskInput {
  readonly request: AskRequest
  readonly set: KnowledgeSet
  readonly model: OpenModel
  readonly signal: AbortSignal
  /** Gets the keys that would have served this query and were not there. */
  readonly onMissed?: (keys: ReadonlySet<string>) => void
}

/** Select, plan, open, compose, stream. Stops the engine when the reader stops reading. */
export async function* ask(services: AskServices, input: AskInput): AsyncGenerator<AskEvent, void> {
  const query = await select(services, input)
  for (;;) {
    const planned = planQuery(services, query)
    const keys = planned.chunks.flatMap(({ key }) => key ?? [])
    await using lease = await services.store.open(keys)
    // Set aside now, or by another process since the plan was made: the next plan does without them.
    if (keys.some((key) => !lease.paths.has(key))) continue
    yield planEvent(query, planned)
    try {
      const composed = yield* compose(services.engine, query, { planned, lease })
      yield { type: 'answer', answer: finish(services, query, { planned, ...composed }) }
      return
    } catch (error) {
      if (!isObjectFault(error) || (await setAsideDamaged(services.engine, services.store, lease)) === 0) throw error
    }
  }
}

/** What was asked, of what, and when. */
interface Query extends AskInput {
  readonly handle: { readonly model: string; readonly device: string }
  /** Documents of which something is included. */
  readonly documents: readonly KeyedDocument[]
  readonly included: readonly KeyedChunk[]
  readonly prefix: readonly number[]
  readonly tail: readonly number[]
  /** Of `performance.now()`; a model that had to be loaded first is not part of a query's time. */
  readonly startedAt: number
}

async function select({ knowledge }: AskServices, input: AskInput): Promise<Query> {
  const { request, set, model, signal } = input
  const handle = await model.load(signal)
  const startedAt = performance.now()
  const all = await knowledge.read(set.row, model, { signal })
  const included = selectChunks(
    all.flatMap(({ chunks }) => chunks),
    request.selection,
  )
  const rendered = model.frame.render(request.question, request.history)
  const [prefix, tail] = await Promise.all([
    model.prefixTokens(rendered.prefix, signal),
    model.tailTokens(rendered.tail, signal),
  ])
  const touched = new Set(included.map(({ document }) => document))
  return {
    ...input,
    handle,
    startedAt,
    included,
    prefix,
    tail,
    documents: all.filter(({ row }) => touched.has(row.id)),
  }
}

/** @throws engine.context-too-long */
function planQuery({ store, chunks }: AskServices, query: Query): Plan {
  const { model, request, included, prefix, tail } = query
  assertFits(query)
  const evidence = gatherEvidence(store, chunks, { documents: query.documents, tokenizer: model.tokenizer.digest })
  return plan({ strategy: request.strategy, model: model.identity, prefix, tail, chunks: included, evidence })
}

function assertFits({ included, prefix, tail, model, set }: Query): void {
  const knowledge = tokensOf(included)
  const question = prefix.length + tail.length
  const limit = model.identity.contextLength
  if (knowledge + question < limit) return
  throw new WorkbenchError(
    'engine.context-too-long',
    `Expected fewer than ${limit} tokens, the context of ${model.summary.id}, but the selection of "${set.name}" ` +
      `has ${knowledge} and the question with its template ${question}. ` +
      'Exclude documents or sections, or take a model with a longer context.',
  )
}

interface Composed {
  readonly result: AnswerResult
  /** When the engine was called, ms from the start. */
  readonly calledMs: number
}

/** Has the engine put the context together and answer; passes on what it says meanwhile. */
async function* compose(
  engine: Pick<Engine, 'call'>,
  query: Query,
  { planned, lease }: { readonly planned: Plan; readonly lease: Lease },
): AsyncGenerator<AskEvent, Composed> {
  const events = new EventQueue<AnswerEvent>()
  const stop = new AbortController()
  const calledMs = performance.now() - query.startedAt
  const call = engine.call('answer', answerParams(query, planned, lease), {
    signal: AbortSignal.any([query.signal, stop.signal]),
    onEvent: (event) => events.push(event),
  })
  const ended = call.then(
    () => events.end(),
    (error: unknown) => events.fail(error),
  )
  try {
    for await (const event of events) {
      yield event.type === 'first-token' ? { type: 'first-token', ttftMs: calledMs + event.ttftMs } : event
    }
    return { result: await call, calledMs }
  } finally {
    stop.abort()
    await ended
  }
}

function answerParams(
  { handle, request, model, included, prefix, tail }: Query,
  { segments }: Plan,
  lease: Lease,
): AnswerParams {
  const room = model.identity.contextLength - prefix.length - tail.length - tokensOf(included)
  return {
    model: handle.model,
    segments: segments.map((segment): Segment => {
      if (segment.kind === 'compute') return { kind: 'compute', tokens: [...segment.tokens] }
      const path = lease.paths.get(segment.key)
      if (!path) throw new WorkbenchError('internal', `The plan reads cache ${segment.key}, which is not open.`)
      return { kind: 'cached', tokens: [...segment.tokens], path, key: segment.key }
    }),
    sampling: request.sampling,
    maxTokens: Math.min(request.maxTokens, room),
    stop: request.stop,
    subBatch: 512,
  }
}

function planEvent(query: Query, planned: Plan): AskEvent {
  return { type: 'plan', chunks: chunkTraces(query, planned), knowledgeTokens: tokensOf(query.included) }
}

/** Writes down what happened. */
function finish(
  { store }: AskServices,
  query: Query,
  { planned, result, calledMs }: Composed & { readonly planned: Plan },
): Answer {
  const trace = traceOf(query, planned, { result, calledMs })
  const { set, request } = query
  store.recordHits([...new Set(planned.chunks.flatMap(({ key }) => key ?? []))])
  recordQuery(store.sql, {
    set: set.id,
    question: request.question,
    trace,
    digests: planned.chunks.map(({ chunk }) => chunk.digest),
  })
  const missed = planned.chunks
    .filter(({ outcome }) => outcome.kind === 'miss' && outcome.reason !== 'strategy')
    .map(({ wanted }) => wanted)
  if (missed.length > 0) query.onMissed?.(new Set(missed))
  return { text: result.text, stop: result.stop, trace }
}

function traceOf(query: Query, planned: Plan, { result, calledMs }: Composed): Trace {
  const chunks = chunkTraces(query, planned)
  const knowledgeTokens = tokensOf(query.included)
  const reused = chunks.filter(({ outcome }) => outcome.kind === 'hit').reduce((sum, { tokens }) => sum + tokens, 0)
  const generated = result.tokens.length
  return {
    strategy: query.request.strategy,
    model: query.model.summary.id,
    device: query.handle.device,
    stages: [
      { name: 'plan', startMs: 0, ms: calledMs },
      ...result.stages.map((stage) => ({ ...stage, startMs: stage.startMs + calledMs })),
    ],
    ttftMs: calledMs + result.ttftMs,
    knowledgeTokens,
    questionTokens: query.prefix.length + query.tail.length,
    reusedTokens: result.reusedTokens,
    computedTokens: result.computedTokens,
    hitRate: knowledgeTokens === 0 ? null : reused / knowledgeTokens,
    bytesRead: result.bytesRead,
    generatedTokens: generated,
    decodeTokensPerSecond: generated > 1 && result.decodeMs > 0 ? ((generated - 1) * 1000) / result.decodeMs : null,
    chunks,
    firstTokens: result.firstTokens,
    logitsDigest: result.logitsDigest,
  }
}

function chunkTraces({ documents }: Query, planned: Plan): ChunkTrace[] {
  const byId = new Map(documents.map((document) => [document.row.id, document]))
  return planned.chunks.map(({ chunk, outcome }) => {
    const document = byId.get(chunk.document)
    return {
      id: chunk.id,
      document: document?.row.title ?? '',
      section: document?.sections[chunk.section - 1]?.title ?? '',
      tokens: chunk.tokens.length,
      outcome,
    }
  })
}

function tokensOf(chunks: readonly KeyedChunk[]): number {
  return chunks.reduce((sum, { tokens }) => sum + tokens.length, 0)
}
