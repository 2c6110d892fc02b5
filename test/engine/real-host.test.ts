/** The bridge on the real host, addon and libraries, with a tiny random model. */
import { createHash } from 'node:crypto'
import { existsSync } from 'node:fs'
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { randomTokens } from '../../src/main/bench/draw'
import type { Engine } from '../../src/main/engine/engine'
import type { AnswerParams, AnswerResult, EncodedChunk, LoadedModel, Segment } from '../../src/shared/engine'
import { testEngine } from '../helpers/engine'
import { tinyModel } from '../helpers/tiny-model'

const GREEDY: AnswerParams['sampling'] = { temperature: 0, topK: 1, topP: 1, minP: 0, seed: 0 }
const LOAD = { device: 'cpu', gpuLayers: 'auto', threads: 1 } as const

let folder: string
let engine: Engine
let path: string
let model: LoadedModel

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'kvasir-real-host-'))
  engine = testEngine()
  path = await tinyModel()
  model = await engine.call('load', { path, options: LOAD })
})
afterAll(async () => {
  await engine[Symbol.asyncDispose]()
  await rm(folder, { recursive: true })
})

const sha256 = (data: string | Uint8Array): string => createHash('sha256').update(data).digest('hex')
const words = (count: number, seed: number): number[] =>
  randomTokens(count, model.vocabulary, seed, [model.bosToken?.id ?? -1, model.eosToken?.id ?? -1])
const bos = (): Segment => ({ kind: 'compute', tokens: [model.bosToken?.id ?? 0] })

function params(segments: Segment[], maxTokens = 4): AnswerParams {
  return { model: model.model, segments, sampling: GREEDY, maxTokens, stop: [], subBatch: 64 }
}

/** The `document` variants of chunks behind BOS, as segments. */
async function encode(
  name: string,
  chunks: number[][],
  on: Engine = engine,
): Promise<{ segments: Segment[]; told: EncodedChunk[] }> {
  const told: EncodedChunk[] = []
  const wanted = chunks.map((tokens, index) => ({
    tokens,
    key: sha256(`${name} ${index}`),
    path: join(folder, `${name}-${index}.kvo`),
  }))
  await on.call(
    'encode',
    { model: model.model, context: [bos()], chunks: wanted, subBatch: 64 },
    { onEvent: (event) => event.type === 'chunk' && told.push(event) },
  )
  return { segments: wanted.map((chunk) => ({ kind: 'cached', ...chunk })), told }
}

/** The same chunk, coded by a codebook of its own. */
async function recoded(on: Engine, chunk: Extract<Segment, { kind: 'cached' }>): Promise<Segment> {
  const codebook = join(folder, 'learnt.kvc')
  const objects = [{ path: chunk.path, key: chunk.key }]
  const trials = [{ path: codebook, basis: false, steps: [0.5, 0.5] }]
  const [learnt] = await on.call('learn', { fingerprint: sha256('a model'), objects, trials })
  const to = `${chunk.path}.coded`
  const file = { path: codebook, digest: learnt?.digest ?? '' }
  await on.call('recode', { codebook: file, objects: [{ path: chunk.path, key: chunk.key, to }] })
  return { ...chunk, path: to, codebook: file }
}

/** Starts a job that takes long, and waits until it runs. */
async function longAnswer(signal?: AbortSignal): Promise<{ readonly job: Promise<AnswerResult> }> {
  const { promise: begun, resolve } = Promise.withResolvers<void>()
  const onEvent = (): void => resolve()
  const job = engine.call('answer', params([bos(), { kind: 'compute', tokens: words(64, 9) }], 3000), {
    signal,
    onEvent,
  })
  await Promise.race([begun, job])
  return { job }
}

