/** Versions of a document: when each came, and which sections changed from the one before. */
import { useQuery } from '@tanstack/react-query'
import type { NodeId } from '../../shared/knowledge'
import { trpc } from '../rpc/client'
import { strings } from '../strings'
import { moment } from '../ui/dates'
import { failureOf } from '../ui/failure'
import { Notice } from '../ui/notice'

const texts = strings.versions
const MOST_SHOWN = 12

export function Versions({ id }: { readonly id: NodeId }) {
  const list = useQuery(trpc.documents.versions.queryOptions({ id }, { gcTime: 0 }))
  if (list.error) return <Notice failure={failureOf(list.error)} />
  if (!list.data) return null
  return (
    <>
      <h3>{texts.title}</h3>
      <ol className="versions">
        {list.data.map(({ number, isCurrent, importedAt, changes, changesLeftOut }) => (
          <li key={number}>
            <div>
              {texts.version(number, isCurrent)} <span className="dim">{moment(importedAt)}</span>
            </div>
            {number > 1 && changes.length === 0 && <div className="dim">{texts.nothing}</div>}
            {changes.slice(0, MOST_SHOWN).map(({ title, change }, index) => (
              <div key={index} className="dim">
                {strings.joins.of(texts.changes[change], '')}
                <bdi>{title}</bdi>
              </div>
            ))}
            {changes.length + changesLeftOut > MOST_SHOWN && (
              <div className="dim">{texts.more(changes.length + changesLeftOut - MOST_SHOWN)}</div>
            )}
          </li>
        ))}
      </ol>
    </>
  )
}
