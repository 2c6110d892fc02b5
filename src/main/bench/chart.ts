/** A report's answers as a picture: exact match against the share of the knowledge that is computed. */
import { parseStrategy, type StrategySpec } from '../../shared/strategy'
import type { ArmReport, BenchReport } from '../../shared/bench-report'

interface Point {
  /** Of the arm. */
  readonly name: string
  /** Share of the knowledge tokens, 0 to 1. */
  readonly x: number
  /** Exact match, 0 to 1. */
  readonly y: number
}

/** Arms that differ in how much they compute, and in nothing else. */
interface Series {
  /** The strategy's name. */
  readonly method: string
  /** Whether it is over isolated chunks. */
  readonly isIsolated: boolean
  readonly isControl: boolean
  readonly points: readonly Point[]
}

const WIDTH = 860
const LEAST_HEIGHT = 480
const LEGEND_STEP = 20
const PLOT = { left: 62, right: 610, top: 52, bottom: 424 }
const RADIUS = 4
/** Okabe and Ito's colours, which people tell apart whatever they see of colour. */
const COLOURS = ['#0072b2', '#d55e00', '#009e73', '#cc79a7', '#e69f00', '#56b4e9', '#8a6d00', '#7f3c8d', '#c44e52']
const CONTROL_COLOUR = '#888888'
const STYLE = `<style>
text { font: 12px system-ui, sans-serif; fill: #333 } .title { font-size: 15px }
.axis { stroke: #999 } .grid { stroke: #e4e4e4 } .hollow { fill: #fff }
@media (prefers-color-scheme: dark) { text { fill: #ddd } .hollow { fill: #222 } .axis { stroke: #888 } .grid { stroke: #3a3a3a } }
</style>`
const MIDDLE = { 'text-anchor': 'middle' }

/** Of a report whose arms answered questions; null of any other. Follows the reader's light or dark theme. */
export function toSvg({ arms, model, suite }: BenchReport): string | null {
  const full = arms.find(({ name }) => name === 'full')?.exactMatch
  const series = seriesOf(arms)
  if (full === undefined) return null
  const points = series.flatMap((one) => one.points)
  const x = scale([0, Math.max(0.1, ...points.map((point) => point.x))], PLOT.left, PLOT.right)
  const heights = [full, ...points.map((point) => point.y)]
  const y = scale([Math.min(...heights), Math.max(...heights)], PLOT.bottom, PLOT.top)
  const questions = suite ? `, ${suite.questions} questions of ${suite.file}` : ''
  const title = `${model.name}: right answers against tokens computed${questions}`
  const methods = [...new Set(series.filter(({ isControl }) => !isControl).map(({ method }) => method))]
  const looks = series.map(({ method, isIsolated, isControl }): Look => {
    const colour = isControl ? CONTROL_COLOUR : COLOURS[methods.indexOf(method) % COLOURS.length]
    return { name: isIsolated ? `${method}:bos` : method, colour: colour ?? CONTROL_COLOUR, isIsolated, isControl }
  })
  const legends = [...new Map(looks.map((look) => [look.name, look])).values()]
  const height = Math.max(LEAST_HEIGHT, PLOT.top + 34 + legends.length * LEGEND_STEP)
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${height}" width="${WIDTH}" height="${height}">`,
    `<title>${escaped(title)}</title>`,
    STYLE,
    text(title, { x: PLOT.left, y: 24, class: 'title' }),
    text('exact match, %', { x: PLOT.left - 44, y: PLOT.top - 12 }),
    text('tokens of the knowledge computed, %', { x: (PLOT.left + PLOT.right) / 2, y: PLOT.bottom + 42, ...MIDDLE }),
    ...y.ticks.flatMap((tick) => {
      const at = round(y.at(tick))
      return [
        line([PLOT.left, at], [PLOT.right, at], 'class="grid"'),
        text(percent(tick), { x: PLOT.left - 8, y: at + 4, 'text-anchor': 'end' }),
      ]
    }),
    ...x.ticks.flatMap((tick) => {
      const at = round(x.at(tick))
      return [
        line([at, PLOT.bottom], [at, PLOT.bottom + 5], 'class="axis"'),
        text(percent(tick), { x: at, y: PLOT.bottom + 20, ...MIDDLE }),
      ]
    }),
    line([PLOT.left, PLOT.bottom], [PLOT.right, PLOT.bottom], 'class="axis"'),
    line([PLOT.left, round(y.at(full))], [PLOT.right, round(y.at(full))], 'class="axis" stroke-dasharray="2 4"'),
    text(`full: ${percent(full)}`, { x: PLOT.right - 4, y: round(y.at(full)) - 6, 'text-anchor': 'end' }),
    ...series.map(({ points }, index) => {
      const placed = points.map((point) => ({ ...point, x: round(x.at(point.x)), y: round(y.at(point.y)), value: point.y }))
      return drawn(placed, looks[index])
    }),
    ...legends.map((look, index) => legend(look, PLOT.top + 34 + index * LEGEND_STEP)),
    '</svg>',
    '',
  ].join('\n')
}

