/** From one page to the next with what is at hand: a question to the race, the race to its selection and back. No engine. */
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import type { Page } from 'playwright'
import { startServer, type RunningServer } from '../../src/main/rpc/http-server'
import { chromiumPath, noChromium, openBrowser, type Browser } from '../helpers/chromium'
import { fakeWorkbench, type FakeWorkbench } from '../helpers/fake-workbench'
import { expectAccessible, picture, runCommand, setTheme, watchProblems } from './page-checks'

describe.skipIf(!chromiumPath)(`from page to page${noChromium}`, () => {
  let browser: Browser
  let server: RunningServer | null = null
  let page: Page
  let problems: string[]

  beforeAll(async () => void (browser = await openBrowser({ colorScheme: 'light', viewport: { width: 1400, height: 900 } })))
  afterAll(() => browser?.[Symbol.asyncDispose]())
  beforeEach(async () => {
    page = await browser.context.newPage()
    problems = watchProblems(page)
  })
  afterEach(async () => {
    await page.close()
    await server?.close()
    server = null
  })

  const open = async (): Promise<FakeWorkbench> => {
    const workbench = fakeWorkbench()
    const { id } = await workbench.sets.ensureSample()
    for (const job of workbench.jobs.list()) await workbench.jobs.finished(job.id)
    await workbench.jobs.finished((await workbench.build(id)).id)
    server = await startServer(workbench)
    await page.goto(`${server.url}&to=${encodeURIComponent('/ask')}`)
    await question().waitFor()
    return workbench
  }
  const question = () => page.getByRole('textbox', { name: 'Question' })
  const dial = () => page.getByRole('region', { name: 'Quality and latency' })
  const raceTitle = () => page.getByRole('heading', { name: 'Race', exact: true })
  const strategyOf = (lane: number) => page.getByLabel(`Strategy of lane ${lane}`, { exact: true })
  const row = (name: string | RegExp) => page.getByRole('treeitem', { name })
  const ended = () => page.getByTestId('verdict').first().waitFor()

  it('races the question that was written, by the strategy and the caches of the dial, over what is selected', async () => {
    const workbench = await open()
    await row(/^Parental leave/).locator('.box').click()
    await question().fill('Who approves flights?')
    await dial().getByRole('button', { name: 'Link 16', exact: true }).click()
    await dial().getByLabel('Caches').selectOption('small')
    await page.getByRole('button', { name: 'Race this' }).click()
    await raceTitle().waitFor()
    await expect.poll(() => question().inputValue()).toBe('Who approves flights?')
    expect([await strategyOf(1).inputValue(), await strategyOf(2).inputValue()]).toEqual(['full', 'link:16'])
    expect(await page.getByLabel('Caches of lane 2').inputValue()).toBe('small')
    await page.getByText('9 chunks selected').waitFor()
    await page.keyboard.press('Control+Enter')
    await ended()
    expect(workbench.seen.races).toMatchObject([
      {
        question: 'Who approves flights?',
        selection: { include: [], exclude: ['d2.s3'] },
        lanes: [{ strategy: 'full' }, { strategy: 'link:16', profile: 'small' }],
      },
    ])
    expect(problems).toEqual([])
  })

  it('races a past question by its own strategy and selection, which can be undone', async () => {
    const workbench = await open()
    await row(/^Parental leave/).locator('.box').click()
    await question().fill('Who trains?')
    await dial().getByRole('button', { name: 'In-context', exact: true }).click()
    await page.getByRole('button', { name: 'Ask', exact: true }).click()
    await page.getByTestId('ttft').waitFor()
    await page.getByRole('button', { name: 'All', exact: true }).click()
    await page.getByText('10 chunks selected').waitFor()
    await page.evaluate(() => (location.hash = '#/query/1'))
    await page.getByRole('heading', { name: 'Question 1' }).waitFor()
    await expectAccessible(page)
    await runCommand(page, 'Race this question')
    await raceTitle().waitFor()
    await expect.poll(() => question().inputValue()).toBe('Who trains?')
    // In-context learning is the first lane already.
    expect([await strategyOf(1).inputValue(), await strategyOf(2).inputValue()]).toEqual(['full', 'reuse'])
    await page.getByText('9 chunks selected').waitFor()
    await page.getByRole('button', { name: 'Start the race' }).click()
    await ended()
    expect(workbench.seen.races).toMatchObject([{ question: 'Who trains?', selection: { exclude: ['d2.s3'] } }])
    await page.getByRole('heading', { name: 'Race', exact: true }).click()
    await page.keyboard.press('Control+z')
    await page.getByText('10 chunks selected').waitFor()
    expect(problems).toEqual([])
  })

  it('leads from the race to where its selection is made, and back', async () => {
    await open()
    await question().fill('Who approves flights?')
    await page.getByRole('button', { name: 'Race this' }).click()
    await page.getByRole('link', { name: 'Change what is selected' }).click()
    await page.getByText('Tick what the race takes.').waitFor()
    await row(/^Travel policy 2025 32/).locator('.box').click()
    await page.getByRole('status').getByText('7 chunks selected, 7 cached').waitFor()
    await expectAccessible(page)
    await picture(page, 'library-for-race')
    await setTheme(page, 'Dark')
    await picture(page, 'library-for-race-dark')
    await page.getByRole('button', { name: 'Back to the race' }).click()
    await raceTitle().waitFor()
    expect(await question().inputValue()).toBe('Who approves flights?')
    await page.getByText('7 chunks selected').waitFor()
    // The Library as it is otherwise knows nothing of a race.
    await page.getByRole('link', { name: 'Library' }).click()
    await row(/^Travel policy 2025 32/).waitFor()
    expect(await page.getByText('Back to the race').count()).toBe(0)
    await setTheme(page, 'System')
    expect(problems).toEqual([])
  })

  it('asks of the caches in one profile, which the dial reckons with and a copied command names', async () => {
    await browser.context.grantPermissions(['clipboard-read', 'clipboard-write'])
    const workbench = await open()
    const figures = dial().getByTestId('estimate')
    await figures.getByText('162 kB').waitFor()
    await dial().getByLabel('Caches').selectOption('small')
    await figures.getByText('10.1 kB').or(figures.getByText('10 kB')).waitFor()
    await question().fill('Who approves flights?')
    await page.keyboard.press('Control+Enter')
    await page.getByTestId('ttft').waitFor()
    expect(workbench.seen.asks.at(-1)?.profile).toBe('small')
    const copied = async (form: string): Promise<string> => {
      await page.getByRole('button', { name: 'Copy as' }).click()
      await page.getByRole('menuitem', { name: form }).click()
      await page.getByText(`Copied as ${form}`).first().waitFor()
      return await page.evaluate(() => navigator.clipboard.readText())
    }
    expect(await copied('Command line')).toContain('--profile small')
    expect(await copied('curl')).toContain('"profile":"small"')
    expect(await copied('Python')).toContain(String.raw`\"profile\":\"small\"`)
    await expectAccessible(page)
    // It is there again after a reload.
    await expect.poll(() => workbench.preferences.all()['ask.profile']).toBe('small')
    await page.reload()
    await expect.poll(() => dial().getByLabel('Caches').inputValue()).toBe('small')
    await dial().getByLabel('Caches').selectOption('')
    await figures.getByText('162 kB').waitFor()
    expect(problems).toEqual([])
  })
})
