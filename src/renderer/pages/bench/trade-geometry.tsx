/** Where the marks of quality against latency lie, their axes, and which of them have room for a name. */
import type { TradePoint, TradeQuality } from '../../../shared/bench'
import { strings } from '../../strings'
import { linearScale, logScale, type Scale } from '../../ui/scale'

const texts = strings.benchReport
export const HEIGHT = 380
const PLOT = { left: 74, right: 22, top: 14, bottom: 42 }
/** A label's, for keeping labels apart: text is about so wide. */
const LETTER = 6.4
const LINE = 15
/** Pointing so near takes a mark. */
const NEAR = 24

export interface Placed {
  readonly point: TradePoint
  readonly x: number
  readonly y: number
}

/** The mark that the pointer is near to, if any. */
export function nearest(placed: readonly Placed[], svg: SVGSVGElement, { clientX, clientY }: { readonly clientX: number; readonly clientY: number }): Placed | null {
  const box = svg.getBoundingClientRect()
  const distance = ({ x, y }: Placed): number => Math.hypot(x - (clientX - box.left), y - (clientY - box.top))
  const first = placed.toSorted((a, b) => distance(a) - distance(b))[0]
  return first && distance(first) < NEAR ? first : null
}

export function Axes({ x, y, width, quality }: { readonly x: Scale; readonly y: Scale; readonly width: number; readonly quality: TradeQuality }) {
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
export function place(points: readonly TradePoint[], quality: TradeQuality, width: number): { placed: Placed[]; x: Scale; y: Scale } {
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

export interface Label {
  readonly text: string
  readonly x: number
  readonly y: number
  readonly anchor: 'start' | 'end'
  readonly strong: boolean
}

interface LabelOptions {
  readonly width: number
  readonly active: Placed | null
  /** Those that have a name, in this order. */
  readonly frontier: readonly Placed[]
  /** Between a mark's middle and its name; default 10. */
  readonly gap?: number
}

/** The one that is pointed at, then those on the frontier, each where no other label and no mark is; else none. */
export function labelsOf(
  placed: readonly Placed[],
  { width, active, frontier, gap = 10 }: LabelOptions,
): Label[] {
  const boxes = placed.map(({ x, y }) => ({ left: x - 6, right: x + 6, top: y - 6, bottom: y + 6 }))
  const labels: Label[] = []
  for (const { point, x, y } of [...(active ? [active] : []), ...frontier.filter((each) => each !== active)]) {
    const long = point.arm.length * LETTER
    const places = [
      { x: x + gap, y: y + 4, anchor: 'start' as const },
      { x: x - gap, y: y + 4, anchor: 'end' as const },
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
