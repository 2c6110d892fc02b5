/** The page's one connection to the workbench: Electron IPC in the window, a WebSocket with the token in a browser. */
import { QueryClient } from '@tanstack/react-query'
import { createTRPCClient, createWSClient, wsLink } from '@trpc/client'
import { createTRPCOptionsProxy } from '@trpc/tanstack-react-query'
import superjson from 'superjson'
import type { AppRouter } from '../../shared/router'
import { createStore } from '../ui/store'
import { ipcSocketClass } from './ipc-socket'

/** Present in the Electron window only. */
export const bridge = window.kvasir

const TOKEN_PLACE = 'kvasir.token'
const token = bridge ? null : takeToken()

/** `refused`: the server does not take this page's token; trying again is of no use. */
export const connection = createStore<{ state: 'connecting' | 'open' | 'lost' | 'refused' }>({
  state: bridge || token ? 'connecting' : 'refused',
})

const socket = createWSClient({
  url: bridge ? 'ipc://kvasir' : `${location.protocol === 'https:' ? 'wss' : 'ws'}://${location.host}/`,
  WebSocket: bridge ? ipcSocketClass(bridge) : tokenSocketClass(token ?? ''),
  retryDelayMs: (attempt) => Math.min(5000, 250 * 2 ** attempt),
  // Finds a connection that died without a word (a laptop's sleep, a cut tunnel).
  ...(bridge ? {} : { keepAlive: { enabled: true, intervalMs: 10_000, pongTimeoutMs: 10_000 } }),
  // Without a token nothing is sent, so nothing is connected.
  ...(connection.get().state === 'refused' ? { lazy: { enabled: true, closeMs: 0 } } : {}),
})

export const client = createTRPCClient<AppRouter>({ links: [wsLink({ client: socket, transformer: superjson })] })

export const queryClient = new QueryClient({
  defaultOptions: {
    queries: { retry: false, refetchOnWindowFocus: false, refetchOnReconnect: false, networkMode: 'always' },
    mutations: { retry: false, networkMode: 'always' },
  },
})

export const trpc = createTRPCOptionsProxy<AppRouter>({ client, queryClient })

socket.connectionState.subscribe({
  next({ state, error }) {
    if (connection.get().state === 'refused') return
    if (state === 'pending') {
      const again = connection.get().state === 'lost'
      connection.set({ state: 'open' })
      // What changed while nobody listened.
      if (again) void queryClient.invalidateQueries()
    } else if (error) {
      connection.set({ state: 'lost' })
      if (!bridge) void checkToken()
    }
  },
})

/** A refused upgrade looks like any lost connection to a WebSocket; a plain request tells which it is. */
async function checkToken(): Promise<void> {
  // No answer at all: the server is down, and the socket goes on trying.
  const answer = await fetch('/rpc/shell.facts', { headers: { authorization: `Bearer ${token}` } }).catch(() => null)
  if (answer?.status === 401) {
    connection.set({ state: 'refused' })
    await socket.close()
  }
}

/**
 * From the address's hash (`#token=…`, or `#token=…&to=/ask/set1` with the place to begin at), and out of it: history and
 * screen shares need not show it. Kept for reloads of this tab.
 */
function takeToken(): string | null {
  const hash = new URLSearchParams(location.hash.startsWith('#/') ? '' : location.hash.slice(1))
  const given = hash.get('token')
  if (given) {
    const to = hash.get('to')
    sessionStorage.setItem(TOKEN_PLACE, given)
    history.replaceState(null, '', to?.startsWith('/') ? `${location.pathname}#${to}` : location.pathname)
  }
  return given ?? sessionStorage.getItem(TOKEN_PLACE)
}

/** A browser can send no header with a WebSocket; the token travels as an offered subprotocol. */
function tokenSocketClass(secret: string): typeof WebSocket {
  return class extends WebSocket {
    constructor(url: string | URL) {
      super(url, ['kvasir', secret])
    }
  }
}
