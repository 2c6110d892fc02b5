/** What is taken along as text comes back as it was, and does nothing by itself. */
import { expect, test } from 'vitest'
import { csvOf, jsonOf, markdownOf } from '../../src/renderer/ui/export'

const TABLE = {
  columns: ['name', 'value, "ms"', 'note'],
  rows: [
    ['a "quoted", one', 1.5, 'two\nlines'],
    ['=HYPERLINK("http://x")', -2, null],
    ['+1', 3, '@cmd'],
    ['\tTab', 4, '-x'],
    ['a|b\\', 5, '文本'],
    [' =1+1', 6, '\r=1'],
  ],
} as const

/** RFC 4180, by the book. */
function parseCsv(text: string): string[][] {
  const rows: string[][] = [[]]
  for (const [, quoted, plain, end] of text.matchAll(/(?:"((?:[^"]|"")*)"|([^",\r\n]*))(,|\r\n)/g)) {
    rows.at(-1)?.push(quoted === undefined ? (plain ?? '') : quoted.replaceAll('""', '"'))
    if (end === '\r\n') rows.push([])
  }
  return rows.slice(0, -1)
}

test('CSV comes back cell by cell; no cell is a formula', () => {
  const [head, ...rows] = parseCsv(csvOf(TABLE))
  expect(head).toEqual([...TABLE.columns])
  expect(rows.map((row) => row.length)).toEqual(TABLE.rows.map(() => 3))
  expect(rows[0]).toEqual(['a "quoted", one', '1.5', 'two\nlines'])
  expect(rows[1]).toEqual([`'=HYPERLINK("http://x")`, '-2', ''])
  expect(rows[2]).toEqual(["'+1", '3', "'@cmd"])
  expect(rows[4]).toEqual(['a|b\\', '5', '文本'])
  // Numbers stay numbers; texts never begin with what a spreadsheet runs, also not behind blanks.
  for (const row of rows) for (const cell of row) expect(cell).toMatch(/^(-?\d|(?!\s*[=+@\-\t\r])|$)/)
})

test('JSON has a property for each column, null where nothing was measured', () => {
  const rows = JSON.parse(jsonOf(TABLE)) as Record<string, unknown>[]
  expect(rows[1]).toEqual({ name: '=HYPERLINK("http://x")', 'value, "ms"': -2, note: null })
  expect(rows).toHaveLength(TABLE.rows.length)
})

test('Markdown keeps pipes, backslashes and line ends in their cells', () => {
  const lines = markdownOf(TABLE).trimEnd().split('\n')
  expect(lines).toHaveLength(TABLE.rows.length + 2)
  expect(lines[1]).toBe('| --- | ---: | --- |')
  expect(lines[2]).toBe('| a "quoted", one | 1.5 | two lines |')
  expect(lines[6]).toBe('| a\\|b\\\\ | 5 | 文本 |')
  for (const line of lines) expect(line.replaceAll('\\\\', '').replaceAll('\\|', '').split('|')).toHaveLength(5)
})

test('columns that share a name keep apart in JSON', () => {
  const rows = JSON.parse(jsonOf({ columns: ['n', 'n'], rows: [[1, 2]] })) as Record<string, unknown>[]
  expect(Object.values(rows[0] ?? {})).toEqual([1, 2])
})
