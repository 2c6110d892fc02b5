/**
 * HTML to Markdown: headings, paragraphs, lists, tables, quotes and code keep their shape; everything that is not text
 * to read (scripts, styles, forms' controls, pictures but for their words) is left out. Nothing is run or fetched.
 */
import { parse, type DefaultTreeAdapterTypes } from 'parse5'
import { MAX_HTML_CHARACTERS, MAX_HTML_DEPTH } from '../limits'
import { invalid, type Converted } from './converted'
import { cleaned, fenced, heading, item, oneLine, paragraph, quote, table } from './write-markdown'

type Node = DefaultTreeAdapterTypes.Node
type Element = DefaultTreeAdapterTypes.Element

const DROPPED = new Set(
  ('head script style template noscript iframe object embed canvas svg audio video select input textarea button ' +
    'datalist map annotation').split(' '),
)
/** These begin and end a line; inside of one stand blocks or a paragraph. */
const BLOCKS = new Set(
  ('html body address article aside center dd details dialog div dl dt fieldset figcaption figure footer form header ' +
    'hgroup hr legend li main menu nav p search section summary').split(' '),
)
const HEADING = /^h([1-6])$/
const MAX_COLUMN_SPAN = 50

/** @throws document.invalid */
export function convertHtml(html: string, source: string): Converted {
  if (html.length > MAX_HTML_CHARACTERS) {
    throw invalid(
      { id: 'html.too-large', params: { name: source, characters: html.length, most: MAX_HTML_CHARACTERS } },
    )
  }
  const document = parse(cleaned(html))
  const writer = new Writer(source)
  const blocks = writer.blocks(document.childNodes, 0)
  const title = oneLine(titleOf(document))
  const hasTitle = blocks.some((block) => block.startsWith('# '))
  const all = title === '' || hasTitle || blocks.length === 0 ? blocks : [heading(1, title), ...blocks]
  return { text: `${all.join('\n\n')}\n`, places: [] }
}

class Writer {
  readonly #source: string

  constructor(source: string) {
    this.#source = source
  }

