/** The frame around every page: header, rail, the page, status bar. */
import { Notifications } from '@mantine/notifications'
import { Suspense, useEffect } from 'react'
import { Imports } from '../knowledge/imports'
import { strings } from '../strings'
import { ErrorBoundary } from '../ui/error-boundary'
import { useStore } from '../ui/store'
import { bridge } from '../rpc/client'
import { useChanges } from './changes'
import { useCommands } from './commands'
import { ConnectionBanner } from './connection'
import { Header } from './header'
import { useEngineNews } from './engine-news'
import { useKeys } from './keys'
import { useLanguageCommands } from './language'
import { PAGES } from './pages'
import { Palette } from './palette'
import { Rail } from './rail'
import { usePlace } from './routes'
import { StatusBar } from './status-bar'
import { useThemeCommands } from './theme-choice'
import { undoable, undoLast } from './undo'
import { useJobs } from './use-jobs'
import { WindowEvents } from './window-events'

export function Frame() {
  useJobs()
  useKeys()
  useThemeCommands()
  useLanguageCommands()
  useChanges()
  useEngineNews()
  const last = useStore(undoable, ({ list }) => list.at(-1) ?? null)
  useCommands([
    {
      id: 'undo',
      title: last ? strings.undo.what(last.text) : strings.undo.undo,
      keys: 'mod+Z',
      disabled: last === null,
      run: () => void undoLast(),
    },
  ])
  const { page, rest } = usePlace()
  const { Page } = PAGES.find(({ id }) => id === page) ?? PAGES[0]
  useEffect(() => {
    document.title = `${strings.pages[page]} – ${strings.product}`
  }, [page])
  return (
    <div className="app">
      <Header />
      <ConnectionBanner />
      <Rail />
      <ErrorBoundary key={page}>
        <Suspense fallback={<main className="panel centre" aria-busy="true" />}>
          <Page rest={rest} />
        </Suspense>
      </ErrorBoundary>
      <StatusBar />
      <Imports />
      <Palette />
      {bridge && <WindowEvents />}
      <Notifications position="bottom-right" limit={4} transitionDuration={0} containerWidth={380} />
    </div>
  )
}
