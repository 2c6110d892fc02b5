/** What every command gets: its output, a signal that Ctrl-C aborts and, but for a few, an open workbench. */
import type { Command } from 'commander'
import { toErrorData, WorkbenchError } from '../../shared/errors'
import type { Workbench } from '../../shared/workbench'
import { FAILURE, INTERRUPTED, printFailure } from './failure'
import { Output } from './output'

export type OpenWorkbench = (options: { dataDir?: string }) => Promise<Workbench>

export interface Bare {
  /** As given on the command line. */
  readonly dataDir: string | undefined
  readonly output: Output
  readonly signal: AbortSignal
  /** The result stands, but it says that something failed: one line on stderr, exit code 1. */
  readonly fail: (text: string) => void
}

export interface Session extends Bare {
  readonly workbench: Workbench
}

type Wrap<Given> = <Values extends unknown[]>(
  work: (given: Given, ...values: Values) => Promise<void>,
) => (...values: [...Values, Command]) => Promise<void>

/** Wraps a command's work as a commander action: its arguments, then its options. */
export type Run = Wrap<Session>
/** The same without a workbench. */
export type RunBare = Wrap<Bare>

/** What a run has come to; starts at 0. */
export interface Outcome {
  exitCode: number
}

interface GlobalOptions {
  readonly dataDir?: string
  readonly json?: boolean
  readonly quiet?: boolean
}

export function bareRunner(outcome: Outcome): RunBare {
  const fail = (text: string): void => {
    printFailure(text)
    outcome.exitCode = FAILURE
  }
  return <Values extends unknown[]>(work: (given: Bare, ...values: Values) => Promise<void>) =>
    async (...given: [...Values, Command]) => {
      const command = given.at(-1) as Command
      const values = given.slice(0, -1) as unknown as Values
      const { dataDir, json = false, quiet = false } = command.optsWithGlobals<GlobalOptions>()
      const interrupt = listenForInterrupt()
      try {
        await work({ dataDir, output: new Output({ json, quiet }), signal: interrupt.signal, fail }, ...values)
      } catch (error) {
        throw interrupt.signal.aborted ? interrupted(error) : error
      } finally {
        interrupt.stop()
      }
    }
}

/** Opens the workbench for one command and closes it after, whatever happens. */
export function runner(open: OpenWorkbench, outcome: Outcome): Run {
  const bare = bareRunner(outcome)
  return <Values extends unknown[]>(work: (given: Session, ...values: Values) => Promise<void>) =>
    bare<Values>(async (given, ...values) => {
      await using workbench = await open({ dataDir: given.dataDir })
      await work({ ...given, workbench }, ...values)
    })
}

/** What is thrown in the middle of an interrupted command is the interruption, whatever it is called on its way. */
function interrupted(error: unknown): WorkbenchError {
  const { code, message } = toErrorData(error)
  return new WorkbenchError('cancelled', code === 'cancelled' ? message : `Cancelled (${message})`, { cause: error })
}

/** The first Ctrl-C asks for a graceful end, the second one ends at once. */
function listenForInterrupt(): { signal: AbortSignal; stop: () => void } {
  const controller = new AbortController()
  const onSignal = (): void => {
    if (controller.signal.aborted) process.exit(INTERRUPTED)
    controller.abort()
  }
  for (const name of ['SIGINT', 'SIGTERM'] as const) process.on(name, onSignal)
  return {
    signal: controller.signal,
    stop: () => {
      for (const name of ['SIGINT', 'SIGTERM'] as const) process.off(name, onSignal)
    },
  }
}
