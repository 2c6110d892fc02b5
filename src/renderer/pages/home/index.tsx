/** The first page: one action for who is new, and for everybody else what happened lately and what wants doing. */
import './home.css'
import { useMutation, useQuery } from '@tanstack/react-query'
import { useEffect, useState } from 'react'
import type { Home, SetNeeds } from '../../../shared/home'
import type { SetSummary } from '../../../shared/knowledge'
import { queryClient, trpc } from '../../rpc/client'
import { useCommands } from '../../shell/commands'
import { pickSet } from '../../shell/current-set'
import { titleOf } from '../../shell/job-words'
import { PAGES } from '../../shell/pages'
import { go, hrefTo } from '../../shell/routes'
import { strings } from '../../strings'
import { lately } from '../../ui/dates'
import { failureOf, failureOfJob, inShort, type Failure } from '../../ui/failure'
import { duration, figure, percent, speed } from '../../ui/format'
import { Notice } from '../../ui/notice'
import { Term } from '../../ui/term'
import { Workspace } from '../../ui/workspace'

const texts = strings.home
const zone = Intl.DateTimeFormat().resolvedOptions().timeZone
/** Jobs and questions elsewhere change what is here. */
const READ_MS = 5000

export default function HomePage() {
  const { data: home, error } = useQuery(trpc.home.show.queryOptions({ zone }, { refetchInterval: READ_MS }))
  const first = useFirstRace()
  useCommands([{ id: 'home.race', title: texts.start, disabled: first.isOn, run: first.start }])
  return (
    <Workspace>
      <div className="home">
        <h2>{texts.hello}</h2>
        <FirstRace first={first} />
        {error && <Notice failure={failureOf(error)} action={{ label: strings.retry, run: () => void queryClient.invalidateQueries() }} />}
        {home && (
          <div className="home-parts">
            <div>
              <Today home={home} />
              <Questions home={home} />
            </div>
            <div>
              <Jobs />
              <Sets sets={home.sets} />
              <Models models={home.models} />
              <Next />
            </div>
          </div>
        )}
      </div>
    </Workspace>
  )
}

interface First {
  readonly isOn: boolean
  readonly done: number
  readonly total: number
  readonly failure: Failure | null
  readonly start: () => void
}

/** The sample is there and built; then the race begins by itself. */
function useFirstRace(): First {
  const [wanted, setWanted] = useState<string | null>(null)
  const { data: status } = useQuery(trpc.status.queryOptions())
  const sample = useMutation(
    trpc.sets.ensureSample.mutationOptions({
      onSuccess: async ({ id }) => {
        pickSet(id)
        await queryClient.invalidateQueries(trpc.status.queryFilter())
        setWanted(id)
      },
    }),
  )
  const own = (status?.jobs ?? []).filter(({ set }) => set === wanted && wanted !== null)
  const active = own.filter((job) => ['running', 'waiting', 'paused'].includes(job.status))
  const failed = active.length === 0 ? own.findLast((job) => job.status === 'failed') : undefined
  const isReady = wanted !== null && status !== undefined && active.length === 0 && !failed
  useEffect(() => {
    if (isReady) go('/race/demo')
  }, [isReady])
  const building = active.find(({ kind }) => kind === 'build')
  return {
    isOn: sample.isPending || (wanted !== null && !failed),
    done: building?.done ?? 0,
    total: building?.total ?? 0,
    failure: sample.error ? failureOf(sample.error) : failed?.error ? failureOfJob(failed.error) : null,
    start: () => {
      setWanted(null)
      sample.mutate()
    },
  }
}

