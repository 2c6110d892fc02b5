/** Where the time to the first token went: one bar per stage, on one clock. */
import { memo } from 'react'
import type { Trace } from '../../shared/answer'
import { strings } from '../strings'
import { duration, percent } from '../ui/format'
import { strategyLabel } from './strategy-label'

const texts = strings.waterfall
/** Bars end here, so that the last one's time has room. */
const USED_PERCENT = 82
/** Time before the first stage that is worth a bar of its own (a model that had to be loaded). */
const REST_MS = 5
/** Share of a stage that it waits for another, from which on that is said. */
const LEAST_WAIT = 0.1

interface Span {
  readonly startMs: number
  readonly ms: number
}

interface Bar extends Span {
  readonly stage: string
  readonly name: string
  /** When it was at work; stages overlap and take turns. */
  readonly spans: readonly Span[]
  readonly busyMs: number
}

interface Props {
  readonly trace: Trace
  readonly rival: Trace | null
}

export const Waterfall = memo(function Waterfall({ trace, rival }: Props) {
  const longest = Math.max(trace.ttftMs, rival?.ttftMs ?? 0)
  return (
    <section aria-label={titleOf(trace)}>
      <Stages trace={trace} title={rival ? strategyLabel(trace.strategy) : null} wholeMs={longest} />
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
  const heading = titleOf(trace)
  return (
    <>
      <h3>{title ? strings.joins.of(title, `${heading.charAt(0).toLowerCase()}${heading.slice(1)}`) : heading}</h3>
      <div className="waterfall">
        {barsOf(trace).map(({ stage, name, startMs, ms, spans, busyMs }) => {
          const end = ((startMs + ms) / wholeMs) * USED_PERCENT
          const time = ms - busyMs > LEAST_WAIT * ms ? texts.shared(duration(busyMs), duration(ms)) : duration(ms)
          return [
            <span key={`${name} name`} className="dim">
              {name}
            </span>,
            <span key={name} className="track" role="img" aria-label={texts.bar(name, duration(startMs), time)}>
              {spans.map((span) => (
                <span
                  key={span.startMs}
                  className="bar-of"
                  data-stage={stage}
                  style={{
                    left: `${(span.startMs / wholeMs) * USED_PERCENT}%`,
                    width: `${(span.ms / wholeMs) * USED_PERCENT}%`,
                  }}
                />
              ))}
              <span
                className="time"
                style={{ left: `max(${end}%, calc(${(startMs / wholeMs) * USED_PERCENT}% + 2px))` }}
              >
                {time}
              </span>
            </span>,
          ]
        })}
        <span className="axis" />
      </div>
    </>
  )
}

function titleOf({ ttftMs, confidence }: Trace): string {
  return texts.title(duration(ttftMs), percent(confidence))
}

function barsOf({ stages, attempts, work }: Trace): Bar[] {
  const tried = attempts.map(({ strategy, startMs, ms }) =>
    whole('tried', texts.tried(strategyLabel(strategy)), { startMs, ms }),
  )
  const bars = stages.map((stage): Bar => {
    const spans = work.filter(({ what }) => what === stage.name)
    const bar = whole(stage.name, strings.stages[stage.name], stage)
    return spans.length === 0 ? bar : { ...bar, spans, busyMs: stage.busyMs }
  })
  const plan = stages.find(({ name }) => name === 'plan')
  const planEnd = plan ? plan.startMs + plan.ms : 0
  const next = Math.min(...stages.filter(({ name }) => name !== 'plan').map(({ startMs }) => startMs))
  const isLate = Number.isFinite(next) && next - planEnd >= REST_MS
  const rest = isLate ? [whole('rest', texts.rest, { startMs: planEnd, ms: next - planEnd })] : []
  return [...tried, ...bars, ...rest].toSorted((a, b) => a.startMs - b.startMs)
}

function whole(stage: string, name: string, { startMs, ms }: Span): Bar {
  return { stage, name, startMs, ms, spans: [{ startMs, ms }], busyMs: ms }
}
