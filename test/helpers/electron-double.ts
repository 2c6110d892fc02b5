/**
 * A stand-in for the `electron` module where no Electron binary can be had: windows are Chromium pages, utility
 * processes are child processes, and the real bundles of main, preload and page run in it. Loaded by Node itself (types
 * stripped) in place of `electron`, so it imports nothing but Node's own modules; `electron-app.ts` starts it.
 *
 * What it cannot show: the sandbox, context isolation and fuses of a real Electron. `test/e2e/electron.test.ts` looks
 * at those where a binary exists.
 */
import { fork } from 'node:child_process'
import { EventEmitter } from 'node:events'
import { readFileSync } from 'node:fs'
import type { BrowserContext, Frame, Page } from 'playwright'

export interface DoubleState {
  /** Chromium to open windows in; set before the app is loaded. */
  readonly context: BrowserContext
  /** What the app did to the world: "quit", "openExternal URL", "error TITLE: TEXT". */
  readonly log: string[]
  readonly windows: BrowserWindow[]
  /** What the file dialog answers. */
  pick: string[]
  /** Where the dialog saves; null: cancelled. */
  save: string | null
  /** Button of a question that is pressed. */
  answer: number
  menu: unknown
  /** What the system was told: recent documents, where dumps go. */
  readonly recent: string[]
  readonly paths: Record<string, string>
  locale: string
  screens: { x: number; y: number; width: number; height: number }[]
}

interface Handlers {
  permissionRequest: ((contents: unknown, permission: string, decide: (granted: boolean) => void) => void) | null
  permissionCheck: (() => boolean) | null
  devicePermission: (() => boolean) | null
  scheme: ((request: Request) => Promise<Response>) | null
  privileged: unknown
}

const { state, handlers } = (globalThis as unknown as { electronDouble: { state: DoubleState; handlers: Handlers } })
  .electronDouble

/** Chromium knows no `app:` scheme; pages run at this address instead, and all that the app is told says `app:`. */
const SCHEME = 'app://'
const STAND_IN = '.app.invalid'
const toChromium = (url: string): string => url.replace(/^app:\/\/([^/]+)/, `https://$1${STAND_IN}`)
const toApp = (url: string): string => url.replace(/^https:\/\/([^/]+)\.app\.invalid/, `${SCHEME}$1`)

export const app = Object.assign(new EventEmitter(), {
  isPackaged: false,
  getVersion: () => '0.1.0',
  getLocale: () => state.locale,
  getPath: (name: string) => state.paths[name] ?? '/nowhere',
  setPath: (name: string, path: string) => void (state.paths[name] = path),
  setAsDefaultProtocolClient: (scheme: string) => state.log.push(`protocol ${scheme}`) > 0,
  addRecentDocument: (path: string) => void state.recent.push(path),
  clearRecentDocuments: () => void state.recent.splice(0),
  requestSingleInstanceLock: () => true,
  whenReady: async () => undefined,
  isReady: () => true,
  exit: (code: number) => void state.log.push(`exit ${code}`),
  quit: () => {
    let prevented = false
    app.emit('before-quit', { preventDefault: () => (prevented = true) })
    if (prevented) return
    app.emit('will-quit', { preventDefault: () => (prevented = true) })
    if (!prevented) state.log.push('quit')
  },
})

export const ipcMain = new EventEmitter()
export const nativeTheme = { shouldUseDarkColors: false }
export const shell = {
  openExternal: async (url: string) => void state.log.push(`openExternal ${url}`),
  openPath: async (path: string) => {
    state.log.push(`openPath ${path}`)
    return ''
  },
}

export const crashReporter = { start: (options: unknown) => void state.log.push(`crashReporter ${JSON.stringify(options)}`) }

export const screen = {
  getAllDisplays: () => state.screens.map((workArea) => ({ workArea })),
  getPrimaryDisplay: () => ({ workArea: state.screens[0] }),
}

export const session = {
  defaultSession: {
    setPermissionRequestHandler: (handler: Handlers['permissionRequest']) =>
      void (handlers.permissionRequest = handler),
    setPermissionCheckHandler: (handler: Handlers['permissionCheck']) => void (handlers.permissionCheck = handler),
    setDevicePermissionHandler: (handler: Handlers['devicePermission']) => void (handlers.devicePermission = handler),
  },
}

