/** Layers by tokens. A cursor, moved by pointer or arrow keys, says what lies under it; a marked range is zoomed to. */
import { useState, type KeyboardEvent, type PointerEvent } from 'react'
import { strings } from '../../strings'
import { ChartFrame } from '../../ui/chart-frame'
import type { DataTable } from '../../ui/export'
import { useElementWidth } from '../../ui/use-width'
import { colourOf, LEVELS, type Hue, type Scale } from './heat-colours'

const texts = strings.drawing
const LEFT_PX = 34
const BOTTOM_PX = 22
const MOST_ROW_PX = 18
const LEAST_ROW_PX = 5
const MOST_HEIGHT_PX = 360
const TICK_PX = 70
/** Of the word at the axis's end. */
const UNIT_PX = 50

/** Tokens [from, to) of the cache. */
export interface TokenRange {
  readonly from: number
  readonly to: number
}

interface Cursor {
  readonly layer: number
  readonly cell: number
  /** Where a marked range began. */
  readonly anchor: number
}

interface Props {
  /** [layers][cells] */
  readonly values: readonly (readonly number[])[]
  readonly scale: Scale
  readonly layers: number
  /** Tokens shown, `last` left out. */
  readonly first: number
  readonly last: number
  readonly tokensPerCell: number
  readonly words: readonly string[]
  readonly hue: Hue
  /** What is measured, in words. */
  readonly measure: string
  readonly isZoomed: boolean
  readonly onZoom: (range: TokenRange | null) => void
  /** What is behind it. */
  readonly table: DataTable
}

export function HeatMap({ values, scale, layers, first, last, tokensPerCell, words, hue, measure, isZoomed, onZoom, table }: Props) {
  const [ref, width] = useElementWidth<HTMLDivElement>(0)
  const [cursor, setCursor] = useState<Cursor | null>(null)
  const [isMarking, setMarking] = useState(false)
  const cells = values[0]?.length ?? 0
  const rowPx = Math.max(LEAST_ROW_PX, Math.min(MOST_ROW_PX, Math.floor(MOST_HEIGHT_PX / layers)))
  const cellPx = Math.max(0, width - LEFT_PX) / Math.max(1, cells)
  const height = layers * rowPx
  const at = cursor && { ...cursor, cell: Math.min(cursor.cell, cells - 1), anchor: Math.min(cursor.anchor, cells - 1) }
  const marked = at && { from: Math.min(at.anchor, at.cell), to: Math.max(at.anchor, at.cell) + 1 }
  const isRange = marked !== null && marked.to - marked.from > 1

  const tokenOf = (cell: number): number => Math.min(last, first + cell * tokensPerCell)
  const zoom = (): void => {
    if (marked) onZoom({ from: tokenOf(marked.from), to: tokenOf(marked.to) })
    setCursor(null)
  }
  const onKeyDown = (event: KeyboardEvent): void => {
    const { layer, cell, anchor } = at ?? { layer: 0, cell: 0, anchor: 0 }
    const moves: Readonly<Record<string, readonly [number, number]>> = {
      ArrowLeft: [layer, cell - 1],
      ArrowRight: [layer, cell + 1],
      ArrowUp: [layer - 1, cell],
      ArrowDown: [layer + 1, cell],
      PageUp: [layer, cell - 10],
      PageDown: [layer, cell + 10],
      Home: [layer, 0],
      End: [layer, cells - 1],
    }
    const to = moves[event.key]
    if (to) {
      const next = { layer: clamp(at ? to[0] : 0, layers), cell: clamp(at ? to[1] : 0, cells) }
      setCursor({ ...next, anchor: event.shiftKey ? anchor : next.cell })
    } else if (event.key === 'Enter' && isRange) zoom()
    else if (event.key === 'Escape' && (isZoomed || at)) {
      setCursor(null)
      if (isZoomed) onZoom(null)
    } else return
    event.preventDefault()
    event.stopPropagation()
  }
  const placeOf = (event: PointerEvent<HTMLElement>): Omit<Cursor, 'anchor'> => {
    const box = event.currentTarget.getBoundingClientRect()
    return { layer: clamp(Math.floor((event.clientY - box.top) / rowPx), layers), cell: clamp(Math.floor((event.clientX - box.left) / cellPx), cells) }
  }

  const value = at ? (values[at.layer]?.[at.cell] ?? 0) : 0
  const word = at ? words.slice(at.cell * tokensPerCell, (at.cell + 1) * tokensPerCell).join('') : ''
  const said = at
    ? texts.place(at.layer, tokenOf(at.cell), word.replaceAll('\n', '⏎'), shownValue(value)) +
      (isRange ? ` · ${texts.range(tokenOf(marked.from), tokenOf(marked.to) - 1)}` : '')
    : ''
  return (
    <div className="heat" ref={ref}>
      <ChartFrame
        title={texts.title(measure)}
        name={`cache-${hue}`}
        table={table}
        aside={<Legend scale={scale} hue={hue} />}
      >
        {width > 0 && (
          <svg width={width} height={height + BOTTOM_PX} className="heat-drawing">
            <g transform={`translate(${LEFT_PX} 0)`}>
              <Cells values={values} scale={scale} hue={hue} cellPx={cellPx} rowPx={rowPx} />
            </g>
            <Axes layers={layers} rowPx={rowPx} height={height} width={width} first={first} last={last} />
          </svg>
        )}
      </ChartFrame>
      <div
        className="heat-surface"
        role="application"
        aria-label={texts.map(measure)}
        tabIndex={0}
        style={{ left: LEFT_PX, bottom: BOTTOM_PX, height }}
        onKeyDown={onKeyDown}
        onPointerDown={(event) => {
          event.currentTarget.setPointerCapture(event.pointerId)
          const place = placeOf(event)
          setCursor({ ...place, anchor: place.cell })
          setMarking(true)
        }}
        onPointerMove={(event) => {
          const place = placeOf(event)
          // A range that was marked stays until another begins.
          if (isMarking) setCursor({ ...place, anchor: at?.anchor ?? place.cell })
          else if (!isRange) setCursor({ ...place, anchor: place.cell })
        }}
        onPointerUp={() => setMarking(false)}
      >
        {at && marked && (
          <>
            <span className="heat-range" style={{ left: marked.from * cellPx, width: (marked.to - marked.from) * cellPx }} />
            <span className="heat-cursor" style={{ left: at.cell * cellPx, top: at.layer * rowPx, width: Math.max(3, cellPx), height: rowPx }} />
          </>
        )}
      </div>
      <div className="line heat-said">
        <span className="clip" role="status" aria-live="polite">
          <bdi>{said}</bdi>
        </span>
        <span className="push" />
        {isRange && (
          <button type="button" className="button small" onClick={zoom}>
            {texts.zoom}
          </button>
        )}
        {isZoomed && (
          <button type="button" className="button small" onClick={() => onZoom(null)}>
            {texts.whole}
          </button>
        )}
      </div>
    </div>
  )
}

