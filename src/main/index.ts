/** The desktop app: opens the workbench, then its window; closes them in reverse. */
import { app, dialog, ipcMain, session, utilityProcess } from 'electron'
import type { Workbench } from '../shared/workbench'
import { CrashReports } from './base/crash-reports'
import { dataDirPath } from './base/data-dir'
import { collectCrashes } from './electron/crash'
import { Desktop } from './electron/desktop'
import { ShellEvents } from './electron/events'
import { eventOfArguments, eventOfFile, eventOfLink } from './electron/links'
import { isPage, registerScheme, serveScheme } from './electron/protocol'
import { confine, denyPermissions } from './electron/security'
import { shellLanguage, shellTexts } from './electron/texts'
import { checkForUpdate, updateSettingsOf, UPDATES_PLACE } from './electron/updates'
import { utilityHost } from './engine/host-process'
import { ensureFirstSample } from './rpc/first-sample'
import { attachIpc } from './rpc/ipc-carrier'
import { findPage } from './rpc/page-files'
import { openWorkbench } from './workbench'

const crashes = new CrashReports(dataDirPath(), app.getVersion())
const events = new ShellEvents()

collectCrashes(crashes)
registerScheme()
app.on('web-contents-created', (_event, contents) => confine(contents))
app.on('window-all-closed', () => {
  // On a Mac an app stays open without windows.
  if (process.platform !== 'darwin') app.quit()
})
// A Mac hands links and files over by events, at times before the app is ready.
app.on('open-url', (event, url) => {
  event.preventDefault()
  const opened = eventOfLink(url)
  if (opened) events.push(opened)
})
app.on('open-file', (event, path) => {
  event.preventDefault()
  void eventOfFile(path).then((opened) => opened && events.push(opened))
})

if (app.requestSingleInstanceLock()) {
  app
    .whenReady()
    .then(start)
    .catch((error: unknown) => fail('cannotStart', error))
} else app.quit()

async function start(): Promise<void> {
  denyPermissions(session.defaultSession)
  serveScheme(findPage())
  // A developer's Electron is no program to open links with.
  if (app.isPackaged) app.setAsDefaultProtocolClient('kvasir')
  const launch = utilityHost((script, args, options) => utilityProcess.fork(script, args, options))
  const workbench = await openWorkbench({ launch })
  const desktop = new Desktop({ workbench, crashes, events })
  const detach = attachIpc(ipcMain, { workbench, shell: desktop.shell, crashes, trusted: isPage })
  closeAtQuit(workbench, () => {
    desktop[Symbol.dispose]()
    detach()
  })
  desktop.open(await eventOfArguments(process.argv.slice(1), process.cwd()))
  // What was left unfinished goes on.
  await workbench.jobs.takeUp()
  ensureFirstSample(workbench)
  await desktop.show()
  app.on('second-instance', (_event, args, folder) => {
    void eventOfArguments(args, folder).then((opened) => desktop.open(opened))
    void desktop.show()
  })
  app.on('activate', () => void desktop.show())
  await lookForUpdate(workbench)
}

/** Nothing is asked of anybody unless a feed is set. */
async function lookForUpdate(workbench: Workbench): Promise<void> {
  const settings = updateSettingsOf(workbench.preferences.all()[UPDATES_PLACE])
  const found = await checkForUpdate({ version: app.getVersion(), settings })
  if (found.kind === 'newer') events.push({ kind: 'update', version: found.version })
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
      (error: unknown) => fail('cannotClose', error),
    )
  })
}

function fail(what: 'cannotStart' | 'cannotClose', error: unknown): void {
  const texts = shellTexts(shellLanguage(null, app.getLocale()))
  dialog.showErrorBox(texts[what], texts.inEnglish(error instanceof Error ? error.message : String(error)))
  app.exit(1)
}
