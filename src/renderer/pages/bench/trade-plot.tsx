/** The ground of quality against latency: axes, names, and the arm that the pointer is near to. */
import type { ReactNode, RefObject } from 'react'
import type { TradeQuality } from '../../../shared/bench'
import { Axes, HEIGHT, nearest, type Label, type place } from './trade-geometry'

interface Props extends ReturnType<typeof place> {
  readonly box: RefObject<HTMLDivElement | null>
  readonly width: number
  readonly quality: TradeQuality
  readonly labels: readonly Label[]
  /** Of an arm, or null. */
  readonly onPoint: (arm: string | null) => void
  /** Lines and marks. */
  readonly children: ReactNode
}

export function TradePlot({ box, width, quality, placed, x, y, labels, onPoint, children }: Props) {
  return (
    <div ref={box}>
      <svg
        width={width}
        height={HEIGHT}
        className="plot"
        onPointerMove={(event) => onPoint(nearest(placed, event.currentTarget, event)?.point.arm ?? null)}
        onPointerLeave={() => onPoint(null)}
      >
        <Axes x={x} y={y} width={width} quality={quality} />
        {children}
        {labels.map((label) => (
          <text key={label.text} x={label.x} y={label.y} textAnchor={label.anchor} className={label.strong ? 'plot-strong' : 'plot-text'}>
            {label.text}
          </text>
        ))}
      </svg>
    </div>
  )
}
