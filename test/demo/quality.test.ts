/** The demo model's question suite: Kvasir reads the tokens that PyTorch read, and answers as it did. */
import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { spread } from '../../src/main/bench/suite-file'
import { readSuite } from '../../src/main/bench/suite-file'
import { SuiteKnowledge } from '../../src/main/bench/suite-knowledge'
import { tokenDigest } from '../../src/main/base/hash'
import { testEngine } from '../helpers/engine'
import { tempFolder } from '../helpers/temp-folder'
import { holdBench, MODEL, reference, SUITE, TAG } from './quality-reference'

/** Of 594, every eighteenth; `npm run test:slow` asks them all, by every arm. */
const SOME = 33

test('the suite has questions of every kind, some of them behind gaps or across documents', async () => {
  const { questions } = await readSuite(SUITE)
  expect(questions.length).toBeGreaterThanOrEqual(2000)
  const short = questions.filter(({ tags }) => tags.includes(TAG))
  const asked = spread(short, reference.questions.length)
  expect(asked.map(({ id, kind }) => [id, kind])).toEqual(reference.questions.map(([id, kind]) => [id, kind]))
  const kinds = Map.groupBy(asked, ({ kind }) => kind)
  expect([...kinds.keys()].toSorted()).toEqual([
    'alias', 'conflict', 'coref', 'correction', 'lookup', 'needle', 'reverse', 'two-hop', 'unknown',
  ])
  for (const [kind, some] of kinds) expect(some.length, kind).toBeGreaterThanOrEqual(50)
  expect(asked.filter(({ tags }) => tags.includes('gap')).length).toBeGreaterThan(150)
  expect(asked.filter(({ tags }) => tags.includes('across')).length).toBeGreaterThan(60)
})

test('every chunk has the tokens that the reference read', async () => {
  await using folder = await tempFolder()
  await using engine = testEngine()
  const place = { engine, folder: folder.path, path: MODEL, threads: 1, device: 'cpu', run: {} }
  await using knowledge = await SuiteKnowledge.open({ ...place, calibration: null, maxTokens: 8 })
  const short = (await readSuite(SUITE)).questions.filter(({ tags }) => tags.includes(TAG))
  const questions = spread(short, SOME)
  await knowledge.bringIn(questions, { tails: false })
  const prompts = new Map(reference.questions.map(([id, , prompt]) => [id, prompt]))
  const lines = readFileSync(SUITE, 'utf8').trim().split('\n').map((line) => JSON.parse(line) as { id: string; contextTokens: number })
  const sizes = new Map(lines.map(({ id, contextTokens }) => [id, contextTokens]))
  for (const question of questions) {
    const { prefix, included, tail, knowledgeTokens } = await knowledge.query(question)
    const tokens = [...prefix, ...included.flatMap(({ chunk }) => chunk.tokens), ...tail]
    const found = { id: question.id, prompt: tokenDigest(tokens).slice(0, 12), size: knowledgeTokens }
    expect(found).toEqual({ id: question.id, prompt: prompts.get(question.id), size: sizes.get(question.id) })
  }
}, 600_000)

test('strategies answer as they do in PyTorch, the controls among them', async () => {
  const names = [
    'reuse', 'score:0.15:by=k', 'blend:0.15:layer=1', 'random:0.15', 'reuse:bos', 'link:16:bos', 'mix:4+0.15:by=k:bos',
    'blend:0.15:layer=4:bos', 'oracle:0.15:bos',
  ]
  await holdBench({ names, questions: SOME, tails: true })
}, 600_000)

test('the first question of a selection, before caches behind its gaps exist, is answered as in PyTorch', async () => {
  await holdBench({ names: ['reuse', 'link:16', 'blend:0.15:layer=4', 'oracle:0.15:by=k'], questions: SOME, tails: false })
}, 600_000)
