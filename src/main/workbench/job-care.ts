/** What the workbench offers for looking after its jobs, those of another day included. */
import { WorkbenchError } from '../../shared/errors'
import type { JobState, Workbench } from '../../shared/workbench'
import { MOST_CRASHES, type Jobs } from '../jobs/jobs'
import { jobSpec, type JobSpec } from '../jobs/spec'
import { titleOf } from '../jobs/words'
import type { UnfinishedJobs } from '../store/unfinished-jobs'

export interface JobCareParts {
  readonly jobs: Jobs
  readonly unfinished: UnfinishedJobs
  /** Starts jobs by the calls that people start them by. */
  readonly workbench: () => Pick<Workbench, 'documents' | 'build' | 'models' | 'store' | 'bench'>
}

export function jobCare({ jobs, unfinished, workbench }: JobCareParts): Workbench['jobs'] {
  return {
    list: () => jobs.list(),
    watch: (signal) => jobs.watch(signal),
    finished: (id) => jobs.finished(id),
    cancel: (id) => jobs.cancel(id),
    pause: (id) => jobs.pause(id),
    resume: (id) => jobs.resume(id),
    retry: (id) => jobs.retry(id),
    move: (id, to) => jobs.move(id, to),
    clear: () => jobs.clear(),
    unfinished: () =>
      unfinished.list().map(({ id, subject, isPaused, starts: crashes }) => ({
        id,
        subject,
        title: titleOf(subject),
        isPaused: isPaused || crashes >= MOST_CRASHES,
        crashes,
      })),
    takeUp: () => jobs.takeUp(unfinished, (spec) => begin(workbench(), spec)),
    drop: (id) => {
      if (unfinished.list().some((job) => job.id === id)) unfinished.remove(id)
      else throw new WorkbenchError('not-found', `There is no unfinished job ${id}. \`kvasir jobs list\` shows them.`)
    },
  }
}

function begin(workbench: ReturnType<JobCareParts['workbench']>, spec: JobSpec): Promise<JobState> {
  const { documents, models, store } = workbench
  switch (spec.job) {
    case 'import':
      return documents.add(spec.set, spec.paths)
    case 'upload':
      return documents.addText(spec.set, spec.files)
    case 'uploaded':
      return documents.addUpload(spec.set, spec.upload)
    case 'sync':
      return documents.sync.run(spec.set, spec.folders)
    case 'build':
      return workbench.build(spec.set, spec.options)
    case 'check':
      return models.check(spec.model)
    case 'calibrate':
      return models.calibrate(spec.model, spec.options)
    case 'profiles':
      return store.calibrate(spec.model, spec.options)
    case 'recode':
      return store.recode(spec.set, spec.profile)
    case 'scrub':
      return store.scrub({ set: spec.set })
    case 'bench':
      return workbench.bench.start(spec.options)
  }
}

/** Whether an import that has not ended takes the files of an upload. */
export function isUploadWanted(unfinished: UnfinishedJobs, upload: string): boolean {
  return unfinished.specs().some((each) => {
    const { data } = jobSpec.safeParse(each)
    return data?.job === 'uploaded' && data.upload === upload
  })
}
