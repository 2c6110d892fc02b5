// The pinned Node of the registry (an optional dependency) when it is installed, and a clear refusal of an older one.
import { existsSync } from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import { spawnSync } from 'node:child_process'

/** Node 24 brings N-API 10, which better-sqlite3 needs. */
const NAPI_NEEDED = 10

/** Path of the Node 24 that came with `npm ci`, or null on a platform without such a package. */
export function pinnedNode() {
  const require = createRequire(import.meta.url)
  const platform = process.platform === 'win32' ? 'win' : process.platform
  try {
    const packageJson = require.resolve(`node-${platform}-${process.arch}/package.json`)
    const binary = join(dirname(packageJson), 'bin', process.platform === 'win32' ? 'node.exe' : 'node')
    return existsSync(binary) ? binary : null
  } catch {
    return null
  }
}

/** Starts the running script again on the pinned Node where this one is too old; returns when this one will do. */
export function ensureNode() {
  if (Number(process.versions.napi) >= NAPI_NEEDED) return
  const pinned = pinnedNode()
  if (pinned && process.execPath !== pinned) {
    const { status } = spawnSync(pinned, [...process.execArgv, ...process.argv.slice(1)], { stdio: 'inherit' })
    process.exit(status ?? 1)
  }
  console.error(`kvasir: needs Node 24 (N-API ${NAPI_NEEDED}); this is Node ${process.versions.node}. Install Node 24 and run the command again.`)
  process.exit(1)
}
