/** The desktop app: opens the workbench, then its window; closes them in reverse. */
import { app, BrowserWindow, dialog, ipcMain, session, utilityProcess } from 'electron'
import type { Workbench } from '../shared/workbench'
import { isPage, registerScheme, serveScheme } from './electron/protocol'
import { confine, denyPermissions } from './electron/security'
import { openWindow, pickPaths, setMenu } from './electron/window'
import { utilityHost } from './engine/host-process'
import { attachIpc } from './rpc/ipc-carrier'
import { findPage } from './rpc/page-files'
import { openWorkbench } from './workbench'

registerScheme()
app.on('web-contents-created', (_event, contents) => confine(contents))
app.on('window-all-closed', () => {
  // On a Mac an app stays open without windows.
  if (process.platform !== 'darwin') app.quit()
})

if (app.requestSingleInstanceLock()) {
  app
    .whenReady()
    .then(start)
    .catch((error: unknown) => fail('Kvasir cannot start', error))
} else app.quit()

async function start(): Promise<void> {
  denyPermissions(session.defaultSession)
  serveScheme(findPage())
  setMenu()
  const launch = utilityHost((script, args, options) => utilityProcess.fork(script, args, options))
  const workbench = await openWorkbench({ launch })
  const detach = attachIpc(ipcMain, { workbench, pickPaths, trusted: isPage })
  closeAtQuit(workbench, detach)
  // What was left unfinished goes on.
  await workbench.jobs.takeUp()
  // The first start has something to ask; later ones leave alone what a person removed.
  if ((await workbench.sets.list()).length === 0) await workbench.sets.ensureSample()
  await openWindow()
  app.on('second-instance', () => void showWindow())
  app.on('activate', () => void showWindow())
}

async function showWindow(): Promise<void> {
  const window = BrowserWindow.getAllWindows()[0] ?? (await openWindow())
  if (window.isMinimized()) window.restore()
  window.focus()
}

/** Holds the end back until the workbench has closed: jobs stop, the engine ends, the store's files are whole. */
function closeAtQuit(workbench: Workbench, detach: () => void): void {
  let closed = false
  app.on('will-quit', (event) => {
    if (closed) return
    event.preventDefault()
    detach()
    closed = true
    workbench[Symbol.asyncDispose]().then(
      () => app.quit(),
      (error: unknown) => fail('Kvasir could not close cleanly', error),
    )
  })
}

function fail(title: string, error: unknown): void {
  dialog.showErrorBox(title, error instanceof Error ? error.message : String(error))
  app.exit(1)
}
