import '@mantine/core/styles.layer.css'
import './tokens.css'
import './page.css'
import './pages/ask/ask.css'
import { MantineProvider } from '@mantine/core'
import { QueryClientProvider } from '@tanstack/react-query'
import { StrictMode } from 'react'
import { createRoot } from 'react-dom/client'
import { AskPage } from './pages/ask/ask-page'
import { connection, queryClient } from './rpc/client'
import { Refused } from './shell/connection'
import { cssVariablesResolver, styleNonce, theme } from './theme'
import { ErrorBoundary } from './ui/error-boundary'
import { useStore } from './ui/store'

function App() {
  const refused = useStore(connection, ({ state }) => state === 'refused')
  return refused ? <Refused /> : <AskPage />
}

/** Shows the page; its language is loaded. */
export function start(root: HTMLElement): void {
  createRoot(root).render(
    <StrictMode>
      <MantineProvider
        theme={theme}
        cssVariablesResolver={cssVariablesResolver}
        getStyleNonce={styleNonce}
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
