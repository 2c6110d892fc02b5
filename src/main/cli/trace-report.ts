import type { Colors } from 'picocolors/types'
import { MISS_REASONS, POORER_REASONS } from '../../shared/answer'
import type { Attempt, ChunkOutcome, ChunkTrace, Trace, TraceStage } from '../../shared/answer'
import { PROFILES } from '../../shared/profile'
import { isIsolated, strategySpec, type Strategy } from '../../shared/strategy'
import { bytes, count, milliseconds, percent, several } from './figures'
import { numbers, shortened, table, wrapped } from './table'

const STAGE_NAMES: Record<TraceStage['name'], string> = {
  plan: 'plan',
  load: 'load caches',
  compute: 'compute',
  'first-token': 'first token',
}
/** Characters of the stages' waterfall. */
const WIDTH = 40
/** Of documents and sections: with the longest reason the table has room on 80 columns. */
const TITLE_WIDTH = 16
const TAIL = 'encoded behind the included parts of its document'
const BY_CHOICE = 'encoded alone, as this strategy takes every chunk'
const ALONE = 'encoded alone; the prompt begins in its own way, or the document is longer than the context'

/** What happened for one query: figures, stages as a waterfall, chunks with the reason of every miss. */
export function traceReport(trace: Trace, paint: Colors): string {
  const { decodeTokensPerSecond: speed, why } = trace
  const lines = [
    `${paint.bold(trace.strategy)} with ${trace.model} on ${trace.device}`,
    ...(why === null ? [] : [shown('chosen', why)]),
    ...trace.attempts.map((attempt) => shown('tried', attemptText(attempt))),
    ...(trace.gate === null ? [] : [shown('model', gateText(trace))]),
    shown('first token', `${milliseconds(trace.ttftMs)}, ${percent(trace.confidence)} likely`),
    shown('tokens', tokensText(trace)),
    ...(trace.hitRate === null ? [] : [shown('hit rate', percent(trace.hitRate))]),
    shown('read', readText(trace)),
    shown('answer', `${several(trace.generatedTokens, 'token')}${speed === null ? '' : `, ${count(speed)} tokens/s`}`),
    '',
    stages(trace),
  ]
  if (trace.chunks.length > 0) lines.push('', chunks(trace, paint))
  return lines.join('\n')
}

function shown(name: string, text: string): string {
  return wrapped(`${name.padEnd(12)}${text}`, process.stdout.columns, 12)
}

function attemptText({ strategy, ms, confidence, minConfidence }: Attempt): string {
  const likely = `first token ${percent(confidence)} likely, below ${percent(minConfidence)}`
  return `${strategy}, ${milliseconds(ms)}: ${likely}`
}

function gateText({ gate, model }: Trace): string {
  return gate === 'passed'
    ? 'passed its check for mixing cached and fresh parts'
    : `not checked for mixing cached and fresh parts; "kvasir models check ${model}" does that`
}

/** In which profiles the caches were kept, where not all are exact. */
function readText({ bytesRead, bytesFromMemory, chunks: list }: Trace): string {
  const profiles = PROFILES.filter((each) => list.some(({ profile }) => profile === each))
  const isExact = profiles.every((each) => each === 'f16')
  const kept = bytesFromMemory === 0 ? '' : `, ${bytes(bytesFromMemory)} taken from memory`
  return `${bytes(bytesRead)}${isExact ? '' : ` as ${profiles.join(', ')}`}${kept}`
}

function tokensText(trace: Trace): string {
  const { knowledgeTokens, reusedTokens, recomputedTokens, computedTokens, questionTokens } = trace
  const share =
    knowledgeTokens === 0 ? '' : ` (${percent(reusedTokens / knowledgeTokens)} of ${count(knowledgeTokens)})`
  const again = recomputedTokens === 0 ? '' : `, ${count(recomputedTokens)} of them computed again`
  const computed = `${count(computedTokens)} computed, ${count(questionTokens)} of them question`
  return `${count(reusedTokens)} reused${share}${again}, ${computed}`
}

