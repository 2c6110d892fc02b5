/**
 * Serve mode: the page and the router over HTTP and WebSocket, for a browser on this machine (or behind an SSH tunnel).
 * Who may ask: requests that name this machine (no DNS rebinding), come from the page itself (no other site) and carry
 * the token. The token is in the printed address's hash, which browsers do not send, and nowhere else.
 */
import { createHTTPHandler } from '@trpc/server/adapters/standalone'
import { getWSConnectionHandler } from '@trpc/server/adapters/ws'
import { createHash, randomBytes, timingSafeEqual } from 'node:crypto'
import { once } from 'node:events'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import { isIP, type AddressInfo, type Socket } from 'node:net'
import { hostname } from 'node:os'
import { WebSocketServer } from 'ws'
import { WorkbenchError } from '../../shared/errors'
import type { Workbench } from '../../shared/workbench'
import { CrashReports } from '../base/crash-reports'
import { answerAsk, ASK_PATH } from './ask-endpoint'
import type { PageId } from './changes'
import { MAX_CONNECTIONS, MAX_MESSAGE_BYTES, PING_MS, PONG_WAIT_MS } from './limits'
import { PacedSocket } from './paced-socket'
import { findPage, readPageFile, SECURITY_HEADERS } from './page-files'
import { router, type RpcContext } from './router'

export interface ServeOptions {
  /** 0 (default) takes a free one. */
  readonly port?: number
  /** Address to listen on; default 127.0.0.1. Another one is reachable by others: warn before passing it. */
  readonly host?: string
  /** Default: 24 random bytes. */
  readonly token?: string
  /** Folder of the built page; default: found beside this program. */
  readonly page?: string
  /** Where faults of the page are kept; default: the workbench's data folder. */
  readonly crashes?: CrashReports
}

export interface RunningServer extends AsyncDisposable {
  /** To open in a browser; carries the token in its hash. */
  readonly url: string
  readonly port: number
  readonly token: string
  close(): Promise<void>
}

/** The WebSocket subprotocol; a second one offered beside it carries the token (a browser can set no header there). */
export const SUBPROTOCOL = 'kvasir'
const RPC_PATH = '/rpc/'

/** What answers only to whoever has the token. */
function isGuarded(path: string): boolean {
  return path.startsWith(RPC_PATH) || path === ASK_PATH
}

/** Starts serving; resolves when the port is open. Errors: `conflict` when the port is taken, `file.unreadable`. */
export async function startServer(workbench: Workbench, options: ServeOptions = {}): Promise<RunningServer> {
  const { port = 0, host = '127.0.0.1', token = randomBytes(24).toString('base64url') } = options
  const page = options.page ?? findPage()
  const guard = makeGuard(host, token)
  const crashes = options.crashes ?? new CrashReports(workbench.dataDir)
  const context = (page: PageId, drained: RpcContext['drained']): RpcContext => ({
    workbench,
    carrier: 'http',
    page,
    shell: null,
    crashes,
    drained,
  })
  const rpc = createHTTPHandler({
    router,
    basePath: RPC_PATH,
    maxBodySize: MAX_MESSAGE_BYTES,
    createContext: () => context(Symbol('request'), () => Promise.resolve()),
  })

  const server = createServer((request, response) => {
    void answer(request, response).catch((error: unknown) => {
      if (response.headersSent) response.destroy()
      else refuse(response, 500, error instanceof Error ? error.message : String(error))
    })
  })
  const answer = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const path = (request.url ?? '/').split('?', 1)[0] ?? '/'
    const refusal = guard.origin(request) ?? (isGuarded(path) ? guard.token(bearer(request)) : null)
    if (refusal) return refuse(response, refusal.status, refusal.text)
    if (isGuarded(path)) {
      for (const [header, value] of Object.entries(SECURITY_HEADERS)) response.setHeader(header, value)
      response.setHeader('cache-control', 'no-store')
      if (path.startsWith(RPC_PATH)) return rpc(request, response)
      if (request.method !== 'POST') return refuse(response, 405, 'Only POST is answered here.')
      return answerAsk(workbench, request, response)
    }
    if (request.method !== 'GET' && request.method !== 'HEAD')
      return refuse(response, 405, 'Only GET is answered here.')
    const file = await readPageFile(page, path)
    response.writeHead(file.status, { ...file.headers, 'content-length': file.body.length })
    response.end(request.method === 'HEAD' ? undefined : file.body)
  }

  const sockets = new WebSocketServer({
    noServer: true,
    maxPayload: MAX_MESSAGE_BYTES,
    perMessageDeflate: false,
    handleProtocols: () => SUBPROTOCOL,
  })
  const connect = getWSConnectionHandler({
    wss: sockets,
    router,
    keepAlive: { enabled: true, pingMs: PING_MS, pongWaitMs: PONG_WAIT_MS },
    createContext: ({ res }) => context(Symbol('page'), () => (res as unknown as PacedSocket).drained()),
  })
  server.on('upgrade', (request: IncomingMessage, socket: Socket, head: Buffer) => {
    socket.on('error', () => socket.destroy())
    const refusal =
      guard.origin(request) ??
      guard.token(bearer(request) ?? offeredToken(request)) ??
      (sockets.clients.size >= MAX_CONNECTIONS ? { status: 503, text: 'Too many open pages.' } : null)
    if (refusal) {
      socket.end(`HTTP/1.1 ${refusal.status} Refused\r\nConnection: close\r\nContent-Length: 0\r\n\r\n`)
      return
    }
    sockets.handleUpgrade(request, socket, head, (client) => {
      // tRPC's handler needs these members of a WebSocket only: readyState, send, close, terminate, on, once.
      connect(new PacedSocket(client), request)
    })
  })

  await listen(server, port, host)
  const { port: bound } = server.address() as AddressInfo
  const close = async (): Promise<void> => {
    for (const client of sockets.clients) client.terminate()
    if (!server.listening) return
    const closed = once(server, 'close')
    server.close()
    server.closeAllConnections()
    await closed
  }
  const shown = host === '0.0.0.0' || host === '::' ? hostname() : isIP(host) === 6 ? `[${host}]` : host
  return { url: `http://${shown}:${bound}/#token=${token}`, port: bound, token, close, [Symbol.asyncDispose]: close }
}

