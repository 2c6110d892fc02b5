/** The demo model's question suite: Kvasir reads the tokens that PyTorch read, and answers as it did. */
import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { spread } from '../../src/main/bench/kinds/suite'
import { readSuite } from '../../src/main/bench/suite-file'
import { SuiteKnowledge } from '../../src/main/bench/suite-knowledge'
import { tokenDigest } from '../../src/main/base/hash'
import { testEngine } from '../helpers/engine'
import { tempFolder } from '../helpers/temp-folder'
import { holdBench, MODEL, reference, SUITE } from './quality-reference'

/** Of 616; `npm run test:slow` asks them all, by every arm. */
const SOME = 77

test('the suite has questions of every kind, each with its selection', async () => {
  const { questions } = await readSuite(SUITE)
  expect(questions.map(({ id, kind }) => [id, kind])).toEqual(reference.questions.map(([id, kind]) => [id, kind]))
  const kinds = Map.groupBy(questions, ({ kind }) => kind)
  expect([...kinds.keys()].toSorted()).toEqual([
    'across-gap', 'alias', 'alias-across', 'alias-gap', 'coref', 'coref-across', 'coref-gap', 'correction',
    'correction-across', 'excluded', 'lookup', 'lookup-gap', 'reverse', 'unknown',
  ])
  for (const [kind, asked] of kinds) {
    expect(asked.length, kind).toBe(44)
    const hasGap = kind === 'excluded' || kind.endsWith('-gap')
    expect(asked.every(({ exclude }) => exclude.length > 0 === hasGap), kind).toBe(true)
    if (kind.includes('across')) expect(asked.every(({ documents }) => documents.length > 1), kind).toBe(true)
  }
})

test('every chunk has the tokens that the reference read', async () => {
  await using folder = await tempFolder()
  await using engine = testEngine()
  const place = { engine, folder: folder.path, path: MODEL, threads: 1, device: 'cpu', run: {} }
  await using knowledge = await SuiteKnowledge.open({ ...place, calibration: null, maxTokens: 8 })
  const questions = spread((await readSuite(SUITE)).questions, SOME)
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
})

test('strategies answer as they do in PyTorch, the controls among them', async () => {
  const names = [
    'reuse', 'score:0.15:by=k', 'oracle:0.15:by=k', 'random:0.15', 'blend:0.15:layer=1', 'reuse:bos', 'link:16:bos',
    'score:0.15:bos', 'score:0.15:by=k:bos', 'mix:4+0.3:by=k:bos', 'blend:0.15:layer=2:bos', 'blend:0.15:layer=3:bos',
    'oracle:0.15:bos', 'random:0.15:bos',
  ]
  await holdBench({ names, questions: SOME, tails: true })
})

test('the first question of a selection, before caches behind its gaps exist, is answered as in PyTorch', async () => {
  await holdBench({ names: ['reuse', 'link:16', 'blend:0.15:layer=3', 'oracle:0.15:by=k'], questions: SOME, tails: false })
})
