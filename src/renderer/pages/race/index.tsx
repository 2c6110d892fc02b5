/** Race: earlier ones at the left; lanes, clocks and what came of it in the middle. */
import './race.css'
import { useQuery } from '@tanstack/react-query'
import { useEffect, useState } from 'react'
import { useLanes, writtenQuestion } from '../../answers/race-draft'
import { useOutline } from '../../knowledge/outline'
import { useTaken } from '../../knowledge/use-taken'
import { connection, queryClient, trpc } from '../../rpc/client'
import { useCommands } from '../../shell/commands'
import { selectOf, useCurrentSet } from '../../shell/current-set'
import type { PageProps } from '../../shell/pages'
import { usePreference } from '../../shell/preferences'
import { go } from '../../shell/routes'
import { strings } from '../../strings'
import { Empty } from '../../ui/empty'
import { failureOf } from '../../ui/failure'
import { Notice } from '../../ui/notice'
import { useStore } from '../../ui/store'
import { Workspace } from '../../ui/workspace'
import { withLane } from './lane-fields'
import { Outcome } from './outcome'
import { PastRaces } from './past-races'
import { Phase } from './phase'
import { createRacing, isOn, type Racing } from './racing'
import { Setup, type Draft } from './setup'
import { fillScreen, Stage } from './stage'
import { Track } from './track'

const texts = strings.race
/** For as long as the window is open: a race goes on while another page, or a record, is looked at. */
const live = createRacing()
const recorded = createRacing()

