/** Documents of all kinds on the built command line: importing, searching, asking what was found. */
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { Answer } from '../../src/shared/answer'
import type { FolderDiff, ImportOutcome, SearchHit, SetTree } from '../../src/shared/knowledge'
import type { PreviewFile } from '../../src/shared/preview'
import { kvasir, startKvasir } from '../helpers/kvasir'
import { docxParagraph, makeDocx, makePdf } from '../helpers/office-files'

let folder: string
const run = (...args: string[]) => kvasir([...args, '--data-dir', join(folder, 'data')])

/** What a command prints with --json: exactly one object. */
async function json<T>(...args: string[]): Promise<T> {
  const { stdout } = await run(...args, '--json')
  return JSON.parse(stdout) as T
}

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'kvasir-documents-'))
  await mkdir(join(folder, 'papers'))
  const file = (name: string, content: string | Buffer) => writeFile(join(folder, 'papers', name), content)
  const line = (text: string, y: number) => ({ text, x: 72, y })
  await file('1.pdf', makePdf([[line('Peter Stone lives in Paris.', 700)], [line('Maria Lopez lives in Oslo.', 700)]]))
  await file('2.docx', makeDocx(docxParagraph('Budgets', 1) + docxParagraph('The budget of Project Falcon is 63 thousand euros.')))
  await file('3.html', '<title>北京</title><p>北京办公室在三楼。')
  await file('4.pdf', makePdf([[]]))
  await run('sets', 'create', 'Papers', '--quiet')
})
afterAll(() => rm(folder, { recursive: true }))

describe('PDF, Word and HTML', () => {
  test('are imported; a scan is said to be one', async () => {
    const { code, stderr } = await run('docs', 'add', 'Papers', join(folder, 'papers'))
    expect(code).toBe(1)
    expect(stderr).toMatch(/4\.pdf has no text in its 1 page: .*OCR/)
    const { documents } = await json<{ documents: SetTree['tree'] }>('docs', 'list', 'Papers')
    expect(documents.map(({ title }) => title)).toEqual(['1', 'Budgets', '北京'])
    expect((await run('docs', 'show', 'd1')).stdout).toBe('Peter Stone lives in Paris.\n\nMaria Lopez lives in Oslo.\n')
    const { outcomes } = await json<{ outcomes: ImportOutcome[] }>('docs', 'add', 'Papers', join(folder, 'papers'))
    expect(outcomes.map(({ outcome }) => outcome)).toEqual(['unchanged', 'unchanged', 'unchanged', 'failed'])
  })

  test('docs preview says what an import would do, and does nothing', async () => {
    await run('sets', 'create', 'Later', '--quiet')
    const { code, stdout, stderr } = await run('docs', 'preview', 'Later', join(folder, 'papers'), '--sections')
    expect(code).toBe(1)
    expect(stdout).toMatch(/^new +…\S*1\.pdf +1 +2 +1 +1 +\d+ +\d+$/m)
    expect(stdout).toMatch(/^failed +…\S*4\.pdf +see below/m)
    expect(stdout).toMatch(/\n3 new, 1 failed; \d+ tokens in 3 chunks; to build: \d+ tokens for a time that is known after the first build/)
    expect(stderr).toMatch(/4\.pdf has no text in its 1 page/)
    const again = await json<{ files: PreviewFile[]; looks: unknown }>('docs', 'preview', 'Papers', join(folder, 'papers', '2.docx'), '--chunks')
    expect(again.files).toMatchObject([{ outcome: 'unchanged', document: 'd2', format: 'docx', title: 'Budgets', build: { tokens: 0 } }])
    expect(again.looks).toMatchObject([{ sections: [{ title: 'Budgets', chunks: 1 }], chunks: [{ isNew: false }] }])
    expect((await json<{ documents: unknown[] }>('docs', 'list', 'Later')).documents).toEqual([])
  })

  test('docs search shows where words stand, in any script', async () => {
    const { code, stdout } = await run('docs', 'search', 'Papers', 'Where does Maria Lopez live?')
    expect([code, stdout.split('\n')[0]]).toEqual([0, 'd1.s1.c1  1, page 2'])
    const { hits } = await json<{ hits: SearchHit[] }>('docs', 'search', 'Papers', 'budget')
    expect(hits).toMatchObject([{ id: 'd2.s1.c1', title: 'Budgets', page: null }])
    expect((await json<{ hits: SearchHit[] }>('docs', 'search', 'Papers', '办公室')).hits).toMatchObject([{ title: '北京' }])
    expect(await run('docs', 'search', 'Papers', 'nowhere', '-q')).toMatchObject({ code: 0, stdout: 'Nothing found.\n' })
    expect((await run('docs', 'search', 'Papers', 'lives', '--limit', '0')).code).toBe(2)
  })

  test('ask --search asks of what it finds, and says of what', async () => {
    const question = 'What is the budget of Project Falcon?'
    const { stdout, stderr } = await run('ask', 'Papers', question, '--search', '1')
    expect(stdout).toBe('63 thousand euros\n')
    expect(stderr).toMatch(/^Asked of 1 part of Papers:\n {2}d2\.s1\.c1 {2}Budgets\n/)
    const { answer } = await json<{ answer: Answer }>('ask', 'Papers', question, '--search')
    expect(answer.trace.chunks.map(({ id }) => id)).toEqual(['d2.s1.c1'])
    const excluded = await run('ask', 'Papers', question, '--search', '--exclude', 'Budgets')
    expect(excluded).toMatchObject({ code: 1, stdout: '' })
    expect(excluded.stderr).toContain('No part of Papers has words of this question')
    expect((await run('ask', 'Papers', question, '--search', '1', '--include', 'd1')).code).toBe(2)
  })

  test('ask --selection leaves out what the selection of that name does', async () => {
    expect(await run('sets', 'selections', 'Papers', '--save', 'No budgets', '--exclude', 'Budgets')).toMatchObject({ code: 0 })
    const { answer } = await json<{ answer: Answer }>('ask', 'Papers', 'Where does Maria Lopez live?', '--selection', 'No budgets')
    expect(answer.trace.chunks.map(({ id }) => id)).not.toContain('d2.s1.c1')
    expect(answer.trace.chunks.length).toBeGreaterThan(0)
    const unknown = await run('ask', 'Papers', 'Where?', '--selection', 'Nobody')
    expect(unknown).toMatchObject({ code: 1, stderr: expect.stringContaining('has no selection "Nobody"') as string })
  })
})

