/** The page's promises, in a real browser against a workbench that can be told what to do (no engine). */
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest'
import type { Page } from 'playwright'
import { startServer, type RunningServer } from '../../src/main/rpc/http-server'
import { WorkbenchError } from '../../src/shared/errors'
import { chromiumPath, noChromium, openBrowser, type Browser } from '../helpers/chromium'
import { fakeWorkbench, type FakeOptions, type FakeWorkbench } from '../helpers/fake-workbench'
import { expectAccessible, setTheme, watchProblems } from './page-checks'

describe.skipIf(!chromiumPath)(`the page${noChromium}`, () => {
  let browser: Browser
  let server: RunningServer | null = null
  let page: Page
  let problems: string[]

  beforeAll(async () => void (browser = await openBrowser({ colorScheme: 'light' })))
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

  const open = async (
    options: FakeOptions = {},
    prepare: (workbench: FakeWorkbench) => Promise<unknown> = sampleSet,
  ) => {
    const workbench = fakeWorkbench(options)
    await prepare(workbench)
    server = await startServer(workbench)
    await page.goto(server.url)
    await page.getByRole('heading', { name: 'Kvasir' }).waitFor()
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

  it('asks, streams, and shows figures, chunks and stages', async () => {
    const workbench = await open({}, builtSet)
    await page.getByRole('button', { name: 'How many remote days per month?' }).click()
    await page.keyboard.press('Control+Enter')
    await page.getByTestId('ttft').waitFor()
    await expect.poll(() => page.getByTestId('answer').textContent()).toContain('Trips are booked by the team office.')
    expect(workbench.seen.asks).toMatchObject([{ question: 'How many remote days per month?', strategy: 'reuse' }])
    const figures = page.getByRole('region', { name: 'Figures of this answer' })
    await figures.getByText('79 of 79 tokens').waitFor()
    expect(await figures.textContent()).toContain('100 %')
    expect(await page.getByRole('toolbar').getByRole('button').count()).toBe(10)
    await page.getByRole('img', { name: /^load caches: 8.0 ms in 14 ms, from 1.0 ms/ }).waitFor()
    expect(await page.locator('.waterfall [data-stage="load"]').count()).toBe(2)
    expect(await page.getByTestId('choice').count()).toBe(0)
    await page.getByText('reused 79 tokens').waitFor()
    await page.getByRole('region', { name: 'Answer', exact: true }).getByRole('heading', { name: 'Answer' }).waitFor()
    await expectAccessible(page)
    expect(problems).toEqual([])
  })

  it('asks by the strategy that is picked, shows what was computed again, and why it was chosen', async () => {
    const workbench = await open({}, builtSet)
    const strategies = page.getByRole('radiogroup', { name: 'Strategy' })
    expect(await strategies.getByRole('radio', { name: 'Reuse' }).isChecked()).toBe(true)
    expect(await strategies.getByRole('radio').count()).toBe(8)
    await strategies.getByText('Link 16').click()
    await page.getByText('the first tokens of every chunk are computed again').waitFor()
    await question().fill('Who approves flights?')
    await page.keyboard.press('Control+Enter')
    await page.getByText('of it computed again 20 tokens').waitFor()
    expect(await page.locator('.strip [data-again="true"]').count()).toBe(10)
    await page.getByRole('toolbar').getByRole('button', { name: /Flights.* 2 of them computed again/ }).waitFor()
    await page.getByRole('region', { name: 'Figures of this answer' }).getByText('again 20 · question 14').waitFor()
    await page.getByText('kvasir models check first').waitFor()
    await expectAccessible(page)
    // By keyboard: arrows choose.
    await strategies.getByRole('radio', { name: 'Blend 15 %' }).focus()
    await page.keyboard.press('ArrowRight')
    expect(await strategies.getByRole('radio', { name: 'Auto' }).isChecked()).toBe(true)
    await page.getByRole('button', { name: 'Compare with in-context' }).click()
    await page.getByText('Link 16 was chosen: this model has not been calibrated.').waitFor()
    await page.getByTestId('verdict').waitFor()
    expect(await page.getByTestId('lane-main').textContent()).toContain('Link 16, 34 tokens computed')
    expect(workbench.seen.asks.map(({ strategy, keepMissed }) => [strategy, keepMissed])).toEqual([
      ['link:16', true],
      ['auto', false],
      ['full', false],
    ])
    expect(problems).toEqual([])
  })

  it('leaves out what is unchecked, down to a section', async () => {
    const workbench = await open({}, builtSet)
    const top = async () => (await page.getByRole('tree').boundingBox())?.y
    const before = await top()
    await row(/^Parental leave/)
      .locator('.box')
      .click()
    expect(await top()).toBe(before)
    await page.getByText('9 chunks selected, 9 cached').waitFor()
    expect(await row(/^Handbook 2024 34/).getAttribute('aria-checked')).toBe('mixed')
    await question().fill('How long is parental leave?')
    await page.getByRole('button', { name: 'Ask', exact: true }).click()
    await page.getByTestId('ttft').waitFor()
    expect(workbench.seen.asks[0]?.selection).toEqual({ include: [], exclude: ['d2.s3'] })
    const isolated = page
      .getByRole('toolbar')
      .getByRole('button', { name: /Remote work.*encoded alone, since the variant behind the included parts of its document is not cached/ })
    expect(await isolated.getAttribute('data-outcome')).toBe('isolated')
    await page.getByRole('button', { name: 'None' }).click()
    await page.getByText('Nothing is selected').waitFor()
    await page.getByRole('button', { name: 'All', exact: true }).click()
    await page.getByText('10 chunks selected').waitFor()
  })

  it('compares with in-context learning and says the ratio', async () => {
    const workbench = await open({}, builtSet)
    await question().fill('Who approves flights?')
    await page.getByRole('button', { name: 'Compare with in-context' }).click()
    await page.getByTestId('verdict').waitFor()
    expect(await page.getByTestId('verdict').textContent()).toContain('16x faster')
    expect(await page.getByTestId('lane-rival').textContent()).toMatch(/^In-context \d+ tokens computed400 ms/)
    expect(await page.getByTestId('lane-main').textContent()).toContain('25 ms')
    expect(workbench.seen.asks.map(({ strategy }) => strategy)).toEqual(['reuse', 'full'])
    await expectAccessible(page)
  })

  it('stops by Esc and keeps what was answered', async () => {
    const workbench = await open({ words: 0 }, builtSet)
    await question().fill('On and on?')
    await page.keyboard.press('Control+Enter')
    await expect.poll(async () => (await page.getByTestId('answer').textContent())?.length ?? 0).toBeGreaterThan(20)
    await page.keyboard.press('Escape')
    await page.getByText('Stopped. What was answered so far stays.').waitFor()
    await vi.waitFor(() => expect(workbench.seen.aborted).toBe(1))
    expect((await page.getByTestId('answer').textContent())?.length).toBeGreaterThan(20)
  })

  it('does not draw the page anew for every token', async () => {
    await open({ words: 0 }, builtSet)
    await question().fill('On and on?')
    await page.keyboard.press('Control+Enter')
    await phase().and(page.locator('[data-phase="streaming"]')).waitFor()
    const changed = await page.evaluate(async () => {
      const seen = new Set<string>()
      const observer = new MutationObserver((records) => {
        for (const { target } of records) {
          const element = target instanceof Element ? target : target.parentElement
          if (!element?.closest('[data-testid="answer"], footer')) seen.add(element?.outerHTML.slice(0, 200) ?? '?')
        }
      })
      observer.observe(document.body, { subtree: true, childList: true, characterData: true, attributes: true })
      await new Promise((resolve) => setTimeout(resolve, 400))
      observer.disconnect()
      return [...seen]
    })
    expect(changed).toEqual([])
  })

  it('says what happened and what to do when asking fails', async () => {
    const workbench = await open({}, builtSet)
    workbench.failNextAsk = new WorkbenchError(
      'engine.context-too-long',
      'Expected at most 512 tokens but the selection has 900. Leave out some documents.',
    )
    await question().fill('Too much?')
    await page.keyboard.press('Control+Enter')
    const alert = page.getByRole('alert')
    await alert.waitFor()
    expect(await alert.textContent()).toContain('Too much text for this model')
    expect(await alert.textContent()).toContain('Leave out some documents.')
    expect(await page.getByRole('region', { name: 'Figures of this answer' }).count()).toBe(0)
    await expectAccessible(page)
  })

  it('shows a model’s Markdown without links, pictures or HTML', async () => {
    await open({ words: 40 }, async (workbench) => {
      const set = await workbench.sets.create('Hostile')
      const text =
        '# T\n\n![x](https://evil.example/a.png) <img src=x onerror=alert(1)> [go](javascript:alert(1)) ' +
        '[on](https://evil.example/) **bold** <script>alert(1)</script>\n'
      await workbench.documents.addText(set.id, [{ name: 'a.md', text }])
      await workbench.jobs.finished('j1')
    })
    await question().fill('What is written?')
    await page.keyboard.press('Control+Enter')
    await phase().and(page.locator('[data-phase="done"]')).waitFor({ state: 'attached' })
    const answer = page.getByTestId('answer')
    expect(await answer.locator('img, a, script, iframe').count()).toBe(0)
    expect(await answer.locator('strong').first().textContent()).toBe('bold')
    expect(await answer.textContent()).toContain('[image: x]')
    expect(problems).toEqual([])
  })

  it('uploads chosen files as text and says which were not imported', async () => {
    await open({ stepMs: 20 })
    await page.getByTestId('chooser').setInputFiles([
      { name: 'notes.md', mimeType: 'text/markdown', buffer: Buffer.from('# New notes\n\nSome words here.\n') },
      { name: 'latin.txt', mimeType: 'text/plain', buffer: Buffer.from([0x63, 0x61, 0x66, 0xe9]) },
      { name: 'table.xls', mimeType: 'application/vnd.ms-excel', buffer: Buffer.from('a,b') },
    ])
    await row(/^New notes/)
      .first()
      .waitFor()
    const alert = page.getByRole('alert')
    await alert.waitFor()
    expect(await alert.textContent()).toContain('2 files were not imported')
    expect(await alert.textContent()).toContain('latin.txt: expected UTF-8 text')
    expect(await alert.textContent()).toContain('table.xls')
    await alert.getByRole('button', { name: 'Dismiss' }).click()
    expect(await alert.count()).toBe(0)
  })

  it('says of every file why it was not imported, also when none was', async () => {
    await open()
    await page.getByTestId('chooser').setInputFiles([
      { name: 'picture.png', mimeType: 'image/png', buffer: Buffer.from([0x89, 0x50, 0xff]) },
      { name: 'latin.txt', mimeType: 'text/plain', buffer: Buffer.from([0x63, 0x61, 0x66, 0xe9]) },
      { name: 'empty.md', mimeType: 'text/markdown', buffer: Buffer.from('') },
    ])
    const alert = page.getByRole('alert')
    await alert.getByText('3 files were not imported').waitFor()
    expect(await alert.textContent()).toContain('picture.png: only Markdown and text files')
    expect(await alert.textContent()).toContain('latin.txt: expected UTF-8 text')
    expect(await alert.textContent()).toContain('empty.md')
  })

  it('takes dropped files', async () => {
    await open()
    const data = await page.evaluateHandle(() => {
      const transfer = new DataTransfer()
      transfer.items.add(new File(['# Dropped\n\nFrom the desk.\n'], 'dropped.md', { type: 'text/markdown' }))
      return transfer
    })
    await page.dispatchEvent('body', 'dragover', { dataTransfer: data })
    await page.getByText('Drop to upload into Sample as text').waitFor()
    await page.dispatchEvent('body', 'drop', { dataTransfer: data })
    await row(/^Dropped/)
      .first()
      .waitFor()
    expect(await page.getByText('Drop to upload').count()).toBe(0)
  })

  it('shows text, caches and outcome of a chunk in the inspector', async () => {
    await open({}, builtSet)
    await question().fill('Who approves flights?')
    await page.keyboard.press('Control+Enter')
    await page.getByTestId('ttft').waitFor()
    await page
      .getByRole('toolbar')
      .getByRole('button', { name: /Flights/ })
      .click()
    const inspector = page.getByRole('complementary', { name: 'Inspector' })
    await inspector.getByText('Night flights are not reimbursed.').waitFor()
    expect(await inspector.textContent()).toContain('reused: encoded behind the earlier chunks of its document')
    await page.getByRole('button', { name: 'Show or hide the inspector' }).click()
    expect(await inspector.count()).toBe(0)
  })

  it('removes a document after asking', async () => {
    await open()
    await row(/^Minutes, March/)
      .first()
      .click()
    await page.getByRole('button', { name: 'Remove document…' }).click()
    await page.getByRole('button', { name: 'Remove', exact: true }).click()
    await expect.poll(() => row(/^Minutes, March/).count()).toBe(0)
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

  it('takes a suggested question with what to ask of', async () => {
    const workbench = await open({}, builtSet)
    await page.getByRole('button', { name: 'Who approves flights?' }).click()
    expect(await row(/^Travel policy 2025 32/).getAttribute('aria-checked')).toBe('false')
    await page.keyboard.press('Control+Enter')
    await page.getByTestId('ttft').waitFor()
    await page.getByRole('button', { name: 'How many remote days per month?' }).click()
    expect(await row(/^Travel policy 2025 32/).getAttribute('aria-checked')).toBe('true')
    await page.keyboard.press('Control+Enter')
    await expect
      .poll(() => workbench.seen.asks)
      .toMatchObject([
        { question: 'Who approves flights?', selection: { include: ['d2'], exclude: [] } },
        { question: 'How many remote days per month?', selection: { include: [], exclude: [] } },
      ])
  })

  it('is worked by keyboard alone', async () => {
    const workbench = await open({}, builtSet)
    await row(/^Travel policy 2025 32/).focus()
    for (const key of ['ArrowDown', 'ArrowDown', 'ArrowDown', 'Space']) await page.keyboard.press(key)
    expect(await row(/^Flights/).getAttribute('aria-checked')).toBe('false')
    await page.keyboard.press('ArrowRight')
    await page.keyboard.press('ArrowDown')
    await page.keyboard.press('Enter')
    await page.getByRole('complementary').getByText('Night flights').waitFor()
    for (const key of ['ArrowLeft', 'ArrowLeft', 'ArrowLeft', 'ArrowLeft']) await page.keyboard.press(key)
    expect(await row(/^Travel policy 2025 32/).getAttribute('aria-expanded')).toBe('false')
    await page.keyboard.press('End')
    expect(await page.evaluate(() => document.activeElement?.textContent)).toMatch(/Minutes, March/)
    await question().focus()
    await page.keyboard.type('Who approves?')
    // Through the suggestions and the strategy, to the buttons.
    for (let presses = 0; presses < 6; presses++) {
      await page.keyboard.press('Tab')
      if ((await page.evaluate(() => document.activeElement?.textContent)) === 'Ask') break
    }
    await page.keyboard.press('Enter')
    await page.getByTestId('ttft').waitFor()
    expect(workbench.seen.asks).toHaveLength(1)
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
    expect(page.url()).toBe(`http://127.0.0.1:${server?.port}/`)
    await page.reload()
    await row(/^Handbook 2024 34/).waitFor()
  })

  it('says when the connection is lost, and comes back', async () => {
    const workbench = await open({ words: 0 }, builtSet)
    await question().fill('On and on?')
    await page.keyboard.press('Control+Enter')
    await phase().and(page.locator('[data-phase="streaming"]')).waitFor()
    const { port, token } = server!
    await server?.close()
    await page.getByText('The connection to the workbench is lost').waitFor()
    const alert = page.getByRole('main').getByRole('alert')
    await alert.getByText('The answer is not whole.').waitFor()
    expect(await alert.textContent()).toMatch(/^The connection was lost/)
    expect(await phase().getAttribute('data-phase')).toBe('failed')
    // A question asked now would be sent whenever the connection is back.
    expect(await page.getByRole('button', { name: 'Ask', exact: true }).isDisabled()).toBe(true)
    await page.getByText('Not connected').waitFor()
    await vi.waitFor(() => expect(workbench.seen.aborted).toBe(1))
    server = await startServer(workbench, { port, token })
    await expect
      .poll(() => page.getByText('The connection to the workbench is lost').count(), { timeout: 15_000 })
      .toBe(0)
    // The question is not asked again by itself.
    expect(workbench.seen.asks).toHaveLength(1)
  })

  it('says what to do when the server has another token', async () => {
    const workbench = await open()
    const { port } = server!
    await server?.close()
    server = await startServer(workbench, { port, token: 'another-token' })
    await page.getByText('This address does not open the workbench').waitFor({ timeout: 15_000 })
    await expectAccessible(page)
  })

  it('shows nothing without a token', async () => {
    server = await startServer(fakeWorkbench())
    const stranger = await browser.context.newPage()
    const sockets: string[] = []
    stranger.on('websocket', (socket) => sockets.push(socket.url()))
    await stranger.goto(`http://127.0.0.1:${server.port}/`)
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
    const overflow = await page.evaluate(
      () => document.documentElement.scrollWidth - document.documentElement.clientWidth,
    )
    expect(overflow).toBe(0)
    const wide = await page.evaluate(() =>
      [...document.querySelectorAll('.panel')]
        .filter((panel) => panel.scrollWidth > panel.clientWidth + 1)
        .map((panel) => panel.className),
    )
    expect(wide).toEqual([])
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
