import { fromErrorData, WorkbenchError } from '../../shared/errors'
import type { JobState } from '../../shared/workbench'
import { makeProgress } from './progress'
import type { Session } from './run'

/**
 * Shows a job's progress until it has ended. Ctrl-C cancels the job and waits for it: what is done is kept.
 * @param interrupted instead of that: `leave` ends at once, and the workbench keeps the job when it closes
 * @throws what the job failed with; `cancelled` with the job's own sentence about what is kept
 */
export async function followJob(
  { workbench, output, signal }: Session,
  started: JobState,
  interrupted: 'cancel' | 'leave' = 'cancel',
): Promise<JobState> {
  const progress = makeProgress(output)
  const watching = new AbortController()
  const left = Promise.withResolvers<never>()
  const cancel = (): void => {
    if (interrupted === 'cancel') workbench.jobs.cancel(started.id)
    else left.reject(new WorkbenchError('cancelled', 'Interrupted. What is left goes on with "kvasir jobs run".'))
  }
  signal.addEventListener('abort', cancel, { once: true })
  if (signal.aborted) cancel()
  try {
    const shown = showChanges()
    const ended = await Promise.race([workbench.jobs.finished(started.id), left.promise])
    watching.abort()
    await shown
    if (ended.status === 'failed') {
      throw fromErrorData(ended.error ?? { code: 'internal', message: `${ended.title} failed without a reason.` })
    }
    if (ended.status === 'cancelled') {
      const kept = ended.result ?? 'What was done is kept; run the command again to go on.'
      throw new WorkbenchError('cancelled', `Cancelled. ${kept}`)
    }
    return ended
  } finally {
    signal.removeEventListener('abort', cancel)
    watching.abort()
    progress.end()
  }

  async function showChanges(): Promise<void> {
    for await (const job of workbench.jobs.watch(watching.signal)) {
      if (job.id !== started.id) continue
      if (job.status === 'running' && job.total > 0) progress.show(job)
    }
  }
}
