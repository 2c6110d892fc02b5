/** Jobs: the one that runs now in the status bar, all of them in a panel above it. */
import { useMutation } from '@tanstack/react-query'
import type { JobState } from '../../shared/workbench'
import { trpc } from '../rpc/client'
import { strings } from '../strings'
import { count, estimate, speed } from '../ui/format'

const texts = strings.status
/** Of the latest, in the list. */
const MOST_JOBS = 12

export function JobsTray({ jobs }: { readonly jobs: readonly JobState[] }) {
  const active = jobs.filter(isActive)
  return (
    <>
      {active[0] ? <Active job={active[0]} /> : <span>{texts.noJobs}</span>}
      {jobs.length > 0 && (
        <>
          <button type="button" className="button small" popoverTarget="jobs">
            {active.length > 1 ? texts.more(active.length - 1) : texts.jobs}
          </button>
          <div id="jobs" popover="auto" className="jobs" role="group" aria-label={texts.jobs}>
            {jobs
              .toReversed()
              .slice(0, MOST_JOBS)
              .map((job) => (
                <Job key={job.id} job={job} />
              ))}
          </div>
        </>
      )}
    </>
  )
}

function Active({ job }: { readonly job: JobState }) {
  const title = `${job.title} – ${job.phase}`
  const parts = [
    job.total > 0 && texts.amount(job.done, job.total, job.unit),
    job.speed !== null && texts.speed(speed(job.speed), job.unit),
    job.etaSeconds !== null && texts.left(estimate(job.etaSeconds)),
  ]
  return (
    <>
      <span className="clip" title={title}>
        {title}
      </span>
      <span data-testid="job">{parts.filter(Boolean).join(' · ')}</span>
      <Bar job={job} />
      <CancelJob job={job} />
    </>
  )
}

function Job({ job }: { readonly job: JobState }) {
  return (
    <div>
      <div className="line">
        <span className="clip">{job.title}</span>
        <span className="dim push">{strings.jobStatus[job.status]}</span>
        {isActive(job) && <CancelJob job={job} />}
      </div>
      {isActive(job) && <Bar job={job} />}
      <div className={job.error ? 'wrong' : 'dim'}>
        {job.error?.message ?? job.result ?? `${job.phase} · ${count(job.done)} / ${count(job.total)}`}
      </div>
    </div>
  )
}

function Bar({ job }: { readonly job: JobState }) {
  const share = job.total > 0 ? job.done / job.total : 0
  return (
    <div
      className="progress"
      role="progressbar"
      aria-label={texts.progress(job.title)}
      aria-valuemin={0}
      aria-valuemax={job.total}
      aria-valuenow={job.done}
    >
      <i style={{ width: `${share * 100}%` }} />
    </div>
  )
}

function CancelJob({ job }: { readonly job: JobState }) {
  const cancel = useMutation(trpc.jobs.cancel.mutationOptions())
  return (
    <button
      type="button"
      className="button small"
      aria-label={texts.cancelJob(job.title)}
      onClick={() => cancel.mutate({ id: job.id })}
    >
      {texts.cancel}
    </button>
  )
}

function isActive(job: JobState): boolean {
  return job.status === 'running' || job.status === 'waiting'
}
