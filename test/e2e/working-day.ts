/**
 * What one does with the workbench on a day, on the real workbench with engine and demo model: build, change, explain a miss,
 * clean up, undo, race. The same over every carrier; it begins where `firstMinute` has ended.
 */
import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Page } from 'playwright'
import { expect } from 'vitest'
import { expectAccessible, picture, runCommand } from './page-checks'

/** The sample is built meanwhile, beside whatever other tests run. */
const READY_MS = 120_000

const idle = (page: Page) => page.getByText('No jobs running').waitFor({ timeout: READY_MS })
const goTo = (page: Page, name: string) =>
  page.getByRole('navigation', { name: 'Pages' }).getByRole('link', { name, exact: true }).click()

/** From Home to the first race by one action. */
export async function firstRace(page: Page, pictures: boolean): Promise<void> {
  await goTo(page, 'Home')
  await page.getByRole('button', { name: 'See it race' }).click()
  const verdict = page.getByTestId('verdict').first()
  await verdict.waitFor({ timeout: READY_MS })
  expect(await verdict.textContent()).toMatch(/x (sooner|later)|as soon/)
  await expectAccessible(page)
  if (pictures) await picture(page, 'race-light')
}

/** Documents of a folder in a set of their own: in, built, changed, and only what changed built again. */
export async function buildAndSync(page: Page, folder: string): Promise<void> {
  await mkdir(folder)
  await writeFile(join(folder, 'rooms.md'), '# Rooms\n\nVera Marsh is in room 12.\n\n## Keys\n\nThe keys are at the desk.\n')
  await writeFile(join(folder, 'food.md'), '# Food\n\nLunch is at noon.\n')
  await page.getByRole('button', { name: 'New set…' }).first().click()
  await page.getByRole('textbox', { name: 'Name' }).fill('Team "A" <b>')
  await page.getByRole('button', { name: 'Create set' }).click()
  await goTo(page, 'Library')
  await page.getByRole('heading', { name: 'Team "A" <b>' }).waitFor()
  await runCommand(page, 'Folders of this set')
  const folders = page.getByRole('dialog', { name: 'Folders of Team "A" <b>' })
  await folders.getByRole('textbox', { name: 'Path of a folder' }).fill(folder)
  await page.keyboard.press('Enter')
  await folders.getByText('2 new').waitFor()
  await folders.getByRole('button', { name: 'Import and build' }).click()
  await folders.getByText('Everything is in step.').waitFor({ timeout: READY_MS })
  await page.keyboard.press('Escape')
  await idle(page)
  const row = (name: RegExp) => page.getByRole('treeitem', { name }).first()
  await row(/^Food .*, cached/).waitFor({ timeout: READY_MS })

  await writeFile(join(folder, 'food.md'), '# Food\n\nLunch is at one.\n')
  await runCommand(page, 'Folders of this set')
  await folders.getByRole('button', { name: 'Look again' }).click()
  await folders.getByText('1 changed').waitFor({ timeout: READY_MS })
  await folders.getByRole('button', { name: /^Import 1 file/ }).click()
  await folders.getByText('Everything is in step.').waitFor({ timeout: READY_MS })
  await page.keyboard.press('Escape')
  // What has changed is stale, and nothing else is.
  await row(/^Food .*, stale/).waitFor({ timeout: READY_MS })
  expect(await page.getByRole('treeitem', { name: /^Rooms .*, cached/ }).count()).toBeGreaterThan(0)
  await page.getByRole('button', { name: /^Build/ }).first().click()
  await row(/^Food .*, cached/).waitFor({ timeout: READY_MS })
  await idle(page)
}

/** Caches that went, the miss that comes of it, and the one action that mends it. */
export async function explainMiss(page: Page, pictures: boolean): Promise<void> {
  await goTo(page, 'Caches')
  await page.getByRole('combobox', { name: 'Set', exact: true }).selectOption({ label: 'Team "A" <b>' })
  await page.getByRole('searchbox', { name: 'Document title' }).fill('Rooms')
  await page.getByRole('button', { name: /^Choose all/ }).click()
  await page.getByRole('button', { name: 'Evict' }).click()
  await page.getByText(/moved to the trash/).first().waitFor()
  if (pictures) await picture(page, 'caches-light')

  await goTo(page, 'Ask')
  await page.getByRole('region', { name: 'Quality and latency' }).getByRole('button', { name: 'Reuse' }).click()
  await page.getByRole('textbox', { name: 'Question' }).fill('Where is Vera Marsh?')
  await page.keyboard.press('Control+Enter')
  const missed = page.locator('.strip [data-outcome="missed"]')
  await missed.first().waitFor({ timeout: READY_MS })
  await page.getByTestId('phase').first().and(page.locator('[data-phase="done"]')).waitFor({ state: 'attached', timeout: READY_MS })
  // What the question missed is built behind it; the reason stays said.
  await missed.first().click()
  await page.getByTestId('mend').waitFor()
  await expectAccessible(page)
  if (pictures) await picture(page, 'miss-light')
  await idle(page)
  await page.getByRole('textbox', { name: 'Question' }).focus()
  await page.keyboard.press('Control+Enter')
  await expect.poll(() => missed.count(), { timeout: READY_MS }).toBe(0)
}

/** What a clean-up frees is seen first, and it can be undone. */
export async function cleanUp(page: Page, pictures: boolean): Promise<void> {
  await goTo(page, 'Caches')
  await page.getByRole('link', { name: 'Clean up' }).or(page.getByRole('tab', { name: 'Clean up' })).first().click()
  await page.getByRole('checkbox', { name: 'Only texts that no document has' }).check()
  await page.getByText(/^Frees .+/).waitFor()
  if (pictures) await picture(page, 'clean-up-light')
  await page.getByRole('button', { name: 'Move to the trash' }).click()
  await page.getByText(/moved to the trash/).first().waitFor()
  await page.keyboard.press('Control+z')
  await page.getByText(/^Undone: /).first().waitFor()
}
