/** Parts that a search for the question finds: those that stay ticked are what is asked. */
import { keepPreviousData, useQuery } from '@tanstack/react-query'
import { useDebouncedValue } from '@mantine/hooks'
import type { NodeId, SearchHit, Selection } from '../../../shared/knowledge'
import { Passage } from '../../knowledge/passage'
import { offTest } from '../../knowledge/selection'
import { trpc } from '../../rpc/client'
import { strings } from '../../strings'
import { failureOf, type Failure } from '../../ui/failure'
import { Notice } from '../../ui/notice'
import type { Draft } from './draft'

const texts = strings.proposal
const MOST = 12
const PAUSE_MS = 300

export interface Proposed {
  /** Null while they are searched. */
  readonly hits: readonly SearchHit[] | null
  readonly failure: Failure | null
}

/** Of what is selected, the parts in which the question's words stand; best first. */
export function useProposed(set: string, { question, proposing }: Draft, selection: Selection): Proposed {
  const [query] = useDebouncedValue(question.trim(), PAUSE_MS)
  const { data, error } = useQuery(
    trpc.documents.search.queryOptions(
      { set, query, options: { limit: MOST } },
      { enabled: proposing && query !== '', placeholderData: keepPreviousData },
    ),
  )
  const isOff = offTest(selection)
  const hits = data?.filter(({ id }) => !isOff(id)) ?? null
  return { hits: query === '' ? [] : hits, failure: error ? failureOf(error) : null }
}

/** What is asked with them: only what stays ticked. */
export function selectionOf({ hits }: Proposed, { struck }: Draft, selected: Selection): Selection {
  return { include: (hits ?? []).filter(({ id }) => !struck.has(id)).map(({ id }) => id), exclude: selected.exclude }
}

interface Props {
  readonly proposed: Proposed
  readonly draft: Draft
  readonly onStrike: (struck: ReadonlySet<NodeId>) => void
  readonly onLook: (id: NodeId) => void
  readonly onCancel: () => void
}

export function Proposals({ proposed, draft, onStrike, onLook, onCancel }: Props) {
  const { hits, failure } = proposed
  const taken = (hits ?? []).filter(({ id }) => !draft.struck.has(id))
  const toggle = (id: NodeId): void => onStrike(draft.struck.symmetricDifference(new Set([id])))
  return (
    <fieldset className="proposals">
      <legend>
        {texts.title}{' '}
        <span className="dim">
          {hits === null ? texts.searching : texts.tokens(taken.length, taken.reduce((sum, { tokens }) => sum + tokens, 0))}
          {' · '}
          {texts.hint}
        </span>
      </legend>
      {failure && <Notice failure={failure} />}
      {hits?.length === 0 && <p className="dim">{texts.none}</p>}
      {(hits ?? []).map((hit) => {
        const place = placeOf(hit)
        return (
          <div key={hit.id} className="proposed">
            <input
              type="checkbox"
              aria-label={texts.take(place)}
              checked={!draft.struck.has(hit.id)}
              onChange={() => toggle(hit.id)}
            />
            <button type="button" className="proposed-text" onClick={() => onLook(hit.id)}>
              <b className="clip">
                <bdi>{place}</bdi>
              </b>
              <span className="snippet dim">
                <Passage hit={hit} />
              </span>
            </button>
            <span className="dim">{hit.tokens}</span>
          </div>
        )
      })}
      <button type="button" className="link" onClick={onCancel}>
        {texts.cancel}
      </button>
    </fieldset>
  )
}

function placeOf({ title, section, page }: SearchHit): string {
  const place = strings.strip.place(title, section)
  return page === null ? place : strings.joins.clauses(place, texts.page(page))
}
