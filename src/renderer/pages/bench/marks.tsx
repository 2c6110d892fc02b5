/** How an arm looks in charts: a colour and a shape by its strategy, hollow where it takes chunks in isolation. */
import type { TradePoint } from '../../../shared/bench'
import type { StrategyName } from '../../../shared/strategy'

export type Look = Pick<TradePoint, 'family' | 'isIsolated' | 'isControl'>

type Shape = 'circle' | 'square' | 'diamond' | 'up' | 'down' | 'cross' | 'plus' | 'star'

/** Whoever is not among them is a baseline of another engine. */
const LOOKS: Readonly<Record<StrategyName | 'libllama', readonly [shape: Shape, series: number]>> = {
  full: ['star', 0],
  libllama: ['plus', 0],
  prefix: ['down', 6],
  reuse: ['circle', 1],
  link: ['square', 2],
  score: ['diamond', 3],
  mix: ['up', 4],
  blend: ['up', 5],
  auto: ['star', 2],
  oracle: ['cross', 0],
  random: ['plus', 0],
}

const R = 5
/** Of the ring around a second run's marks. */
export const RINGED = 9
const PATHS: Readonly<Record<Shape, string>> = {
  circle: `M${-R},0a${R},${R} 0 1,0 ${2 * R},0a${R},${R} 0 1,0 ${-2 * R},0z`,
  square: 'M-4.4,-4.4h8.8v8.8h-8.8z',
  diamond: 'M0,-6L6,0L0,6L-6,0z',
  up: 'M0,-5.8L5.6,4.4H-5.6z',
  down: 'M0,5.8L5.6,-4.4H-5.6z',
  cross: 'M-4.4,-4.4L4.4,4.4M-4.4,4.4L4.4,-4.4',
  plus: 'M0,-5.4V5.4M-5.4,0H5.4',
  star: 'M0,-6.4L1.7,-2.2L6.2,-2L2.7,0.9L3.9,5.3L0,2.8L-3.9,5.3L-2.7,0.9L-6.2,-2L-1.7,-2.2z',
}

export function Mark({ look: { family, isIsolated, isControl }, active = false }: { readonly look: Look; readonly active?: boolean }) {
  const [shape, series] = LOOKS[family as StrategyName] ?? LOOKS.libllama
  const colour = isControl ? 'var(--series-0)' : `var(--series-${series})`
  const isLine = shape === 'cross' || shape === 'plus'
  return (
    <path
      d={PATHS[shape]}
      fill={isLine || isIsolated ? 'var(--panel)' : colour}
      stroke={colour}
      strokeWidth={active ? 2.6 : 1.6}
      transform={active ? 'scale(1.35)' : undefined}
    />
  )
}

/** The same mark among words. */
export function MarkIcon({ look }: { readonly look: Look }) {
  return (
    <svg width="14" height="14" viewBox="-7 -7 14 14" aria-hidden="true">
      <Mark look={look} />
    </svg>
  )
}
