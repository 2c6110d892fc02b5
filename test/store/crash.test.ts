import type { ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { readFile, readdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { expect, it } from 'vitest'
import { openStore, type Store } from '../../src/main/store/store'
import { forkTypeScript } from '../helpers/fork-typescript'
import { tempFolder } from '../helpers/temp-folder'
import { cacheOf, digestOf, objectOf } from './objects'

const SCRIPT = join(import.meta.dirname, 'commit-loop.ts')

/** Kills the writer once it has committed `count`. @returns names it reported */
async function killAfter(child: ChildProcess, count: number, delayMs: number): Promise<string[]> {
  const names: string[] = []
  const { promise, resolve } = Promise.withResolvers<void>()
  child.on('message', (message: { name: string }) => {
    names.push(message.name)
    if (names.length === count) resolve()
  })
  const exit = once(child, 'exit')
  await Promise.race([promise, exit])
  await sleep(delayMs)
  child.kill('SIGKILL')
  await exit
  return names
}

/** Every reported object is there, and every row names a whole file with its bytes. */
async function expectWhole(store: Store, folder: string, names: readonly string[]): Promise<void> {
  for (const name of names) expect(store.has(cacheOf(name).key), name).toBe(true)
  const rows = store.sql.all<{ key: string; object: string }>('SELECT key, object FROM copies')
  await using lease = await store.open(rows.map(({ key }) => key))
  expect(lease.damaged.size).toBe(0)
  for (const { key, object } of rows) expect(digestOf(await readFile(lease.files.get(key)?.path ?? ''))).toBe(object)
  expect(await readdir(join(folder, 'objects', 'staging'))).toEqual([])
}

it('a writer killed at any moment loses at most the object in flight', async () => {
  await using folder = await tempFolder()
  for (let round = 0; round < 6; round++) {
    const names = await killAfter(forkTypeScript(SCRIPT, [folder.path, `r${round}-`]), 4 + round, round * 2)
    await using store = await openStore(folder.path)
    await expectWhole(store, folder.path, names)
    // At most one row that was not reported: the message, not the object, was lost.
    const rows = store.sql.all<{ key: string }>('SELECT key FROM entries').length
    expect(rows).toBeGreaterThanOrEqual(names.length)
    const next = `after-${round}`
    const { content, object } = objectOf(next)
    const staged = store.stage()
    await writeFile(staged, content)
    await store.commit(staged, cacheOf(next), object)
    expect(store.has(cacheOf(next).key)).toBe(true)
  }
})

it('two processes that write the same objects at once leave one whole store', async () => {
  await using folder = await tempFolder()
  const children = [forkTypeScript(SCRIPT, [folder.path, 'same-']), forkTypeScript(SCRIPT, [folder.path, 'same-'])]
  const names = (await Promise.all(children.map((child, index) => killAfter(child, 12, index * 3)))).flat()
  await using store = await openStore(folder.path)
  await expectWhole(store, folder.path, names)
})
