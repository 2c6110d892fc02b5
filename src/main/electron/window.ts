/** The one window: opened where it was, loaded again when its page has died. */
import { BrowserWindow, dialog, nativeTheme, screen } from 'electron'
import { join } from 'node:path'
import type { CrashReports } from '../base/crash-reports'
import { appRoot } from '../engine/places'
import { PAGE_URL } from './protocol'
import { confine } from './security'
import type { ShellTexts } from './texts'
import { MIN_HEIGHT, MIN_WIDTH, placeOn, type WindowState } from './window-state'

export interface WindowOptions {
  readonly state: WindowState | null
  readonly crashes: CrashReports
  readonly texts: () => ShellTexts
  /** Where it is now, after it was moved and before it closes. */
  readonly keep: (state: WindowState) => void
  /** After the page's process died and the page was loaded again. */
  readonly onReloaded: () => void
}

/** Reloads within a minute; a page that dies at once again is left. */
const MOST_RELOADS = 3
const MINUTE_MS = 60_000
const SETTLE_MS = 500

/** Opens the window with the page; resolves when it has loaded. */
export async function openWindow(options: WindowOptions): Promise<BrowserWindow> {
  const { state } = options
  const screens = [screen.getPrimaryDisplay(), ...screen.getAllDisplays()].map(({ workArea }) => workArea)
  const window = new BrowserWindow({
    ...placeOn(screens, state?.bounds ?? null),
    minWidth: MIN_WIDTH,
    minHeight: MIN_HEIGHT,
    title: 'Kvasir',
    // The page's own background (tokens.css), so that nothing flashes.
    backgroundColor: nativeTheme.shouldUseDarkColors ? '#16181b' : '#fbfbfa',
    webPreferences: {
      preload: join(appRoot(), 'out', 'preload', 'index.cjs'),
      contextIsolation: true,
      sandbox: true,
      nodeIntegration: false,
      webviewTag: false,
      spellcheck: false,
    },
  })
  confine(window.webContents)
  if (state?.maximized) window.maximize()
  if (state?.fullScreen) window.setFullScreen(true)
  keepState(window, options.keep)
  heal(window, options)
  await window.loadURL(PAGE_URL)
  if (state) window.webContents.setZoomLevel(state.zoom)
  return window
}

function keepState(window: BrowserWindow, keep: WindowOptions['keep']): void {
  let settling: NodeJS.Timeout | undefined
  const now = (): void => {
    clearTimeout(settling)
    if (window.isDestroyed() || window.isMinimized()) return
    const { x, y, width, height } = window.getNormalBounds()
    keep({
      bounds: { x, y, width, height },
      maximized: window.isMaximized(),
      fullScreen: window.isFullScreen(),
      zoom: window.webContents.getZoomLevel(),
    })
  }
  const soon = (): void => {
    clearTimeout(settling)
    settling = setTimeout(now, SETTLE_MS)
  }
  window.on('resize', soon)
  window.on('move', soon)
  window.on('maximize', soon)
  window.on('unmaximize', soon)
  window.on('close', now)
  window.on('closed', () => clearTimeout(settling))
}

function heal(window: BrowserWindow, { crashes, texts, onReloaded }: WindowOptions): void {
  let reloads: number[] = []
  window.webContents.on('render-process-gone', (_event, { reason, exitCode }) => {
    if (reason === 'clean-exit') return
    crashes.write({ place: 'window', name: reason, message: `the page, exit code ${exitCode}`, stack: '' })
    reloads = [...reloads.filter((at) => Date.now() - at < MINUTE_MS), Date.now()]
    if (reloads.length > MOST_RELOADS) {
      dialog.showErrorBox(texts().pageGone, texts().pageGoneDetail)
      return
    }
    window.webContents.once('did-finish-load', onReloaded)
    window.webContents.reload()
  })
}
