/** What a face offers beside the core, and what one page hears of others, over every carrier. */
import { createTRPCClient, createWSClient, TRPCClientError, wsLink } from '@trpc/client'
import { readdir, readFile, rm } from 'node:fs/promises'
import { join } from 'node:path'
import superjson from 'superjson'
import { afterEach, describe, expect, it, vi } from 'vitest'
import { startServer } from '../../src/main/rpc/http-server'
import type { AppRouter } from '../../src/main/rpc/router'
import type { ShellEvent, StoreChange } from '../../src/shared/shell'
import { fakeWorkbench } from '../helpers/fake-workbench'
import { httpCarrier, ipcCarrier, makePage, tokenSocket } from './carriers'

const folders: string[] = []
afterEach(async () => {
  for (const folder of folders.splice(0)) await rm(folder, { recursive: true, force: true })
})

describe.each([httpCarrier, ipcCarrier])('over $name', (carrier) => {
  const isWindow = carrier === ipcCarrier

  it('saves files and takes events from the window only', async () => {
    await using connected = await carrier.connect(fakeWorkbench())
    const { shell } = connected.client
    expect(await shell.facts.query()).toMatchObject({ canPickPaths: isWindow, canSaveFiles: isWindow })
    const saved = shell.saveFile.mutate({ name: 'chart.svg', data: Buffer.from('<svg/>').toString('base64') })
    if (isWindow) expect(await saved).toBe('/saved/chart.svg')
    else await expect(saved).rejects.toThrow('download the file instead')
    const events: ShellEvent[] = []
    await new Promise<void>((resolve) => {
      shell.events.subscribe(undefined, { onData: (event) => events.push(event), onComplete: resolve })
    })
    expect(events).toEqual(isWindow ? [{ kind: 'open', route: '/query/17' }] : [])
    await shell.showKeys.mutate({ palette: 'mod+K', theme: null })
  })

  it('takes nothing that is no file, no kind of dialog and no command', async () => {
    await using connected = await carrier.connect(fakeWorkbench())
    const { shell } = connected.client
    for (const call of [
      shell.saveFile.mutate({ name: 'a.txt', data: 'not base64!' }),
      shell.saveFile.mutate({ name: '', data: '' }),
      shell.saveFile.mutate({ name: 'a.txt', data: 'A'.repeat(48 * 1024 * 1024) }),
      shell.pickPaths.mutate({ what: 'anything' as never }),
      shell.showKeys.mutate({ quit: 'mod+Q' } as never),
      shell.showKeys.mutate({ palette: 'x'.repeat(1000) }),
    ]) {
      const error: unknown = await call.catch((reason: unknown) => reason)
      expect(error instanceof TRPCClientError && error.data).toMatchObject({ workbenchCode: 'argument.invalid' })
    }
  })

  it('keeps faults of the page, as faults of the page, a few of them', async () => {
    const workbench = fakeWorkbench()
    folders.push(workbench.dataDir)
    await using connected = await carrier.connect(workbench)
    const { shell } = connected.client
    const crash = { place: 'main' as const, name: 'TypeError', message: 'x is "Peter Stone"', stack: '' }
    const kept = await Promise.all(Array.from({ length: 12 }, () => shell.reportCrash.mutate(crash)))
    expect(kept.filter(Boolean)).toHaveLength(5)
    const reports = await readdir(join(workbench.dataDir, 'crash-reports'))
    expect(reports).toHaveLength(5)
    const text = await readFile(join(workbench.dataDir, 'crash-reports', reports[0] ?? ''), 'utf8')
    expect(text).toContain('in the page')
    expect(text).not.toContain('Peter')
    const huge = await shell.reportCrash.mutate({ ...crash, stack: 'x'.repeat(100_000) }).catch((reason: unknown) => reason)
    expect(huge instanceof TRPCClientError && huge.data).toMatchObject({ workbenchCode: 'argument.invalid' })
  })
})

it('a page hears what another page changed, and nothing of its own', async () => {
  const workbench = fakeWorkbench()
  const page = await makePage()
  folders.push(page)
  await using server = await startServer(workbench, { page })
  const connect = () => {
    const socket = createWSClient({ url: `ws://127.0.0.1:${server.port}/`, WebSocket: tokenSocket(server.token) })
    const client = createTRPCClient<AppRouter>({ links: [wsLink({ client: socket, transformer: superjson })] })
    return { client, close: () => socket.close() }
  }
  const [one, two] = [connect(), connect()]
  const heard: { one: StoreChange[]; two: StoreChange[] } = { one: [], two: [] }
  const listen = (who: 'one' | 'two'): Promise<void> =>
    new Promise((resolve) => {
      const { client } = who === 'one' ? one : two
      client.store.changes.subscribe(undefined, { onStarted: () => resolve(), onData: (change) => heard[who].push(change) })
    })
  await Promise.all([listen('one'), listen('two')])
  await one.client.sets.create.mutate({ name: 'New' })
  await one.client.preferences.set.mutate({ name: 'theme', value: 'dark' })
  await one.client.shell.showKeys.mutate({})
  await two.client.sets.list.query()
  await expect(two.client.sets.create.mutate({ name: '' })).rejects.toThrow()
  await vi.waitFor(() => expect(heard.two).toHaveLength(2))
  expect(heard).toEqual({
    one: [],
    two: [
      { by: 'another-page', what: 'anything' },
      { by: 'another-page', what: 'preferences' },
    ],
  })
  await Promise.all([one.close(), two.close()])
})
