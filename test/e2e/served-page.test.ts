/** `kvasir serve`'s page with the real workbench: WebSocket, engine host, demo model. */
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { startServer } from '../../src/main/rpc/http-server'
import { openWorkbench } from '../../src/main/workbench'
import { chromiumPath, noChromium, openBrowser } from '../helpers/chromium'
import { watchProblems } from './page-checks'
import { buildAndSync, cleanUp, explainMiss, firstRace } from './working-day'
import { firstMinute } from './workbench-flow'

it.skipIf(!chromiumPath)(
  `answers from the sample set in a browser${noChromium}`,
  async () => {
    const dataDir = await mkdtemp(join(tmpdir(), 'kvasir-served-'))
    try {
      await using workbench = await openWorkbench({ dataDir })
      await workbench.sets.ensureSample()
      await using server = await startServer(workbench)
      await using browser = await openBrowser({ colorScheme: 'light' })
      const page = await browser.context.newPage()
      const problems = watchProblems(page)
      await page.goto(server.url)
      await firstRace(page, true)
      await firstMinute(page, true)
      await buildAndSync(page, join(dataDir, 'team'))
      await explainMiss(page, true)
      await cleanUp(page, true)
      expect(problems).toEqual([])
    } finally {
      await rm(dataDir, { recursive: true, force: true })
    }
  },
  300_000,
)
