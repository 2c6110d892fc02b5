/** How each arm's times lie: a dot for every measurement, its median with the interval, and p95. */
import type { ArmTimes } from '../../../shared/bench'
import { strings } from '../../strings'
import { ChartFrame } from '../../ui/chart-frame'
import { logScale } from '../../ui/scale'
import { useElementWidth } from '../../ui/use-width'

const texts = strings.benchReport
const ROW = 22
const PLOT = { right: 64, top: 6, bottom: 40 }
const LETTER = 6.6
/** More dots of an arm than this are drawn as every n-th: they run together anyway. */
const MOST_DOTS = 400

export function TimesChart({ times, name }: { readonly times: readonly ArmTimes[]; readonly name: string }) {
  const [ref, width] = useElementWidth<HTMLDivElement>(760)
  const rows = times.toSorted((a, b) => a.p50 - b.p50)
  const left = Math.min(width / 3, 16 + Math.max(...rows.map(({ arm }) => arm.length)) * LETTER)
  const values = rows.flatMap(({ p50, p95, samples = [], median }) => [p50, p95, ...samples, ...(median ? [median.low, median.high] : [])])
  const x = logScale([Math.min(...values), Math.max(...values)], [left, width - PLOT.right])
  const bottom = PLOT.top + rows.length * ROW
  const title = rows.some(({ samples }) => samples) ? texts.spread : texts.spreadOld
  return (
    <ChartFrame title={title} name={name} table={{ columns: texts.spreadColumns, rows: rows.map(rowOf) }}>
      <div ref={ref}>
        <svg width={width} height={bottom + PLOT.bottom} className="plot">
          {x.ticks.map((tick) => (
            <g key={tick}>
              <line x1={x.at(tick)} x2={x.at(tick)} y1={PLOT.top} y2={bottom} stroke="var(--line)" />
              <text x={x.at(tick)} y={bottom + 16} textAnchor="middle" className="plot-dim">
                {tick}
              </text>
            </g>
          ))}
          <text x={(left + width - PLOT.right) / 2} y={bottom + 34} textAnchor="middle" className="plot-dim">
            {texts.spreadX}
          </text>
          {rows.map(({ arm, p50, p95, median, samples = [] }, at) => {
            const y = PLOT.top + (at + 0.5) * ROW
            const every = Math.ceil(samples.length / MOST_DOTS)
            return (
              <g key={arm}>
                <text x={left - 10} y={y + 4} textAnchor="end" className="plot-text">
                  {arm}
                </text>
                <line x1={x.at(p50)} x2={x.at(p95)} y1={y} y2={y} stroke="var(--edge)" />
                <line x1={x.at(p95)} x2={x.at(p95)} y1={y - 5} y2={y + 5} stroke="var(--edge)" />
                {samples.map((ms, index) =>
                  index % every === 0 ? <circle key={index} cx={x.at(ms)} cy={y} r={2.4} fill="var(--series-1)" fillOpacity={0.4} /> : null,
                )}
                {median && (
                  <line x1={x.at(median.low)} x2={x.at(median.high)} y1={y} y2={y} stroke="var(--ink)" strokeWidth={5} strokeOpacity={0.25} />
                )}
                <line x1={x.at(p50)} x2={x.at(p50)} y1={y - 7} y2={y + 7} stroke="var(--ink)" strokeWidth={2} />
                <text x={x.at(Math.max(p95, p50, ...samples)) + 8} y={y + 4} className="plot-dim">
                  {Number(p50.toPrecision(3))}
                </text>
              </g>
            )
          })}
        </svg>
      </div>
    </ChartFrame>
  )
}

function rowOf({ arm, p50, p95, median, samples }: ArmTimes): (string | number | null)[] {
  return [arm, p50, median?.low ?? null, median?.high ?? null, p95, samples?.length ?? null]
}
