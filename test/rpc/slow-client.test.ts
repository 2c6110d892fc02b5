/** A client that does not read holds up its own subscription and nothing else. */
import { once } from 'node:events'
import { rm } from 'node:fs/promises'
import { connect } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import { expect, it } from 'vitest'
import { startServer } from '../../src/main/rpc/http-server'
import { PAUSE_BYTES } from '../../src/main/rpc/limits'
import type { AskEvent } from '../../src/shared/answer'
import { fakeWorkbench } from '../helpers/fake-workbench'
import { makePage } from './carriers'

it('pauses a slow client, serves the others, goes on when it reads', async () => {
  const page = await makePage()
  const text = 'x'.repeat(64 * 1024)
  let given = 0
  const workbench = {
    ...fakeWorkbench(),
    async *ask(): AsyncGenerator<AskEvent> {
      for (;;) {
        given += text.length
        yield { type: 'text', text }
        // An engine's tokens come from elsewhere; without this the loop alone would be the process.
        await sleep(0)
      }
    },
  }
  const server = await startServer(workbench, { page })
  const socket = connect(server.port, '127.0.0.1')
  await once(socket, 'connect')
  socket.write(
    `GET / HTTP/1.1\r\nHost: 127.0.0.1:${server.port}\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n` +
      'Sec-WebSocket-Version: 13\r\n' +
      `Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Protocol: kvasir, ${server.token}\r\n\r\n`,
  )
  await once(socket, 'data')
  socket.pause()
  socket.write(
    frame('{"id":1,"method":"subscription","params":{"path":"ask","input":{"json":{"set":"s","question":"q"}}}}'),
  )

  // It fills what lies between (the system's buffers, PAUSE_BYTES here) and then stands still.
  let before = -1
  for (let round = 0; round < 100 && before !== given; round++) {
    before = given
    await sleep(100)
  }
  expect(given).toBe(before)
  expect(given).toBeGreaterThan(PAUSE_BYTES)
  expect(given).toBeLessThan(PAUSE_BYTES + 32 * 1024 * 1024)

  const other = await fetch(`http://127.0.0.1:${server.port}/rpc/sets.list`, {
    headers: { authorization: `Bearer ${server.token}` },
  })
  expect(other.status).toBe(200)

  socket.resume()
  await expect.poll(() => given).toBeGreaterThan(before)
  socket.destroy()
  await server.close()
  await rm(page, { recursive: true })
})

/** A masked text frame, as clients send them; the mask is zero. */
function frame(text: string): Buffer {
  const data = Buffer.from(text)
  const head = Buffer.from([0x81, 0x80 | 126, data.length >> 8, data.length & 255, 0, 0, 0, 0])
  return Buffer.concat([head, data])
}
