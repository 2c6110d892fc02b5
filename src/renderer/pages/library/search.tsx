/** Full-text search in a set: passages with the words marked; a click shows one from near. */
import { keepPreviousData, useQuery } from '@tanstack/react-query'
import { useDeferredValue, useEffect, useRef, useState } from 'react'
import type { NodeId } from '../../../shared/knowledge'
import { Passage } from '../../knowledge/passage'
import { trpc } from '../../rpc/client'
import { useCommands } from '../../shell/commands'
import { strings } from '../../strings'
import { failureOf } from '../../ui/failure'
import { Notice } from '../../ui/notice'

const texts = strings.library
const MOST = 50
/** A word on its way is not looked for letter by letter. */
const PAUSE_MS = 200

interface BoxProps {
  readonly query: string
  readonly onQuery: (query: string) => void
}

export function SearchBox({ query, onQuery }: BoxProps) {
  const box = useRef<HTMLInputElement>(null)
  useCommands([{ id: 'library.search', title: texts.searchIn, keys: 'mod+F', run: () => box.current?.focus() }])
  return (
    <div className="line">
      <input
        ref={box}
        type="search"
        className="field"
        aria-label={texts.searchIn}
        placeholder={texts.searchIn}
        value={query}
        maxLength={1000}
        onChange={(event) => onQuery(event.currentTarget.value)}
        onKeyDown={(event) => event.key === 'Escape' && onQuery('')}
      />
    </div>
  )
}

interface ResultsProps {
  readonly set: string
  readonly query: string
  readonly looked: NodeId | null
  readonly onLook: (id: NodeId) => void
}

export function SearchResults({ set, query, looked, onLook }: ResultsProps) {
  const wanted = useDeferredValue(usePaused(query.trim()))
  const { data, error, isPending } = useQuery(
    trpc.documents.search.queryOptions(
      { set, query: wanted, options: { limit: MOST } },
      { enabled: wanted !== '', placeholderData: keepPreviousData },
    ),
  )
  if (error) return <Notice failure={failureOf(error)} />
  if (isPending) return <p className="dim">{texts.searching}</p>
  return (
    <>
      <p className="dim" role="status">
        {data.length === 0 ? texts.noHits : data.length === MOST ? texts.firstHits(MOST) : texts.hits(data.length)}
      </p>
      <ol className="plain-list hits" aria-label={texts.results}>
        {data.map((hit) => (
          <li key={hit.id}>
            <button type="button" className="hit" aria-current={hit.id === looked} onClick={() => onLook(hit.id)}>
              <span className="line">
                <span className="clip" title={strings.strip.place(hit.title, hit.section)}>
                  <b>
                    <bdi>{hit.title}</bdi>
                  </b>
                  {hit.section !== hit.title && (
                    <>
                      {' › '}
                      <bdi>{hit.section}</bdi>
                    </>
                  )}
                </span>
                <span className="push dim">{hit.page === null ? hit.id : texts.page(hit.page)}</span>
              </span>
              <span className="passage" dir="auto">
                <Passage hit={hit} />
              </span>
            </button>
          </li>
        ))}
      </ol>
    </>
  )
}

function usePaused(value: string): string {
  const [paused, setPaused] = useState(value)
  useEffect(() => {
    const timer = setTimeout(() => setPaused(value), PAUSE_MS)
    return () => clearTimeout(timer)
  }, [value])
  return paused
}