function clamp(value: number, count: number): number {
  return Math.max(0, Math.min(count - 1, value))
}

export function shownValue(value: number): string {
  return value === 0 ? '0' : value.toPrecision(3)
}

interface CellsProps {
  readonly values: readonly (readonly number[])[]
  readonly scale: Scale
  readonly hue: Hue
  readonly cellPx: number
  readonly rowPx: number
}

/** One path for each colour: thousands of cells are few elements. Neighbours of one colour are one run. */
function Cells({ values, scale, hue, cellPx, rowPx }: CellsProps) {
  const paths = Array.from({ length: LEVELS }, () => '')
  for (const [layer, row] of values.entries()) {
    for (let cell = 0; cell < row.length; ) {
      const level = scale.level(row[cell] ?? 0)
      let end = cell + 1
      while (end < row.length && scale.level(row[end] ?? 0) === level) end++
      paths[level] += `M${(cell * cellPx).toFixed(2)} ${layer * rowPx}h${((end - cell) * cellPx).toFixed(2)}v${rowPx}H${(cell * cellPx).toFixed(2)}z`
      cell = end
    }
  }
  return paths.map((path, level) => path !== '' && <path key={level} d={path} style={{ fill: colourOf(hue, level) }} />)
}

interface AxesProps {
  readonly layers: number
  readonly rowPx: number
  readonly height: number
  readonly width: number
  readonly first: number
  readonly last: number
}

function Axes({ layers, rowPx, height, width, first, last }: AxesProps) {
  const every = Math.ceil(14 / rowPx)
  const steps = Math.max(1, Math.floor((width - LEFT_PX) / TICK_PX))
  const tick = niceStep((last - first) / steps)
  const ticks: number[] = []
  for (let token = Math.ceil(first / tick) * tick; token < last; token += tick) ticks.push(token)
  const x = (token: number): number => LEFT_PX + ((token - first) / (last - first)) * (width - LEFT_PX)
  return (
    <g className="heat-axes">
      {Array.from({ length: layers }, (_, layer) => layer)
        .filter((layer) => layer % every === 0)
        .map((layer) => (
          <text key={layer} x={LEFT_PX - 6} y={(layer + 0.5) * rowPx} textAnchor="end" dominantBaseline="central">
            {layer}
          </text>
        ))}
      <text transform={`translate(8 ${height / 2}) rotate(-90)`} textAnchor="middle" dominantBaseline="central">
        {texts.layers}
      </text>
      {ticks
        .filter((token) => x(token) < width - UNIT_PX)
        .map((token) => (
        <text key={token} x={x(token)} y={height + 13} textAnchor={token === first ? 'start' : 'middle'}>
          {token}
        </text>
      ))}
      <text x={width} y={height + 13} textAnchor="end" className="heat-unit">
        {texts.tokens}
      </text>
    </g>
  )
}

/** 1, 2 or 5 times a power of ten. */
function niceStep(least: number): number {
  const power = 10 ** Math.floor(Math.log10(Math.max(1, least)))
  return Math.max(1, [1, 2, 5, 10].map((factor) => factor * power).find((step) => step >= least) ?? 10 * power)
}

function Legend({ scale, hue }: { readonly scale: Scale; readonly hue: Hue }) {
  return (
    <span className="heat-legend">
      {shownValue(scale.least)}
      <i style={{ background: `linear-gradient(90deg in oklab, ${colourOf(hue, 0)}, ${hue === 'difference' ? 'var(--panel), ' : ''}${colourOf(hue, LEVELS - 1)})` }} />
      {shownValue(scale.most)}
    </span>
  )
}
