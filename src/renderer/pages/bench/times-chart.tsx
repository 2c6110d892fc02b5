/** How each arm's times lie: a dot for every measurement, its median with the interval, and p95. */
import type { ArmTimes } from '../../../shared/bench'
import { strings } from '../../strings'
import { ChartFrame } from '../../ui/chart-frame'
import { digits } from '../../ui/format'
import { logScale, type Scale } from '../../ui/scale'
import { useElementWidth } from '../../ui/use-width'

const texts = strings.benchReport
const ROW = 22
const [TOP, FOOT] = [22, 40]
const LETTER = 6.6
/** More dots of an arm than this are drawn as every n-th: they run together anyway. */
const MOST_DOTS = 400

export function TimesChart({ times, name }: { readonly times: readonly ArmTimes[]; readonly name: string }) {
  const [ref, width] = useElementWidth<HTMLDivElement>(760)
  const rows = times.toSorted((a, b) => a.p50 - b.p50)
  const plot = timesScale(rows, width)
  const bottom = plot.top + rows.length * ROW
  const title = rows.some(({ samples }) => samples) ? texts.spread : texts.spreadOld
  return (
    <ChartFrame title={title} name={name} table={{ columns: texts.spreadColumns, rows: rows.map(rowOf) }}>
      <div ref={ref}>
        <svg width={width} height={bottom + plot.foot} className="plot">
          <TimesAxis plot={plot} width={width} bottom={bottom} />
          {rows.map((row, at) => (
            <g key={row.arm} data-arm={row.arm}>
              <text x={plot.left - 10} y={plot.top + (at + 0.5) * ROW + 4} textAnchor="end" className="plot-text">
                {row.arm}
              </text>
              <Range plot={plot} times={row} y={plot.top + (at + 0.5) * ROW} />
            </g>
          ))}
        </svg>
      </div>
    </ChartFrame>
  )
}

export interface TimesPlot {
  readonly x: Scale
  /** Names stand before it, figures behind the other. */
  readonly left: number
  readonly right: number
  readonly top: number
  /** Below the ranges. */
  readonly foot: number
}

/** Room for the longest name and the longest figures, and a scale that all times lie on. */
export function timesScale(times: readonly ArmTimes[], width: number): TimesPlot {
  const most = (texts: readonly string[]): number => Math.max(...texts.map(({ length }) => length)) * LETTER
  const left = Math.min(width / 3, 16 + most(times.map(({ arm }) => arm)))
  const right = Math.max(left + 60, width - 12 - most([texts.spreadFigures, ...times.map(figuresOf)]))
  const values = times.flatMap(({ p50, p95, samples = [], median }) => [p50, p95, ...samples, ...(median ? [median.low, median.high] : [])])
  return { x: logScale([Math.min(...values), Math.max(...values)], [left, right]), left, right, top: TOP, foot: FOOT }
}

export function TimesAxis({ plot, width, bottom }: { readonly plot: TimesPlot; readonly width: number; readonly bottom: number }) {
  const { x, left, right, top } = plot
  return (
    <>
      {x.ticks.map((tick) => (
        <g key={tick}>
          <line x1={x.at(tick)} x2={x.at(tick)} y1={top} y2={bottom} stroke="var(--line)" />
          <text x={x.at(tick)} y={bottom + 16} textAnchor="middle" className="plot-dim">
            {digits(tick)}
          </text>
        </g>
      ))}
      <text x={(left + right) / 2} y={bottom + 34} textAnchor="middle" className="plot-dim">
        {texts.spreadX}
      </text>
      <text x={width - 2} y={top - 8} textAnchor="end" className="plot-dim">
        {texts.spreadFigures}
      </text>
    </>
  )
}

interface RangeProps {
  readonly plot: TimesPlot
  readonly times: ArmTimes
  readonly y: number
  /** Of two runs: in another colour, its line broken and its dots hollow. */
  readonly isSecond?: boolean
}

/** One arm's: its two figures at its right say median and p95, in this order. */
export function Range({ plot: { x }, times, y, isSecond = false }: RangeProps) {
  const { p50, p95, median, samples = [] } = times
  const every = Math.ceil(samples.length / MOST_DOTS)
  const colour = isSecond ? 'var(--series-2)' : 'var(--series-1)'
  return (
    <>
      <line x1={x.at(p50)} x2={x.at(p95)} y1={y} y2={y} stroke={colour} strokeDasharray={isSecond ? '4 3' : undefined} />
      <line x1={x.at(p95)} x2={x.at(p95)} y1={y - 5} y2={y + 5} stroke={colour} />
      {samples.map((ms, index) =>
        index % every === 0 ? (
          <circle
            key={index}
            cx={x.at(ms)}
            cy={y}
            r={2.4}
            fill={isSecond ? 'none' : colour}
            fillOpacity={0.4}
            stroke={isSecond ? colour : 'none'}
            strokeOpacity={0.5}
          />
        ) : null,
      )}
      {median && <line x1={x.at(median.low)} x2={x.at(median.high)} y1={y} y2={y} stroke="var(--ink)" strokeWidth={5} strokeOpacity={0.25} />}
      <line x1={x.at(p50)} x2={x.at(p50)} y1={y - 7} y2={y + 7} stroke="var(--ink)" strokeWidth={2} />
      <text x={x.at(Math.max(p95, p50, ...samples)) + 8} y={y + 4} className="plot-dim">
        {figuresOf(times)}
      </text>
    </>
  )
}

/** "9.93 / 53.1" */
function figuresOf({ p50, p95 }: ArmTimes): string {
  return `${digits(p50)} / ${digits(p95)}`
}

function rowOf({ arm, p50, p95, median, samples }: ArmTimes): (string | number | null)[] {
  return [arm, p50, median?.low ?? null, median?.high ?? null, p95, samples?.length ?? null]
}
