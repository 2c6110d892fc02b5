/** Which frames the IPC carrier listens to, and what it takes from them. */
import { expect, it } from 'vitest'
import { setTimeout as sleep } from 'node:timers/promises'
import { CrashReports } from '../../src/main/base/crash-reports'
import { attachIpc } from '../../src/main/rpc/ipc-carrier'
import type { IpcDown, IpcUp } from '../../src/shared/ipc'
import { fakeWorkbench } from '../helpers/fake-workbench'
import { ipcPair, PAGE_URL } from './carriers'

const query = '{"id":1,"method":"query","params":{"path":"sets.list","input":{"json":null}}}'

it('answers the page', async () => {
  const got = await answers(PAGE_URL, [open('a'), message('a')])
  await expect.poll(() => got, { timeout: 5000 }).toHaveLength(1)
})

it.each([
  'https://evil.example/',
  'app://evil/index.html',
  'app://kvasir/index.html.evil',
  'about:blank',
  'file:///etc/passwd',
  '',
])('ignores a frame at "%s"', async (url) => {
  expect(await answers(url, [open('a'), message('a')])).toEqual([])
})

it('ignores frames inside the page', async () => {
  const ipc = ipcPair()
  attachIpc(ipc.receiver, options())
  const got = listen(ipc)
  const inner = { sender: ipc.sender, senderFrame: { url: PAGE_URL, parent: {} } }
  ;(ipc.receiver as unknown as NodeJS.EventEmitter).emit('kvasir:rpc', inner, open('a'))
  ;(ipc.receiver as unknown as NodeJS.EventEmitter).emit('kvasir:rpc', inner, message('a'))
  await sleep(20)
  expect(got).toEqual([])
})

it.each([
  null,
  7,
  'open',
  {},
  { kind: 'open' },
  { kind: 'message', connection: 'a', data: 7 },
  { kind: 'close', connection: 'x'.repeat(65) },
])('drops a malformed message %j', async (malformed) => {
  expect(await answers(PAGE_URL, [open('a'), malformed as IpcUp, message('a')])).toHaveLength(1)
})

it('lets a reloaded page replace its older connection', async () => {
  const got = await answers(PAGE_URL, [open('a'), open('b'), message('a'), message('b')])
  expect(got).toEqual([
    { kind: 'close', connection: 'a' },
    { kind: 'message', connection: 'b', data: expect.stringContaining('"id":1') as string },
  ])
})

it('stops when detached', async () => {
  const ipc = ipcPair()
  attachIpc(ipc.receiver, options())()
  const got = listen(ipc)
  ipc.bridge.send(open('a'))
  ipc.bridge.send(message('a'))
  await sleep(20)
  expect(got).toEqual([])
})

async function answers(url: string, messages: readonly IpcUp[]): Promise<IpcDown[]> {
  const ipc = ipcPair(url)
  attachIpc(ipc.receiver, options())
  const got = listen(ipc)
  for (const each of messages) ipc.bridge.send(each)
  await sleep(30)
  return got
}

function options() {
  const workbench = fakeWorkbench()
  return { workbench, shell: null, crashes: new CrashReports(workbench.dataDir), trusted: (url: string) => url === PAGE_URL }
}

function listen(ipc: ReturnType<typeof ipcPair>): IpcDown[] {
  const got: IpcDown[] = []
  ipc.page.on('message', (message: IpcDown) => got.push(message))
  return got
}

function open(connection: string): IpcUp {
  return { kind: 'open', connection }
}

function message(connection: string): IpcUp {
  return { kind: 'message', connection, data: query }
}
