/** Quality against latency: every arm a mark, a line through those that none beats in both. */
import { useMemo, useState } from 'react'
import type { TradePoint, TradeQuality } from '../../../shared/bench'
import { strings } from '../../strings'
import { ChartFrame } from '../../ui/chart-frame'
import { useElementWidth } from '../../ui/use-width'
import { Mark } from './marks'
import { Names } from './names'
import { QualityChoice, useQuality } from './quality-choice'
import { labelsOf, place } from './trade-geometry'
import { TradePlot } from './trade-plot'
import { share } from './words'

const texts = strings.benchReport

export function TradeChart({ points, name }: { readonly points: readonly TradePoint[]; readonly name: string }) {
  const [quality, setQuality] = useQuality()
  const [pointed, setPointed] = useState<string | null>(null)
  const [ref, width] = useElementWidth<HTMLDivElement>(760)
  const { placed, x, y } = useMemo(() => place(points, quality, width), [points, quality, width])
  const frontier = placed.filter(({ point }) => point.frontier.includes(quality)).toSorted((a, b) => a.x - b.x)
  const active = placed.find(({ point }) => point.arm === pointed)
  const labels = labelsOf(placed, { width, active: active ?? null, frontier })
  const title = texts.trade(texts.qualities[quality])
  return (
    <>
      <ChartFrame
        title={title}
        name={name}
        table={tableOf(points)}
        aside={<QualityChoice quality={quality} onQuality={setQuality} />}
      >
        <TradePlot box={ref} {...{ width, quality, placed, x, y, labels }} onPoint={setPointed}>
          <polyline
            points={frontier.map(({ x, y }) => `${x},${y}`).join(' ')}
            fill="none"
            stroke="var(--ink)"
            strokeOpacity={0.45}
            strokeDasharray="4 3"
          />
          {placed.map(({ point, x: at, y: height }) => (
            <g key={point.arm} opacity={pointed === null || pointed === point.arm ? 1 : 0.45}>
              <line
                x1={x.at(point.latency.low)}
                x2={x.at(point.latency.high)}
                y1={height}
                y2={height}
                stroke="var(--edge)"
                strokeOpacity={0.6}
              />
              <g transform={`translate(${at},${height})`}>
                <Mark look={point} active={pointed === point.arm} />
              </g>
            </g>
          ))}
        </TradePlot>
      </ChartFrame>
      <p className="dim">{texts.tradeHint}</p>
      <Names points={placed.map(({ point }) => point)} pointed={pointed} onPoint={setPointed} />
      <p className="bench-caption" aria-live="polite">
        {active ? describe(active.point, quality) : texts.pointed}
      </p>
    </>
  )
}

function describe(point: TradePoint, quality: TradeQuality): string {
  const { arm, latency, isControl, frontier } = point
  const value = quality === 'klMean' ? point.klMean.toFixed(4) : share(point[quality])
  const words = texts.tradePoint(arm, share(latency.value), share(latency.low), share(latency.high), texts.qualities[quality], value)
  const also = isControl ? texts.control : frontier.includes(quality) ? texts.onFrontier : null
  return also === null ? words : `${words} · ${also}`
}

function tableOf(points: readonly TradePoint[]) {
  const round = (value: number): number => Number(value.toPrecision(5))
  return {
    columns: texts.tradeColumns,
    rows: points.map(({ arm, latency, exactMatch, top1, klMean, frontier }) => [
      arm,
      round(latency.value * 100),
      round(latency.low * 100),
      round(latency.high * 100),
      round(exactMatch * 100),
      round(top1 * 100),
      round(klMean),
      strings.joins.list(frontier.map((each) => texts.qualities[each])),
    ]),
  }
}
