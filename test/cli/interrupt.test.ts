/** Ctrl-C: a build keeps what is done and goes on from there; an answer ends; a server closes. */
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { SetTree } from '../../src/shared/knowledge'
import type { JobState } from '../../src/shared/workbench'
import { kvasir, startKvasir } from '../helpers/kvasir'

/** Enough for a build to take seconds: 24 documents of about 500 tokens. */
const DOCUMENTS = 24
const SENTENCES = 70

let folder: string
const withData = (args: string[]): string[] => [...args, '--data-dir', join(folder, 'data')]

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'kvasir-cli-interrupt-'))
  const documents = join(folder, 'documents')
  await mkdir(documents)
  for (let number = 0; number < DOCUMENTS; number++) {
    const text = `Nimbus has ${10 + number} employees. `.repeat(SENTENCES)
    await writeFile(join(documents, `${String(number).padStart(3, '0')}.md`), `# Project Falcon\n\n${text}\n`)
  }
  await kvasir(withData(['sets', 'create', 'Long', '-q']))
  const added = await kvasir(withData(['docs', 'add', 'Long', documents, '-q']))
  expect(added).toMatchObject({ code: 0 })
})
afterAll(() => rm(folder, { recursive: true }))

/** Variants at hand, of all chunks together. */
async function variants(): Promise<number> {
  const { stdout } = await kvasir(withData(['sets', 'show', 'Long', '--json']))
  const { set } = JSON.parse(stdout) as { set: SetTree }
  const chunks = set.tree.flatMap(({ sections }) => sections.flatMap((section) => section.chunks))
  return chunks.reduce((sum, chunk) => sum + chunk.variants.length, 0)
}

test('a build keeps what is done, says so, and the next one goes on', async () => {
  const build = startKvasir(withData(['build', 'Long']))
  await build.said(/ [1-9][\d,]*\/[\d,]+ tokens/)
  build.interrupt()
  const ended = await build.finished
  expect(ended.code).toBe(130)
  expect(ended.stderr).toMatch(/kvasir: Cancelled\..*kept/)
  const kept = await variants()
  expect(kept).toBeGreaterThan(0)

  const again = await kvasir(withData(['build', 'Long', '--json']))
  const { job } = JSON.parse(again.stdout) as { job: JobState }
  expect(job.status).toBe('done')
  const all = await variants()
  expect(all).toBeGreaterThan(kept)
  // Only what was missing was computed: fewer tokens than an interrupted build had before it.
  const [, planned = '0'] = /\/([\d,]+) tokens/.exec(ended.stderr) ?? []
  expect(job.total).toBeLessThan(Number(planned.replaceAll(',', '')))
})

test('a server prints its address, answers there, and closes', async () => {
  const serve = startKvasir(withData(['serve']))
  const [, url = ''] = await serve.said(/(http:\/\/127\.0\.0\.1:\d+\/\S*)\n/)
  const page = await fetch(url)
  expect(page.status).toBe(200)
  expect(await page.text()).toContain('<title>')
  serve.interrupt()
  expect(await serve.finished).toMatchObject({ code: 0 })
  await expect(fetch(url)).rejects.toThrow()
})

test('a server on an empty data folder has the sample set to ask', async () => {
  const empty = join(folder, 'empty')
  const serve = startKvasir(['serve', '--json', '--data-dir', empty])
  await serve.said(/"url":"http:/)
  // A moment after the address: nobody waits for the engine.
  const sets = async (): Promise<unknown> =>
    JSON.parse((await kvasir(['sets', 'list', '--json', '--data-dir', empty])).stdout)
  await expect.poll(sets, { timeout: 30_000, interval: 500 }).toMatchObject({ sets: [{ name: 'Sample' }] })
  serve.interrupt()
  const { stdout } = await serve.finished
  expect(JSON.parse(stdout)).toMatchObject({ url: expect.stringContaining('#token=') as string })
})
