/** What a command reads of a set before it asks. */
import { expect, it } from 'vitest'
import { setToAsk } from '../../src/main/cli/set-to-ask'
import { fakeCore, guide, importTexts } from '../workbench/core'

it('reads a set with its parts only where some are named', async () => {
  await using core = await fakeCore()
  const { workbench } = core
  await workbench.sets.create('Set')
  await importTexts(workbench, 'Set', { 'a.md': guide() })
  const shown = await workbench.sets.show('Set')
  let reads = 0
  const show = async (set: string): ReturnType<typeof workbench.sets.show> => {
    reads++
    return await workbench.sets.show(set)
  }
  const counted = { sets: { ...workbench.sets, show } }
  const { id, name, suggestions } = shown
  expect(await setToAsk(counted, 'Set', undefined, [])).toMatchObject({ id, name, suggestions, tree: [] })
  expect(reads).toBe(0)
  expect((await setToAsk(counted, id, [], ['one'])).tree).toEqual(shown.tree)
})