export default function RacePage({ rest: [place = ''] }: PageProps) {
  const id = /^[1-9]\d{0,14}$/.test(place) ? Number(place) : null
  const { sets, error, set, pick, selection, select } = useCurrentSet()
  const outline = useOutline(set?.id ?? '')
  const { sums } = useTaken(set?.id ?? '')
  const record = useQuery(trpc.races.get.queryOptions({ id: id ?? 0 }, { enabled: id !== null }))
  const online = useStore(connection, ({ state }) => state !== 'lost')
  const question = useStore(writtenQuestion, (state) => state.question)
  const [lanes, setLanes] = useLanes()
  const [repetitions, setRepetitions] = usePreference<number>('race.repetitions', 1)
  const [warmUp, setWarmUp] = usePreference<boolean>('race.warmUp', true)
  const [staged, setStaged] = useState(false)
  const racing = id === null ? live : recorded
  const on = useStore(racing.state, isOn)
  const liveOn = useStore(live.state, isOn)
  const hasRace = useStore(racing.state, ({ runners }) => runners.length > 0)

  const onDraft = (change: Partial<Draft>): void => {
    if (change.question !== undefined) writtenQuestion.set({ question: change.question })
    if (change.lanes) setLanes([...change.lanes])
    if (change.repetitions !== undefined) setRepetitions(change.repetitions)
    if (change.warmUp !== undefined) setWarmUp(change.warmUp)
  }
  const ready = online && set !== null && question.trim() !== '' && !liveOn
  const start = (): void => {
    if (!ready || !set) return
    go('/race')
    void live.run({ set: set.id, question: question.trim(), selection, lanes: [...lanes], repetitions, warmUp })
  }
  const demo = (): void => {
    go('/race', { replace: true })
    if (isOn(live.state.get())) return
    let chosen = ''
    void live.runDemo({
      onSet: (sample) => pick((chosen = sample)),
      onQuestion: ({ question: first, include }) => {
        writtenQuestion.set({ question: first })
        selectOf(chosen, { include: [...include], exclude: [] })
      },
    })
  }
  const data = record.data
  const replay = (speed: number): void => {
    if (data) void recorded.replay(data, speed)
  }
  const again = (): void => {
    const { request } = racing.state.get()
    if (id !== null) replay(1)
    else if (request) void live.run(request)
    else start()
  }
  const edit = (): void => {
    const { request } = recorded.state.get()
    if (!request || !data) return
    onDraft(request)
    selectOf(data.set, request.selection)
    pick(data.set)
    go('/race')
  }
  const stage = (): void => void fillScreen().then(() => setStaged(true))

  useEffect(() => {
    if (place === 'demo') demo()
  })
  useEffect(() => {
    if (data) void recorded.replay(data, Infinity)
    return () => recorded.stop()
  }, [data])
  useCommands([
    { id: 'race.start', title: texts.start, keys: 'mod+Enter', disabled: !ready || id !== null, run: start },
    { id: 'race.cancel', title: texts.cancel, keys: 'Escape', disabled: !on, run: racing.stop },
    { id: 'race.stage', title: texts.stage, keys: 'mod+shift+F', disabled: !hasRace, run: stage },
    { id: 'race.lane', title: texts.add, disabled: id !== null, run: () => onDraft({ lanes: withLane(lanes) }) },
    { id: 'race.demo', title: texts.demo, disabled: liveOn || !online, run: demo },
    { id: 'race.edit', title: texts.edit, disabled: !data, run: edit },
    { id: 'race.replay', title: texts.replayAt(texts.speeds.real), disabled: !data, run: () => replay(1) },
    { id: 'race.replayFast', title: texts.replayAt(texts.speeds.fast), disabled: !data, run: () => replay(4) },
    { id: 'race.replayAtOnce', title: texts.replayAt(texts.speeds.atOnce), disabled: !data, run: () => replay(Infinity) },
  ])

  const problem = error ?? outline.error
  return (
    <Workspace listLabel={texts.past} list={<PastRaces shown={id} />}>
      <div className="line">
        <h2>{texts.title}</h2>
        <span className="dim clip" title={texts.how}>
          {texts.how}
        </span>
        {hasRace && (
          <button type="button" className="button small push" onClick={stage}>
            {texts.stage}
          </button>
        )}
      </div>
      {problem && (
        <Notice
          failure={failureOf(problem)}
          action={{ label: strings.retry, run: () => void queryClient.invalidateQueries() }}
        />
      )}
      {id === null ? (
        <>
          {on ? (
            <Running racing={live} />
          ) : (
            set && (
              <Setup
                draft={{ question, lanes, repetitions, warmUp }}
                onDraft={onDraft}
                setId={set.id}
                suggestions={outline.data?.suggestions ?? []}
                selected={sums}
                onSelection={select}
                ready={ready}
                onStart={start}
              />
            )
          )}
          {!on && sets?.length === 0 && (
            <Empty title={texts.demoTitle} hint={texts.demoHint} action={{ label: texts.demo, run: demo, busy: !online }} />
          )}
          {!on && set && !hasRace && <p className="dim idle-hint">{texts.idle}</p>}
        </>
      ) : (
        <>
          {record.error && <Notice failure={failureOf(record.error)} />}
          {record.isPending && <p className="dim">{texts.loading}</p>}
          {liveOn && (
            <p>
              <a href="#/race">{texts.backToLive}</a>
            </p>
          )}
          {data && (
            <>
              <p className="raced-question">
                <bdi>{data.question}</bdi>
              </p>
              <div className="line wrap actions" role="group" aria-label={texts.replay}>
                <span className="dim">{texts.replay}</span>
                {([['real', 1], ['fast', 4], ['atOnce', Infinity]] as const).map(([name, speed]) => (
                  <button
                    key={name}
                    type="button"
                    className="button small"
                    aria-label={texts.replayAt(texts.speeds[name])}
                    onClick={() => replay(speed)}
                  >
                    {texts.speeds[name]}
                  </button>
                ))}
                {on && (
                  <button type="button" className="button small" onClick={recorded.stop}>
                    {texts.cancel}
                  </button>
                )}
                <button type="button" className="button small push" onClick={edit}>
                  {texts.edit}
                </button>
              </div>
            </>
          )}
        </>
      )}
      <Failed racing={racing} />
      <Phase racing={racing} />
      <Track racing={racing} />
      <Outcome racing={racing} />
      {staged && <Stage racing={racing} onAgain={again} onLeave={() => setStaged(false)} />}
    </Workspace>
  )
}

/** While it runs, its question stands where it was written. */
function Running({ racing }: { readonly racing: Racing }) {
  const question = useStore(racing.state, ({ request }) => request?.question ?? '')
  return (
    <div className="line running">
      <p className="raced-question">
        <bdi>{question}</bdi>
      </p>
      <button type="button" className="button push" onClick={racing.stop}>
        {texts.cancel} <kbd className="keys">Esc</kbd>
      </button>
    </div>
  )
}

function Failed({ racing }: { readonly racing: Racing }) {
  const failure = useStore(racing.state, (state) => state.failure)
  return failure && <Notice failure={failure} />
}