  /** Runs of inline nodes become paragraphs. */
  blocks(nodes: readonly Node[], depth: number): string[] {
    if (depth > MAX_HTML_DEPTH) {
      throw invalid(
        { id: 'html.depth', params: { name: this.#source, most: MAX_HTML_DEPTH } },
      )
    }
    const found: string[] = []
    let run = ''
    const end = (): void => {
      found.push(paragraph(run))
      run = ''
    }
    for (const node of nodes) {
      if ('tagName' in node && isHidden(node)) continue
      if (this.#isInline(node, depth)) run += this.#words(node, depth + 1)
      else if ('tagName' in node) {
        end()
        found.push(...this.#block(node, depth + 1))
      }
    }
    end()
    return found.filter((block) => block !== '')
  }

  #block(element: Element, depth: number): string[] {
    const { tagName: name, childNodes: children } = element
    const level = HEADING.exec(name)?.[1]
    if (level) return [heading(Number(level), this.#allWords(children, depth))]
    switch (name) {
      case 'ul':
      case 'ol':
      case 'menu':
        return [this.#list(element, depth)]
      case 'pre':
        return [code(element)]
      case 'blockquote': {
        const inside = this.blocks(children, depth).join('\n\n')
        return inside === '' ? [] : [quote(inside)]
      }
      case 'table':
        return this.#table(element, depth)
      default:
        return this.blocks(children, depth)
    }
  }

  #list(list: Element, depth: number): string {
    const first = Number(attribute(list, 'start') ?? 1)
    let number = Number.isSafeInteger(first) && first >= 0 ? first : 1
    const items: string[] = []
    for (const child of list.childNodes) {
      const isItem = 'tagName' in child && child.tagName === 'li'
      const blocks = this.blocks(isItem ? child.childNodes : [child], depth + 1)
      if (blocks.length === 0) continue
      // A list in an item follows its words at once; of several paragraphs each stands alone.
      const inside = blocks.reduce((all, block) => `${all}${/^(?:- |\d+\. )/.test(block) ? '\n' : '\n\n'}${block}`)
      items.push(item(list.tagName === 'ol' ? `${number++}. ` : '- ', inside))
    }
    return items.join('\n')
  }

  /** A table that lays out a page, with blocks in its cells, is read cell by cell. */
  #table(element: Element, depth: number): string[] {
    const parts = descendants(element, ['caption', 'tr'])
    const caption = parts.find(({ tagName }) => tagName === 'caption')
    const rows = parts.filter(({ tagName }) => tagName === 'tr').map((row) => descendants(row, ['td', 'th']))
    const isLayout = rows.flat().some((cell) => holdsBlocks(cell)) || rows.every((cells) => cells.length < 2)
    const lead = caption ? this.blocks(caption.childNodes, depth + 1) : []
    if (isLayout) return [...lead, ...rows.flat().flatMap((cell) => this.blocks(cell.childNodes, depth + 2))]
    const cells = rows.map((row) =>
      row.flatMap((cell) => [
        this.#allWords(cell.childNodes, depth + 2),
        ...Array.from<string>({ length: spanOf(cell) - 1 }).fill(''),
      ]),
    )
    return [...lead, table(cells.filter((row) => row.length > 0))]
  }

  /** An inline element with a block inside counts as a block, e.g. a link around a heading. */
  #isInline(node: Node, depth: number): boolean {
    if (!('tagName' in node)) return true
    if (isBlock(node)) return false
    return depth > MAX_HTML_DEPTH || !holds(node, isBlock)
  }

  #allWords(nodes: readonly Node[], depth: number): string {
    return nodes.map((node) => this.#words(node, depth)).join('')
  }

  /** White space is one blank, a line break a line's end. */
  #words(node: Node, depth: number): string {
    if (depth > 2 * MAX_HTML_DEPTH) {
      throw invalid({ id: 'html.depth', params: { name: this.#source, most: MAX_HTML_DEPTH } })
    }
    if (node.nodeName === '#text' && 'value' in node) return node.value.replace(/\s+/g, ' ')
    if (!('tagName' in node) || isHidden(node)) return ''
    if (node.tagName === 'br') return '\n'
    if (node.tagName === 'img') return attribute(node, 'alt') ?? ''
    const inside = this.#allWords(node.childNodes, depth + 1)
    return isBlock(node) ? ` ${inside} ` : inside
  }
}

function isBlock({ tagName: name }: Element): boolean {
  return BLOCKS.has(name) || HEADING.test(name) || ['ul', 'ol', 'pre', 'blockquote', 'table'].includes(name)
}

function isHidden(element: Element): boolean {
  return DROPPED.has(element.tagName) || attribute(element, 'hidden') !== undefined
}

/** Headings, lists, tables and code cannot stand in a table's cell. */
function holdsBlocks(cell: Element): boolean {
  return holds(cell, ({ tagName }) => HEADING.test(tagName) || ['ul', 'ol', 'pre', 'table'].includes(tagName))
}

function holds(element: Element, test: (element: Element) => boolean): boolean {
  const waiting: Node[] = [...element.childNodes]
  for (let node = waiting.pop(); node; node = waiting.pop()) {
    if (!('tagName' in node)) continue
    if (test(node)) return true
    for (const child of node.childNodes) waiting.push(child)
  }
  return false
}

/** Those of a table itself: what stands in a table inside of it belongs to that one. */
function descendants(element: Element, names: readonly string[]): Element[] {
  return element.childNodes.flatMap((node) => {
    if (!('tagName' in node) || isHidden(node)) return []
    if (names.includes(node.tagName)) return [node]
    return ['thead', 'tbody', 'tfoot'].includes(node.tagName) ? descendants(node, names) : []
  })
}

function code(element: Element): string {
  const text = rawText(element)
  return text.trim() === '' ? '' : fenced(text)
}

/** In the order of the page, without a call per level. */
function rawText(element: { readonly childNodes: readonly Node[] }): string {
  let text = ''
  const waiting: Node[] = element.childNodes.toReversed()
  for (let node = waiting.pop(); node; node = waiting.pop()) {
    if (node.nodeName === '#text' && 'value' in node) text += node.value
    else if (node.nodeName === 'br') text += '\n'
    else if ('childNodes' in node) for (const child of node.childNodes.toReversed()) waiting.push(child)
  }
  return text
}

function titleOf(document: DefaultTreeAdapterTypes.Document): string {
  const html = document.childNodes.find((node) => 'tagName' in node && node.tagName === 'html')
  const head = html && 'childNodes' in html ? html.childNodes.find((node) => node.nodeName === 'head') : undefined
  const title = head && 'childNodes' in head ? head.childNodes.find((node) => node.nodeName === 'title') : undefined
  return title && 'childNodes' in title ? rawText(title) : ''
}

function spanOf(cell: Element): number {
  const span = Number(attribute(cell, 'colspan') ?? 1)
  return Number.isSafeInteger(span) && span >= 1 ? Math.min(span, MAX_COLUMN_SPAN) : 1
}

function attribute(element: Element, name: string): string | undefined {
  return element.attrs.find((each) => each.name === name)?.value
}
