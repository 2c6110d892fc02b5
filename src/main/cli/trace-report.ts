import type { Colors } from 'picocolors/types'
import { MISS_REASONS, type ChunkTrace, type Trace } from '../../shared/answer'
import { bytes, count, milliseconds, percent, several } from './figures'
import { numbers, shortened, table } from './table'

const STAGE_NAMES: Record<Trace['stages'][number]['name'], string> = {
  plan: 'plan',
  read: 'read caches',
  upload: 'upload',
  compute: 'compute',
  'first-token': 'question, first token',
}
/** Characters of the stages' waterfall. */
const WIDTH = 40

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
  if (trace.chunks.length > 0) lines.push('', chunks(trace.chunks, paint))
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

function chunks(list: readonly ChunkTrace[], paint: Colors): string {
  const rows = list.map((chunk) => {
    const { id, document, section, tokens, outcome } = chunk
    const place = [id, shortened(document, 24), shortened(section, 24), count(tokens)]
    return outcome.kind === 'hit'
      ? [...place, paint.green('reused'), `${outcome.variant}${outcome.poorer === null ? '' : ' *'}`]
      : [...place, paint.yellow('computed'), outcome.reason]
  })
  const shown = table(['chunk', 'document', 'section', numbers('tokens'), '', 'variant or reason'], rows)
  return [shown, ...legend(list)].join('\n')
}

/** What the words of the last column mean, each once. */
function legend(list: readonly ChunkTrace[]): string[] {
  const lines = list.map(({ outcome }) => {
    if (outcome.kind === 'miss') return `${outcome.reason}: ${MISS_REASONS[outcome.reason]}`
    return outcome.poorer === null ? null : `* ${outcome.poorer}`
  })
  const said = [...new Set(lines.filter((line) => line !== null))]
  return said.length > 0 ? ['', ...said] : []
}
