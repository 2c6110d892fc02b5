import { copyFile, mkdtemp, rename, rm, utimes, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import type { Engine } from '../../src/main/engine/engine'
import { ModelRegistry, type ModelRow, type ModelRows } from '../../src/main/engine/model-registry'
import { testEngine } from '../helpers/engine'
import { tinyModel } from '../helpers/tiny-model'

/** The store's table, in memory: what is under test is the registry. */
class Rows implements ModelRows {
  readonly #rows = new Map<string, ModelRow>()
  list(): ModelRow[] {
    return [...this.#rows.values()]
  }
  find(id: string): ModelRow | null {
    return this.#rows.get(id) ?? null
  }
  put(row: ModelRow): void {
    this.#rows.set(row.id, row)
  }
  remove(id: string): void {
    this.#rows.delete(id)
  }
}

let folder: string
let engine: Engine
let one: string
let two: string
let registry: ModelRegistry

beforeAll(async () => {
  engine = testEngine()
  ;[one, two] = [await tinyModel(), await tinyModel({ seed: 2 })]
})
afterAll(async () => await engine[Symbol.asyncDispose]())
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'kvasir-registry-'))
  registry = new ModelRegistry(engine, new Rows())
  return async () => await rm(folder, { recursive: true })
})

async function put(source: string, name: string): Promise<string> {
  const path = join(folder, name)
  await copyFile(source, path)
  return path
}

test('adds a file with its facts and fingerprint, named after the file', async () => {
  const path = await put(one, 'My Model (v2).gguf')
  const progress: number[] = []
  const model = await registry.add(path, { onProgress: (done) => progress.push(done) })
  expect(model).toMatchObject({ id: 'my-model-v2', path, architecture: 'llama', isDefault: false, bundled: false })
  expect(model.fingerprint).toMatch(/^[0-9a-f]{64}$/)
  expect(model).not.toHaveProperty('stamp')
  expect(progress.at(-1)).toBe(model.fileBytes)
  expect(registry.find('my-model-v2')).toEqual(model)
  expect(registry.list()).toEqual([model])
})

test('an unchanged file is not read again; a changed one is, and keeps its id', async () => {
  const path = await put(one, 'm.gguf')
  const first = await registry.add(path)
  let reads = 0
  const onProgress = (): void => void reads++
  expect(await registry.add(path, { onProgress })).toEqual(first)
  expect(reads).toBe(0)
  await put(two, 'm.gguf')
  const changed = await registry.add(path, { onProgress })
  expect(reads).toBeGreaterThan(0)
  expect(changed).toMatchObject({ id: first.id, addedAt: first.addedAt })
  expect(changed.fingerprint).not.toBe(first.fingerprint)
})

test('the same name elsewhere gets a number; a moved file keeps its id', async () => {
  const path = await put(one, 'm.gguf')
  await registry.add(path)
  expect((await registry.add(await put(two, 'M.gguf'))).id).toBe('m-2')
  const moved = join(folder, 'elsewhere.gguf')
  await rename(path, moved)
  expect(await registry.add(moved)).toMatchObject({ id: 'm', path: moved })
  expect(registry.list()).toHaveLength(2)
})

test('the default: the chosen one, else the bundled one, else the first', async () => {
  expect(registry.default()).toBeNull()
  await registry.add(await put(one, 'a.gguf'))
  expect(registry.default()?.id).toBe('a')
  await registry.add(await put(two, 'b.gguf'), { bundled: true })
  expect(registry.default()?.id).toBe('b')
  expect(registry.setDefault('a').isDefault).toBe(true)
  expect(registry.default()?.id).toBe('a')
  registry.setDefault('b')
  expect(
    registry
      .list()
      .filter(({ isDefault }) => isDefault)
      .map(({ id }) => id),
  ).toEqual(['b'])
})

test('current accepts a file that was only touched, refuses another one and a missing one', async () => {
  const path = await put(one, 'm.gguf')
  const model = await registry.add(path)
  await utimes(path, 1000, 1000)
  expect(await registry.current('m')).toEqual(model)
  await put(two, 'm.gguf')
  await expect(registry.current('m')).rejects.toMatchObject({ code: 'object.mismatch' })
  await rm(path)
  await expect(registry.current('m')).rejects.toMatchObject({ code: 'model.unreadable' })
})

test('what is no model is refused, and an unknown name is answered with those there are', async () => {
  const path = join(folder, 'no.gguf')
  await writeFile(path, 'no model')
  await expect(registry.add(path)).rejects.toMatchObject({ code: expect.stringMatching(/^model\./) })
  await expect(registry.add(join(folder, 'none'))).rejects.toMatchObject({ code: 'model.unreadable' })
  await expect(registry.add(await put(one, 'm.gguf'), { signal: AbortSignal.abort() })).rejects.toMatchObject({
    code: 'cancelled',
  })
  expect(() => registry.find('x')).toThrow(/None has been added/)
  await registry.add(await put(one, 'm.gguf'))
  expect(() => registry.find('x')).toThrow(/There are: m\./)
  expect(await registry.inspect('m')).toMatchObject({ path: join(folder, 'm.gguf'), layers: 2 })
  expect(await registry.inspect(two)).toMatchObject({ path: two })
  registry.remove('m')
  expect(registry.list()).toEqual([])
})
