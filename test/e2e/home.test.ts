/** The pages Home and Help: from nothing to a race, what wants doing, what the words mean. No engine. */
import type { Page } from 'playwright'
import { beforeEach, describe, expect, it } from 'vitest'
import { chromiumPath, noChromium } from '../helpers/chromium'
import { fakeWorkbench, type FakeWorkbench } from '../helpers/fake-workbench'
import { expectAccessible, expectFits, picture, setTheme, SMALL } from './page-checks'
import { useTabs } from './tabs'

describe.skipIf(!chromiumPath)(`the pages Home and Help${noChromium}`, () => {
  let workbench: FakeWorkbench
  const tabs = useTabs()
  let page: Page
  let problems: string[]

  beforeEach(async () => {
    ;({ page, problems } = tabs)
    workbench = fakeWorkbench({ stepMs: 40 })
    await tabs.serve(workbench)
  })
  const open = async (to: string): Promise<void> => {
    await page.goto(`${tabs.server.url}&to=${encodeURIComponent(to)}`)
    await page.getByRole('navigation').first().waitFor()
  }

  it('leads from nothing to the race by one action, and says what it is at', async () => {
    await open('/home')
    await page.getByText('Nothing was asked yet.').waitFor()
    // Without a history there is nothing to say of today.
    expect(await page.getByRole('heading', { name: 'Today' }).count()).toBe(0)
    await page.getByText('hit rate today –').waitFor()
    await expectAccessible(page)
    await page.getByRole('button', { name: 'See it race' }).focus()
    await page.keyboard.press('Enter')
    await page.getByText(/^Reading the sample once/).waitFor()
    await expect.poll(() => new URL(page.url()).hash, { timeout: 20_000 }).toMatch(/^#\/race/)
    expect((await workbench.sets.list()).map(({ name }) => name)).toEqual(['Sample'])
    expect(problems).toEqual([])
  })

  it('shows what was asked, what sets want, and does it', async () => {
    const { id } = await workbench.sets.ensureSample()
    await workbench.sets.create('Empty')
    await Array.fromAsync(workbench.ask({ set: id, question: 'How many remote days <b>per</b> month?', strategy: 'full' }))
    await open('/home')
    const sets = page.getByRole('region', { name: 'Knowledge sets' })
    await sets.getByText(/chunks not cached/).waitFor()
    await sets.getByRole('button', { name: 'Import: Empty' }).waitFor()
    await page.getByRole('link', { name: /How many remote days <b>per<\/b> month\?/ }).waitFor()
    await page.getByRole('region', { name: 'Models' }).getByRole('button', { name: 'Check first' }).waitFor()
    await expectAccessible(page)
    await picture(page, 'home-light')
    await setTheme(page, 'Dark')
    await expectAccessible(page)
    await picture(page, 'home-dark')
    await page.setViewportSize(SMALL)
    await expectFits(page)
    await picture(page, 'home-small')
    await page.setViewportSize({ width: 1400, height: 900 })
    await setTheme(page, 'Light')
    await sets.getByRole('button', { name: 'Build: Sample' }).click()
    await sets.getByText('all cached').waitFor({ timeout: 20_000 })
    await page.getByRole('link', { name: /How many remote days/ }).click()
    expect(new URL(page.url()).hash).toBe('#/query/1')
    expect(problems).toEqual([])
  })

  it('explains words where they stand and in one place, and says the keys', async () => {
    await workbench.sets.ensureSample()
    await open('/home')
    await page.getByRole('button', { name: /^Knowledge sets.*what it means/ }).focus()
    await page.keyboard.press('Enter')
    const note = page.getByRole('note', { name: 'Set', exact: true })
    await note.getByText('Documents that are asked together, on one model.').waitFor()
    await expectAccessible(page)
    await picture(page, 'term-light')
    await note.getByRole('button', { name: 'All words' }).click()
    await page.getByRole('heading', { name: 'What the words mean' }).waitFor()
    await expectAccessible(page)
    await picture(page, 'help-light')
    const words = page.getByRole('term')
    const all = await words.count()
    await page.getByRole('searchbox', { name: 'Find a word' }).fill('first token')
    await page.getByText('Time to the first token: from asking until the answer begins.').waitFor()
    expect(await words.count()).toBeLessThan(all)
    await page.getByRole('region', { name: 'Keys' }).getByText('Ctrl+K', { exact: true }).waitFor()
    expect(problems).toEqual([])
  })

  it('speaks Chinese', async () => {
    await workbench.sets.ensureSample()
    workbench.preferences.set('language', 'zh')
    await open('/home')
    await page.getByRole('heading', { name: '知识，只需计算一次' }).waitFor()
    await expectAccessible(page)
    await picture(page, 'home-zh')
    await open('/help')
    await page.reload()
    await page.getByRole('heading', { name: '词语的含义' }).waitFor()
    await picture(page, 'help-zh')
    expect(problems).toEqual([])
  })
})
