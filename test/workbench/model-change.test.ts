/** A model's file that becomes another one while the workbench runs: never its weights under the old one's identity. */
import { copyFile, rename } from 'node:fs/promises'
import { resolve } from 'node:path'
import { expect, it } from 'vitest'
import { loadOptions } from '../../src/shared/engine'
import { openModel } from '../../src/main/session/models'
import { openStore } from '../../src/main/store/store'
import { openWorkbench } from '../../src/main/workbench'
import { FakeEngine } from '../helpers/fake-engine'
import { testEngine } from '../helpers/engine'
import { tempFolder } from '../helpers/temp-folder'
import { tinyModel } from '../helpers/tiny-model'
import { askAll, buildAll, importTexts } from './core'

/** Puts another file under a name at once, as a download that has finished does. */
async function put(from: string, to: string): Promise<void> {
  await copyFile(from, `${to}.part`)
  await rename(`${to}.part`, to)
}

it('added again, the new file answers, and its caches are its own', async () => {
  await using folder = await tempFolder()
  const path = folder.file('model.gguf')
  const [one, two] = [await tinyModel({ seed: 1 }), await tinyModel({ seed: 2 })]
  const open = (name: string): ReturnType<typeof openWorkbench> =>
    openWorkbench({
      dataDir: resolve(folder.path, name),
      engine: testEngine(),
      resourcesDir: folder.path,
      version: '0',
      load: { threads: 1, device: 'cpu' },
    })
  const text = { 'a.md': '# A\n\nThe key is kept in room seven.\n' }
  const request = { question: 'Where is the key?', maxTokens: 4 }

  await put(two, path)
  await using reference = await open('reference')
  await reference.models.add(path)
  const { id: other } = await reference.sets.create('Set')
  await importTexts(reference, other, text)
  await buildAll(reference, other)
  const { answer: expected } = await askAll(reference, { set: other, ...request })

  await put(one, path)
  await using workbench = await open('data')
  const { fingerprint } = await workbench.models.add(path)
  const { id: set } = await workbench.sets.create('Set')
  await importTexts(workbench, set, text)
  await buildAll(workbench, set)
  const { answer: before } = await askAll(workbench, { set, ...request })
  expect(before.trace.logitsDigest).not.toBe(expected.trace.logitsDigest)

  await put(two, path)
  await expect(askAll(workbench, { set, ...request })).rejects.toMatchObject({ code: 'object.mismatch' })
  expect((await workbench.models.add(path)).fingerprint).not.toBe(fingerprint)
  expect(await buildAll(workbench, set)).toMatchObject({ status: 'done', error: null })
  const { answer: after } = await askAll(workbench, { set, ...request })
  expect(after.trace.hitRate).toBe(1)
  expect(after.trace.logitsDigest).toBe(expected.trace.logitsDigest)
})

it('added again from another file while work waits, that work ends: it would store under the old identity', async () => {
  await using folder = await tempFolder()
  await using store = await openStore(folder.file('data'))
  const engine = new FakeEngine()
  const summary = {
    ...engine.facts(),
    id: 'm',
    path: folder.file('model.gguf'),
    fingerprint: '1'.repeat(64),
    addedAt: '',
    isDefault: false,
    bundled: false,
  }
  let current = summary
  const model = await openModel('m', {
    engine: engine.asEngine,
    registry: { find: () => summary, current: () => Promise.resolve(current) },
    sql: store.sql,
    options: loadOptions.parse({}),
  })
  await model.load()
  current = { ...summary, fingerprint: '2'.repeat(64) }
  await expect(model.load()).rejects.toMatchObject({ code: 'object.mismatch' })
})
