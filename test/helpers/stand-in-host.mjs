// Speaks the host's protocol without an engine; the first text of `tokenize` says how to behave. Arguments: a file that
// counts the starts, then how the start itself goes.
import { appendFileSync } from 'node:fs'

const [counter, start = 'normal'] = process.argv.slice(2)
if (counter) appendFileSync(counter, 'start\n')

const send = (message) => process.send(message)
const beat = setInterval(() => send({ type: 'beat', memory: null }), 50)
let models = 0
const loaded = new Set()
const waiting = new Map()

function answer({ id, method, params }) {
  const done = (result) => send({ type: 'result', id, result })
  const fail = (code, message) => send({ type: 'error', id, error: { code, message } })
  if (method === 'load') {
    const model = `host-model-${++models}`
    loaded.add(model)
    return params.path.endsWith('heavy.gguf') && loaded.size > 1
      ? (loaded.delete(model), fail('engine.memory', 'No room.'))
      : done({ model, path: params.path, device: 'cpu' })
  }
  if (method === 'unload') return loaded.delete(params.model), done(null)
  if (method === 'system') return done({ libraryDir: String(process.pid), devices: [...loaded] })
  if (method !== 'tokenize') return fail('internal', `no ${method} here`)
  if (!loaded.has(params.model)) return fail('not-found', `no model ${params.model}`)
  const [what] = params.texts
  if (what === 'wait unstarted') return waiting.set(id, fail)
  send({ type: 'started', id })
  if (what === 'die') {
    process.stderr.write('ggml.c:1: GGML_ASSERT(a == b) failed\n')
    return setTimeout(() => process.kill(process.pid, 'SIGKILL'), 20)
  }
  if (what === 'hang') return Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0)
  if (what === 'wait') return waiting.set(id, fail)
  if (what === 'nonsense') return send({ type: 'result', id: 'seven' })
  if (what === 'events') for (const event of [1, 2, 3]) send({ type: 'event', id, event })
  return done([[process.pid]])
}

process.on('message', (message) => {
  if (message.type === 'call') answer(message)
  else waiting.get(message.id)?.('cancelled', 'Cancelled.')
})
process.on('disconnect', () => process.exit(0))
if (start === 'silent') clearInterval(beat)
else if (start === 'dies') process.exit(7)
else send({ type: 'ready', pid: process.pid })
