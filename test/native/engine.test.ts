/** Encoding and answering on models with random weights, in this process. */
import { existsSync } from 'node:fs'
import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import type { AnswerEvent, AnswerParams, AnswerResult } from '../../src/shared/engine'
import type { AddonEncodeEvent } from '../../src/engine-host/addon'
import {
  ask,
  cached,
  compare,
  compute,
  digestOf,
  engineFixture,
  GREEDY,
  rejection,
  someTokens,
  THREADS,
  type Cached,
} from './engine-fixture'

const engine = engineFixture()
const { addon } = engine
const VOCABULARY = 1024
/** BOS and a system prompt. */
const PREFIX = [1022, ...someTokens(9, 4)]
const QUESTION = someTokens(24, 3)

// K and V are stored as f16 before RoPE, so cached K is rounded twice where computed K is rounded once.
const MAX_CACHE_DIVERGENCE = 1e-4

let lastJob = 0
const nextJob = (): number => ++lastJob

/** Encodes chunks behind a context; each gets a file of its own. */
async function encode(
  model: string,
  context: number[],
  texts: readonly number[][],
): Promise<{ chunks: Cached[]; events: AddonEncodeEvent[] }> {
  const chunks = texts.map((tokens, i) => {
    const key = digestOf(`${String(nextJob())} ${String(i)}`)
    return { tokens, key, path: join(engine.folder, `${key}.kvo`) }
  })
  const events: AddonEncodeEvent[] = []
  const request = { model, context: [compute(context)], chunks, subBatch: 64 }
  await addon.encode(nextJob(), request, (event) => events.push(event))
  return { chunks, events }
}

async function answer(params: AnswerParams): Promise<{ result: AnswerResult; events: AnswerEvent[] }> {
  const events: AnswerEvent[] = []
  const result = await addon.answer(nextJob(), params, (event) => events.push(event))
  return { result, events }
}

describe.each(['llama', 'qwen2', 'qwen3'])('a cached document answers like a full prefill (%s)', (architecture) => {
  const chunkings = { 'as one chunk': [300], 'as five chunks': [70, 64, 3, 128, 35] }

  test.each(Object.entries(chunkings))('%s', async (_, sizes) => {
    const path = await engine.model({ architecture })
    const { model } = await engine.load(path)
    const texts = sizes.map((size, i) => someTokens(size, 10 + i))
    const { chunks } = await encode(model, PREFIX, texts)
    const reused = [compute(PREFIX), ...chunks.map(cached)]

    const full = await answer(ask(model, [compute([...PREFIX, ...texts.flat()]), compute(QUESTION)]))
    const reuse = await answer(ask(model, [...reused, compute(QUESTION)]))
    expect(reuse.result.tokens).toEqual(full.result.tokens)
    expect(reuse.result.reusedTokens).toBe(300)
    expect(reuse.result.computedTokens).toBe(PREFIX.length + QUESTION.length)

    const common = { path, who: 'kvasir', tokens: QUESTION, subBatch: 64, threads: THREADS } as const
    const expected = await addon.logits({ ...common, context: [compute([...PREFIX, ...texts.flat()])] })
    const actual = await addon.logits({ ...common, context: reused })
    expect(compare(expected, actual, VOCABULARY).maxDivergence).toBeLessThan(MAX_CACHE_DIVERGENCE)
  })
})

test('chunks of another context give another answer', async () => {
  const path = await engine.model()
  const { model } = await engine.load(path)
  const texts = [someTokens(64, 20), someTokens(64, 21)]
  const { chunks } = await encode(model, PREFIX, texts)
  const alone = await encode(model, [1022], [texts[1] ?? []])
  const common = { path, who: 'kvasir', tokens: QUESTION, subBatch: 64, threads: THREADS } as const
  const exact = await addon.logits({ ...common, context: [compute(PREFIX), ...chunks.map(cached)] })
  const mixed = await addon.logits({
    ...common,
    context: [compute(PREFIX), ...chunks.slice(0, 1).map(cached), ...alone.chunks.map(cached)],
  })
  expect(compare(exact, mixed, VOCABULARY).maxDivergence).toBeGreaterThan(MAX_CACHE_DIVERGENCE)
})

