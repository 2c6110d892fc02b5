/** One person's first minute with the real workbench, engine and demo model; the same over every carrier. */
import type { Page } from 'playwright'
import { expect } from 'vitest'
import { expectAccessible, picture, setTheme } from './page-checks'

const READY_MS = 60_000

/** The page is loaded, the data folder was empty before. `pictures`: take them. */
export async function firstMinute(page: Page, pictures: boolean): Promise<void> {
  const row = (title: RegExp) => page.getByRole('treeitem', { name: title })
  const ask = async (question: string): Promise<string> => {
    await page.getByRole('textbox', { name: 'Question' }).fill(question)
    await page.keyboard.press('Control+Enter')
    await page
      .getByTestId('phase')
      .first()
      .and(page.locator('[data-phase="done"]'))
      .waitFor({ state: 'attached', timeout: READY_MS })
    return ((await page.getByTestId('answer').textContent()) ?? '').trim()
  }

  // Home is where one begins; the sample set is there by itself, its caches are being built.
  await page.getByRole('navigation', { name: 'Pages' }).getByRole('link', { name: 'Ask' }).click()
  await row(/^Report on Project Wren \d+ tokens/).waitFor({ timeout: READY_MS })
  await page.getByText(/^(\d+) of \1 chunks cached/).waitFor({ timeout: READY_MS })
  await page.getByText('No jobs running').waitFor({ timeout: READY_MS })
  await expectAccessible(page)

  // A suggested question brings its selection. An answer from the caches: nothing of the knowledge is computed.
  await page.getByRole('button', { name: 'All 40 questions' }).click()
  await page.getByRole('button', { name: 'What is the travel allowance?' }).click()
  // The list makes room for the answer.
  await page.getByRole('button', { name: 'All 40 questions' }).waitFor()
  expect(await ask('What is the travel allowance?')).toBe('55 euros')
  const figures = page.getByRole('region', { name: 'Figures of this answer' })
  expect(await figures.textContent()).toContain('100 %')
  expect(await figures.textContent()).toMatch(/(\d+) of \1 tokens/)
  const chunks = page.getByRole('toolbar').getByRole('button')
  expect(await chunks.count()).toBe(6)
  // Also behind the gaps in what is suggested: the build has thought of them.
  expect(await page.locator('.strip [data-outcome="reused"]').count()).toBe(6)

  // Without the newest handbook's section the answer is another one.
  await row(/^Handbook 2025/).locator('.twist').click()
  expect(await row(/^Handbook 2025/).first().getAttribute('aria-checked')).toBe('mixed')
  await row(/^Travel/).locator('.box').click()
  expect(await ask('What is the travel allowance?')).toBe('42 euros')
  expect(await chunks.count()).toBe(5)
  // What stands behind a gap was reused in isolation; what it would have needed is built meanwhile.
  const afterGap = page.getByRole('toolbar').getByRole('button', { name: /^Handbook 2025 › Training/ })
  expect(await afterGap.getAttribute('data-outcome')).toBe('isolated')
  await page.getByText('No jobs running').waitFor({ timeout: READY_MS })
  expect(await ask('What is the travel allowance?')).toBe('42 euros')
  expect(await afterGap.getAttribute('data-outcome')).toBe('reused')
  expect(await afterGap.getAttribute('aria-label')).toContain('behind the parts of its document that are included')

  // The same by in-context learning: both times, their ratio, the same answer.
  await page.getByRole('button', { name: 'Compare with in-context' }).click()
  await page.getByTestId('verdict').waitFor({ timeout: READY_MS })
  expect(await page.getByTestId('verdict').textContent()).toMatch(/^([\d.,]+x (faster|slower)|As fast) to the first token/)
  expect(await page.getByTestId('lane-rival').textContent()).toMatch(/In-context \d+ tokens computed/)
  expect(await page.getByTestId('lane-main').textContent()).toMatch(/Reuse, \d+ tokens computed/)

  // What a chunk is, from near.
  await page
    .getByRole('toolbar')
    .getByRole('button', { name: /^Handbook 2024 › Travel/ })
    .click()
  await page.getByRole('complementary').getByText('42 euros').waitFor()
  await setTheme(page, 'Light')
  await expectAccessible(page)
  if (pictures) await picture(page, 'ask-light')
  await setTheme(page, 'Dark')
  await expectAccessible(page)
  if (pictures) await picture(page, 'ask-dark')
  await setTheme(page, 'System')

  // Reading again by another strategy, and stopping, leave the page ready for the next question.
  await page.getByRole('region', { name: 'Quality and latency' }).getByRole('button', { name: 'In-context', exact: true }).click()
  expect(await ask('What is the meal allowance?')).toBe('21 euros')
  expect(await page.locator('.strip [data-outcome="computed"]').count()).toBe(5)
}
