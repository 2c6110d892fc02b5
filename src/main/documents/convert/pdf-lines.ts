/**
 * From what a PDF draws to what it says. A PDF has no paragraphs or headings, only strings with a place and a size:
 * lines are what stands at one height, paragraphs what stands close together, headings what is larger than most.
 */
import { cleaned, heading, item, oneLine, paragraph } from './write-markdown'

/** Of pdf.js: a string with its place. The matrix is [a b c d x y], y upward. */
export interface TextItem {
  readonly str: string
  readonly transform: readonly number[]
  readonly width: number
  readonly fontName: string
  readonly hasEOL: boolean
}

export interface Line {
  readonly text: string
  /** Height of its letters, in points. */
  readonly size: number
  readonly x: number
  readonly y: number
  /** A row of a table, with cells, or a line of code, in letters of one width. */
  readonly isRow: boolean
}

/** Parts of the letters' height. */
const NEW_LINE = 0.5
const NEW_CELL = 1.8
const NEW_PARAGRAPH = 1.7
const INDENT = 0.8

const HEADING_SIZE = 1.15
const MAX_HEADING_CHARACTERS = 160
/** More than this a page, and sizes say nothing about headings. */
const MAX_HEADINGS_PER_PAGE = 20
const HEADING_LEVELS = 4

const BULLET = /^[•◦▪▫‣⁃●○■□·–]\s+/u
/** A line of a table of contents. */
const LEADERS = /(?:\.\s*){4,}\d*$/
const SENTENCE_END = /[.!?:;。！？：；…]["'”’)\]」』）]*$/u
const CJK_END = /[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}，。、；：！？]$/u
const CJK_START = /^[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}，。、；：！？]/u

/** A line that is still read; `end` is where the next string would follow without a gap. */
interface OpenLine {
  text: string
  size: number
  readonly x: number
  readonly y: number
  end: number
  hasCells: boolean
  isCode: boolean
}

/** In the order in which the page draws them. */
export function pageLines(items: readonly TextItem[], isFixedWidth: (font: string) => boolean): Line[] {
  const lines: Line[] = []
  let open: OpenLine | null = null
  const close = (): void => {
    const text = open ? oneLine(cleaned(open.text)) : ''
    if (open && text !== '') {
      const { size, x, y, hasCells, isCode } = open
      lines.push({ text, size, x, y, isRow: hasCells || isCode })
    }
    open = null
  }
  for (const { str, transform, width, fontName, hasEOL } of items) {
    const [, , c = 0, d = 0, x = 0, y = 0] = transform
    const size = Math.hypot(c, d)
    if (open && str.trim() !== '' && Math.abs(open.y - y) > NEW_LINE * Math.max(open.size, size)) close()
    if (str.trim() !== '') {
      if (open && x - open.end > NEW_CELL * size) {
        open.text += ' | '
        open.hasCells = true
      }
      open ??= { text: '', size, x, y, end: x, hasCells: false, isCode: true }
      open.size = Math.max(open.size, size)
      open.end = x + width
      open.isCode &&= isFixedWidth(fontName)
    }
    if (open) open.text += str
    if (hasEOL) close()
  }
  close()
  return lines
}

/** Blocks of Markdown, page by page. */
export function writePages(pages: readonly (readonly Line[])[]): string[][] {
  const levelOf = headingLevels(pages)
  return pages.map((lines) => pageBlocks(lines, levelOf))
}

function pageBlocks(lines: readonly Line[], levelOf: (line: Line) => number): string[] {
  const blocks: string[] = []
  for (const group of groups(lines, levelOf)) {
    const [first] = group
    if (!first) continue
    const level = levelOf(first)
    if (level > 0) blocks.push(heading(level, group.map(({ text }) => text).join(' ')))
    else if (BULLET.test(first.text)) blocks.push(item('- ', paragraph(joined(group).replace(BULLET, ''))))
    else blocks.push(paragraph(joined(group)))
  }
  return blocks.filter((block) => block !== '')
}

/** Lines that belong together. */
function groups(lines: readonly Line[], levelOf: (line: Line) => number): Line[][] {
  const found: Line[][] = []
  let before: Line | null = null
  for (const line of lines) {
    if (before && goesOn(before, line, levelOf)) found.at(-1)?.push(line)
    else found.push([line])
    before = line
  }
  return found
}

function goesOn(before: Line, line: Line, levelOf: (line: Line) => number): boolean {
  if (levelOf(before) !== levelOf(line) || BULLET.test(line.text)) return false
  const gap = before.y - line.y
  const size = Math.max(before.size, line.size)
  // Upward is the next column: a sentence that is not at its end goes on there.
  if (gap < -NEW_LINE * size) return levelOf(line) === 0 && !SENTENCE_END.test(before.text)
  if (gap > NEW_PARAGRAPH * size) return false
  const isIndented = line.x - before.x > INDENT * size
  return !(isIndented && SENTENCE_END.test(before.text) && !line.isRow && !before.isRow)
}

/** Rows keep their lines; words cut at a line's end are whole again. */
function joined(group: readonly Line[]): string {
  return group.reduce((text, { text: next, isRow }, index) => {
    if (index === 0) return next
    if (isRow || group[index - 1]?.isRow) return `${text}\n${next}`
    if (/\p{Ll}-$/u.test(text) && /^\p{Ll}/u.test(next)) return text.slice(0, -1) + next
    return CJK_END.test(text) && CJK_START.test(next) ? text + next : `${text} ${next}`
  }, '')
}

/** The size of most characters is that of plain text; each larger size is a level, the largest the first. */
function headingLevels(pages: readonly (readonly Line[])[]): (line: Line) => number {
  const characters = new Map<number, number>()
  for (const { size, text } of pages.flat())
    characters.set(rounded(size), (characters.get(rounded(size)) ?? 0) + text.length)
  const [body = 0] = [...characters].toSorted(([, a], [, b]) => b - a).map(([size]) => size)
  const isTitle = (text: string): boolean =>
    text.length <= MAX_HEADING_CHARACTERS && /\p{L}/u.test(text) && !LEADERS.test(text)
  const isHeading = ({ size, text, isRow }: Line): boolean =>
    rounded(size) >= HEADING_SIZE * body && !isRow && isTitle(text)
  const headings = pages.flat().filter(isHeading)
  if (headings.length > MAX_HEADINGS_PER_PAGE * pages.length) return () => 0
  const sizes = [...new Set(headings.map(({ size }) => rounded(size)))].toSorted((a, b) => b - a)
  return (line) => (isHeading(line) ? Math.min(HEADING_LEVELS, sizes.indexOf(rounded(line.size)) + 1) : 0)
}

/** To half points. */
function rounded(size: number): number {
  return Math.round(2 * size) / 2
}
