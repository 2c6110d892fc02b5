/** What the workbench offers for looking after the store. */
import { WorkbenchError } from '../../shared/errors'
import type { JobStep } from '../../shared/jobs'
import { calibrateProfilesOptions } from '../../shared/profile'
import { cleanFilter, type ScrubResult } from '../../shared/upkeep'
import type { KnownModel, Workbench } from '../../shared/workbench'
import { codeMissing, formOf } from '../build/coded'
import type { KeyedDocument, Knowledge } from '../build/knowledge'
import type { Chunks } from '../documents/chunks'
import { documentId, parseNodeId, sectionId } from '../documents/node-id'
import type { Sets, KnowledgeSet } from '../documents/sets'
import type { Library } from '../documents/library'
import type { Engine } from '../engine/engine'
import type { Jobs } from '../jobs/jobs'
import type { OpenModel } from '../session/models'
import { changesByOthers } from '../store/changes'
import type { Store } from '../store/store'
import { cacheCalls } from './caches'
import { profilesJob } from './profiles-job'
import { scrubJob } from './scrub-job'

export interface StoreCareParts {
  readonly store: Store
  readonly engine: Engine
  readonly jobs: Jobs
  readonly sets: Sets
  readonly library: Library
  readonly chunks: Chunks
  readonly knowledge: Knowledge
  readonly resourcesDir: string
  readonly models: () => readonly KnownModel[]
  readonly chooseModel: (wanted: string) => Promise<KnownModel>
  readonly openModel: (id: string) => Promise<OpenModel>
}

export function storeCare(parts: StoreCareParts): Workbench['store'] {
  const { store, engine, jobs, sets } = parts
  const { upkeep } = store
  const scrubs = new Map<string, ScrubResult>()
  return {
    stats: () => upkeep.stats(),
    changes: (signal) => changesByOthers(store.sql, signal),
    ...cacheCalls(parts, scrubs),
    calibrate: async (wanted, input = {}) => {
      const { set: wantedSet, questions, bits } = calibrateProfilesOptions.parse(input)
      const { id } = await parts.chooseModel(wanted)
      const set = wantedSet === undefined ? null : sets.find(wantedSet)
      assertModelOf(set, id)
      const { chunks, knowledge, resourcesDir } = parts
      const open = (): Promise<OpenModel> => parts.openModel(id)
      return jobs.start(profilesJob(id, { engine, store, chunks, knowledge, resourcesDir, open, set, questions, bits }))
    },
    profiles: async (wanted) => store.codebooks.calibration((await parts.chooseModel(wanted)).fingerprint),
    recode: async (wanted, profile) => {
      const set = sets.find(wanted)
      const { identity, summary } = await parts.openModel(set.model)
      const form = formOf(store, { id: summary.id, fingerprint: identity.fingerprint }, profile)
      return jobs.start({
        kind: 'recode',
        subject: { what: 'recode', set: set.name, profile },
        unit: 'caches',
        set: set.id,
        pause: 'again',
        spec: { job: 'recode', set: set.id, profile },
        run: async ({ signal, report }) => {
          const keys = await keysOfSet(parts, set)
          const step: JobStep = { code: 'coding', as: profile }
          const onProgress = (done: number, total: number): void => report({ step, done, total })
          const { coded, damaged } = await codeMissing(engine, store, { keys, form, signal, onProgress })
          const lossyOnly = keys.length - store.available(keys, ['f16', profile]).size
          return { what: 'recode', coded, damaged, lossyOnly, profile }
        },
      })
    },
    scrub: async ({ set } = {}) => {
      const wanted = set === undefined ? null : sets.find(set)
      const keys = wanted ? await keysOfSet(parts, wanted) : null
      const { request, result } = scrubJob({ store, engine, set: wanted, keys })
      const job = jobs.start(request)
      scrubs.set(job.id, result)
      return job
    },
    scrubbed: (id) => {
      const result = scrubs.get(id)
      if (!result) throw new WorkbenchError('not-found', `There is no scrub job "${id}". Jobs are forgotten when the workbench closes.`)
      return { ...result, damaged: [...result.damaged] }
    },
    pin: async (node, pinned) => store.pin(await keysOfNode(parts, node), pinned),
    preview: async (input) => {
      const filter = cleanFilter.parse(input)
      return upkeep.preview(filter, await keysOfFilter(parts, filter.set))
    },
    clean: async (input) => {
      const filter = cleanFilter.parse(input)
      return upkeep.clean(filter, await keysOfFilter(parts, filter.set))
    },
    trash: () => upkeep.trashed(),
    restore: (batch) => {
      if (upkeep.trashed().some((each) => each.batch === batch)) return upkeep.restore(batch)
      throw new WorkbenchError(
        'not-found',
        `Expected the number of a batch in the trash but got ${batch}. \`kvasir store trash\` lists them.`,
      )
    },
    emptyTrash: () => upkeep.emptyTrash(),
    setQuota: (bytes) => {
      if (bytes !== null && !(bytes >= 0))
        throw new WorkbenchError('argument.invalid', `Expected a number of bytes, 0 or more, but got ${bytes}.`)
      upkeep.setQuota(bytes)
    },
    collect: () => upkeep.collect(),
  }
}

function assertModelOf(set: KnowledgeSet | null, id: string): void {
  if (!set || set.model === id) return
  throw new WorkbenchError(
    'argument.invalid',
    `Expected ${set.model}, the model of "${set.name}", but got ${id}. Calibrate that one, or ${id} without a set.`,
  )
}

async function keysOfFilter(parts: StoreCareParts, set: string | undefined): Promise<string[] | null> {
  return set === undefined ? null : await keysOfSet(parts, parts.sets.find(set))
}

/** Of all variants of all its chunks, as far as they are cached. */
async function keysOfSet(parts: StoreCareParts, set: KnowledgeSet): Promise<string[]> {
  const model = await parts.openModel(set.model)
  return keysOf(parts, model, await parts.knowledge.read(set.row, model), () => true)
}

/** Of a set, a document, a section or a chunk. */
async function keysOfNode(parts: StoreCareParts, node: string): Promise<string[]> {
  if (!/^d\d+(\.|$)/.test(node)) return await keysOfSet(parts, parts.sets.find(node))
  const { document } = parseNodeId(node)
  const set = parts.sets.find(`set${parts.library.find(document).set}`)
  const model = await parts.openModel(set.model)
  const documents = (await parts.knowledge.read(set.row, model)).filter(({ row }) => row.id === document)
  const keys = keysOf(parts, model, documents, (ids) => ids.includes(node))
  if (keys.length > 0 || documents.some((each) => nodesOf(each).has(node))) return keys
  throw new WorkbenchError('not-found', `Expected a part of "${set.name}" but got ${node}. Look at the set again: "kvasir sets show".`)
}

function nodesOf({ row, sections, chunks }: KeyedDocument): Set<string> {
  return new Set([documentId(row.id), ...sections.map((_, at) => sectionId(row.id, at + 1)), ...chunks.map(({ id }) => id)])
}

function keysOf(
  { store }: StoreCareParts,
  { identity }: OpenModel,
  documents: readonly KeyedDocument[],
  isMeant: (ids: readonly string[]) => boolean,
): string[] {
  const chunks = documents.flatMap(({ row, chunks }) =>
    chunks.filter(({ id, section }) => isMeant([documentId(row.id), sectionId(row.id, section), id])),
  )
  return store.keysOf(identity.fingerprint, [...new Set(chunks.map(({ digest }) => digest))])
}
