/** Building as a job: what is missing of a set is computed and kept. */
import { buildMissing } from '../build/build'
import { formOf } from '../build/coded'
import type { Knowledge } from '../build/knowledge'
import type { OwnKind } from '../build/missing'
import { suggestedSelections } from '../build/suggestions'
import type { KnowledgeSet } from '../documents/sets'
import type { Engine } from '../engine/engine'
import type { JobRequest } from '../jobs/jobs'
import type { OpenModel } from '../session/models'
import type { Missed } from '../session/query'
import type { Store } from '../store/store'

export interface BuildServices {
  readonly engine: Engine
  readonly store: Store
  readonly knowledge: Knowledge
  readonly open: () => Promise<OpenModel>
}

export interface BuildWanted {
  readonly variants: readonly OwnKind[]
  /** Of a question, with what it missed in `only`; default: those that suit the set, and everything. */
  readonly selections?: readonly Missed['included'][]
  readonly only?: ReadonlySet<string>
  readonly after?: string
}

export function buildJob(set: KnowledgeSet, { engine, store, knowledge, open }: BuildServices, wanted: BuildWanted): JobRequest {
  const { variants, only, after } = wanted
  const options = { variants: [...variants], profile: set.profile }
  return {
    kind: 'build',
    subject: { what: only ? 'keep' : 'build', set: set.name },
    unit: 'tokens',
    set: set.id,
    after,
    pause: 'again',
    // What one question missed is asked for again by the next.
    spec: only ? undefined : { job: 'build', set: set.id, options },
    run: async (task) => {
      task.report({ step: { code: 'loading-model' }, done: 0, total: 0 })
      const model = await open()
      const { model: handle } = await model.load(task.signal)
      task.report({ step: { code: 'finding-missing' }, done: 0, total: 0 })
      const documents = await knowledge.read(set.row, model, { signal: task.signal })
      const result = await buildMissing(engine, store, {
        variants,
        only,
        selections: wanted.selections ?? suggestedSelections(set, model.identity, documents),
        model: handle,
        identity: model.identity,
        documents,
        form: formOf(store, { id: set.model, fingerprint: model.identity.fingerprint }, set.profile),
        signal: task.signal,
        onProgress: task.report,
      })
      const { chunks, tokens, scored, repaired, coded } = result
      return { what: 'build', documents: documents.length, chunks, tokens, scored, repaired, coded, profile: set.profile }
    },
  }
}
