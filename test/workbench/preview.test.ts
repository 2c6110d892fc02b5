/** Looking before importing, and files that come in pieces from elsewhere. */
import { mkdir, readdir, truncate, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { openStore } from '../../src/main/store/store'
import type { ImportSource, PreviewEvent, PreviewFile, PreviewTotals } from '../../src/shared/preview'
import { docxParagraph, makeDocx, makePdf } from '../helpers/office-files'
import { buildAll, fakeCore, guide, importTexts, type TestCore } from './core'

/** 300 characters, quotes, HTML and right-to-left text in a file's name. */
const STRANGE = `"quoted" 'single' <b>bold</b> & שלום عليكم ${'長'.repeat(60)}.md`

interface Previewed {
  readonly files: readonly PreviewFile[]
  readonly totals: PreviewTotals
}

async function previewed({ workbench }: TestCore, from: ImportSource): Promise<Previewed> {
  const events = await Array.fromAsync(workbench.documents.preview('Set', from))
  const last = events.at(-1)
  if (last?.type !== 'end') throw new Error('Expected totals at the end.')
  return { files: events.flatMap((event) => (event.type === 'file' ? [event.file] : [])), totals: last.totals }
}

async function uploaded({ workbench }: TestCore, files: Readonly<Record<string, string | Buffer>>): Promise<string> {
  const { uploads } = workbench.documents
  const all = Object.entries(files).map(([name, content]) => ({ name, data: Buffer.from(content) }))
  const { upload, wanted } = await uploads.begin(all.map(({ name, data }) => ({ name, bytes: data.byteLength })))
  for (const { name, data } of all) {
    if (!wanted.includes(name)) continue
    // In two pieces.
    const middle = Math.floor(data.byteLength / 2)
    await uploads.put(upload, [{ name, start: 0, data: data.subarray(0, middle) }])
    await uploads.put(upload, [{ name, start: middle, data: data.subarray(middle) }])
  }
  return upload
}

const PDF = makePdf([[{ text: 'Page one.', x: 72, y: 700 }], [{ text: 'Page two.', x: 72, y: 700 }]])

describe('a preview', () => {
  it('says what every file is understood as, and stores nothing', async () => {
    await using core = await fakeCore()
    await core.workbench.sets.create('Set')
    const folder = core.file('papers')
    await mkdir(folder)
    const write = (name: string, content: string | Buffer): Promise<void> => writeFile(join(folder, name), content)
    await write('guide.md', guide())
    await write('paper.pdf', PDF)
    await write('letter.docx', makeDocx(docxParagraph('Budget', 1) + docxParagraph('63 thousand.')))
    await write('page.html', '<title>Page</title><p>Text.')
    await write('empty.txt', '')
    await write('broken.pdf', '%PDF-1.7 and nothing behind')
    await write('huge.txt', '')
    await truncate(join(folder, 'huge.txt'), 1e9)
    const { files, totals } = await previewed(core, { paths: [folder, join(folder, 'guide.md'), core.file('none.md')] })
    const byName = Object.fromEntries(files.map((file) => [file.source.split('/').at(-1), file]))
    expect(files).toHaveLength(8)
    expect(byName['guide.md']).toMatchObject({ outcome: 'added', format: 'markdown', title: 'one', sections: 4, chunks: 4, pages: 0, document: null, changes: null })
    expect(byName['paper.pdf']).toMatchObject({ outcome: 'added', format: 'pdf', title: 'paper', pages: 2 })
    expect(byName['letter.docx']).toMatchObject({ outcome: 'added', format: 'docx', title: 'Budget' })
    expect(byName['page.html']).toMatchObject({ outcome: 'added', format: 'html', title: 'Page' })
    const why = (name: string): string => `${byName[name]?.outcome}: ${byName[name]?.detail}`
    expect(why('empty.txt')).toMatch(/^failed: .*empty\.txt is empty\. Import a file with text in it\.$/)
    expect(why('broken.pdf')).toMatch(/^failed: .*broken\.pdf /)
    expect(why('huge.txt')).toMatch(/^failed: .*huge\.txt has 1000000000 bytes; a document may have .*64 MiB/)
    expect(why('none.md')).toMatch(/^failed: .*none\.md cannot be read: .*no such file/i)
    expect(totals.files).toEqual({ added: 4, 'new-version': 0, unchanged: 0, failed: 4 })
    expect((await core.workbench.sets.show('Set')).documents).toBe(0)
    expect(core.workbench.jobs.list()).toEqual([])
    await expect(previewed(core, { paths: [await emptyFolder(core)] })).rejects.toMatchObject({ code: 'document.unsupported' })
  })

  it('foretells exactly what a build computes, and what changed since last time', async () => {
    await using core = await fakeCore()
    const { workbench } = core
    await workbench.sets.create('Set')
    const file = core.file('guide.md')
    await writeFile(file, guide())
    const first = await previewed(core, { paths: [file] })
    expect(first.totals.build.seconds).toBeNull()
    const add = async (): Promise<string | null> => {
      await workbench.jobs.finished((await workbench.documents.add('Set', [file])).id)
      return (await buildAll(workbench, 'Set')).result
    }
    expect(await add()).toContain(`of ${first.totals.build.tokens} tokens`)
    expect(await previewed(core, { paths: [file] })).toMatchObject({
      files: [{ outcome: 'unchanged', document: 'd1', title: 'one', sections: 4, chunks: 4, tokens: first.totals.tokens, build: { tokens: 0, bytes: 0 } }],
    })
    await writeFile(file, guide({ three: 'Something else altogether.' }))
    const second = await previewed(core, { paths: [file] })
    expect(second.files).toMatchObject([{ outcome: 'new-version', document: 'd1', changes: { same: 3, changed: 1, gone: 1 } }])
    const { tokens, seconds, bytes } = second.totals.build
    expect(seconds).toBeGreaterThan(0)
    expect(bytes).toBe(tokens * (await workbench.models.inspect('model')).kvBytesPerToken)
    expect(await add()).toContain(`of ${tokens} tokens`)
    await workbench.documents.remove('d1')
    expect((await previewed(core, { paths: [file] })).files).toMatchObject([
      { outcome: 'added', document: 'd1', fromTrash: true, changes: { same: 4, changed: 0 }, build: { tokens: 0 } },
    ])
  })

  it('is followed by an import and, behind it, a build of what is new alone', async () => {
    await using core = await fakeCore()
    const { workbench } = core
    await workbench.sets.create('Set')
    const folder = core.file('papers')
    await mkdir(folder)
    const sync = async (): Promise<{ tokens: number; result: string | null }> => {
      const { entries } = await workbench.documents.sync.preview('Set', [folder])
      const { totals } = await previewed(core, { paths: entries.map(({ path }) => path) })
      const job = await workbench.documents.sync.run('Set', [folder])
      const build = await workbench.build('Set', { after: job.id })
      return { tokens: totals.build.tokens, result: (await workbench.jobs.finished(build.id)).result }
    }
    for (const name of ['a.md', 'b.md']) await writeFile(join(folder, name), guide({ one: `${name} begins.` }))
    const first = await sync()
    expect(first.result).toContain(`of ${first.tokens} tokens`)
    await writeFile(join(folder, 'b.md'), guide({ one: 'b.md begins.', four: 'Another end.' }))
    const { tree } = await workbench.sets.show('Set')
    const second = await sync()
    expect(second.result).toContain(`2 caches of ${second.tokens} tokens`)
    expect((await workbench.sets.show('Set')).tree.map(({ state, version }) => [state, version])).toEqual([['cached', 1], ['cached', 2]])
    expect(tree.map(({ version }) => version)).toEqual([1, 1])
  })

  it('counts a text that stands in several files once', async () => {
    await using core = await fakeCore()
    await core.workbench.sets.create('Set')
    await writeFile(core.file('a.md'), guide())
    await writeFile(core.file('b.md'), guide())
    const { files } = await previewed(core, { paths: [core.file('a.md'), core.file('b.md')] })
    expect(files.map(({ build }) => build.tokens > 0)).toEqual([true, false])
  })

  it('ends when nobody reads on, and when it is aborted', async () => {
    await using core = await fakeCore()
    await core.workbench.sets.create('Set')
    for (const name of ['a.md', 'b.md']) await writeFile(core.file(name), guide())
    const from = { paths: [core.file('a.md'), core.file('b.md')] }
    const stop = new AbortController()
    const seen: PreviewEvent['type'][] = []
    const reading = async (): Promise<void> => {
      for await (const event of core.workbench.documents.preview('Set', from, { signal: stop.signal })) {
        seen.push(event.type)
        if (event.type === 'file') stop.abort()
      }
    }
    await expect(reading()).rejects.toMatchObject({ code: 'cancelled' })
    expect(seen).toEqual(['start', 'reading', 'file'])
  })

  it('shows one file as it would be cut', async () => {
    await using core = await fakeCore()
    const { workbench } = core
    await workbench.sets.create('Set')
    await importTexts(workbench, 'Set', { 'a.md': guide() })
    const changed = guide({ two: 'Other words.' })
    const upload = await uploaded(core, { 'a.md': changed, 'p.pdf': PDF })
    const look = await workbench.documents.look('Set', { upload, name: 'a.md' })
    expect(look).toMatchObject({ title: 'one', format: 'markdown', chunksLeftOut: 0 })
    expect(look.sections.map(({ title, level, chunks }) => [title, level, chunks])).toEqual([
      ['one', 1, 1], ['two', 2, 1], ['three', 2, 1], ['four', 2, 1],
    ])
    expect(look.chunks.map(({ text }) => text).join('')).toBe(changed)
    expect(look.chunks.map(({ isNew }) => isNew)).toEqual([false, true, false, false])
    expect((await workbench.documents.look('Set', { upload, name: 'p.pdf' })).sections).toMatchObject([{ title: 'p', page: 1 }])
    await expect(workbench.documents.look('Set', { upload, name: 'b.md' })).rejects.toMatchObject({ code: 'not-found' })
  })
})

async function emptyFolder(core: TestCore): Promise<string> {
  await mkdir(core.file('empty'), { recursive: true })
  return core.file('empty')
}

describe('an upload', () => {
  it('of any kind is previewed, imported under its name, and gone then', async () => {
    await using core = await fakeCore()
    const { workbench } = core
    await workbench.sets.create('Set')
    const upload = await uploaded(core, { [STRANGE]: guide(), 'paper.pdf': PDF, 'empty.md': '', 'picture.png': 'x' })
    expect((await previewed(core, { upload })).files.map(({ source, outcome }) => [source, outcome])).toEqual([
      [STRANGE, 'added'], ['paper.pdf', 'added'], ['empty.md', 'failed'], ['picture.png', 'failed'],
    ])
    const { id } = await workbench.documents.addUpload('Set', upload)
    expect(await workbench.jobs.finished(id)).toMatchObject({ status: 'done', result: '4 documents: 2 added, 2 failed.' })
    expect((await workbench.sets.show('Set')).tree.map(({ source, title }) => [source, title])).toEqual([[STRANGE, 'one'], ['paper.pdf', 'paper']])
    await expect.poll(() => readdir(core.file('data/uploads'))).toEqual([])
    await expect(previewed(core, { upload })).rejects.toMatchObject({ code: 'not-found', message: expect.stringContaining('Upload the files again') })
    const again = await uploaded(core, { [STRANGE]: guide(), 'paper.pdf': PDF })
    expect((await previewed(core, { upload: again })).totals.files).toMatchObject({ unchanged: 2 })
    await workbench.documents.uploads.discard(again)
    expect(await readdir(core.file('data/uploads'))).toEqual([])
  })

  it('takes of folders what is a document, and names what it refuses', async () => {
    await using core = await fakeCore()
    const { workbench } = core
    await workbench.sets.create('Set')
    const { uploads } = workbench.documents
    const { upload, wanted } = await uploads.begin([
      { name: 'notes/a.md', bytes: 3, inFolder: true },
      { name: 'notes/a.png', bytes: 3, inFolder: true },
      { name: 'notes/.git/b.md', bytes: 3, inFolder: true },
      { name: 'huge.pdf', bytes: 1e9 },
      { name: 'notes/a.md', bytes: 3 },
    ])
    expect(wanted).toEqual(['notes/a.md'])
    await expect(uploads.put(upload, [{ name: 'notes/a.md', start: 1, data: Buffer.from('x') }])).rejects.toMatchObject({ code: 'argument.invalid' })
    await expect(uploads.put(upload, [{ name: 'notes/a.md', start: 0, data: Buffer.from('long') }])).rejects.toMatchObject({ code: 'argument.invalid' })
    await expect(uploads.put(upload, [{ name: '../a.md', start: 0, data: Buffer.from('x') }])).rejects.toMatchObject({ code: 'not-found' })
    await uploads.put(upload, [{ name: 'notes/a.md', start: 0, data: Buffer.from('# ') }])
    expect((await previewed(core, { upload })).files.map(({ detail }) => detail)).toEqual([
      expect.stringContaining('only 2 of 3 bytes arrived'),
      expect.stringContaining('huge.pdf has 1000000000 bytes'),
      expect.stringContaining('a.md is there twice'),
    ])
  })

  it('does not outlive the workbench', async () => {
    const core = await fakeCore()
    await core.workbench.sets.create('Set')
    await uploaded(core, { 'a.md': '# A\n' })
    await core.workbench[Symbol.asyncDispose]()
    await using store = await openStore(core.file('data'))
    expect(await readdir(core.file('data/uploads'))).toEqual([])
    expect(store.isClosed).toBe(false)
    await core[Symbol.asyncDispose]()
  })
})
