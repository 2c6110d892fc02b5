/** A past question, shown from its record by what shows a fresh one. */
import { useQuery } from '@tanstack/react-query'
import { useMemo } from 'react'
import type { WholeQuery } from '../../../shared/hits'
import type { NodeId } from '../../../shared/knowledge'
import { pastAsking, type Asking } from '../../answers/asking'
import { raceThis } from '../../answers/race-draft'
import { strategyLabel } from '../../answers/strategy-label'
import { trpc } from '../../rpc/client'
import { useCommands } from '../../shell/commands'
import { hrefTo } from '../../shell/routes'
import { strings } from '../../strings'
import { lately } from '../../ui/dates'
import { failureOf } from '../../ui/failure'
import { duration, percent } from '../../ui/format'
import { Notice } from '../../ui/notice'
import { Result } from './result'

const texts = strings.past

export interface Past {
  readonly whole: WholeQuery | undefined
  readonly error: { readonly message: string } | null
  /** Its record as a lane; idle where it is not kept whole. */
  readonly asking: Asking
}

export function usePast(id: number | null): Past {
  const { data, error } = useQuery(
    trpc.hits.query.queryOptions({ id: id ?? 1 }, { enabled: id !== null, staleTime: Infinity }),
  )
  const asking = useMemo(() => pastAsking(data ?? null), [data])
  return { whole: data, error, asking }
}

interface Props {
  readonly past: Past
  readonly looked: NodeId | null
  readonly onLook: (id: NodeId) => void
  /** Null where its set is gone. */
  readonly onAgain: (() => void) | null
}

export function PastQuestion({ past: { whole, error, asking }, looked, onLook, onAgain }: Props) {
  const request = onAgain === null ? null : (whole?.request ?? null)
  const race = (): void => {
    // By its id: a command line may have asked it by name.
    if (request && whole) raceThis({ ...request, set: whole.query.set })
  }
  useCommands([
    { id: 'ask.race', title: strings.askCommands.race, disabled: !request, run: race },
    { id: 'ask.again', title: strings.askCommands.again, disabled: !request, run: () => onAgain?.() },
  ])
  if (error) return <Notice failure={failureOf(error)} />
  if (!whole) return <p className="dim">{texts.loading}</p>
  const { query, answer } = whole
  return (
    <>
      <div className="line wrap">
        <h2>{texts.title(query.id)}</h2>
        <span className="dim">
          {query.setName === null
            ? texts.askedRemoved(lately(query.askedAt))
            : texts.asked(lately(query.askedAt), query.setName)}
        </span>
        <a className="link push" href={hrefTo('/ask')}>
          {texts.back}
        </a>
      </div>
      <blockquote className="past-question">
        <bdi>{query.question}</bdi>
      </blockquote>
      <div className="line">
        {request && (
          <>
            <button type="button" className="button primary" onClick={() => onAgain?.()}>
              {texts.again}
            </button>
            <button type="button" className="button" title={strings.ask.raceHint} onClick={race}>
              {strings.ask.race}
            </button>
          </>
        )}
        <span className="dim">
          {texts.figures(strategyLabel(query.strategy), duration(query.ttftMs))}
          {query.hitRate !== null && ` · ${texts.hitRate(percent(query.hitRate))}`}
        </span>
      </div>
      {answer ? <Result asking={asking} looked={looked} onLook={onLook} isPast /> : <p>{texts.onlyFigures}</p>}
    </>
  )
}
