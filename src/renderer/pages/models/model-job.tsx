/** Work on a model: a button that starts it, or how far it is. */
import { useMutation, useQuery } from '@tanstack/react-query'
import type { JobState } from '../../../shared/workbench'
import { queryClient, trpc } from '../../rpc/client'
import { Bar, CancelJob, figuresOf } from '../../shell/job-row'
import { hasEnded, phaseOf } from '../../shell/job-words'
import { useCommands } from '../../shell/commands'
import { failureOf } from '../../ui/failure'
import { Notice } from '../../ui/notice'

interface Props {
  readonly id: string
  readonly what: 'check' | 'calibrate' | 'profiles'
  readonly label: string
  readonly start: () => Promise<JobState>
}

export function ModelJob({ id, what, label, start }: Props) {
  const { data: status } = useQuery(trpc.status.queryOptions())
  const job = status?.jobs.find((each) => each.subject.what === what && each.subject.model === id && !hasEnded(each))
  const begin = useMutation({ mutationFn: start, onSuccess: () => queryClient.invalidateQueries(trpc.status.queryFilter()) })
  useCommands([{ id: `models.${what}`, title: label, disabled: job !== undefined, run: () => begin.mutate() }])
  if (!job) {
    return (
      <>
        <button type="button" className="button small push" disabled={begin.isPending} onClick={() => begin.mutate()}>
          {label}
        </button>
        {begin.error && <Notice failure={failureOf(begin.error)} />}
      </>
    )
  }
  return (
    <span className="line push">
      <span className="dim clip">{[phaseOf(job), figuresOf(job)].filter(Boolean).join(' · ')}</span>
      <Bar job={job} />
      <CancelJob job={job} />
    </span>
  )
}
