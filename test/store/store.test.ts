import { chmod, mkdir, readFile, readdir, stat, truncate, utimes, writeFile, rm } from 'node:fs/promises'
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import Database from 'better-sqlite3'
import { describe, expect, it } from 'vitest'
import { WorkbenchError } from '../../src/shared/errors'
import { storeError } from '../../src/main/store/store-error'
import type { CacheFacts } from '../../src/main/store/entries'
import { Leases } from '../../src/main/store/leases'
import { openStore, type Store } from '../../src/main/store/store'
import { tempFolder } from '../helpers/temp-folder'
import { cacheOf, digestOf, objectOf } from './objects'

async function put(store: Store, name: string, facts: Partial<CacheFacts> = {}): Promise<string> {
  const { content, object } = objectOf(name)
  const staged = store.stage()
  await writeFile(staged, content)
  const cache = cacheOf(name, facts)
  await store.commit(staged, cache, object)
  return cache.key
}

describe('commit', () => {
  it("moves the file to its digest's name and tells it by key", async () => {
    await using folder = await tempFolder()
    await using store = await openStore(folder.path)
    const key = await put(store, 'a', { kind: 'document' })
    const { object } = objectOf('a')
    expect(store.entry(key)).toMatchObject({
      key,
      kind: 'document',
      hits: 0,
      pinned: false,
    })
    expect(store.copies([key])).toMatchObject([{ profile: 'f16', codebook: '', object: object.digest, bytes: 100 }])
    await using lease = await store.open([key, 'f'.repeat(64)])
    const path = folder.file(join('objects', object.digest.slice(0, 2), `${object.digest}.kvo`))
    expect([...lease.files]).toEqual([[key, { path, profile: 'f16' }]])
    expect(store.upkeep.stats()).toEqual({
      entries: 1,
      bytes: 100,
      quarantined: 0,
      pinned: 0,
      profiles: [{ profile: 'f16', copies: 1, bytes: 100 }],
      trash: { copies: 0, bytes: 0 },
      quota: null,
    })
  })

  it('is idempotent; of two different files for one key the first stays', async () => {
    await using folder = await tempFolder()
    await using store = await openStore(folder.path)
    const key = await put(store, 'a')
    await put(store, 'a')
    const other = objectOf('other bytes')
    const staged = store.stage()
    await writeFile(staged, other.content)
    await store.commit(staged, cacheOf('a'), other.object)
    expect(store.copies([key])[0]?.object).toBe(objectOf('a').object.digest)
    expect(
      existsSync(folder.file(join('objects', other.object.digest.slice(0, 2), `${other.object.digest}.kvo`))),
    ).toBe(false)
    expect(store.upkeep.stats().entries).toBe(1)
  })

  it('refuses a file that is not as long as reported', async () => {
    await using folder = await tempFolder()
    await using store = await openStore(folder.path)
    const staged = store.stage()
    await writeFile(staged, 'short')
    await expect(store.commit(staged, cacheOf('a'), objectOf('a').object)).rejects.toMatchObject({
      code: 'object.damaged',
    })
    expect(existsSync(staged)).toBe(false)
    expect(store.has(cacheOf('a').key)).toBe(false)
  })

  it('survives closing and opening', async () => {
    await using folder = await tempFolder()
    let key: string
    {
      await using store = await openStore(folder.path)
      key = await put(store, 'a')
    }
    await using store = await openStore(folder.path)
    expect(store.has(key)).toBe(true)
  })

  it('is refused by a closed store', async () => {
    await using folder = await tempFolder()
    const store = await openStore(folder.path)
    await store[Symbol.asyncDispose]()
    expect(() => store.stage()).toThrow(expect.objectContaining({ code: 'conflict' }))
  })
})

