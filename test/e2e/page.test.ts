/** The page's promises, in a real browser against a workbench that can be told what to do (no engine). */
import { beforeEach, describe, expect, it, vi } from 'vitest'
import type { Page } from 'playwright'
import { chromiumPath, noChromium } from '../helpers/chromium'
import { fakeWorkbench, type FakeOptions, type FakeWorkbench } from '../helpers/fake-workbench'
import { expectAccessible, expectFits, setTheme } from './page-checks'
import { useTabs } from './tabs'

describe.skipIf(!chromiumPath)(`the page${noChromium}`, () => {
  const tabs = useTabs()
  let page: Page
  let problems: string[]

  beforeEach(() => void ({ page, problems } = tabs))

  const open = async (
    options: FakeOptions = {},
    prepare: (workbench: FakeWorkbench) => Promise<unknown> = sampleSet,
  ) => {
    const workbench = fakeWorkbench(options)
    await prepare(workbench)
    await tabs.serve(workbench)
    await page.goto(`${tabs.server.url}&to=/ask`)
    await page.locator('main:not([aria-busy])').waitFor()
    return workbench
  }
  const row = (name: string | RegExp) => page.getByRole('treeitem', { name })
  const question = () => page.getByRole('textbox', { name: 'Question' })
  const phase = () => page.getByTestId('phase').first()

  it('leads from nothing to the sample set by one button', async () => {
    await open({}, async () => undefined)
    await expectAccessible(page)
    await page.getByRole('button', { name: 'Add the sample set' }).click()
    await row(/^Handbook 2024 34 tokens/)
      .first()
      .waitFor()
    expect(problems).toEqual([])
  })

  it('builds what is missing and says how far it is', async () => {
    await open({ stepMs: 40 })
    await page.getByRole('button', { name: 'Build 10 missing' }).click()
    await page.getByRole('progressbar').waitFor()
    // However long the phase, the figures are whole.
    await page.setViewportSize({ width: 960, height: 600 })
    expect(await page.getByTestId('job').textContent()).toMatch(/\d+ of \d+ tokens/)
    expect(await page.getByTestId('job').evaluate(({ scrollWidth, offsetWidth }: HTMLElement) => scrollWidth <= offsetWidth)).toBe(true)
    await expectAccessible(page)
    await page.getByText('10 of 10 chunks cached').waitFor()
    await row(/^Trains 12 tokens, cached/).waitFor()
    expect(await page.getByRole('button', { name: /^Build/ }).count()).toBe(0)
  })

  it('cancels a job', async () => {
    await open({ stepMs: 200 })
    await page.getByRole('button', { name: 'Build 10 missing' }).click()
    await page.getByRole('button', { name: 'Cancel: Building “Sample”' }).click()
    await page.getByText('No jobs running').waitFor()
  })

  it('uploads chosen files and says which were not imported', async () => {
    await open({ stepMs: 20 })
    await page.getByTestId('chooser').setInputFiles([
      { name: 'notes.md', mimeType: 'text/markdown', buffer: Buffer.from('# New notes\n\nSome words here.\n') },
      { name: 'empty.md', mimeType: 'text/markdown', buffer: Buffer.from('') },
      { name: 'blank.txt', mimeType: 'text/plain', buffer: Buffer.from(' ') },
    ])
    await page.getByRole('button', { name: 'Import', exact: true }).click()
    await row(/^New notes/)
      .first()
      .waitFor()
    const alert = page.getByRole('alert')
    await alert.waitFor()
    expect(await alert.textContent()).toContain('2 files were not imported')
    expect(await alert.textContent()).toContain('empty.md is empty')
    expect(await alert.textContent()).toContain('blank.txt is empty')
    await alert.getByRole('button', { name: 'Dismiss' }).click()
    expect(await alert.count()).toBe(0)
  })

  it('takes dropped files', async () => {
    await open()
    const data = await page.evaluateHandle(() => {
      const transfer = new DataTransfer()
      transfer.items.add(new File(['# Dropped\n\nFrom the desk.\n'], 'dropped.md', { type: 'text/markdown' }))
      return transfer
    })
    await page.dispatchEvent('body', 'dragover', { dataTransfer: data })
    await page.getByText('Drop to upload copies for Sample').waitFor()
    await page.dispatchEvent('body', 'drop', { dataTransfer: data })
    expect(await page.getByText('Drop to upload').count()).toBe(0)
    await page.getByRole('button', { name: 'Import', exact: true }).click()
    await row(/^Dropped/)
      .first()
      .waitFor()
  })

  it('removes a document, and brings it back', async () => {
    await open()
    await row(/^Minutes, March/)
      .first()
      .click()
    await page.getByRole('button', { name: 'Remove document' }).click()
    await expect.poll(() => row(/^Minutes, March/).count()).toBe(0)
    await page.getByText('Minutes, March is in the trash').waitFor()
    await page.getByRole('button', { name: 'Undo', exact: true }).click()
    await row(/^Minutes, March/)
      .first()
      .waitFor()
  })

  it('makes a new set', async () => {
    await open()
    await page.getByRole('button', { name: 'New set…' }).click()
    await page.getByRole('textbox', { name: 'Name' }).fill('Sample')
    await page.getByRole('button', { name: 'Create set' }).click()
    await page.getByText('There is a set named "Sample" already.').waitFor()
    await expectAccessible(page)
    await page.getByRole('textbox', { name: 'Name' }).fill('Handbooks')
    await page.getByRole('button', { name: 'Create set' }).click()
    await page.getByText('This set is empty').waitFor()
    const picker = page.getByRole('combobox', { name: 'Knowledge set' })
    await picker.selectOption('Sample')
    await row(/^Handbook 2024 34/).waitFor()
    await picker.selectOption('Handbooks')
    await page.getByText('This set is empty').waitFor()
  })

  it('follows the theme, all of it', async () => {
    await open({}, builtSet)
    await setTheme(page, 'Dark')
    await expect
      .poll(() => page.evaluate(() => getComputedStyle(document.body).backgroundColor))
      .toBe('rgb(22, 24, 27)')
    await question().fill('Who approves flights?')
    await page.getByRole('button', { name: 'Compare with in-context' }).click()
    await page.getByTestId('verdict').waitFor()
    await expectAccessible(page)
    await page.reload()
    await expect
      .poll(() => page.evaluate(() => getComputedStyle(document.body).backgroundColor))
      .toBe('rgb(22, 24, 27)')
    await setTheme(page, 'System')
    await expect
      .poll(() => page.evaluate(() => getComputedStyle(document.body).backgroundColor))
      .toBe('rgb(251, 251, 250)')
  })

  it('keeps the token out of the address and through a reload', async () => {
    await open()
    expect(page.url()).toBe(`http://127.0.0.1:${tabs.server.port}/#/ask`)
    await page.reload()
    await row(/^Handbook 2024 34/).waitFor()
  })

  it('says when the connection is lost, and comes back', async () => {
    const workbench = await open({ words: 0 }, builtSet)
    await question().fill('On and on?')
    await page.keyboard.press('Control+Enter')
    await phase().and(page.locator('[data-phase="streaming"]')).waitFor()
    const { port, token } = tabs.server
    await tabs.stop()
    await page.getByText('The connection to the workbench is lost').waitFor()
    const alert = page.getByRole('main').getByRole('alert').filter({ hasText: 'The answer is not whole.' })
    await alert.waitFor()
    expect(await alert.textContent()).toMatch(/^The connection was lost/)
    expect(await phase().getAttribute('data-phase')).toBe('failed')
    // A question asked now would be sent whenever the connection is back.
    expect(await page.getByRole('button', { name: 'Ask', exact: true }).isDisabled()).toBe(true)
    await page.getByText('Not connected').waitFor()
    await vi.waitFor(() => expect(workbench.seen.aborted).toBe(1))
    await tabs.serve(workbench, { port, token })
    await expect
      .poll(() => page.getByText('The connection to the workbench is lost').count(), { timeout: 15_000 })
      .toBe(0)
    // The question is not asked again by itself.
    expect(workbench.seen.asks).toHaveLength(1)
  })

  it('says what to do when the server has another token', async () => {
    const workbench = await open()
    const { port } = tabs.server
    await tabs.stop()
    await tabs.serve(workbench, { port, token: 'another-token' })
    await page.getByText('This address does not open the workbench').waitFor({ timeout: 15_000 })
    await expectAccessible(page)
  })

  it('shows nothing without a token', async () => {
    await tabs.serve(fakeWorkbench())
    const stranger = await tabs.context.newPage()
    const sockets: string[] = []
    stranger.on('websocket', (socket) => sockets.push(socket.url()))
    await stranger.goto(`http://127.0.0.1:${tabs.server.port}/`)
    await stranger.getByText('Its token is missing').waitFor()
    expect(sockets).toEqual([])
    await stranger.close()
  })

  it('fits a small window', async () => {
    await page.setViewportSize({ width: 960, height: 600 })
    await open({}, builtSet)
    await question().fill('Who approves flights?')
    await page.getByRole('button', { name: 'Compare with in-context' }).click()
    await page.getByTestId('verdict').waitFor()
    await expectFits(page)
  })
})

async function sampleSet(workbench: FakeWorkbench): Promise<void> {
  await workbench.sets.ensureSample()
  await workbench.jobs.finished('j1')
}

async function builtSet(workbench: FakeWorkbench): Promise<void> {
  await sampleSet(workbench)
  const { id } = await workbench.build('Sample')
  await workbench.jobs.finished(id)
}
