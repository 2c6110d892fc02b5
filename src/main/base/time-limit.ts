import { createContext, Script } from 'node:vm'

const call = new Script('work()')
const place: { work?: () => void } = {}
const context = createContext(place)

/**
 * Runs synchronous work that is driven by data from outside and might never end.
 * @throws Error when it takes longer than `ms`; whatever `work` throws
 */
export function withTimeLimit<T>(work: () => T, ms: number): T {
  const done: T[] = []
  place.work = () => void done.push(work())
  try {
    call.runInContext(context, { timeout: ms })
  } catch (error) {
    // Of the context's own Error class.
    if (isTimeout(error)) throw new Error(`it takes longer than ${ms} ms`, { cause: error })
    throw error
  } finally {
    delete place.work
  }
  return done[0] as T
}

function isTimeout(error: unknown): boolean {
  return (
    typeof error === 'object' && error !== null && 'code' in error && error.code === 'ERR_SCRIPT_EXECUTION_TIMEOUT'
  )
}