describe('leases', () => {
  it('keep a removed object until they are given back', async () => {
    await using folder = await tempFolder()
    await using store = await openStore(folder.path)
    const key = await put(store, 'a')
    const first = await store.open([key])
    const second = await store.open([key])
    const path = first.files.get(key)?.path ?? ''
    await store.remove([key])
    expect(store.has(key)).toBe(false)
    await first[Symbol.asyncDispose]()
    await first[Symbol.asyncDispose]()
    expect(existsSync(path)).toBe(true)
    await second[Symbol.asyncDispose]()
    expect(existsSync(path)).toBe(false)
  })

  it('keep an object that was made again meanwhile', async () => {
    await using folder = await tempFolder()
    await using store = await openStore(folder.path)
    const key = await put(store, 'a')
    const lease = await store.open([key])
    await store.remove([key])
    await put(store, 'a')
    await lease[Symbol.asyncDispose]()
    expect(existsSync(lease.files.get(key)?.path ?? '')).toBe(true)
  })
})

describe('damage', () => {
  it('a missing or cut file is set aside when it is opened', async () => {
    await using folder = await tempFolder()
    await using store = await openStore(folder.path)
    const [a, b, c] = [await put(store, 'a'), await put(store, 'b'), await put(store, 'c')]
    {
      await using lease = await store.open([a, b])
      await rm(lease.files.get(a)?.path ?? '')
      await truncate(lease.files.get(b)?.path ?? '', 10)
    }
    await using lease = await store.open([a, b, c])
    expect(lease.damaged).toEqual(new Set([a, b]))
    expect([...lease.files.keys()]).toEqual([c])
    expect(store.available([a, b, c])).toEqual(new Set([c]))
    expect(store.setAside([a, b, c])).toEqual(new Set([a, b]))
    expect(store.upkeep.stats()).toMatchObject({ entries: 1, quarantined: 2 })
  })

  it('verify sets aside what the check refuses, and a new commit recovers it', async () => {
    await using folder = await tempFolder()
    await using store = await openStore(folder.path)
    const key = await put(store, 'a')
    expect(await store.verify(key, 'f16', async () => undefined)).toBeNull()
    const refuse = async (): Promise<never> => {
      throw new WorkbenchError('object.damaged', 'checksum')
    }
    expect(await store.verify(key, 'f16', refuse)).toBe('checksum')
    expect(store.has(key)).toBe(false)
    expect(await readdir(folder.file('objects/quarantine'))).toHaveLength(1)
    await put(store, 'a')
    expect(store.upkeep.stats()).toMatchObject({ entries: 1, quarantined: 0 })
    expect(await readdir(folder.file('objects/quarantine'))).toHaveLength(0)
  })

  it('verify passes on what is no fault of the object', async () => {
    await using folder = await tempFolder()
    await using store = await openStore(folder.path)
    const key = await put(store, 'a')
    const die = async (): Promise<never> => {
      throw new WorkbenchError('engine.died', 'gone')
    }
    await expect(store.verify(key, 'f16', die)).rejects.toMatchObject({ code: 'engine.died' })
    expect(store.has(key)).toBe(true)
  })
})

