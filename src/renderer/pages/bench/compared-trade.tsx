/** Quality against latency of two runs in one chart: an arm's two marks joined, those of the second run in a ring. */
import { useMemo, useState } from 'react'
import type { TradePoint, TradeQuality } from '../../../shared/bench'
import { strings } from '../../strings'
import { ChartFrame } from '../../ui/chart-frame'
import { useElementWidth } from '../../ui/use-width'
import { Mark, RINGED } from './marks'
import { Names } from './names'
import { QualityChoice, useQuality } from './quality-choice'
import { labelsOf, place, type Placed } from './trade-geometry'
import { TradePlot } from './trade-plot'
import { share } from './words'

const texts = strings.benchReport
const compareTexts = strings.benchCompare

interface Props {
  readonly first: readonly TradePoint[]
  readonly second: readonly TradePoint[]
}

export function ComparedTrade({ first, second }: Props) {
  const [quality, setQuality] = useQuality()
  const [pointed, setPointed] = useState<string | null>(null)
  const [ref, width] = useElementWidth<HTMLDivElement>(760)
  const { placed, x, y } = useMemo(() => place([...first, ...second], quality, width), [first, second, quality, width])
  const of = (points: readonly TradePoint[], arm: string): Placed | undefined =>
    placed.find(({ point }) => point.arm === arm && points.includes(point))
  const arms = [...new Set(placed.map(({ point }) => point.arm))]
  const pairs = arms.map((arm) => ({ arm, before: of(first, arm), after: of(second, arm) }))
  const active = pairs.find(({ arm }) => arm === pointed)
  // One name for both marks of an arm, at the second where it has one.
  const named = pairs.flatMap(({ before, after }) => after ?? before ?? [])
  const labels = labelsOf(placed, { width, active: active?.after ?? active?.before ?? null, frontier: named, gap: RINGED + 4 })
  return (
    <>
      <ChartFrame
        title={compareTexts.trade(texts.qualities[quality])}
        name="bench-compare-trade"
        table={tableOf(first, second)}
        aside={<QualityChoice quality={quality} onQuality={setQuality} />}
      >
        <TradePlot box={ref} {...{ width, quality, placed, x, y, labels }} onPoint={setPointed}>
          {pairs.map(({ arm, before, after }) => (
            <g key={arm} opacity={pointed === null || pointed === arm ? 1 : 0.35} data-arm={arm}>
              {before && after && (
                <line x1={before.x} y1={before.y} x2={after.x} y2={after.y} stroke="var(--ink)" strokeOpacity={0.45} />
              )}
              {[before, after].map(
                (mark) =>
                  mark && (
                    <g key={mark === after ? 'after' : 'before'} transform={`translate(${mark.x},${mark.y})`}>
                      {mark === after && <circle r={RINGED} fill="none" stroke="var(--ink)" strokeOpacity={0.75} />}
                      <Mark look={mark.point} active={pointed === arm} />
                    </g>
                  ),
              )}
            </g>
          ))}
        </TradePlot>
      </ChartFrame>
      <p className="dim bench-legend">
        <Key /> {compareTexts.first}
        <Key ringed /> {compareTexts.second}
        <span>{compareTexts.tradeHint}</span>
      </p>
      <Names points={named.map(({ point }) => point)} pointed={pointed} onPoint={setPointed} />
      <p className="bench-caption" aria-live="polite">
        {active ? describe(active, quality) : texts.pointed}
      </p>
    </>
  )
}

function Key({ ringed = false }: { readonly ringed?: boolean }) {
  return (
    <svg width="20" height="20" viewBox="-10 -10 20 20" aria-hidden="true">
      {ringed && <circle r={RINGED} fill="none" stroke="var(--ink)" strokeOpacity={0.75} />}
      <circle r={5} fill="var(--series-1)" />
    </svg>
  )
}

interface Pair {
  readonly arm: string
  readonly before: Placed | undefined
  readonly after: Placed | undefined
}

function describe({ arm, before, after }: Pair, quality: TradeQuality): string {
  const words = (mark: Placed | undefined): string => {
    if (!mark) return compareTexts.notIn
    const { point } = mark
    const value = quality === 'klMean' ? point.klMean.toFixed(4) : share(point[quality])
    return compareTexts.tradeMark(share(point.latency.value), texts.qualities[quality], value)
  }
  return compareTexts.tradePair(arm, words(before), words(after))
}

function tableOf(first: readonly TradePoint[], second: readonly TradePoint[]) {
  const round = (value: number): number => Number(value.toPrecision(5))
  const rowsOf = (run: string, points: readonly TradePoint[]) =>
    points.map(({ arm, latency, exactMatch, top1, klMean }) => [
      arm,
      run,
      round(latency.value * 100),
      round(latency.low * 100),
      round(latency.high * 100),
      round(exactMatch * 100),
      round(top1 * 100),
      round(klMean),
    ])
  const [arm = '', ...others] = texts.tradeColumns.slice(0, -1)
  const rows = [...rowsOf(compareTexts.first, first), ...rowsOf(compareTexts.second, second)]
  const order = [...new Set(rows.map(([name]) => name))]
  return {
    columns: [arm, compareTexts.run, ...others],
    rows: rows.toSorted((a, b) => order.indexOf(a[0] ?? '') - order.indexOf(b[0] ?? '')),
  }
}
