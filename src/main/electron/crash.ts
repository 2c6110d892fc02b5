/** Faults of the app's processes: dumps and reports in the data folder, sent to nobody. */
import { app, crashReporter, dialog } from 'electron'
import { readdirSync, rmSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { crashOf, MAX_CRASH_REPORTS, type CrashReports } from '../base/crash-reports'
import { makeFolderSync } from '../base/data-dir'
import { errorText } from '../base/error-code'
import { log } from '../base/log'
import { shellLanguage, shellTexts } from './texts'

/** Reasons that are no fault: an end that was asked for. */
const HARMLESS = new Set(['clean-exit', 'killed'])

/** First of all, before the app is ready. */
export function collectCrashes(crashes: CrashReports): void {
  try {
    const dumps = join(crashes.folder, 'dumps')
    makeFolderSync(dumps)
    pruneDumps(dumps)
    app.setPath('crashDumps', dumps)
    crashReporter.start({ uploadToServer: false })
  } catch (error) {
    // A data folder that cannot be written is reported when the store is opened.
    log('crash', errorText(error))
  }
  process.on('uncaughtException', (error) => {
    crashes.write(crashOf('main', error))
    const texts = shellTexts(shellLanguage(null, app.isReady() ? app.getLocale() : 'en'))
    dialog.showErrorBox(texts.crashed, texts.crashedDetail(crashes.folder))
    app.exit(1)
  })
  process.on('unhandledRejection', (error) => void crashes.write(crashOf('main', error)))
  app.on('child-process-gone', (_event, { type, reason, exitCode, serviceName }) => {
    if (HARMLESS.has(reason)) return
    crashes.write({ place: 'window', name: reason, message: `${serviceName ?? type}, exit code ${exitCode}`, stack: '' })
  })
}

/** The newest stay. */
function pruneDumps(folder: string): void {
  const dumps = readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && entry.name.endsWith('.dmp'))
    .map((entry) => join(entry.parentPath, entry.name))
    .map((path) => ({ path, at: statSync(path).mtimeMs }))
    .toSorted((a, b) => b.at - a.at)
  for (const { path } of dumps.slice(MAX_CRASH_REPORTS)) rmSync(path, { force: true })
}
