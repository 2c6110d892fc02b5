/** Where Kvasir's own files lie: beside the sources, or in a packaged app. */
import { existsSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { WorkbenchError } from '../../shared/errors'

let found: string | null = null

/** The folder that holds Kvasir's package.json, `out/`, `native/`, `models/` and `node_modules/`. */
export function appRoot(): string {
  found ??= rootAbove(import.meta.dirname)
  return found
}

function rootAbove(start: string): string {
  for (let folder = start; ; folder = dirname(folder)) {
    const file = join(folder, 'package.json')
    if (existsSync(file) && /"name":\s*"kvasir"/.test(readFileSync(file, 'utf8'))) return folder
    if (dirname(folder) === folder) {
      throw new WorkbenchError('internal', `Expected Kvasir's package.json in a folder above ${start}.`)
    }
  }
}

/** A file that the system's loader must open by itself: outside the archive of a packaged app. */
export function unpacked(path: string): string {
  return path.replace(/app\.asar(?=[\\/])/, 'app.asar.unpacked')
}

/** Built by `npm run build`. */
export const hostScript = (root: string): string => join(root, 'out', 'main', 'engine-host.js')
export const addonFile = (root: string): string => unpacked(join(root, 'native', 'build', 'Release', 'kvasir.node'))
