/** What `kvasir hits` and `kvasir history` print. */
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import pc from 'picocolors'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { HitsReport, PastQuery } from '../../src/shared/hits'
import { historyTable } from '../../src/main/cli/history'
import { hitsText, sinceOf } from '../../src/main/cli/hits'
import { kvasir } from '../helpers/kvasir'

const plain = pc.createColors(false)
const lines = (text: string): string[][] => text.split('\n').map((line) => line.split(/ {2,}/))

const REPORT: HitsReport = {
  set: { id: 'set1', name: 'Handbook' },
  since: null,
  by: 'section',
  total: { times: 12, tokens: 12_000, reused: 9000, recomputed: 600, missed: 2400, hitRate: 0.75 },
  rows: [
    { id: 'd1.s1', set: 'set1', name: 'Travel', state: 'current', times: 9, tokens: 9000, reused: 8400, recomputed: 600, missed: 0, hitRate: 8400 / 9000 },
    { id: 'd1', set: 'set1', name: 'A handbook with a title of very many words', state: 'earlier', times: 2, tokens: 2400, reused: 0, recomputed: 0, missed: 2400, hitRate: 0 },
    { id: 'd7', set: 'set1', name: 'd7', state: 'removed', times: 1, tokens: 600, reused: 600, recomputed: 0, missed: 0, hitRate: 1 },
  ],
  leftOut: 3,
  reasons: [
    { kind: 'missed', reason: 'never-built', times: 2, tokens: 2400, share: 0.2, why: 'its cache was never built', mend: 'build', remedy: 'Build the set: kvasir build set1' },
    { kind: 'recomputed', reason: 'recomputed', times: null, tokens: 600, share: 0.05, why: 'the strategy computes them again', mend: 'strategy', remedy: 'Take another' },
    { kind: 'poorer', reason: 'no-tail', times: 3, tokens: 900, share: 0.075, why: 'the variant is not cached yet', mend: 'keep', remedy: 'Ask once more' },
  ],
}

describe('a report', () => {
  test('has a line in words, a table, the reasons by rank, and what mends each', () => {
    expect(lines(hitsText(REPORT, plain))).toEqual([
      ['Handbook: hit rate 75 % in 12 queries'],
      ['12,000 tokens selected: 9,000 reused, 600 computed again, 2,400 missed'],
      [''],
      ['id', 'section', 'times', 'tokens', 'hit rate', 'reused', 'again', 'missed'],
      ['d1.s1', 'Travel', '9', '9,000', '93 %', '8,400', '600', '0'],
      ['d1', 'A handbook with a title … (earlier text)', '2', '2,400', '0 %', '0', '0', '2,400'],
      ['d7', '(removed)', '1', '600', '100 %', '600', '0', '0'],
      [''],
      ['3 rows more; --limit shows them.'],
      [''],
      ['reason', 'times', 'tokens', 'share'],
      ['never-built', 'missed', '2', '2,400', '20 %'],
      ['recomputed', 'computed again', '600', '5.0 %'],
      ['no-tail', 'reused, poorer', '3', '900', '7.5 %'],
      [''],
      ['never-built: its cache was never built. Build the set: kvasir build set1.'],
      ['recomputed: the strategy computes them again. Take another.'],
      ['no-tail: the variant is not cached yet. Ask once more.'],
    ])
  })

  test('over time has one column less; nothing computed again, none for that', () => {
    const total = { times: 1, tokens: 10, reused: 10, recomputed: 0, missed: 0, hitRate: 1 }
    const row = { id: '2025-01-31', set: '', name: '2025-01-31', state: 'current' as const, ...total }
    expect(lines(hitsText({ ...REPORT, set: null, by: 'day', total, rows: [row], leftOut: 0, reasons: [] }, plain))).toEqual([
      ['hit rate 100 % in 1 query'],
      ['10 tokens selected: 10 reused, 0 missed'],
      [''],
      ['day', 'queries', 'tokens', 'hit rate', 'reused', 'missed'],
      ['2025-01-31', '1', '10', '100 %', '10', '0'],
      [''],
      ['Everything was reused, in the best variant there is.'],
    ])
  })
})

