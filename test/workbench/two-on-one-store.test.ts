/** Two workbenches on one data folder: a window and `kvasir serve`, or two of either. Each sees what the other does. */
import { setTimeout as sleep } from 'node:timers/promises'
import { expect, it, vi } from 'vitest'
import { openWorkbench } from '../../src/main/workbench'
import type { StoreChange } from '../../src/shared/shell'
import type { Workbench } from '../../src/shared/workbench'
import { FakeEngine } from '../helpers/fake-engine'
import { buildAll, fakeCore, guide, importTexts, type TestCore } from './core'

/** Looks and pauses of `store/changes.ts`, with room for a busy machine. */
const SEEN_MS = 15_000

async function second(core: TestCore): Promise<Workbench> {
  const engine = new FakeEngine()
  return await openWorkbench({
    dataDir: core.file('data'),
    engine: engine.asEngine,
    resourcesDir: core.file('resources'),
    version: '0',
  })
}

function listen(workbench: Workbench): { readonly heard: StoreChange[]; stop(): Promise<void> } {
  const heard: StoreChange[] = []
  const controller = new AbortController()
  const listening = (async () => {
    for await (const change of workbench.store.changes(controller.signal)) heard.push(change)
  })()
  return {
    heard,
    stop: async () => {
      controller.abort()
      await listening
    },
  }
}

it('sets, documents, caches and preferences of one are told to the other, and are there', async () => {
  await using core = await fakeCore()
  await using other = await second(core)
  const { workbench } = core
  const here = listen(workbench)
  const there = listen(other)
  // Looks have begun.
  await sleep(50)
  const told = async (change: () => Promise<unknown>): Promise<void> => {
    const before = there.heard.length
    await change()
    await vi.waitFor(() => expect(there.heard.length).toBeGreaterThan(before), { timeout: SEEN_MS })
  }

  await told(() => workbench.sets.create('Handbook'))
  expect((await other.sets.list()).map(({ name }) => name)).toEqual(['Handbook'])
  await told(() => importTexts(workbench, 'Handbook', { 'guide.md': guide() }))
  const tree = await other.sets.show('Handbook')
  expect(tree.tree.map(({ title }) => title)).toEqual(['one'])
  expect(tree.cachedChunks).toBe(0)
  await told(() => buildAll(workbench, 'Handbook'))
  expect((await other.sets.show('Handbook')).cachedChunks).toBe(tree.chunks)
  await told(async () => workbench.preferences.set('theme', 'dark'))
  expect(other.preferences.all()).toMatchObject({ theme: 'dark' })

  // Whoever did it was not told of it.
  expect(here.heard).toEqual([])
  other.preferences.set('language', 'zh')
  await vi.waitFor(() => expect(here.heard).toEqual([{ by: 'another-program', what: 'anything' }]), { timeout: SEEN_MS })
  await Promise.all([here.stop(), there.stop()])
}, 90_000)

it('many changes in a row are told as few', async () => {
  await using core = await fakeCore()
  await using other = await second(core)
  const there = listen(other)
  await sleep(50)
  const end = Date.now() + 3500
  for (let number = 0; Date.now() < end; number++) {
    core.workbench.preferences.set('count', number)
    await sleep(20)
  }
  expect(there.heard.length).toBeGreaterThanOrEqual(1)
  expect(there.heard.length).toBeLessThanOrEqual(2)
  await there.stop()
})

it('listening ends with the workbench', async () => {
  await using core = await fakeCore()
  const other = await second(core)
  const there = listen(other)
  await other[Symbol.asyncDispose]()
  await core.workbench.sets.create('Handbook')
  await sleep(1500)
  expect(there.heard).toEqual([])
  await there.stop()
})
