import { fork, type ChildProcess } from 'node:child_process'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'

/** Runs a TypeScript file of ours in a process of its own, to be killed by a test. */
export function forkTypeScript(script: string, args: readonly string[]): ChildProcess {
  const hooks = pathToFileURL(join(import.meta.dirname, 'resolve-typescript.mjs')).href
  return fork(script, args, { execArgv: ['--import', hooks], stdio: ['ignore', 'inherit', 'inherit', 'ipc'] })
}
