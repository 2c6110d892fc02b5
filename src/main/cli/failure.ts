/** How a failed command ends: one line that says what to do, and an exit code. */
import { toErrorData, type ErrorData } from '../../shared/errors'

export const FAILURE = 1
export const WRONG_USAGE = 2
export const INTERRUPTED = 130

export function exitCodeOf(error: unknown): number {
  const { code } = toErrorData(error)
  if (code === 'cancelled') return INTERRUPTED
  return code === 'argument.invalid' ? WRONG_USAGE : FAILURE
}

/** One line on stderr; with `json` the error is also the object on stdout. The stack only with `KVASIR_DEBUG`. */
export function reportFailure(error: unknown, { json }: { json: boolean }): void {
  const data = toErrorData(error)
  if (json) printErrorObject(data)
  printFailure(data.message)
  if (!process.env['KVASIR_DEBUG'] || !(error instanceof Error)) return
  process.stderr.write(`${error.stack ?? ''}\n${causes(error)}`)
}

export function printErrorObject(error: ErrorData): void {
  process.stdout.write(`${JSON.stringify({ error })}\n`)
}

export function printFailure(text: string): void {
  process.stderr.write(`kvasir: ${text.replace(/\s*\n\s*/g, ' ')}\n`)
}

function causes(error: Error): string {
  const { cause } = error
  return cause instanceof Error ? `caused by: ${cause.stack ?? cause.message}\n${causes(cause)}` : ''
}
