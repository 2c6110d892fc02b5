// Builds the native addon and the three bundles, each only when its sources changed.
import { createHash } from 'node:crypto'
import { existsSync, globSync, readFileSync, writeFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { spawnSync } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { ensureNode } from './node-version.mjs'
import { buildNative } from './build-native.mjs'

const root = resolve(import.meta.dirname, '..')
const stampFile = join(root, 'out', '.stamp')

/** Digest of everything the bundles are made of. */
function sourcesDigest() {
  const files = globSync(['src/**/*', 'package-lock.json', 'electron.vite.config.ts', 'tsconfig.json'], { cwd: root, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name))
    .sort()
  const hash = createHash('sha256')
  for (const file of files) hash.update(file).update('\0').update(readFileSync(file)).update('\0')
  return hash.digest('hex')
}

function buildBundles() {
  const digest = sourcesDigest()
  if (existsSync(stampFile) && readFileSync(stampFile, 'utf8') === digest) return
  console.error('kvasir: building the bundles…')
  const cli = join(root, 'node_modules', 'electron-vite', 'bin', 'electron-vite.js')
  const { status, stdout, stderr } = spawnSync(process.execPath, [cli, 'build'], { cwd: root, encoding: 'utf8' })
  if (status !== 0) {
    process.stderr.write(stdout + stderr)
    throw new Error('electron-vite build failed')
  }
  writeFileSync(stampFile, digest)
}

/**
 * Makes `out/` and the addon current. In a packaged app there are no sources, and nothing to do.
 * @param {{ force?: boolean }} [options]
 */
export function ensureBuilt({ force = false } = {}) {
  if (!existsSync(join(root, 'src'))) return
  buildNative({ force })
  buildBundles()
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  ensureNode()
  ensureBuilt({ force: process.argv.includes('--force') })
}
