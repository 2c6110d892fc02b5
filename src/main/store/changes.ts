/** Tells when another program has changed the store: a window and `kvasir serve` may have one data folder open. */
import { setTimeout as sleep } from 'node:timers/promises'
import type { StoreChange } from '../../shared/shell'
import type { Sql } from './sql'

/** How often it is looked; a look reads one number of shared memory. */
const LOOK_MS = 1000
/** A build of another program changes the store many times a second; whoever listens reads everything again. */
const QUIET_MS = 4000

/** Every change by others from the call on, none of our own; changes in quick succession count as one. */
export async function* changesByOthers(sql: Sql, signal?: AbortSignal): AsyncGenerator<StoreChange, void> {
  let known = sql.dataVersion()
  let pause = LOOK_MS
  while (!signal?.aborted) {
    await sleep(pause, undefined, { signal, ref: false }).catch(() => undefined)
    if (signal?.aborted || !sql.isOpen) return
    const found = sql.dataVersion()
    pause = found === known ? LOOK_MS : QUIET_MS
    if (found === known) continue
    known = found
    yield { by: 'another-program', what: 'anything' }
  }
}
