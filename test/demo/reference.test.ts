/** The exported demo model answers as its weights do in PyTorch (`models/demo/reference.py` wrote `answers.json`). */
import { readFileSync } from 'node:fs'
import { resolve } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { Engine } from '../../src/main/engine/engine'
import type { AnswerResult, LoadedModel } from '../../src/shared/engine'
import { testEngine } from '../helpers/engine'

interface Reference {
  readonly id: string
  /** What the world says. */
  readonly expected: string
  /** What PyTorch says. */
  readonly answer: string
  readonly tokens: number[]
  readonly answerTokens: number[]
  /** Likeliest tokens with their probabilities, in front of each token of the answer and of its end. */
  readonly likely: readonly (readonly (readonly [token: number, share: number])[])[]
}

const GREEDY = { temperature: 0, topK: 1, topP: 1, minP: 0, seed: 0 }
const MODEL = resolve(import.meta.dirname, '../../models/demo/demo.gguf')
const references = JSON.parse(readFileSync(resolve(import.meta.dirname, 'answers.json'), 'utf8')) as Reference[]

/** Nats per token. The GGUF's matrices are F16, PyTorch's f32. */
const MAX_KL = 1e-3

let engine: Engine
let model: LoadedModel

beforeAll(async () => {
  engine = testEngine()
  model = await engine.call('load', { path: MODEL, options: { device: 'cpu', gpuLayers: 'auto', threads: 1 } })
})
afterAll(() => engine[Symbol.asyncDispose]())

async function answer(tokens: number[], maxTokens: number): Promise<AnswerResult> {
  const segments = [{ kind: 'compute' as const, tokens }]
  return await engine.call('answer', { model: model.model, segments, sampling: GREEDY, maxTokens, stop: [], subBatch: 512 })
}

const withoutEnd = (tokens: readonly number[]): number[] => tokens.filter((token) => token !== model.eosToken?.id)

/** KL(PyTorch || engine) over the tokens that both name, all others taken together. */
function divergence(reference: Reference['likely'][number], found: AnswerResult['firstTokens']): number {
  const shares = new Map(reference)
  const named = found.flatMap(({ id, logProbability }) => {
    const share = shares.get(id)
    return share === undefined ? [] : [{ p: share, q: Math.exp(logProbability) }]
  })
  const rest = named.reduce(({ p, q }, each) => ({ p: p - each.p, q: q - each.q }), { p: 1, q: 1 })
  const terms = [...named, { p: Math.max(rest.p, 1e-9), q: Math.max(rest.q, 1e-9) }]
  return terms.reduce((sum, { p, q }) => sum + (p > 0 ? p * Math.log(p / q) : 0), 0)
}

describe('the demo model', () => {
  test('gives PyTorch\'s greedy answers to 200 questions of its suite', async () => {
    expect(references).toHaveLength(200)
    for (const { id, tokens, answerTokens, answer: text } of references) {
      const found = await answer(tokens, 20)
      expect({ id, tokens: withoutEnd(found.tokens), text: found.text.trim() }).toEqual({ id, tokens: answerTokens, text })
    }
  })

  test('is as sure of every token of them', async () => {
    const divergences: number[] = []
    // Every second question: each of their tokens is computed from the beginning.
    for (const { tokens, answerTokens, likely } of references.filter((_, at) => at % 2 === 0)) {
      for (const [at, reference] of likely.entries()) {
        const { firstTokens } = await answer([...tokens, ...answerTokens.slice(0, at)], 1)
        divergences.push(divergence(reference, firstTokens))
      }
    }
    expect(divergences.length).toBeGreaterThan(200)
    expect(divergences.reduce((sum, each) => sum + each, 0) / divergences.length).toBeLessThan(MAX_KL)
  }, 300_000)

  test('answers from the context: other words there, other answers', async () => {
    const said = new Set(references.flatMap(({ answerTokens }) => answerTokens))
    const found = references.find(({ answerTokens: [first, ...more], tokens }) => more.length === 0 && tokens.includes(first ?? -1))
    const own = found?.answerTokens[0]
    const another = [...said].find((token) => token !== own && !found?.tokens.includes(token))
    const changed = await answer((found?.tokens ?? []).map((token) => (token === own && another !== undefined ? another : token)), 20)
    expect(withoutEnd(changed.tokens)).not.toEqual(found?.answerTokens)
  })

  test('reads any text byte by byte, and control tokens only where they are meant', async () => {
    const texts = [' Where does Maria Lopez live?', ' 42 1985 7 ½', 'naïve 你好 🦊 "Falcon"\t_', 'In May.\n\n', '']
    const tokens = await engine.call('tokenize', { model: model.model, texts, special: false })
    for (const [at, text] of texts.entries()) {
      expect(await engine.call('detokenize', { model: model.model, tokens: tokens[at]! })).toBe(text)
    }
    const [plain] = await engine.call('tokenize', { model: model.model, texts: ['<|answer|>'], special: false })
    const [special] = await engine.call('tokenize', { model: model.model, texts: ['<|answer|>'], special: true })
    expect(special).toHaveLength(1)
    expect(plain!.length).toBeGreaterThan(1)
  })
})
