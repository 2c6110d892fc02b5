/** The lanes side by side: who runs, who waits for what, clocks, answers, chunks. */
import { useState } from 'react'
import type { LaneResult } from '../../../shared/race'
import type { NodeId } from '../../../shared/knowledge'
import { ChunkStrip } from '../../answers/chunk-strip'
import { strategyLabel, strategyText } from '../../answers/strategy-label'
import { strings } from '../../strings'
import { duration, percent, ratio, speed } from '../../ui/format'
import { useStore } from '../../ui/store'
import { RunnerClock } from './clock'
import { laneLabel } from './lane-label'
import { MarkedAnswer } from './marked-answer'
import type { Racing, Runner } from './racing'

const texts = strings.race

interface Props {
  readonly racing: Racing
  /** For an audience: large, and nothing but clocks, answers and ratios. */
  readonly large?: boolean
}

export function Track({ racing, large = false }: Props) {
  const runners = useStore(racing.state, (state) => state.runners)
  return (
    <div className={large ? 'track large' : 'track'} data-lanes={runners.length}>
      {runners.map((runner, lane) => (
        <LaneCard key={lane} racing={racing} runner={runner} lane={lane} large={large} />
      ))}
    </div>
  )
}

interface CardProps extends Required<Props> {
  readonly runner: Runner
  readonly lane: number
}

function LaneCard({ racing, runner, lane, large }: CardProps) {
  const phase = useStore(runner, (state) => state.phase)
  const comparison = useStore(racing.state, (state) => state.comparison)
  const result = comparison?.lanes[lane]
  const isBaseline = comparison?.baseline === lane
  return (
    <section className="lane runner" data-phase={phase} data-testid={`lane-${lane + 1}`} aria-label={texts.lane(lane + 1, laneLabel(runner.lane))}>
      <div className="line">
        <b>{laneLabel(runner.lane)}</b>
        {isBaseline && <span className="pill still">{texts.baseline}</span>}
      </div>
      {!large && <div className="dim clip" title={strategyText(runner.lane.strategy)}>{strategyText(runner.lane.strategy)}</div>}
      <div className="line clock-line">
        <span className="big">{result ? duration(result.ttftMs) : <RunnerClock runner={runner} />}</span>
        {result && !isBaseline && <Sooner result={result} />}
      </div>
      <LaneStatus racing={racing} runner={runner} lane={lane} result={result ?? null} />
      {result ? <MarkedAnswer answer={result.answer} /> : <LiveText runner={runner} />}
      {result && <LaneFigures result={result} />}
      {!large && <Strip runner={runner} lane={lane} />}
    </section>
  )
}

function Sooner({ result: { versus } }: { readonly result: LaneResult }) {
  const sooner = versus.ttft >= 1
  return (
    <b className={sooner ? 'good' : 'bad'} data-testid="sooner">
      {sooner ? texts.sooner(ratio(versus.ttft)) : texts.later(ratio(1 / versus.ttft))}
    </b>
  )
}

interface StatusProps {
  readonly racing: Racing
  readonly runner: Runner
  readonly lane: number
  readonly result: LaneResult | null
}

/** What it does or waits for, in words. */
function LaneStatus({ racing, runner, lane, result }: StatusProps) {
  const phase = useStore(runner, (state) => state.phase)
  const progress = useStore(runner, (state) => state.progress)
  const repetition = useStore(runner, (state) => state.repetition)
  const strategy = useStore(runner, (state) => state.strategy)
  const current = useStore(racing.state, (state) => state.current)
  const request = useStore(racing.state, (state) => state.request)
  const racePhase = useStore(racing.state, (state) => state.phase)
  const repetitions = request?.repetitions ?? 1
  const chosen = strategy === runner.lane.strategy ? '' : texts.chose(strategyLabel(strategy))
  const words = (): string => {
    if (result) return [chosen, texts.total(duration(result.totalMs)), repetitions > 1 ? texts.medians(repetitions) : ''].filter(Boolean).join(' · ')
    if (racePhase === 'cancelled') return texts.gaveUp
    if (racePhase === 'failed') return ''
    const run = repetitions > 1 ? texts.run(repetition + 1, repetitions) : ''
    switch (phase) {
      case 'warming':
        return texts.warming
      case 'computing':
        return [run, progress && progress.done < progress.total ? strings.ask.computing(progress.done, progress.total) : texts.opening].filter(Boolean).join(' · ')
      case 'streaming':
        return [run, strings.ask.streaming].filter(Boolean).join(' · ')
      case 'done':
      case 'queued': {
        if (current && current.lane !== lane) {
          const other = request?.lanes[current.lane]
          return phase === 'done' && !runsAgain(racing, lane)
            ? texts.finished
            : texts.waitsFor(current.lane + 1, other ? laneLabel(other) : '')
        }
        if (racePhase === 'comparing') return texts.comparing
        return phase === 'done' ? texts.finished : texts.queued
      }
    }
  }
  return (
    <div className="dim status" role="status" data-testid="status">
      {words()}
    </div>
  )
}

/** Whether a lane has a run still to come. */
function runsAgain(racing: Racing, lane: number): boolean {
  const { order, current } = racing.state.get()
  if (!current) return false
  const turn = order[current.repetition] ?? []
  return turn.indexOf(lane) > turn.indexOf(current.lane) || current.repetition + 1 < order.length
}

function LiveText({ runner }: { readonly runner: Runner }) {
  const text = useStore(runner, (state) => state.text)
  const phase = useStore(runner, (state) => state.phase)
  if (text === '' && phase !== 'streaming') return null
  return (
    <div className="answer plain" data-testid="answer" aria-busy={phase === 'streaming'}>
      {text.trimStart()}
      {phase === 'streaming' && <span className="cursor" aria-hidden="true">▍</span>}
    </div>
  )
}

function LaneFigures({ result: { agreement, decodeTokensPerSecond } }: { readonly result: LaneResult }) {
  const { firstDifference, share } = agreement
  return (
    <div className="dim facts">
      <span>{firstDifference === null ? texts.agrees : texts.differsFrom(percent(share), firstDifference + 1)}</span>
      {decodeTokensPerSecond !== null && <span>{texts.speed(speed(decodeTokensPerSecond))}</span>}
    </div>
  )
}

function Strip({ runner, lane }: { readonly runner: Runner; readonly lane: number }) {
  const chunks = useStore(runner, (state) => state.chunks)
  const strategy = useStore(runner, (state) => state.strategy)
  const [looked, setLooked] = useState<NodeId | null>(null)
  if (!chunks) return null
  const label = texts.chunks(lane + 1, laneLabel(runner.lane))
  return <ChunkStrip chunks={chunks} strategy={strategy} looked={looked} onLook={setLooked} label={label} />
}