export const protocol = {
  registerSchemesAsPrivileged: (schemes: unknown) => void (handlers.privileged = schemes),
  handle: (_scheme: string, handler: (request: Request) => Promise<Response>) => void (handlers.scheme = handler),
}

export const dialog = {
  showErrorBox: (title: string, text: string) => void state.log.push(`error ${title}: ${text}`),
  showOpenDialog: async () => ({ canceled: state.pick.length === 0, filePaths: state.pick }),
  showSaveDialog: async (...given: unknown[]) => {
    state.log.push(`save ${(given.at(-1) as { defaultPath: string }).defaultPath}`)
    return { canceled: state.save === null, filePath: state.save ?? '' }
  },
  showMessageBox: async (...given: unknown[]) => {
    const { message, buttons } = given.at(-1) as { message: string; buttons: string[] }
    state.log.push(`asked ${message}: ${buttons[state.answer]}`)
    return { response: state.answer }
  },
}

export const Menu = {
  buildFromTemplate: (template: unknown) => template,
  setApplicationMenu: (menu: unknown) => void (state.menu = menu),
}

export const utilityProcess = {
  /** A child of Node that finds `process.parentPort`, as in Electron. */
  fork(script: string, args: string[], options: { env: NodeJS.ProcessEnv }) {
    const parentPort = new URL('./electron-double-port.mjs', import.meta.url).href
    const child = fork(script, args, {
      env: options.env,
      execArgv: ['--import', parentPort],
      serialization: 'advanced',
      stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
    })
    const events = new EventEmitter()
    child.on('message', (message) => events.emit('message', message))
    child.on('close', (code) => events.emit('exit', code ?? 1))
    return Object.assign(events, {
      pid: child.pid,
      stdout: child.stdout,
      stderr: child.stderr,
      postMessage: (message: Parameters<typeof child.send>[0]) =>
        void (child.connected && child.send(message, () => undefined)),
      // Electron's kill ends a utility process whatever it is doing.
      kill: () => child.kill('SIGKILL'),
    })
  },
}

interface WindowOptions {
  readonly x: number
  readonly y: number
  readonly width: number
  readonly height: number
  readonly webPreferences: Readonly<Record<string, unknown>> & { readonly preload: string }
}

let contentsCount = 0

export class BrowserWindow extends EventEmitter {
  readonly options: WindowOptions
  readonly webContents
  page: Page | null = null
  #visible = true
  /** As Chromium knows it. */
  #address = ''

