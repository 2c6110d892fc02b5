/** Earlier races with their ratios; each can be looked at, replayed, removed. */
import { useMutation, useQuery } from '@tanstack/react-query'
import { X } from 'lucide-react'
import type { RaceSummary } from '../../../shared/race'
import { client, queryClient, trpc } from '../../rpc/client'
import { go, hrefTo } from '../../shell/routes'
import { offerUndo } from '../../shell/undo'
import { strings } from '../../strings'
import { moment } from '../../ui/dates'
import { failureOf } from '../../ui/failure'
import { percent, ratio } from '../../ui/format'
import { Notice } from '../../ui/notice'
import { laneLabel } from './lane-label'

const texts = strings.race

export function PastRaces({ shown }: { readonly shown: number | null }) {
  const { data, error } = useQuery(trpc.races.list.queryOptions())
  const remove = useMutation(
    trpc.races.remove.mutationOptions({
      onSuccess: (_, { id }) => {
        if (id === shown) go('/race')
        const question = data?.find((race) => race.id === id)?.question ?? ''
        offerUndo(texts.removed(question), () => client.races.restore.mutate({ id }).then(refresh))
        return refresh()
      },
    }),
  )
  const problem = error ?? remove.error
  return (
    <>
      <h2>{texts.past}</h2>
      {problem && <Notice failure={failureOf(problem)} />}
      {data?.length === 0 && <p className="dim">{texts.noPast}</p>}
      <ul className="past-races">
        {data?.map((race) => (
          <PastRace key={race.id} race={race} current={race.id === shown} onRemove={() => remove.mutate({ id: race.id })} />
        ))}
      </ul>
    </>
  )
}

interface Props {
  readonly race: RaceSummary
  readonly current: boolean
  readonly onRemove: () => void
}

function PastRace({ race, current, onRemove }: Props) {
  const { id, question, best, lanes, runAt, setName } = race
  const lane = lanes[best.lane]
  return (
    <li className="past-race" data-current={current}>
      <a href={hrefTo(`/race/${id}`)} aria-current={current ? 'page' : undefined}>
        <span className="clip" title={question}>
          <bdi>{question}</bdi>
        </span>
        <span className="line dim">
          <b className={best.ttft >= 1 ? 'good' : 'bad'}>{ratio(best.ttft)}</b>
          <span className="clip">{lane && laneLabel(lane)}</span>
          <span className="push">{texts.bestAgrees(percent(best.share))}</span>
        </span>
        <span className="dim clip">
          <bdi>{setName}</bdi> · {moment(runAt)}
        </span>
      </a>
      <button type="button" className="icon" aria-label={texts.removeRace(question)} title={texts.remove} onClick={onRemove}>
        <X size={13} aria-hidden="true" />
      </button>
    </li>
  )
}

async function refresh(): Promise<void> {
  await queryClient.invalidateQueries(trpc.races.pathFilter())
}
