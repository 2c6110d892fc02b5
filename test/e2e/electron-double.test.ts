/** The built desktop app in the Electron double: its window's page over IPC, and what the window may not do. */
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import type { Page } from 'playwright'
import { chromiumPath, noChromium, openBrowser, type Browser } from '../helpers/chromium'
import { startElectronApp, type ElectronApp } from '../helpers/electron-app'
import { expectAccessible, picture, watchProblems } from './page-checks'
import { buildAndSync, cleanUp, explainMiss, firstRace } from './working-day'
import { firstMinute } from './workbench-flow'

/** For what takes a moment, on a busy machine too. */
const SOON = { timeout: 15_000 }

describe.skipIf(!chromiumPath)(`the desktop app in the Electron double${noChromium}`, () => {
  let browser: Browser
  let app: ElectronApp
  let page: Page
  let dataDir: string

  beforeAll(async () => {
    dataDir = await mkdtemp(join(tmpdir(), 'kvasir-double-'))
    vi.stubEnv('KVASIR_DATA_DIR', dataDir)
    browser = await openBrowser({ colorScheme: 'light' })
    app = await startElectronApp(browser.context)
    page = app.page
  })
  afterAll(async () => {
    app.state.answer = 1
    app.electron.app.quit()
    await vi.waitFor(() => expect(app.state.log).toContain('quit'), 20_000)
    await browser?.[Symbol.asyncDispose]()
    vi.unstubAllEnvs()
    await rm(dataDir, { recursive: true, force: true })
  })

  it(
    'answers from the sample set, over IPC and an engine in a utility process',
    () => firstMinute(page, false),
    180_000,
  )

  it(
    'builds, keeps in step, explains a miss, cleans up, undoes and races',
    async () => {
      await buildAndSync(page, join(dataDir, 'team'))
      await explainMiss(page, false)
      await cleanUp(page, false)
      await firstRace(page, false)
      await page.getByRole('combobox', { name: 'Knowledge set' }).selectOption({ label: 'Sample' })
      await page.getByRole('navigation', { name: 'Pages' }).getByRole('link', { name: 'Ask' }).click()
    },
    180_000,
  )

  it('imports what the file dialog gives, by its path', async () => {
    const file = join(dataDir, 'notes.md')
    await writeFile(file, '# Notes\n\nPeter Stone lives in Lima.\n')
    app.state.pick.push(file)
    await page.getByRole('button', { name: 'Import files…' }).click()
    await page.getByRole('dialog').getByRole('button', { name: 'Import', exact: true }).click()
    await page
      .getByRole('treeitem', { name: /^Notes/ })
      .first()
      .click()
    await page.getByRole('complementary').getByText(file).waitFor()
  })

  it('shows the workbench over IPC, with no connection to any network', async () => {
    const sockets: string[] = []
    const requests: string[] = []
    page.on('websocket', (socket) => sockets.push(socket.url()))
    page.on('request', (request) => requests.push(new URL(request.url()).host))
    const problems = watchProblems(page)
    await page.reload()
    await page.getByRole('treeitem').first().waitFor()
    expect(sockets).toEqual([])
    expect(new Set(requests)).toEqual(new Set(['kvasir.app.invalid']))
    expect(problems).toEqual([])
  })

  it('serves the page on its own scheme, with its policy', async () => {
    expect(app.handlers.privileged).toEqual([
      { scheme: 'app', privileges: { standard: true, secure: true, supportFetchAPI: true } },
    ])
    const scheme = app.handlers.scheme as (request: Request) => Promise<Response>
    const answer = await scheme(new Request('app://kvasir/index.html'))
    expect(answer.headers.get('content-security-policy')).toContain("script-src 'self';")
    for (const url of [
      'app://evil/index.html',
      'app://kvasir/../package.json',
      'app://kvasir/%2e%2e/package.json',
      'app://kvasir/nowhere.js',
    ]) {
      expect((await scheme(new Request(url))).status).toBe(404)
    }
  })

  it('gives the page one narrow bridge and nothing of Node', async () => {
    const { webPreferences } = app.state.windows[0]!.options
    expect(webPreferences).toMatchObject({
      contextIsolation: true,
      sandbox: true,
      nodeIntegration: false,
      webviewTag: false,
    })
    expect(await page.evaluate(() => Object.keys(window.kvasir ?? {}).sort())).toEqual([
      'onMessage',
      'pathForFile',
      'send',
    ])
    expect(
      await page.evaluate(() => ['require', 'process', 'module', 'Buffer'].filter((name) => name in globalThis)),
    ).toEqual([])
  })

  it('denies every permission, asked or assumed', () => {
    const decisions: boolean[] = []
    ;(
      app.handlers.permissionRequest as (
        contents: unknown,
        permission: string,
        decide: (granted: boolean) => void,
      ) => void
    )(null, 'media', (granted) => decisions.push(granted))
    expect(decisions).toEqual([false])
    expect((app.handlers.permissionCheck as () => boolean)()).toBe(false)
  })

  it('opens no window and goes nowhere; only listed https sites open outside', async () => {
    const contents = app.state.windows[0]!.webContents
    for (const url of [
      'file:///etc/passwd',
      'http://huggingface.co/',
      'https://evil.example/',
      'https://huggingface.co@evil.example/',
      'https://huggingface.co:444/',
      'javascript:alert(1)',
      'app://kvasir/index.html',
    ]) {
      expect(contents.openHandler?.({ url })).toEqual({ action: 'deny' })
    }
    expect(app.state.log.filter((line) => line.startsWith('openExternal'))).toEqual([])
    expect(contents.openHandler?.({ url: 'https://huggingface.co/models' })).toEqual({ action: 'deny' })
    await expect.poll(() => app.state.log).toContain('openExternal https://huggingface.co/models')
    for (const event of ['will-navigate', 'will-redirect', 'will-frame-navigate', 'will-attach-webview']) {
      let prevented = false
      contents.emit(event, { preventDefault: () => (prevented = true) })
      expect(prevented, event).toBe(true)
    }
  })

  it('ignores hostile frames', async () => {
    const heard: unknown[] = []
    const sender = {
      id: 99,
      isDestroyed: () => false,
      send: (_channel: string, message: unknown) => heard.push(message),
      once: () => undefined,
      on: () => undefined,
    }
    const hostile = [
      { url: 'https://evil.example/', parent: null },
      { url: 'app://kvasir/index.html', parent: { url: 'app://kvasir/index.html', parent: null } },
      { url: 'app://evil/index.html', parent: null },
      null,
    ]
    const query = '{"id":1,"method":"query","params":{"path":"sets.list","input":{"json":null}}}'
    const speak = (senderFrame: unknown): void => {
      app.electron.ipcMain.emit('kvasir:rpc', { sender, senderFrame }, { kind: 'open', connection: 'x' })
      app.electron.ipcMain.emit(
        'kvasir:rpc',
        { sender, senderFrame },
        { kind: 'message', connection: 'x', data: query },
      )
    }
    for (const senderFrame of hostile) speak(senderFrame)
    await new Promise((resolve) => setTimeout(resolve, 200))
    expect(heard).toEqual([])
    // The same from the page itself is answered: the test would see it.
    speak({ url: 'app://kvasir/index.html', parent: null })
    await expect.poll(() => heard).toHaveLength(1)
  })

  it('keeps crash dumps in the data folder and sends them to nobody', () => {
    expect(app.state.paths['crashDumps']).toBe(join(dataDir, 'crash-reports', 'dumps'))
    expect(app.state.log).toContain('crashReporter {"uploadToServer":false}')
  })

  describe('its menu', () => {
    interface Item {
      readonly id?: string
      readonly label?: string
      readonly accelerator?: string
      readonly submenu?: readonly Item[]
      readonly click?: () => void
    }
    const items = (list = app.state.menu as readonly Item[]): Item[] =>
      list.flatMap((item) => [item, ...(item.submenu ? items(item.submenu) : [])])
    const find = (label: string): Item | undefined => items().find((item) => item.label === label)
    const choose = (label: string): void => {
      const item = find(label)
      if (!item?.click) throw new Error(`The menu has no "${label}".`)
      item.click()
    }

    it('runs commands of the page and shows its keys', async () => {
      choose('Settings…')
      await page.getByRole('heading', { name: 'Settings' }).waitFor()
      await expect.poll(() => find('Command palette…')?.accelerator, SOON).toBe('CommandOrControl+K')
      choose('Command palette…')
      await page.getByPlaceholder('Command, page or set…').waitFor()
      await page.keyboard.press('Escape')
      choose('New knowledge set…')
      await page.getByRole('dialog').getByLabel('Name').fill('From the menu')
      await page.keyboard.press('Enter')
      await expect.poll(() => find('From the menu'), SOON).toBeTruthy()
      choose('Ask a question')
      await page.getByRole('textbox', { name: 'Question' }).waitFor()
    })

    it('imports what its dialog gives, and offers it again until the list is cleared', async () => {
      const file = join(dataDir, 'menu & more.md')
      await writeFile(file, '# Menus\n\nVera Marsh lives in Oslo.\n')
      app.state.pick.splice(0, Infinity, file)
      choose('Import files…')
      await page.getByRole('dialog').getByRole('button', { name: 'Import', exact: true }).click()
      await page.getByRole('treeitem', { name: /^Menus/ }).first().waitFor()
      await expect.poll(() => find('menu && more.md'), SOON).toBeTruthy()
      expect(app.state.recent).toContain(file)
      await writeFile(file, '# Menus\n\nVera Marsh lives in Bergen.\n')
      choose('menu && more.md')
      await page.getByRole('dialog').getByRole('option', { name: /Menus.*changed/s }).waitFor()
      await page.getByRole('dialog').getByRole('button', { name: 'Import', exact: true }).click()
      await expect.poll(() => page.evaluate(() => document.body.textContent), SOON).toContain('Menus')
      choose('Clear the list')
      expect(find('menu && more.md')).toBeUndefined()
      expect(app.state.recent).toEqual([])
    })

    it('opens its sites and folders and nothing else', async () => {
      choose('Find models (GGUF)')
      choose('Show crash reports')
      await expect.poll(() => app.state.log).toContain(`openPath ${join(dataDir, 'crash-reports')}`)
      expect(app.state.log).toContain('openExternal https://huggingface.co/models?library=gguf')
    })

    it('speaks the language of the page', async () => {
      choose('Next language')
      await expect.poll(() => find('新建知识集…'), SOON).toBeTruthy()
      await page.getByRole('link', { name: '设置' }).waitFor()
      choose('切换语言')
      await expect.poll(() => find('New knowledge set…'), SOON).toBeTruthy()
      await page.getByRole('link', { name: 'Settings' }).waitFor()
    })
  })

  it('is one: started again it comes to the front, and shows what a link leads to, without acting', async () => {
    app.electron.app.emit('second-instance', {}, ['/opt/kvasir', 'kvasir://set/../../etc'], '/')
    await expect.poll(() => app.state.log, SOON).toContain('focus')
    app.electron.app.emit('second-instance', {}, ['/opt/kvasir', 'kvasir://query/17'], '/')
    await expect.poll(() => page.evaluate(() => location.hash), SOON).toContain('/query/17')
    let prevented = false
    app.electron.app.emit('open-url', { preventDefault: () => (prevented = true) }, 'kvasir://ask/Sample?question=Who%3F')
    expect(prevented).toBe(true)
    await expect.poll(() => page.evaluate(() => location.hash), SOON).toMatch(/^#\/ask\/set\d+$/)
    await expect.poll(() => page.getByRole('textbox', { name: 'Question' }).inputValue(), SOON).toBe('Who?')
    // Filled in, and nothing asked.
    expect(await page.getByTestId('answer').count()).toBe(0)
  })

  it('says what a bundle is, and takes nothing in', async () => {
    await writeFile(join(dataDir, 'papers.kvb'), 'x'.repeat(2048))
    app.electron.app.emit('second-instance', {}, ['/opt/kvasir', 'papers.kvb'], dataDir)
    const dialog = page.getByRole('dialog', { name: 'A bundle of knowledge caches' })
    await dialog.getByText('papers.kvb, 2.0 kB').waitFor()
    await expectAccessible(page)
    await picture(page, 'window-bundle')
    await dialog.getByRole('button', { name: 'Close' }).click()
    await dialog.waitFor({ state: 'hidden' })
  })

  it('saves an export whole where the dialog says', async () => {
    const chosen = join(dataDir, 'saved.svg')
    app.state.save = chosen
    const place = await callShell(page, 'shell.saveFile', { name: '../a:b.svg', data: 'PHN2Zy8+' })
    expect(place).toBe(chosen)
    expect(await readFile(chosen, 'utf8')).toBe('<svg/>')
    expect(app.state.log.at(-1)).toMatch(/^save .*[/]a-b\.svg$/)
    app.state.save = null
    expect(await callShell(page, 'shell.saveFile', { name: 'a.svg', data: 'PHN2Zy8+' })).toBeNull()
  })

  it('loads a page again whose process died, says so and keeps a report', async () => {
    // As dead as a page can be made here.
    await page.goto('about:blank')
    app.state.windows[0]!.webContents.emit('render-process-gone', {}, { reason: 'crashed', exitCode: 139 })
    await page.getByText('the page was loaded again').waitFor()
    await expectAccessible(page)
    await picture(page, 'window-healed')
    const reports = (await readdir(join(dataDir, 'crash-reports'))).filter((name) => name.endsWith('.txt'))
    expect(reports).toHaveLength(1)
    expect(await readFile(join(dataDir, 'crash-reports', reports[0]!), 'utf8')).toContain('crashed: the page, exit code 139')
  })

  it('asks before it ends while jobs run: goes on behind a hidden window, pauses, or stays', async () => {
    const window = app.state.windows[0]!
    const papers = join(dataDir, 'papers')
    await mkdir(papers)
    for (let at = 0; at < 200; at++) await writeFile(join(papers, `${at}.md`), `# Paper ${at}\n\n${`Words of ${at}. `.repeat(80)}\n`)
    app.state.pick.splice(0, Infinity, papers)
    const asked = (): string[] => app.state.log.filter((line) => line.startsWith('asked'))
    await callShell(page, 'sets.create', { name: 'Papers' })
    await callShell(page, 'documents.add', { set: 'Papers', paths: [papers] })
    app.state.answer = 2
    await window.close()
    await expect.poll(asked, SOON).toEqual(['asked A job is still running: Cancel'])
    expect(window.isVisible()).toBe(true)
    app.state.answer = 0
    await window.close()
    await expect.poll(() => window.isVisible(), SOON).toBe(false)
    expect(page.isClosed()).toBe(false)
    // Started again, the window is there again and the app stays.
    app.electron.app.emit('second-instance', {}, ['/opt/kvasir'], '/')
    await expect.poll(() => window.isVisible(), SOON).toBe(true)
    expect(app.state.log).not.toContain('quit')
    // The end of the suite pauses and quits.
    app.state.answer = 1
  })
})

/** A call over a connection of its own, as the page makes them. */
function callShell(page: Page, path: string, input: unknown): Promise<unknown> {
  return page.evaluate(
    ([path, input]) =>
      new Promise((resolve, reject) => {
        // The page's own connection goes on: one connection a page is the carrier's rule, so it connects again.
        const connection = `test${Math.random()}`
        const off = window.kvasir!.onMessage((message) => {
          if (message.kind !== 'message' || message.connection !== connection) return
          const { id, result, error } = JSON.parse(message.data) as {
            id?: number
            result?: { type: string; data: { json: unknown } }
            error?: { json: { message: string } }
          }
          if (id !== 1) return
          off()
          if (error) reject(new Error(error.json.message))
          else resolve(result?.data.json ?? null)
        })
        window.kvasir!.send({ kind: 'open', connection })
        window.kvasir!.send({
          kind: 'message',
          connection,
          data: JSON.stringify({ id: 1, method: 'mutation', params: { path, input: { json: input } } }),
        })
      }),
    [path, input] as const,
  )
}
