/** A set in step with folders: what differs, what an import takes, and that nothing is lost. */
import { mkdir, rename, rm, symlink, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import type { FolderDiff } from '../../src/shared/knowledge'
import { makePdf } from '../helpers/office-files'
import { fakeCore, type TestCore } from './core'

interface Synced extends AsyncDisposable {
  readonly core: TestCore
  readonly papers: string
  write(name: string, content?: string | Buffer): Promise<void>
  /** State and name of every entry. */
  preview(folders?: string[]): Promise<string[]>
  apply(folders?: string[]): Promise<string | null>
}

async function synced(): Promise<Synced> {
  const core = await fakeCore()
  const papers = core.file('papers')
  await mkdir(join(papers, 'sub'), { recursive: true })
  await core.workbench.sets.create('Set')
  const { sync } = core.workbench.documents
  return {
    core,
    papers,
    write: (name, content = `# ${name}\n\nText.\n`) => writeFile(join(papers, name), content),
    preview: async (folders) => states(await sync.preview('Set', folders), papers),
    apply: async (folders) => {
      const job = await core.workbench.jobs.finished((await sync.run('Set', folders)).id)
      return job.error?.message ?? job.result
    },
    [Symbol.asyncDispose]: () => core[Symbol.asyncDispose](),
  }
}

function states({ entries }: FolderDiff, folder: string): string[] {
  return entries.map(({ state, path }) => `${state} ${path.slice(folder.length + 1).replaceAll('\\', '/')}`)
}

const documents = async ({ core }: Synced): Promise<string[]> =>
  (await core.workbench.sets.show('Set')).tree.map(({ id, version }) => `${id} v${version}`)

describe('a diff', () => {
  it('tells what is new, changed and gone, and changes nothing', async () => {
    await using set = await synced()
    for (const name of ['a.md', 'b.md', 'sub/c.md', 'picture.png', '.hidden.md']) await set.write(name)
    expect(await set.preview([set.papers])).toEqual(['new a.md', 'new b.md', 'new sub/c.md'])
    expect(await documents(set)).toEqual([])
    await expect(set.preview()).rejects.toMatchObject({ code: 'argument.invalid' })
    expect(await set.apply([set.papers])).toBe('3 documents: 3 added.')
    await set.write('b.md', '# b\n\nOther text.\n')
    await rm(join(set.papers, 'sub/c.md'))
    await set.write('d.pdf', makePdf([[{ text: 'Text.', x: 72, y: 700 }]]))
    expect(await set.preview()).toEqual(['changed b.md', 'new d.pdf', 'gone sub/c.md'])
    expect(await set.apply()).toBe('2 documents: 1 added, 1 updated.')
    expect(await documents(set)).toEqual(['d1 v1', 'd2 v2', 'd3 v1', 'd4 v1'])
    expect(await set.preview()).toEqual(['gone sub/c.md'])
    expect(await set.apply()).toBe('Nothing to import.')
  })

  it('leaves documents from elsewhere alone', async () => {
    await using set = await synced()
    const { workbench } = set.core
    await set.write('a.md')
    await writeFile(set.core.file('else.md'), '# Else\n')
    const paths = [set.core.file('else.md')]
    await workbench.jobs.finished((await workbench.documents.add('Set', paths)).id)
    await workbench.jobs.finished((await workbench.documents.addText('Set', [{ name: 'text.md', text: '# T\n' }])).id)
    await rm(set.core.file('else.md'))
    expect(await set.preview([set.papers])).toEqual(['new a.md'])
  })

  it('knows files that were imported by their path before, hidden ones too', async () => {
    await using set = await synced()
    await set.write('a.md')
    await set.write('.b.md')
    const { workbench } = set.core
    const paths = ['a.md', '.b.md'].map((name) => join(set.papers, name))
    await workbench.jobs.finished((await workbench.documents.add('Set', paths)).id)
    expect(await documents(set)).toEqual(['d1 v1', 'd2 v1'])
    expect(await workbench.documents.sync.preview('Set', [set.papers])).toMatchObject({ entries: [], unchanged: 1 })
  })

  it('of a folder that is not there says so, and calls none of its documents gone', async () => {
    await using set = await synced()
    await set.write('a.md')
    await set.write('sub/b.md')
    await set.apply([set.papers])
    await rename(set.papers, set.core.file('renamed'))
    const { entries } = await set.core.workbench.documents.sync.preview('Set')
    expect(entries).toMatchObject([{ path: set.papers, state: 'unreadable', document: null }])
    expect(entries[0]?.detail).toContain('no such file')
    expect(await set.apply()).toBe('Nothing to import.')
    expect(await documents(set)).toEqual(['d1 v1', 'd2 v1'])
    // The new name is another folder: all of it is new.
    expect(await set.core.workbench.documents.sync.preview('Set', [set.core.file('renamed')])).toMatchObject({
      entries: [{ state: 'new' }, { state: 'new' }],
    })
    await rename(set.core.file('renamed'), set.papers)
    await rename(join(set.papers, 'sub'), join(set.papers, 'other'))
    expect(await set.preview()).toEqual(['new other/b.md', 'gone sub/b.md'])
  })

  it.skipIf(process.platform === 'win32')('names a file that cannot be read, and keeps its document', async () => {
    await using set = await synced()
    await set.write('a.md')
    await set.apply([set.papers])
    await rm(join(set.papers, 'a.md'))
    await symlink(join(set.papers, 'nowhere'), join(set.papers, 'a.md'))
    await set.write('big.md', Buffer.alloc(64 * 2 ** 20 + 1, 'x'))
    expect(await set.preview()).toEqual(['unreadable big.md', 'unreadable a.md'])
    expect(await documents(set)).toEqual(['d1 v1'])
  })

  it('takes folders inside of each other once', async () => {
    await using set = await synced()
    await set.write('a.md')
    await set.write('sub/b.md')
    expect(await set.preview([set.papers, join(set.papers, 'sub'), set.papers])).toEqual(['new a.md', 'new sub/b.md'])
  })
})

describe('folders', () => {
  it('are remembered by an import, forgotten when asked, and go with their set', async () => {
    await using set = await synced()
    const { sync } = set.core.workbench.documents
    await set.write('a.md')
    await set.preview([set.papers])
    expect(await sync.folders('Set')).toEqual([])
    await set.apply([set.papers])
    await set.apply([set.papers])
    expect(await sync.folders('Set')).toEqual([set.papers])
    await sync.forget('Set', [set.papers])
    expect([await sync.folders('Set'), await documents(set)]).toEqual([[], ['d1 v1']])
    await set.apply([set.papers])
    await set.core.workbench.sets.remove('Set')
    await set.core.workbench.sets.create('Set')
    expect(await sync.folders('Set')).toEqual([])
  })

  it('are folders', async () => {
    await using set = await synced()
    await set.write('a.md')
    for (const path of [join(set.papers, 'a.md'), join(set.papers, 'none')]) {
      await expect(set.preview([path])).rejects.toMatchObject({ code: 'file.unreadable' })
      await expect(set.apply([path])).rejects.toMatchObject({ code: 'file.unreadable' })
    }
    expect(await set.core.workbench.documents.sync.folders('Set')).toEqual([])
  })

  it('are watched: a diff at once, and after changes', async () => {
    await using set = await synced()
    await set.write('a.md')
    await set.apply([set.papers])
    const controller = new AbortController()
    const seen: string[][] = []
    for await (const diff of set.core.workbench.documents.sync.watch('Set', { signal: controller.signal })) {
      seen.push(states(diff, set.papers))
      if (seen.length === 1) {
        await set.write('picture.png')
        await set.write('b.md')
        await set.write('c.md')
      } else controller.abort()
    }
    expect(seen).toEqual([[], ['new b.md', 'new c.md']])
  })
})
