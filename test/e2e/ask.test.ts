/** What asking promises, in a real browser against a workbench that can be told what to do (no engine). */
import { beforeEach, describe, expect, it, vi } from 'vitest'
import type { Page } from 'playwright'
import { WorkbenchError } from '../../src/shared/errors'
import { chromiumPath, noChromium } from '../helpers/chromium'
import { fakeWorkbench, type FakeOptions, type FakeWorkbench } from '../helpers/fake-workbench'
import { expectAccessible, expectFits, picture, setLanguage, setTheme, SMALL } from './page-checks'
import { useTabs } from './tabs'

describe.skipIf(!chromiumPath)(`asking${noChromium}`, () => {
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
    await page.goto(tabs.server.url)
    await page.getByRole('heading', { name: 'Kvasir' }).waitFor()
    await page.evaluate(() => (location.hash = '#/ask'))
    await question().waitFor()
    return workbench
  }
  const dial = () => page.getByRole('region', { name: 'Quality and latency' })
  const slider = () => dial().getByRole('slider')
  const mark = (name: string) => dial().getByRole('button', { name, exact: true })
  const ask = async (text: string) => {
    await question().fill(text)
    await page.keyboard.press('Control+Enter')
    await page.getByTestId('ttft').waitFor()
  }
  const row = (name: string | RegExp) => page.getByRole('treeitem', { name })
  const question = () => page.getByRole('textbox', { name: 'Question' })
  const phase = () => page.getByTestId('phase').first()

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
    expect(await slider().getAttribute('aria-valuetext')).toMatch(/^Reuse: /)
    await mark('Link 16').click()
    await page.getByText('the first tokens of every chunk are computed again').waitFor()
    await question().fill('Who approves flights?')
    await page.keyboard.press('Control+Enter')
    await page.getByText('of it computed again 20 tokens').waitFor()
    expect(await page.locator('.strip [data-again="true"]').count()).toBe(10)
    await page.getByRole('toolbar').getByRole('button', { name: /Flights.* 2 of them computed again/ }).waitFor()
    await page.getByRole('region', { name: 'Figures of this answer' }).getByText('again 20 · question 14').waitFor()
    await page.getByText('kvasir models check first').waitFor()
    await expectAccessible(page)
    await dial().getByText('Auto', { exact: true }).click()
    await page.getByRole('button', { name: 'Compare with in-context' }).click()
    await page.getByText('Link 16 was chosen: this model has not been calibrated, so the usual link tokens are taken').waitFor()
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
    // What the question would cost is drawn once, a moment after it was written.
    await page.waitForTimeout(700)
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
    await row(/^Flights/).waitFor()
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
    // Through the suggestions and the dial, to the buttons.
    for (let presses = 0; presses < 8; presses++) {
      await page.keyboard.press('Tab')
      if ((await page.evaluate(() => document.activeElement?.textContent)) === 'Ask') break
    }
    await page.keyboard.press('Enter')
    await page.getByTestId('ttft').waitFor()
    expect(workbench.seen.asks).toHaveLength(1)
  })

  it('turns the dial by keyboard; what it would cost and keep moves along', async () => {
    const workbench = await open({}, builtSet)
    const figures = dial().getByTestId('estimate')
    await figures.getByText('about 47 ms').waitFor()
    expect(await figures.textContent()).toMatch(/caches read162 kB.*14 of 93 tokens.*not calibrated/)
    await slider().focus()
    await page.keyboard.press('ArrowRight')
    expect(await slider().getAttribute('aria-valuetext')).toMatch(/^Link 16: about 68 ms, caches read: 162 kB, computed: 21 of 93 tokens/)
    await page.keyboard.press('End')
    await figures.getByText('all of it, exactly').waitFor()
    expect(await slider().getAttribute('aria-valuetext')).toMatch(/^In-context: about 284 ms/)
    // Any other form, for who knows it; nonsense is told apart from it.
    await page.getByRole('textbox', { name: 'Another form' }).fill('blend:2')
    await dial().getByText('a ratio being 0 to 1').waitFor()
    await page.getByRole('textbox', { name: 'Another form' }).fill('mix:8+0.1:bos')
    await page.keyboard.press('Enter')
    await mark('Mix 8 + 10 %, isolated').waitFor()
    await ask('Why?')
    expect(workbench.seen.asks.at(-1)?.strategy).toBe('mix:8+0.1:bos')
    // It is there again after a reload; preferences are written a moment after they are set.
    await page.waitForTimeout(500)
    await page.reload()
    await page.evaluate(() => (location.hash = '#/ask'))
    await expect.poll(() => slider().getAttribute('aria-valuetext')).toMatch(/^Mix 8 \+ 10 %, isolated/)
    expect(problems).toEqual([])
  })

  it('marks what is calibrated, leaves out what is no better, and passes over what the check forbids', async () => {
    const workbench = await open({}, builtSet)
    workbench.changeEstimate = (estimate) => ({
      ...estimate,
      gate: 'failed',
      calibration: { set: null, questions: 24, madeAt: '2025-01-31T12:00:00.000Z' },
      arms: estimate.arms.map((arm) => {
        const refused = /^(link|mix|blend)/.test(arm.strategy) ? 'equality: 3 of 8 logits differ.' : null
        const fidelity = arm.fidelity ?? { klMean: 0.0123, top1: 0.973, basis: 'calibrated' }
        return { ...arm, refused, fidelity, isDominated: arm.strategy.startsWith('blend') }
      }),
    })
    await question().fill('Why?')
    await page.getByTestId('refused').waitFor()
    expect(await page.getByTestId('refused').textContent()).toContain('Link 16, Mix 16 + 15 %. equality: 3 of 8 logits differ.')
    expect(await mark('Blend 15 %').count()).toBe(0)
    expect(await mark('Link 16').isDisabled()).toBe(true)
    expect(await mark('Reuse').getAttribute('data-basis')).toBe('calibrated')
    await dial().getByText('97 % of its tokens (KL 0.012)').waitFor()
    await slider().focus()
    await page.keyboard.press('ArrowRight')
    expect(await slider().getAttribute('aria-valuetext')).toMatch(/^Prefix: /)
    await page.keyboard.press('ArrowLeft')
    expect(await slider().getAttribute('aria-valuetext')).toMatch(/^Reuse: /)
    await expectAccessible(page)
    await dial().getByRole('button', { name: 'Check the model again' }).click()
    await page.getByText(/^Started: Checking/).waitFor()
  })

  it('proposes parts that a search finds, of which those that stay ticked are asked', async () => {
    const workbench = await open({}, builtSet)
    await question().fill('remote')
    await page.getByRole('button', { name: 'Propose parts' }).click()
    const parts = page.getByRole('group', { name: /Parts that a search/ })
    await parts.getByRole('checkbox', { name: 'Ask of Handbook 2024 › Remote work' }).waitFor()
    expect(await parts.getByRole('checkbox').count()).toBe(2)
    expect(await parts.locator('mark').first().textContent()).toBe('remote')
    await parts.getByRole('checkbox', { name: 'Ask of Handbook 2024 › Remote work' }).uncheck()
    await parts.getByText('1 part,').waitFor()
    await expectAccessible(page)
    await ask('remote')
    expect(workbench.seen.asks.at(-1)?.selection).toEqual({ include: ['d3.s1.c2'], exclude: [] })
    expect(await page.getByRole('toolbar').first().getByRole('button').count()).toBe(1)
    // With none left there is nothing to ask of.
    await parts.getByRole('checkbox', { name: /Minutes/ }).uncheck()
    expect(await page.getByRole('button', { name: 'Ask', exact: true }).isDisabled()).toBe(true)
    await parts.getByRole('button', { name: 'Ask of all that is selected' }).click()
    await ask('remote')
    expect(workbench.seen.asks.at(-1)?.selection).toEqual({ include: [], exclude: [] })
  })

  it('follows up on answers when told to, also after a reload, until a new conversation begins', async () => {
    const workbench = await open({ words: 2 }, builtSet)
    await ask('First?')
    await ask('Alone?')
    expect(workbench.seen.asks.at(-1)?.history).toEqual([])
    await page.getByText('Follow up on this answer').click()
    const turns = page.getByRole('list', { name: 'Conversation' })
    await turns.getByText('Alone?').waitFor()
    await ask('And then?')
    expect(workbench.seen.asks.at(-1)?.history).toMatchObject([{ role: 'user', content: 'Alone?' }, { role: 'assistant', content: 'Trips are' }])
    await page.getByText('Follow up on these 2 turns').waitFor()
    await expectAccessible(page)
    // Preferences are written a moment after they are set.
    await page.waitForTimeout(500)
    await page.reload()
    await page.evaluate(() => (location.hash = '#/ask'))
    await turns.getByText('And then?').waitFor()
    await ask('And at last?')
    expect(workbench.seen.asks.at(-1)?.history).toHaveLength(4)
    await page.getByRole('button', { name: 'New conversation' }).click()
    expect(await turns.count()).toBe(0)
    await page.keyboard.press('Control+z')
    await turns.getByText('And at last?').waitFor()
    await page.getByRole('button', { name: 'New conversation' }).click()
    await ask('Anew?')
    expect(workbench.seen.asks.at(-1)?.history).toEqual([])
    expect(problems).toEqual([])
  })

  it('keeps earlier questions: listed, shown by link with all there was, asked again', async () => {
    const workbench = await open({}, builtSet)
    await mark('Link 16').click()
    await ask('Who approves flights?')
    await ask('And who trains?')
    await page.getByRole('radiogroup', { name: 'List shows' }).getByText('Questions').click()
    const list = page.getByRole('region', { name: 'Knowledge' })
    expect(await list.getByRole('link').allTextContents()).toMatchObject([/^And who trains\?/, /^Who approves flights\?.*Link 16 · 25 ms · 75 % reused/])
    await list.getByRole('link', { name: /Who approves flights/ }).click()
    await page.getByRole('heading', { name: 'Question 1' }).waitFor()
    expect(page.url()).toMatch(/#\/query\/1$/)
    expect(await page.getByRole('region', { name: 'Figures of this answer' }).textContent()).toContain('again 20 · question 14')
    expect(await page.getByRole('toolbar').first().getByRole('button').count()).toBe(10)
    expect(await page.getByTestId('answer').textContent()).toContain('Trips are booked')
    await expectAccessible(page)
    // The link alone shows it, too.
    await page.reload()
    await page.getByRole('heading', { name: 'Question 1' }).waitFor()
    await page.getByRole('button', { name: 'Ask again' }).click()
    await page.getByTestId('ttft').waitFor()
    expect(await question().inputValue()).toBe('Who approves flights?')
    expect(workbench.seen.asks.at(-1)).toMatchObject({ question: 'Who approves flights?', strategy: 'link:16' })
    await page.evaluate(() => (location.hash = '#/query/99'))
    await page.getByRole('main').getByRole('alert').getByText('There is no query 99').waitFor()
    expect(problems).toEqual([])
  })

  it('says where an answer came from, by chunk and by word', async () => {
    await open({ words: 5 }, builtSet)
    await ask('Who approves flights?')
    const sources = page.getByRole('region', { name: 'Where the answer came from' })
    await sources.getByRole('button', { name: 'Show where it came from' }).click()
    await sources.getByText('40 % of the answer’s attention went to knowledge').waitFor()
    await sources.getByRole('button', { name: 'Travel policy 2025 18 % 2.1x its length', exact: true }).waitFor()
    const words = sources.getByRole('toolbar', { name: 'Token by token' })
    expect((await words.textContent())?.trim()).toBe('Trips are booked by the')
    await words.getByRole('button').first().focus()
    await page.keyboard.press('ArrowRight')
    expect(await words.getByRole('button', { name: /^are: Travel policy 2025 18 %/ }).getAttribute('aria-pressed')).toBe('true')
    await expectAccessible(page)
    await sources.getByRole('button', { name: /^Travel policy 2025 18/ }).click()
    await page.getByRole('complementary').getByText('Trips are booked by the team office.').waitFor()
    expect(problems).toEqual([])
  })

  it('marks in a chunk’s own text what was computed again', async () => {
    await open({}, builtSet)
    await mark('Link 16').click()
    await ask('Who approves flights?')
    await page.getByRole('toolbar').first().getByRole('button', { name: /Flights/ }).click()
    const text = page.getByRole('complementary').getByTestId('marked')
    expect(await text.textContent()).toMatch(/^Flights need the approval of the regional lead/)
    expect(await text.locator('mark').allTextContents()).toEqual(['Flights need'])
    await page.getByText('2 tokens were computed again').waitFor()
    await expectAccessible(page)
  })

  it('explains a miss, and mends it by one click', async () => {
    const workbench = await open()
    await ask('Who approves flights?')
    await page.getByRole('toolbar').first().getByRole('button', { name: /Flights.*never built/ }).click()
    const mend = page.getByTestId('mend')
    expect(await mend.textContent()).toContain('its cache was never built')
    await expectAccessible(page)
    await mend.getByRole('button', { name: 'Build what is missing' }).click()
    await page.getByText(/^Started: Building/).waitFor()
    await page.getByText('10 of 10 chunks cached').waitFor()
    // By a strategy that computes everything the way is another one.
    await mark('In-context').click()
    await page.getByRole('button', { name: 'Ask', exact: true }).click()
    await mend.getByRole('button', { name: 'Ask again by Reuse' }).click()
    await expect.poll(() => workbench.seen.asks.map(({ strategy }) => strategy)).toEqual(['reuse', 'full', 'reuse'])
    await expect.poll(() => mend.count()).toBe(0)
  })

  it('copies the question for a command line, curl and Python, without the token', async () => {
    await tabs.context.grantPermissions(['clipboard-read', 'clipboard-write'])
    await open({}, builtSet)
    await ask("Who's to approve $it?")
    const copied = async (form: string): Promise<string> => {
      await page.getByRole('button', { name: 'Copy as' }).click()
      await page.getByRole('menuitem', { name: form }).click()
      await page.getByText(`Copied as ${form}`).first().waitFor()
      return await page.evaluate(() => navigator.clipboard.readText())
    }
    expect(await copied('Command line')).toBe(String.raw`kvasir ask set1 'Who'\''s to approve $it?' --strategy reuse`)
    const curl = await copied('curl')
    expect(curl).toContain(`http://127.0.0.1:${tabs.server.port}/v1/ask`)
    const python = await copied('Python')
    for (const text of [curl, python]) {
      expect(text).toContain('KVASIR_TOKEN')
      expect(text).not.toContain(tabs.server.token)
    }
    expect(problems).toEqual([])
  })

  it('is whole in dark, in Chinese and in a small window', async () => {
    await open({}, async (workbench) => {
      const set = await workbench.sets.create('Hard')
      // Names as they come: quotes, HTML, right to left, and longer than any line.
      const name = `"<img src=x>" 'שלום עולם' ${'endless'.repeat(40)}`
      const { id } = await workbench.documents.addText(set.id, [
        { name: 'a.md', text: `# ${name}\n\nThe remote ${'word'.repeat(60)}.\n\n## Other\n\nNot remote at all.\n` },
      ])
      await workbench.jobs.finished(id)
    })
    await ask('remote')
    await page.getByRole('button', { name: 'Propose parts' }).click()
    await page.getByRole('button', { name: 'Show where it came from' }).click()
    await page.getByText('Token by token').or(page.getByRole('toolbar', { name: 'Token by token' })).first().waitFor()
    await page.getByRole('toolbar').first().getByRole('button').first().click()
    await page.getByRole('complementary').getByText('<img src=x>').first().waitFor()
    await setTheme(page, 'Dark')
    await expectAccessible(page)
    await page.setViewportSize(SMALL)
    await expectFits(page)
    await picture(page, 'ask-small-dark')
    await setLanguage(page, 'zh')
    await page.evaluate(() => (location.hash = '#/ask'))
    await page.getByRole('textbox', { name: '问题' }).fill('remote')
    await page.keyboard.press('Control+Enter')
    await page.getByTestId('ttft').waitFor()
    await page.getByRole('button', { name: '显示答案来源' }).click()
    await page.getByText('的注意力落在知识上').waitFor()
    await expectFits(page)
    await expectAccessible(page)
    await picture(page, 'ask-zh')
    await setLanguage(page, 'en')
    await setTheme(page, 'System')
    await page.setViewportSize({ width: 1280, height: 720 })
    expect(problems).toEqual([])
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
