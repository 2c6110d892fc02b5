/**
 * Markdown's blocks, with headings told from look-alikes (in code, lists, quotes) by a real parser.
 *
 * micromark needs time that grows with the square of some inputs (20 000 setext headings in 80 KB: over a minute), so
 * it gets a window of lines at a time. Block structure is decided line by line, forward: every block of a window but
 * the last is final, and the next window starts with that last one. Inline syntax plays no part: it is switched off.
 */
import { setImmediate } from 'node:timers/promises'
import { fromMarkdown } from 'mdast-util-from-markdown'
import { gfmFromMarkdown } from 'mdast-util-gfm'
import { toString } from 'mdast-util-to-string'
import { gfm } from 'micromark-extension-gfm'
import type { Nodes, RootContent } from 'mdast'
import type { Block } from './block'

const WINDOW_LINES = 256
const WINDOW_CHARACTERS = 32 * 1024
/** A single block that is longer is not parsed as a whole; it is cut at a line's end. */
const MAX_WINDOW_CHARACTERS = 512 * 1024
/** Containers in containers take cubic time; nobody writes more. */
const NESTED = /^[ \t]*(?:(?:[-+*>]|\d{1,9}[.)])[ \t]*){60}/
/** Longer headings are shown as they are written. */
const MAX_HEADING = 1000

const BLOCKS_ONLY = {
  disable: {
    null: [
      'attention',
      'autolink',
      'characterEscape',
      'characterReference',
      'codeText',
      'hardBreakEscape',
      'htmlText',
      'labelStartImage',
      'labelStartLink',
      'labelEnd',
    ],
  },
}

/** A root block's place in the text; `end` is set when the next one is known. */
interface Found {
  readonly start: number
  readonly node: RootContent | null
  /** What the node's own offsets count from. */
  readonly base: number
}

/** The root's blocks in order; they cover the text. */
export async function markdownBlocks(text: string): Promise<Block[]> {
  const found: Found[] = []
  let at = frontMatterEnd(text)
  if (at > 0) found.push({ start: 0, node: null, base: 0 })
  while (at < text.length) {
    const step = parseWindow(text, at)
    found.push(...step.found)
    at = step.next
    await setImmediate()
  }
  if (found.length === 0) found.push({ start: 0, node: null, base: 0 })
  return found.map((block, index) =>
    toBlock(text, index === 0 ? { ...block, start: 0 } : block, found[index + 1]?.start ?? text.length),
  )
}

/** The final blocks from `start` on, and where to go on. Grows the window until it holds one whole block. */
function parseWindow(text: string, start: number): { readonly found: Found[]; readonly next: number } {
  let before = start
  for (let scale = 1; ; scale *= 2) {
    const end = windowEnd(text, start, scale)
    if (end - start > MAX_WINDOW_CHARACTERS) return cutLongBlock(text, start)
    const children = parseBlocks(text.slice(start, end))
    const found = children.map((node) => ({ start: lineStart(text, start + offsetOf(node)), node, base: start }))
    // A line too long to parse stands behind the window: it is a block of its own.
    if (end === text.length || end === before) return { found, next: end }
    if (found.length === 0) return { found, next: end }
    // The last block may go on behind the window, or be a setext heading whose underline is there.
    const last = found.length - (continuesDefinition(found) ? 2 : 1)
    if (last > 0) return { found: found.slice(0, last), next: found[last]?.start ?? end }
    before = end
  }
}

/** To the parser a definition and the paragraph right behind it are one: a `10) x` there begins no list. */
function continuesDefinition(found: readonly Found[]): boolean {
  return found.at(-1)?.node?.type === 'paragraph' && found.at(-2)?.node?.type === 'definition'
}

/** Whole lines, at least one; a line that would make the window too long to parse only where it is the first. */
function windowEnd(text: string, start: number, scale: number): number {
  let end = start
  for (
    let line = 0;
    line < WINDOW_LINES * scale && end - start < WINDOW_CHARACTERS * scale && end < text.length;
    line++
  ) {
    const next = lineEnd(text, end)
    if (end > start && next - end > MAX_WINDOW_CHARACTERS) break
    end = next
  }
  return end
}

