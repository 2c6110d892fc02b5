/** How a part was reused in questions, why its newest misses happened, and the one thing that mends them. */
import { keepPreviousData, useMutation, useQuery } from '@tanstack/react-query'
import type { PastMiss, ReasonRow } from '../../../shared/hits'
import type { CacheState, NodeId } from '../../../shared/knowledge'
import type { DocumentDetail } from '../../../shared/outline'
import { useSetJob } from '../../knowledge/use-set-job'
import { client, trpc } from '../../rpc/client'
import { go, hrefTo } from '../../shell/routes'
import { strings } from '../../strings'
import { day } from '../../ui/dates'
import { failureOf } from '../../ui/failure'
import { count, percent } from '../../ui/format'
import { Notice } from '../../ui/notice'
import { Term } from '../../ui/term'

const texts = strings.library

interface Props {
  readonly document: DocumentDetail
  readonly id: NodeId
  /** Of the part. */
  readonly state: CacheState
  readonly onLook: (id: NodeId) => void
}

export function NodeHits({ document, id, state, onLook }: Props) {
  const { data, error } = useQuery({
    // Read again once its state is another one: what a build has made since needs no mending.
    queryKey: [...trpc.hits.of.queryKey({ id }), state],
    queryFn: ({ signal }) => client.hits.of.query({ id }, { signal }),
    placeholderData: keepPreviousData,
  })
  return (
    <>
      <h3>{texts.reuse}</h3>
      {error && <Notice failure={failureOf(error)} />}
      {data?.times === 0 && <p className="dim">{texts.neverAsked}</p>}
      {data && data.times > 0 && (
        <>
          <div className="line">
            <span className="heat wide" data-asked="true" aria-hidden="true">
              <i style={{ width: `${Math.round((data.hitRate ?? 0) * 100)}%` }} />
            </span>
            <span>
              <Term name="hitRate">{texts.hitRate(percent(data.hitRate ?? 0))}</Term>
            </span>
            <span className="dim">{texts.takenTimes(count(data.times))}</span>
          </div>
          {data.misses.length > 0 && (
            <ol className="plain-list misses">
              {data.misses.map((miss) => (
                <Miss key={`${miss.query} ${miss.node}`} miss={miss} isSelf={miss.node === id} onLook={onLook} />
              ))}
            </ol>
          )}
          {data.mend ? (
            <Mend document={document} reason={data.mend} miss={data.misses[0]} />
          ) : (
            data.reasons.length > 0 && <p className="dim">{texts.mended}</p>
          )}
        </>
      )}
    </>
  )
}

function Miss({ miss, isSelf, onLook }: { readonly miss: PastMiss; readonly isSelf: boolean; readonly onLook: (id: NodeId) => void }) {
  return (
    <li>
      <div className="line">
        <a className="clip" href={hrefTo(`/query/${miss.query}`)} title={miss.question}>
          <bdi>{miss.question}</bdi>
        </a>
        <span className="push dim nowrap">{day(miss.askedAt)}</span>
      </div>
      <div className="dim">
        {!isSelf && (
          <>
            <button type="button" className="link" onClick={() => onLook(miss.node)}>
              {miss.node}
            </button>{' '}
          </>
        )}
        {strings.missReasons[miss.reason]}
      </div>
    </li>
  )
}

interface MendProps {
  readonly document: DocumentDetail
  readonly reason: ReasonRow
  readonly miss: PastMiss | undefined
}

function Mend({ document, reason, miss }: MendProps) {
  const job = useSetJob(document.set)
  const build = useMutation(trpc.build.mutationOptions())
  const isBuild = reason.mend === 'build'
  const run = (): void => {
    if (isBuild) build.mutate({ set: document.set, options: { documents: [document.id] } })
    else go(miss ? `/query/${miss.query}` : `/ask/${document.set}`)
  }
  return (
    <div className="mend">
      <p>{texts.mends[reason.mend]}</p>
      <button type="button" className="button primary small" disabled={isBuild && (job !== null || build.isPending)} onClick={run}>
        {isBuild && job ? strings.knowledge.building : texts.mendActions[reason.mend]}
      </button>
      {build.error && <Notice failure={failureOf(build.error)} />}
    </div>
  )
}
