/** Jobs from the command line: those of an open workbench by its address, and those that one left. */
import { mkdir, writeFile } from 'node:fs/promises'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { connect } from '../../src/main/rpc/http-client'
import type { JobState, UnfinishedJob } from '../../src/shared/workbench'
import { kvasir, startKvasir, type Running } from '../helpers/kvasir'
import { tempFolder } from '../helpers/temp-folder'

/** Enough for a build to take seconds. */
const DOCUMENTS = 30

let folder: Awaited<ReturnType<typeof tempFolder>>
const withData = (...args: string[]): string[] => [...args, '--data-dir', folder.file('data')]

beforeAll(async () => {
  folder = await tempFolder()
  const documents = folder.file('documents')
  await mkdir(documents)
  for (let number = 0; number < DOCUMENTS; number++)
    await writeFile(`${documents}/${number}.md`, `# Project ${number}\n\n${`Nimbus has ${10 + number} employees. `.repeat(70)}\n`)
  await kvasir(withData('sets', 'create', 'Long', '-q'))
  expect(await kvasir(withData('docs', 'add', 'Long', documents, '-q'))).toMatchObject({ code: 0 })
}, 60_000)
afterAll(async () => await folder[Symbol.asyncDispose]())

async function serving(): Promise<{ readonly serve: Running; readonly url: string }> {
  const serve = startKvasir(withData('serve'))
  const [, url = ''] = await serve.said(/(http:\/\/127\.0\.0\.1:\d+\/\S*)\n/)
  return { serve, url }
}

async function json<T>(...args: string[]): Promise<T> {
  const { code, stdout, stderr } = await kvasir(withData(...args, '--json'))
  expect(code, stderr).toBe(0)
  return JSON.parse(stdout) as T
}

test('an open workbench is told to pause, go on and cancel; what it leaves is finished later', async () => {
  const { serve, url } = await serving()
  // By its address, and by itself: it is open on this data folder.
  const at = ['--url', url]
  const build = await connect(url).build.mutate({ set: 'Long' })
  await connect(url).build.mutate({ set: 'Long' })
  await json('jobs', 'pause', build.id)
  for (;;) {
    const { jobs } = await json<{ jobs: JobState[] }>('jobs', 'list', ...at)
    if (jobs.find(({ id }) => id === build.id)?.status === 'paused') break
  }
  const { jobs } = await json<{ jobs: JobState[] }>('jobs', 'list', ...at)
  const other = jobs.find(({ id }) => id !== build.id)
  await kvasir(withData('jobs', 'cancel', other?.id ?? '', ...at))
  expect((await kvasir(withData('jobs', 'list'))).stdout).toMatch(/Building "Long" .*paused/)
  expect(await kvasir(withData('jobs', 'retry', build.id, ...at))).toMatchObject({ code: 1, stderr: expect.stringContaining('is paused') as string })
  expect(await kvasir(withData('jobs', 'clear'))).toMatchObject({ code: 0 })

  serve.interrupt()
  expect((await serve.finished).code).toBe(0)
  const { unfinished } = await json<{ unfinished: UnfinishedJob[] }>('jobs', 'list')
  expect(unfinished).toMatchObject([{ title: 'Building "Long"', isPaused: true }])

  // Interrupted it leaves the rest again.
  const run = startKvasir(withData('jobs', 'run'))
  await run.said(/ [1-9][\d,]*\/[\d,]+ tokens/)
  run.interrupt()
  expect((await run.finished).code).toBe(130)
  expect((await json<{ unfinished: UnfinishedJob[] }>('jobs', 'list')).unfinished).toHaveLength(1)

  const done = await kvasir(withData('jobs', 'run', '-q'))
  expect(done).toMatchObject({ code: 0 })
  expect(done.stdout).toMatch(/^Building "Long": \d+ caches? of/)
  expect(await kvasir(withData('jobs', 'list', '-q'))).toMatchObject({ stdout: 'Nothing was left unfinished.\n' })
}, 120_000)

test('one that was killed is forgotten, and said so', async () => {
  const { serve, url } = await serving()
  serve.child.kill('SIGKILL')
  await serve.finished
  const [origin = ''] = url.split('/#')
  const list = await kvasir(withData('jobs', 'list'))
  expect(list).toMatchObject({ code: 0, stdout: 'Nothing was left unfinished.\n', stderr: expect.stringContaining(`${origin} ended without closing`) as string })
  const pause = await kvasir(withData('jobs', 'pause', 'j1'))
  expect(pause).toMatchObject({ code: 1, stderr: expect.stringContaining('No "kvasir serve" is open on the data folder') as string })
  expect(pause.stderr).not.toContain('ended without closing')
}, 60_000)

test('says what is wrong with an address, a token and an id', async () => {
  expect(await kvasir(withData('jobs', 'list', '--url', 'http://127.0.0.1:1/'))).toMatchObject({ code: 2, stderr: expect.stringContaining('#token=') as string })
  const nobody = await kvasir(withData('jobs', 'list', '--url', 'http://127.0.0.1:1/#token=x'))
  expect(nobody).toMatchObject({ code: 1, stderr: expect.stringContaining('No workbench answers there') as string })
  expect(await kvasir(withData('jobs', 'drop', '99'))).toMatchObject({ code: 1, stderr: expect.stringContaining('no unfinished job 99') as string })
})
