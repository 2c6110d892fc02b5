/**
 * Electron's way to the host, where no Electron is: a plain child with `process.parentPort` as a utility process has
 * it, and the main process's side of one in Electron's form. The host and the addon are the real ones.
 */
import { fork } from 'node:child_process'
import { expect, test } from 'vitest'
import { utilityHost, type UtilityProcess } from '../../src/main/engine/host-process'
import { testEngine } from '../helpers/engine'

const PARENT_PORT = `data:text/javascript,${encodeURIComponent(`
  const send = process.send.bind(process)
  const listen = process.on.bind(process)
  process.send = undefined
  process.parentPort = {
    postMessage: (message) => send(message),
    on: (event, listener) => listen('message', (data) => listener({ data, ports: [] })),
  }
`)}`

function forkUtility(script: string, args: string[], options: { env: NodeJS.ProcessEnv }): UtilityProcess {
  const child = fork(script, args, {
    ...options,
    execArgv: ['--import', PARENT_PORT],
    serialization: 'advanced',
    silent: true,
  })
  return {
    on: (event: 'message' | 'exit', listener: (value: never) => void) =>
      void child.on(event, (value: unknown) => listener((value ?? 0) as never)),
    postMessage: (message) => void child.send(message as object),
    kill: () => child.kill(),
    stdout: child.stdout,
    stderr: child.stderr,
  }
}

test('calls, death and return over a utility process', async () => {
  await using engine = testEngine({ launch: utilityHost(forkUtility) })
  const system = await engine.call('system', {})
  expect(system.devices.length).toBeGreaterThan(0)
  process.kill(engine.hostPid ?? 0, 'SIGKILL')
  await expect.poll(() => engine.status()).toMatchObject({ restarts: 1, state: 'ready' })
  expect((await engine.call('system', {})).libraryDir).toBe(system.libraryDir)
})