describe('opening', () => {
  it('removes staged files of dead writers only', async () => {
    await using folder = await tempFolder()
    let mine: string
    {
      await using store = await openStore(folder.path)
      mine = store.stage()
      await writeFile(mine, 'in flight')
    }
    const staging = folder.file('objects/staging')
    const machine = mine.split('/').at(-1)?.split('-')[0]
    const dead = join(staging, `${machine}-999999999-x.kvo`)
    const foreign = join(staging, 'ffffffff-1-x.kvo')
    const old = join(staging, 'ffffffff-2-x.kvo')
    for (const path of [dead, foreign, old]) await writeFile(path, 'x')
    const longAgo = new Date(Date.now() - 48 * 3600_000)
    await utimes(old, longAgo, longAgo)
    await using store = await openStore(folder.path)
    expect([mine, dead, foreign, old].map((path) => existsSync(path))).toEqual([true, false, true, false])
    expect(store.upkeep.stats().entries).toBe(0)
  })

  it('removes objects without a row, but not what another process is taking in', async () => {
    await using folder = await tempFolder()
    await using other = await openStore(folder.path)
    const place = async (name: string): Promise<string> => {
      const digest = digestOf(name)
      await mkdir(folder.file(join('objects', digest.slice(0, 2))), { recursive: true })
      const path = folder.file(join('objects', digest.slice(0, 2), `${digest}.kvo`))
      await writeFile(path, name)
      return path
    }
    const [remains, arriving] = [await place('remains'), await place('arriving')]
    using leases = new Leases(folder.file('leases.sqlite'))
    leases.take([digestOf('arriving')])
    await put(other, 'a')
    await using store = await openStore(folder.path)
    expect(await store.upkeep.collect()).toBe(1)
    expect([existsSync(remains), existsSync(arriving), store.has(cacheOf('a').key)]).toEqual([false, true, true])
    await using lease = await store.open([cacheOf('a').key])
    expect(lease.files.size).toBe(1)
  })

  it('names a damaged index, and one of a newer Kvasir', async () => {
    await using folder = await tempFolder()
    await writeFile(folder.file('index.sqlite'), 'this is no database '.repeat(500))
    await expect(openStore(folder.path)).rejects.toMatchObject({ code: 'store.damaged' })
    await rm(folder.file('index.sqlite'))
    const newer = new Database(folder.file('index.sqlite'))
    newer.pragma('user_version = 999')
    newer.close()
    await expect(openStore(folder.path)).rejects.toMatchObject({ code: 'conflict' })
  })

  it('names an index whose pages are damaged', async () => {
    await using folder = await tempFolder()
    {
      await using store = await openStore(folder.path)
      for (const name of 'abcdefgh') await put(store, name)
    }
    const path = folder.file('index.sqlite')
    const bytes = await readFile(path)
    bytes.fill(0x5a, 4096)
    await writeFile(path, bytes)
    const use = async (): Promise<void> => {
      await using store = await openStore(folder.path)
      store.upkeep.stats()
      await put(store, 'z')
    }
    await expect(use()).rejects.toMatchObject({ code: 'store.damaged' })
  })

  it('names a folder that is a file', async () => {
    await using folder = await tempFolder()
    await writeFile(folder.file('x'), '')
    await expect(openStore(folder.file('x'))).rejects.toMatchObject({ code: 'file.unreadable' })
  })

  it.skipIf(process.getuid?.() === 0)('names a folder that cannot be written (root can write anywhere)', async () => {
    await using folder = await tempFolder()
    await chmod(folder.path, 0o500)
    await expect(openStore(folder.path)).rejects.toMatchObject({ code: 'file.unreadable' })
    await chmod(folder.path, 0o700)
  })

  it('a full database is named as full, and what was stored stays', async () => {
    await using folder = await tempFolder()
    await using store = await openStore(folder.path)
    await put(store, 'a')
    const pages = Number(store.sql.get<{ page_count: number }>('PRAGMA page_count')?.page_count)
    store.sql.get(`PRAGMA max_page_count = ${pages}`)
    const fill = async (): Promise<void> => {
      for (let number = 0; number < 500; number++) await put(store, `fill ${number}`)
    }
    await expect(fill()).rejects.toMatchObject({ code: 'store.full' })
    expect(store.has(cacheOf('a').key)).toBe(true)
    expect(await readdir(folder.file('objects/staging'))).toEqual([])
  })

  it.each([
    ['ENOSPC', 'store.full'],
    ['SQLITE_FULL', 'store.full'],
    ['SQLITE_BUSY', 'conflict'],
    ['SQLITE_CORRUPT_INDEX', 'store.damaged'],
    ['EROFS', 'file.unreadable'],
    ['SQLITE_READONLY_DBMOVED', 'file.unreadable'],
    ['SQLITE_IOERR_WRITE', 'store.damaged'],
  ])('%s is %s', (code, expected) => {
    expect(storeError(Object.assign(new Error('x'), { code }), '/data')).toMatchObject({ code: expected })
  })
})

it('the data folder is for its owner only', async () => {
  await using folder = await tempFolder()
  await using store = await openStore(folder.file('data'))
  expect(store.upkeep.stats().entries).toBe(0)
  if (process.platform !== 'win32') expect((await stat(folder.file('data'))).mode & 0o077).toBe(0)
})

it('traces tell which models hold a text', async () => {
  await using folder = await tempFolder()
  await using store = await openStore(folder.path)
  await put(store, 'a', { tokenDigest: 'same' })
  await put(store, 'b', { tokenDigest: 'same', model: 'n'.repeat(64) })
  expect(store.traces(['same', 'other'])).toEqual(new Map([['same', new Set(['m'.repeat(64), 'n'.repeat(64)])]]))
})
