/** Two caches side by side on one scale, and what differs between them where they hold the same tokens. */
import { useState } from 'react'
import type { CacheDetail, CacheDrawing, CachePlaneName } from '../../../shared/upkeep'
import { strings } from '../../strings'
import { Drawing, shownValues, tableOf } from './drawing'
import { differenceScale, scaleOf } from './heat-colours'
import { HeatMap, shownValue, type TokenRange } from './heat-map'
import { useDrawing } from './use-drawing'

const texts = strings.drawing

interface Props {
  readonly first: CacheDetail
  readonly second: CacheDetail
  readonly plane: CachePlaneName
  readonly question: string
}

export function Comparison({ first, second, plane, question }: Props) {
  const [one, other] = [useDrawing(first, question), useDrawing(second, question)]
  const both = [...(one.data?.planes[plane] ?? []), ...(other.data?.planes[plane] ?? [])]
  const scale = one.data && other.data && both.length > 0 ? scaleOf(both) : null
  return (
    <>
      {scale && (
        <p className="dim" data-testid="common-scale">
          {texts.commonScale(shownValue(scale.least), shownValue(scale.most))}
        </p>
      )}
      <div className="cache-two">
        <Drawing cache={first} view={one} plane={plane} scale={scale} isNamed />
        <Drawing cache={second} view={other} plane={plane} scale={scale} isNamed />
      </div>
      {one.data && other.data && isAlike(one.data, other.data) && <Difference first={one.data} second={other.data} plane={plane} />}
    </>
  )
}

/** Whether cell and cell are of the same tokens. */
function isAlike(one: CacheDrawing, other: CacheDrawing): boolean {
  return (
    one.layers === other.layers &&
    one.from === other.from &&
    one.to === other.to &&
    one.tokensPerCell === other.tokensPerCell &&
    one.texts.join('') === other.texts.join('')
  )
}

interface DifferenceProps {
  readonly first: CacheDrawing
  readonly second: CacheDrawing
  readonly plane: CachePlaneName
}

function Difference({ first, second, plane }: DifferenceProps) {
  const [range, zoom] = useState<TokenRange | null>(null)
  const { layers, from, to, tokensPerCell } = first
  const shown = range ?? { from, to }
  const before = shownValues(first, plane, shown)
  const values = shownValues(second, plane, shown).map((layer, at) => layer.map((value, cell) => value - (before[at]?.[cell] ?? 0)))
  if (values.length === 0) return null
  const words = first.texts.slice(shown.from - from, shown.to - from)
  return (
    <section className="cache-difference" aria-label={texts.difference(strings.planeNames[plane])}>
      <HeatMap
        values={values}
        scale={differenceScale(values)}
        layers={layers}
        first={shown.from}
        last={shown.to}
        tokensPerCell={tokensPerCell}
        words={words}
        hue="difference"
        measure={texts.difference(strings.planeNames[plane])}
        isZoomed={range !== null}
        onZoom={zoom}
        table={tableOf(values, { shown, tokensPerCell, words })}
      />
      <p className="dim">{texts.differenceHint}</p>
    </section>
  )
}
