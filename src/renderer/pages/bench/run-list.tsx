/** Runs at the left: those on their way, then reports, newest first. */
import type { BenchSummary } from '../../../shared/bench'
import type { JobState } from '../../../shared/workbench'
import { titleOf } from '../../shell/job-words'
import { hrefTo } from '../../shell/routes'
import { strings } from '../../strings'
import { decimal, percent } from '../../ui/format'
import { runTime } from './run-name'
import { timesText } from './words'

const texts = strings.bench

interface Props {
  readonly runs: readonly BenchSummary[]
  readonly jobs: readonly JobState[]
  readonly shown: string | null
}

export function RunList({ runs, jobs, shown }: Props) {
  return (
    <ul className="bench-runs">
      {jobs.map((job) => (
        <li key={job.id}>
          <a href={hrefTo(`/bench/run/${job.id}`)} aria-current={shown === job.id ? 'page' : undefined}>
            <b>{job.subject.what === 'bench' ? texts.kinds[job.subject.bench].label : titleOf(job)}</b>
            <span className="dim">
              {strings.jobStatus[job.status]}
              {job.total > 0 && ` · ${percent(job.done / job.total)}`}
            </span>
          </a>
        </li>
      ))}
      {runs.map((run) => (
        <li key={run.id}>
          <a href={hrefTo(`/bench/${run.id}`)} aria-current={shown === run.id ? 'page' : undefined}>
            <b>{texts.kinds[run.kind].label}</b>
            <span className="dim clip">
              <bdi>{run.model}</bdi>
            </span>
            <span className="dim">{runTime(run)}</span>
            <span className="clip">{inShort(run)}</span>
          </a>
        </li>
      ))}
    </ul>
  )
}

function inShort({ headline }: BenchSummary): string {
  switch (headline?.kind) {
    case 'faster':
      return `${headline.arm} ${timesText(headline.ratio)}`
    case 'engine':
      return timesText(headline.prefill, 3)
    case 'steady':
      return `${headline.arm} ${decimal(headline.decay, 2)}x`
    case 'smaller':
      return `${headline.form} ${decimal(headline.ratio, 1)}x`
    case 'store':
    case undefined:
      return ''
  }
}
