/** The Caches page on made-up caches: the list, one drawn, reuse, cleaning up. No engine. */
import { beforeEach, describe, expect, it } from 'vitest'
import type { Page } from 'playwright'
import { chromiumPath, noChromium } from '../helpers/chromium'
import { fakeWorkbench, type FakeWorkbench } from '../helpers/fake-workbench'
import { coloursOf, expectAccessible, expectFits, picture, runCommand, setLanguage, setTheme, SMALL } from './page-checks'
import { useTabs } from './tabs'

const COUNT = 3456
/** Some of these take a person's dozens of steps. */
const LONG_MS = 120_000

describe.skipIf(!chromiumPath)(`the Caches page${noChromium}`, () => {
  const tabs = useTabs()
  let page: Page
  let problems: string[]
  let workbench: FakeWorkbench

  beforeEach(async () => {
    ;({ page, problems } = tabs)
    workbench = fakeWorkbench({ caches: COUNT, stepMs: 1 })
    await workbench.sets.ensureSample()
    await tabs.serve(workbench)
    await page.setViewportSize({ width: 1400, height: 900 })
  })
  const open = async (to: string) => {
    await page.goto(`${tabs.server.url}&to=${encodeURIComponent(to)}`)
    await page.getByRole('navigation', { name: 'Pages' }).waitFor()
  }
  const grid = () => page.getByRole('grid', { name: 'Caches' })
  const rows = () => grid().getByRole('row').filter({ has: page.getByRole('gridcell') })

  it('lists all of them, in any order, with conditions, by pointer and by keys', async () => {
    await open('/caches')
    await page.getByText('3,456 caches').waitFor()
    await rows().nth(5).waitFor()
    expect(await grid().getAttribute('aria-rowcount')).toBe(String(COUNT + 1))
    // Far away rows are read when they come into sight.
    await grid().focus()
    await page.keyboard.press('End')
    await grid().locator(`[aria-rowindex="${COUNT + 1}"]`).getByText(/\d kB/).waitFor()
    await page.keyboard.press('Home')
    await grid().locator('[aria-rowindex="2"]').getByText(/\d kB/).waitFor()
    await page.getByRole('button', { name: 'Tokens' }).click()
    await expect.poll(() => rows().first().getByRole('gridcell').nth(4).textContent()).toBe('499')
    expect(await page.getByRole('columnheader', { name: 'Tokens' }).getAttribute('aria-sort')).toBe('descending')
    await page.getByRole('button', { name: 'Tokens' }).click()
    await expect.poll(() => rows().first().getByRole('gridcell').nth(4).textContent()).toBe('40')
    await expectAccessible(page)
    await page.getByRole('combobox', { name: 'Variant' }).selectOption('document')
    await page.getByText('1,152 caches').waitFor()
    await page.getByRole('searchbox', { name: 'Document title' }).fill('budget')
    await page.getByText('224 caches').waitFor()
    await page.getByRole('combobox', { name: 'State' }).selectOption('pinned')
    await expect.poll(() => rows().count()).toBeGreaterThan(0)
    await expect.poll(() => rows().first().textContent()).toContain('Budget <2025> & "plans"')
    // What was set is there again.
    await page.waitForTimeout(400)
    await page.reload()
    expect(await page.getByRole('searchbox', { name: 'Document title' }).inputValue()).toBe('budget')
    await page.getByRole('searchbox', { name: 'Document title' }).fill('nothing has this')
    await page.getByText('No cache matches').waitFor()
    await page.getByRole('button', { name: 'Clear conditions' }).last().click()
    await page.getByText('3,456 caches').waitFor()
    expect(await page.getByRole('searchbox', { name: 'Document title' }).inputValue()).toBe('')
    expect(problems).toEqual([])
  }, LONG_MS)

  it('acts on those chosen, and evicting can be undone', async () => {
    await open('/caches')
    await rows().nth(5).waitFor()
    await rows().nth(1).click()
    await rows().nth(4).click({ modifiers: ['Shift'] })
    await page.getByText('4 chosen').first().waitFor()
    await rows().nth(2).click({ modifiers: ['Control'] })
    await page.getByText('3 chosen').first().waitFor()
    await page.keyboard.press('Escape')
    await page.getByText(/\d chosen/).first().waitFor({ state: 'detached' })
    // The same by keys.
    await page.keyboard.press('Home')
    await page.keyboard.press('Space')
    await page.keyboard.press('Shift+ArrowDown')
    await page.keyboard.press('Shift+ArrowDown')
    await page.getByText('3 chosen').first().waitFor()
    expect(await rows().nth(2).getAttribute('aria-selected')).toBe('true')
    await expectAccessible(page)
    await picture(page, 'caches-light')
    await page.getByRole('button', { name: 'Pin', exact: true }).click()
    await page.getByText(/\d caches? pinned/).waitFor()
    await page.getByRole('button', { name: 'Unpin' }).click()
    await page.getByText('no longer pinned').waitFor()
    await page.getByRole('button', { name: 'Evict' }).click()
    await page.getByText(/3 caches \(.+\) moved to the trash/).waitFor()
    await page.getByText('3,453 caches').waitFor()
    expect(workbench.store.trash()).toHaveLength(1)
    await page.keyboard.press('Control+z')
    await page.getByText('3,456 caches').waitFor()
    expect(workbench.store.trash()).toEqual([])
    // All that match, by a command.
    await page.getByRole('combobox', { name: 'State' }).selectOption('damaged')
    await page.getByText('34 caches').waitFor()
    await runCommand(page, 'Choose all caches that match')
    await page.getByText('34 chosen').first().waitFor()
    await page.getByRole('button', { name: 'Rebuild' }).click()
    await page.getByText('No cache matches').waitFor({ timeout: 20_000 })
    await page.getByRole('button', { name: 'Clear conditions' }).last().click()
    await rows().first().click()
    await page.getByRole('button', { name: 'Re-encode' }).click()
    await page.getByRole('menuitem', { name: 'Re-encode as medium' }).click()
    await expect.poll(async () => (await workbench.store.list({ profile: 'medium' })).total).toBe(1)
    expect(problems).toEqual([])
  }, LONG_MS)

  it('draws one cache, with a cursor that says what lies under it, and compares two', async () => {
    await open('/caches')
    await rows().nth(1).waitFor()
    await grid().focus()
    await page.keyboard.press('ArrowDown')
    await page.keyboard.press('Enter')
    await page.getByRole('heading', { name: /›/ }).waitFor()
    expect(page.url()).toContain('#/cache/')
    await page.getByRole('complementary', { name: 'Facts' }).getByText('Who approves flights?').waitFor()
    const map = page.getByRole('application')
    await map.waitFor()
    await page.getByRole('combobox', { name: 'Measure' }).selectOption('keyNorms')
    await map.focus()
    await page.keyboard.press('ArrowRight')
    await page.keyboard.press('ArrowDown')
    await page.getByText(/layer 1, token 0 “Trains”: \d/).waitFor()
    for (let at = 0; at < 9; at++) await page.keyboard.press('Shift+ArrowRight')
    await page.getByText('tokens 0 to 9').waitFor()
    await expectAccessible(page)
    await page.keyboard.press('Enter')
    await page.getByRole('button', { name: 'Show all tokens' }).waitFor()
    expect((await page.locator('.cache-drawn-text').textContent())?.trim()).toBe('Trains are preferred below six hours. Flights need approval')
    await page.keyboard.press('Escape')
    await page.getByRole('button', { name: 'Show all tokens' }).waitFor({ state: 'detached' })
    const saved = page.waitForEvent('download')
    await page.getByRole('button', { name: /Export: K norm/ }).click()
    await page.getByRole('menuitem', { name: 'Drawing (SVG)' }).click()
    expect((await saved).suggestedFilename()).toBe('cache-keyNorms.svg')
    await page.getByRole('combobox', { name: 'Measure' }).selectOption('questionAttention')
    await page.getByRole('textbox', { name: 'Question' }).fill('Who approves flights?')
    await page.keyboard.press('Enter')
    await map.waitFor()
    await picture(page, 'cache-light')
    await page.getByRole('link', { name: /Compare with/ }).first().click()
    await expect.poll(() => page.getByRole('application').count()).toBe(2)
    await expectAccessible(page)
    await page.getByRole('button', { name: 'End comparison' }).click()
    await expect.poll(() => page.getByRole('application').count()).toBe(1)
    expect(problems).toEqual([])
  })

  it('draws a map when it first shows it, whatever was shown before, in both themes', async () => {
    await open(`/cache/${keyOf(7)}`)
    await page.getByRole('application').waitFor()
    // Of every map that comes up from now on: whether it was drawn by the time that it was there.
    const watched = await page.evaluateHandle(() => {
      const drawn: boolean[] = []
      new MutationObserver((changes) => {
        for (const { addedNodes } of changes)
          for (const node of addedNodes)
            if (node instanceof Element && (node.matches('.heat') || node.querySelector('.heat')))
              drawn.push(document.querySelector('.heat-drawing path') !== null)
      }).observe(document.body, { subtree: true, childList: true })
      return drawn
    })
    await page.getByRole('combobox', { name: 'Measure' }).selectOption('questionAttention')
    await page.getByText('Type a question to see what it looks at').waitFor()
    await page.getByRole('textbox', { name: 'Question' }).fill('Who approves flights?')
    await page.keyboard.press('Enter')
    await page.getByRole('application', { name: /^Attention of a question/ }).waitFor()
    expect(await coloursOfMap(page)).toBeGreaterThan(8)
    await setTheme(page, 'Dark')
    await page.getByRole('combobox', { name: 'Measure' }).selectOption('keyNorms')
    await page.getByRole('application', { name: /^K norm/ }).waitFor()
    expect(await coloursOfMap(page)).toBeGreaterThan(8)
    const drawn = await watched.evaluate((all) => all)
    expect(drawn.length).toBeGreaterThan(0)
    expect(drawn).not.toContain(false)
    await setTheme(page, 'Light')
    expect(problems).toEqual([])
  })

  it('draws two on one scale, and their difference where they hold the same tokens', async () => {
    // Of as many tokens, and of another variant.
    await open(`/cache/${keyOf(7)}/${keyOf(467)}`)
    const maps = page.getByRole('application')
    await maps.nth(2).waitFor()
    const [least, most] = /one scale: (\S+) to (\S+)\.$/.exec((await page.getByTestId('common-scale').textContent()) ?? '')?.slice(1) ?? []
    const legends = await page.locator('.cache-two .heat-legend').allTextContents()
    expect(legends).toEqual([`${least}${most}`, `${least}${most}`])
    await page.getByText('V deviation, second less first by layer and token').first().waitFor()
    const apart = await page.locator('.cache-difference .heat-legend').textContent()
    expect(apart).toMatch(/^-([\d.]+)\1$/)
    await maps.last().focus()
    await page.keyboard.press('ArrowRight')
    await page.getByText(/layer 0, token 0 “Trains”: \d/).waitFor()
    await expectAccessible(page)
    await picture(page, 'caches-two')
    await setTheme(page, 'Dark')
    await picture(page, 'caches-two-dark')
    await setTheme(page, 'Light')
    // Other tokens are not held against each other.
    await page.evaluate((hash) => (location.hash = hash), `/cache/${keyOf(7)}/${keyOf(8)}`)
    await maps.nth(2).waitFor({ state: 'detached' })
    await page.getByTestId('common-scale').waitFor()
    await maps.nth(1).waitFor()
    expect(await maps.count()).toBe(2)
    expect(problems).toEqual([])
  })

  it('says where a cache stands, and leads there and back to the list', async () => {
    await open(`/cache/${keyOf(7)}`)
    const back = page.getByRole('navigation', { name: 'Parts of this page' })
    await back.getByRole('link', { name: 'Sample' }).waitFor()
    expect(await back.getByRole('link').allTextContents()).toMatchObject([/All caches/, 'Sample', expect.any(String), /^Part/])
    await back.getByRole('link', { name: 'All caches' }).click()
    await rows().first().waitFor()
    // Where none matches, there is nothing to choose.
    await page.getByRole('button', { name: 'Choose all 3,456' }).waitFor()
    await page.getByRole('searchbox', { name: 'Document title' }).fill('nothing has this')
    await page.getByText('No cache matches').waitFor()
    expect(await page.getByRole('button', { name: /^Choose all/ }).count()).toBe(0)
    expect(problems).toEqual([])
  })

  it('explains misses: rates over time, reasons, and what mends each', async () => {
    await open('/caches/reuse')
    await page.getByText('Hit rate 80 % in 40 questions').waitFor()
    for (const title of ['Where knowledge tokens came from', 'Hit rate by set', 'Hit rate by document'])
      await page.getByRole('figure', { name: title }).waitFor()
    // In the order of the stack, and days apart alike.
    const tiers = page.getByRole('figure', { name: 'Where knowledge tokens came from' })
    await expect
      .poll(() => tiers.locator('.recharts-legend-item').allTextContents())
      .toEqual(['memory', 'disk', 'computed again', 'computed'])
    const labels = tiers.locator('.recharts-xAxis-tick-labels .recharts-cartesian-axis-tick-value')
    const gaps = async (): Promise<number[]> => {
      const ticks = await labels.evaluateAll((all) => all.map((tick) => Number(tick.getAttribute('x'))))
      return ticks.slice(1).map((x, at) => Math.round(x - (ticks[at] ?? 0)))
    }
    await expect.poll(async () => (await gaps()).length).toBeGreaterThan(2)
    await expect.poll(async () => Math.max(...(await gaps())) - Math.min(...(await gaps()))).toBeLessThan(2)
    const table = page.getByRole('table', { name: '' }).filter({ hasText: 'What mends it' })
    const shares = await table.locator('tbody td:nth-of-type(3)').allTextContents()
    expect(shares).toEqual(['9 %', '6 %', '5 %', '3 %'])
    await expectAccessible(page)
    await picture(page, 'reuse-light')
    const builds = (): number => workbench.jobs.list().filter(({ kind }) => kind === 'build').length
    const before = builds()
    await table.getByRole('button', { name: 'Build all sets' }).first().click()
    await expect.poll(builds).toBe(before + 1)
    await page.getByRole('combobox', { name: 'Set', exact: true }).selectOption('Sample')
    await page.getByRole('figure', { name: 'Hit rate by set' }).waitFor({ state: 'detached' })
    await table.getByRole('button', { name: 'Look at the quota' }).click()
    await page.getByRole('heading', { name: 'Room for caches' }).waitFor()
    expect(problems).toEqual([])
  })

  it('shows what a clean-up frees before it does it, and brings it back', async () => {
    await open('/caches/clean')
    await page.getByText('Set a condition: without one, everything would go.').waitFor()
    const clean = page.getByRole('button', { name: 'Move to the trash' })
    expect(await clean.isDisabled()).toBe(true)
    await page.getByRole('checkbox', { name: 'Only texts that no document has' }).check()
    await page.getByText(/Frees .+: \d+ files\./).waitFor()
    await page.getByRole('grid', { name: 'What would go, the most valuable last' }).getByText('no document has this text now').first().waitFor()
    await expectAccessible(page)
    await picture(page, 'clean-light')
    await clean.click()
    await page.getByText(/files \(.+\) moved to the trash/).waitFor()
    await page.getByRole('button', { name: 'Bring back' }).waitFor()
    await page.getByRole('button', { name: 'Undo', exact: true }).first().click()
    await page.getByText('The trash is empty.').waitFor()
    await page.getByRole('spinbutton', { name: 'Not used for, days' }).fill('40')
    await clean.click()
    await page.getByRole('button', { name: 'Empty the trash' }).click()
    await expectAccessible(page)
    await page.getByRole('button', { name: 'Empty it' }).click()
    await page.getByText('The trash is empty.').waitFor()
    await page.getByRole('spinbutton', { name: 'Limit, GB' }).fill('2')
    await page.keyboard.press('Enter')
    await page.getByText(/of at most 2.0 GB/).waitFor()
    await page.getByRole('button', { name: 'Undo', exact: true }).last().click()
    await page.getByText(/no limit/).waitFor()
    await page.getByRole('button', { name: 'Check all caches' }).click()
    await expect.poll(() => workbench.jobs.list().some(({ kind }) => kind === 'scrub')).toBe(true)
    expect(problems).toEqual([])
  })

  it('is whole in the dark, in Chinese, and in a small window', async () => {
    const places = { list: '/caches', one: `/cache/${(7).toString(16).padStart(64, '0')}`, reuse: '/caches/reuse', clean: '/caches/clean' }
    await open('/caches')
    await setTheme(page, 'Dark')
    for (const [name, to] of Object.entries(places)) {
      await page.evaluate((hash) => (location.hash = hash), to)
      await page.waitForTimeout(600)
      await expectAccessible(page)
      await picture(page, `caches-${name}-dark`)
    }
    await setLanguage(page, 'zh')
    await page.setViewportSize(SMALL)
    await expectFits(page)
    for (const [name, to] of Object.entries(places)) {
      await page.evaluate((hash) => (location.hash = hash), to)
      await page.waitForTimeout(600)
      await expectAccessible(page)
      await picture(page, `caches-${name}-zh`)
    }
    expect(problems).toEqual([])
  }, LONG_MS)

  it('says what to do where there is none yet', async () => {
    await tabs.stop()
    workbench = fakeWorkbench({})
    await tabs.serve(workbench)
    await open('/caches')
    await page.getByText('No caches yet').waitFor()
    await expectAccessible(page)
    await page.getByRole('button', { name: 'Go to a question' }).click()
    expect(page.url()).toContain('#/ask')
  })
})

function keyOf(number: number): string {
  return number.toString(16).padStart(64, '0')
}

/** How many colours the first heat map has, as it is seen. */
async function coloursOfMap(page: Page): Promise<number> {
  return (await coloursOf(page, await page.getByRole('application').first().screenshot())).colours
}
