/** Jobs of a whole workbench: they go on with what is missing after a pause, and after a restart. */
import { readdir } from 'node:fs/promises'
import { expect, it } from 'vitest'
import { openWorkbench } from '../../src/main/workbench'
import type { JobState, Workbench } from '../../src/shared/workbench'
import { FakeEngine } from '../helpers/fake-engine'
import { fakeCore, importTexts, type TestCore } from './core'

const TEXTS = Object.fromEntries(
  Array.from({ length: 6 }, (_, at) => [`${at}.md`, `# Part ${at}\n\n${`Line ${at} of the text. `.repeat(60)}\n`]),
)

async function until(workbench: Workbench, id: string, holds: (job: JobState) => boolean): Promise<JobState> {
  const now = workbench.jobs.list().find((job) => job.id === id)
  if (now && holds(now)) return now
  for await (const job of workbench.jobs.watch()) if (job.id === id && holds(job)) return job
  throw new Error('The workbench has closed.')
}

/** The same folder, opened again. */
async function again(core: TestCore): Promise<{ workbench: Workbench; engine: FakeEngine } & AsyncDisposable> {
  const engine = new FakeEngine()
  const workbench = await openWorkbench({ dataDir: core.file('data'), engine: engine.asEngine, resourcesDir: core.file('resources'), version: '0' })
  return { workbench, engine, [Symbol.asyncDispose]: () => workbench[Symbol.asyncDispose]() }
}

const encoded = (engine: FakeEngine): number => engine.of('encode').length

it('a paused build goes on with what is missing', async () => {
  await using core = await fakeCore()
  const { workbench, engine } = core
  await workbench.sets.create('Set')
  await importTexts(workbench, 'Set', TEXTS)
  const { id } = await workbench.build('Set')
  await until(workbench, id, ({ done }) => done > 0)
  workbench.jobs.pause(id)
  await until(workbench, id, ({ status }) => status === 'paused')
  const before = encoded(engine)
  const { cachedChunks } = await workbench.sets.show('Set')
  expect(cachedChunks).toBeGreaterThan(0)
  workbench.jobs.resume(id)
  expect(await workbench.jobs.finished(id)).toMatchObject({ status: 'done', subject: { what: 'build', set: 'Set' } })
  const tree = await workbench.sets.show('Set')
  expect(tree.cachedChunks).toBe(tree.chunks)
  expect(encoded(engine)).toBeGreaterThan(before)
})

it('what had not ended when the workbench closed goes on in the next that stays, and in no other', async () => {
  await using core = await fakeCore()
  await core.workbench.jobs.takeUp()
  await core.workbench.sets.create('Set')
  await importTexts(core.workbench, 'Set', TEXTS)
  const build = await core.workbench.build('Set', { variants: ['document'] })
  const behind = await core.workbench.build('Set', { variants: ['bos'] })
  core.workbench.jobs.pause(behind.id)
  await until(core.workbench, build.id, ({ done }) => done > 0)
  await core.workbench[Symbol.asyncDispose]()
  {
    await using command = await again(core)
    expect(command.workbench.jobs.list()).toEqual([])
    expect(command.workbench.jobs.unfinished()).toMatchObject([
      { title: 'Building "Set"', isPaused: false, crashes: 0 },
      { title: 'Building "Set"', isPaused: true },
    ])
  }
  await using next = await again(core)
  const taken = await next.workbench.jobs.takeUp()
  expect(taken.map(({ status }) => status)).toEqual(['running', 'paused'])
  expect(await next.workbench.jobs.finished(taken[0]?.id ?? '')).toMatchObject({ status: 'done' })
  const tree = await next.workbench.sets.show('Set')
  expect(tree.cachedChunks).toBe(tree.chunks)
})

it('an import of what a browser uploaded goes on in the next one, and leaves nothing', async () => {
  await using core = await fakeCore()
  const { workbench } = core
  await workbench.jobs.takeUp()
  await workbench.sets.create('Set')
  const { uploads } = workbench.documents
  const files = Object.entries(TEXTS).map(([name, text]) => ({ name, data: Buffer.from(text) }))
  const offered = [...files.map(({ name, data }) => ({ name, bytes: data.byteLength })), { name: 'picture.png', bytes: 1 }]
  const { upload } = await uploads.begin(offered)
  await uploads.put(upload, files.map((file) => ({ ...file, start: 0 })))
  const other = await uploads.begin([{ name: 'never.md', bytes: 1 }])
  const job = await workbench.documents.addUpload('Set', upload)
  // Given up and thought better of: it is an import like before.
  workbench.jobs.cancel(job.id)
  await workbench.jobs.finished(job.id)
  workbench.jobs.retry(job.id)
  workbench.jobs.pause(job.id)
  await until(workbench, job.id, ({ status }) => status === 'paused')
  await workbench[Symbol.asyncDispose]()
  // What was never to be imported has gone.
  expect(await readdir(core.file('data/uploads'))).toEqual([upload])
  expect(other.upload).not.toBe(upload)
  await using next = await again(core)
  const [taken] = await next.workbench.jobs.takeUp()
  next.workbench.jobs.resume(taken?.id ?? '')
  expect(await next.workbench.jobs.finished(taken?.id ?? '')).toMatchObject({ status: 'done', subject: { what: 'import', set: 'Set' } })
  expect((await next.workbench.sets.outline('Set')).rows).toHaveLength(files.length)
  const refused = next.workbench.documents.outcomes(taken?.id ?? '').filter(({ outcome }) => outcome === 'failed')
  expect(refused).toMatchObject([{ source: 'picture.png', said: { id: 'document.unsupported' } }])
  await expect.poll(() => readdir(core.file('data/uploads'))).toEqual([])
  expect(next.workbench.jobs.unfinished()).toEqual([])
})

it('an import that was paused says in the end what it added in all', async () => {
  await using core = await fakeCore()
  const { workbench } = core
  await workbench.sets.create('Set')
  const job = await workbench.documents.addText('Set', Object.entries(TEXTS).map(([name, text]) => ({ name, text })))
  await until(workbench, job.id, ({ done }) => done >= 1)
  workbench.jobs.pause(job.id)
  const stopped = await until(workbench, job.id, ({ status }) => status === 'paused' || status === 'done')
  if (stopped.status === 'paused') workbench.jobs.resume(job.id)
  expect(await workbench.jobs.finished(job.id)).toMatchObject({ outcome: { what: 'import', added: 6, unchanged: 0 } })
})