/** One per way to choose tokens, its ratios in order; controls last. */
function seriesOf(arms: readonly ArmReport[]): Series[] {
  const shown = arms.flatMap(({ name, exactMatch, tokens }) => {
    const parsed = parseStrategy(name)
    if (!parsed.ok || name === 'full' || exactMatch === undefined || !tokens) return []
    const { knowledge, reused, recomputed = 0 } = tokens
    const point = { name, x: (knowledge - reused + recomputed) / knowledge, y: exactMatch }
    return [{ spec: parsed.spec, point }]
  })
  const series = [...Map.groupBy(shown, ({ spec, point }) => familyOf(point.name, spec)).values()].flatMap((own) => {
    const [first] = own
    if (!first) return []
    const { name: method } = first.spec
    return {
      method,
      isIsolated: 'bos' in first.spec && first.spec.bos,
      isControl: ['oracle', 'random'].includes(method),
      points: own.map(({ point }) => point).toSorted((a, b) => a.x - b.x),
    }
  })
  return series.toSorted((a, b) => Number(a.isControl) - Number(b.isControl))
}

/** `blend:0.15:layer=3` is one of `blend:layer=3`, `mix:4+0.15` one of `mix:4`. */
function familyOf(name: string, spec: StrategySpec): string {
  const [first = '', , ...rest] = name.split(':')
  if (spec.name === 'mix') return [first, spec.tokens, ...rest].join(':')
  return ('ratio' in spec || 'tokens' in spec ? [first, ...rest] : name.split(':')).join(':')
}

interface Look {
  readonly name: string
  readonly colour: string
  readonly isIsolated: boolean
  readonly isControl: boolean
}

/** A place on the picture; one that stands for an arm tells its name and value to who points at it. */
interface Dot {
  readonly x: number
  readonly y: number
  readonly name?: string
  readonly value?: number
}

function drawn(dots: readonly Dot[], look: Look | undefined): string {
  const { colour = CONTROL_COLOUR, isIsolated = false, isControl = false } = look ?? {}
  const path = dots.map(({ x, y }) => `${x},${y}`).join(' ')
  const dashes = isControl ? ' stroke-dasharray="5 4"' : ''
  const fill = isIsolated ? `class="hollow" stroke="${colour}" stroke-width="1.6"` : `fill="${colour}"`
  const circles = dots.map(({ x, y, name, value }) => {
    const told = name === undefined || value === undefined ? '' : `<title>${escaped(name)}: ${percent(value)} %</title>`
    return `<circle cx="${x}" cy="${y}" r="${RADIUS}" ${fill}>${told}</circle>`
  })
  return `<polyline points="${path}" fill="none" stroke="${colour}" stroke-width="1.6"${dashes}/>${circles.join('')}`
}

function legend(look: Look, y: number): string {
  const [from, to] = [PLOT.right + 28, PLOT.right + 50]
  const dots = [
    { x: from, y },
    { x: to, y },
  ]
  return drawn(dots, look) + text(look.isControl ? `${look.name} (control)` : look.name, { x: to + 10, y: y + 4 })
}

function text(content: string, attributes: Readonly<Record<string, string | number>>): string {
  const all = Object.entries(attributes).map(([name, value]) => ` ${name}="${value}"`)
  return `<text${all.join('')}>${escaped(content)}</text>`
}

function line([x1, y1]: readonly [number, number], [x2, y2]: readonly [number, number], look: string): string {
  return `<line x1="${x1}" x2="${x2}" y1="${y1}" y2="${y2}" ${look}/>`
}

interface Scale {
  readonly ticks: readonly number[]
  at(value: number): number
}

/** From round values around the range, so that every point lies inside. */
function scale([low, high]: readonly [number, number], from: number, to: number): Scale {
  const step = [0.01, 0.02, 0.05, 0.1, 0.2].find((each) => (high - low) / each <= 8) ?? 0.25
  const first = Math.floor(low / step + 1e-9)
  const last = Math.max(first + 1, Math.ceil(high / step - 1e-9))
  const ticks = Array.from({ length: last - first + 1 }, (_, at) => (first + at) * step)
  return { ticks, at: (value) => from + ((value - first * step) / ((last - first) * step)) * (to - from) }
}

const round = (value: number): number => Math.round(value * 10) / 10
const percent = (value: number): string => String(Math.round(value * 1000) / 10)
const escaped = (text: string): string => text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('"', '&quot;')