describe('calls', () => {
  test('facts, tokens and back', async () => {
    expect(await engine.call('inspect', { path })).toMatchObject({ architecture: 'llama', layers: 2, vocabulary: 1024 })
    const text = 'Kvasir was the wisest.\nünïcödé 🍯'
    const [tokens = []] = await engine.call('tokenize', { model: model.model, texts: [text], special: false })
    expect(tokens.length).toBeGreaterThan(5)
    expect(await engine.call('detokenize', { model: model.model, tokens })).toBe(text)
  })

  test('the fingerprint is the SHA-256 of the file, with progress', async () => {
    const seen: number[] = []
    const result = await engine.call('fingerprint', { path }, { onEvent: ({ done }) => seen.push(done) })
    const bytes = await readFile(path)
    expect(result).toEqual({ digest: sha256(bytes), bytes: bytes.length })
    expect(seen.at(-1)).toBe(bytes.length)
    await expect(engine.call('fingerprint', { path: folder })).rejects.toMatchObject({ code: 'file.unreadable' })
  })

  test('what is encoded is told with its digest, is sound, and answers as computing it does', async () => {
    const chunks = [words(20, 1), words(33, 2)]
    const { segments, told } = await encode('sound', chunks)
    expect(told.map(({ index }) => index)).toEqual([0, 1])
    for (const [index, segment] of segments.entries()) {
      if (segment.kind !== 'cached') throw new Error('expected a cached segment')
      const bytes = await readFile(segment.path)
      expect(told[index]).toMatchObject({ digest: sha256(bytes), bytes: bytes.length })
      const verified = await engine.call('verify', { path: segment.path, key: segment.key })
      expect(verified).toMatchObject({ bytes: bytes.length, tokens: chunks[index]?.length })
    }
    const question: Segment = { kind: 'compute', tokens: words(10, 3) }
    const reused = await engine.call('answer', params([bos(), ...segments, question], 16))
    const full = await engine.call('answer', params([bos(), { kind: 'compute', tokens: chunks.flat() }, question], 16))
    expect(reused.tokens).toEqual(full.tokens)
    expect(reused).toMatchObject({
      reusedTokens: 53,
      computedTokens: 11,
      // Two layers of K and V, two heads of 16 f16 numbers.
      bytesRead: 53 * 2 * 2 * 2 * 16 * 2,
    })
    expect(full).toMatchObject({ reusedTokens: 0, computedTokens: 64, bytesRead: 0 })
  })

  test('coded caches stay in memory under its budget, which the status tells and the next host keeps', async () => {
    await using own = testEngine({ memoryBytes: 2 ** 26 })
    const loaded = await own.call('load', { path, options: LOAD })
    const { segments } = await encode('kept', [words(40, 5)])
    const [chunk] = segments
    if (chunk?.kind !== 'cached') throw new Error('expected a cached segment')
    const coded = await recoded(own, chunk)
    const asked = { ...params([bos(), coded, { kind: 'compute', tokens: words(8, 6) }]), model: loaded.model }
    expect(own.status().memory?.layers ?? 0).toBe(0)
    const first = await own.call('answer', asked)
    const second = await own.call('answer', asked)
    expect(first.bytesRead).toBeGreaterThan(0)
    // Two layers, though the file holds one.
    expect(second).toMatchObject({ bytesRead: 0, bytesFromMemory: 40 * loaded.kvBytesPerToken })
    expect(second.logitsDigest).toBe(first.logitsDigest)
    const report = { budgetBytes: 2 ** 26, bytes: 40 * loaded.kvBytesPerToken, layers: 2, hits: 2, misses: 2, evictions: 0 }
    expect(await own.call('memory', {})).toEqual(report)
    await expect.poll(() => own.status().memory, { timeout: 5000 }).toEqual(report)

    await expect(own.call('memory', { budgetBytes: -1 })).rejects.toMatchObject({ code: 'argument.invalid' })
    expect(await own.call('memory', { budgetBytes: 1000 })).toMatchObject({ budgetBytes: 1000, bytes: 0, evictions: 2 })
    process.kill(own.hostPid ?? 0, 'SIGKILL')
    await expect.poll(() => own.status().restarts).toBe(1)
    expect(await own.call('memory', {})).toMatchObject({ budgetBytes: 1000, misses: 0 })
  })

  test('a file that is no model is a named error, and the host lives on', async () => {
    const pid = engine.hostPid
    const damaged = join(folder, 'damaged.gguf')
    const sound = await readFile(path)
    for (const [bytes, code] of [
      [Buffer.from('hello'), /^model\./],
      [Buffer.alloc(0), /^model\./],
      [sound.subarray(0, sound.length / 2), /^model\.damaged$/],
    ] as const) {
      await writeFile(damaged, bytes)
      await expect(engine.call('inspect', { path: damaged })).rejects.toMatchObject({
        code: expect.stringMatching(code),
      })
      await expect(engine.call('load', { path: damaged, options: LOAD })).rejects.toMatchObject({
        code: expect.stringMatching(code),
      })
    }
    expect(engine.hostPid).toBe(pid)
  })
})

