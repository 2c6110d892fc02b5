import { useQuery } from '@tanstack/react-query'
import type { JobState } from '../../shared/workbench'
import { trpc } from '../rpc/client'

/** The job that works on a set now, or null. */
export function useSetJob(set: string): JobState | null {
  const { data } = useQuery(trpc.status.queryOptions())
  return data?.jobs.find((job) => job.set === set && (job.status === 'running' || job.status === 'waiting')) ?? null
}
