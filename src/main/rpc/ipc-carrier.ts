/**
 * The router over Electron IPC: tRPC's WebSocket messages, one text message each, on one channel. Knows Electron's
 * `ipcMain` by shape only, so that tests can run it with their own.
 */
import { getWSConnectionHandler } from '@trpc/server/adapters/ws'
import { EventEmitter } from 'node:events'
import type { IncomingMessage } from 'node:http'
import { z } from 'zod'
import { IPC_CHANNEL, type IpcDown } from '../../shared/ipc'
import { MAX_MESSAGE_BYTES } from './limits'
import { router, type RpcContext } from './router'

export interface IpcSender {
  readonly id: number
  send(channel: string, message: IpcDown): void
  isDestroyed(): boolean
  once(event: 'destroyed', listener: () => void): unknown
  on(event: 'render-process-gone', listener: () => void): unknown
}

export interface IpcEvent {
  readonly sender: IpcSender
  readonly senderFrame: { readonly url: string; readonly parent?: unknown } | null
}

export interface IpcReceiver {
  on(channel: string, listener: (event: IpcEvent, message: unknown) => void): unknown
  off(channel: string, listener: (event: IpcEvent, message: unknown) => void): unknown
}

export interface IpcOptions extends Pick<RpcContext, 'workbench' | 'shell' | 'crashes'> {
  /** Whether a frame with this URL is the workbench's page. */
  readonly trusted: (frameUrl: string) => boolean
}

const connection = z.string().min(1).max(64)
const upMessage = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('open'), connection }),
  z.object({ kind: z.literal('message'), connection, data: z.string().max(MAX_MESSAGE_BYTES) }),
  z.object({ kind: z.literal('close'), connection }),
])

/** Answers the page's messages until the returned function is called. Other frames' messages are dropped. */
export function attachIpc(receiver: IpcReceiver, options: IpcOptions): () => void {
  const { workbench, shell, crashes, trusted } = options
  const open = new Map<number, IpcSocket>()
  const known = new WeakSet<IpcSender>()
  const connect = getWSConnectionHandler({
    // Required by its type, used only to broadcast.
    wss: undefined,
    router,
    createContext: (): RpcContext => ({
      workbench,
      carrier: 'ipc',
      page: Symbol('page'),
      shell,
      crashes,
      drained: () => Promise.resolve(),
    }),
  })

  const listener = (event: IpcEvent, raw: unknown): void => {
    // Only the page's top frame has the preload's bridge; whoever else speaks here is not ours.
    if (!event.senderFrame || event.senderFrame.parent || !trusted(event.senderFrame.url)) return
    const parsed = upMessage.safeParse(raw)
    if (!parsed.success) return
    const message = parsed.data
    const current = open.get(event.sender.id)
    if (message.kind === 'open') {
      current?.close()
      if (!known.has(event.sender)) {
        known.add(event.sender)
        event.sender.once('destroyed', () => open.get(event.sender.id)?.close())
        event.sender.on('render-process-gone', () => open.get(event.sender.id)?.close())
      }
      const socket = new IpcSocket(event.sender, message.connection)
      open.set(event.sender.id, socket)
      socket.once('close', () => {
        if (open.get(event.sender.id) === socket) open.delete(event.sender.id)
      })
      connect(socket, { url: '/', headers: {} } as IncomingMessage)
    } else if (current?.connection === message.connection) {
      if (message.kind === 'close') current.close()
      else current.emit('message', Buffer.from(message.data), false)
    }
  }

  receiver.on(IPC_CHANNEL, listener)
  return () => {
    receiver.off(IPC_CHANNEL, listener)
    for (const socket of open.values()) socket.close()
  }
}

/** What tRPC's handler needs of a WebSocket: readyState, send, close, terminate, on, once. */
class IpcSocket extends EventEmitter {
  readonly connection: string
  readonly #sender: IpcSender
  readyState = 1

  constructor(sender: IpcSender, connection: string) {
    super()
    this.connection = connection
    this.#sender = sender
  }

  send(data: string): void {
    if (this.readyState === 1 && !this.#sender.isDestroyed()) {
      this.#sender.send(IPC_CHANNEL, { kind: 'message', connection: this.connection, data })
    }
  }

  close(): void {
    if (this.readyState !== 1) return
    this.readyState = 3
    if (!this.#sender.isDestroyed()) this.#sender.send(IPC_CHANNEL, { kind: 'close', connection: this.connection })
    this.emit('close')
  }

  terminate(): void {
    this.close()
  }
}
