/** Earlier questions of the set, newest first, each a link to itself. */
import { useInfiniteQuery } from '@tanstack/react-query'
import type { PastQuery } from '../../../shared/hits'
import { strategyLabel } from '../../answers/strategy-label'
import { client, trpc } from '../../rpc/client'
import { hrefTo } from '../../shell/routes'
import { strings } from '../../strings'
import { lately } from '../../ui/dates'
import { failureOf } from '../../ui/failure'
import { duration, percent } from '../../ui/format'
import { Notice } from '../../ui/notice'

const texts = strings.past
const PAGE = 40

export function HistoryList({ set, shown }: { readonly set: string; readonly shown: number | null }) {
  const pages = useInfiniteQuery({
    queryKey: [...trpc.hits.history.queryKey({ set }), 'pages'],
    queryFn: ({ pageParam }) => client.hits.history.query({ set, limit: PAGE, ...(pageParam > 0 && { before: pageParam }) }),
    initialPageParam: 0,
    getNextPageParam: (last: PastQuery[]) => (last.length < PAGE ? undefined : last.at(-1)?.id),
  })
  const queries = pages.data?.pages.flat()
  return (
    <>
      {pages.isPending && <p className="dim">{texts.loading}</p>}
      {pages.error && <Notice failure={failureOf(pages.error)} />}
      {queries?.length === 0 && <p className="dim">{texts.none}</p>}
      <ul className="history">
        {queries?.map((query) => (
          <li key={query.id}>
            <a href={hrefTo(`/query/${query.id}`)} aria-current={query.id === shown ? 'page' : undefined}>
              <span className="clip" title={query.question}>
                <bdi>{query.question}</bdi>
              </span>
              <span className="dim clip">{figuresOf(query)}</span>
            </a>
          </li>
        ))}
      </ul>
      {pages.hasNextPage && (
        <button type="button" className="link" disabled={pages.isFetching} onClick={() => void pages.fetchNextPage()}>
          {texts.older}
        </button>
      )}
    </>
  )
}

function figuresOf({ askedAt, strategy, ttftMs, hitRate, generatedTokens }: PastQuery): string {
  return [
    lately(askedAt),
    texts.figures(strategyLabel(strategy), duration(ttftMs)),
    ...(hitRate === null ? [] : [texts.hitRate(percent(hitRate))]),
    ...(generatedTokens === null ? [texts.stopped] : []),
  ].join(' · ')
}
