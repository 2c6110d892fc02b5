import { existsSync } from 'node:fs'
import { readdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterEach, describe, expect, it, vi } from 'vitest'
import type { Profile } from '../../src/shared/profile'
import { cleanFilter, type CleanInput } from '../../src/shared/upkeep'
import type { CacheFacts } from '../../src/main/store/entries'
import { readScores, writeScores } from '../../src/main/store/scores'
import { Library } from '../../src/main/documents/library'
import { Removed } from '../../src/main/documents/removed'
import { Sets } from '../../src/main/documents/sets'
import { openStore, type Store } from '../../src/main/store/store'
import { tempFolder } from '../helpers/temp-folder'
import { cacheOf, digestOf, objectOf } from './objects'

const SMALL = { profile: 'small', codebook: 'b'.repeat(64), temporary: false } as const
const DAY_MS = 24 * 60 * 60 * 1000

interface Put {
  readonly facts?: Partial<CacheFacts>
  readonly bytes?: number
  readonly ms?: number
  readonly profile?: Profile
  readonly codebook?: string
  readonly temporary?: boolean
}

async function put(store: Store, name: string, options: Put = {}): Promise<string> {
  const { facts, bytes = 100, ms = 1, profile = 'f16', temporary = false } = options
  const { codebook = profile === 'f16' ? '' : 'b'.repeat(64) } = options
  const { content, object } = objectOf(`${name} ${profile} ${codebook}`, bytes)
  const staged = store.stage()
  await writeFile(staged, content)
  const cache = cacheOf(name, facts)
  await store.commit(staged, cache, { ...object, ms }, { profile, codebook, temporary })
  return cache.key
}

function pathOf(store: Store, key: string, profile: Profile, folder: string): string {
  const object = store.copies([key]).find((copy) => copy.profile === profile)?.object ?? ''
  return join(folder, 'objects', object.slice(0, 2), `${object}.kvo`)
}

const profilesOf = (store: Store, key: string): string => store.copies([key]).map(({ profile }) => profile).join(' ')
const preview = (store: Store, filter: CleanInput) => store.upkeep.preview(cleanFilter.parse(filter), null)
const clean = (store: Store, filter: CleanInput) => store.upkeep.clean(cleanFilter.parse(filter), null)

afterEach(() => vi.useRealTimers())

/** Everything from now on happens so much later. */
function later(days: number): void {
  vi.useFakeTimers({ now: Date.now() + days * DAY_MS, toFake: ['Date'] })
}

