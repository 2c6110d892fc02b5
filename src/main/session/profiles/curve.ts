/** A calibration's rate-distortion curve as a picture: how much smaller caches become, and what that changes in the answers. */
import type { CodedPoint, ProfileCalibration } from '../../../shared/profile'

const WIDTH = 760
const HEIGHT = 460
const PLOT = { left: 70, right: 580, top: 56, bottom: 404 }
/** Nats: what is below is rounding, and drawn at this line. */
const LEAST_KL = 1e-5
/** Okabe and Ito's colours, which people tell apart whatever they see of colour. */
const LOOKS = [
  { basis: true, name: 'components', colour: '#0072b2' },
  { basis: false, name: 'channels', colour: '#d55e00' },
] as const
const STYLE = `<style>
text { font: 12px system-ui, sans-serif; fill: #333 } .title { font-size: 15px } .axis { stroke: #999 } .grid { stroke: #e4e4e4 }
.chosen { fill: none; stroke: #333; stroke-width: 1.6 }
@media (prefers-color-scheme: dark) {
  text { fill: #ddd } .axis { stroke: #888 } .grid { stroke: #3a3a3a } .chosen { stroke: #ddd } }
</style>`

/** Both axes are logarithmic; follows the reader's light or dark theme. */
export function curveSvg({ curve, profiles }: ProfileCalibration, model: string): string {
  const title = `${model}: what smaller caches cost`
  const [least, most] = [1, Math.max(2, ...curve.map(({ ratio }) => ratio))]
  const decades = [...curve.map(klOf), 1e-4].map((kl) => Math.log10(kl))
  const [low, high] = [Math.floor(Math.min(...decades)), Math.ceil(Math.max(...decades))]
  const x = (ratio: number): number => along(Math.log(ratio / least) / Math.log(most / least), PLOT.left, PLOT.right)
  const y = (kl: number): number => along((Math.log10(kl) - low) / (high - low), PLOT.bottom, PLOT.top)
  const at = (point: CodedPoint): string => `${x(Math.max(1, point.ratio))},${y(klOf(point))}`
  const ratios = [1, 2, 4, 8, 16, 32, 64].filter((ratio) => ratio <= most)
  const powers = Array.from({ length: high - low + 1 }, (_, step) => low + step)
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${HEIGHT}" width="${WIDTH}" height="${HEIGHT}">`,
    `<title>${escaped(title)}</title>`,
    STYLE,
    `<text x="${PLOT.left}" y="24" class="title">${escaped(title)}</text>`,
    `<text x="${PLOT.left - 50}" y="${PLOT.top - 14}">KL from f16, nats</text>`,
    `<text x="${(PLOT.left + PLOT.right) / 2}" y="${PLOT.bottom + 42}" text-anchor="middle">times smaller than f16</text>`,
    ...powers.map((power) => {
      const level = y(10 ** power)
      const label = `<text x="${PLOT.left - 8}" y="${level + 4}" text-anchor="end">${10 ** power}</text>`
      return `<line x1="${PLOT.left}" x2="${PLOT.right}" y1="${level}" y2="${level}" class="grid"/>${label}`
    }),
    ...ratios.map((ratio) => {
      const tick = `<line x1="${x(ratio)}" x2="${x(ratio)}" y1="${PLOT.bottom}" y2="${PLOT.bottom + 5}" class="axis"/>`
      return `${tick}<text x="${x(ratio)}" y="${PLOT.bottom + 20}" text-anchor="middle">${ratio}</text>`
    }),
    `<line x1="${PLOT.left}" x2="${PLOT.right}" y1="${PLOT.bottom}" y2="${PLOT.bottom}" class="axis"/>`,
    ...LOOKS.map(({ basis, colour }) => {
      const own = curve.filter((point) => point.basis === basis).toSorted((a, b) => a.ratio - b.ratio)
      const dots = own.map((point) => `<circle cx="${x(Math.max(1, point.ratio))}" cy="${y(klOf(point))}" r="4" fill="${colour}"><title>${told(point)}</title></circle>`)
      return `<polyline points="${own.map(at).join(' ')}" fill="none" stroke="${colour}" stroke-width="1.6"/>${dots.join('')}`
    }),
    ...profiles.map((facts) => {
      const [left, level] = [x(Math.max(1, facts.ratio)), y(klOf(facts))]
      const ring = `<circle cx="${left}" cy="${level}" r="8" class="chosen"/>`
      return `${ring}<text x="${left + 11}" y="${level + 15}">${facts.profile}</text>`
    }),
    ...LOOKS.map(({ name, colour }, index) => {
      const level = PLOT.top + 20 + index * 20
      return `<circle cx="${PLOT.right + 30}" cy="${level}" r="4" fill="${colour}"/><text x="${PLOT.right + 42}" y="${level + 4}">by ${name}</text>`
    }),
    '</svg>',
    '',
  ].join('\n')
}

function told({ ratio, klMean, top1 }: CodedPoint): string {
  return `${ratio.toFixed(1)}x smaller, KL ${klMean.toFixed(4)}, top-1 ${(top1 * 100).toFixed(1)} %`
}

function klOf({ klMean }: CodedPoint): number {
  return Math.max(LEAST_KL, klMean)
}

function along(share: number, from: number, to: number): number {
  return Math.round((from + share * (to - from)) * 10) / 10
}

function escaped(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('"', '&quot;')
}