test('a missing chunk can be computed in its place', async () => {
  const { model } = await engine.load(await engine.model())
  const texts = [someTokens(50, 30), someTokens(60, 31), someTokens(40, 32)]
  const { chunks } = await encode(model, PREFIX, texts)
  const segments = [compute(PREFIX), ...chunks.map((chunk, i) => (i === 1 ? compute(chunk.tokens) : cached(chunk)))]
  const { result } = await answer(ask(model, [...segments, compute(QUESTION)]))
  const full = await answer(ask(model, [compute([...PREFIX, ...texts.flat()]), compute(QUESTION)]))
  expect(result.tokens).toEqual(full.result.tokens)
  expect(result.reusedTokens).toBe(90)
})

test('encoding behind cached chunks gives the same document variant', async () => {
  const path = await engine.model()
  const { model } = await engine.load(path)
  const texts = [someTokens(64, 40), someTokens(64, 41)]
  const { chunks } = await encode(model, PREFIX, texts)
  const [first, second] = chunks
  if (!first || !second) throw new Error('Two chunks were asked for.')
  const again = { tokens: second.tokens, key: digestOf('again'), path: join(engine.folder, 'again.kvo') }
  const context = [compute(PREFIX), cached(first)]
  await addon.encode(nextJob(), { model, context, chunks: [again], subBatch: 64 }, () => undefined)
  const common = { path, who: 'kvasir', tokens: QUESTION, threads: THREADS } as const
  const expected = await addon.logits({ ...common, context: [...context, cached(second)] })
  const actual = await addon.logits({ ...common, context: [...context, cached(again)] })
  expect(compare(expected, actual, VOCABULARY).maxDivergence).toBeLessThan(MAX_CACHE_DIVERGENCE)
})

test('encoding reports every sub-batch and every chunk, and its objects verify', async () => {
  const { model, kvBytesPerToken } = await engine.load(await engine.model())
  const { chunks, events } = await encode(model, PREFIX, [someTokens(100), someTokens(30, 1)])
  const done = events.flatMap((event) => (event.type === 'progress' ? [event.done] : []))
  expect(done).toEqual([10, 74, 110, 140])
  expect(events.flatMap((event) => (event.type === 'chunk' ? [event.index] : []))).toEqual([0, 1])
  for (const { path, key, tokens } of chunks) {
    const { bytes, tokens: stored } = await addon.verify({ path, key })
    expect(stored).toBe(tokens.length)
    expect(bytes).toBeGreaterThan(tokens.length * kvBytesPerToken)
    expect((await readFile(path)).length).toBe(bytes)
  }
})