/** A block of unusual length: code runs to its closing fence, anything else is cut at a line's end. */
function cutLongBlock(text: string, start: number): { readonly found: Found[]; readonly next: number } {
  const fence = /^ {0,3}(`{3,}|~{3,})/.exec(text.slice(start, start + 200))?.[1]
  const found = [{ start, node: null, base: start }]
  if (fence) {
    const closing = new RegExp(`\\n {0,3}${fence[0]}{${fence.length},}[ \\t]*\\n`, 'g')
    closing.lastIndex = start
    return { found, next: closing.exec(text) ? closing.lastIndex : text.length }
  }
  const limit = text.lastIndexOf('\n', start + MAX_WINDOW_CHARACTERS)
  let next = limit > start ? limit + 1 : lineEnd(text, start + MAX_WINDOW_CHARACTERS)
  // An underline would make a heading of nothing.
  while (
    next < text.length &&
    /^ {0,3}(?:=+|-+)[ \t]*$/.test(text.slice(next, Math.min(lineEnd(text, next), next + 1000)).trimEnd())
  ) {
    next = lineEnd(text, next)
  }
  return { found, next }
}

function parseBlocks(source: string): RootContent[] {
  // micromark drops a byte order mark at the start, which would move every offset.
  const marked = source.startsWith('\uFEFF') ? `x${source.slice(1)}` : source
  const flat = marked
    .split('\n')
    .map((line) => (NESTED.test(line) ? 'x'.repeat(line.length) : line))
    .join('\n')
  return fromMarkdown(flat, { extensions: [BLOCKS_ONLY] }).children
}

function toBlock(text: string, { start, node, base }: Found, end: number): Block {
  if (!node) return { start, end, kind: 'lines', children: [], heading: null }
  const isTable = node.type === 'paragraph' && text.startsWith('|', start)
  return {
    start,
    end,
    kind: node.type === 'code' || node.type === 'html' || isTable ? 'lines' : 'prose',
    children: childBlocks(text, node, { start, end, base }),
    heading: node.type === 'heading' ? { level: node.depth, text: headingText(text.slice(start, end)) } : null,
  }
}

/** Items of a list, blocks of an item or a quote; they cover `start` to `end`. */
function childBlocks(text: string, node: Nodes, place: { start: number; end: number; base: number }): Block[] {
  if (node.type !== 'list' && node.type !== 'listItem' && node.type !== 'blockquote') return []
  const starts = node.children
    .map((child) => ({ child, start: lineStart(text, place.base + offsetOf(child)) }))
    .filter(({ start }, index, all) => index === 0 || start > (all[index - 1]?.start ?? 0))
  return starts.map(({ child, start }, index) => {
    const from = index === 0 ? place.start : start
    const end = starts[index + 1]?.start ?? place.end
    return {
      start: from,
      end,
      kind: child.type === 'code' ? 'lines' : 'prose',
      children: childBlocks(text, child, { ...place, start: from, end }),
      heading: null,
    }
  })
}

/** A heading's words without its marks. */
function headingText(source: string): string {
  const line = source.trim()
  if (line.length > MAX_HEADING) return line.replace(/^#{1,6}/, '').slice(0, MAX_HEADING)
  return toString(fromMarkdown(line, { extensions: [gfm()], mdastExtensions: [gfmFromMarkdown()] }), {
    includeHtml: false,
  })
}

/** The end of YAML between lines of three dashes at the very start, which Markdown would take for a heading; else 0. */
function frontMatterEnd(text: string): number {
  if (!text.startsWith('---\n')) return 0
  const end = text.slice(0, WINDOW_CHARACTERS).indexOf('\n---\n', 3)
  return end < 0 ? 0 : end + 5
}

function offsetOf(node: Nodes): number {
  return node.position?.start.offset ?? 0
}

function lineStart(text: string, at: number): number {
  return at === 0 ? 0 : text.lastIndexOf('\n', at - 1) + 1
}

/** Just behind the line's end. */
function lineEnd(text: string, at: number): number {
  const next = text.indexOf('\n', at)
  return next < 0 ? text.length : next + 1
}
