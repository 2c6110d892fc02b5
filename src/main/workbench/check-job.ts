/** The gate as a job: the model is loaded, checked, and the verdict kept. */
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
    subject: { what: 'check', model: id },
    unit: 'checks',
    set: null,
    pause: 'hold',
    spec: { job: 'check', model: id },
    run: async ({ signal, report, checkpoint }) => {
      report({ step: { code: 'loading-model' }, done: 0, total: 0 })
      const model = await open()
      const loaded = await model.load(signal)
      const checkup = { engine, store, model, loaded, signal }
      const verdict = await checkModel(checkup, { engineVersion, onProgress: report, checkpoint })
      saveVerdict(store.sql, model.identity.fingerprint, verdict)
      return { what: 'check', model: id, verdict }
    },
  }
}
