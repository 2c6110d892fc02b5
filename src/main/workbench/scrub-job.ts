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
  /** How many caches were chosen by hand, where they were. */
  readonly chosen?: number
}

/** `result` grows as the job runs. */
export function scrubJob({ store, engine, set, keys, chosen }: ScrubInput): { readonly request: JobRequest; readonly result: ScrubResult } {
  const result: Found = { checked: 0, bytes: 0, damaged: [] }
  // By a run before a pause.
  const read = new Set<string>()
  const request: JobRequest = {
    kind: 'scrub',
    subject: chosen === undefined ? { what: 'scrub', set: set?.name ?? null } : { what: 'verify', caches: chosen },
    unit: 'caches',
    set: set?.id ?? null,
    pause: 'again',
    spec: chosen === undefined ? { job: 'scrub', set: set?.id } : undefined,
    run: async ({ signal, report }) => {
      const copies = store.copies(keys ?? store.keys())
      for (const [at, { key, profile, bytes }] of copies.entries()) {
        if (read.has(`${key} ${profile}`)) continue
        throwIfCancelled(signal)
        report({ step: { code: 'verifying' }, done: at, total: copies.length })
        const why = await verified(store, engine, { key, profile })
        read.add(`${key} ${profile}`)
        if (why === 'gone') continue
        result.checked += 1
        result.bytes += bytes
        if (why !== null) result.damaged.push({ key, profile, why })
      }
      report({ step: { code: 'verifying' }, done: copies.length, total: copies.length })
      return { what: 'scrub', checked: result.checked, damaged: result.damaged.length }
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
