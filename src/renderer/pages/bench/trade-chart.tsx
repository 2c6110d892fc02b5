/** Quality against latency: every arm a mark, a line through those that none beats in both. */
import { SegmentedControl } from '@mantine/core'
import { useMemo, useRef, useState, type KeyboardEvent, type PointerEvent } from 'react'
import { TRADE_QUALITIES, type TradePoint, type TradeQuality } from '../../../shared/bench'
import { usePreference } from '../../shell/preferences'
import { strings } from '../../strings'
import { ChartFrame } from '../../ui/chart-frame'
import { linearScale, logScale, type Scale } from '../../ui/scale'
import { useElementWidth } from '../../ui/use-width'
import { Mark, MarkIcon } from './marks'
import { share } from './words'

const texts = strings.benchReport
const HEIGHT = 380
const PLOT = { left: 74, right: 22, top: 14, bottom: 42 }
/** A label's, for keeping labels apart: text is about so wide. */
const LETTER = 6.4
const LINE = 15
/** Pointing so near takes a mark. */
const NEAR = 24

interface Placed {
  readonly point: TradePoint
  readonly x: number
  readonly y: number
}

export function TradeChart({ points, name }: { readonly points: readonly TradePoint[]; readonly name: string }) {
  const [kept, setQuality] = usePreference<string>('bench.quality', 'exactMatch')
  const quality = TRADE_QUALITIES.find((each) => each === kept) ?? 'exactMatch'
  const [pointed, setPointed] = useState<string | null>(null)
  const [ref, width] = useElementWidth<HTMLDivElement>(760)
  const { placed, x, y } = useMemo(() => place(points, quality, width), [points, quality, width])
  const frontier = placed.filter(({ point }) => point.frontier.includes(quality)).toSorted((a, b) => a.x - b.x)
  const active = placed.find(({ point }) => point.arm === pointed)
  const title = texts.trade(texts.qualities[quality])
  const onPointerMove = (event: PointerEvent<SVGSVGElement>): void => {
    const box = event.currentTarget.getBoundingClientRect()
    const distance = ({ x, y }: Placed): number => Math.hypot(x - (event.clientX - box.left), y - (event.clientY - box.top))
    const nearest = placed.toSorted((a, b) => distance(a) - distance(b))[0]
    setPointed(nearest && distance(nearest) < NEAR ? nearest.point.arm : null)
  }
  return (
    <>
      <ChartFrame
        title={title}
        name={name}
        table={tableOf(points)}
        aside={
          <SegmentedControl<TradeQuality>
            size="xs"
            aria-label={texts.quality}
            value={quality}
            onChange={setQuality}
            data={TRADE_QUALITIES.map((value) => ({ value, label: texts.qualities[value] }))}
          />
        }
      >
        <div ref={ref}>
          <svg width={width} height={HEIGHT} className="plot" onPointerMove={onPointerMove} onPointerLeave={() => setPointed(null)}>
            <Axes x={x} y={y} width={width} quality={quality} />
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
            {labelsOf(placed, { width, active: active ?? null, frontier }).map(({ text, x, y, anchor, strong }) => (
              <text key={text} x={x} y={y} textAnchor={anchor} className={strong ? 'plot-strong' : 'plot-text'}>
                {text}
              </text>
            ))}
          </svg>
        </div>
      </ChartFrame>
      <p className="dim">{texts.tradeHint}</p>
      <Names points={placed.map(({ point }) => point)} pointed={pointed} onPoint={setPointed} />
      <p className="bench-caption" aria-live="polite">
        {active ? describe(active.point, quality) : texts.pointed}
      </p>
    </>
  )
}

/** All arms by name: the legend, and the way to each mark without a pointer. */
function Names({
  points,
  pointed,
  onPoint,
}: {
  readonly points: readonly TradePoint[]
  readonly pointed: string | null
  readonly onPoint: (arm: string | null) => void
}) {
  const [stop, setStop] = useState(0)
  const root = useRef<HTMLDivElement>(null)
  const at = Math.min(stop, points.length - 1)
  const onKeyDown = (event: KeyboardEvent): void => {
    const next = { ArrowRight: at + 1, ArrowDown: at + 1, ArrowLeft: at - 1, ArrowUp: at - 1, Home: 0, End: points.length - 1 }[event.key]
    if (next === undefined || !points[next]) return
    event.preventDefault()
    setStop(next)
    root.current?.querySelectorAll('button')[next]?.focus()
  }
  return (
    <div className="bench-names" role="toolbar" aria-label={texts.arms} ref={root} onKeyDown={onKeyDown}>
      {points.map((point, index) => (
        <button
          key={point.arm}
          type="button"
          className="pill"
          data-pointed={point.arm === pointed}
          tabIndex={index === at ? 0 : -1}
          onMouseEnter={() => onPoint(point.arm)}
          onMouseLeave={() => onPoint(null)}
          onFocus={() => {
            setStop(index)
            onPoint(point.arm)
          }}
          onBlur={() => onPoint(null)}
        >
          <MarkIcon look={point} /> {point.arm}
        </button>
      ))}
    </div>
  )
}