describe('answering', () => {
  test('streams what it returns, times its stages and names the first tokens', async () => {
    const { model } = await engine.load(await engine.model())
    const { chunks } = await encode(model, PREFIX, [someTokens(100, 50)])
    const segments = [compute(PREFIX), ...chunks.map(cached), compute(QUESTION)]
    const { result, events } = await answer(ask(model, segments))
    expect(events.flatMap((event) => (event.type === 'text' ? [event.text] : [])).join('')).toBe(result.text)
    expect(result.pieces).toHaveLength(result.tokens.length)
    expect(result.pieces.join('')).toBe(result.text)
    expect(events.flatMap((event) => (event.type === 'progress' ? [event.done] : []))).toEqual([5, 67, 134])
    const { text: _, tokens: __, pieces: _____, stop: ___, decodeMs: ____, ...composition } = result
    expect(events.filter((event) => event.type === 'first-token')).toEqual([{ type: 'first-token', ...composition }])
    expect(result.stages.map((stage) => stage.name)).toEqual(['load', 'compute', 'first-token'])
    expect(result.stages.reduce((sum, stage) => sum + stage.busyMs, 0)).toBeLessThanOrEqual(result.ttftMs)
    // The second layer is loaded only when the first is computed.
    expect(result.work.map(({ what, from, to, rows }) => [what, from, to, rows])).toEqual([
      ['compute', 0, 2, 10],
      ['load', 0, 1, 100],
      ['compute', 0, 1, 24],
      ['load', 1, 2, 100],
      ['compute', 1, 2, 24],
    ])
    expect(result.firstTokens[0]?.id).toBe(result.tokens[0])
    expect(result.firstTokens).toHaveLength(8)
    expect(result.stop).toBe('length')
    expect(result.tokens).toHaveLength(12)
  })

  test('gives the same bits again', async () => {
    const { model } = await engine.load(await engine.model())
    const params = ask(model, [compute(PREFIX), compute(QUESTION)])
    const digests = [(await answer(params)).result.logitsDigest, (await answer(params)).result.logitsDigest]
    expect(digests[0]).toBe(digests[1])
    const other = await answer(ask(model, [compute(PREFIX), compute(someTokens(24, 99))]))
    expect(other.result.logitsDigest).not.toBe(digests[0])
  })

  test('ends before a stop string, also one that spans tokens, and shows none of it', async () => {
    const { model } = await engine.load(await engine.model())
    const segments = [compute(PREFIX), compute(QUESTION)]
    const free = (await answer(ask(model, segments))).result
    const stop = free.text.slice(5, 9)
    const { result, events } = await answer(ask(model, segments, { stop: ['never', stop] }))
    expect(result.stop).toBe('stop-string')
    expect(result.text).toBe(free.text.slice(0, free.text.indexOf(stop)))
    expect(events.flatMap((event) => (event.type === 'text' ? [event.text] : [])).join('')).toBe(result.text)
    expect(result.pieces).toHaveLength(result.tokens.length)
    expect(result.pieces.join('')).toBe(result.text)
  })

  test('draws the same tokens from the same seed, others from another', async () => {
    const { model } = await engine.load(await engine.model())
    const draw = async (seed: number): Promise<readonly number[]> => {
      const sampling = { ...GREEDY, temperature: 2, topK: 0, topP: 1, minP: 0, seed }
      return (await answer(ask(model, [compute(PREFIX), compute(QUESTION)], { sampling }))).result.tokens
    }
    expect(await draw(1)).toEqual(await draw(1))
    expect(await draw(1)).not.toEqual(await draw(2))
  })

  test('of one candidate is greedy at any temperature', async () => {
    const { model } = await engine.load(await engine.model())
    const segments = [compute(PREFIX), compute(QUESTION)]
    const greedy = (await answer(ask(model, segments))).result.tokens
    for (const cut of [{ topK: 1 }, { topK: 0, topP: 0 }, { topK: 0, topP: 1, minP: 1 }]) {
      const sampling = { ...GREEDY, temperature: 5, ...cut }
      expect((await answer(ask(model, segments, { sampling }))).result.tokens).toEqual(greedy)
    }
  })

  test('stops at the end-of-text token', async () => {
    const { model } = await engine.load(await engine.model())
    const stops = new Set<string>()
    // At this temperature every token is about as likely: one in 1024 ends the text.
    for (let seed = 0; seed < 20 && !stops.has('eos'); seed++) {
      const sampling = { temperature: 10, topK: 0, topP: 1, minP: 0, seed }
      const { result } = await answer(ask(model, [compute(PREFIX)], { sampling, maxTokens: 1000 }))
      stops.add(result.stop)
      if (result.stop === 'eos') expect(result.tokens).not.toContain(1023)
    }
    expect([...stops]).toContain('eos')
  })

  test('goes on beyond the rows reserved at first', async () => {
    const path = await engine.model({ seed: 7 })
    const { model } = await engine.load(path)
    const { result } = await answer(ask(model, [compute(someTokens(600))], { maxTokens: 600 }))
    const reference = await addon.logits({
      path,
      who: 'kvasir',
      tokens: [...someTokens(600), ...result.tokens.slice(0, -1)],
      decode: result.tokens.length - 1,
      subBatch: 64,
      threads: THREADS,
    })
    const last = reference.subarray(reference.length - VOCABULARY)
    expect(last.indexOf(Math.max(...last))).toBe(result.tokens.at(-1))
  })

  test('stops at the end of the model’s context', async () => {
    const { model } = await engine.load(await engine.model({ contextLength: 64 }))
    const { result } = await answer(ask(model, [compute(someTokens(60))], { maxTokens: 100 }))
    expect(result.tokens).toHaveLength(5)
    expect(result.stop).toBe('length')
  })
})

