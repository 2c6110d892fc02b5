import { expect, it } from 'vitest'
import { csvOf, jsonOf, markdownOf, type DataTable } from '../../src/renderer/ui/export'

const table: DataTable = {
  columns: ['arm', 'ratio, to full', 'note'],
  rows: [
    ['reuse', 3.7, 'says "so"\nand more'],
    ['a|b', null, '=1+1'],
  ],
}

it('writes CSV that a spreadsheet reads and does not run', () => {
  expect(csvOf(table)).toBe(
    'arm,"ratio, to full",note\r\nreuse,3.7,"says ""so""\nand more"\r\na|b,,\'=1+1\r\n',
  )
})

it('writes JSON as a list of objects', () => {
  expect(JSON.parse(jsonOf(table))).toEqual([
    { arm: 'reuse', 'ratio, to full': 3.7, note: 'says "so"\nand more' },
    { arm: 'a|b', 'ratio, to full': null, note: '=1+1' },
  ])
})

it('writes Markdown with numbers at the right, on one line a row', () => {
  expect(markdownOf(table)).toBe(
    '| arm | ratio, to full | note |\n| --- | ---: | --- |\n| reuse | 3.7 | says "so" and more |\n| a\\|b |  | =1+1 |\n',
  )
})