describe('docs sync and watch', () => {
  interface Result {
    readonly diff: FolderDiff
    readonly applied: boolean
    readonly outcomes: readonly ImportOutcome[]
    readonly removed: readonly string[]
  }
  const notes = () => join(folder, 'notes')
  const note = (name: string, text: string) => writeFile(join(notes(), name), `# ${name}\n\n${text}\n`)

  beforeAll(async () => {
    await mkdir(notes())
    await note('a.md', 'One.')
    await note('b.md', 'Two.')
    await run('sets', 'create', 'Notes', '--quiet')
  })

  test('sync shows what differs first, applies with --yes, and remembers the folder', async () => {
    const shown = await run('docs', 'sync', 'Notes', notes())
    expect(shown.stdout).toMatch(/new +.*a\.md\nnew +.*b\.md\n2 new, 0 unchanged in .*notes\.\n$/)
    expect(shown.stderr).toContain('Nothing was changed')
    expect(await json('docs', 'list', 'Notes')).toEqual({ documents: [] })
    const applied = await run('docs', 'sync', 'Notes', notes(), '--yes')
    expect(applied).toMatchObject({ code: 0 })
    expect(applied.stdout).toMatch(/\nadded +d\d+ .*b\.md/)
    expect(applied.stderr).toContain('Next: kvasir build Notes')
    expect((await run('docs', 'sync', 'Notes')).stdout).toMatch(/^2 unchanged in .*notes\.\n$/)
  })

  test('what is gone is kept until --remove-gone', async () => {
    await rm(join(notes(), 'b.md'))
    await note('a.md', 'Other.')
    const kept = await json<Result>('docs', 'sync', 'Notes', '--yes')
    expect(kept).toMatchObject({ applied: true, outcomes: [{ outcome: 'new-version' }], removed: [] })
    const gone = kept.diff.entries.find(({ state }) => state === 'gone')
    expect(gone?.path).toBe(join(notes(), 'b.md'))
    expect((await run('docs', 'sync', 'Notes', '--remove-gone')).stderr).toContain('1 document without a file kept')
    expect((await json<{ documents: unknown[] }>('docs', 'list', 'Notes')).documents).toHaveLength(2)
    expect((await run('docs', 'sync', 'Notes', '--yes', '--remove-gone')).stdout).toMatch(/\nRemoved d\d+, .*b\.md\.\n/)
    expect((await json<{ documents: unknown[] }>('docs', 'list', 'Notes')).documents).toHaveLength(1)
  })

  test('watch imports what is new until Ctrl-C, and removes nothing', async () => {
    const watching = startKvasir(['docs', 'watch', 'Notes', '--yes', '--data-dir', join(folder, 'data')])
    await watching.said(/1 unchanged/)
    await note('c.md', 'Three.')
    await watching.said(/added +d\d+ .*c\.md/)
    await rm(join(notes(), 'c.md'))
    await watching.said(/gone +d\d+ .*c\.md/)
    watching.interrupt()
    expect(await watching.finished).toMatchObject({ code: 0 })
    expect((await json<{ documents: unknown[] }>('docs', 'list', 'Notes')).documents).toHaveLength(2)
  })

  test('a folder that is not there is said to be missing; it can be forgotten', async () => {
    await rm(notes(), { recursive: true })
    const { code, stdout, stderr } = await run('docs', 'sync', 'Notes', '--yes', '--remove-gone')
    expect([code, stdout]).toEqual([1, expect.stringMatching(/^unreadable +.*notes\n1 unreadable, 0 unchanged/m)])
    expect(stderr).toContain('cannot be read')
    expect((await json<{ documents: unknown[] }>('docs', 'list', 'Notes')).documents).toHaveLength(2)
    expect((await run('docs', 'sync', 'Notes', notes(), '--forget')).stdout).toBe('No folders are remembered any more.\n')
    expect((await run('docs', 'sync', 'Notes')).stderr).toContain('none is remembered')
    expect((await run('docs', 'watch', 'Notes', '--json')).code).toBe(2)
  })
})
