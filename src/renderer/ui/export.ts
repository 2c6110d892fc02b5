/** Taking charts and tables along: pictures of what is drawn, and the figures behind it. */

/** Plain values under named columns; null: nothing was measured. */
export interface DataTable {
  readonly columns: readonly string[]
  readonly rows: readonly (readonly (string | number | null)[])[]
}

/** RFC 4180. A text that a spreadsheet would run as a formula begins with an apostrophe. */
export function csvOf({ columns, rows }: DataTable): string {
  const cell = (value: string | number | null): string => {
    if (value === null) return ''
    if (typeof value === 'number') return String(value)
    const safe = /^(?:\s*[=+\-@]|[\t\r])/.test(value) ? `'${value}` : value
    return /[",\r\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe
  }
  return `${[columns, ...rows].map((row) => row.map(cell).join(',')).join('\r\n')}\r\n`
}

/** A list of objects, a property for each column. */
export function jsonOf({ columns, rows }: DataTable): string {
  // Columns of one name keep apart.
  const names = columns.map((column, at) => {
    const before = columns.slice(0, at).filter((other) => other === column).length
    return before === 0 ? column : `${column} (${before + 1})`
  })
  const objects = rows.map((row) => Object.fromEntries(names.map((name, at) => [name, row[at] ?? null])))
  return `${JSON.stringify(objects, null, 2)}\n`
}

/** GitHub's tables: numbers at the right, pipes and line ends kept out of the way. */
export function markdownOf({ columns, rows }: DataTable): string {
  const cell = (value: string | number | null): string =>
    value === null ? '' : String(value).replaceAll('\\', '\\\\').replaceAll('|', '\\|').replace(/\s*\r?\n\s*/g, ' ')
  const isNumeric = columns.map((_, at) => rows.length > 0 && rows.every((row) => typeof row[at] !== 'string'))
  const line = (cells: readonly string[]): string => `| ${cells.join(' | ')} |`
  const rule = isNumeric.map((numeric) => (numeric ? '---:' : '---'))
  return `${[line(columns.map(cell)), line(rule), ...rows.map((row) => line(row.map(cell)))].join('\n')}\n`
}

/** What of the page's styles a drawing needs when it stands alone. */
const DRAWN = [
  'fill',
  'fill-opacity',
  'stroke',
  'stroke-width',
  'stroke-opacity',
  'stroke-dasharray',
  'stroke-linecap',
  'stroke-linejoin',
  'paint-order',
  'opacity',
  'font-family',
  'font-size',
  'font-weight',
  'text-anchor',
  'dominant-baseline',
  'visibility',
]

/** The drawing as it is seen now, on the page's own ground, with every colour written out. */
export function svgOf(drawing: SVGSVGElement): { readonly text: string; readonly width: number; readonly height: number } {
  const { width, height } = drawing.getBoundingClientRect()
  const copy = drawing.cloneNode(true) as SVGSVGElement
  const originals = [drawing, ...drawing.querySelectorAll<SVGElement>('*')]
  const copies = [copy, ...copy.querySelectorAll<SVGElement>('*')]
  for (const [at, original] of originals.entries()) {
    const style = getComputedStyle(original)
    const target = copies[at]
    target?.removeAttribute('style')
    target?.removeAttribute('class')
    for (const name of DRAWN) target?.setAttribute(name, style.getPropertyValue(name))
  }
  copy.setAttribute('xmlns', 'http://www.w3.org/2000/svg')
  copy.setAttribute('width', String(width))
  copy.setAttribute('height', String(height))
  if (!copy.hasAttribute('viewBox')) copy.setAttribute('viewBox', `0 0 ${width} ${height}`)
  const ground = document.createElementNS('http://www.w3.org/2000/svg', 'rect')
  ground.setAttribute('width', '100%')
  ground.setAttribute('height', '100%')
  ground.setAttribute('fill', getComputedStyle(document.body).backgroundColor)
  copy.prepend(ground)
  return { text: new XMLSerializer().serializeToString(copy), width, height }
}

/** Points of a picture for each point of the page, so that it is sharp in a document. */
const PNG_SCALE = 2

export async function pngOf(drawing: SVGSVGElement): Promise<Blob> {
  const { text, width, height } = svgOf(drawing)
  const canvas = document.createElement('canvas')
  canvas.width = Math.round(width * PNG_SCALE)
  canvas.height = Math.round(height * PNG_SCALE)
  const picture = new Image()
  picture.src = `data:image/svg+xml;charset=utf-8,${encodeURIComponent(text)}`
  await picture.decode()
  canvas.getContext('2d')?.drawImage(picture, 0, 0, canvas.width, canvas.height)
  const blob = await new Promise<Blob | null>((resolve) => canvas.toBlob(resolve, 'image/png'))
  if (!blob) throw new Error('The browser made no picture of this chart.')
  return blob
}

type Saver = (name: string, content: Blob) => void
let saver: Saver | null = null

/** In the window, the system's dialog asks for the place. */
export function saveWith(own: Saver): void {
  saver = own
}

/** Hands a file to the window, which asks where to put it, or to the browser, which puts it where it puts downloads. */
export function download(name: string, content: Blob | string, type = 'text/plain'): void {
  const blob = typeof content === 'string' ? new Blob([content], { type }) : content
  if (saver) return saver(name, blob)
  const url = URL.createObjectURL(blob)
  const link = document.createElement('a')
  link.href = url
  link.download = name
  link.click()
  setTimeout(() => URL.revokeObjectURL(url), RELEASE_MS)
}

/** Until the browser has surely taken it. */
const RELEASE_MS = 60_000
