/** The language first, then the page: its modules take their texts when they are loaded. */
import { loadStrings, systemLanguage } from './strings'

const root = document.getElementById('root')
if (!root) throw new Error('index.html has no #root')
await loadStrings(systemLanguage())
const { start } = await import('./app')
start(root)
