/** Open workbenches are found by the files that they leave in the data folder; what a crash left is cleared. */
import { spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { mkdir, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { startServer, type RunningServer } from '../../src/main/rpc/http-server'
import { announce, findServing, findWorkbench, type Serving } from '../../src/main/rpc/serving'
import { fakeWorkbench } from '../helpers/fake-workbench'
import { tempFolder } from '../helpers/temp-folder'
import { makePage } from './carriers'

let page: string
let server: RunningServer
let folder: Awaited<ReturnType<typeof tempFolder>>
beforeAll(async () => void (page = await makePage()))
afterAll(() => rm(page, { recursive: true }))
beforeEach(async () => {
  folder = await tempFolder()
  server = await startServer(fakeWorkbench(), { page })
})
afterEach(async () => {
  await server.close()
  await folder[Symbol.asyncDispose]()
})

const origin = (): string => `http://127.0.0.1:${server.port}`
const files = (): Promise<string[]> => readdir(folder.file('serving'))

/** The file of a running server, made over as that of another one. */
async function leave(name: string, other: Partial<Serving>): Promise<void> {
  await using _ = await announce(folder.path, server, '127.0.0.1')
  const [own = ''] = await files()
  const place = JSON.parse(await readFile(join(folder.file('serving'), own), 'utf8')) as Serving
  await writeFile(join(folder.file('serving'), name), JSON.stringify({ ...place, ...other }))
}

describe('a workbench that listens', () => {
  it('leaves a file that its owner alone can read, until it closes', async () => {
    {
      await using _ = await announce(folder.path, server, '127.0.0.1')
      const [name = ''] = await files()
      expect(await files()).toHaveLength(1)
      if (process.platform !== 'win32') expect((await stat(join(folder.file('serving'), name))).mode & 0o777).toBe(0o600)
      const workbench = await findWorkbench(folder.path, {})
      expect(await workbench?.jobs.list.query()).toEqual([])
    }
    expect(await files()).toEqual([])
    expect(await findWorkbench(folder.path, {})).toBeNull()
  })

  it('leaves none where only another address reaches it', async () => {
    await using _ = await announce(folder.path, server, '192.0.2.7')
    await expect(files()).rejects.toMatchObject({ code: 'ENOENT' })
    expect(await findWorkbench(folder.path, {})).toBeNull()
  })

  it('is one of several only when it is named, without its token', async () => {
    await using other = await startServer(fakeWorkbench(), { page })
    await using both = new AsyncDisposableStack()
    both.use(await announce(folder.path, server, '127.0.0.1'))
    both.use(await announce(folder.path, other, '0.0.0.0'))
    await expect(findWorkbench(folder.path, {})).rejects.toMatchObject({ code: 'conflict', message: expect.stringContaining(origin()) })
    for (const url of [origin(), `http://localhost:${other.port}/`])
      expect(await (await findWorkbench(folder.path, { url }))?.jobs.list.query()).toEqual([])
    await expect(findWorkbench(folder.path, { url: 'http://127.0.0.1:1/' })).rejects.toMatchObject({ code: 'argument.invalid' })
  })
})

describe('a file that was left behind', () => {
  it('is cleared where its process has ended, nothing answers, or another token is wanted', async () => {
    const { pid } = spawnSync(process.execPath, ['-e', ''])
    await leave('dead.json', { pid })
    const closed = await startServer(fakeWorkbench(), { page })
    await closed.close()
    await leave('silent.json', { origin: `http://127.0.0.1:${closed.port}` })
    await leave('stranger.json', { token: 'of-an-earlier-one' })
    const cleared: string[] = []
    expect(await findWorkbench(folder.path, { onCleared: (each) => cleared.push(each) })).toBeNull()
    expect(cleared.toSorted()).toEqual([origin(), origin(), `http://127.0.0.1:${closed.port}`].toSorted())
    expect(await files()).toEqual([])
  })

  it('is left alone where its process runs and only does not answer', async () => {
    const mute = createServer((_, response) => void response.writeHead(500).end('busy'))
    await once(mute.listen(0, '127.0.0.1'), 'listening')
    const { port } = mute.address() as AddressInfo
    await leave('mute.json', { origin: `http://127.0.0.1:${port}` })
    await expect(findWorkbench(folder.path, {})).rejects.toMatchObject({ code: 'conflict', message: expect.stringContaining('does not answer') })
    expect(await files()).toEqual(['mute.json'])
    mute.close()
  })

  it('is left alone where it is not ours, and never sends a token elsewhere', async () => {
    await leave('machine.json', { machine: 'another' })
    await leave('elsewhere.json', { origin: 'http://192.0.2.7:80' })
    await mkdir(folder.file('serving/folder.json'))
    await writeFile(folder.file('serving/text.json'), 'no JSON')
    expect(await findServing(folder.path)).toEqual({ open: [], silent: [], cleared: [] })
    expect(await files()).toHaveLength(4)
  })
})
