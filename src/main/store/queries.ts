/** History of queries: what each reused and computed, chunk by chunk. */
import type { ChunkTrace, Trace } from '../../shared/answer'
import type { Sql } from './sql'

export interface QueryRecord {
  readonly set: string
  readonly question: string
  readonly trace: Trace
  /** Token digests of the trace's chunks, in the same order: they find a text again after its document changed. */
  readonly digests: readonly string[]
}

/** @returns the query's number */
export function recordQuery(sql: Sql, { set, question, trace, digests }: QueryRecord): number {
  return sql.transaction(() => {
    const { id } = sql.run(
      `INSERT INTO queries (asked_at, set_id, model, strategy, question, ttft_ms, knowledge_tokens, question_tokens,
         reused_tokens, computed_tokens, bytes_read, generated_tokens) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
      [
        new Date().toISOString(),
        set,
        trace.model,
        trace.strategy,
        question,
        trace.ttftMs,
        trace.knowledgeTokens,
        trace.questionTokens,
        trace.reusedTokens,
        trace.computedTokens,
        trace.bytesRead,
        trace.generatedTokens,
      ],
    )
    for (const [at, chunk] of trace.chunks.entries()) {
      const { variant, reason } = columnsOf(chunk)
      sql.run(
        `INSERT INTO query_chunks (query_id, at, node, token_digest, tokens, variant, reason)
         VALUES (?, ?, ?, ?, ?, ?, ?)`,
        [id, at, chunk.id, digests[at] ?? '', chunk.tokens, variant, reason],
      )
    }
    return id
  })
}

function columnsOf({ outcome }: ChunkTrace): { variant: string | null; reason: string | null } {
  return outcome.kind === 'hit'
    ? { variant: outcome.variant, reason: outcome.poorer }
    : { variant: null, reason: outcome.reason }
}
