/** What of the last import did not go in, and why. Quiet when everything did. */
import { useQuery } from '@tanstack/react-query'
import { useState } from 'react'
import { trpc } from '../rpc/client'
import { strings } from '../strings'
import { failureOfJob } from '../ui/failure'
import { Notice } from '../ui/notice'
import { refusalOf } from './refusal'

const texts = strings.imports
const MOST_LINES = 8

export function ImportProblems({ set }: { readonly set: string }) {
  const [dismissed, setDismissed] = useState<string | null>(null)
  const { data: status } = useQuery(trpc.status.queryOptions())
  const last = status?.jobs.findLast((job) => job.set === set && job.kind === 'import')
  const ended = last?.status === 'done' || last?.status === 'failed'
  const outcomes = useQuery(
    trpc.documents.outcomes.queryOptions({ job: last?.id ?? '' }, { enabled: ended, staleTime: Infinity }),
  )
  const lines = (outcomes.data ?? []).filter(({ outcome }) => outcome === 'failed').map(refusalOf)
  const version = last?.id ?? ''
  if (dismissed === version) return null
  // A job fails as a whole when not one file went in; its files' own reasons say more than its one sentence.
  const failed = last?.status === 'failed' && last.error ? failureOfJob(last.error) : null
  const failure = lines.length < 2 && !outcomes.isPending ? failed : null
  if (failure) return <Notice failure={failure} action={{ label: texts.dismiss, run: () => setDismissed(version) }} />
  if (lines.length === 0) return null
  return (
    <div className="notice" role="alert">
      <b>{texts.problems(lines.length)}</b>
      {lines.slice(0, MOST_LINES).map((line) => (
        <p key={line}>{line}</p>
      ))}
      {lines.length > MOST_LINES && <p>{texts.more(lines.length - MOST_LINES)}</p>}
      <div className="line">
        <button type="button" className="button small" onClick={() => setDismissed(version)}>
          {texts.dismiss}
        </button>
      </div>
    </div>
  )
}
