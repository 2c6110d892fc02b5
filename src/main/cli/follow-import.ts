import type { ImportOutcome } from '../../shared/knowledge'
import type { JobState } from '../../shared/workbench'
import { followJob } from './follow-job'
import type { Session } from './run'
import { shortened, table } from './table'

const OUTCOMES: Record<ImportOutcome['outcome'], string> = {
  added: 'added',
  'new-version': 'new version',
  unchanged: 'unchanged',
  failed: 'failed',
}

/** Shows an import until it has ended, then what became of each document; those that failed count as failures. */
export async function followImport(session: Session, job: JobState): Promise<ImportOutcome[]> {
  const { workbench, output, fail } = session
  const reasons = () => workbench.documents.outcomes(job.id).filter(({ outcome }) => outcome === 'failed')
  await followJob(session, job).catch((error: unknown) => {
    // A job that imported nothing fails with its first file's reason; of several, each is said below.
    if (session.signal.aborted || reasons().length < 2) throw error
  })
  const outcomes = workbench.documents.outcomes(job.id)
  if (outcomes.length > 0) output.line(outcomesTable(outcomes))
  for (const { source, detail } of reasons()) fail(detail.includes(source) ? detail : `${source}: ${detail}`)
  return outcomes
}

function outcomesTable(outcomes: readonly ImportOutcome[]): string {
  const rows = outcomes.map(({ outcome, document, source, detail }) => [
    OUTCOMES[outcome],
    document ?? '',
    shortened(source, 48),
    outcome === 'failed' ? 'see below' : shortened(detail, 60),
  ])
  return table(['outcome', 'id', 'source', ''], rows)
}