/** Loading and computing take turns and overlap: their rows show each layer's span. */
function stages({ stages, attempts, work, ttftMs }: Trace): string {
  const whole = Math.max(ttftMs, ...stages.map(({ startMs, ms }) => startMs + ms), 1e-6)
  const bar = (spans: readonly Span[]): string => {
    const cells = Array.from({ length: WIDTH }, () => ' ')
    for (const { startMs, ms } of spans) {
      const from = Math.min(WIDTH - 1, Math.floor((startMs / whole) * WIDTH))
      const to = Math.min(WIDTH, Math.max(from + 1, Math.round(((startMs + ms) / whole) * WIDTH)))
      cells.fill('▇', from, to)
    }
    return cells.join('')
  }
  const rows = [
    ...attempts.map((attempt) => [`tried ${attempt.strategy}`, milliseconds(attempt.ms), '', bar([attempt])]),
    ...stages.map((stage) => {
      const { name, ms, busyMs } = stage
      const spans = work.filter(({ what }) => what === name)
      const busy = ms - busyMs > 0.1 * ms ? milliseconds(busyMs) : ''
      return [STAGE_NAMES[name], milliseconds(ms), busy, bar(spans.length > 0 ? spans : [stage])]
    }),
  ]
  const hasBusy = rows.some(([, , busy]) => busy !== '')
  const columns = ['stage', numbers('time'), ...(hasBusy ? [numbers('at work')] : []), '']
  return table(columns, hasBusy ? rows : rows.map(([name = '', time = '', , drawn = '']) => [name, time, drawn]))
}

type Span = Pick<TraceStage, 'startMs' | 'ms'>

function chunks({ chunks: list, strategy, recomputedTokens }: Trace, paint: Colors): string {
  const isRecomputed = recomputedTokens > 0
  const rows = list.map((chunk) => {
    const { id, document, section, tokens, outcome } = chunk
    const place = [id, shortened(document, TITLE_WIDTH), shortened(section, TITLE_WIDTH), count(tokens)]
    const again = isRecomputed ? [recomputedOf(chunk)] : []
    const { word } = explained(outcome, strategy)
    return [...place, ...again, outcome.kind === 'hit' ? paint.green('reused') : paint.yellow('computed'), word]
  })
  const again = isRecomputed ? [numbers('again')] : []
  const columns = ['chunk', 'document', 'section', numbers('tokens'), ...again, '', 'variant or reason']
  return [table(columns, rows), ...legend(list, strategy, isRecomputed)].join('\n')
}

function recomputedOf({ recomputed }: ChunkTrace): string {
  const tokens = recomputed.reduce((sum, [from, to]) => sum + to - from, 0)
  return tokens === 0 ? '' : count(tokens)
}

/** An outcome's word for the last column, and what that word means where it does not say so itself. */
function explained(
  outcome: ChunkOutcome,
  strategy: Strategy,
): { readonly word: string; readonly meaning: string | null } {
  if (outcome.kind === 'miss') return { word: outcome.reason, meaning: MISS_REASONS[outcome.reason] }
  const { variant, poorer } = outcome
  if (poorer !== null) return { word: `${variant}, poorer`, meaning: POORER_REASONS[poorer] }
  if (variant === 'tail') return { word: variant, meaning: TAIL }
  if (variant !== 'bos') return { word: variant, meaning: null }
  return { word: variant, meaning: isIsolated(strategySpec(strategy)) ? BY_CHOICE : ALONE }
}

/** What the words of the last columns mean, each once. */
function legend(list: readonly ChunkTrace[], strategy: Strategy, isRecomputed: boolean): string[] {
  const lines = list.map(({ outcome }) => {
    const { word, meaning } = explained(outcome, strategy)
    return meaning === null ? null : wrapped(`${word}: ${meaning}`, process.stdout.columns)
  })
  const said = [...new Set(lines.filter((line) => line !== null))]
  if (isRecomputed) said.unshift('again: reused tokens that were computed again in their place')
  return said.length > 0 ? ['', ...said] : []
}
