/** The one window, its menu and its file dialog. */
import { BrowserWindow, dialog, Menu, nativeTheme, type MenuItemConstructorOptions } from 'electron'
import { join } from 'node:path'
import { appRoot } from '../engine/places'
import { PAGE_URL } from './protocol'
import { confine, openExternal } from './security'

const MODELS_URL = 'https://huggingface.co/models?library=gguf'

/** Opens the window with the page; resolves when it has loaded. */
export async function openWindow(): Promise<BrowserWindow> {
  const window = new BrowserWindow({
    width: 1400,
    height: 900,
    minWidth: 900,
    minHeight: 560,
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
  await window.loadURL(PAGE_URL)
  return window
}

/** Files or a folder to import, asked for with the system's dialog; [] when the person cancels. */
export async function pickPaths(what: 'files' | 'folder'): Promise<string[]> {
  const window = BrowserWindow.getAllWindows()[0]
  const options = {
    title: 'Import documents',
    properties: what === 'folder' ? (['openDirectory'] as const) : (['openFile', 'multiSelections'] as const),
    filters: [{ name: 'Documents', extensions: ['md', 'markdown', 'txt', 'pdf', 'docx', 'html', 'htm'] }],
  }
  const given = { ...options, properties: [...options.properties] }
  const { canceled, filePaths } = await (window ? dialog.showOpenDialog(window, given) : dialog.showOpenDialog(given))
  return canceled ? [] : filePaths
}

/** The least that the platforms expect: editing, zoom, quitting, where models come from. */
export function setMenu(): void {
  const template: MenuItemConstructorOptions[] = [
    ...(process.platform === 'darwin' ? [{ role: 'appMenu' as const }] : [{ role: 'fileMenu' as const }]),
    { role: 'editMenu' },
    {
      label: 'View',
      submenu: [
        { role: 'reload' },
        { type: 'separator' },
        { role: 'resetZoom' },
        { role: 'zoomIn' },
        { role: 'zoomOut' },
        { role: 'togglefullscreen' },
      ],
    },
    { role: 'windowMenu' },
    { role: 'help', submenu: [{ label: 'Find models (GGUF)', click: () => void openExternal(MODELS_URL) }] },
  ]
  Menu.setApplicationMenu(Menu.buildFromTemplate(template))
}
