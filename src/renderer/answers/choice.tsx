/** Why it was answered as it was, where that was not simply asked for. */
import { memo } from 'react'
import type { Trace } from '../../shared/answer'
import { strings } from '../strings'
import { duration, percent } from '../ui/format'
import { strategyLabel } from './strategy-label'

const texts = strings.choice

export const Choice = memo(function Choice({ trace }: { readonly trace: Trace }) {
  const lines = [
    ...trace.attempts.map(({ strategy, ms, confidence, minConfidence }) =>
      texts.tried(strategyLabel(strategy), duration(ms), percent(confidence), percent(minConfidence)),
    ),
    ...(trace.why === null ? [] : [texts.chosen(strategyLabel(trace.strategy), trace.why)]),
    ...(trace.gate === 'not checked' ? [texts.unchecked(trace.model)] : []),
  ]
  if (lines.length === 0) return null
  return (
    <section className="dim choice" aria-label={texts.title} data-testid="choice">
      {lines.map((line) => (
        <p key={line}>{line}</p>
      ))}
    </section>
  )
})
