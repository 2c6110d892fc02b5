import type { Colors } from 'picocolors/types'
import { MISS_REASONS, type ChunkOutcome, type ChunkTrace, type Strategy, type Trace } from '../../shared/answer'
import { bytes, count, milliseconds, percent, several } from './figures'
import { numbers, shortened, table, wrapped } from './table'

const STAGE_NAMES: Record<Trace['stages'][number]['name'], string> = {
  plan: 'plan',
  read: 'read caches',
  upload: 'upload',
  compute: 'compute',
  'first-token': 'question, first token',
}
/** Characters of the stages' waterfall. */
const WIDTH = 40
/** Of documents and sections: with the longest reason the table has room on 80 columns. */
const TITLE_WIDTH = 16
const AFTER_GAP =
  'an earlier part of its document is left out (or the document is too long), so it is used as encoded alone'

/** What happened for one query: figures, stages as a waterfall, chunks with the reason of every miss. */
export function traceReport(trace: Trace, paint: Colors): string {
  const { hitRate, knowledgeTokens, reusedTokens, computedTokens, questionTokens, decodeTokensPerSecond: speed } = trace
  const rate = hitRate === null ? '' : ` (${percent(hitRate)} of ${count(knowledgeTokens)})`
  const computed = `${count(computedTokens)} computed, ${count(questionTokens)} of them question`
  const lines = [
    `${paint.bold(trace.strategy)} with ${trace.model} on ${trace.device}`,
    `first token ${milliseconds(trace.ttftMs)}`,
    `tokens      ${count(reusedTokens)} reused${rate}, ${computed}`,
    `read        ${bytes(trace.bytesRead)}`,
    `answer      ${several(trace.generatedTokens, 'token')}${speed === null ? '' : `, ${count(speed)} tokens/s`}`,
    '',
    stages(trace),
  ]
  if (trace.chunks.length > 0) lines.push('', chunks(trace, paint))
  return lines.join('\n')
}

function stages({ stages, ttftMs }: Trace): string {
  const whole = Math.max(ttftMs, ...stages.map(({ startMs, ms }) => startMs + ms), 1e-6)
  const rows = stages.map(({ name, startMs, ms }) => {
    const from = Math.min(WIDTH - 1, Math.round((startMs / whole) * WIDTH))
    const length = Math.min(WIDTH - from, Math.max(1, Math.round((ms / whole) * WIDTH)))
    return [STAGE_NAMES[name], milliseconds(ms), ' '.repeat(from) + '▇'.repeat(length)]
  })
  return table(['stage', numbers('time'), ''], rows)
}

function chunks({ chunks: list, strategy }: Trace, paint: Colors): string {
  const rows = list.map((chunk) => {
    const { id, document, section, tokens, outcome } = chunk
    const place = [id, shortened(document, TITLE_WIDTH), shortened(section, TITLE_WIDTH), count(tokens)]
    const { word } = explained(outcome, strategy)
    return [...place, outcome.kind === 'hit' ? paint.green('reused') : paint.yellow('computed'), word]
  })
  const shown = table(['chunk', 'document', 'section', numbers('tokens'), '', 'variant or reason'], rows)
  return [shown, ...legend(list, strategy)].join('\n')
}

/** An outcome's word for the last column, and what that word means where it does not say so itself. */
function explained(outcome: ChunkOutcome, strategy: Strategy): { readonly word: string; readonly meaning: string | null } {
  if (outcome.kind === 'miss') return { word: outcome.reason, meaning: MISS_REASONS[outcome.reason] }
  const { variant, poorer } = outcome
  if (poorer !== null) return { word: `${variant}, poorer`, meaning: poorer }
  if (variant !== 'bos') return { word: variant, meaning: null }
  return strategy === 'reuse:bos'
    ? { word: 'bos', meaning: 'encoded alone, as this strategy takes every chunk' }
    : { word: 'bos, after gap', meaning: AFTER_GAP }
}

/** What the words of the last column mean, each once. */
function legend(list: readonly ChunkTrace[], strategy: Strategy): string[] {
  const lines = list.map(({ outcome }) => {
    const { word, meaning } = explained(outcome, strategy)
    return meaning === null ? null : wrapped(`${word}: ${meaning}`, process.stdout.columns)
  })
  const said = [...new Set(lines.filter((line) => line !== null))]
  return said.length > 0 ? ['', ...said] : []
}
