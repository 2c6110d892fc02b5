/** Where the time to the first token went: one bar per stage, on one clock. */
import { memo } from 'react'
import type { Trace } from '../../../shared/answer'
import { strings } from '../../strings'
import { duration } from '../../ui/format'

const texts = strings.waterfall
/** Bars end here, so that the last one's time has room. */
const USED_PERCENT = 82
/** Time before the first stage that is worth a bar of its own (a model that had to be loaded). */
const REST_MS = 5

interface Bar {
  readonly stage: string
  readonly name: string
  readonly startMs: number
  readonly ms: number
}

interface Props {
  readonly trace: Trace
  readonly rival: Trace | null
}

export const Waterfall = memo(function Waterfall({ trace, rival }: Props) {
  const longest = Math.max(trace.ttftMs, rival?.ttftMs ?? 0)
  return (
    <section aria-label={texts.title(duration(trace.ttftMs))}>
      <Stages trace={trace} title={rival ? strings.strategies[trace.strategy].label : null} wholeMs={longest} />
      {rival && <Stages trace={rival} title={strings.strategies.full.label} wholeMs={longest} />}
    </section>
  )
})

function Stages({
  trace,
  title,
  wholeMs,
}: {
  readonly trace: Trace
  readonly title: string | null
  readonly wholeMs: number
}) {
  const heading = texts.title(duration(trace.ttftMs))
  return (
    <>
      <h3>{title ? `${title}: ${heading.charAt(0).toLowerCase()}${heading.slice(1)}` : heading}</h3>
      <div className="waterfall">
        {barsOf(trace).map(({ stage, name, startMs, ms }) => {
          const left = (startMs / wholeMs) * USED_PERCENT
          const width = (ms / wholeMs) * USED_PERCENT
          return [
            <span key={`${stage} name`} className="dim">
              {name}
            </span>,
            <span
              key={stage}
              className="track"
              role="img"
              aria-label={texts.bar(name, duration(startMs), duration(ms))}
            >
              <span className="bar-of" data-stage={stage} style={{ left: `${left}%`, width: `${width}%` }} />
              <span className="time" style={{ left: `max(${left + width}%, calc(${left}% + 2px))` }}>
                {duration(ms)}
              </span>
            </span>,
          ]
        })}
        <span className="axis" />
      </div>
    </>
  )
}

function barsOf(trace: Trace): Bar[] {
  const bars = trace.stages.map(({ name, startMs, ms }): Bar => ({
    stage: name,
    name: strings.stages[name],
    startMs,
    ms,
  }))
  const afterPlan = trace.stages.filter(({ name }) => name !== 'plan').toSorted((a, b) => a.startMs - b.startMs)[0]
  const plan = trace.stages.find(({ name }) => name === 'plan')
  const planEnd = plan ? plan.startMs + plan.ms : 0
  const gap = (afterPlan?.startMs ?? planEnd) - planEnd
  if (gap < REST_MS) return bars
  return [...bars, { stage: 'rest', name: texts.rest, startMs: planEnd, ms: gap }].toSorted(
    (a, b) => a.startMs - b.startMs,
  )
}
