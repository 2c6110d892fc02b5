/** The exported demo model answers as its checkpoint does in PyTorch (`models/demo/reference_first.py` wrote the answers). */
import { readFileSync } from 'node:fs'
import { resolve } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { Engine } from '../../src/main/engine/engine'
import type { LoadedModel } from '../../src/shared/engine'
import { testEngine } from '../helpers/engine'

interface Reference {
  readonly kind: string
  readonly question: string
  /** What the world says. */
  readonly expected: string
  /** What the checkpoint says. */
  readonly answer: string
  readonly tokens: number[]
  readonly answerTokens: number[]
}

const GREEDY = { temperature: 0, topK: 1, topP: 1, minP: 0, seed: 0 }
const MODEL = resolve(import.meta.dirname, '../../models/demo/first.gguf')
const references = JSON.parse(readFileSync(resolve(import.meta.dirname, 'reference.json'), 'utf8')) as Reference[]

let engine: Engine
let model: LoadedModel

beforeAll(async () => {
  engine = testEngine()
  model = await engine.call('load', { path: MODEL, options: { device: 'cpu', gpuLayers: 'auto', threads: 1 } })
})
afterAll(() => engine[Symbol.asyncDispose]())

async function answer(tokens: number[]): Promise<{ tokens: number[]; text: string }> {
  const segments = [{ kind: 'compute' as const, tokens }]
  const asked = { model: model.model, segments, sampling: GREEDY, maxTokens: 8, stop: [], subBatch: 512 }
  const result = await engine.call('answer', asked)
  return { tokens: result.tokens.filter((token) => token !== model.eosToken?.id), text: result.text }
}

describe('the demo model', () => {
  test('gives the checkpoint\'s greedy answers to 100 of its questions', async () => {
    expect(references).toHaveLength(100)
    for (const { question, tokens, answerTokens, answer: text } of references) {
      expect({ question, ...(await answer(tokens)) }).toEqual({ question, tokens: answerTokens, text: ` ${text}` })
    }
  })

  test('answers at least 9 of 10 as the world has it', () => {
    expect(references.filter(({ answer, expected }) => answer === expected).length).toBeGreaterThanOrEqual(90)
  })

  test('answers from the context: other words there, other answers', async () => {
    const [found] = references.filter(({ kind, answerTokens }) => kind === 'name' && answerTokens.length === 1)
    const said = found!.answerTokens[0]!
    const others = references.flatMap(({ answerTokens }) => answerTokens)
    const another = others.find((token) => token !== said && !found!.tokens.includes(token))!
    const changed = await answer(found!.tokens.map((token) => (token === said ? another : token)))
    expect(changed.tokens).not.toEqual(found!.answerTokens)
  })

  test('reads words in every spelling, and any other text byte by byte', async () => {
    const words = [' Where does Maria Lopez live?', ' where does maria Lopez live ?', 'In May.\n\n']
    const texts = [...words, ' 42 1985 7 ½', 'naïve 你好 🦊 "Falcon"\t_', '']
    const tokens = await engine.call('tokenize', { model: model.model, texts, special: false })
    expect(tokens[0]).toHaveLength(6)
    expect(tokens[1]).toHaveLength(6)
    expect(tokens[2]).toHaveLength(4)
    for (const [at, text] of texts.entries()) {
      expect(await engine.call('detokenize', { model: model.model, tokens: tokens[at]! })).toBe(text)
    }
    const [plain] = await engine.call('tokenize', { model: model.model, texts: ['<|answer|>'], special: false })
    const [special] = await engine.call('tokenize', { model: model.model, texts: ['<|answer|>'], special: true })
    expect(special).toEqual([5])
    expect(plain!.length).toBeGreaterThan(1)
  })
})
