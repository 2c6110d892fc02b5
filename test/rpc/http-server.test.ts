/** Who may talk to serve mode, and what it gives out (security checklist: Host, Origin, token, traversal, limits). */
import { once } from 'node:events'
import { rm } from 'node:fs/promises'
import { request as httpRequest, type IncomingHttpHeaders } from 'node:http'
import { connect } from 'node:net'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest'
import { WebSocket as WsClient } from 'ws'
import { startServer, type RunningServer } from '../../src/main/rpc/http-server'
import { MAX_MESSAGE_BYTES } from '../../src/main/rpc/limits'
import { fakeWorkbench } from '../helpers/fake-workbench'
import { makePage } from './carriers'

let page: string
let server: RunningServer
beforeAll(async () => void (page = await makePage()))
afterAll(() => rm(page, { recursive: true }))
beforeEach(async () => void (server = await startServer(fakeWorkbench(), { page })))
afterEach(() => server.close())

describe('the page', () => {
  it('is given with a policy that allows no foreign or inline script', async () => {
    const answer = await get('/')
    expect(answer.status).toBe(200)
    const policy = String(answer.headers['content-security-policy'])
    expect(policy).toContain("default-src 'none'")
    expect(policy).toContain("script-src 'self';")
    expect(policy).not.toContain('unsafe')
    expect(policy).toContain(`'nonce-${/content="([^"]+)"/.exec(answer.body)?.[1]}'`)
    expect(answer.headers).toMatchObject({
      'x-content-type-options': 'nosniff',
      'referrer-policy': 'no-referrer',
      'cache-control': 'no-store',
    })
    expect(answer.headers).not.toHaveProperty('access-control-allow-origin')
  })

  it('has a new nonce every time', async () => {
    expect((await get('/')).body).not.toBe((await get('/')).body)
  })

  it.each([
    '/../package.json',
    '/..%2fpackage.json',
    '/%2e%2e/package.json',
    '/./index.html',
    '//etc/passwd',
    '/..\\package.json',
    '/.hidden.js',
    '/secret.key',
    '/page.js/',
    '/page.js%00.html',
    '/nowhere.js',
  ])('gives nothing at %s', async (path) => {
    expect((await get(path)).status).toBe(404)
  })

  it('gives nothing at a path longer than any', async () => {
    expect((await get(`/${'a/'.repeat(3000)}x.js`)).status).toBe(404)
  })

  it('answers GET and HEAD only', async () => {
    expect((await get('/', { method: 'POST' })).status).toBe(405)
    expect((await get('/page.js', { method: 'HEAD' })).body).toBe('')
  })
})

describe('the Host header', () => {
  it.each([
    'evil.example',
    'evil.example:80',
    '127.0.0.1.evil.example',
    '192.168.1.4',
    ' ',
    'localhost@evil.example',
    '[::1',
  ])('refuses "%s"', async (host) => {
    expect((await get('/', { host })).status).toBeGreaterThanOrEqual(400)
    expect((await get('/rpc/status', { host, token: server.token })).status).toBeGreaterThanOrEqual(400)
    expect(await upgrade({ host, token: server.token })).not.toBe(101)
  })

  it.each(['localhost', 'localhost:9999', '127.0.0.1', '[::1]:80'])(
    'accepts %s (an SSH tunnel has its own port)',
    async (host) => {
      expect((await get('/', { host })).status).toBe(200)
    },
  )
})

describe('the Origin header', () => {
  it.each(['https://evil.example', 'null', 'http://127.0.0.1:1', 'http://localhost.evil.example'])(
    'refuses %s',
    async (origin) => {
      expect((await get('/rpc/status', { origin, token: server.token })).status).toBe(403)
      expect(await upgrade({ origin, token: server.token })).toBe(403)
    },
  )

  it('accepts the page itself', async () => {
    const origin = `http://127.0.0.1:${server.port}`
    expect((await get('/rpc/status', { origin, token: server.token })).status).toBe(200)
    expect(await upgrade({ origin, token: server.token })).toBe(101)
  })
})

describe('the token', () => {
  it.each(['', 'wrong', 'x'.repeat(32), 'x'.repeat(2000)])('refuses "%s"', async (token) => {
    expect((await get('/rpc/status', { token })).status).toBe(401)
    expect(await upgrade({ token })).toBe(401)
  })

  it('refuses none, and one in the address', async () => {
    expect((await get('/rpc/status')).status).toBe(401)
    expect((await get(`/rpc/status?token=${server.token}`)).status).toBe(401)
  })

  it('is in the printed address, in its hash', () => {
    expect(server.url).toBe(`http://127.0.0.1:${server.port}/#token=${server.token}`)
    expect(server.token.length).toBeGreaterThanOrEqual(32)
  })
})

