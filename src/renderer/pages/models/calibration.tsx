/** What each strategy costs and keeps on this model: a picture and a table. */
import { useQuery } from '@tanstack/react-query'
import type { CalibratedArm, Calibration } from '../../../shared/calibration'
import { strategyLabel } from '../../answers/strategy-label'
import { client, trpc } from '../../rpc/client'
import { strings } from '../../strings'
import { ChartFrame, TableFrame } from '../../ui/chart-frame'
import { day } from '../../ui/dates'
import { percent } from '../../ui/format'
import { Term } from '../../ui/term'
import { ModelJob } from './model-job'
import { Unmeasured } from './unmeasured'

const { calibration: texts, actions } = strings.models

export function CalibrationPart({ id }: { readonly id: string }) {
  const { data } = useQuery(trpc.models.calibration.queryOptions({ model: id }))
  const start = (
    <ModelJob id={id} what="calibrate" label={actions.calibrate} start={() => client.models.calibrate.mutate({ model: id })} />
  )
  if (!data) return <Unmeasured title={texts.title} text={texts.none} start={start} />
  const { columns } = texts
  const arms = [...data.arms, ...data.controls]
  const table = {
    columns: [columns.strategy, columns.cost, columns.kl, columns.top1],
    rows: arms.map(({ strategy, cost, klMean, top1 }) => [strategy, cost, klMean, top1]),
  }
  return (
    <TableFrame title={texts.title} name={`${id}-strategies`} table={table} aside={start}>
      <p className="dim">{texts.madeWith(data.questions, day(data.madeAt))}</p>
      <div className="beside">
        <table className="figures-table">
          <thead>
            <tr>
              <th scope="col">{columns.strategy}</th>
              {[columns.cost, columns.kl, columns.top1].map((column) => (
                <th key={column} scope="col" className="number">
                  {column === columns.kl ? <Term name="kl">{column}</Term> : column}
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {arms.map((arm) => (
              <tr key={arm.strategy}>
                <th scope="row">
                  {strategyLabel(arm.strategy)} {data.controls.includes(arm) && <span className="dim">{texts.control}</span>}
                </th>
                <td className="number">{percent(arm.cost)}</td>
                <td className="number">{kl(arm.klMean)}</td>
                <td className="number">{percent(arm.top1)}</td>
              </tr>
            ))}
          </tbody>
        </table>
        <ChartFrame title={texts.chart} name={`${id}-cost-fidelity`} table={table}>
          <Scatter calibration={data} />
        </ChartFrame>
      </div>
    </TableFrame>
  )
}

const [WIDTH, HEIGHT] = [420, 260]
const EDGE = { left: 52, right: 22, top: 10, bottom: 34 }
/** What is below is drawn there: nobody sees a difference. */
const LEAST_KL = 1e-4

function Scatter({ calibration: { arms } }: { readonly calibration: Calibration }) {
  const mostCost = Math.max(1, ...arms.map(({ cost }) => cost))
  const top = 10 ** Math.ceil(Math.log10(Math.max(LEAST_KL * 10, ...arms.map(({ klMean }) => klMean))))
  const decades = Math.log10(top / LEAST_KL)
  const x = (cost: number): number => EDGE.left + (cost / mostCost) * (WIDTH - EDGE.left - EDGE.right)
  const y = (value: number): number =>
    EDGE.top + (Math.log10(top / Math.max(LEAST_KL, value)) / decades) * (HEIGHT - EDGE.top - EDGE.bottom)
  const best = arms.filter((arm) => !arms.some((other) => beats(other, arm))).toSorted((a, b) => a.cost - b.cost)
  const labels = labelHeights(best.map((arm) => ({ of: arm, x: x(arm.cost), y: y(arm.klMean) - 7 })))
  const ticks = Array.from({ length: Math.round(decades) + 1 }, (_, at) => LEAST_KL * 10 ** at)
  return (
    <svg className="scatter" viewBox={`0 0 ${WIDTH} ${HEIGHT}`} role="presentation">
      {ticks.map((tick) => (
        <g key={tick}>
          <line x1={EDGE.left} x2={WIDTH - EDGE.right} y1={y(tick)} y2={y(tick)} className="grid" />
          <text x={EDGE.left - 6} y={y(tick) + 4} textAnchor="end">
            {Number(tick.toPrecision(1))}
          </text>
        </g>
      ))}
      {[0, 0.25, 0.5, 0.75, 1].map((share) => (
        <text key={share} x={x(share)} y={HEIGHT - EDGE.bottom + 14} textAnchor="middle">
          {percent(share)}
        </text>
      ))}
      <text x={(EDGE.left + WIDTH) / 2} y={HEIGHT - 4} textAnchor="middle">
        {texts.cost}
      </text>
      <text x={12} y={(HEIGHT - EDGE.bottom) / 2} textAnchor="middle" transform={`rotate(-90 12 ${(HEIGHT - EDGE.bottom) / 2})`}>
        {texts.klAxis}
      </text>
      <polyline points={best.map((arm) => `${x(arm.cost)},${y(arm.klMean)}`).join(' ')} className="frontier" />
      {arms.map((arm) => {
        const isBest = best.includes(arm)
        const isRight = arm.cost > mostCost * 0.7
        return (
          <g key={arm.strategy}>
            <circle cx={x(arm.cost)} cy={y(arm.klMean)} r={4} data-best={isBest || undefined}>
              <title>{strings.joins.of(strategyLabel(arm.strategy), strings.joins.clauses(percent(arm.cost), `KL ${kl(arm.klMean)}`))}</title>
            </circle>
            {isBest && (
              <text x={x(arm.cost) + (isRight ? -7 : 7)} y={labels.get(arm)} textAnchor={isRight ? 'end' : 'start'} className="name">
                {strategyLabel(arm.strategy)}
              </text>
            )}
          </g>
        )
      })}
    </svg>
  )
}

/** Names stand above their points, one above the other where they would overlap. */
function labelHeights<T>(points: readonly { readonly of: T; readonly x: number; readonly y: number }[]): Map<T, number> {
  const placed: { readonly x: number; readonly y: number }[] = []
  return new Map(
    points.map(({ of, x, y: wanted }) => {
      let y = wanted
      while (placed.some((other) => Math.abs(other.x - x) < LABEL_WIDTH && Math.abs(other.y - y) < LABEL_HEIGHT)) y -= 2
      placed.push({ x, y })
      return [of, y]
    }),
  )
}

const LABEL_WIDTH = 80
const LABEL_HEIGHT = 12

function beats(one: CalibratedArm, other: CalibratedArm): boolean {
  return one !== other && one.cost <= other.cost && one.klMean <= other.klMean && (one.cost < other.cost || one.klMean < other.klMean)
}

export function kl(value: number): string {
  if (value === 0) return '0'
  return value < 0.0001 ? '< 0.0001' : value.toFixed(4)
}
