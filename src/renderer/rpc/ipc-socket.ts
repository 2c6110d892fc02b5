/** A WebSocket look-alike over the preload's bridge, so that tRPC's client runs unchanged in the Electron window. */
import type { Bridge } from '../../shared/ipc'

/** The class to hand to `createWSClient({ WebSocket })`. */
export function ipcSocketClass(bridge: Bridge): typeof WebSocket {
  return class extends IpcSocket {
    constructor() {
      super(bridge)
    }
  } as unknown as typeof WebSocket
}

let connections = 0

class IpcSocket extends EventTarget {
  static readonly CONNECTING = 0
  static readonly OPEN = 1
  static readonly CLOSING = 2
  static readonly CLOSED = 3

  binaryType = 'arraybuffer'
  readyState: number = IpcSocket.CONNECTING
  readonly #bridge: Bridge
  readonly #connection = `${Date.now().toString(36)}-${++connections}`
  readonly #stopListening: () => void

  constructor(bridge: Bridge) {
    super()
    this.#bridge = bridge
    this.#stopListening = bridge.onMessage((message) => {
      if (message.connection !== this.#connection || this.readyState !== IpcSocket.OPEN) return
      if (message.kind === 'close') this.#end()
      else this.dispatchEvent(new MessageEvent('message', { data: message.data }))
    })
    // A task later: tRPC's client waits for `open` only after its constructor call has returned and settled.
    setTimeout(() => {
      if (this.readyState !== IpcSocket.CONNECTING) return
      bridge.send({ kind: 'open', connection: this.#connection })
      this.readyState = IpcSocket.OPEN
      this.dispatchEvent(new Event('open'))
    }, 0)
  }

  send(data: string): void {
    this.#bridge.send({ kind: 'message', connection: this.#connection, data })
  }

  close(): void {
    if (this.readyState === IpcSocket.CLOSED) return
    if (this.readyState === IpcSocket.OPEN) this.#bridge.send({ kind: 'close', connection: this.#connection })
    this.#end()
  }

  #end(): void {
    this.readyState = IpcSocket.CLOSED
    this.#stopListening()
    // `CloseEvent` where there is one; the client reads nothing of it but its type.
    this.dispatchEvent(new Event('close'))
  }
}
