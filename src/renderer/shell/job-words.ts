/** A job in the page's language. */
import type { JobOutcome, JobSubject } from '../../shared/jobs'
import type { JobState } from '../../shared/workbench'
import { strings } from '../strings'

export function titleOf({ subject }: Pick<JobState, 'subject'>): string {
  const words = strings.jobs.titles[subject.what] as (subject: JobSubject) => string
  return words(subject)
}

export function phaseOf({ step }: Pick<JobState, 'step'>): string {
  return strings.jobs.steps[step.code](step)
}

/** Null while there is none. */
export function outcomeOf({ outcome }: Pick<JobState, 'outcome'>): string | null {
  if (!outcome) return null
  const words = strings.jobs.outcomes[outcome.what] as (outcome: JobOutcome) => string
  return words(outcome)
}

export function isQueued({ status }: JobState): boolean {
  return status === 'waiting' || status === 'paused'
}

export function hasEnded({ status }: JobState): boolean {
  return status === 'done' || status === 'failed' || status === 'cancelled'
}
