import { writeFile } from 'node:fs/promises'
import { describe, expect, it } from 'vitest'
import type { CacheFacts } from '../../src/main/store/entries'
import { readScores, scoredKeys, writeScores } from '../../src/main/store/scores'
import { openStore, type Store } from '../../src/main/store/store'
import { tempFolder } from '../helpers/temp-folder'
import { cacheOf, digestOf, objectOf } from './objects'

const SCORES = { k: [1, 0.5, 1e-9], v: [3, 2, 1e9] }
const TEXT = digestOf('one text')

async function put(store: Store, name: string, facts: Partial<CacheFacts> = {}): Promise<string> {
  const { content, object } = objectOf(name)
  const staged = store.stage()
  await writeFile(staged, content)
  const cache = cacheOf(name, facts)
  await store.commit(staged, cache, object)
  return cache.key
}

/** The isolated variant of one text, two behind something, and both of these of another text; all scored. */
async function scored(store: Store) {
  const text = { tokenDigest: TEXT }
  const isolated = await put(store, 'isolated', text)
  const behind = await put(store, 'document', { ...text, kind: 'document' })
  const tail = await put(store, 'tail', { ...text, kind: 'tail' })
  const otherIsolated = await put(store, 'other isolated')
  const other = await put(store, 'other', { kind: 'document' })
  for (const key of [behind, tail]) writeScores(store.sql, { key, isolated }, SCORES)
  writeScores(store.sql, { key: other, isolated: otherIsolated }, SCORES)
  const left = (): string[] => {
    const found = scoredKeys(store.sql, [behind, tail, other])
    return Object.entries({ behind, tail, other }).flatMap(([name, key]) => (found.has(key) ? [name] : []))
  }
  return { isolated, behind, tail, other, left }
}

describe('scores', () => {
  it('are read as they were written', async () => {
    await using folder = await tempFolder()
    await using store = await openStore(folder.path)
    const { behind, isolated } = await scored(store)
    const found = readScores(store.sql, [behind, isolated, 'f'.repeat(64)])
    expect([...found.keys()]).toEqual([behind])
    expect(found.get(behind)).toEqual({ k: Float32Array.from(SCORES.k), v: Float32Array.from(SCORES.v) })
  })

  it('are little-endian numbers of four bytes on the disk', async () => {
    await using folder = await tempFolder()
    await using store = await openStore(folder.path)
    await scored(store)
    const [row] = store.sql.all<{ v: Uint8Array }>('SELECT v FROM scores LIMIT 1')
    expect(Buffer.from(row?.v ?? []).toString('hex')).toBe('0000404000000040286b6e4e')
  })

  it.each([
    ['the variant', 'behind', ['tail', 'other']],
    ['the isolated one that it was held against', 'isolated', ['other']],
    ["another document's", 'other', ['behind', 'tail']],
  ] as const)('go when %s is set aside or removed', async (_, name, left) => {
    for (const go of ['quarantine', 'remove'] as const) {
      await using folder = await tempFolder()
      await using store = await openStore(folder.path)
      const all = await scored(store)
      expect(all.left()).toEqual(['behind', 'tail', 'other'])
      if (go === 'quarantine') await store.quarantine(all[name], 'f16', 'a test')
      else await store.remove([all[name]])
      expect(all.left(), go).toEqual(left)
    }
  })

  it('are not written where a cache went meanwhile, and not over those that are there', async () => {
    await using folder = await tempFolder()
    await using store = await openStore(folder.path)
    const { behind, tail, isolated } = await scored(store)
    writeScores(store.sql, { key: tail, isolated }, { k: [9, 9, 9], v: [9, 9, 9] })
    expect(readScores(store.sql, [tail]).get(tail)?.k[0]).toBe(1)
    await store.quarantine(isolated, 'f16', 'a test')
    writeScores(store.sql, { key: behind, isolated }, SCORES)
    await store.quarantine(tail, 'f16', 'a test')
    writeScores(store.sql, { key: tail, isolated }, SCORES)
    expect(scoredKeys(store.sql, [behind, tail]).size).toBe(0)
  })
})

describe('tail variants', () => {
  it('are those that were made or marked as such', async () => {
    await using folder = await tempFolder()
    await using store = await openStore(folder.path)
    const { isolated, behind, tail, other } = await scored(store)
    const all = [isolated, behind, tail, other]
    expect(store.tails(all)).toEqual(new Set([tail]))
    store.markTails([behind, 'f'.repeat(64)])
    expect(store.tails(all)).toEqual(new Set([tail, behind]))
    expect(store.available(all)).toEqual(new Set(all))
    expect(store.tailsOf('m'.repeat(64), [TEXT]).toSorted()).toEqual([tail, behind].toSorted())
    expect(store.tailsOf('n'.repeat(64), [TEXT])).toEqual([])
    expect(store.tailsOf('m'.repeat(64), [digestOf('text other')])).toEqual([])
  })
})