describe('damaged objects, through answer', () => {
  test('any byte flipped is object.damaged', { timeout: 120_000 }, async () => {
    const { segments } = await encode('flipped', [words(8, 4)])
    const [segment] = segments
    if (segment?.kind !== 'cached') throw new Error('expected a cached segment')
    const sound = await readFile(segment.path)
    const question: Segment = { kind: 'compute', tokens: words(2, 5) }
    const codes = new Set<string>()
    for (let at = 0; at < sound.length; at++) {
      const bytes = Buffer.from(sound)
      bytes.writeUInt8(bytes.readUInt8(at) ^ (1 << (at % 8)), at)
      await writeFile(segment.path, bytes)
      const code = await engine.call('answer', params([bos(), segment, question], 1)).then(
        () => `byte ${at} was not noticed`,
        (error: { readonly code?: string }) => error.code ?? 'an error without a code',
      )
      codes.add(code)
    }
    expect([...codes]).toEqual(['object.damaged'])
    await writeFile(segment.path, sound.subarray(0, -64))
    await expect(engine.call('answer', params([bos(), segment, question], 1))).rejects.toMatchObject({
      code: 'object.damaged',
    })
    await writeFile(segment.path, sound)
    await expect(engine.call('answer', params([bos(), segment, question], 1))).resolves.toMatchObject({
      reusedTokens: 8,
    })
    expect(engine.status().restarts).toBe(0)
  })

  test('a sound object of another chunk or length is object.mismatch; none is object.unreadable', async () => {
    const { segments } = await encode('other', [words(8, 6)])
    const [segment] = segments
    if (segment?.kind !== 'cached') throw new Error('expected a cached segment')
    const question: Segment = { kind: 'compute', tokens: [3] }
    const outcome = (changed: Segment): Promise<AnswerResult> =>
      engine.call('answer', params([bos(), changed, question], 1))
    await expect(outcome({ ...segment, key: sha256('x') })).rejects.toMatchObject({
      code: 'object.mismatch',
      message: /Expected.*holds/,
    })
    await expect(outcome({ ...segment, tokens: words(9, 6) })).rejects.toMatchObject({ code: 'object.mismatch' })
    await expect(outcome({ ...segment, path: join(folder, 'none') })).rejects.toMatchObject({
      code: 'object.unreadable',
    })
  })
})

describe('jobs', () => {
  test('abort ends a running job soon, and the host lives on', async () => {
    const pid = engine.hostPid
    const abort = new AbortController()
    const { job } = await longAnswer(abort.signal)
    const started = performance.now()
    abort.abort()
    await expect(job).rejects.toMatchObject({ code: 'cancelled' })
    expect(performance.now() - started).toBeLessThan(1000)
    expect(engine.hostPid).toBe(pid)
  })

  test('a second job waits its turn; tokenizing does not', async () => {
    const order: string[] = []
    const { job: first } = await longAnswer()
    const second = engine.call('answer', params([bos()], 1))
    void first.then(() => order.push('first'))
    void second.then(() => order.push('second'))
    await engine.call('tokenize', { model: model.model, texts: ['beside'], special: false })
    order.push('tokenize')
    await Promise.all([first, second])
    expect(order).toEqual(['tokenize', 'first', 'second'])
  })

  test('a host killed in the middle of a job: one error, and the next call works with the same handle', async () => {
    const before = engine.hostPid ?? 0
    const { job } = await longAnswer()
    process.kill(before, 'SIGKILL')
    const error = await job.catch((reason: unknown) => reason)
    expect(error).toMatchObject({
      code: 'engine.died',
      message: expect.stringMatching(/answering a question \([^/\\]+\.gguf\).*SIGKILL/),
      detail: { id: 'engine.died', params: { method: 'answer', model: expect.stringMatching(/^[^/\\]+\.gguf$/) } },
    })
    const result = await engine.call('answer', params([bos()], 1))
    expect(result.tokens).toHaveLength(1)
    expect(engine.hostPid).not.toBe(before)
    expect(engine.status()).toMatchObject({ restarts: 1, loaded: { model: model.model } })
  })

  test('an encoding killed in the middle leaves no file that passes for whole', async () => {
    const chunks = Array.from({ length: 40 }, (_, index) => words(64, 100 + index))
    const begun = Promise.withResolvers<void>()
    const wanted = chunks.map((tokens, index) => ({
      tokens,
      key: sha256(`killed ${index}`),
      path: join(folder, `killed-${index}.kvo`),
    }))
    const told: number[] = []
    const job = engine.call(
      'encode',
      { model: model.model, context: [bos()], chunks: wanted, subBatch: 64 },
      {
        onEvent: (event) => {
          if (event.type !== 'chunk') return
          told.push(event.index)
          begun.resolve()
        },
      },
    )
    await begun.promise
    process.kill(engine.hostPid ?? 0, 'SIGKILL')
    await expect(job).rejects.toMatchObject({ code: 'engine.died', message: /computing caches/ })
    for (const [index, chunk] of wanted.entries()) {
      if (!existsSync(chunk.path)) continue
      const verified = engine.call('verify', { path: chunk.path, key: chunk.key })
      if (told.includes(index)) await expect(verified).resolves.toMatchObject({ tokens: 64 })
      else await verified.catch((error: unknown) => expect(error).toMatchObject({ code: 'object.damaged' }))
    }
  })
})
