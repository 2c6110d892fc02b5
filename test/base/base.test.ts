import { readdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { dataDirPath, makeDataDir } from '../../src/main/base/data-dir'
import { writeDurably } from '../../src/main/base/durable-files'
import { EventQueue } from '../../src/main/base/event-queue'
import { sha256, tokenBytes, TokenChain, tokenDigest, tokensOf } from '../../src/main/base/hash'
import { tempFolder } from '../helpers/temp-folder'

describe('hashes', () => {
  it('of tokens are of little-endian 32-bit integers', () => {
    expect([...tokenBytes([1, 258, 0x01020304])]).toEqual([1, 0, 0, 0, 2, 1, 0, 0, 4, 3, 2, 1])
    expect(tokensOf(Buffer.concat([Buffer.from([9]), tokenBytes([5, 6])]).subarray(1))).toEqual([5, 6])
    expect(tokenDigest([])).toBe('e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855')
    expect(tokenDigest([1])).toBe(sha256(new Uint8Array([1, 0, 0, 0])))
  })

  it('of a chain can be read as it grows', () => {
    const chain = new TokenChain([1, 2])
    expect(chain.digest()).toBe(tokenDigest([1, 2]))
    chain.append([3])
    expect(chain.digest()).toBe(tokenDigest([1, 2, -1, 3]))
    expect(chain.digest()).toBe(tokenDigest([1, 2, -1, 3]))
  })

  it('of a chain tell where its chunks begin', () => {
    const digestOf = (...chunks: number[][]): string => {
      const chain = new TokenChain([1])
      for (const chunk of chunks) chain.append(chunk)
      return chain.digest()
    }
    expect(new Set([digestOf([2, 3, 4]), digestOf([2], [3, 4]), digestOf([2, 3], [4])]).size).toBe(3)
  })
})

describe('event queue', () => {
  it('delivers what was pushed before and after, then ends', async () => {
    const queue = new EventQueue<number>()
    queue.push(1)
    setTimeout(() => {
      queue.push(2)
      queue.push(3)
      queue.end()
      queue.push(4)
    }, 1)
    const seen: number[] = []
    for await (const value of queue) seen.push(value)
    expect(seen).toEqual([1, 2, 3])
  })

  it('delivers what was pushed before a failure', async () => {
    const queue = new EventQueue<number>()
    queue.push(1)
    queue.fail(new Error('x'))
    const seen: number[] = []
    await expect(async () => {
      for await (const value of queue) seen.push(value)
    }).rejects.toThrow('x')
    expect(seen).toEqual([1])
  })
})

it('durable writes replace whole files and leave nothing behind', async () => {
  await using folder = await tempFolder()
  const path = folder.file('a.json')
  await writeFile(path, 'old')
  await writeDurably(path, 'new')
  expect(await readFile(path, 'utf8')).toBe('new')
  await expect(writeDurably(folder.file('none/a.json'), 'x')).rejects.toMatchObject({ code: 'ENOENT' })
  expect(await readdir(folder.path)).toEqual(['a.json'])
})

it("the data folder is what is given, else the environment's, else the platform's", () => {
  const before = process.env['KVASIR_DATA_DIR']
  try {
    process.env['KVASIR_DATA_DIR'] = '/from/environment'
    expect(dataDirPath('/given')).toBe('/given')
    expect(dataDirPath()).toBe('/from/environment')
    delete process.env['KVASIR_DATA_DIR']
    expect(dataDirPath()).toMatch(/kvasir/i)
  } finally {
    if (before === undefined) delete process.env['KVASIR_DATA_DIR']
    else process.env['KVASIR_DATA_DIR'] = before
  }
})

describe('the data folder', () => {
  it('is made with its parents, and may be there already', async () => {
    await using folder = await tempFolder()
    const path = join(folder.path, 'a', 'b')
    await makeDataDir(path)
    await makeDataDir(path)
    expect(await readdir(path)).toEqual([])
  })

  it('is refused where a file stands in its way', async () => {
    await using folder = await tempFolder()
    const file = folder.file('file')
    await writeFile(file, '')
    await expect(makeDataDir(file)).rejects.toMatchObject({ code: 'file.unreadable' })
    await expect(makeDataDir(join(file, 'below'))).rejects.toMatchObject({ code: 'file.unreadable' })
  })

  it.skipIf(process.platform !== 'linux')('is refused, not waited for, where the system denies that it could exist', async () => {
    await expect(makeDataDir('/proc/kvasir')).rejects.toMatchObject({ code: 'file.unreadable' })
  })
})
