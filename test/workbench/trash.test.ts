/** What is removed can be brought back as it was; what lies in the trash takes part in nothing. */
import { rm, writeFile } from 'node:fs/promises'
import { describe, expect, it } from 'vitest'
import { Removed } from '../../src/main/documents/removed'
import { Sets } from '../../src/main/documents/sets'
import { openStore } from '../../src/main/store/store'
import { emptyOldTrash } from '../../src/main/workbench/trash'
import type { TrashItem } from '../../src/shared/trash'
import { buildAll, fakeCore, guide, importTexts, type TestCore } from './core'

async function twoDocuments(core: TestCore): Promise<void> {
  await core.workbench.sets.create('Set')
  await importTexts(core.workbench, 'Set', { 'a.md': guide({ one: 'Apples here.' }), 'b.md': guide({ one: 'Bananas here.' }) })
  await buildAll(core.workbench, 'Set')
}

const ids = (items: readonly TrashItem[]): string[] => items.map(({ id }) => id)
const titles = async ({ workbench }: TestCore): Promise<string[]> =>
  (await workbench.sets.show('Set')).tree.map(({ id, source }) => `${id} ${source}`)

describe('a removed document', () => {
  it('is neither shown, found, asked nor built, and comes back under its id with its caches', async () => {
    await using core = await fakeCore()
    const { workbench } = core
    await twoDocuments(core)
    const before = await workbench.sets.show('Set')
    await workbench.documents.remove('d1')
    expect(await titles(core)).toEqual(['d2 b.md'])
    expect((await workbench.sets.list())[0]?.documents).toBe(1)
    expect(await workbench.documents.search('Set', 'apples')).toEqual([])
    await expect(workbench.documents.text('d1')).rejects.toMatchObject({ code: 'not-found', message: expect.stringContaining('trash') })
    await expect(Array.fromAsync(workbench.ask({ set: 'Set', question: 'Apples?', selection: { include: ['d1'] } }))).rejects.toMatchObject({ code: 'not-found' })
    await expect(workbench.documents.remove(['d2', 'd1'])).rejects.toMatchObject({ code: 'not-found' })
    expect(await titles(core)).toEqual(['d2 b.md'])
    expect(workbench.trash.list()).toMatchObject([
      { id: 'd1', kind: 'document', name: 'one', source: 'a.md', set: { id: 'set1', name: 'Set', removed: false }, count: 1 },
    ])
    await workbench.documents.restore('d1')
    expect(await workbench.sets.show('Set')).toEqual(before)
    expect(await workbench.documents.search('Set', 'apples')).toMatchObject([{ document: 'd1' }])
    expect(workbench.trash.list()).toEqual([])
  })

  it('comes back when its file is imported again, as a new version where it changed', async () => {
    await using core = await fakeCore()
    const { workbench } = core
    await workbench.sets.create('Set')
    const file = core.file('a.md')
    const add = async (text: string): Promise<string | undefined> => {
      await writeFile(file, text)
      const { id } = await workbench.documents.add('Set', [file])
      await workbench.jobs.finished(id)
      const [outcome] = workbench.documents.outcomes(id)
      return `${outcome?.document} ${outcome?.outcome} ${outcome?.detail}`
    }
    await add('# A\n')
    await workbench.documents.remove('d1')
    expect(await add('# A\n')).toBe('d1 added back from the trash, version 1')
    await workbench.documents.remove('d1')
    expect(await add('# A\n\nMore.\n')).toBe('d1 added back from the trash, version 2, 1 section')
    expect(workbench.trash.list()).toEqual([])
    // What was emptied is another document.
    await workbench.documents.remove('d1')
    await workbench.trash.empty(['d1'])
    expect(await add('# A\n')).toBe('d2 added 1 section')
  })
})