function FirstRace({ first: { isOn, done, total, failure, start } }: { readonly first: First }) {
  const text = total > 0 ? texts.buildingOf(done, total) : texts.building
  return (
    <section aria-label={texts.start} className="home-first">
      <div className="line">
        <button type="button" className="button primary" disabled={isOn} onClick={start}>
          {texts.start}
        </button>
        <span>{isOn ? text : texts.startHint}</span>
      </div>
      {isOn && (
        <div className="progress" role="progressbar" aria-label={texts.building} aria-valuemin={0} aria-valuemax={Math.max(1, total)} aria-valuenow={done}>
          <i style={{ width: `${total > 0 ? (done / total) * 100 : 0}%` }} />
        </div>
      )}
      {failure && <Notice failure={{ ...failure, title: texts.failed }} action={{ label: texts.again, run: start }} />}
    </section>
  )
}

function Today({ home: { today } }: { readonly home: Home }) {
  if (!today) return null
  const { figures, saved } = today
  return (
    <section aria-label={texts.today} data-testid="today">
      <h3>{texts.today}</h3>
      <dl className="home-figures">
        <div>
          <dt>{texts.questions(figures.times)}</dt>
        </div>
        {figures.hitRate !== null && (
          <div>
            <dt>
              <b>{percent(figures.hitRate)}</b> <Term name="hitRate">{texts.hitRate}</Term>
            </dt>
            <dd className="dim">{texts.ofTokens(figure(figures.reused), figure(figures.tokens))}</dd>
          </div>
        )}
        {saved && (
          <div>
            <dt>
              <b>{duration(saved.seconds * 1000)}</b> {texts.saved}
            </dt>
            <dd className="dim">
              {texts.savedHow(
                figure(saved.tokens),
                strings.joins.groups(saved.speeds.map((each) => texts.speedOf(each.model, speed(each.tokensPerSecond), each.questions))),
              )}
            </dd>
          </div>
        )}
        {!saved && figures.reused > 0 && <dd className="dim">{texts.savedUnknown}</dd>}
      </dl>
    </section>
  )
}

function Questions({ home: { questions } }: { readonly home: Home }) {
  return (
    <section aria-label={texts.recent}>
      <h3>{texts.recent}</h3>
      {questions.length === 0 ? (
        <p className="dim">
          {texts.noQuestions}{' '}
          <a className="link" href={hrefTo('/ask')}>
            {texts.ask}
          </a>
        </p>
      ) : (
        <ul className="home-list">
          {questions.map((query) => (
            <li key={query.id}>
              <a href={hrefTo(`/query/${query.id}`)}>
                <bdi className="clip">{query.question}</bdi>
                <span className="dim clip">
                  {lately(query.askedAt)} · <bdi>{query.setName ?? query.set}</bdi> · {query.strategy} · {duration(query.ttftMs)}
                  {query.hitRate !== null && ` · ${percent(query.hitRate)}`}
                </span>
              </a>
            </li>
          ))}
        </ul>
      )}
    </section>
  )
}

/** What runs or waits now; the tray below has what can be done about it. */
function Jobs() {
  const { data: status } = useQuery(trpc.status.queryOptions())
  const jobs = (status?.jobs ?? []).filter((job) => ['running', 'waiting', 'paused'].includes(job.status))
  if (jobs.length === 0) return null
  return (
    <section aria-label={texts.jobs}>
      <h3>{texts.jobs}</h3>
      <ul className="home-list">
        {jobs.map((job) => (
          <li key={job.id} className="line">
            <span className="clip">{titleOf(job)}</span>
            <span className="dim push">
              {strings.jobStatus[job.status]}
              {job.total > 0 && ` · ${percent(job.done / job.total)}`}
            </span>
          </li>
        ))}
      </ul>
    </section>
  )
}

function Sets({ sets }: { readonly sets: readonly SetSummary[] }) {
  if (sets.length === 0) return null
  return (
    <section aria-label={texts.sets}>
      <h3>
        <Term name="set">{texts.sets}</Term>
      </h3>
      <ul className="home-list">
        {sets.map((set) => (
          <SetLine key={set.id} set={set} />
        ))}
      </ul>
    </section>
  )
}

