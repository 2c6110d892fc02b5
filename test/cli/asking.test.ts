/** Before and after a question, on the built command line with the bundled model. */
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { Answer } from '../../src/shared/answer'
import type { Estimate } from '../../src/shared/estimate'
import type { WholeQuery } from '../../src/shared/hits'
import type { Provenance } from '../../src/shared/provenance'
import { kvasir } from '../helpers/kvasir'

const NIMBUS = resolve(import.meta.dirname, '../helpers/nimbus')
const QUESTION = 'Where does Peter Stone live?'

let folder: string
const run = (...args: string[]) => kvasir([...args, '--data-dir', join(folder, 'data')])

async function json<T>(...args: string[]): Promise<T> {
  const { code, stdout, stderr } = await run(...args, '--json')
  if (code !== 0) throw new Error(stderr)
  return JSON.parse(stdout) as T
}

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'kvasir-asking-'))
  await run('sets', 'create', 'World', '--quiet')
  await run('docs', 'add', 'World', NIMBUS, '--quiet')
  await run('build', 'World', '--quiet')
})
afterAll(() => rm(folder, { recursive: true }))

test('what a question would cost, before and after others told', async () => {
  const before = await run('ask', 'World', QUESTION, '--estimate')
  expect(before.stdout).toMatch(/^\d+ tokens of knowledge, \d+ of question and template, on /)
  expect(before.stdout).toMatch(/\nreuse +- +\d+ kB +\d+ +\? +\?\n/)
  expect(before.stdout).toContain('No question was answered on this model and device yet')
  expect(before.stdout).toContain('Not calibrated')
  await run('ask', 'World', QUESTION, '-q')
  await run('ask', 'World', QUESTION, '--strategy', 'full', '-q')
  const { estimate } = await json<{ estimate: Estimate }>('ask', 'World', QUESTION, '--estimate', '--strategy', 'link:2')
  expect(estimate.measured).toMatchObject({ queries: 2, withCaches: 1 })
  const ms = (strategy: string): number => estimate.arms.find((arm) => arm.strategy === strategy)?.ttftMs ?? NaN
  expect(ms('reuse')).toBeLessThan(ms('link:2'))
  expect(ms('link:2')).toBeLessThan(ms('full'))
})

test('a past question is shown with its answer, and where that came from', async () => {
  const { query, answer } = await json<{ query: number; answer: Answer }>('ask', 'World', QUESTION)
  const whole = await json<WholeQuery>('history', 'show', String(query))
  expect([whole.answer, whole.query.question]).toEqual([answer, QUESTION])
  const shown = await run('history', 'show', String(query), '--trace', '--provenance')
  expect(shown.stdout).toMatch(/^Where does Peter Stone live\?\nParis\n\nreuse with demo on /)
  // The model looks at the section that has the answer.
  expect(shown.stdout).toMatch(/\nchunk +document .*\nd2\.s3\.c1 +People +Peter Stone +\d+ %/)
  const { provenance } = await json<{ provenance: Provenance }>('ask', 'World', QUESTION, '--provenance')
  expect(provenance.tokens.map(({ text }) => text).join('').trim()).toBe('Paris')
  expect((await run('history', 'show', '99')).code).toBe(1)
  const { estimate: alone } = await json<{ estimate: Estimate }>('ask', 'World', QUESTION, '--estimate')
  const { estimate: following } = await json<{ estimate: Estimate }>('ask', 'World', QUESTION, '--estimate', '--follow', String(query))
  expect(following.questionTokens).toBeGreaterThan(alone.questionTokens)
  expect((await run('ask', 'World', QUESTION, '--follow', '99')).stderr).toContain('There is no query 99')
  expect((await run('docs', 'show', 'd2.s3.c1', '--tokens')).stdout).toMatch(/^ +0 {2}"/)
  expect((await run('history', 'World', '--limit', '1')).stdout).toContain(QUESTION)
})
