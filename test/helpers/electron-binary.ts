/** The Electron that tests can start, or why there is none. */
import { existsSync, readFileSync } from 'node:fs'
import { join, resolve } from 'node:path'

/** Where the installed Electron is; its package downloads nothing by being asked this way. */
export function electronBinary(): { path: string } | { reason: string } {
  const folder = resolve('node_modules/electron')
  if (process.platform === 'linux' && !process.env['DISPLAY'] && !process.env['WAYLAND_DISPLAY'])
    return { reason: 'no display' }
  const name = join(folder, 'path.txt')
  if (!existsSync(name)) return { reason: 'no Electron binary; `npx install-electron` fetches it' }
  const path = join(folder, 'dist', readFileSync(name, 'utf8').trim())
  return existsSync(path) ? { path } : { reason: 'no Electron binary; `npx install-electron` fetches it' }
}
