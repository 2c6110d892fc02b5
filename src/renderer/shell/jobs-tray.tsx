/** Jobs: the one that runs now in the status bar, all of them in a panel above it. */
import './jobs.css'
import { useMutation } from '@tanstack/react-query'
import { X } from 'lucide-react'
import { useEffect, useRef, useState, type KeyboardEvent } from 'react'
import type { JobState } from '../../shared/workbench'
import { queryClient, trpc } from '../rpc/client'
import { strings } from '../strings'
import { useCommands } from './commands'
import { hasEnded, isQueued, phaseOf, titleOf } from './job-words'
import { Bar, CancelJob, figuresOf, JobRow } from './job-row'

const texts = strings.jobs

export function JobsTray({ jobs }: { readonly jobs: readonly JobState[] }) {
  const panel = useRef<HTMLDivElement>(null)
  const inOrder = jobs.toSorted((a, b) => a.order - b.order)
  const open = inOrder.filter((job) => !hasEnded(job))
  const ended = inOrder.filter(hasEnded).toReversed()
  const now = open.find(({ status }) => status === 'running') ?? open.find(({ status }) => status === 'waiting')
  const paused = open.filter(({ status }) => status === 'paused').length
  useJobCommands({ open, ended, show: () => panel.current?.togglePopover() })
  return (
    <>
      {now ? <Active job={now} /> : <span>{paused > 0 ? texts.paused(paused) : texts.none}</span>}
      <button type="button" className="button small" popoverTarget="jobs" data-failed={ended.some(({ status }) => status === 'failed') || undefined}>
        {texts.open(open.length)}
      </button>
      <div
        ref={panel}
        id="jobs"
        popover="auto"
        className="jobs"
        role="group"
        aria-label={texts.title}
        tabIndex={-1}
        onToggle={({ newState }) => newState === 'open' && panel.current?.focus()}
      >
        <div className="line">
          <h2>{texts.title}</h2>
          {ended.length > 0 && <ClearEnded />}
          <button
            type="button"
            className={ended.length > 0 ? 'icon' : 'icon push'}
            aria-label={texts.close}
            title={texts.close}
            onClick={() => panel.current?.hidePopover()}
          >
            <X size={14} aria-hidden="true" />
          </button>
        </div>
        {jobs.length === 0 && <p className="dim">{texts.empty}</p>}
        {open.length > 0 && <Queue jobs={open} />}
        {ended.length > 0 && (
          <section aria-label={texts.ended}>
            <h3>{texts.ended}</h3>
            <ul>
              {ended.map((job) => (
                <JobRow key={job.id} job={job} />
              ))}
            </ul>
          </section>
        )}
      </div>
      <Announcer jobs={jobs} />
    </>
  )
}

function Active({ job }: { readonly job: JobState }) {
  const title = `${titleOf(job)} – ${phaseOf(job)}`
  return (
    <>
      <span className="clip" title={title}>
        <bdi>{title}</bdi>
      </span>
      <span data-testid="job">{figuresOf(job)}</span>
      <Bar job={job} />
      <CancelJob job={job} />
    </>
  )
}

/** In the order they start in; Alt with an arrow moves the one that has the focus. */
function Queue({ jobs }: { readonly jobs: readonly JobState[] }) {
  const list = useRef<HTMLUListElement>(null)
  const move = useMutation(trpc.jobs.move.mutationOptions())
  const focused = useRef<{ readonly id: string; readonly action: string } | null>(null)
  const queued = jobs.filter(isQueued)
  // A row that was moved in the document has lost the focus.
  useEffect(() => {
    const { id, action } = focused.current ?? {}
    if (id === undefined || list.current?.contains(document.activeElement)) return
    list.current?.querySelector<HTMLElement>(`[data-job="${id}"] [data-action="${action}"]`)?.focus()
  })
  const moveBy = (job: JobState, to: 'up' | 'down', action: string): void => {
    focused.current = { id: job.id, action }
    move.mutate({ id: job.id, to })
  }
  const onKeyDown = (event: KeyboardEvent): void => {
    const to = event.altKey && { ArrowUp: 'up' as const, ArrowDown: 'down' as const }[event.key]
    const target = event.target as HTMLElement
    const job = queued.find(({ id }) => id === target.closest<HTMLElement>('[data-job]')?.dataset['job'])
    if (!to || !job) return
    event.preventDefault()
    event.stopPropagation()
    moveBy(job, to, target.dataset['action'] ?? 'pause')
  }
  return (
    <section aria-label={texts.queue}>
      <h3>{texts.queue}</h3>
      <ul ref={list} onKeyDown={onKeyDown} onBlur={() => document.hasFocus() && (focused.current = null)}>
        {jobs.map((job) => {
          const at = queued.indexOf(job)
          const order = at < 0 || queued.length < 2 ? undefined : { isFirst: at === 0, isLast: at === queued.length - 1 }
          return <JobRow key={job.id} job={job} order={order} onMove={(to, action) => moveBy(job, to, action)} />
        })}
      </ul>
      {queued.length > 1 && <p className="dim">{texts.orderHint}</p>}
    </section>
  )
}

function ClearEnded() {
  const clear = useClear()
  return (
    <button type="button" className="link push" onClick={() => clear.mutate()}>
      {texts.clear}
    </button>
  )
}

function useClear() {
  return useMutation(trpc.jobs.clear.mutationOptions({ onSettled: () => queryClient.invalidateQueries(trpc.status.queryFilter()) }))
}

interface Offered {
  readonly open: readonly JobState[]
  readonly ended: readonly JobState[]
  readonly show: () => void
}

function useJobCommands({ open, ended, show }: Offered): void {
  const pause = useMutation(trpc.jobs.pause.mutationOptions())
  const resume = useMutation(trpc.jobs.resume.mutationOptions())
  const clear = useClear()
  const pausable = open.filter(({ status, canPause }) => status === 'waiting' || (status === 'running' && canPause))
  const paused = open.filter(({ status }) => status === 'paused')
  useCommands([
    { id: 'jobs.show', title: texts.commands.show, keys: 'mod+J', run: show },
    {
      id: 'jobs.pauseAll',
      title: texts.commands.pauseAll,
      disabled: pausable.length === 0,
      run: () => pausable.forEach(({ id }) => pause.mutate({ id })),
    },
    {
      id: 'jobs.resumeAll',
      title: texts.commands.resumeAll,
      disabled: paused.length === 0,
      run: () => paused.forEach(({ id }) => resume.mutate({ id })),
    },
    { id: 'jobs.clear', title: texts.commands.clear, disabled: ended.length === 0, run: () => clear.mutate() },
  ])
}

/** Says to who does not see it that a job has begun, ended or failed. */
function Announcer({ jobs }: { readonly jobs: readonly JobState[] }) {
  const before = useRef<ReadonlyMap<string, JobState['status']> | null>(null)
  const [news, setNews] = useState('')
  useEffect(() => {
    const known = before.current
    const changed = known && jobs.findLast(({ id, status }) => known.get(id) !== status)
    if (changed) setNews(texts.announced[changed.status](titleOf(changed)))
    before.current = new Map(jobs.map(({ id, status }) => [id, status]))
  }, [jobs])
  return (
    <span className="hidden-text" role="status" data-testid="job-news">
      {news}
    </span>
  )
}