/** Where the page of a set is: the library, where there is one. */
const SET_PAGE = PAGES.some(({ id }) => (id as string) === 'library') ? 'library' : 'ask'

function SetLine({ set }: { readonly set: SetSummary }) {
  const { data: needs, error } = useQuery(trpc.home.needs.queryOptions({ set: set.id }, { refetchInterval: READ_MS }))
  const refresh = { onSuccess: () => queryClient.invalidateQueries(trpc.home.pathFilter()) }
  const build = useMutation(trpc.build.mutationOptions(refresh))
  const sync = useMutation(trpc.documents.sync.run.mutationOptions(refresh))
  const open = (): void => {
    pickSet(set.id)
    go(`/${SET_PAGE}/${set.id}`)
  }
  const acts = { import: open, build: () => build.mutate({ set: set.id }), sync: () => sync.mutate({ set: set.id }), wait: open }
  const next = needs?.next
  const problem = error ?? build.error ?? sync.error
  return (
    <li>
      <div className="line">
        <button type="button" className="link clip" onClick={open}>
          <bdi>{set.name}</bdi>
        </button>
        <span className="dim clip">{needs && needsText(needs)}</span>
        {next && next !== 'wait' && (
          <button type="button" className="button small push" aria-label={texts.nextOf(texts.next[next], set.name)} onClick={acts[next]}>
            {texts.next[next]}
          </button>
        )}
        {next === 'wait' && <span className="dim push">{texts.next.wait}</span>}
      </div>
      {problem && <Notice failure={failureOf(problem)} />}
    </li>
  )
}

function needsText({ chunks, missing, stale, folders, next }: SetNeeds): string {
  const parts = [
    missing > 0 && texts.missing(missing),
    stale > 0 && texts.stale(stale),
    folders && folders.changed > 0 && texts.changed(folders.changed),
    folders?.problem && texts.folderProblem(inShort({ code: 'file.unreadable', text: folders.problem, detail: folders.said })),
    next === 'import' && texts.empty,
  ].filter(Boolean)
  return parts.length > 0 ? parts.join(' · ') : chunks > 0 ? texts.ready : ''
}

function Models({ models }: { readonly models: Home['models'] }) {
  const check = useMutation(
    trpc.models.check.mutationOptions({ onSuccess: () => queryClient.invalidateQueries(trpc.status.queryFilter()) }),
  )
  const { data: status } = useQuery(trpc.status.queryOptions())
  const isBusy = status?.jobs.some((job) => job.kind === 'check' && ['running', 'waiting', 'paused'].includes(job.status)) ?? false
  if (models.length === 0) return null
  return (
    <section aria-label={texts.models}>
      <h3>
        <Term name="model">{texts.models}</Term>
      </h3>
      <ul className="home-list">
        {models.map(({ id, verdict }) => (
          <li key={id} className="line">
            <bdi className="clip">{id}</bdi>
            <span className={verdict === false ? 'wrong' : 'dim'}>
              {verdict === null ? texts.unchecked : verdict ? texts.passed : texts.notPassed}
            </span>
            {verdict === null && (
              <button
                type="button"
                className="button small push"
                disabled={isBusy}
                aria-label={texts.checkOf(id)}
                onClick={() => check.mutate({ model: id })}
              >
                {texts.check}
              </button>
            )}
          </li>
        ))}
      </ul>
      {check.error && <Notice failure={failureOf(check.error)} />}
    </section>
  )
}

/** Of the pages that are there. */
function Next() {
  const links = Object.entries(texts.links).filter(([page]) => PAGES.some(({ id }) => (id as string) === page))
  return (
    <section aria-label={texts.onward}>
      <h3>{texts.onward}</h3>
      <ul className="home-list">
        {links.map(([page, text]) => (
          <li key={page}>
            <a className="link" href={hrefTo(`/${page}`)}>
              {text}
            </a>
          </li>
        ))}
      </ul>
    </section>
  )
}
