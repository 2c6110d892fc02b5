/** The built desktop app in the Electron double: its window's page over IPC, and what the window may not do. */
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import type { Page } from 'playwright'
import { chromiumPath, noChromium, openBrowser, type Browser } from '../helpers/chromium'
import { startElectronApp, type ElectronApp } from '../helpers/electron-app'
import { watchProblems } from './page-checks'
import { firstMinute } from './workbench-flow'

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
    app?.electron.app.quit()
    await vi.waitFor(() => expect(app?.state.log).toContain('quit'))
    await browser?.[Symbol.asyncDispose]()
    vi.unstubAllEnvs()
    await rm(dataDir, { recursive: true, force: true })
  })

  it(
    'answers from the sample set, over IPC and an engine in a utility process',
    () => firstMinute(page, false),
    180_000,
  )

  it('imports what the file dialog gives, by its path', async () => {
    const file = join(dataDir, 'notes.md')
    await writeFile(file, '# Notes\n\nPeter Stone lives in Lima.\n')
    app.state.pick.push(file)
    await page.getByRole('button', { name: 'Import files…' }).click()
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

  it('has a menu, and comes to the front when started again', () => {
    expect(JSON.stringify(app.state.menu)).toContain('editMenu')
    app.electron.app.emit('second-instance')
    return expect.poll(() => app.state.log).toContain('focus')
  })
})
