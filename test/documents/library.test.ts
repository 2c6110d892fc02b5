import { describe, expect, it } from 'vitest'
import { Chunks, type Tokenizer } from '../../src/main/documents/chunks'
import { Library, type ImportedText } from '../../src/main/documents/library'
import { Removed } from '../../src/main/documents/removed'
import { Sets } from '../../src/main/documents/sets'
import { openStore, type Store } from '../../src/main/store/store'
import { sha256 } from '../../src/main/base/hash'
import { fakeTokens } from '../helpers/fake-engine'
import { tempFolder } from '../helpers/temp-folder'

const md = (text: string, origin = '/a.md'): ImportedText => ({
  origin,
  source: origin,
  format: 'markdown',
  digest: sha256(text),
  bytes: text.length,
  text,
})

function tokenizerOf(digest = 't'): Tokenizer & { calls: number } {
  const tokenizer = {
    digest,
    calls: 0,
    tokenize: async (texts: string[]) => {
      tokenizer.calls += 1
      return texts.map((text) => fakeTokens(text))
    },
  }
  return tokenizer
}

function parts(store: Store): { sets: Sets; library: Library; chunks: Chunks } {
  const library = new Library(store.sql)
  return { sets: new Sets(store.sql), library, chunks: new Chunks(store.sql, library) }
}

describe('versions', () => {
  it('are made by changed bytes only; the old one stays', async () => {
    await using folder = await tempFolder()
    await using store = await openStore(folder.path)
    const { sets, library } = parts(store)
    const { row: set } = sets.create('Set', 'm')
    expect(await library.import(set, md('# A\n'))).toMatchObject({ outcome: 'added', document: 'd1' })
    expect(await library.import(set, md('# A\n'))).toMatchObject({ outcome: 'unchanged', document: 'd1' })
    expect(await library.import(set, md('# B\n\n## C\n'))).toMatchObject({
      outcome: 'new-version',
      document: 'd1',
      detail: 'version 2, 2 sections',
    })
    expect(await library.import(set, md('# A\n'))).toMatchObject({ outcome: 'new-version' })
    expect(await library.import(set, md('# A\n', '/b.md'))).toMatchObject({ outcome: 'added', document: 'd2' })
    expect(library.list(set).map(({ id, version, title }) => [id, version, title])).toEqual([
      [1, 3, 'A'],
      [2, 1, 'A'],
    ])
    expect(store.sql.get('SELECT count(*) AS count FROM versions')).toEqual({ count: 4 })
  })

  it('are not made twice by two imports at once', async () => {
    await using folder = await tempFolder()
    await using store = await openStore(folder.path)
    const { sets, library } = parts(store)
    const { row: set } = sets.create('Set', 'm')
    const outcomes = await Promise.all([library.import(set, md('# A\n')), library.import(set, md('# A\n'))])
    expect(outcomes.map(({ outcome }) => outcome).sort()).toEqual(['added', 'unchanged'])
  })

  it('go with their set, and numbers are not used again', async () => {
    await using folder = await tempFolder()
    await using store = await openStore(folder.path)
    const { sets, library, chunks } = parts(store)
    const set = sets.create('Set', 'm')
    await library.import(set.row, md('# A\n'))
    await chunks.ensure(library.find(1), tokenizerOf())
    const removed = new Removed(store.sql, sets)
    removed.removeSet(set.row)
    removed.empty(new Date())
    for (const table of ['documents', 'versions', 'sections', 'chunkings', 'chunks'])
      expect(store.sql.get(`SELECT count(*) AS count FROM ${table}`)).toEqual({ count: 0 })
    await expect(library.import(set.row, md('# A\n'))).rejects.toMatchObject({ code: 'not-found' })
    const next = sets.create('Set', 'm')
    expect(next.id).toBe('set2')
    expect(await library.import(next.row, md('# A\n'))).toMatchObject({ document: 'd2' })
  })
})

describe('sets', () => {
  it('have unique names and are found by id or name', async () => {
    await using folder = await tempFolder()
    await using store = await openStore(folder.path)
    const { sets } = parts(store)
    const set = sets.create('  My set ', 'm')
    expect(sets.find('My set')).toEqual(set)
    expect(sets.find('set1')).toEqual(set)
    expect(() => sets.create('My set', 'm')).toThrow(expect.objectContaining({ code: 'conflict' }))
    for (const name of ['', ' ', 'set7', 'x'.repeat(201)])
      expect(() => sets.create(name, 'm')).toThrow(expect.objectContaining({ code: 'argument.invalid' }))
    expect(() => sets.find('none')).toThrow(expect.objectContaining({ code: 'not-found' }))
  })
})

describe('chunks', () => {
  it('are cut once for each tokenizer', async () => {
    await using folder = await tempFolder()
    await using store = await openStore(folder.path)
    const { sets, library, chunks } = parts(store)
    await library.import(sets.create('Set', 'm').row, md('# A\n\nText.\n\n## B\n\nMore.\n'))
    const tokenizer = tokenizerOf()
    const [first, again] = await Promise.all([
      chunks.ensure(library.find(1), tokenizer),
      chunks.ensure(library.find(1), tokenizer),
    ])
    expect(first).toEqual(again)
    expect(first.map(({ id }) => id)).toEqual(['d1.s1.c1', 'd1.s2.c1'])
    expect(first[0]?.tokens).toEqual(fakeTokens('# A\n\nText.\n\n'))
    const calls = tokenizer.calls
    await chunks.ensure(library.find(1), tokenizer)
    expect(tokenizer.calls).toBe(calls)
    await chunks.ensure(library.find(1), tokenizerOf('other'))
    expect(store.sql.get('SELECT count(*) AS count FROM chunkings')).toEqual({ count: 2 })
  })

  it('are not half there when cutting fails', async () => {
    await using folder = await tempFolder()
    await using store = await openStore(folder.path)
    const { sets, library, chunks } = parts(store)
    await library.import(sets.create('Set', 'm').row, md('# A\n\nText.\n'))
    const failing: Tokenizer = { digest: 't', tokenize: () => Promise.reject(new Error('no engine')) }
    await expect(chunks.ensure(library.find(1), failing)).rejects.toThrow('no engine')
    expect(store.sql.get('SELECT count(*) AS count FROM chunkings')).toEqual({ count: 0 })
    expect(await chunks.ensure(library.find(1), tokenizerOf())).toHaveLength(1)
  })

  it('tell what earlier versions had at a place, newest first', async () => {
    await using folder = await tempFolder()
    await using store = await openStore(folder.path)
    const { sets, library, chunks } = parts(store)
    const { row: set } = sets.create('Set', 'm')
    const digests: string[] = []
    for (const text of ['one', 'two', 'three']) {
      await library.import(set, md(`# A\n\n${text}\n`))
      const [chunk] = await chunks.ensure(library.find(1), tokenizerOf())
      digests.push(chunk?.digest ?? '')
    }
    expect(chunks.earlier(library.find(1), 't').get('1.1')).toEqual([digests[1], digests[0]])
  })
})
