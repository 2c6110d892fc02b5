/** How the bridge treats a host that dies, hangs, babbles or does not start: a stand-in does so at will. */
import { mkdtemp, readFile, rm, utimes, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { Engine, type EngineOptions } from '../../src/main/engine/engine'
import { forkHost } from '../../src/main/engine/host-process'
import type { LoadOptions } from '../../src/shared/engine'
import type { EngineStatus } from '../../src/shared/workbench'

const OPTIONS: LoadOptions = { device: 'cpu', gpuLayers: 'auto', threads: 0 }

let folder: string
let engine: Engine

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'kvasir-supervision-'))
  for (const name of ['a', 'b', 'c', 'heavy']) await writeFile(join(folder, `${name}.gguf`), name)
  engine = standIn()
})
afterEach(async () => {
  await engine[Symbol.asyncDispose]()
  await rm(folder, { recursive: true })
})

function standIn(options: EngineOptions = {}): Engine {
  return new Engine({
    script: resolve('test/helpers/stand-in-host.mjs'),
    addon: join(folder, 'starts'),
    libraries: [],
    supervision: { readyMs: 10_000, silentMs: 1500 },
    ...options,
  })
}

const starts = async (): Promise<number> => (await readFile(join(folder, 'starts'), 'utf8')).trim().split('\n').length
const load = async (name = 'a'): Promise<string> =>
  (await engine.call('load', { path: join(folder, `${name}.gguf`), options: OPTIONS })).model
const say = (model: string, text: string, signal?: AbortSignal): Promise<number[][]> =>
  engine.call('tokenize', { model, texts: [text], special: false }, { signal })
const residents = async (): Promise<unknown> => (await engine.call('system', {})).devices

test('starts on the first call only, and once', async () => {
  expect(engine.status()).toEqual({ state: 'off', loaded: null, restarts: 0, lastFailure: null, memory: null })
  const model = await load()
  await Promise.all([say(model, 'one'), say(model, 'two'), load()])
  expect(await starts()).toBe(1)
  expect(engine.status()).toMatchObject({ state: 'ready', restarts: 0, loaded: { model } })
})

test('a host that dies gives its job one clear error, is back, and the handle still works', async () => {
  const model = await load()
  const states: EngineStatus['state'][] = []
  engine.onChange((status) => states.push(status.state))
  const [before] = await say(model, 'hello')
  const error = await say(model, 'die').catch((error: unknown) => error)
  expect(error).toMatchObject({ code: 'engine.died' })
  expect(String(error)).toMatch(/while it was turning text into tokens.*a\.gguf.*SIGKILL.*GGML_ASSERT/s)
  const [after] = await say(model, 'hello')
  expect(after).not.toEqual(before)
  expect(await starts()).toBe(2)
  expect(engine.status()).toMatchObject({ state: 'ready', restarts: 1, loaded: { model } })
  expect(engine.status().lastFailure).toContain('SIGKILL')
  expect(states).toContain('restarting')
})

test('a call that had not begun is sent to the next host; one that had is not', async () => {
  const model = await load()
  const unstarted = say(model, 'wait unstarted', AbortSignal.timeout(1500))
  const started = say(model, 'wait')
  await say(model, 'hello')
  process.kill(engine.hostPid ?? 0, 'SIGKILL')
  await expect(started).rejects.toMatchObject({ code: 'engine.died' })
  // It waits in the new host, until its own signal ends it there.
  await expect(unstarted).rejects.toMatchObject({ code: 'cancelled' })
  expect(await starts()).toBe(2)
})

test('a hung host is ended', async () => {
  const model = await load()
  await expect(say(model, 'hang')).rejects.toMatchObject({ code: 'engine.died', message: /said nothing for 1.5 s/ })
  await expect(say(model, 'hello')).resolves.toHaveLength(1)
})

test('a host that sends nonsense is ended', async () => {
  const model = await load()
  await expect(say(model, 'nonsense')).rejects.toMatchObject({ code: 'engine.died', message: /nobody understands/ })
})

