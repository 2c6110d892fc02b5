/** The page Bench: a run from its form to its report, charts without a pointer, exports, two runs side by side. No engine. */
import { readFile } from 'node:fs/promises'
import type { Page } from 'playwright'
import { beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { parseReport } from '../../src/main/bench/report-file'
import type { BenchReport } from '../../src/shared/bench-report'
import { chromiumPath, noChromium } from '../helpers/chromium'
import { fakeWorkbench, type FakeWorkbench } from '../helpers/fake-workbench'
import { coloursOf, expectAccessible, expectFits, picture, setLanguage, setTheme, SMALL } from './page-checks'
import { useTabs } from './tabs'

/** In the order of their ids, r1 on. */
const REPORTS = ['quality', 'quality-lengths', 'shape-1b-q4_0-4096+64', 'codec', 'novel-1b-q4_0', 'engine-1b-q4_0-1024+64']

describe.skipIf(!chromiumPath)(`the page Bench${noChromium}`, () => {
  let workbench: FakeWorkbench
  const tabs = useTabs({ acceptDownloads: true })
  let page: Page
  let problems: string[]
  let reports: BenchReport[]

  beforeAll(async () => {
    reports = await Promise.all(
      REPORTS.map(async (name) => {
        const report = parseReport(await readFile(`docs/bench/${name}.json`, 'utf8'), name)
        // Enough arms for every mark: axe takes its time over the tables of 45.
        return { ...report, arms: report.arms.filter((_, at) => at % 3 === 0 || at < 3) }
      }),
    )
  })
  beforeEach(async () => {
    ;({ page, problems } = tabs)
    workbench = fakeWorkbench({ reports, stepMs: 400 })
    await tabs.serve(workbench)
  })
  const open = async (to: string): Promise<void> => {
    if (page.url().startsWith('http')) await page.evaluate((hash) => void (location.hash = hash), to)
    else await page.goto(`${tabs.server.url}&to=${encodeURIComponent(to)}`)
    await page.getByRole('navigation').first().waitFor()
  }
  const runs = () => page.getByRole('region', { name: 'Runs' }).getByRole('listitem')

  it('measures what the form says: sizes, time, rows on the way, then the report; removing it can be undone', async () => {
    await open('/bench')
    await page.getByRole('heading', { name: 'New run' }).waitFor()
    await page.getByTestId('estimate').getByText('60 measurements · about 75 s').waitFor()
    await expectAccessible(page)
    await picture(page, 'bench-form-light')
    await page.getByRole('textbox', { name: 'Arms' }).fill('magic')
    await page.getByText('each libllama, resident or a strategy').waitFor()
    expect(await page.getByRole('button', { name: 'Start measuring' }).isDisabled()).toBe(true)
    await page.getByRole('textbox', { name: 'Arms' }).fill('reuse,link:4')
    await page.getByTestId('estimate').getByText('60 measurements').waitFor()
    await page.keyboard.press('Control+Enter')
    await page.getByRole('heading', { name: 'Measuring: Questions' }).waitFor()
    await page.getByRole('region', { name: 'Measured so far' }).getByRole('rowheader', { name: 'link:4' }).waitFor()
    await expectAccessible(page)
    await page.getByRole('article').getByTestId('headline').waitFor()
    expect(await page.getByTestId('headline').textContent()).toMatch(/brings the first token .*sooner than full prefill, /)
    expect(await runs().count()).toBe(REPORTS.length + 1)
    await page.getByRole('button', { name: 'Remove', exact: true }).click()
    await expect.poll(() => runs().count()).toBe(REPORTS.length)
    await page.keyboard.press('Control+z')
    await expect.poll(() => runs().count()).toBe(REPORTS.length + 1)
    expect(problems).toEqual([])
  })

  it('shows quality against latency, without a pointer too, in both themes and in Chinese', async () => {
    await open('/bench/r2')
    const chart = page.getByRole('figure', { name: /^Quality against latency/ })
    await chart.waitFor()
    expect(await page.getByTestId('headline').textContent()).toMatch(/right, full prefill/)
    const names = page.getByRole('toolbar', { name: 'Arms' }).getByRole('button')
    await names.first().focus()
    await page.keyboard.press('ArrowRight')
    const second = (await names.nth(1).textContent())?.trim() ?? ''
    await page.getByText(`${second}: first token after`).waitFor()
    await chart.getByRole('radiogroup').getByText('KL to full prefill').click()
    await page.getByRole('figure', { name: 'Quality against latency: KL to full prefill' }).waitFor()
    await expectAccessible(page)
    await setTheme(page, 'Dark')
    await open('/bench/r1')
    await page.getByTestId('headline').waitFor()
    await expectAccessible(page)
    await picture(page, 'bench-report-dark')
    await page.setViewportSize(SMALL)
    await expectFits(page)
    await picture(page, 'bench-small')
    await page.setViewportSize({ width: 1400, height: 900 })
    await setTheme(page, 'Light')
    await setLanguage(page, 'zh')
    await open('/bench/r1')
    await page.getByRole('figure', { name: /质量与延迟/ }).waitFor()
    await expectAccessible(page)
    await picture(page, 'bench-report-zh')
    await setLanguage(page, 'en')
    expect(problems).toEqual([])
  })

  it.each(REPORTS.map((name, at) => [name, `r${at + 1}`]))('shows %s', async (_, id) => {
    await open(`/bench/${id}`)
    await page.getByTestId('headline').waitFor()
    await expectAccessible(page)
    await picture(page, `bench-${id}-light`)
    // Nothing but tables scrolls sideways.
    expect(await page.getByRole('main').evaluate(({ scrollWidth, clientWidth }) => scrollWidth <= clientWidth)).toBe(true)
    expect(problems).toEqual([])
  })

  it('puts two side by side, and says under what conditions they differ', async () => {
    await open('/bench/r1')
    const picker = page.getByRole('combobox', { name: 'Choose a run to compare with' })
    await picker.waitFor()
    await picker.selectOption('r2')
    await page.getByRole('heading', { name: 'Two runs side by side' }).waitFor()
    await page.getByText('Measured under different conditions').waitFor()
    await page.getByRole('row', { name: /^questions .* differs$/ }).waitFor()
    await page.getByRole('row', { name: /^reuse times faster than full [\d.]+ [\d.]+ [\d.]+ [\d.]+ – [\d.]+ intervals/ }).waitFor()
    await expectAccessible(page)
    await picture(page, 'bench-compare-light')
    await page.getByRole('button', { name: 'Swap' }).click()
    expect(page.url()).toContain('#/bench/compare/r2/r1')
    expect(problems).toEqual([])
  })

  it('draws two runs of questions in one chart, an arm’s marks joined, and takes its table along', async () => {
    await open('/bench/compare/r1/r2')
    const chart = page.getByRole('figure', { name: /^Quality against latency of both/ })
    await chart.waitFor()
    const [first, second] = [0, 1].map((at) => (reports[at]?.arms ?? []).filter(({ exactMatch }) => exactMatch !== undefined))
    const inBoth = (first ?? []).filter(({ name }) => second?.some((other) => other.name === name)).length
    expect(inBoth).toBeGreaterThan(1)
    const marks = chart.locator('svg.plot [data-arm]')
    expect(await marks.locator('path').count()).toBe((first?.length ?? 0) + (second?.length ?? 0))
    // The second run's marks stand in a ring, and a line leads to them from the first's.
    expect(await marks.locator('circle').count()).toBe(second?.length)
    expect(await marks.locator('> line').count()).toBe(inBoth)
    const names = page.getByRole('toolbar', { name: 'Arms' }).getByRole('button')
    await names.first().focus()
    await page.getByText(/: first [\d.]+ % of full prefill’s time, exact match [\d.]+ %; second /).waitFor()
    expect(await chart.getByRole('row').count()).toBe((first?.length ?? 0) + (second?.length ?? 0) + 1)
    await expectAccessible(page)
    await picture(page, 'bench-compared-trade')
    await setTheme(page, 'Dark')
    await picture(page, 'bench-compared-trade-dark')
    await setTheme(page, 'Light')
    await page.getByRole('button', { name: /^Export: Quality against latency of both/ }).click()
    const [file] = await Promise.all([page.waitForEvent('download'), page.getByRole('menuitem', { name: 'Table (CSV)' }).click()])
    const lines = (await readFile(await file.path(), 'utf8')).split('\r\n')
    expect(lines[0]).toMatch(/^arm,run,% of full/)
    expect(lines.slice(1, 3).map((line) => line.split(',')[1])).toEqual(['First', 'Second'])
    expect(problems).toEqual([])
  })

  it('lays the ranges of two runs of times above one another', async () => {
    const shape = reports[2]
    if (!shape) throw new Error('Expected a report of a shape.')
    const slower = shape.arms.map((arm) => ({ ...arm, ttftMs: { p50: arm.ttftMs.p50 * 1.2, p95: arm.ttftMs.p95 * 1.3 } }))
    const { id } = await workbench.bench.importReport({ text: JSON.stringify({ ...shape, arms: slower }) })
    await open(`/bench/compare/r3/${id}`)
    const chart = page.getByRole('figure', { name: /^How the times to the first token lie in both/ })
    await chart.waitFor()
    const [arm] = shape.arms
    // Median and p95 of each run, with a mark between thousands.
    const shown = (ms: number): string => Number(ms.toPrecision(3)).toLocaleString('en')
    const figures = await chart.locator(`[data-arm="${arm?.name}"] text.plot-dim`).allTextContents()
    expect(figures).toEqual([1, 1.2].map((times, at) => `${shown((arm?.ttftMs.p50 ?? 0) * times)} / ${shown((arm?.ttftMs.p95 ?? 0) * [1, 1.3][at]!)}`))
    expect(figures.join()).toContain(',')
    await expectAccessible(page)
    await picture(page, 'bench-compared-times')
    expect(problems).toEqual([])
  })

  it('says what its figures are: median and p95, thousands apart, intervals only where there are some', async () => {
    await open('/bench/r3')
    const arm = reports[2]?.arms.find(({ name }) => name === 'full')
    const shown = (ms = 0): string => Number(ms.toPrecision(3)).toLocaleString('en')
    const chart = page.getByRole('figure', { name: /^How the times to the first token lie/ })
    await chart.getByText('median / p95', { exact: true }).waitFor()
    await chart.getByText(`${shown(arm?.ttftMs.p50)} / ${shown(arm?.ttftMs.p95)}`, { exact: true }).waitFor()
    await page.getByText('In brackets the 95 % interval of the median.').waitFor()
    await open('/bench/r4')
    await page.getByRole('region', { name: 'Forms of caches', exact: true }).waitFor()
    expect(await page.getByText('In brackets').count()).toBe(0)
    // Words that a line crosses have a ground of their own.
    await open('/bench/r1')
    const label = page.locator('svg.plot text.plot-text').first()
    await label.waitFor()
    expect(await label.evaluate((text) => getComputedStyle(text).paintOrder)).toMatch(/^stroke/)
    expect(await label.evaluate((text) => getComputedStyle(text).stroke)).toBe(await page.evaluate(() => getComputedStyle(document.body).backgroundColor))
    expect(problems).toEqual([])
  })

  it('takes in a report from elsewhere, and refuses what is none', async () => {
    await open('/bench')
    const choose = page.getByLabel('Open a report…')
    await choose.setInputFiles({ name: 'x.json', mimeType: 'application/json', buffer: Buffer.from('{"kvasir": 1}') })
    await page.getByRole('alert').getByText('Expected a report in this text').waitFor()
    await choose.setInputFiles('docs/bench/table1-1b-q4_0.json')
    await page.getByRole('heading', { name: 'Injecting: 1b-q4_0' }).waitFor()
    await page.getByRole('row', { name: /^fine-tuning \(estimate\)/ }).waitFor()
    await expect.poll(() => runs().count()).toBe(REPORTS.length + 1)
  })

  const exported = async (of: string | RegExp, as: string): Promise<Buffer> => {
    await page.getByRole('button', { name: of }).click()
    const [file] = await Promise.all([page.waitForEvent('download'), page.getByRole('menuitem', { name: as }).click()])
    expect(file.suggestedFilename()).toMatch(/^bench-suite-[\w.-]+\.(png|svg|csv|json|md)$/)
    return await readFile(await file.path())
  }
  const TRADE = /^Export: Quality against latency/

  it.each(['Light', 'Dark'] as const)('exports a chart as it is seen, %s', async (theme) => {
    await setThemeOn(theme)
    await open('/bench/r1')
    await page.getByTestId('headline').waitFor()
    const shown = await page.locator('.chart svg.plot').first().boundingBox()
    const png = await exported(TRADE, 'Picture (PNG)')
    expect(png.subarray(0, 8)).toEqual(Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]))
    expect([png.readUInt32BE(16), png.readUInt32BE(20)]).toEqual([Math.round((shown?.width ?? 0) * 2), Math.round((shown?.height ?? 0) * 2)])
    // A picture, and no empty ground: of each theme's own brightness.
    const { light, colours } = await coloursOf(page, png)
    expect(light > 128).toBe(theme === 'Light')
    expect(colours).toBeGreaterThan(20)
    const svg = (await exported(TRADE, 'Drawing (SVG)')).toString('utf8')
    expect(svg).not.toMatch(/var\(|currentcolor|light-dark/i)
    const parsed = await page.evaluate((text) => {
      const document = new DOMParser().parseFromString(text, 'image/svg+xml')
      return { root: document.documentElement.localName, broken: document.querySelector('parsererror') !== null, marks: document.querySelectorAll('path').length }
    }, svg)
    expect(parsed).toEqual({ root: 'svg', broken: false, marks: reports[0]?.arms.filter(({ exactMatch }) => exactMatch !== undefined).length })
    await setThemeOn('Light')
    expect(problems).toEqual([])
  })

  async function setThemeOn(theme: 'Light' | 'Dark'): Promise<void> {
    await open('/settings')
    await setTheme(page, theme)
    await expect.poll(() => workbench.preferences.all()['theme']).toBe(theme.toLowerCase())
  }

  it('exports figures as CSV, JSON and Markdown that come back as they were', async () => {
    await open('/bench/r1')
    await page.getByTestId('headline').waitFor()
    const arms = reports[0]?.arms.filter(({ exactMatch }) => exactMatch !== undefined) ?? []
    const csv = (await exported(TRADE, 'Table (CSV)')).toString('utf8')
    expect(csv.trimEnd().split('\r\n')).toHaveLength(arms.length + 1)
    const json = JSON.parse((await exported(TRADE, 'Table (JSON)')).toString('utf8')) as Record<string, unknown>[]
    expect(json.map((row) => row['arm'])).toEqual(arms.map(({ name }) => name))
    const markdown = (await exported(/^Export: Answers/, 'Table (Markdown)')).toString('utf8')
    expect(markdown.split('\n')[0]).toBe('| arm | exact match, % | F1, % | ROUGE-L, % | KL, nats | top-1, % |')
    expect(markdown.trimEnd().split('\n')).toHaveLength(arms.length + 2)
  })
})
