/** Two pages of two programs on one data folder: each shows what the other changes, without being loaded again. */
import type { Page } from 'playwright'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { startServer } from '../../src/main/rpc/http-server'
import { openWorkbench } from '../../src/main/workbench'
import type { Workbench } from '../../src/shared/workbench'
import { chromiumPath, noChromium, openBrowser } from '../helpers/chromium'
import { FakeEngine } from '../helpers/fake-engine'
import { fakeCore, guide, importTexts } from '../workbench/core'

/** A look a second, and a pause after a change. */
const SEEN = { timeout: 20_000 }

describe.skipIf(!chromiumPath)(`two windows on one store${noChromium}`, () => {
  const stack = new AsyncDisposableStack()
  let first: Workbench
  let one: Page
  let two: Page

  beforeAll(async () => {
    const core = stack.use(await fakeCore())
    first = core.workbench
    const { id } = await first.sets.create('Handbook')
    first.preferences.set('set', id)
    const second = stack.use(
      await openWorkbench({
        dataDir: core.file('data'),
        engine: new FakeEngine().asEngine,
        resourcesDir: core.file('resources'),
        version: '0',
      }),
    )
    const servers = [stack.use(await startServer(first)), stack.use(await startServer(second))]
    const browser = stack.use(await openBrowser({ colorScheme: 'light' }))
    const open = async (at: number): Promise<Page> => {
      const page = await browser.context.newPage()
      await page.goto(`${servers[at]?.url}&to=/ask`)
      await page.getByRole('combobox', { name: 'Knowledge set' }).waitFor()
      return page
    }
    one = await open(0)
    two = await open(1)
  })
  afterAll(() => stack.disposeAsync())

  it('sets, documents, caches and preferences', async () => {
    await importTexts(first, 'Handbook', { 'guide.md': guide() })
    await one.getByRole('treeitem', { name: /^one/ }).first().waitFor(SEEN)
    await two.getByRole('treeitem', { name: /^one/ }).first().waitFor(SEEN)

    // Built by a button of the one.
    await one.getByRole('button', { name: /^Build \d+ missing/ }).click()
    await one.getByText(/^(\d+) of \1 chunks cached/).waitFor(SEEN)
    await two.getByText(/^(\d+) of \1 chunks cached/).waitFor(SEEN)

    // Made in the other.
    await two.getByRole('button', { name: 'New set…' }).click()
    await two.getByRole('dialog').getByLabel('Name').fill('Made in the other')
    await two.keyboard.press('Enter')
    await expect
      .poll(() => one.getByRole('combobox', { name: 'Knowledge set' }).locator('option').allTextContents(), SEEN)
      .toContain('Made in the other')
    // It is shown there alone: which set a window shows is its own.
    const shown = (page: Page): Promise<string | null> =>
      page.getByRole('combobox', { name: 'Knowledge set' }).locator('option:checked').textContent()
    expect(await shown(two)).toBe('Made in the other')
    expect(await shown(one)).toBe('Handbook')
    // What a person likes is both's.
    await two.getByRole('link', { name: 'Settings' }).click()
    const row = two.getByRole('row', { name: /^Search or run a command/ })
    await row.getByText('Ctrl+K').waitFor()
    first.preferences.set('keys', { palette: 'mod+P' })
    await row.getByText('Ctrl+P').waitFor(SEEN)
    first.preferences.set('theme', 'dark')
    await two.locator('html[data-mantine-color-scheme="dark"]').waitFor({ state: 'attached', ...SEEN })
  }, 120_000)
})
