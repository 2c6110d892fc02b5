/** The Race page: lanes and clocks, what came of it, records and replays, the whole screen. No engine. */
import { beforeEach, describe, expect, it } from 'vitest'
import type { Page } from 'playwright'
import { chromiumPath, noChromium } from '../helpers/chromium'
import { fakeWorkbench, type FakeOptions, type FakeWorkbench } from '../helpers/fake-workbench'
import { expectAccessible, expectFits, picture, runCommand, setLanguage, setTheme, SMALL } from './page-checks'
import { useTabs } from './tabs'

describe.skipIf(!chromiumPath)(`the race${noChromium}`, () => {
  const tabs = useTabs()
  let page: Page
  let problems: string[]

  beforeEach(() => void ({ page, problems } = tabs))

  const open = async (options: FakeOptions = {}, { to = '/race', sample = true } = {}): Promise<FakeWorkbench> => {
    const workbench = fakeWorkbench(options)
    if (sample) {
      const { id } = await workbench.sets.ensureSample()
      for (const job of workbench.jobs.list()) await workbench.jobs.finished(job.id)
      await workbench.jobs.finished((await workbench.build(id)).id)
    }
    await tabs.serve(workbench)
    await page.goto(`${tabs.server.url}&to=${encodeURIComponent(to)}`)
    await page.getByRole('heading', { name: 'Race', exact: true }).waitFor()
    return workbench
  }
  const lane = (number: number) => page.getByTestId(`lane-${number}`)
  const choose = async (number: number, strategy: string): Promise<void> => {
    await page.getByLabel(`Strategy of lane ${number}`, { exact: true }).selectOption(strategy)
  }
  const ask = async (): Promise<void> => {
    await page.getByRole('button', { name: 'How many remote days per month?' }).click()
  }
  /** Every status and clock that a lane shows from now on, however briefly. */
  const watchLanes = async () => {
    const watched = await page.evaluateHandle(() => {
      const told: [string[], string[]] = [[], []]
      new MutationObserver(() => {
        for (const [at, list] of told.entries()) {
          const card = document.querySelector(`[data-testid="lane-${at + 1}"]`)
          const status = card?.querySelector('[data-testid="status"]')?.textContent
          if (status) list.push(status)
          if (card?.querySelector('[data-testid="clock"]')) list.push('a clock')
        }
      }).observe(document.body, { subtree: true, childList: true, characterData: true })
      return told
    })
    return () => watched.evaluate((told) => told)
  }
  const ended = () => page.getByTestId('verdict').first().waitFor()

  it('runs two lanes one after the other, and says how much sooner, cheaper and the same', async () => {
    const workbench = await open({ stepMs: 15 })
    await ask()
    await expectAccessible(page)
    const seen = await watchLanes()
    await page.getByRole('textbox', { name: 'Question' }).press('Control+Enter')
    await ended()
    const [first, second] = await seen()
    expect(first).toEqual(expect.arrayContaining(['Warming up: not timed', 'Answering…', 'Being compared with full prefill…']))
    expect(first).toContain('a clock')
    expect(second).toContain('Waits for lane 1 (In-context) to finish')
    expect(await page.getByTestId('verdict').first().textContent()).toBe('16x sooner to the first token: Reuse after 25 ms, In-context after 400 ms, with the answer of full prefill.')
    expect(workbench.seen.races).toMatchObject([
      { question: 'How many remote days per month?', repetitions: 1, warmUp: true, lanes: [{ strategy: 'full' }, { strategy: 'reuse' }] },
    ])
    await lane(1).getByText('baseline').waitFor()
    expect(await lane(2).getByTestId('sooner').textContent()).toBe('16x sooner')
    await lane(2).getByText('Word for word as full prefill').waitFor()
    expect(await lane(1).locator('.strip button').count()).toBe(10)
    // What is drawn is there to be heard, too: a row for each token.
    const curve = page.getByRole('figure', { name: /^How far each lane is from full prefill/ })
    expect(await curve.getByRole('row').count()).toBe(13)
    await page.getByText('Engine memory held 2.0 MB of decoded caches; no lane took any from there').waitFor()
    await expectAccessible(page)
    // It is listed, with its ratio, and may be removed and brought back.
    const past = page.getByRole('region', { name: 'Earlier races' })
    await past.getByRole('link', { name: /How many remote days.*16x.*Reuse.*100 % agree/ }).waitFor()
    await past.getByRole('button', { name: 'Remove the race: How many remote days per month?' }).click()
    await past.getByText('None yet.').waitFor()
    await page.keyboard.press('Control+z')
    await past.getByRole('link', { name: /16x/ }).waitFor()
    expect(problems).toEqual([])
  })

  it('marks what differs token by token, takes lanes in and out, and shows every run', async () => {
    const workbench = await open()
    await ask()
    await page.getByRole('button', { name: 'Add a lane' }).click()
    await choose(3, 'blend:0.15')
    await page.getByLabel('Caches of lane 3').selectOption('small')
    await page.getByRole('spinbutton', { name: 'Repetitions' }).fill('3')
    await page.getByRole('checkbox', { name: 'Warm up first' }).uncheck()
    await runCommand(page, 'Start the race')
    await ended()
    expect(workbench.seen.races).toMatchObject([
      { repetitions: 3, warmUp: false, lanes: [{ strategy: 'full' }, { strategy: 'reuse' }, { strategy: 'blend:0.15', profile: 'small' }] },
    ])
    const differs = lane(3).locator('mark.differs')
    expect(await differs.allTextContents()).toEqual(['otherwise'])
    expect(await differs.evaluate((element) => getComputedStyle(element).textDecorationLine)).toBe('underline')
    await lane(3).getByText('92 % as full prefill; differs from token 3 on').waitFor()
    await lane(3).getByText('medians of 3 runs').waitFor()
    const runs = page.getByRole('region', { name: 'Every run, and the medians' })
    expect(await runs.getByRole('row').last().getByRole('cell').allTextContents()).toEqual(['25 ms', '26 ms', '27 ms', '26 ms'])
    await page.locator('.recharts-line').last().waitFor()
    await page.getByText('A filled dot: another token is likeliest there.').waitFor()
    await expectAccessible(page)
    await picture(page, 'race')
    // A strategy of one's own; what is none is told.
    await choose(2, 'other')
    await page.getByLabel('Strategy of lane 2, as it is written').fill('link:99')
    await page.getByRole('alert').getByText('Expected a strategy of the form link').waitFor()
    await page.getByLabel('Strategy of lane 2, as it is written').fill('link:4')
    await page.getByRole('button', { name: 'Remove lane 3' }).click()
    expect(await page.getByRole('button', { name: 'Remove lane 1' }).isDisabled()).toBe(true)
    // Lanes are remembered.
    await expect.poll(() => workbench.preferences.all()['race.lanes']).toMatchObject([{ strategy: 'full' }, { strategy: 'link:4' }])
    expect(problems).toEqual([])
  })

  it('is cancelled in the middle, and then keeps nothing', async () => {
    const workbench = await open({ stepMs: 60 })
    await ask()
    await page.keyboard.press('Control+Enter')
    await lane(1).getByTestId('clock').waitFor()
    await page.keyboard.press('Escape')
    await page.getByText('Cancelled: nothing of this race is kept.').waitFor()
    await lane(2).getByText('Given up').waitFor()
    await expect.poll(() => workbench.seen.aborted).toBe(1)
    expect(workbench.races.list()).toEqual([])
    await page.getByText('None yet.').waitFor()
    await page.getByRole('button', { name: 'Start the race' }).waitFor()
    expect(problems).toEqual([])
  })

  it('says when the connection is lost in the middle', async () => {
    const workbench = await open({ stepMs: 80 })
    await ask()
    await page.getByRole('button', { name: 'Start the race' }).click()
    await lane(1).getByTestId('clock').waitFor()
    await tabs.stop()
    await page.getByText('The connection was lost, and the race with it').waitFor()
    expect(workbench.races.list()).toEqual([])
  })

  it('says what a lane or a race fails by', async () => {
    const workbench = await open()
    await ask()
    const { WorkbenchError } = await import('../../src/shared/errors')
    workbench.failNextAsk = new WorkbenchError('engine.died', 'The engine died: signal SIGKILL.')
    await page.getByRole('button', { name: 'Start the race' }).click()
    await page.getByRole('alert').getByText('The engine died: signal SIGKILL.').waitFor()
    await page.getByRole('button', { name: 'Start the race' }).waitFor()
  })

  it('shows and replays a race from its record, at its own speed, by its link', async () => {
    const workbench = await open({ stepMs: 80 })
    for await (const _ of workbench.race({ set: 'set1', question: 'Who approves flights?', lanes: [{ strategy: 'full' }, { strategy: 'link:16' }], warmUp: false }));
    await page.goto(`${page.url().split('#')[0]}#/race/1`)
    await page.getByTestId('replay').getByText(/^Race of Jan 31, 2025/).waitFor()
    await ended()
    expect(workbench.seen.races).toHaveLength(1)
    await page.getByRole('button', { name: 'Replay: 1x' }).click()
    await page.getByTestId('replay').getByText(/^Replay of Jan 31, 2025, .* · 1x$/).waitFor()
    await lane(1).getByTestId('clock').waitFor()
    await lane(2).getByText('Waits for lane 1').waitFor()
    expect(await page.getByTestId('verdict').count()).toBe(0)
    await expectAccessible(page)
    await page.getByRole('button', { name: 'Replay: 4x' }).click()
    await page.getByTestId('replay').getByText('4x').waitFor()
    await ended()
    await page.getByTestId('replay').getByText(/^Race of/).waitFor()
    // Nothing was run, and nothing kept.
    expect(workbench.seen.races).toHaveLength(1)
    expect(workbench.races.list()).toHaveLength(1)
    await page.getByRole('button', { name: 'Race again with these lanes' }).click()
    expect(await page.getByRole('textbox', { name: 'Question' }).inputValue()).toBe('Who approves flights?')
    expect(await page.getByLabel('Strategy of lane 2', { exact: true }).inputValue()).toBe('link:16')
    await page.goto(`${page.url().split('#')[0]}#/race/77`)
    await page.getByRole('alert').getByText('There is no race 77.').waitFor()
    expect(problems).toEqual([])
  })

  it('fills the screen for an audience; Esc leaves', async () => {
    await open({ stepMs: 50 })
    await ask()
    await page.keyboard.press('Control+Enter')
    await lane(1).waitFor()
    await page.keyboard.press('Control+Shift+f')
    const stage = page.getByRole('dialog', { name: 'Race' })
    await stage.getByText('How many remote days per month?').waitFor()
    await stage.getByTestId('verdict').getByText('16x sooner').waitFor()
    expect(await stage.getByRole('button').allTextContents()).toEqual(['Again', 'Leave Esc'])
    await expectAccessible(page)
    await picture(page, 'race-stage')
    await stage.getByRole('button', { name: 'Again' }).click()
    await stage.getByTestId('clock').first().waitFor()
    await stage.getByTestId('verdict').waitFor()
    // Out of the full screen first where there is one, as browsers have it.
    await page.evaluate(() => document.fullscreenElement && document.exitFullscreen())
    if ((await stage.count()) > 0) await page.keyboard.press('Escape')
    await stage.waitFor({ state: 'detached' })
    expect(problems).toEqual([])
  })

  it('leads from nothing to a first race by one button', async () => {
    const workbench = await open({}, { sample: false })
    await expectAccessible(page)
    await page.getByRole('button', { name: 'Race on the sample set' }).click()
    await ended()
    expect(workbench.seen.races).toMatchObject([{ question: 'How many remote days per month?' }])
    // And on to the next one.
    expect(await page.getByRole('textbox', { name: 'Question' }).inputValue()).toBe('How many remote days per month?')
    expect(problems).toEqual([])
  })

  it('leads to a first race by its address', async () => {
    const workbench = await open({}, { sample: false, to: '/race/demo' })
    await ended()
    expect(page.url()).toMatch(/#\/race$/)
    expect(workbench.seen.races).toHaveLength(1)
  })

  it('holds in the dark, in a small window and in Chinese', async () => {
    await open()
    await ask()
    await page.getByRole('button', { name: 'Add a lane' }).click()
    await page.getByRole('spinbutton', { name: 'Repetitions' }).fill('2')
    await page.getByRole('button', { name: 'Start the race' }).click()
    await ended()
    await setTheme(page, 'Dark')
    await expectAccessible(page)
    await picture(page, 'race-dark')
    await page.setViewportSize(SMALL)
    await expectFits(page)
    await picture(page, 'race-small')
    await setLanguage(page, 'zh')
    await page.getByRole('link', { name: '竞速' }).click()
    await page.getByRole('region', { name: '以往的竞速' }).getByRole('link').first().click()
    await page.getByTestId('verdict').waitFor()
    await page.setViewportSize({ width: 1400, height: 900 })
    await expectAccessible(page)
    await picture(page, 'race-zh')
    expect(problems).toEqual([])
  })
})
