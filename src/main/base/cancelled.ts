import { WorkbenchError } from '../../shared/errors'

/** Throws `cancelled` when the caller has given up. */
export function throwIfCancelled(signal: AbortSignal | undefined): void {
  if (signal?.aborted) throw new WorkbenchError('cancelled', 'Cancelled.', { cause: signal.reason })
}

export function isCancelled(error: unknown): boolean {
  if (error instanceof WorkbenchError) return error.code === 'cancelled'
  return error instanceof Error && error.name === 'AbortError'
}
