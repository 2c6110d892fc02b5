/** Runs the built command line as a process of its own, like a person does. */
import { spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { resolve } from 'node:path'

export const CLI = resolve(import.meta.dirname, '../../out/main/cli.js')

export interface Finished {
  readonly code: number | null
  readonly stdout: string
  readonly stderr: string
}

export interface Running {
  readonly child: ChildProcess
  readonly finished: Promise<Finished>
  /** Resolves when either stream has said something that matches; rejects when the process ends first. */
  said(pattern: RegExp): Promise<RegExpExecArray>
  /** Ctrl-C in a terminal: the signal reaches the process and its children. */
  interrupt(): void
}

export function startKvasir(args: readonly string[], env: NodeJS.ProcessEnv = {}): Running {
  const { KVASIR_DATA_DIR: _, KVASIR_DEBUG: __, FORCE_COLOR: ___, ...rest } = process.env
  const child = spawn(process.execPath, [CLI, ...args], {
    env: { ...rest, NO_COLOR: '1', ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
    detached: true,
  })
  let stdout = ''
  let stderr = ''
  child.stdout.setEncoding('utf8').on('data', (text: string) => (stdout += text))
  child.stderr.setEncoding('utf8').on('data', (text: string) => (stderr += text))
  const finished = once(child, 'close').then(([code]): Finished => ({ code: code as number | null, stdout, stderr }))
  return {
    child,
    finished,
    said: async (pattern) => {
      for (;;) {
        const match = pattern.exec(stdout) ?? pattern.exec(stderr)
        if (match) return match
        const turn = new AbortController()
        const news = [child.stdout, child.stderr].map((stream) => once(stream, 'data', turn).then(() => null, () => null))
        const ended = await Promise.race([finished, ...news])
        turn.abort()
        if (ended) throw new Error(`Ended with ${ended.code} before it said ${pattern}:\n${stdout}\n${stderr}`)
      }
    },
    interrupt: () => {
      if (child.pid !== undefined) process.kill(-child.pid, 'SIGINT')
    },
  }
}

export function kvasir(args: readonly string[], env?: NodeJS.ProcessEnv): Promise<Finished> {
  return startKvasir(args, env).finished
}
