/**
 * From the start of `kvasir serve` to the page's first control that can be used, in a fresh data folder and in a filled
 * one: medians of five, printed. The browser is open already, as a person's is.
 */
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { openWorkbench } from '../../src/main/workbench'
import { chromiumPath, noChromium, openBrowser, type Browser } from '../helpers/chromium'
import { startKvasir } from '../helpers/kvasir'

const TIMES = 5
const MAX_START_MS = 2000

interface Start {
  /** The address is printed. */
  readonly served: number
  /** A question can be typed. */
  readonly interactive: number
  /** Documents are shown; null where there are none yet. */
  readonly shown: number
}

async function start(browser: Browser, dataDir: string): Promise<Start> {
  const began = performance.now()
  const since = (): number => performance.now() - began
  const server = startKvasir(['serve', '--data-dir', dataDir])
  try {
    const [url] = await server.said(/http:\/\/\S+#token=\S+/)
    const served = since()
    const page = await browser.context.newPage()
    await page.goto(`${url}&to=/ask`)
    const palette = page.getByRole('button', { name: /^Search or run/ })
    await palette.waitFor()
    await palette.click({ trial: true })
    const interactive = since()
    await page.getByRole('treeitem').first().waitFor({ timeout: 60_000 })
    const shown = since()
    await page.close()
    return { served, interactive, shown }
  } finally {
    server.interrupt()
    await server.finished
  }
}

const median = (values: readonly number[]): number => values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? 0

function report(name: string, starts: readonly Start[]): Start {
  const of = (what: keyof Start): number => Math.round(median(starts.map((each) => each[what])))
  const result = { served: of('served'), interactive: of('interactive'), shown: of('shown') }
  console.log(`${name}: served after ${result.served} ms, interactive after ${result.interactive} ms, documents after ${result.shown} ms`)
  return result
}

it.skipIf(!chromiumPath)(`starts within two seconds${noChromium}`, async () => {
  const folder = await mkdtemp(join(tmpdir(), 'kvasir-start-'))
  await using browser = await openBrowser()
  try {
    const fresh: Start[] = []
    for (let time = 0; time < TIMES; time++) fresh.push(await start(browser, join(folder, `fresh${time}`)))
    const filled = join(folder, 'filled')
    {
      await using workbench = await openWorkbench({ dataDir: filled })
      const { id } = await workbench.sets.ensureSample()
      const files = Array.from({ length: 400 }, (_, at) => ({
        name: `paper-${at}.md`,
        text: `# Paper ${at}\n\n${`Vera Marsh wrote part ${at} of it in Oslo. `.repeat(60)}\n`,
      }))
      const job = await workbench.documents.addText(id, files)
      await workbench.jobs.finished(job.id)
      await Promise.all(workbench.jobs.list().map((each) => workbench.jobs.finished(each.id)))
    }
    const again: Start[] = []
    for (let time = 0; time < TIMES; time++) again.push(await start(browser, filled))
    const results = [report('fresh folder', fresh), report('filled folder', again)]
    for (const { interactive } of results) expect(interactive).toBeLessThan(MAX_START_MS)
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}, 600_000)
