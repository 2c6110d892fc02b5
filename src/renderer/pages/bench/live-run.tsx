/** A run on its way: how far it is, and every arm as soon as it was measured. */
import { useMutation, useQuery } from '@tanstack/react-query'
import { useEffect } from 'react'
import type { LiveBench, Measured } from '../../../shared/bench'
import type { JobState } from '../../../shared/workbench'
import { queryClient, trpc } from '../../rpc/client'
import { phaseOf } from '../../shell/job-words'
import { go } from '../../shell/routes'
import { strings } from '../../strings'
import { Empty } from '../../ui/empty'
import { failureOfJob, said, type Failure } from '../../ui/failure'
import { count, decimal, estimate } from '../../ui/format'
import { Notice } from '../../ui/notice'
import { rowName } from './words'

const texts = strings.benchLive
const READ_MS = 1000
/** Shown as a share of a hundred. */
const SHARES: readonly Measured['figure'][] = ['exactMatch', 'top1', 'loadShare']

export function LiveRun({ job: id }: { readonly job: string }) {
  const { data: status } = useQuery(trpc.status.queryOptions())
  const job = status?.jobs.find((each) => each.id === id)
  const isActive = job?.status === 'running' || job?.status === 'waiting' || job?.status === 'paused'
  const { data: live, error } = useQuery(
    trpc.bench.live.queryOptions({ job: id }, { refetchInterval: isActive ? READ_MS : false, retry: false }),
  )
  const report = job?.status === 'done' && job.outcome?.what === 'bench' ? job.outcome.report : null
  useEffect(() => {
    if (report === null) return
    void queryClient.invalidateQueries(trpc.bench.pathFilter())
    go(`/bench/${report}`, { replace: true })
  }, [report])
  if (error) return <Empty title={texts.gone} hint="" action={{ label: strings.bench.newRun, run: () => go('/bench/new') }} />
  if (!job || !live) return <p className="dim">{strings.bench.loading}</p>
  return (
    <article className="bench-report">
      <Progress job={job} kind={strings.bench.kinds[live.options.kind].label} />
      {(job.status === 'failed' || job.status === 'cancelled') && <Ended job={job} />}
      {live.remarks.map((remark) => (
        <p key={remark.id} className="dim">
          {said(remark)}
        </p>
      ))}
      <Rows live={live} isActive={isActive} />
    </article>
  )
}

function Progress({ job, kind }: { readonly job: JobState; readonly kind: string }) {
  const calls = {
    cancel: useMutation(trpc.jobs.cancel.mutationOptions()),
    pause: useMutation(trpc.jobs.pause.mutationOptions()),
    resume: useMutation(trpc.jobs.resume.mutationOptions()),
  }
  const isActive = job.status === 'running' || job.status === 'waiting' || job.status === 'paused'
  const next = job.status === 'paused' ? 'resume' : 'pause'
  return (
    <>
      <div className="line wrap">
        <h2>{texts.title(kind)}</h2>
        {isActive && (
          <>
            <button type="button" className="button small push" onClick={() => calls[next].mutate({ id: job.id })}>
              {texts[next]}
            </button>
            <button type="button" className="button small" onClick={() => calls.cancel.mutate({ id: job.id })}>
              {texts.cancel}
            </button>
          </>
        )}
      </div>
      <div
        className="progress bench-progress"
        role="progressbar"
        aria-label={texts.title(kind)}
        aria-valuemin={0}
        aria-valuemax={Math.max(1, job.total)}
        aria-valuenow={job.done}
      >
        <i style={{ width: `${job.total > 0 ? (job.done / job.total) * 100 : 0}%` }} />
      </div>
      <p className="dim">
        {[
          phaseOf(job),
          job.total > 0 && texts.done(job.done, job.total),
          job.etaSeconds !== null && texts.left(estimate(job.etaSeconds)),
        ]
          .filter(Boolean)
          .join(' · ')}
      </p>
    </>
  )
}

function Ended({ job }: { readonly job: JobState }) {
  const retry = useMutation(trpc.jobs.retry.mutationOptions())
  const failure: Failure = job.error ? failureOfJob(job.error) : { code: 'cancelled', text: texts.kept, isTranslated: true }
  return (
    <>
      <Notice failure={failure} action={{ label: texts.goOn, run: () => retry.mutate({ id: job.id }) }} />
      {job.error && <p className="dim">{texts.kept}</p>}
    </>
  )
}

function Rows({ live: { rows }, isActive }: { readonly live: LiveBench; readonly isActive: boolean }) {
  const figures = [...new Set(rows.flatMap((row) => row.figures.map(({ figure }) => figure)))]
  if (rows.length === 0) return isActive ? <p className="dim">{texts.waiting}</p> : null
  return (
    <div className="bench-table" tabIndex={0} role="region" aria-label={texts.rows}>
      <table>
        <caption>{texts.rows}</caption>
        <thead>
          <tr>
            <th scope="col">{texts.arm}</th>
            <th scope="col">{texts.n}</th>
            {figures.map((figure) => (
              <th key={figure} scope="col">
                {texts.figures[figure]}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {rows.map((row) => (
            <tr key={row.name}>
              <th scope="row">{rowName(row.name)}</th>
              <td>{count(Math.max(...row.figures.map(({ n }) => n)))}</td>
              {figures.map((figure) => {
                const found = row.figures.find((each) => each.figure === figure)
                return <td key={figure}>{found ? valueText(figure, found.value) : ''}</td>
              })}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  )
}

function valueText(figure: Measured['figure'], value: number): string {
  if (SHARES.includes(figure)) return decimal(value * 100, 1)
  return figure === 'klMean' ? decimal(value, 4) : decimal(value, 1)
}
