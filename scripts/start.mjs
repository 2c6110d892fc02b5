// `npm start`: the window where an Electron binary and a display can be had, else the same workbench in a browser.
import { existsSync, readFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { spawn, spawnSync } from 'node:child_process'
import { ensureNode, pinnedNode } from './node-version.mjs'

/** How long the Electron binary's download may take before the browser is used instead. */
const DOWNLOAD_MS = 180_000
const root = resolve(import.meta.dirname, '..')

ensureNode()
const { ensureBuilt } = await import('./build.mjs')
ensureBuilt()

const binary = electronBinary()
if (typeof binary === 'string') run(binary, [root, ...process.argv.slice(2)])
else {
  console.log(`No window: ${binary.reason}. Serving the same workbench to your browser instead.`)
  run(pinnedNode() ?? process.execPath, [join(root, 'bin', 'kvasir.mjs'), 'serve', ...process.argv.slice(2)])
}

/** @returns {string | { reason: string }} path of the binary, or why there is no window */
function electronBinary() {
  if (process.platform === 'linux' && !process.env.DISPLAY && !process.env.WAYLAND_DISPLAY) return { reason: 'no display' }
  const folder = join(root, 'node_modules', 'electron')
  if (!existsSync(folder)) return { reason: 'the electron package is not installed' }
  if (!existsSync(join(folder, 'path.txt'))) {
    console.log('Fetching the Electron binary (once)…')
    spawnSync(process.execPath, [join(folder, 'install.js')], { stdio: 'ignore', timeout: DOWNLOAD_MS })
  }
  if (!existsSync(join(folder, 'path.txt'))) return { reason: 'the Electron binary could not be downloaded' }
  const path = join(folder, 'dist', readFileSync(join(folder, 'path.txt'), 'utf8').trim())
  return existsSync(path) ? path : { reason: 'the Electron binary could not be downloaded' }
}

/** Hands over: signals reach the child through the terminal, its exit code becomes ours. */
function run(command, args) {
  const child = spawn(command, args, { stdio: 'inherit', cwd: root })
  for (const signal of ['SIGINT', 'SIGTERM']) process.on(signal, () => child.kill(signal))
  child.on('exit', (code) => process.exit(code ?? 1))
}
