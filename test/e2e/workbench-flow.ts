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

  // The sample set is there by itself, its caches are being built.
  await row(/^Project Falcon \d+ tokens/)
    .first()
    .waitFor({ timeout: READY_MS })
  await page.getByText(/^12 of 12 chunks cached/).waitFor({ timeout: READY_MS })
  await page.getByText('No jobs running').waitFor({ timeout: READY_MS })
  await expectAccessible(page)

  // An answer from the caches: everything reused, nothing of the knowledge computed.
  await page.getByRole('button', { name: 'What is the budget of Project Falcon?' }).click()
  expect(await ask('What is the budget of Project Falcon?')).toBe('63')
  const figures = page.getByRole('region', { name: 'Figures of this answer' })
  expect(await figures.textContent()).toContain('100 %')
  expect(await figures.textContent()).toContain('201 of 201 tokens')
  const chunks = page.getByRole('toolbar').getByRole('button')
  expect(await chunks.count()).toBe(12)
  expect(await page.locator('.strip [data-outcome="reused"]').count()).toBe(12)

  // Without the section that holds the fact the answer is another one; the chunks behind it are reused in isolation, once.
  await row(/^Budget/)
    .locator('.box')
    .click()
  await expect
    .poll(() =>
      row(/^Project Falcon \d+/)
        .first()
        .getAttribute('aria-checked'),
    )
    .toBe('mixed')
  expect(await ask('What is the budget of Project Falcon?')).toBe('unknown')
  expect(await chunks.count()).toBe(11)
  await row(/^Staff/)
    .locator('.box')
    .click()
  expect(await ask('How many employees does Nimbus have?')).toBe('42')
  const afterGap = page.getByRole('toolbar').getByRole('button', { name: /^Updates › Music/ })
  expect(await afterGap.getAttribute('data-outcome')).toBe('isolated')
  // What it would have needed is built meanwhile: asked again, everything is what full prefill would have computed.
  await page.getByText('No jobs running').waitFor({ timeout: READY_MS })
  expect(await ask('How many employees does Nimbus have?')).toBe('42')
  expect(await afterGap.getAttribute('data-outcome')).toBe('reused')
  expect(await afterGap.getAttribute('aria-label')).toContain('behind the parts of its document that are included')
  await page.getByRole('button', { name: 'All', exact: true }).click()
  expect(await ask('How many employees does Nimbus have?')).toBe('57')

  // The same by in-context learning: both times, their ratio, the same answer.
  await row(/^Staff/)
    .locator('.box')
    .click()
  await page.getByRole('button', { name: 'Compare with in-context' }).click()
  await page.getByTestId('verdict').waitFor({ timeout: READY_MS })
  expect(await page.getByTestId('verdict').textContent()).toMatch(/^([\d.,]+x (faster|slower)|As fast) to the first token/)
  expect(await page.getByTestId('lane-rival').textContent()).toMatch(/In-context \d+ tokens computed/)
  expect(await page.getByTestId('lane-main').textContent()).toMatch(/Reuse, \d+ tokens computed/)

  // What a chunk is, from near.
  await page
    .getByRole('toolbar')
    .getByRole('button', { name: /^Project Falcon › Budget/ })
    .click()
  await page.getByRole('complementary').getByText('The venture has a budget of 63 million.').waitFor()
  await setTheme(page, 'Light')
  await expectAccessible(page)
  if (pictures) await picture(page, 'ask-light')
  await setTheme(page, 'Dark')
  await expectAccessible(page)
  if (pictures) await picture(page, 'ask-dark')
  await setTheme(page, 'System')

  // Reading again by another strategy, and stopping, leave the page ready for the next question.
  await page.getByRole('radiogroup', { name: 'Strategy' }).getByText('In-context').click()
  expect(await ask('Where does Peter Stone live?')).toBe('Paris')
  expect(await page.locator('.strip [data-outcome="computed"]').count()).toBe(11)
}
