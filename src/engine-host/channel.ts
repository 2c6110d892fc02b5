/** The messages' way to the bridge: `child_process.fork` under Node, `utilityProcess` under Electron. */
import type { FromHost } from '../shared/engine'

export interface Channel {
  send(message: FromHost): void
  onMessage(listener: (message: unknown) => void): void
  /** The bridge has gone. */
  onClose(listener: () => void): void
}

/** Electron's port of a utility process; its types are not imported because only main may know Electron. */
interface ParentPort {
  postMessage(message: unknown): void
  on(event: 'message', listener: (event: { readonly data: unknown }) => void): void
}

/** @throws when this process was started by neither. */
export function openChannel(): Channel {
  const port = 'parentPort' in process ? (process.parentPort as ParentPort | null) : null
  if (port) return utilityChannel(port)
  if (process.send) return forkChannel(process.send.bind(process))
  throw new Error('The engine host is started by Kvasir, not by hand.')
}

function utilityChannel(port: ParentPort): Channel {
  return {
    send: (message) => port.postMessage(message),
    onMessage: (listener) => port.on('message', (event) => listener(event.data)),
    // Electron ends its utility processes itself.
    onClose: () => undefined,
  }
}

function forkChannel(send: NonNullable<typeof process.send>): Channel {
  return {
    // A message that cannot be sent means that the bridge has gone; 'disconnect' says so.
    send: (message) => void send(message, undefined, undefined, () => undefined),
    onMessage: (listener) => process.on('message', listener),
    onClose: (listener) => process.on('disconnect', listener),
  }
}
