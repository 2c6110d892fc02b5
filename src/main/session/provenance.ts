/** What of its context an answer paid attention to: the context composed once more, the answer's tokens run behind it. */
import { WorkbenchError } from '../../shared/errors'
import type { Provenance, TokenAttention } from '../../shared/provenance'
import { strategySpec } from '../../shared/strategy'
import { setAsideDamaged } from '../build/set-aside'
import type { Plan } from '../blend/plan'
import { chunkDigests, type KeptQuery } from '../store/query-records'
import { isObjectFault } from '../store/store'
import type { AskServices } from './ask'
import { planQuery, profileFor, recomputeOf, segmentsOf, SUB_BATCH } from './compose'
import { select, type AskInput, type Query } from './query'
import type { Rung } from './rung'
import { pieceTexts } from './token-texts'

/** Chunks that a token names, those with most of its attention. */
const TOP = 3

export interface ProvenanceInput extends Pick<AskInput, 'set' | 'model' | 'signal'> {
  readonly id: number
  readonly kept: KeptQuery
}

/** @throws conflict where its documents or its model changed since; argument.invalid where there was no knowledge */
export async function provenance(services: AskServices, { id, kept, ...input }: ProvenanceInput): Promise<Provenance> {
  const { request, answer, tokens } = kept
  if (tokens.length === 0) throw new WorkbenchError('argument.invalid', { id: 'query.no-words', params: { id } })
  const query = await select(services.knowledge, { ...input, request })
  assertSame(services, query, kept, id)
  if (query.included.length === 0)
    throw new WorkbenchError('argument.invalid', { id: 'query.no-knowledge', params: { id } })
  const startedAt = performance.now()
  const rung: Rung = {
    strategy: strategySpec(answer.trace.strategy),
    why: null,
    minConfidence: 0,
    calibration: services.measured.calibration(query.model.identity.fingerprint, query.set.id),
    startMs: 0,
  }
  const { planned, shares } = await attention(services, query, rung, tokens)
  const texts = await pieceTexts(services.engine, query.handle.model, tokens)
  return told(planned, { id, shares, texts, ms: performance.now() - startedAt })
}

function assertSame({ store }: AskServices, query: Query, { answer }: KeptQuery, id: number): void {
  if (query.model.summary.id !== answer.trace.model) {
    throw new WorkbenchError(
      'conflict',
      `Query ${id} was answered by ${answer.trace.model}, but "${query.set.name}" belongs to ${query.model.summary.id} now. Ask again.`,
    )
  }
  const then = chunkDigests(store.sql, id)
  const now = query.included.map(({ chunk }) => chunk.digest)
  if (then.length === now.length && then.every((digest, at) => digest === now[at])) return
  throw new WorkbenchError('conflict', { id: 'query.changed', params: { id } })
}

/** Attention by the plan's chunks: [tokens][chunks], of 1 in all. */
async function attention(
  services: AskServices,
  query: Query,
  rung: Rung,
  answer: readonly number[],
): Promise<{ readonly planned: Plan; readonly shares: readonly (readonly number[])[] }> {
  const { engine, store } = services
  for (;;) {
    const planned = planQuery(services, query, rung.strategy)
    const keys = planned.chunks.flatMap(({ key }) => key ?? [])
    await using lease = await store.open(keys, profileFor(query, rung.strategy))
    if (keys.some((key) => !lease.files.has(key))) continue
    try {
      const segments = segmentsOf(planned, lease)
      const { shares } = await engine.call(
        'provenance',
        {
          model: query.handle.model,
          segments,
          recompute: await recomputeOf(services, query, { rung, planned, segments }),
          answer: [...answer],
          ranges: planned.chunks.map(({ chunk, start }) => ({ from: start, count: chunk.tokens.length })),
          subBatch: SUB_BATCH,
        },
        { signal: query.signal },
      )
      return { planned, shares }
    } catch (error) {
      if (!isObjectFault(error) || (await setAsideDamaged(engine, store, lease)) === 0) throw error
    }
  }
}

function told(
  { chunks }: Plan,
  {
    id,
    shares,
    texts,
    ms,
  }: {
    readonly id: number
    readonly shares: readonly (readonly number[])[]
    readonly texts: readonly string[]
    readonly ms: number
  },
): Provenance {
  const perChunk = chunks.map((_, chunk) => sum(shares.map((token) => token[chunk] ?? 0)))
  const all = sum(perChunk)
  const size = sum(chunks.map(({ chunk }) => chunk.tokens.length))
  return {
    query: id,
    chunks: chunks.map(({ chunk }, at) => ({
      id: chunk.id,
      share: all > 0 ? (perChunk[at] ?? 0) / all : 0,
      expected: chunk.tokens.length / size,
    })),
    tokens: shares.map((token, at) => tokenAttention(texts[at] ?? '', token)),
    knowledge: all / shares.length,
    ms,
  }
}

function tokenAttention(text: string, shares: readonly number[]): TokenAttention {
  const knowledge = sum(shares)
  const top = shares
    .map((share, chunk) => ({ chunk, share: knowledge > 0 ? share / knowledge : 0 }))
    .toSorted((a, b) => b.share - a.share)
    .slice(0, TOP)
  return { text, knowledge, top }
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0)
}
