// In a child of the Electron double: Electron's `process.parentPort` over Node's own channel.
import { EventEmitter } from 'node:events'

const send = process.send.bind(process)
const port = new EventEmitter()
process.on('message', (data) => port.emit('message', { data, ports: [] }))
process.on('disconnect', () => process.exit(0))
process.parentPort = Object.assign(port, {
  postMessage: (message) => void send(message, undefined, undefined, () => undefined),
})
delete process.send
