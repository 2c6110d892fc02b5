/** The frame around every page: palette, keys, preferences, language, going back. No engine. */
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { gzipSync } from 'node:zlib'
import type { Page } from 'playwright'
import { startServer, type RunningServer } from '../../src/main/rpc/http-server'
import { chromiumPath, noChromium, openBrowser, type Browser } from '../helpers/chromium'
import { fakeWorkbench } from '../helpers/fake-workbench'
import { expectAccessible, expectFits, picture, runCommand, setLanguage, setTheme, SMALL, watchProblems } from './page-checks'

const MOST_FIRST_PAGE_BYTES = 400_000

describe.skipIf(!chromiumPath)(`the frame${noChromium}`, () => {
  let browser: Browser
  let server: RunningServer
  let page: Page
  let problems: string[]
  const workbench = fakeWorkbench({})

  beforeAll(async () => {
    browser = await openBrowser({ colorScheme: 'light' })
    await workbench.sets.ensureSample()
    server = await startServer(workbench)
  })
  afterAll(async () => {
    await browser?.[Symbol.asyncDispose]()
    await server?.close()
  })
  beforeEach(async () => {
    for (const name of Object.keys(workbench.preferences.all())) workbench.preferences.set(name, null)
    page = await browser.context.newPage()
    problems = watchProblems(page)
  })
  afterEach(() => page.close())
  const open = async (to = '') => {
    await page.goto(`${server.url}${to && `&to=${encodeURIComponent(to)}`}`)
    await page.getByRole('navigation', { name: 'Pages' }).waitFor()
  }
  /** Preferences are written a moment after they were set. */
  const kept = (name: string) => expect.poll(() => workbench.preferences.all()[name])

  it('runs commands by the palette and by keys, which can be changed', async () => {
    await open('/settings')
    await page.keyboard.press('Control+k')
    await page.getByRole('textbox', { name: 'Command, page or set' }).waitFor()
    await expectAccessible(page)
    await picture(page, 'palette-light')
    await page.keyboard.press('Escape')
    await setTheme(page, 'Dark')
    await kept('theme').toBe('dark')
    await page.setViewportSize(SMALL)
    await expectFits(page)
    await picture(page, 'settings-small-dark')
    await page.setViewportSize({ width: 1400, height: 900 })
    await page.getByRole('button', { name: 'Change the keys of Theme: Light' }).click()
    await page.keyboard.press('l')
    await page.getByText('L alone is for writing and moving').waitFor()
    await page.keyboard.press('Control+Alt+l')
    await page.getByText('Ctrl+Alt+L').waitFor()
    await page.keyboard.press('Control+Alt+l')
    await kept('theme').toBe('light')
    await expectAccessible(page)
    // Two commands with one key are told.
    await page.getByRole('button', { name: 'Change the keys of Theme: Dark' }).click()
    await page.keyboard.press('Control+Alt+l')
    await page.getByText('also of Theme: Light').waitFor()
    await page.getByRole('button', { name: 'Set all back' }).click()
    await kept('keys').toBeUndefined()
    expect(problems).toEqual([])
  })

  it('goes to pages by keys, remembers where it is, and goes back', async () => {
    await open('/ask')
    await page.keyboard.press('Control+,')
    await page.getByRole('heading', { name: 'Settings' }).waitFor()
    expect(new URL(page.url()).hash).toBe('#/settings')
    await page.reload()
    await page.getByRole('heading', { name: 'Settings' }).waitFor()
    await page.goBack()
    await page.getByRole('textbox', { name: 'Question' }).waitFor()
    expect(await page.title()).toBe('Ask – Kvasir')
  })

  it('sizes and hides a page’s parts by keyboard, and keeps them so', async () => {
    await open('/ask')
    const border = page.getByRole('separator', { name: 'Width of the list' })
    await border.focus()
    await page.keyboard.press('ArrowRight')
    expect(await border.getAttribute('aria-valuenow')).toBe('316')
    await page.keyboard.press('Control+i')
    await expect.poll(() => page.getByRole('complementary').count()).toBe(0)
    await kept('layout.inspector.hidden').toBe(true)
    await kept('layout.list.px').toBe(316)
    // Another window, or the next start.
    const other = await browser.context.newPage()
    await other.goto(`${server.url}&to=/ask`)
    expect(await other.getByRole('separator', { name: 'Width of the list' }).getAttribute('aria-valuenow')).toBe('316')
    expect(await other.getByRole('complementary').count()).toBe(0)
    await other.close()
  })

  it('needs less than 400 kB, gzipped, for its first page', async () => {
    const sizes = new Map<string, number>()
    const bodies: Promise<unknown>[] = []
    page.on('response', (response) => {
      const { pathname } = new URL(response.url())
      bodies.push(response.body().then((body) => sizes.set(pathname, gzipSync(body).length)))
    })
    await open()
    await page.waitForLoadState('networkidle')
    await Promise.all(bodies)
    expect(sizes.size).toBeGreaterThan(3)
    expect([...sizes.values()].reduce((sum, size) => sum + size, 0)).toBeLessThan(MOST_FIRST_PAGE_BYTES)
  })

  it('speaks Chinese, all of it', async () => {
    await open('/ask')
    await setLanguage(page, 'zh')
    await page.getByRole('navigation', { name: '页面' }).getByText('提问').click()
    await page.getByRole('textbox', { name: '问题' }).waitFor()
    await runCommand(page, '主题：深色')
    await kept('theme').toBe('dark')
    await expectAccessible(page)
    expect(problems).toEqual([])
  })
})
