/** Follows every job: its state goes into the status query, and what a job changed is read again. */
import { useEffect } from 'react'
import type { JobState, Status } from '../../shared/workbench'
import { client, queryClient, trpc } from '../rpc/client'
import { hasEnded } from './job-words'

/** While a job runs its set is read again at most this often. */
const TREE_MS = 1000

export function useJobs(): void {
  useEffect(() => {
    let due: ReturnType<typeof setTimeout> | null = null
    const readAgain = (): void => {
      due = null
      void queryClient.invalidateQueries(trpc.sets.pathFilter())
      void queryClient.invalidateQueries(trpc.documents.pathFilter())
    }
    const take = (job: JobState): void => {
      queryClient.setQueryData(
        trpc.status.queryKey(),
        (status: Status | undefined) => status && { ...status, jobs: withJob(status.jobs, job) },
      )
      const ended = hasEnded(job)
      if (ended && due) clearTimeout(due)
      if (ended) {
        readAgain()
        void queryClient.invalidateQueries(trpc.status.queryFilter())
        // Verdicts, calibrations, profiles, what the store holds.
        void queryClient.invalidateQueries(trpc.models.pathFilter())
        void queryClient.invalidateQueries(trpc.store.pathFilter())
      } else due ??= setTimeout(readAgain, TREE_MS)
    }
    const subscription = client.jobs.watch.subscribe(undefined, {
      // What happened before it was started is in the status.
      onStarted: () => void queryClient.invalidateQueries(trpc.status.queryFilter()),
      onData: take,
      // The workbench is closing or in trouble: the status shows which.
      onError: () => void queryClient.invalidateQueries(trpc.status.queryFilter()),
    })
    return () => {
      subscription.unsubscribe()
      if (due) clearTimeout(due)
    }
  }, [])
}

function withJob(jobs: readonly JobState[], job: JobState): JobState[] {
  const known = jobs.some(({ id }) => id === job.id)
  return known ? jobs.map((each) => (each.id === job.id ? job : each)) : [...jobs, job]
}
