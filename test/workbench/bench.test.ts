/** Benches through the workbench: measured by the real engine, beside a workbench that notices nothing of it. */
import { existsSync } from 'node:fs'
import { readdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { Engine } from '../../src/main/engine/engine'
import { openWorkbench } from '../../src/main/workbench'
import type { BenchOptions } from '../../src/shared/bench'
import type { Workbench } from '../../src/shared/workbench'
import { FakeEngine } from '../helpers/fake-engine'
import { tempFolder } from '../helpers/temp-folder'

const SHAPE: BenchOptions = { kind: 'shape', make: 'tiny:f32', shape: '200+8', chunk: 64, arms: 'reuse', threads: 1, device: 'cpu' }

async function core(dataDir: string): Promise<Workbench> {
  return await openWorkbench({ dataDir, engine: new FakeEngine().asEngine, version: '0', benchEngine: () => new Engine() })
}

test('a bench is a job with rows as they are measured; its report is kept, listed, compared and removed', async () => {
  await using folder = await tempFolder()
  await using workbench = await core(folder.file('data'))
  const before = { stats: workbench.store.stats(), models: await workbench.models.list() }
  const started = await workbench.bench.start({ ...SHAPE, repetitions: 2 })
  expect(started).toMatchObject({ kind: 'bench', unit: 'measurements' })
  const seen: number[] = []
  for await (const job of workbench.jobs.watch()) {
    seen.push(workbench.bench.live(started.id).rows.length)
    if (job.id === started.id && job.status !== 'running' && job.status !== 'waiting') break
  }
  const ended = await workbench.jobs.finished(started.id)
  expect(ended.error).toBeNull()
  expect(ended).toMatchObject({ status: 'done', done: 6, total: 6 })
  const live = workbench.bench.live(started.id)
  expect(live.rows.map(({ name, figures }) => [name, figures[0]?.figure, figures[0]?.n])).toEqual(
    expect.arrayContaining([
      ['full', 'ttftMs', 2],
      ['reuse', 'ttftMs', 2],
    ]),
  )
  const [summary] = await workbench.bench.list()
  expect(summary).toMatchObject({ id: live.report, kind: 'shape', model: 'tiny-f32', headline: { kind: 'faster', arm: 'reuse' } })
  expect(summary?.command).toBe(
    'kvasir bench --kind shape --make tiny:f32 --shape 200+8 --chunk 64 --arms reuse --repetitions 2 --threads 1 --device cpu',
  )
  const view = await workbench.bench.report(summary?.id ?? '')
  expect(view.report.options).toEqual({ ...SHAPE, repetitions: 2 })
  expect(view.report.took?.measurements).toBe(6)
  expect(view.times.find(({ arm }) => arm === 'reuse')?.samples).toHaveLength(2)
  expect(view.trade).toEqual([])
  const { seconds, like } = await workbench.bench.estimate({ ...SHAPE, repetitions: 4 })
  expect(like).toBe(summary?.id)
  expect(seconds).toBeCloseTo(2 * (view.report.took?.seconds ?? 0))

  // Nothing of the workbench itself has changed, and nothing is left over.
  expect({ stats: workbench.store.stats(), models: await workbench.models.list() }).toEqual(before)
  expect(await workbench.hits.history()).toEqual([])
  expect(await readdir(join(folder.file('data'), 'bench', 'runs'))).toEqual([])

  const { figures } = await workbench.bench.compare(live.report ?? '', live.report ?? '')
  expect(figures.every(({ quotient }) => quotient === null || quotient === 1)).toBe(true)
  await workbench.bench.remove(live.report ?? '')
  expect(await workbench.bench.list()).toEqual([])
  expect(await workbench.bench.restore(live.report ?? '')).toEqual(summary)
  expect(await workbench.bench.list()).toEqual([summary])
})

test('a cancelled bench keeps what it measured, and the same one goes on from there', async () => {
  await using folder = await tempFolder()
  await using workbench = await core(folder.file('data'))
  const first = await workbench.bench.start({ ...SHAPE, repetitions: 300 })
  for await (const job of workbench.jobs.watch()) if (job.total === 900 && job.done >= 4) break
  workbench.jobs.cancel(first.id)
  expect((await workbench.jobs.finished(first.id)).status).toBe('cancelled')
  expect(await workbench.bench.list()).toEqual([])
  const again = await workbench.bench.start({ ...SHAPE, repetitions: 2 })
  expect((await workbench.jobs.finished(again.id)).status).toBe('done')
  const live = workbench.bench.live(again.id)
  expect(live.remarks).toEqual([{ id: 'bench.goes-on', params: { kept: expect.any(Number), of: 6 } }])
  expect((await workbench.bench.report(live.report ?? '')).report.runs).toBeGreaterThanOrEqual(1)
})

test.each([
  [{ kind: 'shape', make: '2b:q4_0' }, /1b, 3b, 8b, 70b/],
  [{ kind: 'shape', arms: 'magic' }, /each libllama, resident or a strategy/],
  [{ kind: 'shape', queries: 3 }, /--queries belongs to --kind store, novel/],
  [{ kind: 'suite', questions: -1 }, /questions does not fit/],
  [{ kind: 'codec', make: 'tiny:f32', tag: 'x' }, /--tag asks questions/],
  [{ kind: 'window' }, /kind does not fit/],
])('%j is refused before a job is made of it', async (options, message) => {
  await using folder = await tempFolder()
  await using workbench = await core(folder.file('data'))
  const { bench } = workbench
  for (const act of [() => bench.start(options as BenchOptions), () => bench.estimate(options as BenchOptions)])
    await expect(act()).rejects.toMatchObject({ code: 'argument.invalid', message: expect.stringMatching(message) as string })
  expect(workbench.jobs.list()).toEqual([])
  expect(existsSync(join(folder.file('data'), 'bench', 'runs'))).toBe(false)
})

test('a report from elsewhere is looked at, from its file or its text; what is none is refused and says where', async () => {
  await using folder = await tempFolder()
  await using workbench = await core(folder.file('data'))
  const text = await readFile('docs/bench/quality-lengths.json', 'utf8')
  const byText = await workbench.bench.importReport({ text })
  expect(await workbench.bench.importReport({ path: 'docs/bench/quality-lengths.json' })).toEqual(byText)
  expect(await workbench.bench.list()).toEqual([byText])
  const { trade, figures } = await workbench.bench.report(byText.id)
  expect([trade.length > 3, figures.length > 3]).toEqual([true, true])
  await writeFile(folder.file('no.json'), '{"kvasir": "1", "createdAt": "yesterday"}')
  const refused = [
    [{ text: 'no json' }, /this text, .*it is no JSON/],
    [{ text: '{}' }, /its kvasir does not fit/],
    [{ path: folder.file('no.json') }, /no\.json.*its createdAt does not fit/],
  ] as const
  for (const [from, message] of refused)
    await expect(workbench.bench.importReport(from)).rejects.toMatchObject({ code: 'argument.invalid', message: expect.stringMatching(message) as string })
  await expect(workbench.bench.importReport({ path: folder.file('none.json') })).rejects.toMatchObject({ code: 'file.unreadable' })
  await expect(workbench.bench.report('nothing')).rejects.toMatchObject({ code: 'not-found' })
})

test('the question sets that come along, with their tags', async () => {
  await using folder = await tempFolder()
  await using workbench = await core(folder.file('data'))
  const suites = await workbench.bench.suites()
  expect(suites.map(({ name }) => name)).toEqual(['demo', 'hard'])
  expect(suites[0]?.questions).toBeGreaterThan(1000)
  expect(suites[0]?.tags).toContainEqual({ tag: 'quick', questions: expect.any(Number) as number })
  expect((await workbench.bench.estimate({ kind: 'suite', tag: 'quick' })).measurements).toBe(
    suites[0]?.tags.find(({ tag }) => tag === 'quick')?.questions,
  )
})
