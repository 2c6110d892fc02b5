/** Reading every copy whole, as a job: what is damaged is set aside, so that it is made again before it is missed. */
import type { Profile } from '../../shared/profile'
import type { ScrubResult } from '../../shared/upkeep'
import { throwIfCancelled } from '../base/cancelled'
import type { KnowledgeSet } from '../documents/sets'
import type { Engine } from '../engine/engine'
import type { JobRequest } from '../jobs/jobs'
import type { Store } from '../store/store'

interface Found extends ScrubResult {
  checked: number
  bytes: number
  readonly damaged: { key: string; profile: Profile; why: string }[]
}

export interface ScrubInput {
  readonly store: Store
  readonly engine: Pick<Engine, 'call'>
  /** Null: everything. */
  readonly set: KnowledgeSet | null
  readonly keys: readonly string[] | null
  /** Default: says of which set. */
  readonly title?: string
}

/** `result` grows as the job runs. */
export function scrubJob({ store, engine, set, keys, title }: ScrubInput): { readonly request: JobRequest; readonly result: ScrubResult } {
  const result: Found = { checked: 0, bytes: 0, damaged: [] }
  const request: JobRequest = {
    kind: 'scrub',
    title: title ?? (set ? `Reading the caches of "${set.name}" whole` : 'Reading all caches whole'),
    unit: 'caches',
    set: set?.id ?? null,
    run: async ({ signal, report }) => {
      const copies = store.copies(keys ?? store.keys())
      for (const [at, { key, profile, bytes }] of copies.entries()) {
        throwIfCancelled(signal)
        report({ phase: 'Reading and checking', done: at, total: copies.length })
        const why = await verified(store, engine, { key, profile })
        if (why === 'gone') continue
        result.checked += 1
        result.bytes += bytes
        if (why !== null) result.damaged.push({ key, profile, why })
      }
      report({ phase: 'Reading and checking', done: copies.length, total: copies.length })
      return resultOf(result)
    },
  }
  return { request, result }
}

async function verified(
  store: Store,
  engine: Pick<Engine, 'call'>,
  { key, profile }: { readonly key: string; readonly profile: Profile },
): Promise<string | null> {
  // Removed since the job began.
  if (store.available([key], [profile]).size === 0) return 'gone'
  return await store.verify(key, profile, ({ path, codebook }) => engine.call('verify', { path, key, codebook }))
}

function resultOf({ checked, damaged }: ScrubResult): string {
  const all = `${checked} ${checked === 1 ? 'file' : 'files'} read whole`
  if (damaged.length === 0) return `${all}, all of them sound.`
  return `${all}; ${damaged.length} damaged: set aside. A build makes them again.`
}
