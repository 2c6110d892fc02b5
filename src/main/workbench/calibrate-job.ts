/** Calibration as a job: on a set, or on the sample's documents in a store of their own that goes with the job. */
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { verdictText, type ModelVerdict } from '../../shared/calibration'
import { WorkbenchError } from '../../shared/errors'
import { Knowledge } from '../build/knowledge'
import { Chunks } from '../documents/chunks'
import { Converter } from '../documents/converter'
import { Library } from '../documents/library'
import { Sets, type KnowledgeSet } from '../documents/sets'
import type { Engine } from '../engine/engine'
import type { JobRequest, JobTask } from '../jobs/jobs'
import { calibrateModel } from '../session/calibrate-model'
import type { CalibrationServices } from '../session/calibrate/compare'
import type { OpenModel } from '../session/models'
import { saveCalibration } from '../store/calibrations'
import { findVerdict } from '../store/model-checks'
import { openStore, type Store } from '../store/store'
import { importAll, incomingFiles } from './import-job'
import { readSample } from './sample'

export interface CalibrateJob {
  readonly engine: Pick<Engine, 'call'>
  readonly engineVersion: string
  readonly store: Store
  /** Of the workbench's own documents, for `set`. */
  readonly chunks: Chunks
  readonly knowledge: Knowledge
  readonly resourcesDir: string
  readonly open: () => Promise<OpenModel>
  /** Null: the model's own calibration, for any set. */
  readonly set: KnowledgeSet | null
  readonly questions: number
}

export function calibrateJob(id: string, job: CalibrateJob): JobRequest {
  const { engine, store, set, questions } = job
  return {
    kind: 'calibrate',
    title: set ? `Calibrating ${id} on "${set.name}"` : `Calibrating ${id}`,
    unit: 'answers',
    set: set?.id ?? null,
    run: async (task) => {
      task.report({ phase: 'Loading the model', done: 0, total: 0 })
      const model = await job.open()
      const loaded = await model.load(task.signal)
      assertPassed(id, findVerdict(store.sql, model.identity.fingerprint, job.engineVersion, loaded.device))
      const measure = async (services: CalibrationServices, asked: KnowledgeSet) =>
        await calibrateModel(services, {
          model,
          loaded,
          set: asked,
          questions,
          signal: task.signal,
          onProgress: (progress) => task.report(progress),
        })
      const calibration = set
        ? await measure({ engine, store, chunks: job.chunks, knowledge: job.knowledge }, set)
        : await onSample(job, { task, model: id, measure })
      saveCalibration(store.sql, model.identity.fingerprint, { set: set?.id ?? null, ...calibration })
      const where = set ? `on "${set.name}"` : "on the sample's documents, for any set"
      return `${calibration.arms.length} strategies measured with ${calibration.questions} questions ${where}.`
    },
  }
}

/** @throws model.gate-failed */
function assertPassed(id: string, verdict: ModelVerdict | null): void {
  if (verdict === null || verdict.passed) return
  throw new WorkbenchError(
    'model.gate-failed',
    `Expected ${id} to pass its check, but it failed on ${verdict.device}, so strategies that blend are refused and there ` +
      `is nothing to choose from. ${verdictText(verdict)} Check again with "kvasir models check ${id}".`,
  )
}

interface OnSample<T> {
  readonly task: JobTask
  readonly model: string
  readonly measure: (services: CalibrationServices, set: KnowledgeSet) => Promise<T>
}

async function onSample<T>({ engine, resourcesDir }: CalibrateJob, { task, model, measure }: OnSample<T>): Promise<T> {
  const sample = await readSample(resourcesDir)
  const folder = await mkdtemp(join(tmpdir(), 'kvasir-calibration-'))
  try {
    await using store = await openStore(folder)
    const [sets, library] = [new Sets(store.sql), new Library(store.sql)]
    const { id, row } = sets.create(sample.name, model, { suggestions: sample.questions })
    // A few short files: nothing to report, and what is counted here are answers.
    const silent: JobTask = { signal: task.signal, report: () => undefined }
    await using converter = new Converter()
    const incoming = await incomingFiles(sample.documents, { converter, signal: task.signal })
    await importAll(library, incoming, { set: row, task: silent, outcomes: [] })
    const chunks = new Chunks(store.sql, library)
    return await measure({ engine, store, chunks, knowledge: new Knowledge(library, chunks) }, sets.find(id))
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}