test('a host that never gets ready, or ends at once, is an error of the call; the next call tries again', async () => {
  for (const [start, readyMs, text] of [
    ['silent', 300, /was not ready after 0.3 s/],
    ['dies', 10_000, /exit code 7/],
  ] as const) {
    const broken: Engine = standIn({
      supervision: { readyMs, silentMs: 600 },
      launch: (script, [counter = ''], listeners) => forkHost(script, [counter, start], listeners),
    })
    await using _ = broken
    await expect(broken.call('system', {})).rejects.toMatchObject({ code: 'engine.died', message: text })
    expect(broken.status()).toMatchObject({ state: 'off', lastFailure: expect.stringMatching(text) })
    await expect(broken.call('system', {})).rejects.toMatchObject({ code: 'engine.died', message: text })
  }
  expect(await starts()).toBe(4)
})

test('events arrive in order; abort ends the call when the host says so', async () => {
  const model = await load()
  const events: unknown[] = []
  await engine.call(
    'tokenize',
    { model, texts: ['events'], special: false },
    { onEvent: (event) => events.push(event) },
  )
  expect(events).toEqual([1, 2, 3])
  const abort = new AbortController()
  const call = say(model, 'wait', abort.signal)
  await say(model, 'hello')
  abort.abort()
  await expect(call).rejects.toMatchObject({ code: 'cancelled' })
  await expect(say(model, 'hello', abort.signal)).rejects.toMatchObject({ code: 'cancelled' })
  expect(engine.status()).toMatchObject({ state: 'ready', restarts: 0 })
})

test('the model used least recently gives way, and is loaded again when it is used', async () => {
  const [a, b] = [await load('a'), await load('b')]
  await say(a, 'hello')
  const c = await load('c')
  expect(await residents()).toEqual(['host-model-1', 'host-model-3'])
  await say(b, 'hello')
  expect(await residents()).toEqual(['host-model-3', 'host-model-4'])
  await engine.call('unload', { model: c })
  expect(await residents()).toEqual(['host-model-4'])
  await expect(say(c, 'hello')).rejects.toMatchObject({ code: 'not-found' })
})

test('idle models make room when memory does not suffice; a model in use never does', async () => {
  const a = await load('a')
  const heavy = await load('heavy')
  expect(await residents()).toEqual(['host-model-3'])
  await engine.call('unload', { model: heavy })
  await say(a, 'hello')
  const abort = new AbortController()
  const busy = say(a, 'wait', abort.signal)
  await expect(load('heavy')).rejects.toMatchObject({ code: 'engine.memory' })
  expect(await residents()).toEqual(['host-model-4'])
  abort.abort()
  await expect(busy).rejects.toMatchObject({ code: 'cancelled' })
})

test('loading the same file twice is one model; it goes with the last unload', async () => {
  const [first, second] = [await load(), await load()]
  expect(second).toBe(first)
  await engine.call('unload', { model: first })
  await expect(say(first, 'hello')).resolves.toHaveLength(1)
  await engine.call('unload', { model: first })
  expect(await residents()).toEqual([])
})

test('a model file that changed meanwhile is not loaded again', async () => {
  const model = await load()
  await say(model, 'die').catch(() => undefined)
  await utimes(join(folder, 'a.gguf'), 1, 1)
  await expect(say(model, 'hello')).rejects.toMatchObject({ code: 'model.unreadable', message: /has changed/ })
})

test('closing ends the host and what waits for it', async () => {
  const model = await load()
  const pid = engine.hostPid ?? 0
  const call = say(model, 'wait')
  await say(model, 'hello')
  await Promise.all([engine[Symbol.asyncDispose](), expect(call).rejects.toMatchObject({ code: 'cancelled' })])
  expect(() => process.kill(pid, 0)).toThrow()
  await expect(say(model, 'hello')).rejects.toMatchObject({ code: 'cancelled' })
  expect(await starts()).toBe(1)
})
