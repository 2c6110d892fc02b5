/** Calibration of a model's coded profiles as a job; what is found is taken into use. */
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { MOST_KL, TARGET_BITS, type CalibrateProfilesInput } from '../../shared/profile'
import type { Knowledge } from '../build/knowledge'
import type { Chunks } from '../documents/chunks'
import type { KnowledgeSet } from '../documents/sets'
import type { Engine } from '../engine/engine'
import type { JobRequest } from '../jobs/jobs'
import { calibrateProfiles } from '../session/calibrate-profiles'
import type { CalibrationServices } from '../session/calibrate/compare'
import type { OpenModel } from '../session/models'
import type { FoundProfiles } from '../session/profiles/search'
import type { Store } from '../store/store'
import { inTemporaryStore, onSample } from './on-sample'

export interface ProfilesJob {
  readonly engine: Pick<Engine, 'call'>
  readonly store: Store
  /** Of the workbench's own documents, for `set`. */
  readonly chunks: Chunks
  readonly knowledge: Knowledge
  readonly resourcesDir: string
  readonly open: () => Promise<OpenModel>
  /** Null: the sample's documents. */
  readonly set: KnowledgeSet | null
  readonly questions: number
  readonly bits: NonNullable<CalibrateProfilesInput['bits']>
}

export function profilesJob(id: string, job: ProfilesJob): JobRequest {
  const { engine, store, set, questions } = job
  return {
    kind: 'calibrate',
    subject: { what: 'profiles', model: id, set: set?.name ?? null },
    unit: 'answers',
    set: set?.id ?? null,
    pause: 'hold',
    spec: { job: 'profiles', model: id, options: { questions, bits: job.bits, set: set?.id } },
    run: async (task) => {
      task.report({ step: { code: 'loading-model' }, done: 0, total: 0 })
      const model = await job.open()
      const loaded = await model.load(task.signal)
      const folder = await mkdtemp(join(tmpdir(), 'kvasir-profiles-'))
      try {
        const work = async (services: CalibrationServices, of: KnowledgeSet): Promise<FoundProfiles> =>
          await calibrateProfiles(services, {
            model,
            loaded,
            set: of,
            questions,
            targets: {
              high: job.bits.high ?? TARGET_BITS.high,
              medium: job.bits.medium ?? TARGET_BITS.medium,
              small: job.bits.small ?? TARGET_BITS.small,
            },
            mostKl: Object.fromEntries(
              Object.entries(MOST_KL).filter(([profile]) => job.bits[profile as keyof typeof MOST_KL] === undefined),
            ),
            folder,
            signal: task.signal,
            onProgress: task.report,
            checkpoint: task.checkpoint,
          })
        const found = set
          ? await inTemporaryStore((caches) =>
              work({ engine, store: caches, chunks: job.chunks, knowledge: job.knowledge }, set),
            )
          : await onSample(job, { task, model: id, work })
        await store.codebooks.put(model.identity.fingerprint, found.calibration, found.staged)
        const { profiles } = found.calibration
        return { what: 'profiles', profiles: profiles.map(({ profile, ratio, klMean }) => ({ profile, ratio, klMean })) }
      } finally {
        await rm(folder, { recursive: true, force: true })
      }
    },
  }
}
