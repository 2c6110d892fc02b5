import Table from 'cli-table3'
import { coloursOf } from './colours'

/** A title; numbers stand at the right. */
export type Column = string | { readonly numbers: string }

export function numbers(title: string): Column {
  return { numbers: title }
}

const SIDES = ['top', 'bottom', 'left', 'mid', 'right']
const ENDS = ['', '-mid', '-left', '-right']
/** What cli-table3 would draw around and between cells. */
const NO_LINES = Object.fromEntries(SIDES.flatMap((side) => ENDS.map((end) => [`${side}${end}`, ''])))

/** Rows under dim titles. */
export function table(columns: readonly Column[], rows: readonly (readonly string[])[]): string {
  const { dim } = coloursOf(process.stdout)
  const made = new Table({
    head: columns.map((column) => dim(typeof column === 'string' ? column : column.numbers)),
    colAligns: columns.map((column) => (typeof column === 'string' ? 'left' : 'right')),
    chars: { ...NO_LINES, middle: '  ' },
    style: { head: [], border: [], 'padding-left': 0, 'padding-right': 0 },
  })
  made.push(...rows.map((row) => [...row]))
  return linesOf(made.toString())
    .map((line) => line.trimEnd())
    .join('\n')
}

/** Names and values, without titles. */
export function pairs(rows: readonly (readonly [string, string])[]): string {
  return linesOf(table(['', ''], rows)).slice(1).join('\n')
}

function linesOf(text: string): string[] {
  return text.split('\n')
}

/** At most `length` characters, cut at the end. */
export function shortened(text: string, length: number): string {
  const plain = text.replace(/\s+/g, ' ').trim()
  return plain.length <= length ? plain : `${plain.slice(0, length - 1)}…`
}

/** Broken between words at the terminal's width (never where there is none), further lines indented. */
export function wrapped(text: string, columns: number | undefined, indent = 4): string {
  if (columns === undefined || columns <= 2 * indent) return text
  const lines: string[] = []
  for (const word of text.split(' ')) {
    const last = lines.at(-1)
    if (last !== undefined && last.length + 1 + word.length < columns) lines[lines.length - 1] = `${last} ${word}`
    else lines.push(last === undefined ? word : `${' '.repeat(indent)}${word}`)
  }
  return lines.join('\n')
}
