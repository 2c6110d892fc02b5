/** Decoded caches in engine memory: what a second answer takes from there, and when it must not. In this process. */
import { createHash } from 'node:crypto'
import { copyFile, readFile, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { beforeEach, describe, expect, test } from 'vitest'
import type { AnswerParams, AnswerResult, CodebookFile, Segment } from '../../src/shared/engine'
import { ask, cached, compute, digestOf, engineFixture, rejection, someTokens, THREADS, type Cached } from './engine-fixture'

const engine = engineFixture()
const { addon } = engine
const BOS = [1022]
const LAYERS = 4
const SIZES = [70, 64, 5, 128, 35]
const TOKENS = SIZES.reduce((sum, size) => sum + size, 0)
const PLENTY = 2 ** 30

let lastJob = 8_000_000
const nextJob = (): number => ++lastJob

interface Prepared {
  readonly model: string
  readonly f16: readonly Cached[]
  readonly codebook: CodebookFile
  readonly coded: readonly Extract<Segment, { kind: 'cached' }>[]
  /** Of K and V of all layers of these tokens as f16. */
  readonly decodedBytes: number
}

/** Files of their own for every test, since tests break them. */
async function prepare(seed = nextJob()): Promise<Prepared> {
  const loaded = await engine.load(await engine.model({ layers: LAYERS }))
  const { model } = loaded
  const f16 = SIZES.map((size, index) => {
    const key = digestOf(`${seed} ${index}`)
    return { tokens: someTokens(size, 100 + index), key, path: join(engine.folder, `${key}.kvo`) }
  })
  await addon.encode(nextJob(), { model, context: [compute(BOS)], chunks: f16, subBatch: 64 }, () => undefined)
  const codebook = await learn(f16, 0.4)
  return { model, f16, codebook, coded: await recode(f16, codebook), decodedBytes: TOKENS * loaded.kvBytesPerToken }
}

async function learn(chunks: readonly Cached[], step: number): Promise<CodebookFile> {
  const path = join(engine.folder, `${nextJob()}.kvc`)
  const objects = chunks.map((chunk) => ({ path: chunk.path, key: chunk.key }))
  const trials = [{ path, basis: true, steps: Array.from({ length: 2 * (LAYERS - 1) }, () => step) }]
  await addon.learn(nextJob(), { fingerprint: digestOf('a model'), objects, trials, threads: THREADS }, () => undefined)
  return { path, digest: createHash('sha256').update(await readFile(path)).digest('hex') }
}

async function recode(chunks: readonly Cached[], codebook: CodebookFile): Promise<Prepared['coded']> {
  const coded = chunks.map((chunk) => ({ ...cached(chunk), path: `${chunk.path}.${nextJob()}`, codebook }))
  const objects = chunks.map(({ path, key }, index) => ({ path, key, to: coded[index]?.path ?? '' }))
  await addon.recode(nextJob(), { codebook, objects }, () => undefined)
  return coded
}

async function answer(
  { model }: Prepared,
  segments: readonly Segment[],
  changes: Partial<AnswerParams> = {},
): Promise<AnswerResult> {
  const all = [compute(BOS), ...segments, compute(someTokens(24, 3))]
  return await addon.answer(nextJob(), ask(model, all, { maxTokens: 4, ...changes }), () => undefined)
}

beforeEach(() => {
  addon.memory(0)
  addon.memory(PLENTY)
})

test('a second answer reads nothing, with the same bits', async () => {
  const prepared = await prepare()
  const before = addon.memory()
  const apart = await answer(prepared, prepared.coded, { memory: false })
  expect(addon.memory()).toMatchObject({ bytes: 0, misses: before.misses })
  const first = await answer(prepared, prepared.coded)
  expect(first.bytesFromMemory).toBe(0)
  expect(first.bytesRead).toBe(apart.bytesRead)
  const second = await answer(prepared, prepared.coded)
  expect(second).toMatchObject({ bytesRead: 0, bytesFromMemory: prepared.decodedBytes, text: first.text })
  expect([first.logitsDigest, second.logitsDigest]).toEqual([apart.logitsDigest, apart.logitsDigest])
  const layers = SIZES.length * LAYERS
  expect(addon.memory()).toEqual({
    budgetBytes: PLENTY,
    bytes: prepared.decodedBytes,
    layers,
    hits: before.hits + layers,
    misses: before.misses + layers,
    evictions: before.evictions,
  })
})

test('in another order and beside others, what was there is taken and the rest read', async () => {
  const prepared = await prepare()
  const { coded } = prepared
  await answer(prepared, coded.slice(0, 2))
  const mixed = [coded[3], coded[1], coded[0]].filter((each) => each !== undefined)
  const apart = await answer(prepared, mixed, { memory: false })
  const result = await answer(prepared, mixed)
  expect(result.logitsDigest).toBe(apart.logitsDigest)
  expect(result.bytesFromMemory).toBe((prepared.decodedBytes * (70 + 64)) / TOKENS)
  expect(result.bytesRead).toBeGreaterThan(0)
  expect(result.bytesRead).toBeLessThan(apart.bytesRead)
})

test('what is recomputed over caches in memory has the bits that it has over files', async () => {
  const prepared = await prepare()
  await answer(prepared, prepared.coded)
  for (const recompute of [
    { kind: 'rows' as const, rows: [3, 4, 80, 200] },
    { kind: 'check' as const, layer: 2, ratio: 0.3, exactRows: 0, by: 'v' as const, attention: false, gradual: true },
  ]) {
    const apart = await answer(prepared, prepared.coded, { recompute, memory: false })
    const kept = await answer(prepared, prepared.coded, { recompute })
    expect(kept).toMatchObject({ logitsDigest: apart.logitsDigest, recomputedRows: apart.recomputedRows, bytesRead: 0 })
  }
})

test('a budget of 0 turns it off and frees it; a small one keeps a part, and never more', async () => {
  const prepared = await prepare()
  const first = await answer(prepared, prepared.coded)
  expect(addon.memory(0)).toMatchObject({ bytes: 0, layers: 0, budgetBytes: 0 })
  for (let i = 0; i < 2; i++) {
    const off = await answer(prepared, prepared.coded)
    expect(off).toMatchObject({ bytesRead: first.bytesRead, bytesFromMemory: 0, logitsDigest: first.logitsDigest })
  }
  const budget = Math.floor(prepared.decodedBytes / 2)
  addon.memory(budget)
  await answer(prepared, prepared.coded)
  const part = await answer(prepared, prepared.coded)
  expect(part.logitsDigest).toBe(first.logitsDigest)
  expect(part.bytesFromMemory).toBeGreaterThan(0)
  expect(part.bytesFromMemory).toBeLessThanOrEqual(budget)
  expect(addon.memory().bytes).toBeLessThanOrEqual(budget)
})

test('f16 caches are read from their files as ever', async () => {
  const prepared = await prepare()
  for (let i = 0; i < 2; i++)
    expect(await answer(prepared, prepared.f16.map(cached))).toMatchObject({ bytesRead: prepared.decodedBytes, bytesFromMemory: 0 })
  expect(addon.memory()).toMatchObject({ bytes: 0 })
})

describe('a file that', () => {
  test('is gone is missed, as it is without memory, and served again when it is back', async () => {
    const prepared = await prepare()
    const [one] = prepared.coded
    if (!one) throw new Error('Chunks were coded.')
    const first = await answer(prepared, prepared.coded)
    await copyFile(one.path, `${one.path}.aside`)
    await rm(one.path)
    expect(await rejection(answer(prepared, prepared.coded))).toBe('object.unreadable')
    await copyFile(`${one.path}.aside`, one.path)
    expect(await answer(prepared, prepared.coded)).toMatchObject({ bytesRead: 0, logitsDigest: first.logitsDigest })
  })

  test('was replaced by one of other contents is read anew', async () => {
    const prepared = await prepare()
    const [one] = prepared.coded
    const [f16] = prepared.f16
    if (!one || !f16) throw new Error('Chunks were coded.')
    const first = await answer(prepared, [one])
    // The same key, tokens and codebook, but other numbers: a model's K/V of other tokens under this key.
    const other = { ...f16, tokens: someTokens(70, 999), path: `${f16.path}.other` }
    const chunks = [other]
    await addon.encode(nextJob(), { model: prepared.model, context: [compute(BOS)], chunks, subBatch: 64 }, () => undefined)
    await addon.recode(nextJob(), { codebook: prepared.codebook, objects: [{ path: other.path, key: one.key, to: one.path }] }, () => undefined)
    const apart = await answer(prepared, [one], { memory: false })
    const second = await answer(prepared, [one])
    expect(apart.logitsDigest).not.toBe(first.logitsDigest)
    expect(second).toMatchObject({ logitsDigest: apart.logitsDigest, bytesRead: apart.bytesRead })
  })

  test('is coded by another codebook is another one', async () => {
    const prepared = await prepare()
    const coarse = await recode(prepared.f16, await learn(prepared.f16, 1.2))
    const first = await answer(prepared, prepared.coded)
    const other = await answer(prepared, coarse)
    expect(other.bytesFromMemory).toBe(0)
    expect(other.logitsDigest).not.toBe(first.logitsDigest)
  })

  test('is damaged is refused where it was never kept, and by its header whether it was or not', async () => {
    const prepared = await prepare()
    const [one] = prepared.coded
    if (!one) throw new Error('Chunks were coded.')
    const sound = await readFile(one.path)
    const damage = async (at: number): Promise<void> => {
      const bytes = Buffer.from(sound)
      bytes.writeUInt8(bytes.readUInt8(at) ^ 4, at)
      await writeFile(one.path, bytes)
    }
    await damage(sound.length - 9)
    expect(await rejection(answer(prepared, [one]))).toBe('object.damaged')
    // Nothing of the failed call is taken for a layer.
    expect(await rejection(answer(prepared, [one]))).toBe('object.damaged')
    await writeFile(one.path, sound)
    const first = await answer(prepared, [one])
    // Planes that go bad later do not matter to what was read while they were sound; checking still finds them.
    await damage(sound.length - 9)
    expect(await answer(prepared, [one])).toMatchObject({ bytesRead: 0, logitsDigest: first.logitsDigest })
    expect(await rejection(addon.verify({ path: one.path, key: one.key, codebook: one.codebook }))).toBe('object.damaged')
    await damage(50)
    expect(await rejection(answer(prepared, [one]))).toBe('object.damaged')
  })
})

test('two models at once share the memory', async () => {
  const [first, second] = [await prepare(), await prepare()]
  const path = await engine.model({ layers: LAYERS })
  const { model } = await addon.load(path, { device: 'cpu', gpuLayers: 'auto', threads: THREADS })
  const [a, b] = [first, { ...second, model }]
  const apart = await Promise.all([a, b].map(async (each) => (await answer(each, each.coded, { memory: false })).logitsDigest))
  addon.memory(Math.floor(first.decodedBytes * 1.2))
  for (let round = 0; round < 6; round++) {
    const results = await Promise.all([a, b].map(async (each) => await answer(each, each.coded)))
    expect(results.map(({ logitsDigest }) => logitsDigest)).toEqual(apart)
    expect(addon.memory().bytes).toBeLessThanOrEqual(addon.memory().budgetBytes)
  }
  addon.unload(model)
})