  constructor(options: WindowOptions) {
    super()
    this.options = options
    const id = ++contentsCount
    this.webContents = Object.assign(new EventEmitter(), {
      id,
      openHandler: null as ((details: { url: string }) => { action: string }) | null,
      isDestroyed: () => this.page?.isClosed() ?? false,
      zoom: 0,
      getZoomLevel: (): number => this.webContents.zoom,
      setZoomLevel: (level: number) => void (this.webContents.zoom = level),
      reload: () => void this.page?.goto(this.#address),
      setWindowOpenHandler: (handler: (details: { url: string }) => { action: string }) =>
        void (this.webContents.openHandler = handler),
      // A page that is going away loses messages, as in Electron.
      send: (channel: string, message: unknown) =>
        void this.page?.evaluate(DELIVER, { channel, message }).catch(() => undefined),
    })
    state.windows.push(this)
    app.emit('web-contents-created', {}, this.webContents)
  }

  static getAllWindows(): BrowserWindow[] {
    return state.windows.filter(({ page }) => page !== null && !page.isClosed())
  }

  async loadURL(url: string): Promise<void> {
    const page = await state.context.newPage()
    this.page = page
    page.on('close', () => {
      this.emit('closed')
      this.webContents.emit('destroyed')
      if (BrowserWindow.getAllWindows().length === 0) app.emit('window-all-closed')
    })
    page.on('load', () => this.webContents.emit('did-finish-load'))
    page.on(
      'framenavigated',
      (frame) => frame === page.mainFrame() && this.webContents.emit('did-navigate', {}, toApp(frame.url())),
    )
    await page.route(
      (address) => address.hostname.endsWith(STAND_IN),
      async (route) => {
        const request = route.request()
        const answer = await handlers.scheme?.(new Request(toApp(request.url()), { method: request.method() }))
        if (!answer) return route.abort()
        return route.fulfill({
          status: answer.status,
          headers: Object.fromEntries(answer.headers),
          body: Buffer.from(await answer.arrayBuffer()),
        })
      },
    )
    await page.exposeBinding('electronDoubleUp', ({ frame }, channel: string, message: unknown) => {
      ipcMain.emit(channel, { sender: this.webContents, senderFrame: frameOf(frame) }, message)
    })
    await page.addInitScript({ content: preloadScript(readFileSync(this.options.webPreferences.preload, 'utf8')) })
    this.#address = toChromium(url)
    await page.goto(this.#address)
  }

  /** As by the person: the app may hold it back. */
  async close(): Promise<void> {
    let prevented = false
    this.emit('close', { preventDefault: () => (prevented = true) })
    if (!prevented) await this.page?.close()
  }

  isDestroyed(): boolean {
    return this.page?.isClosed() ?? false
  }

  getNormalBounds(): { x: number; y: number; width: number; height: number } {
    const { x, y, width, height } = this.options
    return { x, y, width, height }
  }

  isMinimized(): boolean {
    return false
  }

  isMaximized(): boolean {
    return false
  }

  maximize(): void {
    state.log.push('maximize')
  }

  isFullScreen(): boolean {
    return false
  }

  setFullScreen(): void {
    state.log.push('full screen')
  }

  isVisible(): boolean {
    return this.#visible
  }

  hide(): void {
    this.#visible = false
    state.log.push('hide')
  }

  show(): void {
    this.#visible = true
    state.log.push('show')
  }

  restore(): void {
    state.log.push('restore')
  }

  focus(): void {
    state.log.push('focus')
  }
}

interface FrameDouble {
  readonly url: string
  readonly parent: FrameDouble | null
}

function frameOf(frame: Frame): FrameDouble {
  const parent = frame.parentFrame()
  return { url: toApp(frame.url()), parent: parent && frameOf(parent) }
}

/** Runs in the page. */
const DELIVER = ({ channel, message }: { channel: string; message: unknown }): void =>
  (globalThis as unknown as { electronDoubleDown(channel: string, message: unknown): void }).electronDoubleDown(
    channel,
    message,
  )

/** The preload script with what a sandboxed preload has: `contextBridge`, a part of `ipcRenderer`, `webUtils`. */
function preloadScript(code: string): string {
  return `(() => {
  'use strict'
  if (window !== window.top) return // preloads run in the main frame only
  const listeners = new Map()
  const ipcRenderer = {
    send: (channel, message) => void window.electronDoubleUp(channel, structuredClone(message)),
    on: (channel, listener) => {
      if (!listeners.has(channel)) listeners.set(channel, new Set())
      listeners.get(channel).add(listener)
    },
    off: (channel, listener) => { listeners.get(channel)?.delete(listener) },
  }
  Object.defineProperty(window, 'electronDoubleDown', {
    value: (channel, message) => {
      for (const listener of listeners.get(channel) ?? []) listener({ sender: ipcRenderer }, message)
    },
  })
  // Functions go over as proxies, plain data as copies, anything else not at all.
  const expose = (value) => {
    if (value === null || ['string', 'number', 'boolean', 'undefined', 'bigint'].includes(typeof value)) return value
    if (typeof value === 'function') return (...args) => value(...args)
    if (Array.isArray(value)) return Object.freeze(value.map(expose))
    if (Object.getPrototypeOf(value) === Object.prototype) {
      return Object.freeze(Object.fromEntries(Object.entries(value).map(([name, each]) => [name, expose(each)])))
    }
    throw new Error('contextBridge cannot expose ' + Object.prototype.toString.call(value))
  }
  const contextBridge = {
    exposeInMainWorld: (name, api) =>
      Object.defineProperty(window, name, { value: expose(api), configurable: false, writable: false }),
  }
  const webUtils = { getPathForFile: (file) => (window.electronDoublePaths ?? {})[file.name] ?? '' }
  const require = (id) => {
    if (id === 'electron') return { contextBridge, ipcRenderer, webUtils }
    throw new Error('A sandboxed preload has no module ' + id)
  }
  const module = { exports: {} }
  ;(function (require, module, exports, process) {
${code}
  })(require, module, module.exports, Object.freeze({ platform: 'linux', sandboxed: true }))
})()`
}
