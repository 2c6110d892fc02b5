/** `kvasir race`: lanes as they are written, a table, the words that differ, records. */
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { lanesOf, marked } from '../../src/main/cli/race'
import type { RaceComparison, RaceRecord, RaceSummary } from '../../src/shared/race'
import { kvasir } from '../helpers/kvasir'

const NIMBUS = resolve(import.meta.dirname, '../helpers/nimbus')
const QUESTION = 'What is the budget of Project Falcon?'

let folder: string
const run = (...args: string[]) => kvasir([...args, '--data-dir', join(folder, 'data')])
const json = async <T>(...args: string[]): Promise<T> => {
  const { code, stdout, stderr } = await run(...args, '--json')
  if (code !== 0) throw new Error(stderr)
  return JSON.parse(stdout) as T
}

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'kvasir-race-'))
  await run('sets', 'create', 'World', '--quiet')
  await run('docs', 'add', 'World', join(NIMBUS, '3-falcon.md'), join(NIMBUS, '4-corrections.md'), '--quiet')
  await run('build', 'World', '--quiet')
})
afterAll(() => rm(folder, { recursive: true }))

describe('a race', () => {
  test('prints a line for each lane and the answers, and is listed, shown, removed and brought back', async () => {
    const { code, stdout, stderr } = await run('race', 'World', QUESTION, '--lanes', 'full,reuse@f16,reuse:bos', '--repetitions', '2')
    expect(code).toBe(0)
    const [head, full, reuse, alone] = stdout.split('\n')
    expect(head).toMatch(/^lane +first token +sooner +answer +tokens\/s +computed +caches +cost +agrees +KL +top-1$/)
    expect(full).toMatch(/^full +[\d.]+ m?s +[\d.]+ m?s +[\d,]+ +\d+ +0 B +100 % +0 +100 %$/)
    expect(reuse).toMatch(/^reuse@f16 +[\d.]+ m?s +[\d.]+x +/)
    expect(alone).toMatch(/^reuse:bos /)
    expect(stdout).toMatch(/\nfull {2}63 thousand euros\n/)
    expect(stdout).toMatch(/Cost of a request: /)
    expect(stderr).toMatch(/Kept as race 1: kvasir race show 1/)

    expect((await run('race', 'list')).stdout).toMatch(/\n +1 +\d{4}-\d\d-\d\d \d\d:\d\d +World +full,reuse@f16,reuse:bos +[\d.]+x +\d+ % +What is the budget/)
    expect((await run('race', 'show', '1')).stdout).toContain(stdout.trim())
    const { race } = await json<{ race: RaceRecord }>('race', 'show', '1')
    expect(race.events.filter(({ type }) => type === 'start')).toHaveLength(6)
    expect((await run('race', 'remove', '1')).code).toBe(0)
    expect((await json<{ races: RaceSummary[] }>('race', 'list')).races).toEqual([])
    expect((await run('race', 'show', '1')).stderr).toMatch(/There is no race 1\./)
    expect((await run('race', 'restore', '1')).code).toBe(0)
    expect((await json<{ races: RaceSummary[] }>('race', 'list')).races).toHaveLength(1)
  })

  test('takes a selection, and says so as one object', async () => {
    const { race, comparison } = await json<{ race: RaceSummary; comparison: RaceComparison }>(
      'race', 'World', QUESTION, '--exclude', '4-corrections.md', '--no-warm-up', '--max-tokens', '3',
    )
    expect(race).toMatchObject({ question: QUESTION, setName: 'World', repetitions: 1 })
    expect(comparison.lanes.map(({ strategy }) => strategy)).toEqual(['full', 'reuse'])
    expect(comparison.lanes[0]?.answer.tokens.length).toBeLessThanOrEqual(3)
  })

  test.each([
    [['--lanes', 'full'], /2 to 6 lanes/],
    [['--lanes', 'full,none'], /strategy/],
    [['--lanes', 'full,reuse@tiny'], /profile behind @/],
    [['--repetitions', '10'], /from 1 to 9/],
  ])('refuses %j', async (options, why) => {
    const { code, stderr } = await run('race', 'World', QUESTION, ...options)
    expect(code).toBe(2)
    expect(stderr).toMatch(why)
  })
})

test('lanes are written with a profile behind @', () => {
  expect(lanesOf('full, blend:0.15@small')).toEqual([
    { strategy: 'full', profile: null },
    { strategy: 'blend:0.15', profile: 'small' },
  ])
})

test('words that differ are marked in one go, without the space before them', () => {
  const answer = { text: '', tokens: [], stop: 'eos' as const, pieces: [' It', ' is', ' in', ' Rome', '.'] }
  const text = marked({ ...answer, same: [true, true, false, false, true] }, (words) => `[${words}]`)
  expect(text).toBe(' It is [in Rome].')
})
