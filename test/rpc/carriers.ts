/** The two carriers as test subjects: the same suite runs over both. */
import { createTRPCClient, createWSClient, wsLink, type TRPCClient } from '@trpc/client'
import { EventEmitter } from 'node:events'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import superjson from 'superjson'
import { attachIpc, type IpcEvent, type IpcReceiver } from '../../src/main/rpc/ipc-carrier'
import { startServer, SUBPROTOCOL } from '../../src/main/rpc/http-server'
import { CrashReports } from '../../src/main/base/crash-reports'
import type { AppRouter, Shell } from '../../src/main/rpc/router'
import { ipcSocketClass } from '../../src/renderer/rpc/ipc-socket'
import type { Bridge, IpcDown } from '../../src/shared/ipc'
import type { Workbench } from '../../src/shared/workbench'

export interface Connected extends AsyncDisposable {
  readonly client: TRPCClient<AppRouter>
}

export interface Carrier {
  readonly name: string
  connect(workbench: Workbench): Promise<Connected>
}

export const PAGE_URL = 'app://kvasir/index.html'

export const httpCarrier: Carrier = {
  name: 'WebSocket',
  async connect(workbench) {
    const page = await makePage()
    const server = await startServer(workbench, { page })
    const socket = createWSClient({ url: `ws://127.0.0.1:${server.port}/`, WebSocket: tokenSocket(server.token) })
    return {
      client: createTRPCClient<AppRouter>({ links: [wsLink({ client: socket, transformer: superjson })] }),
      async [Symbol.asyncDispose]() {
        await socket.close()
        await server.close()
        await rm(page, { recursive: true })
      },
    }
  },
}

export const ipcCarrier: Carrier = {
  name: 'IPC',
  async connect(workbench) {
    const ipc = ipcPair()
    const detach = attachIpc(ipc.receiver, {
      workbench,
      shell: testShell(),
      crashes: new CrashReports(workbench.dataDir),
      trusted: (url) => url === PAGE_URL,
    })
    const socket = createWSClient({ url: 'ipc://kvasir', WebSocket: ipcSocketClass(ipc.bridge) })
    return {
      client: createTRPCClient<AppRouter>({ links: [wsLink({ client: socket, transformer: superjson })] }),
      async [Symbol.asyncDispose]() {
        await socket.close()
        detach()
      },
    }
  },
}

/** A window that picks, saves and says what it is told to. */
export function testShell(change: Partial<Shell> = {}): Shell {
  return {
    pickPaths: async () => ['/picked.md'],
    saveFile: async ({ name }) => `/saved/${name}`,
    events: async function* () {
      yield { kind: 'open', route: '/query/17' }
    },
    showKeys: () => undefined,
    ...change,
  }
}

/** Both ends of Electron's IPC in one process; what passes is cloned, as Electron does. */
export function ipcPair(frameUrl = PAGE_URL) {
  const main = new EventEmitter()
  const page = new EventEmitter()
  const sender = Object.assign(new EventEmitter(), {
    id: 1,
    isDestroyed: () => false,
    send: (_channel: string, message: IpcDown) => setImmediate(() => page.emit('message', structuredClone(message))),
  })
  const bridge: Bridge = {
    send: (message) => setImmediate(() => main.emit('kvasir:rpc', event, structuredClone(message))),
    onMessage: (listener) => {
      page.on('message', listener)
      return () => page.off('message', listener)
    },
    pathForFile: () => '',
  }
  const event: IpcEvent = { sender, senderFrame: { url: frameUrl } }
  return { receiver: main as IpcReceiver, bridge, page, sender }
}

/** A WebSocket class that offers the token as the page does. */
export function tokenSocket(token: string): typeof WebSocket {
  return class extends WebSocket {
    constructor(url: string | URL) {
      super(url, [SUBPROTOCOL, token])
    }
  }
}

export async function makePage(): Promise<string> {
  const page = await mkdtemp(join(tmpdir(), 'kvasir-page-'))
  await writeFile(join(page, 'index.html'), '<meta name="style-nonce" content="__STYLE_NONCE__"><p>page')
  await writeFile(join(page, 'page.js'), 'export {}')
  await writeFile(join(page, 'secret.key'), 'not for the web')
  return page
}