describe('one cache in several profiles', () => {
  it('is read in the most exact one, or in the one asked for', async () => {
    await using folder = await tempFolder()
    await using store = await openStore(folder.path)
    const key = await put(store, 'a', { profile: 'small' })
    await put(store, 'a', { profile: 'f16' })
    await put(store, 'a', { profile: 'medium' })
    expect(profilesOf(store, key)).toBe('f16 medium small')
    await using best = await store.open([key])
    expect(best.files.get(key)).toEqual({ path: pathOf(store, key, 'f16', folder.path), profile: 'f16' })
    await using small = await store.open([key], 'small')
    expect(small.files.get(key)).toMatchObject({ profile: 'small', codebook: { digest: 'b'.repeat(64) } })
    await using high = await store.open([key], 'high')
    expect(high.files.size + high.damaged.size).toBe(0)
    expect(store.available([key], ['high', 'q8']).size).toBe(0)
    expect(store.available([key], ['high', 'small']).size).toBe(1)
  })

  it('loses a damaged copy alone, and goes with the last', async () => {
    await using folder = await tempFolder()
    await using store = await openStore(folder.path)
    const key = await put(store, 'a')
    await put(store, 'a', { profile: 'small' })
    await store.quarantine(key, 'f16', 'a test')
    expect(profilesOf(store, key)).toBe('small')
    expect(store.setAside([key])).toEqual(new Set([key]))
    await store.quarantine(key, 'small', 'a test')
    expect(store.has(key)).toBe(false)
    await put(store, 'a', { profile: 'small' })
    expect(store.upkeep.stats()).toMatchObject({ entries: 1, quarantined: 1 })
  })

  it('replaces a copy of an earlier codebook, whose file goes', async () => {
    await using folder = await tempFolder()
    await using store = await openStore(folder.path)
    const key = await put(store, 'a', { profile: 'small' })
    const before = pathOf(store, key, 'small', folder.path)
    await put(store, 'a', { profile: 'small', codebook: 'c'.repeat(64) })
    expect(existsSync(before)).toBe(false)
    expect(existsSync(pathOf(store, key, 'small', folder.path))).toBe(true)
    expect(store.copies([key])).toMatchObject([{ codebook: 'c'.repeat(64) }])
  })

  it('drops what was made only to be coded, once it is coded', async () => {
    await using folder = await tempFolder()
    await using store = await openStore(folder.path)
    const [coded, uncoded, kept] = [
      await put(store, 'coded', { temporary: true }),
      await put(store, 'uncoded', { temporary: true }),
      await put(store, 'kept'),
    ]
    for (const name of ['coded', 'kept']) await put(store, name, { profile: 'small' })
    // Another form is not the one that it was made for.
    await put(store, 'uncoded', { profile: 'medium' })
    const file = pathOf(store, coded, 'f16', folder.path)
    store.removeTemporary([coded, uncoded, kept], SMALL)
    expect([coded, uncoded, kept].map((key) => profilesOf(store, key))).toEqual(['small', 'f16 medium', 'f16 small'])
    expect(existsSync(file)).toBe(false)
  })

  it('gives up after a day what no build has come back to code', async () => {
    await using folder = await tempFolder()
    await using store = await openStore(folder.path)
    const [left, kept] = [await put(store, 'left', { temporary: true }), await put(store, 'kept', { temporary: true })]
    const file = pathOf(store, left, 'f16', folder.path)
    store.keepF16([kept])
    await store.upkeep.collect()
    expect(store.has(left)).toBe(true)
    later(2)
    await store.upkeep.collect()
    expect([store.has(left), store.has(kept), existsSync(file)]).toEqual([false, true, false])
  })

  it('a build as f16 keeps what was made only to be coded', async () => {
    await using folder = await tempFolder()
    await using store = await openStore(folder.path)
    const key = await put(store, 'a', { temporary: true })
    await put(store, 'a')
    await put(store, 'a', { profile: 'small' })
    store.removeTemporary([key], SMALL)
    expect(profilesOf(store, key)).toBe('f16 small')
  })

  it('takes no other form of a cache that has gone', async () => {
    await using folder = await tempFolder()
    await using store = await openStore(folder.path)
    const { content, object } = objectOf('late')
    const staged = store.stage()
    await writeFile(staged, content)
    const form = { profile: 'small', codebook: 'b'.repeat(64), temporary: false } as const
    expect(await store.commitForm(staged, cacheOf('a').key, object, form)).toBe(false)
    expect(store.upkeep.stats()).toMatchObject({ entries: 0 })
    expect(existsSync(join(folder.path, 'objects', object.digest.slice(0, 2), `${object.digest}.kvo`))).toBe(false)
  })
})

