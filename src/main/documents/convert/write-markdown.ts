/** Pieces of Markdown as `documents/markdown.ts` reads them: blocks only, the words inside stay as they are. */

/** A line that would begin a block of its own: a heading, its underline, a fence, a quote, HTML. */
const BLOCK_MARK = /^(?=#{1,6}(?:\s|$)|=+$|-+$|`{3}|~{3}|>|<[a-z!?/])/i

export function heading(level: number, words: string): string {
  const line = oneLine(words)
  return line === '' ? '' : `${'#'.repeat(Math.min(6, Math.max(1, level)))} ${line}`
}

/** Words that came as a paragraph stay one, whatever their lines look like. */
export function paragraph(text: string): string {
  return text
    .split('\n')
    .map((line) => oneLine(line).replace(BLOCK_MARK, '\\'))
    .filter((line) => line !== '')
    .join('\n')
}

export function item(marker: string, block: string): string {
  const [first = '', ...rest] = block.split('\n')
  const indent = ' '.repeat(marker.length)
  return [`${marker}${first}`, ...rest.map((line) => (line === '' ? '' : indent + line))].join('\n')
}

export function quote(block: string): string {
  return block
    .split('\n')
    .map((line) => `> ${line}`.trimEnd())
    .join('\n')
}

export function fenced(code: string): string {
  const longest = Math.max(2, ...[...code.matchAll(/`+/g)].map(([run]) => run.length))
  const fence = '`'.repeat(longest + 1)
  return `${fence}\n${code.replace(/^\n+|\s+$/g, '')}\n${fence}`
}

/** The first row is the head. */
export function table(rows: readonly (readonly string[])[]): string {
  const width = Math.max(...rows.map((row) => row.length))
  const line = (cells: readonly string[]): string =>
    `| ${Array.from({ length: width }, (_, index) => oneLine(cells[index] ?? '').replaceAll('|', '\\|')).join(' | ')} |`
  const [head = [], ...body] = rows
  return [line(head), `|${' --- |'.repeat(width)}`, ...body.map(line)].join('\n')
}

export function oneLine(text: string): string {
  return text.replace(/\s+/g, ' ').trim()
}

/** What no document's text holds: control characters, half characters. */
export function cleaned(text: string): string {
  // oxlint-disable-next-line no-control-regex -- these are what is looked for
  return text.toWellFormed().replace(/[\0-\x08\x0B\x0C\x0E-\x1F\x7F]/g, '').replace(/\r\n?/g, '\n')
}
