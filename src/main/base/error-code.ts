import type { SystemFailure } from '../../shared/details'

/** The system's code of a failed call (`ENOENT`, `SQLITE_BUSY`, …), or an empty string. */
export function errorCode(error: unknown): string {
  if (typeof error !== 'object' || error === null || !('code' in error)) return ''
  return typeof error.code === 'string' ? error.code : ''
}

/** Node's own texts of failed system calls: `ENOENT: no such file or directory, stat '/x'`. */
const SYSTEM_CALL = /^E[A-Z0-9]+: ([^,]+), \w+(?: '.*')?$/s

/** Code and words of a failed call, for a detail. */
export function systemFailure(error: unknown): SystemFailure {
  return { errno: errorCode(error), why: errorText(error) }
}

/** An error in words, without the code, call and path that whoever reports it names better. */
export function errorText(error: unknown): string {
  return error instanceof Error ? error.message.replace(SYSTEM_CALL, '$1') : String(error)
}