test('history marks what was stopped and where nothing was selected', () => {
  const query: PastQuery = {
    id: 7,
    askedAt: new Date(2025, 0, 31, 14, 5).toISOString(),
    set: 'set1',
    setName: 'Handbook',
    model: 'demo',
    strategy: 'link:16',
    question: 'Who approves\ntravel?',
    ttftMs: 12.4,
    knowledgeTokens: 1200,
    questionTokens: 9,
    reusedTokens: 1200,
    recomputedTokens: 120,
    computedTokens: 9,
    hitRate: 0.9,
    bytesRead: 1,
    generatedTokens: 4,
  }
  const stopped = { ...query, id: 6, setName: null, hitRate: null, knowledgeTokens: 0, generatedTokens: null }
  expect(lines(historyTable([query, stopped], plain, { withSet: true }))).toEqual([
    ['no.', 'asked', 'set', 'strategy', 'first token', 'tokens', 'hit rate', 'question'],
    ['', '7', '2025-01-31 14:05', 'Handbook', 'link:16', '12 ms', '1,200', '90 %', 'Who approves travel?'],
    ['', '6', '2025-01-31 14:05', 'set1 (removed)', 'link:16', '12 ms', '0', '-', 'Who approves travel? (stopped)'],
  ])
})

test('--since takes times ago and days as they begin here, and nothing else', () => {
  const now = new Date('2025-03-01T12:00:00.000Z')
  const since = (text: string): string => sinceOf(text, undefined, now)
  expect([since('30m'), since('12h'), since('7d'), since('4w')]).toEqual([
    '2025-03-01T11:30:00.000Z',
    '2025-03-01T00:00:00.000Z',
    '2025-02-22T12:00:00.000Z',
    '2025-02-01T12:00:00.000Z',
  ])
  expect(since('2025-01-31')).toBe(new Date(2025, 0, 31).toISOString())
  for (const wrong of ['', '7', 'd', '7y', '-7d', '2025-02-30', '2025-13-01', 'yesterday', '99999d']) {
    expect(() => since(wrong)).toThrow('Expected a time such as')
  }
})

describe('the built command line', () => {
  let folder: string
  const run = (...args: string[]) => kvasir([...args, '--data-dir', folder])
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'kvasir-hits-'))
  })
  afterAll(() => rm(folder, { recursive: true }))

  test('tells what questions reused, in words and as one object', async () => {
    const empty = await run('hits')
    expect(empty).toEqual({ code: 0, stdout: 'Nothing was asked yet.\n', stderr: 'Next: kvasir ask SET QUESTION\n' })
    expect((await run('history')).stdout).toMatch(/^Nothing was asked yet/)
    const people = resolve(import.meta.dirname, '../helpers/nimbus/2-people.md')
    await run('sets', 'create', 'My people', '-q')
    await run('docs', 'add', 'My people', people, '-q')
    await run('ask', 'My people', 'Where does Peter Stone live?', '-q')
    await run('build', 'My people', '-q')
    await run('ask', 'My people', 'Where does Peter Stone live?', '-q')

    const text = await run('hits', 'My people')
    expect(text).toMatchObject({ code: 0, stderr: '' })
    expect(text.stdout).toMatch(/^My people: hit rate 50 % in 2 queries\n([\d,]+) tokens selected: ([\d,]+) reused, \2 missed\n/)
    expect(text.stdout).toMatch(/\nd1 +People +\d+ +[\d,]+ +50 % /)
    expect(text.stdout).toMatch(/\nnever-built: its cache was never built\. Build the set: kvasir build set1\.\n$/)
    const { stdout } = await run('hits', '--by', 'day', '--since', '1h', '--json')
    const { report } = JSON.parse(stdout) as { report: HitsReport }
    expect(report).toMatchObject({ set: null, by: 'day', total: { times: 2, hitRate: 0.5 } })
    const past = JSON.parse((await run('history', 'set1', '--json')).stdout) as { queries: PastQuery[] }
    expect(past.queries).toMatchObject([
      { id: 2, hitRate: 1, setName: 'My people' },
      { id: 1, hitRate: 0, question: 'Where does Peter Stone live?' },
    ])
    const one = await run('history', '--limit', '1')
    expect(one.stdout).toMatch(/^ *no\. +asked .*\n +2 .* My people +reuse .* 100 % +Where does Peter Stone live\?\n$/)
    expect(one.stderr).toBe('Older ones: --before 2\n')
  })

  test('refuses what it does not know', async () => {
    expect(await run('hits', 'Nowhere')).toMatchObject({ code: 1, stderr: expect.stringContaining('"Nowhere"') as string })
    expect(await run('history', 'Nowhere')).toMatchObject({ code: 1 })
    for (const wrong of [['hits', '--since', 'soon'], ['hits', '--by', 'week'], ['hits', '--limit', '0'], ['history', '--limit', '1001']]) {
      const { code, stderr } = await run(...wrong)
      expect({ wrong, code }).toEqual({ wrong, code: 2 })
      expect(stderr).toMatch(/^kvasir: option '--/)
    }
  })
})
