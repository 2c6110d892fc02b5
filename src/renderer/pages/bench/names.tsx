/** All arms by name: the legend, and the way to each mark without a pointer. */
import { useRef, useState, type KeyboardEvent } from 'react'
import type { TradePoint } from '../../../shared/bench'
import { strings } from '../../strings'
import { MarkIcon } from './marks'

const texts = strings.benchReport

export function Names({
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
