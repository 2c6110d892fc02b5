/** Looking before importing, folders in step and the trash, in a real browser against a workbench that can be told what to do. */
import { beforeEach, describe, expect, it } from 'vitest'
import type { Page } from 'playwright'
import { WorkbenchError } from '../../src/shared/errors'
import { chromiumPath, noChromium } from '../helpers/chromium'
import { fakeWorkbench, type FakeOptions, type FakeWorkbench } from '../helpers/fake-workbench'
import { expectAccessible, expectFits, expectNoEnglish, picture, runCommand, setLanguage, setTheme, SMALL } from './page-checks'
import { useTabs } from './tabs'

/** Questions that the sample's own documents suggest. */
const SUGGESTED = ['How many remote days per month?']

/** 300 characters with quotes, HTML and right-to-left text. */
const STRANGE = `"quoted" 'single' <b>bold</b> &amp; שלום עליכם مرحبا ${'長'.repeat(245)}.md`

describe.skipIf(!chromiumPath)(`importing in the page${noChromium}`, () => {
  const tabs = useTabs()
  let page: Page
  let problems: string[]

  beforeEach(() => void ({ page, problems } = tabs))

  const open = async (options: FakeOptions = {}): Promise<FakeWorkbench> => {
    const workbench = fakeWorkbench(options)
    await workbench.sets.ensureSample()
    await workbench.jobs.finished('j1')
    await tabs.serve(workbench)
    await page.goto(`${tabs.server.url}&to=/ask`)
    await page.getByRole('heading', { name: 'Kvasir' }).waitFor()
    return workbench
  }
  const file = (name: string, text: string) => ({ name, mimeType: 'text/markdown', buffer: Buffer.from(text) })
  const dialog = () => page.getByRole('dialog', { name: 'Import into Sample' })
  const files = () => dialog().getByRole('option')
  const row = (name: string | RegExp) => page.getByRole('treeitem', { name }).first()
  const NOTES = '# New notes\n\nSome words here.\n\n## Second part\n\nMore words follow here.\n'

  it('shows what an import would do, then imports and builds', async () => {
    const workbench = await open()
    await page.getByTestId('chooser').setInputFiles([
      file('notes.md', NOTES),
      file('handbook.md', '# Handbook 2025\n\nOther words.\n'),
      file('empty.md', ''),
    ])
    await dialog().getByText('16 tokens in 3 chunks').or(dialog().getByText(/tokens in 3 chunks/)).first().waitFor()
    expect(await files().count()).toBe(3)
    await dialog().getByRole('option', { name: /New notes.*new.*Markdown/s }).waitFor()
    await dialog().getByRole('option', { name: /Handbook 2025.*changed/s }).waitFor()
    await dialog().getByRole('option', { name: /empty\.md is empty/ }).waitFor()
    await dialog().getByRole('region', { name: 'Text as it would be cut' }).getByText('Some words here.').waitFor()
    await expectAccessible(page)
    await picture(page, 'import-light')
    expect((await workbench.sets.show('Sample')).documents).toBe(3)
    await dialog().getByRole('button', { name: 'not readable 1' }).click()
    expect(await files().count()).toBe(1)
    await dialog().getByText('This file cannot be imported').waitFor()
    await dialog().getByRole('button', { name: 'All 3' }).click()
    await dialog().getByRole('button', { name: 'Import and build' }).click()
    await dialog().waitFor({ state: 'detached' })
    await row(/^New notes \d+ tokens, cached/).waitFor()
    expect(problems).toEqual([])
  })

  it('says in Chinese why a file cannot be imported', async () => {
    const workbench = await open()
    await setLanguage(page, 'zh')
    await page.evaluate(() => void (location.hash = '/ask'))
    await page.getByTestId('chooser').setInputFiles([file('笔记.md', '# 笔记\n\n内容。\n'), file('empty.md', '')])
    const zh = page.getByRole('dialog')
    await zh.getByRole('option', { name: /empty\.md 是空的。请导入有文字的文件。/ }).click()
    await zh.getByRole('alert').getByText('empty.md 是空的。').waitFor()
    await expectNoEnglish(page, SUGGESTED)
    await picture(page, 'import-refused-zh')
    await page.keyboard.press('Escape')
    workbench.failNextJob = new WorkbenchError('document.invalid', { id: 'pdf.scan', params: { name: '合同.pdf', pages: 3 } })
    const { id } = await workbench.documents.addText('Sample', [{ name: '合同.pdf', text: ' ' }])
    await workbench.jobs.finished(id)
    await page.getByRole('alert').getByText('合同.pdf 的 3 页都没有文字，是图片（扫描件）。').first().waitFor()
    await expectNoEnglish(page, SUGGESTED)
    expect(problems).toEqual([])
  })

  it('is cancelled by Esc, and nothing is left of the upload', async () => {
    const workbench = await open()
    await page.getByTestId('chooser').setInputFiles([file('notes.md', NOTES)])
    await dialog().getByRole('button', { name: 'Import', exact: true }).and(page.locator(':enabled')).waitFor()
    await page.keyboard.press('Escape')
    await dialog().waitFor({ state: 'detached' })
    expect((await workbench.sets.show('Sample')).documents).toBe(3)
    await expect.poll(() => workbench.uploaded()).toBe(0)
  })

  it('goes through thousands of files by keyboard', async () => {
    await open()
    await page.getByTestId('chooser').setInputFiles(
      Array.from({ length: 1500 }, (_, index) => file(`n${String(index).padStart(4, '0')}.md`, `# Note ${index}\n\nText ${index}.\n`)),
    )
    await dialog().getByRole('button', { name: 'All 1,500' }).waitFor()
    expect(await files().count()).toBeLessThan(60)
    await dialog().getByRole('listbox', { name: 'Files' }).focus()
    await page.keyboard.press('End')
    await dialog().getByRole('option', { name: /Note 1499/, selected: true }).waitFor()
    await dialog().getByRole('region', { name: 'Text as it would be cut' }).getByText('Text 1499.').waitFor()
    await page.keyboard.press('ArrowUp')
    await dialog().getByRole('option', { name: /Note 1498/, selected: true }).waitFor()
  })

  it('takes a name of any kind', async () => {
    const workbench = await open()
    await page.getByTestId('chooser').setInputFiles([file(STRANGE, `# ${STRANGE.slice(0, 60)}\n\nWords.\n`)])
    await dialog().getByRole('option').first().waitFor()
    await dialog().getByText(STRANGE, { exact: true }).first().waitFor()
    expect(await dialog().evaluate((element) => element.scrollWidth <= element.clientWidth)).toBe(true)
    await picture(page, 'import-strange-name')
    await dialog().getByRole('button', { name: 'Import', exact: true }).click()
    await row(/quoted/).waitFor()
    expect((await workbench.sets.show('Sample')).tree.at(-1)?.source).toBe(STRANGE)
    expect(problems).toEqual([])
  })

  it('shows what differs in folders before anything is done, and can undo what it removes', async () => {
    const workbench = await open()
    await runCommand(page, 'Folders of this set')
    const folders = page.getByRole('dialog', { name: 'Folders of Sample' })
    await folders.getByText('No folder is followed yet.').waitFor()
    await folders.getByRole('textbox', { name: 'Path of a folder' }).fill('/papers')
    await page.keyboard.press('Enter')
    await folders.getByText('1 new').waitFor()
    await expectAccessible(page)
    await folders.getByRole('button', { name: 'Import and build' }).click()
    await folders.getByRole('button', { name: 'Forget /papers' }).waitFor()
    await folders.getByText('Everything is in step.').waitFor()
    const added = (await workbench.sets.show('Sample')).tree.at(-1)
    expect(added?.source).toBe('/papers/new.md')
    workbench.folder.set('/papers/new.md', '# New\n\nChanged words.\n')
    workbench.folder.set('/papers/more.md', '# More\n\nWords.\n')
    await folders.getByRole('button', { name: 'Look again' }).click()
    await folders.getByText('1 changed').waitFor()
    await folders.getByText('Caches of changed text are stale').waitFor()
    await picture(page, 'sync-light')
    await folders.getByRole('button', { name: 'Import 2 files' }).click()
    await folders.getByText('Everything is in step.').waitFor()
    workbench.folder.delete('/papers/new.md')
    await folders.getByRole('checkbox', { name: /Look on/ }).check()
    await folders.getByRole('button', { name: 'Remove 1 whose file is gone' }).click()
    await expect.poll(async () => (await workbench.sets.show('Sample')).documents).toBe(4)
    await page.keyboard.press('Escape')
    await page.keyboard.press('Control+z')
    await expect.poll(async () => (await workbench.sets.show('Sample')).documents).toBe(5)
    expect(problems).toEqual([])
  })

  it('lists the trash, brings things back, and asks before they go for good', async () => {
    const workbench = await open()
    await workbench.documents.addText('Sample', Array.from({ length: 400 }, (_, index) => ({ name: `m${index}.md`, text: '# Many\n\nWords.\n' })))
    await workbench.jobs.finished('j2')
    await workbench.documents.remove((await workbench.sets.show('Sample')).tree.slice(3).map(({ id }) => id))
    await workbench.documents.remove(['d1', 'd2'])
    await workbench.sets.create('Other')
    await workbench.sets.remove('Other')
    await page.reload()
    await page.evaluate(() => (location.hash = '#/library/trash'))
    const trash = page.getByRole('dialog', { name: 'Trash' })
    await trash.getByRole('row').nth(3).waitFor()
    expect(await trash.getByRole('row').count()).toBeLessThan(60)
    expect(await trash.evaluate((element) => element.scrollHeight <= element.clientHeight)).toBe(true)
    await expectAccessible(page)
    await picture(page, 'trash-light')
    await trash.getByRole('button', { name: 'Restore Travel policy 2025' }).click()
    await expect.poll(async () => (await workbench.sets.show('Sample')).documents).toBe(2)
    await trash.getByRole('button', { name: 'Remove for good…: Handbook 2024' }).click()
    const question = page.getByRole('dialog', { name: 'Remove for good?' })
    await question.getByText('1 item, ').waitFor()
    await question.getByRole('button', { name: 'Keep' }).click()
    await trash.getByRole('button', { name: 'Empty the trash…' }).click()
    await question.getByRole('button', { name: 'Remove for good' }).click()
    await trash.getByText('The trash is empty').waitFor()
    expect(workbench.trash.list()).toEqual([])
    expect(problems).toEqual([])
  })

  it('in the dark and in Chinese', async () => {
    const workbench = await open()
    await setTheme(page, 'Dark')
    await page.getByTestId('chooser').setInputFiles([file('notes.md', NOTES), file('empty.md', '')])
    await dialog().getByRole('region', { name: 'Text as it would be cut' }).waitFor()
    await expectAccessible(page)
    await picture(page, 'import-dark')
    await page.keyboard.press('Escape')
    workbench.preferences.set('language', 'zh')
    await workbench.documents.remove('d1')
    await page.reload()
    await page.getByTestId('chooser').setInputFiles([file('notes.md', NOTES), file('empty.md', '')])
    const zh = page.getByRole('dialog', { name: '导入到 Sample' })
    await zh.getByRole('region', { name: '切分后的文本' }).waitFor()
    await expectAccessible(page)
    await page.setViewportSize(SMALL)
    await expectFits(page)
    await zh.waitFor()
    await picture(page, 'import-zh')
    await page.keyboard.press('Escape')
    await runCommand(page, '回收站…')
    await page.getByRole('dialog', { name: '回收站' }).getByRole('row').nth(1).waitFor()
    await picture(page, 'trash-zh')
    await page.setViewportSize({ width: 1400, height: 900 })
  })
})
