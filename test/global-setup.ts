/** `vitest` alone works as well as `npm test`: what is stale is built first. */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { spawnSync } from 'node:child_process'

/** Returns what vitest calls at the end of the run. */
export default function setup(): () => void {
  const script = resolve(import.meta.dirname, '../scripts/build.mjs')
  const { status } = spawnSync(process.execPath, [script], { stdio: 'inherit' })
  if (status !== 0) throw new Error('The build failed; see above.')
  // Where test/helpers/tiny-model.ts puts what all workers of this run share.
  const models = mkdtempSync(join(tmpdir(), 'kvasir-test-models-'))
  process.env['KVASIR_TEST_MODELS'] = models
  return () => rmSync(models, { recursive: true, force: true })
}
