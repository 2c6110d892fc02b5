import { mkdir, writeFile } from 'node:fs/promises'
import { expect, test } from 'vitest'
import { readSuite } from '../../src/main/bench/suite-file'
import { tempFolder } from '../helpers/temp-folder'

const GOOD = { id: '1', kind: 'lookup', question: 'Who?', answers: ['Me'], documents: ['docs/a.md'] }
const INLINE = {
  ...GOOD,
  id: '2',
  documents: [{ title: 'Report', text: 'Something\r\n' }],
  exclude: ['1.s1'],
  contextTokens: 3,
}

async function suiteOf(...lines: (object | string)[]): Promise<ReturnType<typeof readSuite>> {
  await using folder = await tempFolder()
  await mkdir(folder.file('docs'))
  await writeFile(folder.file('docs/a.md'), '# A\n\nText.\n')
  await writeFile(folder.file('docs/bad.pdf'), '%PDF')
  await writeFile(
    folder.file('s.jsonl'),
    lines.map((line) => (typeof line === 'string' ? line : JSON.stringify(line))).join('\n'),
  )
  return await readSuite(folder.file('s.jsonl'))
}

test('questions with documents from files beside it and from the line itself', async () => {
  const { file, questions, digest } = await suiteOf(GOOD, '', INLINE)
  expect(file).toBe('s.jsonl')
  expect(questions).toMatchObject([
    {
      id: '1',
      documents: [{ source: 'docs/a.md', format: 'markdown', text: '# A\n\nText.\n' }],
      include: [],
      exclude: [],
    },
    { id: '2', documents: [{ source: 'Report', format: 'markdown', text: 'Something\n' }], exclude: ['1.s1'] },
  ])
  expect(digest).not.toBe((await suiteOf(GOOD)).digest)
})

test('documents of an earlier question', async () => {
  const { documents: _, ...question } = GOOD
  const tagged = { ...question, id: '3', documentsOf: '2', tags: ['short', 'gap'] }
  const { questions } = await suiteOf(GOOD, INLINE, tagged)
  expect(questions[2]?.documents).toEqual(questions[1]?.documents)
  expect(questions.map(({ tags }) => tags)).toEqual([[], [], ['short', 'gap']])
})

const WRONG: readonly (readonly [string, object | string, RegExp])[] = [
  ['no JSON', '{"id": ', /s\.jsonl, line 3, but it is no JSON/],
  ['a wrong field', { ...GOOD, id: '3', answers: 'Me' }, /line 3, but answers: /],
  ['no right answer', { ...GOOD, id: '3', answers: [] }, /line 3, but answers: /],
  ['a field misspelt', { ...GOOD, id: '3', exlude: ['A'] }, /line 3, but .*exlude/],
  [
    'a document that is neither',
    { ...GOOD, id: '3', documents: [7] },
    /line 3, but documents\.0: expected the path of a file/,
  ],
  ['the same id again', GOOD, /line 3, but the id '1' stands in line 1 already/],
  [
    'a file that is not there',
    { ...GOOD, id: '3', documents: ['docs/none.md'] },
    /line 3, but docs\/none\.md cannot be read/,
  ],
  [
    'a file of another type',
    { ...GOOD, id: '3', documents: ['docs/bad.pdf'] },
    /line 3, but docs\/bad\.pdf is not imported/,
  ],
  ['no documents', { ...GOOD, id: '3', documents: undefined }, /line 3, but it has neither documents nor/],
  ['documents twice', { ...GOOD, id: '3', documentsOf: '1' }, /line 3, but it has both documents and documentsOf/],
  ['documents, and of no question', { ...GOOD, id: '3', documentsOf: '9' }, /line 3, but it has both/],
  [
    'documents of a later question',
    { ...GOOD, id: '3', documents: undefined, documentsOf: '3' },
    /line 3, but no line before it has the id '3'/,
  ],
  ['an empty document', { ...GOOD, id: '3', documents: [{ title: 'X', text: ' ' }] }, /line 3, but X is empty/],
]

test.each(WRONG)('%s is refused with file and line', async (_, line, message) => {
  const reading = suiteOf(GOOD, INLINE, line)
  await expect(reading).rejects.toMatchObject({ code: 'argument.invalid' })
  await expect(reading).rejects.toThrow(message)
})

test('a set without questions, or without a file, is refused', async () => {
  await expect(suiteOf('', ' ')).rejects.toMatchObject({ code: 'argument.invalid' })
  await expect(readSuite('/nowhere/s.jsonl')).rejects.toMatchObject({ code: 'file.unreadable' })
})
