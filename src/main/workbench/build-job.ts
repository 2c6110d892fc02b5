/** Building as a job: what is missing of a set is computed and kept. */
import { WorkbenchError } from '../../shared/errors'
import type { NodeId } from '../../shared/knowledge'
import { buildMissing } from '../build/build'
import { formOf } from '../build/coded'
import type { Knowledge } from '../build/knowledge'
import type { Making } from '../build/making'
import type { OwnKind } from '../build/missing'
import { suggestedSelections } from '../build/suggestions'
import type { Library } from '../documents/library'
import { documentId, parseNodeId } from '../documents/node-id'
import type { KnowledgeSet } from '../documents/sets'
import type { Engine } from '../engine/engine'
import type { JobRequest } from '../jobs/jobs'
import type { OpenModel } from '../session/models'
import type { Missed } from '../session/query'
import type { Store } from '../store/store'

export interface BuildServices {
  readonly engine: Engine
  readonly store: Store
  readonly library: Library
  readonly knowledge: Knowledge
  readonly making: Making
  readonly open: () => Promise<OpenModel>
}

export interface BuildWanted {
  readonly variants: readonly OwnKind[]
  /** Of a question, with what it missed in `only`; default: those that suit the set, and everything. */
  readonly selections?: readonly Missed['included'][]
  readonly only?: ReadonlySet<string>
  /** Ids of documents; all when absent. */
  readonly documents?: readonly NodeId[]
  readonly after?: string
}

/** @throws argument.invalid, not-found */
export function buildJob(set: KnowledgeSet, services: BuildServices, wanted: BuildWanted): JobRequest {
  const { engine, store, library, knowledge, making, open } = services
  const { variants, only, after } = wanted
  for (const id of wanted.documents ?? []) assertDocument(library, set, id)
  const meant = wanted.documents && new Set(wanted.documents)
  const options = { variants: [...variants], profile: set.profile, documents: wanted.documents && [...wanted.documents] }
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
      const rows = library.list(set.row).filter(({ id }) => meant?.has(documentId(id)) ?? true)
      const documents = await knowledge.readRows(rows, model, { signal: task.signal })
      using made = making.start()
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
        onPlan: made.plan,
      })
      const { chunks, tokens, scored, repaired, coded } = result
      return { what: 'build', documents: documents.length, chunks, tokens, scored, repaired, coded, profile: set.profile }
    },
  }
}

function assertDocument(library: Library, set: KnowledgeSet, id: NodeId): void {
  const { document, section } = parseNodeId(id)
  if (section === null && library.find(document).set === set.row) return
  throw new WorkbenchError('argument.invalid', `Expected the id of a document of "${set.name}" but got ${id}.`)
}
