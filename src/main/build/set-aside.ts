import type { Engine } from '../engine/engine'
import type { Lease, Store } from '../store/store'

/**
 * Has every object of the lease read whole, and takes the unsound ones out of use.
 * @returns how many are out of use now, those included that another process has set aside meanwhile
 */
export async function setAsideDamaged(engine: Pick<Engine, 'call'>, store: Store, lease: Lease): Promise<number> {
  let damaged = 0
  for (const [key, { profile }] of lease.files) {
    const isThere = store.available([key], [profile]).size > 0
    const why = isThere
      ? await store.verify(key, profile, ({ path, codebook }) => engine.call('verify', { path, key, codebook }))
      : 'gone'
    if (why !== null) damaged += 1
  }
  return damaged
}
