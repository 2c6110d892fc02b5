/** Coded caches in contexts: learnt from f16 ones, read, decoded and used. In this process, random weights. */
import { createHash } from 'node:crypto'
import { readFile, stat, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import type { CodebookFile, ComparedArm, Recompute, Segment } from '../../src/shared/engine'
import { cached, compute, digestOf, engineFixture, rejection, someTokens, THREADS, type Cached } from './engine-fixture'

const engine = engineFixture()
const { addon } = engine
const BOS = [1022]
const QUESTION = someTokens(24, 3)
const LAYERS = 4
const FINGERPRINT = digestOf('a model')

let lastJob = 7_000_000
const nextJob = (): number => ++lastJob

async function encode(model: string, texts: readonly number[][]): Promise<Cached[]> {
  const chunks = texts.map((tokens) => {
    const key = digestOf(String(nextJob()))
    return { tokens, key, path: join(engine.folder, `${key}.kvo`) }
  })
  await addon.encode(nextJob(), { model, context: [compute(BOS)], chunks, subBatch: 64 }, () => undefined)
  return chunks
}

/** A codebook of one step, in parts of each plane's deviation. */
async function learn(chunks: readonly Cached[], step: number, basis: boolean, layers = LAYERS): Promise<CodebookFile> {
  const path = join(engine.folder, `${nextJob()}.kvc`)
  const objects = chunks.map((chunk) => ({ path: chunk.path, key: chunk.key }))
  const steps = Array.from({ length: 2 * (layers - 1) }, () => step)
  const params = { fingerprint: FINGERPRINT, objects, trials: [{ path, basis, steps }], threads: THREADS }
  const [learnt] = await addon.learn(nextJob(), params, () => undefined)
  expect(learnt?.bytes).toBe((await stat(path)).size)
  return { path, digest: createHash('sha256').update(await readFile(path)).digest('hex') }
}

async function recode(chunks: readonly Cached[], codebook: CodebookFile): Promise<Cached[]> {
  const coded = chunks.map((chunk) => ({ ...chunk, path: join(engine.folder, `${nextJob()}.kvo`) }))
  const objects = chunks.map((chunk, index) => ({ path: chunk.path, key: chunk.key, to: coded[index]?.path ?? '' }))
  const bytes: number[] = []
  await addon.recode(nextJob(), { codebook, objects }, (event) => bytes.push(event.bytes))
  for (const [index, { path }] of coded.entries()) expect((await stat(path)).size).toBe(bytes[index])
  return coded
}

/** Each arm held against the first, over the first one's greedy answer. */
async function compare(
  model: string,
  arms: readonly { readonly segments: Segment[]; readonly recompute?: Recompute }[],
): Promise<readonly ComparedArm[]> {
  const params = { model, arms: [...arms], continuation: null, maxTokens: 8, stop: [], subBatch: 64 }
  return (await addon.compare(nextJob(), params, () => undefined)).arms
}

interface Prepared {
  readonly model: string
  readonly chunks: Cached[]
  readonly f16: Segment[]
}

async function prepare(architecture = 'llama'): Promise<Prepared> {
  const { model } = await engine.load(await engine.model({ layers: LAYERS, architecture }))
  const chunks = await encode(model, [70, 64, 5, 128, 35].map((size, i) => someTokens(size, 100 + i)))
  return { model, chunks, f16: [compute(BOS), ...chunks.map(cached), compute(QUESTION)] }
}

/** The same context with some chunks coded. */
const withCoded = (chunks: readonly Cached[], coded: readonly Cached[], codebook: CodebookFile): Segment[] => [
  compute(BOS),
  ...chunks.map((chunk): Segment => {
    const found = coded.find(({ key }) => key === chunk.key)
    return found ? { ...cached(found), codebook } : cached(chunk)
  }),
  compute(QUESTION),
]

describe.each(['llama', 'qwen2', 'qwen3'])('on %s', (architecture) => {
  test.each([true, false])('fine steps give what f16 caches give (basis: %s)', async (basis) => {
    const { model, chunks, f16 } = await prepare(architecture)
    const codebook = await learn(chunks, 0.01, basis)
    const coded = await recode(chunks, codebook)
    const [, all, some] = await compare(model, [
      { segments: f16 },
      { segments: withCoded(chunks, coded, codebook) },
      { segments: withCoded(chunks, [coded[1], coded[3]].filter((each) => each !== undefined), codebook) },
    ])
    expect(all?.klMax).toBeLessThan(1e-3)
    expect(some?.klMax).toBeLessThan(1e-3)
    expect(all?.reusedTokens).toBe(chunks.reduce((sum, { tokens }) => sum + tokens.length, 0))
  })
})

test('coarser steps take fewer bytes and differ more; what is read is what the files hold', async () => {
  const { model, chunks, f16 } = await prepare()
  let last = { bytes: Infinity, kl: -1 }
  for (const step of [0.05, 0.4, 1.6]) {
    const codebook = await learn(chunks, step, true)
    const coded = await recode(chunks, codebook)
    const [, arm] = await compare(model, [{ segments: f16 }, { segments: withCoded(chunks, coded, codebook) }])
    const sizes = await Promise.all(coded.map(async ({ path }) => (await stat(path)).size))
    const bytes = sizes.reduce((sum, size) => sum + size, 0)
    expect(bytes).toBeLessThan(last.bytes)
    expect(arm?.klMean).toBeGreaterThan(last.kl)
    // Headers and tables are read as well, but hold no K/V.
    expect(bytes - (arm?.bytesRead ?? 0)).toBe(coded.length * (128 + 8 * 2 * (LAYERS - 1)))
    last = { bytes, kl: arm?.klMean ?? NaN }
  }
})

test('what is recomputed is computed as ever over coded caches', async () => {
  const { model, chunks } = await prepare()
  const codebook = await learn(chunks, 0.4, true)
  const segments = withCoded(chunks, await recode(chunks, codebook), codebook)
  const check: Recompute = { kind: 'check', layer: 1, ratio: 1, exactRows: 0, by: 'v', attention: false, gradual: false }
  const full = [compute([...BOS, ...chunks.flatMap(({ tokens }) => tokens), ...QUESTION])]
  const [, plain, all, some] = await compare(model, [
    { segments: full },
    { segments },
    { segments, recompute: check },
    { segments, recompute: { ...check, ratio: 0.3 } },
  ])
  expect(all?.klMax).toBeLessThan(1e-3)
  expect(some?.klMean).toBeLessThan(plain?.klMean ?? 0)
  expect(some?.recomputedRows.length).toBeGreaterThan(50)
})

test('a resident context of f16 caches is not taken for one of coded caches', async () => {
  const { model, chunks, f16 } = await prepare()
  const codebook = await learn(chunks, 0.4, false)
  const coded = withCoded(chunks, await recode(chunks, codebook), codebook)
  const ask = async (segments: Segment[]): Promise<boolean> => {
    const sampling = { temperature: 0, topK: 40, topP: 0.95, minP: 0.05, seed: 0 }
    const params = { model, segments, sampling, maxTokens: 1, stop: [], subBatch: 64, resident: true }
    return (await addon.answer(nextJob(), params, () => undefined)).wasResident
  }
  await ask(f16)
  expect(await ask(f16)).toBe(true)
  expect(await ask(coded)).toBe(false)
  expect(await ask(coded)).toBe(true)
})

test('coded objects and codebooks that are damaged, or not each other\'s, are refused by name', async () => {
  const { model, chunks } = await prepare()
  const codebook = await learn(chunks, 0.4, true)
  const coarser = await learn(chunks, 0.8, true)
  const [first] = await recode(chunks.slice(0, 1), codebook)
  if (!first) throw new Error('One chunk was coded.')
  const reading = async (segment: Segment): Promise<unknown> =>
    await rejection(compare(model, [{ segments: [compute(BOS), segment, compute(QUESTION)] }]))
  expect(await reading({ ...cached(first), codebook })).toBeUndefined()
  expect(await addon.verify({ path: first.path, key: first.key, codebook })).toMatchObject({ tokens: 70 })
  expect(await reading({ ...cached(first), codebook: coarser })).toBe('object.mismatch')
  expect(await reading(cached(first))).toBe('object.mismatch')
  expect(await reading({ ...cached(first), codebook: { ...codebook, digest: digestOf('another') } })).toBe('store.damaged')
  expect(await reading({ ...cached(first), codebook: { path: join(engine.folder, 'none.kvc'), digest: digestOf('none') } })).toBe(
    'store.damaged',
  )
  expect(await reading({ ...cached(chunks[0] ?? first), codebook })).toBe('object.mismatch')

  const bytes = await readFile(first.path)
  bytes.writeUInt8(bytes.readUInt8(bytes.length - 9) ^ 4, bytes.length - 9)
  await writeFile(first.path, bytes)
  expect(await reading({ ...cached(first), codebook })).toBe('object.damaged')
  expect(await rejection(addon.verify({ path: first.path, key: first.key, codebook }))).toBe('object.damaged')
})

describe('learning', () => {
  test('can be cancelled, and says what it lacks', async () => {
    const { chunks } = await prepare()
    const objects = chunks.map(({ path, key }) => ({ path, key }))
    const path = join(engine.folder, `${nextJob()}.kvc`)
    const trial = { path, basis: true, steps: Array.from({ length: 2 * (LAYERS - 1) }, () => 0.4) }
    const params = { fingerprint: FINGERPRINT, objects, trials: [trial], threads: THREADS }
    const job = nextJob()
    expect(await rejection(addon.learn(job, params, () => addon.abort(job)))).toBe('cancelled')
    expect(await rejection(addon.learn(nextJob(), { ...params, trials: [{ ...trial, steps: [1, 1] }] }, () => undefined))).toBe(
      'argument.invalid',
    )
    const missing = [{ path: join(engine.folder, 'none.kvo'), key: digestOf('none') }]
    expect(await rejection(addon.learn(nextJob(), { ...params, objects: missing }, () => undefined))).toBe('object.unreadable')
  })

  test('refuses caches of another shape', async () => {
    const { chunks } = await prepare()
    const { model } = await engine.load(await engine.model({ layers: 2 }))
    const [other] = await encode(model, [someTokens(9)])
    if (!other) throw new Error('One chunk was asked for.')
    expect(await rejection(learn([...chunks, other], 0.4, false))).toBe('argument.invalid')
  })
})
