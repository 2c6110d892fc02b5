/** Our graph against libllama on the same file: every bit equal with libllama's kernels, nearly so with our own. */
import { describe, expect, test } from 'vitest'
import type { LogitsParams } from '../../src/engine-host/addon'
import { DATA_TYPES, type RandomModelParams } from '../../src/shared/engine'
import { compare, engineFixture, someTokens, THREADS, type Comparison } from './engine-fixture'

const engine = engineFixture()
const VOCABULARY = 1024
const DECODED = 4

/** Quantised types pack 256 numbers of a row. */
const WIDE = { embedding: 256, feedForward: 512, heads: 4, kvHeads: 2, headDim: 64 } as const

/** Other kernels add up the same sums in another order; libllama's for few rows adds up V in f16. */
const KERNEL_DIVERGENCE = 1e-5

type Changes = Partial<Omit<LogitsParams, 'path' | 'who' | 'tokens'>>

/** Prefill of `prefill` tokens in sub-batches of 64 and a few decoded ones, by both. */
async function parity(wanted: Partial<RandomModelParams>, prefill = 128, changes: Changes = {}): Promise<Comparison> {
  const path = await engine.model(wanted)
  const common = { path, tokens: someTokens(prefill + DECODED), subBatch: 64, decode: DECODED, threads: THREADS }
  const reference = await engine.addon.logits({ ...common, who: 'libllama' })
  const own = await engine.addon.logits({ ...common, asLibllama: true, ...changes, who: 'kvasir' })
  return compare(reference, own, VOCABULARY)
}

describe.each(['llama', 'qwen2', 'qwen3'])('%s gives libllama’s logits, bit for bit', (architecture) => {
  test.each(DATA_TYPES)('with weights of %s', async (type) => {
    expect(await parity({ ...WIDE, architecture, type })).toEqual({ maxDifference: 0, maxDivergence: 0 })
  })

  test('at a length that is no multiple of anything', async () => {
    expect((await parity({ ...WIDE, architecture, type: 'q4_0' }, 64 + 37)).maxDifference).toBe(0)
  })

  test.each([16, 40, 64, 128])('but for rounding with our own attention, heads of %d elements', async (headDim) => {
    const embedding = architecture === 'qwen2' ? 6 * headDim : 128
    const model = { architecture, embedding, headDim, heads: 6, kvHeads: 3 }
    expect((await parity(model, 300, { asLibllama: false })).maxDivergence).toBeLessThan(KERNEL_DIVERGENCE)
  })

  test('with tied embeddings', async () => {
    expect((await parity({ ...WIDE, architecture, type: 'q8_0', tied: true })).maxDifference).toBe(0)
  })

  test.each(['yarn', 'linear'] as const)('with %s scaling', async (ropeScaling) => {
    expect((await parity({ ...WIDE, architecture, ropeScaling, contextLength: 1024 })).maxDifference).toBe(0)
  })

  test.each([6, 20, 40, 96])('with heads of %d elements', async (headDim) => {
    // libllama loads a qwen2 only when its heads together are as wide as its embeddings.
    const embedding = architecture === 'qwen2' ? 6 * headDim : 64
    expect((await parity({ architecture, embedding, headDim, heads: 6, kvHeads: 3 })).maxDifference).toBe(0)
  })

  test('through the scheduler that other devices need', async () => {
    expect((await parity({ ...WIDE, architecture, type: 'q4_0' }, 128, { scheduler: true })).maxDifference).toBe(0)
  })
})

test('llama with the frequency factors of Llama 3', async () => {
  expect((await parity({ ...WIDE, ropeScaling: 'llama3', ropeBase: 500_000 })).maxDifference).toBe(0)
})

test('one layer, one head, longer than one step of the cache', async () => {
  expect((await parity({ layers: 1, heads: 1, kvHeads: 1 }, 320)).maxDifference).toBe(0)
})

test('every key/value head its own', async () => {
  expect((await parity({ kvHeads: 4 })).maxDifference).toBe(0)
})

test('two threads', async () => {
  const path = await engine.model({ ...WIDE, type: 'q4_0' })
  const common = { path, tokens: someTokens(600 + DECODED), subBatch: 512, decode: DECODED, threads: 2 }
  const reference = await engine.addon.logits({ ...common, who: 'libllama' })
  const own = await engine.addon.logits({ ...common, asLibllama: true, who: 'kvasir' })
  expect(compare(reference, own, VOCABULARY).maxDifference).toBe(0)
})

// The comparison can fail: a base that is 2 % off moves far-away keys.
test('a wrong RoPE base is noticed', async () => {
  const result = await parity(WIDE, 128, { ropeBaseScale: 1.02 })
  expect(result.maxDifference).toBeGreaterThan(1e-3)
})

test.each([13, 37, 63])('our own kernels change nothing but rounding at %d tokens', async (tokens) => {
  const result = await parity({ ...WIDE, type: 'f32' }, tokens, { asLibllama: false })
  expect(result.maxDivergence).toBeLessThan(KERNEL_DIVERGENCE)
})

test('other sub-batches change nothing but rounding', async () => {
  const path = await engine.model(WIDE)
  const common = { path, who: 'kvasir', tokens: someTokens(300), threads: THREADS } as const
  const one = await engine.addon.logits({ ...common, subBatch: 512 })
  const many = await engine.addon.logits({ ...common, subBatch: 64 })
  expect(compare(one, many, VOCABULARY).maxDivergence).toBeLessThan(KERNEL_DIVERGENCE)
})
