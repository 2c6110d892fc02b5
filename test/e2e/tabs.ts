/** A browser for a file of tests, a fresh tab for each test, and what it looks at. */
import type { BrowserContext, BrowserContextOptions, Page } from 'playwright'
import { afterAll, afterEach, beforeAll, beforeEach } from 'vitest'
import { startServer, type RunningServer, type ServeOptions } from '../../src/main/rpc/http-server'
import type { Workbench } from '../../src/shared/workbench'
import { openBrowser, type Browser } from '../helpers/chromium'
import { watchProblems } from './page-checks'

export interface Tabs {
  /** Of the test that runs. */
  readonly page: Page
  /** What the page complained of. */
  readonly problems: string[]
  /** For further tabs. */
  readonly context: BrowserContext
  /** What is served now. */
  readonly server: RunningServer
  /** Until the test ends, or another one is served: then at the same address, where the page's code is compiled already. */
  serve(workbench: Workbench, options?: ServeOptions): Promise<void>
  /** As when its program ends. */
  stop(): Promise<void>
}

/** Called in a suite, before it has hooks of its own. */
export function useTabs(options: BrowserContextOptions = {}): Tabs {
  let browser: Browser
  let server: RunningServer | null = null
  let port = 0
  let page: Page
  let problems: string[]
  beforeAll(async () => {
    browser = await openBrowser({ colorScheme: 'light', ...options })
  })
  afterAll(() => browser?.[Symbol.asyncDispose]())
  beforeEach(async () => {
    page = await browser.context.newPage()
    problems = watchProblems(page)
  })
  const stop = async (): Promise<void> => {
    await server?.close()
    server = null
  }
  afterEach(async () => {
    await page.close()
    await stop()
  })
  return {
    get page() {
      return page
    },
    get problems() {
      return problems
    },
    get context() {
      return browser.context
    },
    get server() {
      if (!server) throw new Error('Nothing is served.')
      return server
    },
    serve: async (workbench, options) => {
      await stop()
      // Somebody else may have taken the port meanwhile.
      server = await startServer(workbench, { port, ...options }).catch(() => startServer(workbench, options))
      port = server.port
    },
    stop,
  }
}
