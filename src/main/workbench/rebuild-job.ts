/** Caches made again from their text, as a job. The old copies are kept until then, and come back where that fails. */
import { buildMissing } from '../build/build'
import { formOf } from '../build/coded'
import type { KeyedDocument } from '../build/knowledge'
import type { OwnKind } from '../build/missing'
import type { KnowledgeSet } from '../documents/sets'
import type { JobRequest, JobTask } from '../jobs/jobs'
import type { OpenModel } from '../session/models'
import type { KnownCache } from '../store/cache-facts'
import type { StoreCareParts } from './store-care'

/** What of one set is made again. */
interface Part {
  readonly set: KnowledgeSet
  readonly model: OpenModel
  readonly documents: readonly KeyedDocument[]
  readonly keys: ReadonlySet<string>
  readonly variants: readonly OwnKind[]
  readonly tokens: number
}

/** As builds make them: where two have one key, it is named after the first. */
const KINDS = ['document', 'bos', 'prefix'] as const satisfies readonly OwnKind[]

export function rebuildJob(parts: StoreCareParts, caches: readonly KnownCache[]): JobRequest {
  return {
    kind: 'build',
    subject: { what: 'rebuild', caches: caches.length },
    unit: 'tokens',
    set: null,
    run: async (task) => {
      task.report({ step: { code: 'finding-texts' }, done: 0, total: 0 })
      const plan = await planOf(parts, caches, task.signal)
      const keys = plan.flatMap((part) => [...part.keys])
      const { upkeep } = parts.store
      const old = upkeep.putAway(keys)
      try {
        await build(parts, plan, task)
      } finally {
        // What has been made again stays as it is now; of the others nothing is lost.
        if (old !== null) upkeep.restore(old)
      }
      return { what: 'rebuild', made: keys.length, left: caches.length - keys.length }
    },
  }
}

/** Each cache goes with the first set that has its text behind the same parts. */
async function planOf(parts: StoreCareParts, caches: readonly KnownCache[], signal: AbortSignal): Promise<Part[]> {
  const wanted = new Map(caches.map((cache) => [cache.key, cache]))
  const fingerprints = new Set(caches.map(({ model }) => model))
  const ids = new Set(parts.models().flatMap(({ id, fingerprint }) => (fingerprints.has(fingerprint) ? [id] : [])))
  const plan: Part[] = []
  for (const set of parts.sets.list()) {
    if (wanted.size === 0) break
    if (!ids.has(set.model)) continue
    const model = await parts.openModel(set.model)
    const all = await parts.knowledge.read(set.row, model, { signal })
    const found = new Map<string, number>()
    const variants = new Set<OwnKind>()
    const documents = all.filter(({ chunks }) => {
      const before = found.size
      for (const { keys, tokens } of chunks)
        for (const kind of KINDS) {
          if ((kind === 'document' && !keys.documentFits) || !wanted.delete(keys[kind].key)) continue
          found.set(keys[kind].key, tokens.length)
          variants.add(kind)
        }
      return found.size > before
    })
    if (found.size === 0) continue
    const tokens = [...found.values()].reduce((sum, count) => sum + count, 0)
    plan.push({ set, model, documents, keys: new Set(found.keys()), variants: [...variants], tokens })
  }
  return plan
}

async function build({ engine, store }: StoreCareParts, plan: readonly Part[], task: JobTask): Promise<void> {
  const total = plan.reduce((sum, { tokens }) => sum + tokens, 0)
  let done = 0
  for (const { set, model, documents, keys, variants, tokens } of plan) {
    task.report({ step: { code: 'loading-model' }, done, total })
    const { model: handle } = await model.load(task.signal)
    const before = done
    await buildMissing(engine, store, {
      model: handle,
      identity: model.identity,
      documents,
      variants,
      only: keys,
      form: formOf(store, { id: set.model, fingerprint: model.identity.fingerprint }, set.profile),
      signal: task.signal,
      onProgress: ({ step, done: part }) => task.report({ step, done: Math.min(total, before + part), total }),
    })
    done += tokens
  }
}
