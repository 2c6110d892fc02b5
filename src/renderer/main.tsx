/** Preferences first, for the language; then the page: its modules take their texts when they are loaded. */
import { connection } from './rpc/client'
import { preference, readPreferences } from './shell/preferences'
import { isLanguage, loadStrings, systemLanguage } from './strings'

/** Without an answer the page begins all the same, and says that there is no connection. */
const WAIT_MS = 3000

const root = document.getElementById('root')
if (!root) throw new Error('index.html has no #root')
if (connection.get().state !== 'refused') {
  await Promise.race([readPreferences(), new Promise((resolve) => setTimeout(resolve, WAIT_MS))]).catch(() => undefined)
}
const wanted = preference('language')
await loadStrings(isLanguage(wanted) ? wanted : systemLanguage())
const { start } = await import('./app')
start(root)