describe('limits', () => {
  it('refuses a body that is too large', async () => {
    const body = Buffer.alloc(MAX_MESSAGE_BYTES + 1, 32)
    const answer = await get('/rpc/sets.create', { method: 'POST', token: server.token, body })
    expect([413, 0]).toContain(answer.status)
  })

  it('closes a WebSocket whose message is too large', async () => {
    const socket = new WsClient(`ws://127.0.0.1:${server.port}/`, ['kvasir', server.token])
    socket.on('error', () => undefined)
    await once(socket, 'open')
    socket.send(Buffer.alloc(MAX_MESSAGE_BYTES + 1, 32))
    const [code] = (await once(socket, 'close')) as [number]
    expect([1006, 1009]).toContain(code)
  })

  it('survives garbage', async () => {
    const socket = new WsClient(`ws://127.0.0.1:${server.port}/`, ['kvasir', server.token])
    await once(socket, 'open')
    for (const message of [
      '',
      '{',
      '[]',
      'null',
      '{"id":1}',
      '{"id":1,"method":"query","params":{"path":"__proto__"}}',
    ])
      socket.send(message)
    socket.send(Buffer.from([0xff, 0xfe]))
    const answers: string[] = []
    socket.on('message', (data: Buffer) => answers.push(data.toString()))
    socket.send('{"id":9,"method":"query","params":{"path":"sets.list","input":{"json":null}}}')
    await vi.waitFor(() => expect(answers).toContain('{"id":9,"result":{"type":"data","data":{"json":[]}}}'))
    socket.close()
  })
})

it('says what to do when the port is taken', async () => {
  const { port } = server
  await expect(startServer(fakeWorkbench(), { page, port })).rejects.toMatchObject({
    code: 'conflict',
    message: expect.stringContaining('--port'),
  })
})

it('closes with open connections', async () => {
  const socket = new WsClient(`ws://127.0.0.1:${server.port}/`, ['kvasir', server.token])
  socket.on('error', () => undefined)
  await once(socket, 'open')
  const closed = once(socket, 'close')
  await server.close()
  await closed
})

interface Asked {
  readonly method?: string
  readonly host?: string
  readonly origin?: string
  readonly token?: string
  readonly body?: Buffer
}

/** By hand, since `fetch` sets Host itself and tidies paths. Status 0: the server hung up. */
function get(path: string, { method = 'GET', host, origin, token, body }: Asked = {}) {
  return new Promise<{ status: number; headers: IncomingHttpHeaders; body: string }>((resolve, reject) => {
    const headers = {
      host: host ?? `127.0.0.1:${server.port}`,
      ...(origin === undefined ? {} : { origin }),
      ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
      ...(body ? { 'content-type': 'application/json', 'content-length': body.length } : {}),
    }
    const request = httpRequest({ host: '127.0.0.1', port: server.port, path, method, headers }, (response) => {
      let text = ''
      response.on('data', (chunk: Buffer) => (text += chunk.toString()))
      response.on('end', () => resolve({ status: response.statusCode ?? 0, headers: response.headers, body: text }))
    })
    request.on('error', (error: NodeJS.ErrnoException) =>
      error.code === 'ECONNRESET' || error.code === 'EPIPE'
        ? resolve({ status: 0, headers: {}, body: '' })
        : reject(error),
    )
    request.end(body)
  })
}

/** The status that a WebSocket upgrade is answered with. */
async function upgrade({ host, origin, token }: Asked): Promise<number> {
  const socket = connect(server.port, '127.0.0.1')
  await once(socket, 'connect')
  const lines = [
    'GET / HTTP/1.1',
    `Host: ${host ?? `127.0.0.1:${server.port}`}`,
    'Connection: Upgrade',
    'Upgrade: websocket',
    'Sec-WebSocket-Version: 13',
    'Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==',
    ...(origin === undefined ? [] : [`Origin: ${origin}`]),
    ...(token ? [`Sec-WebSocket-Protocol: kvasir, ${token}`] : []),
  ]
  socket.write(`${lines.join('\r\n')}\r\n\r\n`)
  const [data] = (await once(socket, 'data')) as [Buffer]
  socket.destroy()
  return Number(/^HTTP\/1\.1 (\d{3})/.exec(data.toString())?.[1])
}
