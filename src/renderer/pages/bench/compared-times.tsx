/** How an arm's times lie in two runs: the first's range above the second's. */
import type { ArmTimes } from '../../../shared/bench'
import { strings } from '../../strings'
import { ChartFrame } from '../../ui/chart-frame'
import { useElementWidth } from '../../ui/use-width'
import { Range, TimesAxis, timesScale, type TimesPlot } from './times-chart'

const texts = strings.benchReport
const compareTexts = strings.benchCompare
/** Of one run's range; an arm has two and a gap. */
const LANE = 17
const GAP = 8

interface Props {
  readonly first: readonly ArmTimes[]
  readonly second: readonly ArmTimes[]
}

export function ComparedTimes({ first, second }: Props) {
  const [ref, width] = useElementWidth<HTMLDivElement>(760)
  const arms = [...new Set([...first, ...second].map(({ arm }) => arm))]
  const groups = arms
    .map((arm) => ({ arm, runs: [first, second].map((times) => times.find((each) => each.arm === arm)) }))
    .toSorted((a, b) => soonest(a.runs) - soonest(b.runs))
  const plot: TimesPlot = timesScale([...first, ...second], width)
  const bottom = plot.top + groups.length * (2 * LANE + GAP)
  return (
    <>
      <ChartFrame
        title={compareTexts.spread}
        name="bench-compare-times"
        table={{ columns: [texts.spreadColumns[0] ?? '', compareTexts.run, ...texts.spreadColumns.slice(1)], rows: groups.flatMap(rowsOf) }}
      >
        <div ref={ref}>
          <svg width={width} height={bottom + plot.foot} className="plot">
            <TimesAxis plot={plot} width={width} bottom={bottom} />
            {groups.map(({ arm, runs }, at) => {
              const top = plot.top + at * (2 * LANE + GAP) + GAP / 2
              return (
                <g key={arm} data-arm={arm}>
                  <text x={plot.left - 10} y={top + LANE + 4} textAnchor="end" className="plot-text">
                    {arm}
                  </text>
                  {runs.map(
                    (times, run) =>
                      times && <Range key={run} plot={plot} times={times} y={top + (run + 0.5) * LANE} isSecond={run === 1} />,
                  )}
                </g>
              )
            })}
          </svg>
        </div>
      </ChartFrame>
      <p className="dim bench-legend">
        <Key /> {compareTexts.first}
        <Key isSecond /> {compareTexts.second}
        <span>{compareTexts.spreadHint}</span>
      </p>
    </>
  )
}

function Key({ isSecond = false }: { readonly isSecond?: boolean }) {
  const colour = isSecond ? 'var(--series-2)' : 'var(--series-1)'
  return (
    <svg width="26" height="14" viewBox="0 0 26 14" aria-hidden="true">
      <line x1={1} x2={25} y1={7} y2={7} stroke={colour} strokeWidth={2} strokeDasharray={isSecond ? '4 3' : undefined} />
      <line x1={8} x2={8} y1={1} y2={13} stroke={colour} strokeWidth={2.5} />
    </svg>
  )
}

type Runs = readonly (ArmTimes | undefined)[]

function soonest(runs: Runs): number {
  return Math.min(...runs.flatMap((times) => times?.p50 ?? []))
}

function rowsOf({ arm, runs }: { readonly arm: string; readonly runs: Runs }): (string | number | null)[][] {
  return runs.flatMap((times, run) =>
    times
      ? [
          [
            arm,
            run === 0 ? compareTexts.first : compareTexts.second,
            times.p50,
            times.median?.low ?? null,
            times.median?.high ?? null,
            times.p95,
            times.samples?.length ?? null,
          ],
        ]
      : [],
  )
}