interface Refusal {
  readonly status: number
  readonly text: string
}

function makeGuard(host: string, token: string) {
  // An address in digits cannot be rebound by a name server; a name can, so only known names count.
  const names = new Set(['localhost', host.toLowerCase(), ...(isLoopback(host) ? [] : [hostname().toLowerCase()])])
  const expected = createHash('sha256').update(token).digest()
  return {
    /** Host names this machine, and the request comes from this page or from no page at all. */
    origin(request: IncomingMessage): Refusal | null {
      const asked = hostOf(request.headers.host)
      const known = asked !== null && (names.has(asked) || (isLoopback(host) ? isLoopback(asked) : isIP(asked) !== 0))
      if (!known) return { status: 421, text: 'This server answers only to the address it printed.' }
      const { origin } = request.headers
      if (origin !== undefined && origin !== `http://${request.headers.host}`) {
        return { status: 403, text: 'Requests from other sites are refused.' }
      }
      const site = request.headers['sec-fetch-site']
      if (site === 'cross-site' && request.headers['sec-fetch-mode'] !== 'navigate') {
        return { status: 403, text: 'Requests from other sites are refused.' }
      }
      return null
    },
    token(given: string | null): Refusal | null {
      // Digests have one length, so the comparison tells nothing about the token's.
      const same = given !== null && timingSafeEqual(createHash('sha256').update(given).digest(), expected)
      return same
        ? null
        : { status: 401, text: "The token is missing or not this server's. Open the address it printed." }
    },
  }
}

function isLoopback(host: string): boolean {
  return host === 'localhost' || host === '::1' || (isIP(host) === 4 && host.startsWith('127.'))
}

/** The name or address in a Host header, without port and brackets; null when it is not one. */
function hostOf(header: string | undefined): string | null {
  const match = /^(?:\[([0-9a-fA-F:]+)\]|([A-Za-z0-9.-]+))(?::\d{1,5})?$/.exec(header ?? '')
  return (match?.[1] ?? match?.[2])?.toLowerCase() ?? null
}

function bearer(request: IncomingMessage): string | null {
  return /^Bearer (\S{1,512})$/.exec(request.headers.authorization ?? '')?.[1] ?? null
}

function offeredToken(request: IncomingMessage): string | null {
  const [protocol, token] = (request.headers['sec-websocket-protocol'] ?? '').split(/\s*,\s*/)
  return protocol === SUBPROTOCOL && token ? token : null
}

function refuse(response: ServerResponse, status: number, text: string): void {
  response.writeHead(status, {
    ...SECURITY_HEADERS,
    'content-type': 'text/plain; charset=utf-8',
    'cache-control': 'no-store',
  })
  response.end(`${text}\n`)
}

async function listen(server: ReturnType<typeof createServer>, port: number, host: string): Promise<void> {
  server.listen(port, host)
  try {
    await once(server, 'listening')
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? error.code : null
    if (code !== 'EADDRINUSE' && code !== 'EACCES' && code !== 'EADDRNOTAVAIL') throw error
    const why =
      code === 'EADDRINUSE'
        ? 'is taken by another program'
        : code === 'EACCES'
          ? 'needs more rights'
          : 'is not on this machine'
    throw new WorkbenchError('conflict', `Cannot listen on ${host}:${port}: it ${why}. Give another --port.`, {
      cause: error,
    })
  }
}
