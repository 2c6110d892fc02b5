/** Calibration as a job: on a set, or on the sample's documents in a store of their own that goes with the job. */
import { verdictText, type ModelVerdict } from '../../shared/calibration'
import { WorkbenchError } from '../../shared/errors'
import type { Knowledge } from '../build/knowledge'
import type { Chunks } from '../documents/chunks'
import type { KnowledgeSet } from '../documents/sets'
import type { Engine } from '../engine/engine'
import type { JobRequest } from '../jobs/jobs'
import { calibrateModel } from '../session/calibrate-model'
import type { CalibrationServices } from '../session/calibrate/compare'
import type { OpenModel } from '../session/models'
import { saveCalibration } from '../store/calibrations'
import { findVerdict } from '../store/model-checks'
import type { Store } from '../store/store'
import { onSample } from './on-sample'

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
    subject: { what: 'calibrate', model: id, set: set?.name ?? null },
    unit: 'answers',
    set: set?.id ?? null,
    pause: 'hold',
    spec: { job: 'calibrate', model: id, options: { questions, set: set?.id } },
    run: async (task) => {
      task.report({ step: { code: 'loading-model' }, done: 0, total: 0 })
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
          onProgress: task.report,
          checkpoint: task.checkpoint,
        })
      const calibration = set
        ? await measure({ engine, store, chunks: job.chunks, knowledge: job.knowledge }, set)
        : await onSample(job, { task, model: id, work: measure })
      saveCalibration(store.sql, model.identity.fingerprint, { set: set?.id ?? null, ...calibration })
      const { arms, questions: asked } = calibration
      return { what: 'calibrate', strategies: arms.length, questions: asked, set: set?.name ?? null }
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
