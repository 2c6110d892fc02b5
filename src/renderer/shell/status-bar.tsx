/** What the workbench is doing: engine, what is loaded and stored, today's hit rate, jobs. */
import { useQuery } from '@tanstack/react-query'
import type { Status } from '../../shared/workbench'
import { client, connection, trpc } from '../rpc/client'
import { strings } from '../strings'
import { failureOf } from '../ui/failure'
import { bytes, count, percent } from '../ui/format'
import { useStore } from '../ui/store'
import { engineEnd } from './engine-end'
import { JobsTray } from './jobs-tray'

const texts = strings.status

export function StatusBar() {
  const status = useQuery(trpc.status.queryOptions(undefined, { refetchInterval: REFRESH_MS }))
  // What was true before says nothing about now.
  const lost = useStore(connection, ({ state }) => state === 'lost')
  return (
    <footer className="bar">
      {lost ? (
        <span className="wrong">{strings.connection.offline}</span>
      ) : (
        <>
          {status.error && <span className="wrong clip">{failureOf(status.error).text}</span>}
          {status.data && <Facts status={status.data} />}
        </>
      )}
    </footer>
  )
}

/** Engine state has no subscription of its own; jobs do (`use-jobs.ts`). */
const REFRESH_MS = 2000
/** Questions of other windows and of the command line count as well. */
const TODAY_MS = 20_000

function Facts({ status }: { readonly status: Status }) {
  const { engine, store, jobs } = status
  return (
    <>
      <span title={engineEnd(engine) || undefined}>{strings.engineStates[engine.state]}</span>
      {engine.loaded && <span className="clip">{texts.loaded(engine.loaded.name, engine.loaded.device)}</span>}
      {engine.loaded && <span className="wide">{texts.weights(bytes(engine.loaded.weightBytes))}</span>}
      <span>{texts.store(bytes(store.bytes), store.entries)}</span>
      {engine.memory !== null && engine.memory.bytes > 0 && (
        <span className="wide" title={texts.memoryOf(bytes(engine.memory.budgetBytes))}>
          {texts.memory(bytes(engine.memory.bytes))}
        </span>
      )}
      {store.quarantined > 0 && <span className="bad">{texts.quarantined(store.quarantined)}</span>}
      {engine.restarts > 0 && (
        <span className="bad" title={engineEnd(engine) || undefined}>
          {texts.restarts(engine.restarts)}
        </span>
      )}
      <Today />
      <span className="push" />
      <JobsTray jobs={jobs} />
    </>
  )
}

/** Of all sets, since midnight here. */
function Today() {
  const { data } = useQuery({
    // Read again with whatever else questions change.
    queryKey: [...trpc.hits.report.pathKey(), 'today'],
    queryFn: () => client.hits.report.query({ by: 'reason', since: midnight().toISOString() }),
    refetchInterval: TODAY_MS,
  })
  if (!data) return null
  const { hitRate, reused, tokens } = data.total
  return (
    <span title={hitRate === null ? texts.todayNone : texts.todayOf(count(reused), count(tokens))}>
      {texts.today(hitRate === null ? '–' : percent(hitRate))}
    </span>
  )
}

function midnight(): Date {
  const now = new Date()
  return new Date(now.getFullYear(), now.getMonth(), now.getDate())
}
