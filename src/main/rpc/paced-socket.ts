/**
 * A client's WebSocket as tRPC's handler sees it, which also knows how much the client has not read yet,
 * so that a slow client holds up its own subscriptions and nobody else.
 */
import { EventEmitter } from 'node:events'
import type { WebSocket } from 'ws'
import { CUT_OFF_BYTES, PAUSE_BYTES, RESUME_BYTES, STALLED_MS } from './limits'

export class PacedSocket extends EventEmitter {
  readonly #socket: WebSocket
  #waiting: (() => void)[] = []
  #stalled: NodeJS.Timeout | null = null

  constructor(socket: WebSocket) {
    super()
    this.#socket = socket
    socket.on('message', (data, isBinary) => this.emit('message', data, isBinary))
    socket.on('error', (error) => this.emit('error', error))
    socket.on('close', (code, reason) => {
      this.#release()
      this.emit('close', code, reason)
    })
  }

  get readyState(): number {
    return this.#socket.readyState
  }

  send(data: string): void {
    if (this.#socket.readyState !== this.#socket.OPEN) return
    this.#socket.send(data, () => {
      if (this.#socket.bufferedAmount <= RESUME_BYTES) this.#release()
      else this.#watchStall()
    })
    if (this.#socket.bufferedAmount > CUT_OFF_BYTES) this.#socket.terminate()
    else if (this.#socket.bufferedAmount > RESUME_BYTES) this.#stalled ??= this.#stallTimer()
  }

  /** Resolves at once, or when a client with too much unread has read on or has gone. */
  async drained(): Promise<void> {
    if (this.#socket.readyState !== this.#socket.OPEN || this.#socket.bufferedAmount <= PAUSE_BYTES) return
    await new Promise<void>((resolve) => this.#waiting.push(resolve))
  }

  close(code?: number, reason?: string): void {
    this.#socket.close(code, reason)
  }

  terminate(): void {
    this.#socket.terminate()
  }

  #release(): void {
    if (this.#stalled) clearTimeout(this.#stalled)
    this.#stalled = null
    const waiting = this.#waiting
    this.#waiting = []
    for (const resolve of waiting) resolve()
  }

  /** Starts the clock anew: some bytes went out. */
  #watchStall(): void {
    if (this.#stalled) clearTimeout(this.#stalled)
    this.#stalled = this.#socket.readyState === this.#socket.OPEN ? this.#stallTimer() : null
  }

  #stallTimer(): NodeJS.Timeout {
    return setTimeout(() => this.#socket.terminate(), STALLED_MS).unref()
  }
}
