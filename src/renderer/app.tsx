import '@mantine/core/styles.layer.css'
import '@mantine/notifications/styles.layer.css'
import './tokens.css'
import './page.css'
import './shell/shell.css'
import './knowledge/knowledge.css'
import './answers/answers.css'
import { MantineProvider } from '@mantine/core'
import { QueryClientProvider } from '@tanstack/react-query'
import { StrictMode } from 'react'
import { createRoot } from 'react-dom/client'
import { connection, queryClient } from './rpc/client'
import { watchCrashes } from './rpc/crashes'
import { Refused } from './shell/connection'
import { Frame } from './shell/frame'
import { themeManager } from './shell/theme-choice'
import { cssVariablesResolver, styleNonce, theme } from './theme'
import { ErrorBoundary } from './ui/error-boundary'
import { useStore } from './ui/store'

function App() {
  const refused = useStore(connection, ({ state }) => state === 'refused')
  return refused ? <Refused /> : <Frame />
}

/** Shows the page; its language and its preferences are loaded. */
export function start(root: HTMLElement): void {
  watchCrashes()
  createRoot(root).render(
    <StrictMode>
      <MantineProvider
        theme={theme}
        cssVariablesResolver={cssVariablesResolver}
        getStyleNonce={styleNonce}
        colorSchemeManager={themeManager}
        defaultColorScheme="auto"
      >
        <QueryClientProvider client={queryClient}>
          <ErrorBoundary>
            <App />
          </ErrorBoundary>
        </QueryClientProvider>
      </MantineProvider>
    </StrictMode>,
  )
}
