/** One job in the panel: what it is, how far it is or what came of it, and what can be done. */
import { useMutation } from '@tanstack/react-query'
import { ArrowDown, ArrowUp, Pause, Play, RotateCcw, X, type LucideIcon } from 'lucide-react'
import type { JobState } from '../../shared/workbench'
import { trpc } from '../rpc/client'
import { strings } from '../strings'
import { failureOfJob } from '../ui/failure'
import { estimate, speed } from '../ui/format'
import { Why } from '../ui/notice'
import { hasEnded, outcomeOf, phaseOf, titleOf } from './job-words'

const texts = strings.jobs

interface Props {
  readonly job: JobState
  /** Where it is among those that wait; undefined: it has no order, or nothing to be ordered among. */
  readonly order?: { readonly isFirst: boolean; readonly isLast: boolean }
  readonly onMove?: (to: 'up' | 'down', action: string) => void
}

export function JobRow({ job, order, onMove }: Props) {
  const title = titleOf(job)
  const isOpen = !hasEnded(job)
  return (
    <li data-job={job.id} data-status={job.status}>
      <div className="line">
        <span className="clip" title={title}>
          <bdi>{title}</bdi>
        </span>
        <span className="pill push" data-status={job.status}>
          {strings.jobStatus[job.status]}
        </span>
        {order && (
          <>
            <Action icon={ArrowUp} name="up" label={texts.up(title)} disabled={order.isFirst} run={() => onMove?.('up', 'up')} />
            <Action icon={ArrowDown} name="down" label={texts.down(title)} disabled={order.isLast} run={() => onMove?.('down', 'down')} />
          </>
        )}
        {isOpen && <PauseJob job={job} title={title} />}
        {isOpen && <CancelJob job={job} />}
        {(job.status === 'failed' || job.status === 'cancelled') && <RetryJob job={job} title={title} />}
      </div>
      {isOpen && job.total > 0 && (
        <div className="line">
          <Bar job={job} />
          <span className="dim">{figuresOf(job)}</span>
        </div>
      )}
      <Outcome job={job} />
    </li>
  )
}

function Outcome({ job }: { readonly job: JobState }) {
  if (job.error) {
    return (
      <div className="notice">
        <b>{strings.errorTitles[job.error.code]}</b>
        <Why failure={failureOfJob(job.error)} />
        <p>{texts.remedies[job.error.code]}</p>
      </div>
    )
  }
  const text = outcomeOf(job) ?? (job.status === 'running' ? phaseOf(job) : null)
  return (
    <>
      {text !== null && (
        <div className="dim">
          <bdi>{text}</bdi>
        </div>
      )}
      {job.crashes > 0 && !hasEnded(job) && <div className="wrong">{texts.crashed(job.crashes)}</div>}
    </>
  )
}

/** `12 of 40 tokens · 40 tokens/s · 3 min left`, as far as it is known. */
export function figuresOf(job: JobState): string {
  const unit = texts.units[job.unit]
  const parts = [
    job.total > 0 && texts.amount(job.done, job.total, unit),
    job.speed !== null && texts.speed(speed(job.speed), unit),
    job.etaSeconds !== null && texts.left(estimate(job.etaSeconds)),
  ]
  return parts.filter(Boolean).join(' · ')
}

export function Bar({ job }: { readonly job: JobState }) {
  const share = job.total > 0 ? job.done / job.total : 0
  return (
    <div
      className="progress"
      role="progressbar"
      aria-label={texts.progress(titleOf(job))}
      aria-valuemin={0}
      aria-valuemax={job.total}
      aria-valuenow={job.done}
    >
      <i style={{ width: `${share * 100}%` }} />
    </div>
  )
}

export function CancelJob({ job }: { readonly job: JobState }) {
  const cancel = useMutation(trpc.jobs.cancel.mutationOptions())
  return <Action icon={X} name="cancel" label={texts.cancel(titleOf(job))} run={() => cancel.mutate({ id: job.id })} />
}

function PauseJob({ job, title }: { readonly job: JobState; readonly title: string }) {
  const pause = useMutation(trpc.jobs.pause.mutationOptions())
  const resume = useMutation(trpc.jobs.resume.mutationOptions())
  if (job.status === 'paused' || job.isPausing)
    return <Action icon={Play} name="pause" label={texts.resume(title)} run={() => resume.mutate({ id: job.id })} />
  if (job.status === 'running' && !job.canPause)
    return <Action icon={Pause} name="pause" label={`${texts.pause(title)}. ${texts.noPause}`} disabled run={() => undefined} />
  return <Action icon={Pause} name="pause" label={texts.pause(title)} run={() => pause.mutate({ id: job.id })} />
}

function RetryJob({ job, title }: { readonly job: JobState; readonly title: string }) {
  const retry = useMutation(trpc.jobs.retry.mutationOptions())
  return <Action icon={RotateCcw} name="retry" label={texts.retry(title)} run={() => retry.mutate({ id: job.id })} />
}

interface ActionProps {
  readonly icon: LucideIcon
  readonly name: string
  readonly label: string
  readonly disabled?: boolean
  readonly run: () => void
}

/** Stays in reach of the keyboard where it can do nothing now: the focus is not lost when the state changes. */
function Action({ icon: Icon, name, label, disabled = false, run }: ActionProps) {
  return (
    <button
      type="button"
      className="icon"
      data-action={name}
      aria-label={label}
      title={label}
      aria-disabled={disabled || undefined}
      onClick={() => !disabled && run()}
    >
      <Icon size={13} aria-hidden="true" />
    </button>
  )
}
