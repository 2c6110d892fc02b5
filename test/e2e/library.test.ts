/** What the library promises, in a real browser against a workbench that can be told what to do (no engine). */
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { Page } from 'playwright'
import { chromiumPath, noChromium } from '../helpers/chromium'
import { fakeWorkbench, type FakeOptions, type FakeWorkbench } from '../helpers/fake-workbench'
import { expectAccessible, expectFits, picture, setLanguage, setTheme, SMALL } from './page-checks'
import { useTabs } from './tabs'

describe.skipIf(!chromiumPath)(`the library${noChromium}`, () => {
  const tabs = useTabs()
  let page: Page
  let problems: string[]

  beforeEach(() => void ({ page, problems } = tabs))
  afterEach(async () => {
    expect(problems).toEqual([])
  })

  const open = async (options: FakeOptions = {}, prepare: (workbench: FakeWorkbench) => Promise<unknown> = sampleSet) => {
    const workbench = fakeWorkbench(options)
    await prepare(workbench)
    await tabs.serve(workbench)
    await page.goto(tabs.server.url)
    await page.getByRole('heading', { name: 'Kvasir' }).waitFor()
    await page.evaluate(() => (location.hash = '#/library'))
    await page.getByRole('heading', { name: 'Knowledge sets' }).waitFor()
    return workbench
  }
  const row = (name: string | RegExp) => page.getByRole('treeitem', { name })
  const box = (name: string | RegExp) => row(name).first().locator('.box')
  const rows = async () => await page.getByRole('treeitem').allTextContents()
  const filter = () => page.getByRole('searchbox', { name: 'Filter titles' })
  const inspector = () => page.getByRole('complementary', { name: 'Inspector' })

  it('shows a set: states, tokens, hit rates; takes parts in and out; all of it by keyboard', async () => {
    await open({ shelf: 40 }, async () => undefined)
    await row(/^Paper 1 on remote work|^Paper 1 on travel/).first().waitFor()
    await expectAccessible(page)
    await picture(page, 'library')
    await page.getByText('40 of 40 documents · 12,800 tokens').waitFor()
    await page.getByRole('treeitem').first().focus()
    await page.keyboard.press('End')
    await expect.poll(() => page.evaluate(() => document.activeElement?.getAttribute('data-id'))).toBe('d40')
    await page.keyboard.press('Home')
    await expect.poll(() => page.evaluate(() => document.activeElement?.getAttribute('data-id'))).toBe('d1')
    await page.keyboard.press('ArrowRight')
    await row(/^Part 1/).first().waitFor()
    await page.keyboard.press('ArrowDown')
    await expect.poll(() => page.evaluate(() => document.activeElement?.getAttribute('data-id'))).toBe('d1.s1')
    await page.keyboard.press('Space')
    await page.getByText('40 of 40 documents · 12,640 of 12,800 tokens').waitFor()
    expect(await row(/^Paper 1 on/).first().getAttribute('aria-checked')).toBe('mixed')
    await page.keyboard.press('ArrowLeft')
    await expect.poll(() => page.evaluate(() => document.activeElement?.getAttribute('data-id'))).toBe('d1')
    await page.keyboard.press('ArrowLeft')
    await page.keyboard.press('ArrowDown')
    await expect.poll(() => page.evaluate(() => document.activeElement?.getAttribute('data-id'))).toBe('d2')
    await page.keyboard.press('Space')
    await page.getByText('39 of 40 documents · 12,320 of 12,800 tokens').waitFor()
    await page.keyboard.press('Enter')
    await inspector().getByText('papers/paper-2.md').waitFor()
  })

  it('keeps up with keys that come faster than frames', async () => {
    await open({ shelf: 400 }, async () => undefined)
    await page.getByRole('treeitem').first().focus()
    const pressed = (keys: readonly string[]) =>
      page.evaluate(async (all) => {
        for (const key of all) {
          document.activeElement?.dispatchEvent(new KeyboardEvent('keydown', { key, bubbles: true, cancelable: true }))
          // As behind a real key: what is queued runs, but no frame passes.
          await Promise.resolve()
        }
        return document.activeElement?.getAttribute('data-id')
      }, keys)
    // The last row is far out of sight: it is drawn, and has the focus, before the next key looks for it.
    expect(await pressed(['ArrowDown', 'End'])).toBe('d400')
    expect(await pressed(['Home', 'ArrowDown', ' '])).toBe('d2')
    await page.getByText('399 of 400 documents').waitFor()
    expect(await row(/^He said/).first().getAttribute('aria-checked')).toBe('false')
    // A key that leads nowhere wants nothing later: what is typed elsewhere stays there.
    await pressed(['End'])
    await pressed(['End'])
    await filter().focus()
    await page.keyboard.type('on travel')
    await expect.poll(() => filter().inputValue()).toBe('on travel')
  })

  it('filters, orders, and takes what is shown', async () => {
    await open({ shelf: 40 }, async () => undefined)
    await filter().fill('travel')
    await page.getByText('5 of 40 documents shown').waitFor()
    await page.getByRole('button', { name: 'None shown' }).click()
    await page.getByText('35 of 40 documents').waitFor()
    await filter().fill('')
    await page.getByRole('combobox', { name: 'State' }).selectOption('damaged')
    await page.getByText('5 of 40 documents shown').waitFor()
    await page.getByRole('combobox', { name: 'State' }).selectOption('')
    await page.getByRole('combobox', { name: 'Order' }).selectOption('state')
    await expect.poll(async () => (await rows())[0]).toMatch(/damaged/)
    await filter().fill('nothing is called so')
    await page.getByText('No document’s title fits').waitFor()
    await expectAccessible(page)
  })

  it('shows odd names as they are', async () => {
    await open({ shelf: 8 }, async () => undefined)
    await row(/He said "no" & left <b>bold<\/b>/).waitFor()
    await row(/דוח שנתי 2024/).waitFor()
    await row(/2024 年差旅规定/).waitFor()
    const long = row(/^A very long name/)
    expect((await long.locator('.clip').getAttribute('title'))?.length).toBe(300)
    // Whatever the name, the figures behind it are in sight.
    const fits = await long.evaluate((element: HTMLElement) => element.scrollWidth <= element.clientWidth)
    expect(fits).toBe(true)
    await long.click()
    await inspector().getByText('papers/paper-4.md').waitFor()
    await picture(page, 'library-names')
  })

  it('searches the text, with the words marked', async () => {
    await open()
    await page.getByRole('searchbox', { name: 'Search the text of this set' }).fill('regional lead')
    await page.getByText('2 passages, best first').waitFor()
    expect(await page.locator('mark').allTextContents()).toEqual(['regional lead', 'regional lead'])
    await expectAccessible(page)
    await picture(page, 'library-search')
    await page.getByRole('button', { name: /Trains/ }).click()
    await inspector().getByText('Trains are preferred below six hours.').first().waitFor()
    await page.getByRole('searchbox', { name: 'Search the text of this set' }).press('Escape')
    await page.getByRole('tree').waitFor()
  })

  it('keeps selections under a name, and takes them back', async () => {
    await open()
    await box(/^Handbook 2024 34 tokens/).click()
    await page.getByText('2 of 3 documents').waitFor()
    await page.getByRole('button', { name: 'Selections…' }).click()
    await page.getByLabel('Name of the selection as it is now').fill('Without the handbook')
    await page.getByRole('button', { name: 'Save' }).click()
    await page.getByRole('button', { name: 'All', exact: true }).click()
    await page.getByText('3 of 3 documents').waitFor()
    await page.getByRole('button', { name: 'Selections (1)…' }).click()
    await expectAccessible(page)
    await page.getByRole('button', { name: 'Use the selection “Without the handbook”' }).click()
    await page.getByText('2 of 3 documents').waitFor()
    await page.getByRole('button', { name: 'Undo' }).click()
    await page.getByText('3 of 3 documents').waitFor()
    await page.getByRole('button', { name: 'Selections (1)…' }).click()
    await page.getByRole('button', { name: 'Remove the selection “Without the handbook”' }).click()
    await page.getByRole('button', { name: 'Close' }).first().waitFor()
  })

  it('renames and removes a set, and undoes both', async () => {
    await open()
    await page.getByRole('button', { name: 'Rename' }).click()
    await page.getByRole('textbox', { name: 'Name' }).fill('Rules')
    await page.keyboard.press('Enter')
    await page.getByRole('heading', { name: 'Rules' }).waitFor()
    await page.getByRole('button', { name: 'Undo' }).click()
    await page.getByRole('heading', { name: 'Sample' }).waitFor()
    await page.getByRole('region', { name: 'Knowledge sets' }).getByRole('button', { name: 'Remove' }).click()
    await page.getByRole('button', { name: 'Add the sample set' }).waitFor()
    await page.getByRole('button', { name: 'Undo' }).last().click()
    await page.getByRole('heading', { name: 'Sample' }).waitFor()
  })

  it('explains misses and mends them: builds the document', async () => {
    await open({ shelf: 14, stepMs: 5 }, async () => undefined)
    await row(/^Paper 7 on/).first().click()
    await inspector().getByText('hit rate 60 %').waitFor()
    await inspector().getByText('missed: its cache was never built').waitFor()
    await expectAccessible(page)
    await picture(page, 'library-misses')
    await inspector().locator('.mend').getByRole('button', { name: 'Build this document' }).click()
    await row(/^Paper 7 on .* cached/).waitFor()
    await inspector().getByText('Nothing to mend').waitFor()
  })

  it('removes a document, and undoes it', async () => {
    await open()
    await row(/^Handbook 2024 34 tokens/).first().click()
    await inspector().getByRole('button', { name: 'Remove' }).click()
    await page.getByText('2 of 2 documents').waitFor()
    await page.getByRole('button', { name: 'Undo' }).click()
    await page.getByText('3 of 3 documents').waitFor()
  })

  it('in the dark, in Chinese, and in a small window', async () => {
    await open({ shelf: 40 }, async () => undefined)
    await row(/^Paper 1 on/).first().click()
    await setTheme(page, 'Dark')
    await picture(page, 'library-dark')
    await expectAccessible(page)
    await page.setViewportSize(SMALL)
    await expectFits(page)
    await picture(page, 'library-small')
    await setLanguage(page, 'zh')
    await page.evaluate(() => (location.hash = '#/library'))
    await page.getByRole('heading', { name: '知识集' }).waitFor()
    await expectFits(page)
    await picture(page, 'library-zh')
    await expectAccessible(page)
  })
})

async function sampleSet(workbench: FakeWorkbench): Promise<void> {
  await workbench.sets.ensureSample()
  await workbench.jobs.finished('j1')
}
