/** The host's own work: turns, aborts, checked parameters, digests of what was written. The addon is a stand-in. */
import { expect, onTestFinished, test } from 'vitest'
import type { Calls, CallContext } from '../../src/engine-host/calls'
import type { Channel } from '../../src/engine-host/channel'
import { Host } from '../../src/engine-host/host'
import type { EngineMethod, FromHost } from '../../src/shared/engine'

interface Started {
  readonly name: string
  readonly signal: AbortSignal
  finish(): void
}

/** Every job waits until the test finishes it. */
function setUp(): {
  readonly send: (message: unknown) => void
  readonly sent: FromHost[]
  readonly started: Started[]
  readonly settle: () => Promise<void>
} {
  const sent: FromHost[] = []
  const started: Started[] = []
  let receive: ((message: unknown) => void) | null = null
  const channel: Channel = {
    send: (message) => sent.push(message),
    onMessage: (listener) => {
      receive = listener
    },
    onClose: () => undefined,
  }
  const job =
    (method: EngineMethod) =>
    (params: object, context: CallContext<never>): Promise<never> =>
      new Promise((resolve, reject) => {
        const name = 'model' in params ? `${method} ${String(params.model)}` : method
        started.push({ name, signal: context.signal, finish: () => resolve(null as never) })
        context.signal.addEventListener('abort', () => reject(new DOMException('stop', 'AbortError')))
      })
  const methods: EngineMethod[] = ['system', 'inspect', 'load', 'unload', 'tokenize', 'bench', 'randomModel']
  const calls = Object.fromEntries(methods.map((method) => [method, job(method)])) as unknown as Calls
  const host = new Host(channel, calls)
  onTestFinished(() => host[Symbol.dispose]())
  host.start()
  return {
    send: (message) => receive?.(message),
    sent,
    started,
    settle: () => new Promise((resolve) => setTimeout(resolve, 5)),
  }
}

const bench = (id: number, model: string): unknown => ({
  type: 'call',
  id,
  method: 'bench',
  params: { model, who: 'kvasir', what: 'prefill', tokens: [1, 2] },
})
const names = (started: readonly Started[]): string[] => started.map(({ name }) => name)

test('one job per model at a time, in order; other models and light calls run beside it', async () => {
  const { send, sent, started, settle } = setUp()
  for (const [id, model] of [
    [1, 'a'],
    [2, 'a'],
    [3, 'b'],
  ] as const)
    send(bench(id, model))
  send({ type: 'call', id: 4, method: 'tokenize', params: { model: 'a', texts: ['x'], special: false } })
  send({ type: 'call', id: 5, method: 'unload', params: { model: 'a' } })
  await settle()
  expect(names(started).toSorted()).toEqual(['bench a', 'bench b', 'tokenize a'])
  expect(sent.filter(({ type }) => type === 'started')).toHaveLength(3)
  started.find(({ name }) => name === 'bench a')?.finish()
  await settle()
  expect(names(started).slice(3)).toEqual(['bench a'])
  started[3]?.finish()
  await settle()
  expect(names(started).slice(4)).toEqual(['unload a'])
  expect(sent).toContainEqual({ type: 'result', id: 2, result: null })
})

test('an aborted job ends; one that waits ends at once, unbegun, and does not let the next one past', async () => {
  const { send, sent, started, settle } = setUp()
  for (const id of [1, 2, 3]) send(bench(id, 'a'))
  send({ type: 'abort', id: 2 })
  await settle()
  expect(sent).toContainEqual({ type: 'error', id: 2, error: { code: 'cancelled', message: 'Cancelled.' } })
  expect(started).toHaveLength(1)
  send({ type: 'abort', id: 1 })
  await settle()
  expect(sent).toContainEqual({ type: 'error', id: 1, error: { code: 'cancelled', message: 'Cancelled.' } })
  expect(started).toHaveLength(2)
  expect(sent.filter(({ type }) => type === 'started')).toEqual([
    { type: 'started', id: 1 },
    { type: 'started', id: 3 },
  ])
})

test('parameters that do not fit are refused by name before any work', async () => {
  const { send, sent, started, settle } = setUp()
  send({ type: 'call', id: 1, method: 'bench', params: { model: 'a', who: 'kvasir', what: 'prefill', tokens: [-1] } })
  send({ type: 'call', id: 2, method: 'inspect', params: { path: '' } })
  send({ type: 'call', id: 3, method: 'system', params: { more: 1 } })
  await settle()
  expect(started).toHaveLength(0)
  const errors = sent.flatMap((message) => (message.type === 'error' ? [message.error] : []))
  expect(errors.map(({ code }) => code)).toEqual(['argument.invalid', 'argument.invalid', 'argument.invalid'])
  expect(errors[0]?.message).toContain("'bench' got for tokens.0")
})

test('a message that makes no sense ends the host rather than being guessed at', () => {
  const { send } = setUp()
  expect(() => send({ type: 'call', id: 1, method: 'constructor', params: {} })).toThrow(/makes no sense/)
  expect(() => send('hello')).toThrow(/makes no sense/)
})