describe('refuses', () => {
  test('what makes no sense, by its code', async () => {
    const { model } = await engine.load(await engine.model({ contextLength: 256 }))
    const chunk = { tokens: [1], key: digestOf('none'), path: join(engine.folder, 'none.kvo') }
    const tries = {
      'argument.invalid': [ask(model, [cached(chunk)]), ask(model, [compute([VOCABULARY])]), ask(model, [compute([])])],
      'engine.context-too-long': [ask(model, [compute(someTokens(257))])],
      'object.unreadable': [ask(model, [cached(chunk), compute([1])])],
      'not-found': [ask('no-model', [compute([1])])],
    }
    for (const [code, list] of Object.entries(tries)) {
      for (const params of list) expect(await rejection(addon.answer(nextJob(), params, () => undefined))).toBe(code)
    }
  })

  test('an object of another chunk, of another model and a damaged one, and then answers as before', async () => {
    const { model } = await engine.load(await engine.model())
    const other = await engine.load(await engine.model({ layers: 3 }))
    const { chunks } = await encode(model, PREFIX, [someTokens(64, 60)])
    const [chunk] = chunks
    if (!chunk) throw new Error('One chunk was asked for.')
    const question = [compute(PREFIX), compute(QUESTION)]
    const before = (await answer(ask(model, question))).result.logitsDigest
    const asked = (handle: string, item: Cached): Promise<unknown> =>
      rejection(addon.answer(nextJob(), ask(handle, [cached(item), compute(QUESTION)]), () => undefined))

    expect(await asked(model, { ...chunk, key: digestOf('another') })).toBe('object.mismatch')
    expect(await asked(other.model, chunk)).toBe('object.mismatch')
    const damaged = { ...chunk, path: join(engine.folder, 'damaged.kvo') }
    const bytes = await readFile(chunk.path)
    bytes.writeUInt8(bytes.readUInt8(bytes.length - 100) ^ 1, bytes.length - 100)
    await writeFile(damaged.path, bytes)
    expect(await asked(model, damaged)).toBe('object.damaged')
    expect((await answer(ask(model, question))).result.logitsDigest).toBe(before)
  })
})

describe('cancelling', () => {
  test('ends a job within a sub-batch; the model answers the next question as before', async () => {
    const slow = { layers: 8, embedding: 256, feedForward: 1024, contextLength: 65_536 }
    const { model } = await engine.load(await engine.model(slow))
    const question = ask(model, [compute(PREFIX), compute(QUESTION)])
    const before = (await answer(question)).result.logitsDigest
    const job = nextJob()
    const started = performance.now()
    const long = addon.answer(job, ask(model, [compute(someTokens(60_000))], { subBatch: 4096 }), () => undefined)
    setTimeout(() => addon.abort(job), 100)
    expect(await rejection(long)).toBe('cancelled')
    expect(performance.now() - started).toBeLessThan(5_000)
    expect((await answer(question)).result.logitsDigest).toBe(before)
  })

  test('an encoding keeps the chunks that were complete and leaves no part of the next one', async () => {
    const { model } = await engine.load(await engine.model({ contextLength: 65_536 }))
    const chunks = Array.from({ length: 100 }, (_, i) => {
      const key = digestOf(`cancelled ${String(i)}`)
      return { tokens: someTokens(512, i), key, path: join(engine.folder, `${key}.kvo`) }
    })
    const job = nextJob()
    const complete = new Set<number>()
    const encoding = addon.encode(job, { model, context: [], chunks, subBatch: 64 }, (event) => {
      if (event.type !== 'chunk') return
      complete.add(event.index)
      addon.abort(job)
    })
    expect(await rejection(encoding)).toBe('cancelled')
    expect(complete.has(0)).toBe(true)
    for (const [i, { path, key, tokens }] of chunks.entries()) {
      expect(existsSync(path)).toBe(complete.has(i))
      if (complete.has(i)) expect(await addon.verify({ path, key })).toMatchObject({ tokens: tokens.length })
    }
  })

  test('of no job does nothing', () => {
    addon.abort(4_000_000)
  })
})