describe('a removed set', () => {
  it('frees its name, and comes back under its id with its documents', async () => {
    await using core = await fakeCore()
    const { workbench } = core
    await twoDocuments(core)
    await workbench.documents.remove('d2')
    const before = await workbench.sets.show('Set')
    await workbench.sets.remove('Set')
    expect(await workbench.sets.list()).toEqual([])
    for (const name of ['Set', 'set1']) await expect(workbench.sets.show(name)).rejects.toMatchObject({ code: 'not-found' })
    await expect(workbench.documents.text('d1')).rejects.toMatchObject({ code: 'not-found' })
    await expect(workbench.documents.restore('d2')).rejects.toMatchObject({ code: 'conflict', message: expect.stringContaining('set1') })
    expect(workbench.trash.list()).toMatchObject([
      { id: 'set1', kind: 'set', name: 'Set', count: 1 },
      { id: 'd2', set: { id: 'set1', name: 'Set', removed: true } },
    ])
    await workbench.sets.create('Set')
    expect((await workbench.sets.restore('set1')).name).toBe('Set 2')
    expect(await workbench.sets.show('set1')).toEqual({ ...before, name: 'Set 2' })
    await workbench.trash.restore(['d2'])
    expect((await workbench.sets.show('set1')).documents).toBe(2)
  })

  it('takes no import that was on its way', async () => {
    await using core = await fakeCore()
    const { workbench } = core
    await workbench.sets.create('Set')
    await writeFile(core.file('a.md'), '# A\n')
    const { id } = await workbench.documents.add('Set', [core.file('a.md')])
    await workbench.sets.remove('Set')
    expect(await workbench.jobs.finished(id)).toMatchObject({ status: 'failed', error: { code: 'not-found' } })
    await workbench.sets.restore('set1')
    expect(await titles(core)).toEqual([])
  })
})

describe('the trash', () => {
  it('lists caches that were cleaned up, too, and is emptied of some or of all', async () => {
    await using core = await fakeCore()
    const { workbench } = core
    await twoDocuments(core)
    await workbench.documents.remove('d1')
    await workbench.store.clean({ unreferenced: true })
    await workbench.documents.remove('d2')
    expect(ids(workbench.trash.list()).toSorted()).toEqual(['b1', 'd1', 'd2'])
    const days = ({ removedAt, expiresAt }: TrashItem): number => (Date.parse(expiresAt) - Date.parse(removedAt)) / 86_400_000
    expect(Object.fromEntries(workbench.trash.list().map((item) => [item.id, days(item)]))).toEqual({ b1: 7, d1: 30, d2: 30 })
    await workbench.trash.restore(['d1', 'b1'])
    const [first] = (await workbench.sets.show('Set')).tree
    expect(first?.state).toBe('cached')
    await expect(workbench.trash.restore(['b1'])).rejects.toMatchObject({ code: 'not-found' })
    await expect(workbench.trash.restore(['x1'])).rejects.toMatchObject({ code: 'argument.invalid' })
    expect(ids(await workbench.trash.empty())).toEqual(['d2'])
    expect(workbench.trash.list()).toEqual([])
    await expect(workbench.documents.restore('d2')).rejects.toMatchObject({ code: 'not-found' })
  })
})

it('goes for good by itself after 30 days', async () => {
  await using core = await fakeCore()
  await twoDocuments(core)
  await core.workbench.documents.remove(['d1', 'd2'])
  await core.workbench[Symbol.asyncDispose]()
  await using store = await openStore(core.file('data'))
  const ago = (days: number): string => new Date(Date.now() - days * 86_400_000).toISOString()
  store.sql.run('UPDATE documents SET removed_at = CASE id WHEN 1 THEN ? ELSE ? END', [ago(30.1), ago(29.9)])
  const removed = new Removed(store.sql, new Sets(store.sql))
  emptyOldTrash(removed)
  expect(removed.documents().map(({ id }) => id)).toEqual([2])
})

describe('versions', () => {
  it('tell which sections were added, changed and removed', async () => {
    await using core = await fakeCore()
    const { workbench } = core
    await workbench.sets.create('Set')
    const file = core.file('a.md')
    for (const text of ['# A\n\nOne.\n\n## B\n\nTwo.\n\n## C\n\nThree.\n', '# A\n\nOne.\n\n## B\n\nOther.\n\n## D\n\nFour.\n']) {
      await writeFile(file, text)
      await workbench.jobs.finished((await workbench.documents.add('Set', [file])).id)
    }
    await rm(file)
    expect(await workbench.documents.versions('d1')).toMatchObject([
      {
        number: 2,
        isCurrent: true,
        sections: 3,
        changes: [
          { title: 'B', change: 'changed' },
          { title: 'D', change: 'added' },
          { title: 'C', change: 'removed' },
        ],
        changesLeftOut: 0,
      },
      { number: 1, isCurrent: false, changes: [] },
    ])
    await expect(workbench.documents.versions('d1.s1')).rejects.toMatchObject({ code: 'argument.invalid' })
  })
})
