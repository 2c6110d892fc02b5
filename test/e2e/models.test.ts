/** The Models page in a real browser. */
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { Page } from 'playwright'
import { chromiumPath, noChromium } from '../helpers/chromium'
import { fakeWorkbench, type FakeWorkbench } from '../helpers/fake-workbench'
import { expectAccessible, expectFits, expectNoEnglish, picture, runCommand, setLanguage, setTheme, SMALL } from './page-checks'
import { useTabs } from './tabs'

describe.skipIf(!chromiumPath)(`the Models page${noChromium}`, () => {
  let workbench: FakeWorkbench
  const tabs = useTabs()
  let page: Page
  let problems: string[]

  beforeEach(async () => {
    ;({ page, problems } = tabs)
    await page.setViewportSize({ width: 1400, height: 900 })
    workbench = fakeWorkbench({ stepMs: 1 })
    await workbench.sets.ensureSample()
    await workbench.jobs.finished('j1')
    await tabs.serve(workbench)
    await page.goto(tabs.server.url.replace('#', '#to=/models&'))
    await page.getByRole('article', { name: 'first' }).waitFor()
  })
  afterEach(async () => {
    await workbench[Symbol.asyncDispose]()
  })

  const known = () => page.getByRole('list', { name: 'Known models' })
  const model = (id: string) => page.getByRole('article', { name: id })
  const path = () => page.getByRole('textbox', { name: 'Path of a GGUF file' })

  it('checks and calibrates a model, and shows what was found', async () => {
    const detail = model('first')
    await detail.getByText('Not checked yet').waitFor()
    await detail.getByText('512 tokens').first().waitFor()
    await detail.getByRole('button', { name: 'Check now' }).click()
    await detail.getByText(/^Passed on cpu/).waitFor()
    await detail.getByText('with everything recomputed: all rows named').waitFor()
    expect(await detail.getByRole('region', { name: /^Check/ }).getByRole('row').count()).toBe(5)
    await known().getByText('passed').waitFor()
    await runCommand(page, 'Calibrate')
    await detail.getByText('Measured with 24 questions').first().waitFor()
    await detail.getByRole('rowheader', { name: 'Link 16' }).first().waitFor()
    expect(await detail.locator('.scatter circle').count()).toBe(5)
    await detail.getByRole('button', { name: 'Calibrate profiles' }).click()
    await detail.getByRole('rowheader', { name: 'medium' }).waitFor()
    await expectAccessible(page)
    await picture(page, 'models-light')
    await page.locator('main').evaluate((main) => main.scrollTo(0, main.scrollHeight))
    await picture(page, 'models-light-foot')
    await setTheme(page, 'Dark')
    await expectAccessible(page)
    await picture(page, 'models-dark')
    await page.setViewportSize(SMALL)
    await expectFits(page)
    await picture(page, 'models-small')
    expect(problems).toEqual([])
  })

  it('finds models of other programs, says why one does not run, and adds, chooses and forgets one', async () => {
    const found = page.getByRole('region', { name: 'On this machine' })
    await found.getByText('llama3.2:1b').waitFor()
    await found.getByText('2 more that do not run here').click()
    await found.getByText('It is one of several files').waitFor()
    await found.getByText('This model is not supported: Expected a model of one of the architectures').waitFor()
    await found.getByText('Where Kvasir looked: 4 folders').click()
    await found.getByText('/home/ada/.cache/llama.cpp cannot be read: permission denied').waitFor()
    await expectAccessible(page)
    await picture(page, 'models-found')
    await found.getByRole('button', { name: 'Add llama3.2:1b' }).click()
    const added = model('llama3.2-1b')
    await added.waitFor()
    expect(page.url()).toContain('#/models/llama3.2-1b')
    await found.getByText('added as llama3.2-1b').waitFor()
    await added.getByText('Not even the weights fit now.').waitFor()
    await added.getByText(/of 131,072 tokens of context fit now/).waitFor()
    await picture(page, 'models-fit')
    await added.getByRole('button', { name: 'Make default' }).click()
    await added.getByText('default', { exact: true }).waitFor()
    await page.keyboard.press('Control+z')
    await added.getByRole('button', { name: 'Make default' }).waitFor()
    await added.getByRole('button', { name: 'Remove llama3.2-1b' }).click()
    await model('first').waitFor()
    expect(await known().getByRole('listitem').count()).toBe(1)
    await page.keyboard.press('Control+z')
    await expect.poll(() => known().getByRole('listitem').count()).toBe(2)
    expect(problems).toEqual([])
  })

  it('keeps a model that sets use, and one that comes along', async () => {
    const remove = model('first').getByRole('button', { name: 'Remove first' })
    await model('first').getByText('It comes with Kvasir and cannot be removed.').waitFor()
    await remove.focus()
    await page.keyboard.press('Enter')
    expect(await known().getByRole('listitem').count()).toBe(1)
    await model('first').getByRole('link', { name: 'Sample' }).waitFor()
  })

  it('adds by a path, says what is wrong with one, and does not upload what is dropped in a browser', async () => {
    await runCommand(page, 'Add a model by its path')
    await expect.poll(() => path().evaluate((field) => field === document.activeElement)).toBe(true)
    await page.keyboard.type('/models/notes.txt')
    await page.keyboard.press('Enter')
    await page.getByRole('alert').getByText('The model file is damaged').waitFor()
    const data = await page.evaluateHandle(() => {
      const transfer = new DataTransfer()
      transfer.items.add(new File(['GGUF'], 'qwen.gguf'))
      return transfer
    })
    await page.dispatchEvent('body', 'dragover', { dataTransfer: data })
    await page.getByText('Models are added by their path').waitFor()
    await page.dispatchEvent('body', 'drop', { dataTransfer: data })
    await page.getByRole('alert').getByText('A model is not uploaded').waitFor()
    expect(await path().inputValue()).toBe('qwen.gguf')
    await expectAccessible(page)
    await path().fill('/models/qwen.gguf')
    await page.keyboard.press('Enter')
    await model('qwen').waitFor()
    expect(await page.getByText('A model is not uploaded').count()).toBe(0)
    expect(problems).toEqual([])
  })

  it('is Chinese where Chinese is wanted', async () => {
    const job = await workbench.models.check('first')
    await workbench.models.calibrate('first')
    await workbench.jobs.finished((await workbench.store.calibrate('first')).id)
    await workbench.jobs.finished(job.id)
    await setLanguage(page, 'zh')
    await page.goto(`${tabs.server.url.split('#')[0] ?? ''}#/models`)
    await page.getByText(/在 cpu 上通过/).first().waitFor()
    await page.getByRole('heading', { name: '档位：大小与忠实度' }).waitFor()
    const found = page.getByRole('region', { name: '本机上的模型' })
    await found.getByText('另有 2 个无法在此运行').click()
    await found.getByText('架构是 mamba').waitFor()
    await found.getByText(/^查找过的位置/).click()
    await found.getByText('/home/ada/.cache/llama.cpp：没有权限').waitFor()
    await model('first').getByText('全部重算后与完整预填充的输出逐位相同').waitFor()
    await expectAccessible(page)
    await picture(page, 'models-zh')
    await expectNoEnglish(page)
    const shown = await page.locator('main').evaluate((main) => {
      const copy = main.cloneNode(true) as HTMLElement
      for (const part of copy.querySelectorAll('[lang="en"], bdi, .hidden-text')) part.remove()
      const walker = document.createTreeWalker(copy, NodeFilter.SHOW_TEXT)
      const texts: string[] = []
      while (walker.nextNode()) texts.push(walker.currentNode.textContent ?? '')
      return texts.join(' ')
    })
    // Names, the prompt itself, devices as the system calls them.
    const names = /first|llama|CUDA|small|medium|high|processor|libllama|models|Kvasir|Question|Answer/g
    expect(shown.replaceAll(names, '').match(/[A-Za-z]{4,}/g) ?? []).toEqual([])
    expect(problems).toEqual([])
  })
})
