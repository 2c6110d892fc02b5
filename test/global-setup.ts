/** `vitest` alone works as well as `npm test`: what is stale is built first. */
import { resolve } from 'node:path'
import { spawnSync } from 'node:child_process'

export default function setup(): void {
  const script = resolve(import.meta.dirname, '../scripts/build.mjs')
  const { status } = spawnSync(process.execPath, [script], { stdio: 'inherit' })
  if (status !== 0) throw new Error('The build failed; see above.')
}
