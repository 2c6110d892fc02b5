/** The first page's figures: counted from what was really asked, and silent where nothing is known. */
import { writeFile } from 'node:fs/promises'
import { mkdir } from 'node:fs/promises'
import { expect, test } from 'vitest'
import { savedOf } from '../../src/main/workbench/home'
import type { PastQuery } from '../../src/shared/hits'
import { askAll, buildAll, fakeCore, guide, importTexts } from './core'

const query = (more: Partial<PastQuery>): PastQuery => ({
  id: 1,
  askedAt: '2026-01-01T00:00:00.000Z',
  set: 'set1',
  setName: 'S',
  model: 'm',
  strategy: 'reuse',
  question: '?',
  ttftMs: 100,
  knowledgeTokens: 1000,
  questionTokens: 10,
  reusedTokens: 0,
  recomputedTokens: 0,
  computedTokens: 1010,
  hitRate: 0,
  bytesRead: 0,
  generatedTokens: 1,
  ...more,
})

test('time saved is tokens reused at the measured speed of their model, less those computed again', () => {
  const full = [100, 200, 400].map((computedTokens) => query({ computedTokens, ttftMs: 1000 }))
  const reused = query({ reusedTokens: 1000, recomputedTokens: 200, computedTokens: 10 })
  expect(savedOf([reused, reused], [reused, ...full])).toEqual({
    tokens: 1600,
    seconds: 8,
    speeds: [{ model: 'm', tokensPerSecond: 200, questions: 3 }],
  })
  // Not known how fast: nothing is said. Few tokens say nothing of a speed, nor does a question that reused any.
  expect(savedOf([reused], [reused, query({ computedTokens: 20 })])).toBeNull()
  expect(savedOf([{ ...reused, model: 'other' }], [...full, { ...reused, model: 'other' }])).toBeNull()
  expect(savedOf([], full)).toBeNull()
})

test('what a set wants: import, build, wait, nothing; sync where its folder differs', async () => {
  await using core = await fakeCore()
  const { workbench } = core
  expect(await workbench.home.show()).toMatchObject({ today: null, questions: [], sets: [] })
  const { id } = await workbench.sets.create('S')
  expect(await workbench.home.needs('S')).toEqual({ set: id, chunks: 0, missing: 0, stale: 0, folders: null, next: 'import' })
  await importTexts(workbench, 'S', { 'a.md': guide() })
  const before = await workbench.home.needs('S')
  expect(before).toMatchObject({ next: 'build', missing: before.chunks })
  const job = await workbench.build('S')
  expect((await workbench.home.needs('S')).next).toBe('wait')
  await workbench.jobs.finished(job.id)
  expect(await workbench.home.needs('S')).toMatchObject({ next: null, missing: 0 })
  await mkdir(core.file('docs'))
  await writeFile(core.file('docs/b.md'), guide({ one: 'Another one.' }))
  await workbench.jobs.finished((await workbench.documents.sync.run('S', [core.file('docs')])).id)
  await buildAll(workbench, 'S')
  expect(await workbench.home.needs('S')).toMatchObject({ next: null, folders: { changed: 0, problem: null } })
  await writeFile(core.file('docs/c.md'), guide({ one: 'A third one.' }))
  expect(await workbench.home.needs('S')).toMatchObject({ next: 'sync', folders: { changed: 1 } })
})

test('today is the asker’s day; sets asked last come first', async () => {
  await using core = await fakeCore()
  const { workbench } = core
  await workbench.sets.create('Old')
  await workbench.sets.create('New')
  for (const set of ['Old', 'New']) await importTexts(workbench, set, { 'a.md': guide() })
  await buildAll(workbench, 'Old')
  await askAll(workbench, { set: 'Old', question: 'What is first?' })
  const home = await workbench.home.show({ zone: 'Asia/Shanghai' })
  expect(home.sets.map(({ name }) => name)).toEqual(['Old', 'New'])
  expect(home.today?.figures).toMatchObject({ times: 1 })
  expect(home.today?.figures.reused).toBeGreaterThan(0)
  expect(home.questions.map(({ question }) => question)).toEqual(['What is first?'])
  expect(home.models).toMatchObject([{ verdict: null }])
})