describe('a quota', () => {
  it('lets the least valuable go: cost x use / bytes, and says so', async () => {
    await using folder = await tempFolder()
    await using store = await openStore(folder.path)
    const cheap = await put(store, 'cheap', { ms: 1 })
    const dear = await put(store, 'dear', { ms: 100 })
    const used = await put(store, 'used', { ms: 1 })
    for (let times = 0; times < 50; times++) store.recordHits([used])
    const large = await put(store, 'large', { ms: 1, bytes: 1000 })
    later(1)
    store.upkeep.setQuota(310)
    expect([cheap, dear, used, large].map((key) => store.has(key))).toEqual([true, true, true, false])
    expect(store.gone([cheap, large])).toEqual(new Map([[large, 'evicted']]))
    store.upkeep.setQuota(210)
    expect([cheap, dear, used].map((key) => store.has(key))).toEqual([false, true, true])
    expect(store.upkeep.stats()).toMatchObject({ bytes: 200, quota: 210 })
    await put(store, 'cheap')
    expect(store.gone([cheap])).toEqual(new Map())
  })

  it('takes copies beside others first, so that nothing is lost', async () => {
    await using folder = await tempFolder()
    await using store = await openStore(folder.path)
    const twice = await put(store, 'twice', { ms: 1e6 })
    await put(store, 'twice', { profile: 'small', bytes: 10 })
    const once = await put(store, 'once', { ms: 1 })
    later(1)
    store.upkeep.setQuota(150)
    expect([profilesOf(store, twice), profilesOf(store, once)]).toEqual(['small', 'f16'])
  })

  it('spares what is pinned, in use, or just made, and refuses what cannot be made room for', async () => {
    await using folder = await tempFolder()
    await using store = await openStore(folder.path)
    const [pinned, leased, idle] = [await put(store, 'pinned'), await put(store, 'leased'), await put(store, 'idle')]
    store.pin([pinned], true)
    later(1)
    const lease = await store.open([leased])
    const fresh = await put(store, 'fresh')
    expect(() => store.upkeep.setQuota(250)).toThrow(expect.objectContaining({ code: 'store.full' }))
    expect([pinned, leased, idle, fresh].map((key) => store.has(key))).toEqual([true, true, true, true])
    expect(store.upkeep.quota()).toBeNull()
    store.upkeep.setQuota(350)
    expect([leased, idle].map((key) => store.has(key))).toEqual([true, false])
    await lease[Symbol.asyncDispose]()
    store.upkeep.setQuota(250)
    expect([pinned, leased, fresh].map((key) => store.has(key))).toEqual([true, false, true])
    store.pin([pinned], false)
    store.upkeep.setQuota(100)
    expect(store.has(pinned)).toBe(false)
  })

  it('holds while caches are added', async () => {
    await using folder = await tempFolder()
    await using store = await openStore(folder.path)
    for (let number = 0; number < 5; number++) await put(store, `old ${number}`)
    store.upkeep.setQuota(500)
    later(1)
    for (let number = 0; number < 5; number++) await put(store, `new ${number}`)
    expect(store.upkeep.stats().bytes).toBeLessThanOrEqual(500)
    expect((await readdir(folder.file('objects'), { recursive: true })).filter((name) => name.endsWith('.kvo'))).toHaveLength(
      store.upkeep.stats().entries,
    )
  })
})

describe('a clean-up', () => {
  it('is previewed, thrown away, brought back', async () => {
    await using folder = await tempFolder()
    await using store = await openStore(folder.path)
    const [a, b, pinned] = [await put(store, 'a', { ms: 30 }), await put(store, 'b', { ms: 12 }), await put(store, 'pinned')]
    store.pin([pinned], true)
    store.recordHits([a])
    later(40)
    store.recordHits([b])
    expect(preview(store, { unusedDays: 30 })).toEqual({ copies: 1, bytes: 100, caches: 1, recomputeMs: 30, rows: [] })
    const before = store.entry(a)
    const file = pathOf(store, a, 'f16', folder.path)
    const { batch } = clean(store, { unusedDays: 30 })
    expect([store.has(a), store.has(b), existsSync(file)]).toEqual([false, true, true])
    expect(store.upkeep.stats()).toMatchObject({ entries: 2, trash: { copies: 1, bytes: 100 } })
    expect(store.upkeep.restore(batch ?? 0)).toBe(1)
    expect(store.entry(a)).toEqual(before)
    expect(store.upkeep.trashed()).toEqual([])
  })

  it('keeps a file that is in the trash, until that is emptied', async () => {
    await using folder = await tempFolder()
    await using store = await openStore(folder.path)
    const a = await put(store, 'a')
    const file = pathOf(store, a, 'f16', folder.path)
    clean(store, { bytes: 1 })
    later(1)
    await store.upkeep.collect()
    expect(existsSync(file)).toBe(true)
    later(9)
    await store.upkeep.collect()
    expect(existsSync(file)).toBe(false)
    await put(store, 'b')
    clean(store, { bytes: 1 })
    later(1)
    store.upkeep.emptyTrash()
    expect(store.upkeep.stats()).toMatchObject({ entries: 0, trash: { copies: 0 } })
  })

  it('brings back only what has not been made again', async () => {
    await using folder = await tempFolder()
    await using store = await openStore(folder.path)
    const [a, b] = [await put(store, 'a'), await put(store, 'b')]
    const { batch } = clean(store, { profile: 'f16' })
    // With other bytes, as another build may have them.
    await put(store, 'a', { bytes: 101 })
    store.recordHits([a])
    const usedAt = store.entry(a)?.usedAt
    expect(store.upkeep.restore(batch ?? 0)).toBe(1)
    expect(store.copies([a])).toMatchObject([{ bytes: 101 }])
    expect(store.entry(a)?.usedAt).toBe(usedAt)
    await using lease = await store.open([a, b])
    expect(lease.files.size).toBe(2)
  })

  it('takes copies beside a smaller one, of one profile or of texts that no document has', async () => {
    await using folder = await tempFolder()
    await using store = await openStore(folder.path)
    const a = await put(store, 'a')
    await put(store, 'a', { profile: 'small', bytes: 10 })
    const b = await put(store, 'b')
    expect(preview(store, { duplicates: true })).toEqual({ copies: 1, bytes: 100, caches: 0, recomputeMs: 0, rows: [] })
    expect(preview(store, { profile: 'small', duplicates: true }).copies).toBe(1)
    expect(preview(store, { profile: 'f16' })).toMatchObject({ copies: 2, caches: 1 })
    expect(preview(store, { unreferenced: true })).toMatchObject({ copies: 3, caches: 2, bytes: 210 })
    expect(store.upkeep.preview(cleanFilter.parse({ unreferenced: true }), [b])).toMatchObject({ copies: 1 })
    clean(store, { duplicates: true })
    expect([profilesOf(store, a), profilesOf(store, b)]).toEqual(['small', 'f16'])
  })

  it("takes a text's scores with its last copy only", async () => {
    await using folder = await tempFolder()
    await using store = await openStore(folder.path)
    const isolated = await put(store, 'isolated', { facts: { tokenDigest: 't'.repeat(64) } })
    const key = await put(store, 'document', { facts: { tokenDigest: 't'.repeat(64), kind: 'document' } })
    await put(store, 'document', { profile: 'small', bytes: 10, facts: { tokenDigest: 't'.repeat(64), kind: 'document' } })
    writeScores(store.sql, { key, isolated }, { k: [1], v: [2] })
    clean(store, { duplicates: true })
    expect(readScores(store.sql, [key]).size).toBe(1)
    store.upkeep.clean(cleanFilter.parse({ profile: 'small' }), null)
    expect(readScores(store.sql, [key]).size).toBe(0)
  })
})

