/** Starting a host and talking to it, under Node and under Electron. */
import { fork } from 'node:child_process'
import type { Readable } from 'node:stream'
import type { ToHost } from '../../shared/engine'

/** What a host wrote last, kept for the text of the error when it dies (ggml says there why it aborted). */
const TAIL_CHARS = 4096

export interface HostListeners {
  onMessage(message: unknown): void
  /** Called once. `how`: "exit code 1", "signal SIGKILL"; `tail`: the end of what it wrote on its error output. */
  onExit(how: string, tail: string): void
}

export interface HostProcess {
  /** Does nothing once the host has gone. */
  send(message: ToHost): void
  /** At once, whatever it is doing. */
  kill(): void
}

/** Starts `script` with `args`. Failures to start come through `onExit`. */
export type HostLauncher = (script: string, args: readonly string[], listeners: HostListeners) => HostProcess

/** ggml would start a debugger on itself before it aborts. */
const hostEnv = (): NodeJS.ProcessEnv => ({ ...process.env, GGML_NO_BACKTRACE: '1' })

/** A child of plain Node. */
export const forkHost: HostLauncher = (script, args, listeners) => {
  const child = fork(script, args, {
    serialization: 'advanced',
    stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
    // Flags of this process (an inspector's port) are not for its children.
    execArgv: [],
    env: hostEnv(),
  })
  child.stdout?.resume()
  const tail = keepTail(child.stderr)
  let ended = false
  const end = (how: string): void => {
    if (ended) return
    ended = true
    listeners.onExit(how, tail())
  }
  child.on('message', (message) => listeners.onMessage(message))
  child.on('error', (error) => {
    // Sent for a failed start, but also for a message that could not be written: that one ends in 'close'.
    if (child.pid === undefined) end(error.message)
  })
  // Not 'exit': what it wrote on its error output is complete only now.
  child.on('close', (code, signal) => end(signal ? `signal ${signal}` : `exit code ${code}`))
  return {
    send: (message) => {
      if (child.connected) child.send(message, () => undefined)
    },
    kill: () => void child.kill('SIGKILL'),
  }
}

/** The part of Electron's `utilityProcess` that is used here. */
export interface UtilityProcess {
  on(event: 'message', listener: (message: unknown) => void): void
  on(event: 'exit', listener: (code: number) => void): void
  postMessage(message: unknown): void
  kill(): boolean
  readonly stdout: NodeJS.ReadableStream | null
  readonly stderr: NodeJS.ReadableStream | null
}

export interface UtilityForkOptions {
  stdio: 'pipe'
  serviceName: string
  env: NodeJS.ProcessEnv
}

/** Electron's way: `utilityHost((script, args, options) => utilityProcess.fork(script, args, options))`. */
export function utilityHost(
  fork: (script: string, args: string[], options: UtilityForkOptions) => UtilityProcess,
): HostLauncher {
  return (script, args, listeners) => {
    const child = fork(script, [...args], { stdio: 'pipe', serviceName: 'Kvasir engine', env: hostEnv() })
    child.stdout?.resume()
    const tail = keepTail(child.stderr)
    let ended = false
    child.on('message', (message) => listeners.onMessage(message))
    child.on('exit', (code) => {
      ended = true
      listeners.onExit(`exit code ${code}`, tail())
    })
    return {
      send: (message) => {
        if (!ended) child.postMessage(message)
      },
      kill: () => void child.kill(),
    }
  }
}

function keepTail(stream: Readable | NodeJS.ReadableStream | null): () => string {
  let tail = ''
  stream?.setEncoding('utf8')
  stream?.on('data', (text: string | Buffer) => {
    tail = (tail + String(text)).slice(-TAIL_CHARS)
  })
  return () => tail
}
