/** Which engine a verdict was given with: another build or another ggml may compute other figures. */
import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { sha256 } from '../base/hash'
import { libraryFolders } from './libraries'
import { addonFile, appRoot } from './places'

/** Kvasir's version and a digest of the native addon and of the libraries' names and sizes, e.g. `0.1.0-3f2a91bc`. */
export function engineVersion(version: string, root: string = appRoot()): string {
  const addon = addonFile(root)
  const parts = [existsSync(addon) ? sha256(readFileSync(addon)) : 'none']
  for (const { dir } of libraryFolders(root)) {
    for (const name of readdirSync(dir).toSorted()) parts.push(`${name} ${statSync(join(dir, name)).size}`)
  }
  return `${version}-${sha256(parts.join('\n')).slice(0, 8)}`
}
