/** The jobs tray in a real browser: everything by mouse and by keyboard, in both languages and themes. */
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { Page } from 'playwright'
import type { Detail } from '../../src/shared/details'
import { WorkbenchError } from '../../src/shared/errors'
import { chromiumPath, noChromium } from '../helpers/chromium'
import { fakeWorkbench, type FakeWorkbench } from '../helpers/fake-workbench'
import { expectAccessible, expectNoEnglish, picture, runCommand, setLanguage, setTheme } from './page-checks'
import { useTabs } from './tabs'

const FULL: Detail = { id: 'store.full', params: { path: '/data', errno: 'ENOSPC', why: 'no space left on device' } }

describe.skipIf(!chromiumPath)(`the jobs tray${noChromium}`, () => {
  let workbench: FakeWorkbench
  const tabs = useTabs()
  let page: Page
  let problems: string[]

  beforeEach(async () => {
    ;({ page, problems } = tabs)
    await page.setViewportSize({ width: 1400, height: 900 })
  })
  afterEach(async () => {
    await workbench[Symbol.asyncDispose]()
  })

  const open = async (stepMs: number): Promise<void> => {
    workbench = fakeWorkbench({ stepMs })
    await workbench.sets.ensureSample()
    await workbench.jobs.finished('j1')
    await tabs.serve(workbench)
    await page.goto(tabs.server.url)
    await page.getByRole('button', { name: /^Jobs/ }).waitFor()
  }
  const tray = () => page.getByRole('group', { name: /^(Jobs|任务)$/ })
  const row = (id: string) => tray().locator(`[data-job="${id}"]`)
  const status = (id: string, word: string) => row(id).locator(`.pill[data-status="${word}"]`).waitFor()

  it('pauses, resumes, cancels and tries again, and says so', async () => {
    await open(60)
    const { id } = await workbench.models.calibrate('first', { questions: 2000 })
    await page.getByRole('button', { name: 'Jobs: 1' }).click()
    await row(id).getByRole('button', { name: 'Pause: Calibrating first' }).click()
    await status(id, 'paused')
    expect(await page.getByTestId('job-news').textContent()).toBe('Calibrating first: paused')
    await page.getByText('1 job paused').waitFor()
    const { done } = workbench.jobs.list().find((job) => job.id === id)!
    await page.waitForTimeout(200)
    expect(workbench.jobs.list().find((job) => job.id === id)?.done).toBe(done)
    await row(id).getByRole('button', { name: 'Resume: Calibrating first' }).click()
    await status(id, 'running')
    await expect.poll(() => row(id).textContent()).toMatch(/Comparing strategies/)
    await expectAccessible(page)
    await row(id).getByRole('button', { name: 'Cancel: Calibrating first' }).click()
    await status(id, 'cancelled')
    await row(id).getByRole('button', { name: 'Try again: Calibrating first' }).click()
    await status(id, 'running')
    expect(problems).toEqual([])
  })

  it('orders what waits, by buttons and by Alt with arrows, and keeps the focus', async () => {
    await open(400)
    await workbench.models.calibrate('first')
    const second = await workbench.store.calibrate('first')
    const third = await workbench.models.calibrate('first')
    for (const id of [second.id, third.id]) workbench.jobs.pause(id)
    await workbench.store.scrub()
    await runCommand(page, 'Show or hide jobs')
    const order = async (): Promise<(string | undefined)[]> =>
      tray().getByRole('region', { name: 'Running and waiting' }).locator('li[data-status="paused"]').evaluateAll((rows) => rows.map((each) => (each as HTMLElement).dataset['job']))
    expect(await tray().locator('li').count()).toBe(5)
    await row(third.id).getByRole('button', { name: /^Earlier/ }).click()
    await expect.poll(order).toEqual([third.id, second.id])
    await row(third.id).getByRole('button', { name: /^Resume/ }).focus()
    await page.keyboard.press('Alt+ArrowDown')
    await expect.poll(order).toEqual([second.id, third.id])
    await expect.poll(() => page.evaluate(() => document.activeElement?.closest<HTMLElement>('[data-job]')?.dataset['job'])).toBe(third.id)
    await page.keyboard.press('Alt+ArrowUp')
    await expect.poll(order).toEqual([third.id, second.id])
    expect(workbench.jobs.list().findIndex(({ id }) => id === third.id)).toBeLessThan(workbench.jobs.list().findIndex(({ id }) => id === second.id))
    await expectAccessible(page)
    await picture(page, 'jobs-light')
    await page.keyboard.press('Escape')
    await tray().waitFor({ state: 'hidden' })
    expect(problems).toEqual([])
  })

  it('says what failed, what is safe and what to do; ended ones are cleared', async () => {
    await open(2)
    workbench.failNextJob = new WorkbenchError('store.full', FULL)
    const { id } = await workbench.store.scrub()
    await workbench.jobs.finished(id)
    await page.keyboard.press('Control+j')
    await status(id, 'failed')
    await row(id).getByText('The disk is full').waitFor()
    await row(id).getByText('What was done is kept. Free some space, then try again.').waitFor()
    await expectAccessible(page)
    await setTheme(page, 'Dark')
    await row(id).waitFor()
    await expectAccessible(page)
    await picture(page, 'jobs-failed-dark')
    await tray().getByRole('button', { name: 'Clear ended' }).click()
    await tray().getByText('Imports, builds, checks and measurements appear here').waitFor()
    expect(problems).toEqual([])
  })

  it('says in Chinese what failed; what is only there in English stays folded up', async () => {
    await open(2)
    await setLanguage(page, 'zh')
    await page.getByRole('button', { name: '任务', exact: true }).click()
    workbench.failNextJob = new WorkbenchError('store.full', FULL)
    const failed = await workbench.store.scrub()
    await workbench.jobs.finished(failed.id)
    await row(failed.id).getByText('/data 所在的磁盘已满（ENOSPC）。').waitFor()
    await expectNoEnglish(page)
    workbench.failNextJob = new WorkbenchError('engine.failed', 'ggml reported a failure of its own.')
    const unsaid = await workbench.store.scrub()
    await workbench.jobs.finished(unsaid.id)
    const words = row(unsaid.id).getByText('ggml reported a failure of its own.')
    await row(unsaid.id).getByText('详情（英文）').waitFor()
    expect(await words.isVisible()).toBe(false)
    await row(unsaid.id).getByText('详情（英文）').click()
    await words.waitFor()
    expect(await words.evaluate((part) => part.closest('[lang="en"]') !== null)).toBe(true)
    await expectAccessible(page)
    await picture(page, 'jobs-failed-zh')
    expect(problems).toEqual([])
  })

  it('is Chinese throughout', async () => {
    await open(300)
    await setLanguage(page, 'zh')
    await workbench.build('Sample')
    await workbench.models.check('first')
    const scrub = await workbench.store.scrub()
    await page.getByRole('button', { name: '任务：3' }).click()
    await row(scrub.id).getByText('正在读取并校验').waitFor()
    await status(scrub.id, 'running')
    const text = (await tray().textContent()) ?? ''
    expect(text.replaceAll(/“[^”]*”|first|libllama|Alt|Sample/g, '')).not.toMatch(/[A-Za-z]{3}/)
    await expectAccessible(page)
    await picture(page, 'jobs-zh')
    expect(problems).toEqual([])
  })

  it('of a page that was closed goes on, and is there when one is opened again', async () => {
    await open(50)
    const { id } = await workbench.models.calibrate('first', { questions: 2000 })
    await page.getByTestId('job').waitFor()
    await page.close()
    await new Promise((resolve) => setTimeout(resolve, 300))
    page = await tabs.context.newPage()
    await page.goto(tabs.server.url ?? '')
    await page.getByRole('button', { name: 'Jobs: 1' }).click()
    await status(id, 'running')
    await expect.poll(async () => Number(await row(id).getByRole('progressbar').getAttribute('aria-valuenow'))).toBeGreaterThan(4)
    workbench.jobs.cancel(id)
    await status(id, 'cancelled')
  })
})
