/** Words that a page takes for granted are explained where they first stand, by pointer and by key. No engine. */
import { readFile } from 'node:fs/promises'
import type { Page } from 'playwright'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { parseReport } from '../../src/main/bench/report-file'
import { startServer, type RunningServer } from '../../src/main/rpc/http-server'
import { chromiumPath, noChromium, openBrowser, type Browser } from '../helpers/chromium'
import { fakeWorkbench, type FakeWorkbench } from '../helpers/fake-workbench'
import { expectAccessible, watchProblems } from './page-checks'

describe.skipIf(!chromiumPath)(`words explained${noChromium}`, () => {
  let browser: Browser
  let server: RunningServer
  let workbench: FakeWorkbench
  let page: Page
  let problems: string[]

  beforeAll(async () => void (browser = await openBrowser({ colorScheme: 'light', viewport: { width: 1400, height: 900 } })))
  afterAll(() => browser?.[Symbol.asyncDispose]())
  beforeEach(async () => {
    const report = parseReport(await readFile('docs/bench/quality.json', 'utf8'), 'quality')
    workbench = fakeWorkbench({ caches: 40, stepMs: 1, reports: [{ ...report, arms: report.arms.slice(0, 3) }] })
    const { id } = await workbench.sets.ensureSample()
    for (const job of workbench.jobs.list()) await workbench.jobs.finished(job.id)
    await workbench.jobs.finished((await workbench.build(id)).id)
    server = await startServer(workbench)
    page = await browser.context.newPage()
    problems = watchProblems(page)
  })
  afterEach(async () => {
    await page.close()
    await server.close()
  })
  const open = async (to: string): Promise<void> => {
    await page.goto(`${server.url}&to=${encodeURIComponent(to)}`)
    await page.getByRole('navigation', { name: 'Pages' }).waitFor()
  }
  const term = (word: string) => page.locator('button.term').and(page.locator(`:has(+ [role="note"][aria-label="${word}"])`)).first()
  const ask = async (): Promise<void> => {
    await page.getByRole('button', { name: 'How many remote days per month?' }).click()
    await page.getByRole('textbox', { name: 'Question' }).press('Control+Enter')
  }

  const calibrate = async (): Promise<void> => {
    await page.getByRole('button', { name: 'Calibrate', exact: true }).click()
    await page.getByRole('button', { name: 'Calibrate profiles' }).click()
  }

  const PLACES: readonly { to: string; words: readonly string[]; before?: () => Promise<void> }[] = [
    { to: '/library', words: ['Profile', 'Chunk'] },
    { to: '/ask', words: ['Profile', 'TTFT', 'Recompute ratio', 'KL', 'Hit rate', 'Chunk'], before: ask },
    { to: '/race', words: ['KL', 'TTFT'], before: ask },
    { to: '/caches', words: ['Variant', 'Profile'] },
    { to: '/caches/reuse', words: ['Hit rate', 'Chunk'] },
    { to: `/cache/${'7'.padStart(64, '0')}`, words: ['Variant'] },
    { to: '/bench/r1', words: ['TTFT', 'KL'] },
    { to: '/models', words: ['Profile', 'KL'], before: calibrate },
  ]

  it.each(PLACES)('on $to: $words', async ({ to, words, before }) => {
    await open(to)
    await before?.()
    for (const word of words) await term(word).waitFor()
    // By key alone: it opens, says what the word means, and closes.
    const [first = ''] = words
    await term(first).focus()
    await page.keyboard.press('Enter')
    const note = page.getByRole('note', { name: first, exact: true }).first()
    await note.waitFor()
    // Every page's own test looks at all of it; here, at an explanation that is open.
    if (to === '/library') await expectAccessible(page)
    await page.keyboard.press('Escape')
    await note.waitFor({ state: 'hidden' })
    expect(problems).toEqual([])
  })
})