test('jobs of one model wait for each other and do not disturb each other', async () => {
  const { model } = await engine.load(await engine.model())
  const questions = [1, 2, 3, 4].map((seed) => ask(model, [compute(PREFIX), compute(someTokens(40, seed))]))
  const alone: string[] = []
  for (const question of questions) alone.push((await answer(question)).result.logitsDigest)
  const together = await Promise.all(questions.map((question) => answer(question)))
  expect(together.map(({ result }) => result.logitsDigest)).toEqual(alone)
})

describe('the tokenizer', () => {
  test('gives back any text', async () => {
    const { model } = await engine.load(await engine.model())
    const texts = ['', 'plain words', 'Grüße, 世界! 🐻‍❄️\r\n\t"', 'a'.repeat(10_000)]
    const tokens = await addon.tokenize(model, texts, false)
    for (const [i, text] of texts.entries()) expect(await addon.detokenize(model, tokens[i] ?? [])).toBe(text)
  })

  test('parses control tokens only when told to', async () => {
    const { model } = await engine.load(await engine.model())
    const [[control] = [], plain = []] = await Promise.all(
      [true, false].map(async (special) => (await addon.tokenize(model, ['<|stop|>'], special))[0]),
    )
    expect(control).toBe(1023)
    expect(plain.length).toBeGreaterThan(1)
  })

  test('has a digest that depends on the vocabulary alone', async () => {
    const one = await addon.inspect(await engine.model())
    const same = await addon.inspect(await engine.model({ layers: 3, seed: 5 }))
    const other = await addon.inspect(await engine.model({ vocabulary: 1100 }))
    expect(same.tokenizerDigest).toBe(one.tokenizerDigest)
    expect(other.tokenizerDigest).not.toBe(one.tokenizerDigest)
  })
})

test('inspecting and loading state the same facts', async () => {
  const path = await engine.model({ architecture: 'qwen3', tied: true })
  const facts = await addon.inspect(path)
  expect(await engine.load(path)).toMatchObject(facts)
  expect(facts).toMatchObject({
    architecture: 'qwen3',
    quantization: 'F32',
    layers: 2,
    heads: 4,
    kvHeads: 2,
    headDim: 16,
    vocabulary: VOCABULARY,
    kvBytesPerToken: 2 * 2 * 2 * 16 * 2,
    chatTemplate: null,
    bosToken: { id: 1022, text: '<|begin|>' },
    eosToken: { id: 1023, text: '<|stop|>' },
    addBos: true,
  })
})

test('measures both engines', async () => {
  const { model } = await engine.load(await engine.model())
  for (const who of ['kvasir', 'libllama'] as const) {
    const common = { model, who, tokens: someTokens(100), steps: 3, subBatch: 64 }
    const prefill = await addon.bench(nextJob(), { ...common, what: 'prefill' })
    const decode = await addon.bench(nextJob(), { ...common, what: 'decode' })
    expect([prefill.tokens, decode.tokens]).toEqual([100, 3])
    expect(Math.min(prefill.ms, decode.ms)).toBeGreaterThan(0)
  }
})
