/** The gate as a job: the model is loaded, checked, and the verdict kept. */
import { verdictText, type ModelVerdict } from '../../shared/calibration'
import type { Engine } from '../engine/engine'
import type { JobRequest } from '../jobs/jobs'
import { checkModel } from '../session/check-model'
import type { OpenModel } from '../session/models'
import { saveVerdict } from '../store/model-checks'
import type { Store } from '../store/store'

export interface CheckJob {
  readonly engine: Pick<Engine, 'call'>
  readonly store: Store
  readonly engineVersion: string
  readonly open: () => Promise<OpenModel>
}

export function checkJob(id: string, { engine, store, engineVersion, open }: CheckJob): JobRequest {
  return {
    kind: 'check',
    title: `Checking ${id}`,
    unit: 'checks',
    set: null,
    run: async ({ signal, report }) => {
      report({ phase: 'Loading the model', done: 0, total: 0 })
      const model = await open()
      const loaded = await model.load(signal)
      const checkup = { engine, store, model, loaded, signal }
      const verdict = await checkModel(checkup, { engineVersion, onProgress: report })
      saveVerdict(store.sql, model.identity.fingerprint, verdict)
      return resultOf(id, verdict)
    },
  }
}

function resultOf(id: string, verdict: ModelVerdict): string {
  return verdict.passed
    ? `${id} on ${verdict.device}: ${verdictText(verdict)}`
    : `${id} failed on ${verdict.device}, so its caches are not blended. ${verdictText(verdict)}`
}
