import type { Block } from './block'

/** Paragraphs: runs of lines up to and with the blank lines behind them. They cover the text. */
export function textBlocks(text: string): Block[] {
  const blocks: Block[] = []
  let start = 0
  // Leading blank lines go with the first paragraph.
  let at = text.length - text.trimStart().length
  while (start < text.length) {
    const end = paragraphEnd(text, at)
    blocks.push({ start, end, kind: 'prose', children: [], heading: null })
    start = end
    at = end
  }
  return blocks
}

function paragraphEnd(text: string, from: number): number {
  let line = from
  let sawBlank = false
  while (line < text.length) {
    const next = text.indexOf('\n', line)
    const end = next < 0 ? text.length : next + 1
    const isBlank = isBlankLine(text, line, end)
    if (sawBlank && !isBlank) return line
    sawBlank = isBlank
    line = end
  }
  return text.length
}

function isBlankLine(text: string, start: number, end: number): boolean {
  for (let at = start; at < end; at++) if (!/\s/.test(text.charAt(at))) return false
  return true
}
