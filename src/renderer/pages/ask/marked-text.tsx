/** A chunk's text with the tokens marked that were computed again. */
import { useQuery } from '@tanstack/react-query'
import type { ChunkTrace } from '../../../shared/answer'
import type { NodeId } from '../../../shared/knowledge'
import { trpc } from '../../rpc/client'
import { strings } from '../../strings'
import { failureOf } from '../../ui/failure'
import { Notice } from '../../ui/notice'

const texts = strings.inspector

interface Props {
  readonly id: NodeId
  readonly recomputed: ChunkTrace['recomputed']
}

export function MarkedText({ id, recomputed }: Props) {
  return recomputed.length > 0 ? <Marked id={id} recomputed={recomputed} /> : <Plain id={id} />
}

function Plain({ id }: { readonly id: NodeId }) {
  const { data, error, isPending } = useQuery(trpc.documents.text.queryOptions({ id }))
  return (
    <>
      {isPending && <p className="dim">{texts.loading}</p>}
      {error && <Notice failure={failureOf(error)} />}
      {data !== undefined && (
        <div className="source-text" dir="auto">
          {data.trim()}
        </div>
      )}
    </>
  )
}

function Marked({ id, recomputed }: Props) {
  const { data, error, isPending } = useQuery(trpc.documents.tokens.queryOptions({ id }))
  const at = (token: number): number => (token === 0 ? 0 : (data?.ends[token - 1] ?? data?.text.length ?? 0))
  const pieces = recomputed.map(([from, to], index) => {
    const before = recomputed[index - 1]?.[1] ?? 0
    return { plain: data?.text.slice(at(before), at(from)), marked: data?.text.slice(at(from), at(to)) }
  })
  return (
    <>
      {isPending && <p className="dim">{texts.loading}</p>}
      {error && <Notice failure={failureOf(error)} />}
      {data && (
        <div className="source-text" dir="auto" data-testid="marked">
          {pieces.map(({ plain, marked }, index) => (
            <span key={index}>
              {plain}
              <mark className="again">{marked}</mark>
            </span>
          ))}
          {data.text.slice(at(recomputed.at(-1)?.[1] ?? 0)).trimEnd()}
        </div>
      )}
    </>
  )
}
