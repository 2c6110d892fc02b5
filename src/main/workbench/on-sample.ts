/** Work on the sample's documents, in a store of their own that goes with it. */
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Knowledge } from '../build/knowledge'
import { Chunks } from '../documents/chunks'
import { Conversions } from '../documents/conversions'
import { Converter } from '../documents/converter'
import { Library } from '../documents/library'
import { Sets, type KnowledgeSet } from '../documents/sets'
import type { Engine } from '../engine/engine'
import type { JobTask } from '../jobs/jobs'
import type { CalibrationServices } from '../session/calibrate/compare'
import { openStore, type Store } from '../store/store'
import { importAll, incomingFiles } from './import-job'
import { readSample } from './sample'

export interface OnSample<T> {
  readonly task: JobTask
  readonly model: string
  readonly work: (services: CalibrationServices, set: KnowledgeSet) => Promise<T>
}

export async function onSample<T>(
  { engine, resourcesDir }: { readonly engine: Pick<Engine, 'call'>; readonly resourcesDir: string },
  { task, model, work }: OnSample<T>,
): Promise<T> {
  const sample = await readSample(resourcesDir)
  return await inTemporaryStore(async (store) => {
    const [sets, library] = [new Sets(store.sql), new Library(store.sql)]
    const { id, row } = sets.create(sample.name, model, { suggestions: sample.questions })
    // A few short files: nothing to report, and what is counted here are answers.
    const silent: JobTask = { signal: task.signal, report: () => undefined, checkpoint: task.checkpoint }
    await using converter = new Converter()
    const incoming = await incomingFiles(sample.documents, { converter, conversions: new Conversions(), signal: task.signal })
    await importAll(library, incoming, { set: row, task: silent, outcomes: [] })
    const chunks = new Chunks(store.sql, library)
    return await work({ engine, store, chunks, knowledge: new Knowledge(library, chunks, store.chunkKeys) }, sets.find(id))
  })
}

/** `folder` may be used for other files, too. */
export async function inTemporaryStore<T>(work: (store: Store, folder: string) => Promise<T>): Promise<T> {
  const folder = await mkdtemp(join(tmpdir(), 'kvasir-calibration-'))
  try {
    await using store = await openStore(folder)
    return await work(store, folder)
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}