function Axes({ x, y, width, quality }: { readonly x: Scale; readonly y: Scale; readonly width: number; readonly quality: TradeQuality }) {
  const [bottom, right] = [HEIGHT - PLOT.bottom, width - PLOT.right]
  return (
    <>
      {y.ticks.map((tick) => (
        <g key={`y${tick}`}>
          <line x1={PLOT.left} x2={right} y1={y.at(tick)} y2={y.at(tick)} stroke="var(--line)" />
          <text x={PLOT.left - 8} y={y.at(tick) + 4} textAnchor="end" className="plot-dim">
            {tick}
          </text>
        </g>
      ))}
      {x.ticks.map((tick) => (
        <g key={`x${tick}`}>
          <line x1={x.at(tick)} x2={x.at(tick)} y1={bottom} y2={bottom + 4} stroke="var(--edge)" />
          <text x={x.at(tick)} y={bottom + 17} textAnchor="middle" className="plot-dim">
            {Number((tick * 100).toPrecision(3))}
          </text>
        </g>
      ))}
      <line x1={PLOT.left} x2={right} y1={bottom} y2={bottom} stroke="var(--edge)" />
      <text x={(PLOT.left + right) / 2} y={HEIGHT - 6} textAnchor="middle" className="plot-dim">
        {texts.tradeX}
      </text>
      <text x={14} y={(PLOT.top + bottom) / 2} textAnchor="middle" transform={`rotate(-90 14 ${(PLOT.top + bottom) / 2})`} className="plot-dim">
        {texts.qualityUnits[quality]}
      </text>
    </>
  )
}

/** Fastest first. Of KL less is better, so it grows downwards; its zeros lie at the upper edge. */
function place(points: readonly TradePoint[], quality: TradeQuality, width: number): { placed: Placed[]; x: Scale; y: Scale } {
  const latencies = points.flatMap(({ latency }) => [latency.low, latency.high])
  const x = logScale([Math.min(...latencies), Math.max(...latencies)], [PLOT.left, width - PLOT.right])
  const heights: readonly [number, number] = [HEIGHT - PLOT.bottom, PLOT.top]
  const values = points.map((point) => (quality === 'klMean' ? point.klMean : point[quality] * 100))
  const positive = values.filter((value) => value > 1e-6)
  const y =
    quality === 'klMean' && positive.length > 0
      ? logScale([Math.min(...positive) / 1.5, Math.max(...positive)], [heights[1], heights[0]])
      : linearScale([Math.min(...values), Math.max(...values)], quality === 'klMean' ? [heights[1], heights[0]] : heights)
  const placed = points.map((point, at) => ({ point, x: x.at(point.latency.value), y: y.at(values[at] ?? 0) }))
  return { placed: placed.toSorted((a, b) => a.x - b.x), x, y }
}

interface Label {
  readonly text: string
  readonly x: number
  readonly y: number
  readonly anchor: 'start' | 'end'
  readonly strong: boolean
}

/** The one that is pointed at, then those on the frontier, each where no other label and no mark is; else none. */
function labelsOf(
  placed: readonly Placed[],
  { width, active, frontier }: { readonly width: number; readonly active: Placed | null; readonly frontier: readonly Placed[] },
): Label[] {
  const boxes = placed.map(({ x, y }) => ({ left: x - 6, right: x + 6, top: y - 6, bottom: y + 6 }))
  const labels: Label[] = []
  for (const { point, x, y } of [...(active ? [active] : []), ...frontier.filter((each) => each !== active)]) {
    const long = point.arm.length * LETTER
    const places = [
      { x: x + 10, y: y + 4, anchor: 'start' as const },
      { x: x - 10, y: y + 4, anchor: 'end' as const },
      { x: x + 8, y: y - 9, anchor: 'start' as const },
      { x: x + 8, y: y + 17, anchor: 'start' as const },
      { x: x - 8, y: y - 9, anchor: 'end' as const },
      { x: x - 8, y: y + 17, anchor: 'end' as const },
    ]
    const boxOf = (at: (typeof places)[number]): (typeof boxes)[number] => ({
      left: at.anchor === 'start' ? at.x : at.x - long,
      right: at.anchor === 'start' ? at.x + long : at.x,
      top: at.y - LINE + 4,
      bottom: at.y + 3,
    })
    const isFree = (at: (typeof places)[number]): boolean => {
      const box = boxOf(at)
      if (box.left < PLOT.left || box.right > width || box.top < 0 || box.bottom > HEIGHT - PLOT.bottom) return false
      return boxes.every((other) => box.right < other.left || box.left > other.right || box.bottom < other.top || box.top > other.bottom)
    }
    const isActive = point === active?.point
    const found = places.find(isFree) ?? (isActive ? places[x > width / 2 ? 1 : 0] : undefined)
    if (!found) continue
    boxes.push(boxOf(found))
    labels.push({ text: point.arm, ...found, strong: isActive })
  }
  return labels
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
