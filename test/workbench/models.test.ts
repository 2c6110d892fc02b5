/** Models of a whole workbench: found in other programs' folders, added, chosen, forgotten; whether they fit. */
import { copyFile, mkdir, readFile, writeFile } from 'node:fs/promises'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { openWorkbench } from '../../src/main/workbench'
import { memoryFits } from '../../src/main/workbench/model-care'
import type { Workbench } from '../../src/shared/workbench'
import { testEngine } from '../helpers/engine'
import { tempFolder } from '../helpers/temp-folder'
import { tinyModel } from '../helpers/tiny-model'

let folder: Awaited<ReturnType<typeof tempFolder>>
let workbench: Workbench
const stack = new AsyncDisposableStack()

beforeAll(async () => {
  folder = stack.use(await tempFolder())
  await mkdir(folder.file('models/some/one'), { recursive: true })
  await copyFile(await tinyModel(), folder.file('models/some/one/tiny.gguf'))
  await writeFile(folder.file('models/some/one/noise.gguf'), 'this is no model')
  const bytes = await readFile(await tinyModel())
  await writeFile(folder.file('models/some/one/cut.gguf'), bytes.subarray(0, 100))
  bytes.write('gemma', bytes.indexOf('llama', bytes.indexOf('general.architecture')), 'latin1')
  await writeFile(folder.file('models/some/one/gemma.gguf'), bytes)
  await writeFile(folder.file('models/big-00002-of-00003.gguf'), '')
  const places = [{ app: 'lm-studio' as const, path: folder.file('models') }]
  workbench = stack.use(await openWorkbench({ dataDir: folder.file('data'), engine: testEngine(), resourcesDir: folder.path, places }))
})
afterAll(() => stack.disposeAsync())

describe('models', () => {
  it('are found with what their headers say, or why they do not run', async () => {
    const { models, places } = await workbench.models.discover()
    expect(places).toMatchObject([{ app: 'lm-studio', state: 'read' }])
    const by = Object.fromEntries(models.map((model) => [model.path.split('/').at(-1), model]))
    expect(by['tiny.gguf']).toMatchObject({ name: 'some/one', known: null, problem: null, facts: { architecture: 'llama', contextLength: 4096 } })
    expect(by['noise.gguf']).toMatchObject({ facts: null, problem: { code: 'model.damaged', said: { id: 'model.no-gguf', params: { path: folder.file('models/some/one/noise.gguf') } } } })
    expect(by['gemma.gguf']).toMatchObject({ problem: { said: { id: 'model.architecture', params: { architecture: 'gemma' } } } })
    expect(by['cut.gguf']).toMatchObject({ problem: { said: { id: 'model.cut' } } })
    expect(by['big-00002-of-00003.gguf']).toMatchObject({ facts: null, problem: { code: 'split', text: expect.stringContaining('part 2 of 3') as string } })
  })

  it('are added, named, made the default, forgotten and added again', async () => {
    const path = folder.file('models/some/one/tiny.gguf')
    expect(await workbench.models.add(path, { name: 'llama3.2:1b' })).toMatchObject({ id: 'llama3.2-1b', isDefault: false })
    const { models } = await workbench.models.discover()
    expect(models.find((model) => model.path === path)?.known).toBe('llama3.2-1b')
    expect(await workbench.models.setDefault('llama3.2-1b')).toMatchObject({ isDefault: true, verdict: null })
    await workbench.sets.create('Uses it')
    await expect(workbench.models.remove('llama3.2-1b')).rejects.toMatchObject({ code: 'conflict', message: expect.stringContaining('"Uses it"') as string })
    await workbench.sets.create('Also')
    await workbench.sets.remove('Uses it')
    await workbench.sets.remove('Also')
    const [before] = await workbench.models.list()
    expect(await workbench.models.remove('llama3.2-1b')).toEqual({ setsInTrash: ['Also', 'Uses it'] })
    expect(await workbench.models.list()).toEqual([])
    await expect(workbench.models.remove('llama3.2-1b')).rejects.toMatchObject({ code: 'not-found' })
    // Its file need not be read again: undo is quick.
    let reads = 0
    expect(await workbench.models.add(path, { onProgress: () => void reads++ })).toEqual(before)
    expect(reads).toBe(0)
  })

  it('that are gone keep a set in the trash, which says so, until they are added again', async () => {
    const trashed = workbench.trash.list().filter(({ kind }) => kind === 'set')
    const [also = ''] = trashed.filter(({ name }) => name === 'Also').map(({ id }) => id)
    await workbench.models.remove('llama3.2-1b')
    for (const restore of [() => workbench.sets.restore(also), () => workbench.trash.restore(trashed.map(({ id }) => id))])
      await expect(restore()).rejects.toMatchObject({ code: 'conflict', message: expect.stringContaining('models add FILE --name llama3.2-1b') as string })
    expect(workbench.trash.list()).toHaveLength(trashed.length)
    expect(await workbench.sets.list()).toEqual([])
    await workbench.models.add(folder.file('models/some/one/tiny.gguf'), { name: 'llama3.2-1b' })
    expect(await workbench.sets.restore(also)).toMatchObject({ name: 'Also', model: 'llama3.2-1b' })
    expect((await workbench.sets.show('Also')).tree).toEqual([])
    await workbench.sets.remove('Also')
  })

  it('say what they need of memory', async () => {
    const fit = await workbench.models.fit('llama3.2-1b')
    const { fileBytes, kvBytesPerToken } = await workbench.models.inspect('llama3.2-1b')
    expect(fit).toMatchObject({ weightBytes: fileBytes, kvBytesPerToken, contextLength: 4096, profiles: [{ profile: 'f16', bytesPerToken: kvBytesPerToken }] })
    expect(fit.memory.at(-1)).toMatchObject({ kind: 'cpu', tokens: 4096 })
  })
})

describe('memory', () => {
  const GIB = 2 ** 30
  const gpu = { name: 'CUDA0', description: 'GPU', kind: 'gpu' as const, memoryBytes: 8 * GIB, freeBytes: 4 * GIB }
  const needs = { weightBytes: 2 * GIB, kvBytesPerToken: 2 ** 20, contextLength: 8192 }

  it('holds as many tokens as are left room for beside the weights', () => {
    const [fit] = memoryFits({ devices: [gpu] }, needs, null)
    expect(fit).toMatchObject({ device: 'CUDA0', freeBytes: 4 * GIB, tokens: 2048 - 256 })
  })

  it('of what the model takes already is free to it', () => {
    const [fit] = memoryFits({ devices: [gpu] }, needs, { device: 'cuda0', bytes: 2 * GIB })
    expect(fit).toMatchObject({ freeBytes: 6 * GIB, tokens: 4096 - 256 })
  })

  it('holds nothing where not even the weights fit, and never more than the context', () => {
    expect(memoryFits({ devices: [{ ...gpu, freeBytes: GIB }] }, needs, null)[0]?.tokens).toBe(0)
    expect(memoryFits({ devices: [gpu] }, { ...needs, kvBytesPerToken: 1024 }, null)[0]?.tokens).toBe(8192)
  })
})
