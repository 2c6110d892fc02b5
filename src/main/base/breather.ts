/** Long work on the main thread in slices: others get their turn between them. */
import { setImmediate } from 'node:timers/promises'
import { throwIfCancelled } from './cancelled'

/** A slice, ms: nobody notices a pause so short. */
const SLICE_MS = 8

/** To be awaited between small steps: gives way when a slice is used up. @throws cancelled */
export function breather(signal?: AbortSignal): () => Promise<void> {
  let since = performance.now()
  return async () => {
    if (performance.now() - since < SLICE_MS) return
    await setImmediate()
    throwIfCancelled(signal)
    since = performance.now()
  }
}
