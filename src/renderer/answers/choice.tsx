/** Why it was answered as it was, where that was not simply asked for. */
import { memo } from 'react'
import type { Trace } from '../../shared/answer'
import type { Detail } from '../../shared/details'
import { language, strings } from '../strings'
import { said } from '../ui/failure'
import { duration, percent } from '../ui/format'
import { strategyLabel } from './strategy-label'

const texts = strings.choice

/** Why a strategy was chosen; what an earlier version wrote down is there in English only. */
export function whyOf({ why, said: detail }: { readonly why: string; readonly said?: Detail | undefined }): string {
  return said(detail) ?? (language === 'en' ? why : texts.earlierWhy)
}

export const Choice = memo(function Choice({ trace }: { readonly trace: Trace }) {
  const lines = [
    ...trace.attempts.map(({ strategy, ms, confidence, minConfidence }) =>
      texts.tried(strategyLabel(strategy), duration(ms), percent(confidence), percent(minConfidence)),
    ),
    ...(trace.why === null ? [] : [texts.chosen(strategyLabel(trace.strategy), whyOf({ ...trace, why: trace.why }))]),
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
