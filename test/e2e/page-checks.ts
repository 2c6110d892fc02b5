/** What every page test looks at. */
import { createRequire } from 'node:module'
import { mkdir } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import type { AxeResults, RunOptions } from 'axe-core'
import type { Locator, Page } from 'playwright'
import { expect, vi } from 'vitest'

const AXE = createRequire(import.meta.url).resolve('axe-core/axe.min.js')
/** `KVASIR_SCREENSHOTS=docs npm test` refreshes the pictures of the guide; else none are taken. */
const PICTURES = process.env['KVASIR_SCREENSHOTS'] === 'docs' ? resolve('docs/screenshots') : null

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
    // Of what passes one element each: hundreds of rows would take seconds to be described.
    (globalThis as unknown as { axe: { run(options: RunOptions): Promise<AxeResults> } }).axe.run({ resultTypes: ['violations'] }),
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

/**
 * Nothing of a Chinese page is said to be English, nor is a sentence of it, whoever made it: names are no sentences.
 * @param own what a person or a document says
 */
export async function expectNoEnglish(page: Page, own: readonly string[] = []): Promise<void> {
  const found = await page.evaluate(() =>
    [...document.querySelectorAll('body *')]
      .filter((part) => part.closest('[lang="en"], code, kbd, script, style, .answer, textarea') === null || part.matches('[lang="en"]'))
      .flatMap((part) => {
        const own = [...part.childNodes].filter(({ nodeType }) => nodeType === Node.TEXT_NODE).map(({ textContent }) => textContent ?? '')
        return [part.matches('[lang="en"]') ? `lang="en": ${part.textContent}` : '', ...own, part.getAttribute('title') ?? '', part.getAttribute('aria-label') ?? '']
      })
      // Four words or more behind each other.
      .filter((text) => text.startsWith('lang="en"') || /(\b[A-Za-z’']+[ ,:;]+){3}[A-Za-z]+/.test(text)),
  )
  expect([...new Set(found)].filter((text) => !own.includes(text))).toEqual([])
}

export async function picture(page: Page, name: string): Promise<void> {
  if (!PICTURES) return
  await mkdir(PICTURES, { recursive: true })
  await page.screenshot({ path: join(PICTURES, `${name}.png`) })
}

/** The smallest window that Kvasir is made for. */
export const SMALL = { width: 1000, height: 640 }

/** No part of the page is wider than its place. */
export async function expectFits(page: Page): Promise<void> {
  const wide = (): Promise<string[]> =>
    page.evaluate(() =>
      [document.documentElement, ...document.querySelectorAll('.panel')]
        .filter((part) => part.scrollWidth > part.clientWidth + 1)
        .map(({ className, tagName }) => `${tagName} ${className}`),
    )
  await expect.poll(wide).toEqual([])
}

/** Runs a command by the palette, as a person does who knows its name. */
export async function runCommand(page: Page, title: string): Promise<void> {
  const box = page.getByRole('textbox', { name: /Command, page or set|命令、页面或知识集/ })
  await pressUntil(page, 'Control+k', box)
  await box.fill(title)
  await page.getByRole('option', { name: title }).or(page.getByRole('button', { name: title })).first().waitFor()
  await page.keyboard.press('Enter')
  await box.waitFor({ state: 'detached' })
}

/** A page that is just being loaded hears no key yet, and a person would press it once more. */
async function pressUntil(page: Page, key: string, there: Locator): Promise<void> {
  await vi.waitFor(
    async () => {
      if (!(await there.isVisible())) await page.keyboard.press(key)
      await there.waitFor({ timeout: 2000 })
    },
    { timeout: 30_000 },
  )
}

export async function setTheme(page: Page, name: 'Light' | 'Dark' | 'System'): Promise<void> {
  await runCommand(page, `Theme: ${name}`)
}

/** Kept like any preference; the page is loaded anew in that language. */
export async function setLanguage(page: Page, language: 'en' | 'zh'): Promise<void> {
  const choices = page.getByRole('radiogroup', { name: /Language|语言/ })
  await pressUntil(page, 'Control+,', choices)
  const anew = page.waitForEvent('load')
  await choices.getByText(language === 'zh' ? '简体中文' : 'English').click()
  await anew
  await page.getByRole('navigation', { name: language === 'zh' ? '页面' : 'Pages' }).waitFor()
}

/** A PNG as it is seen: how many colours it has, and how bright its first corner is, 0 to 255. */
export async function coloursOf(page: Page, png: Buffer): Promise<{ readonly colours: number; readonly light: number }> {
  return await page.evaluate(async (data) => {
    const image = new Image()
    image.src = `data:image/png;base64,${data}`
    await image.decode()
    const canvas = Object.assign(document.createElement('canvas'), { width: image.width, height: image.height })
    const context = canvas.getContext('2d')
    context?.drawImage(image, 0, 0)
    const { data: pixels } = context?.getImageData(0, 0, image.width, image.height) ?? { data: [] }
    const seen = new Set<string>()
    for (let at = 0; at < pixels.length; at += 4) seen.add(`${pixels[at]},${pixels[at + 1]},${pixels[at + 2]}`)
    return { colours: seen.size, light: pixels[0] ?? 0 }
  }, png.toString('base64'))
}