describe('several stores on one folder', () => {
  it('neither removes what the other reads', async () => {
    await using folder = await tempFolder()
    await using one = await openStore(folder.path)
    await using other = await openStore(folder.path)
    const key = await put(one, 'a')
    const lease = await other.open([key])
    const path = lease.files.get(key)?.path ?? ''
    await one.remove([key])
    expect([existsSync(path), other.has(key)]).toEqual([true, false])
    await lease[Symbol.asyncDispose]()
    // Whose process it was does not matter to the one that clears up.
    later(1)
    await one.upkeep.collect()
    expect(existsSync(path)).toBe(false)
  })

  it('a lease database that was torn is made anew', async () => {
    await using folder = await tempFolder()
    await writeFile(folder.file('leases.sqlite'), 'no database, but long enough to be taken for one'.repeat(100))
    await using store = await openStore(folder.path)
    const key = await put(store, 'a')
    await using lease = await store.open([key])
    expect(lease.files.size).toBe(1)
  })
})

describe('texts that no document has', () => {
  it('are those of removed documents and of earlier versions', async () => {
    await using folder = await tempFolder()
    await using store = await openStore(folder.path)
    const [sets, library] = [new Sets(store.sql), new Library(store.sql)]
    const { row } = sets.create('Set', 'model')
    const importing = async (text: string): Promise<void> => {
      const facts = { origin: '/a.md', source: 'a.md', format: 'markdown' as const, digest: text, bytes: text.length, text }
      await library.import(row, facts)
      const { versionRow } = library.list(row)[0] ?? { versionRow: 0 }
      store.sql.run("INSERT INTO chunkings VALUES (?, 't')", [versionRow])
      store.sql.run("INSERT INTO chunks VALUES (?, 't', 0, 1, 1, 0, 1, ?, 1, '', x'01000000')", [versionRow, digestOf(text)])
    }
    const [before, after] = ['# Before\n', '# After\n']
    for (const text of [before, after]) {
      await importing(text)
      await put(store, text, { facts: { tokenDigest: digestOf(text) } })
    }
    expect(preview(store, { unreferenced: true }).caches).toBe(1)
    clean(store, { unreferenced: true })
    expect([before, after].map((text) => store.has(cacheOf(text).key))).toEqual([false, true])
    new Removed(store.sql, sets).removeDocuments(library.list(row).map(({ id }) => id))
    expect(preview(store, { unreferenced: true }).caches).toBe(1)
  })
})
