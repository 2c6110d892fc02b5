/** What happened in a query, written down. */
import type { Attempt, ChunkTrace, Trace } from '../../shared/answer'
import { sentence } from '../../shared/details'
import { strategyText } from '../../shared/strategy'
import type { Plan } from '../blend/plan'
import { rangesOf } from '../blend/rows'
import type { Lease } from '../store/store'
import type { Query } from './query'
import type { Begun, Composed } from './rung'

/** What is known of a query when it is over. */
type Ending = 'attempts' | 'gate' | 'generatedTokens' | 'decodeTokensPerSecond'

export function traceOf(
  query: Query,
  composed: Composed,
  { attempts, gate }: Pick<Trace, 'attempts' | 'gate'>,
): Trace {
  const { result } = composed
  const generated = result.tokens.length
  return {
    ...factsOf(query, composed),
    attempts,
    gate,
    generatedTokens: generated,
    decodeTokensPerSecond: generated > 1 && result.decodeMs > 0 ? ((generated - 1) * 1000) / result.decodeMs : null,
  }
}

/** What is known at the first token. */
export function factsOf(query: Query, begun: Begun): Omit<Trace, Ending> {
  const { rung, planned, files, result, calledMs } = begun
  const { startMs } = rung
  const chunks = chunkTraces(query, { planned, files }, result.recomputedRows)
  const { knowledgeTokens } = query
  const reused = chunks.filter(({ outcome }) => outcome.kind === 'hit').reduce((sum, { tokens }) => sum + tokens, 0)
  return {
    strategy: strategyText(rung.strategy),
    why: rung.why && sentence(rung.why),
    ...(rung.why && { said: rung.why }),
    model: query.model.summary.id,
    device: query.handle.device,
    stages: [
      { name: 'plan', startMs, ms: calledMs - startMs, busyMs: calledMs - startMs },
      ...result.stages.map((stage) => ({ ...stage, startMs: stage.startMs + calledMs })),
    ],
    work: result.work.map((span) => ({ ...span, startMs: span.startMs + calledMs })),
    ttftMs: calledMs + result.ttftMs,
    knowledgeTokens,
    questionTokens: query.prefix.length + query.tail.length,
    reusedTokens: result.reusedTokens,
    recomputedTokens: result.recomputedRows.length,
    computedTokens: result.computedTokens,
    hitRate: knowledgeTokens === 0 ? null : (reused - result.recomputedRows.length) / knowledgeTokens,
    bytesRead: result.bytesRead,
    bytesFromMemory: result.bytesFromMemory,
    chunks,
    firstTokens: result.firstTokens,
    confidence: confidenceOf(begun),
    logitsDigest: result.logitsDigest,
  }
}

/** A rung that was given up. */
export function attemptOf(composed: Composed): Attempt {
  const { rung, endMs } = composed
  const { minConfidence, startMs } = rung
  const strategy = strategyText(rung.strategy)
  return { strategy, startMs, ms: endMs - startMs, confidence: confidenceOf(composed), minConfidence }
}

export function chunkTraces(
  { documents }: Query,
  { planned, files }: { readonly planned: Plan; readonly files: Lease['files'] },
  recomputedRows: readonly number[],
): ChunkTrace[] {
  const byId = new Map(documents.map((document) => [document.row.id, document]))
  const ranges = rangesOf(
    planned.chunks.map(({ chunk, start }) => ({ start, tokens: chunk.tokens.length })),
    recomputedRows,
  )
  return planned.chunks.map(({ chunk, outcome, key }, index) => {
    const document = byId.get(chunk.document)
    return {
      id: chunk.id,
      document: document?.row.title ?? '',
      section: document?.sections[chunk.section - 1]?.title ?? '',
      tokens: chunk.tokens.length,
      outcome,
      profile: files.get(key ?? '')?.profile ?? null,
      recomputed: ranges[index] ?? [],
    }
  })
}

function confidenceOf({ result }: Begun): number {
  const [likeliest] = result.firstTokens
  return likeliest ? Math.exp(likeliest.logProbability) : 0
}
