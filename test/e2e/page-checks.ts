/** What every page test looks at. */
import { createRequire } from 'node:module'
import { mkdir } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import type { AxeResults } from 'axe-core'
import type { Page } from 'playwright'
import { expect } from 'vitest'

const AXE = createRequire(import.meta.url).resolve('axe-core/axe.min.js')
/** `KVASIR_SCREENSHOTS=docs npm test` refreshes the pictures of the guide. */
const PICTURES =
  process.env['KVASIR_SCREENSHOTS'] === 'docs' ? resolve('docs/screenshots') : join(tmpdir(), 'kvasir-screenshots')

/** Console errors, page errors and failed requests from now on; a test ends with `expect(problems).toEqual([])`. */
export function watchProblems(page: Page): string[] {
  const problems: string[] = []
  page.on('console', (message) => {
    if (message.type() === 'error' || message.type() === 'warning') problems.push(message.text())
  })
  page.on('pageerror', (error) => problems.push(String(error)))
  page.on('requestfailed', (request) => problems.push(`${request.url()}: ${request.failure()?.errorText}`))
  return problems
}

/** No finding of axe: contrast, names, roles, focus order, headings. The page's own CSP is left in force. */
export async function expectAccessible(page: Page): Promise<void> {
  // Over CDP rather than as a script element, which the CSP would refuse.
  await page.evaluate(await axeSource())
  const results = await page.evaluate(async () =>
    (globalThis as unknown as { axe: { run(): Promise<AxeResults> } }).axe.run(),
  )
  const findings = results.violations.map(
    ({ id, nodes }) => `${id}: ${nodes.map(({ html, failureSummary }) => `${html} ${failureSummary}`).join(' | ')}`,
  )
  expect(findings).toEqual([])
}

async function axeSource(): Promise<string> {
  const { readFile } = await import('node:fs/promises')
  return readFile(AXE, 'utf8')
}

export async function picture(page: Page, name: string): Promise<void> {
  await mkdir(PICTURES, { recursive: true })
  await page.screenshot({ path: join(PICTURES, `${name}.png`) })
}

/** Chooses the theme as a person does. */
export async function setTheme(page: Page, name: 'Light' | 'Dark' | 'System'): Promise<void> {
  await page.getByRole('radiogroup', { name: 'Theme' }).getByText(name, { exact: true }).click()
}
