// `npm test`: build what is stale, type-check, lint, then every test; ends with a line of counts.
import { readFileSync, rmSync, mkdtempSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { spawnSync } from 'node:child_process'
import { ensureNode } from './node-version.mjs'

const root = resolve(import.meta.dirname, '..')
ensureNode()
const { ensureBuilt } = await import('./build.mjs')
ensureBuilt()

const bin = (name, file) => join(root, 'node_modules', name, file)
const steps = [
  { name: 'type check', script: bin('typescript', 'bin/tsc'), args: ['--noEmit'] },
  { name: 'lint', script: bin('oxlint', 'bin/oxlint'), args: ['--type-aware', '--deny-warnings'] },
]
for (const { name, script, args } of steps) {
  const { status } = spawnSync(process.execPath, [script, ...args], { cwd: root, stdio: 'inherit' })
  if (status !== 0) {
    console.error(`kvasir: ${name} failed`)
    process.exit(1)
  }
}

const folder = mkdtempSync(join(tmpdir(), 'kvasir-test-report-'))
const report = join(folder, 'report.json')
const { status } = spawnSync(
  process.execPath,
  [bin('vitest', 'vitest.mjs'), 'run', '--reporter=default', '--reporter=json', `--outputFile.json=${report}`, ...process.argv.slice(2)],
  { cwd: root, stdio: 'inherit' },
)
const counts = JSON.parse(readFileSync(report, 'utf8'))
rmSync(folder, { recursive: true })
// A file that does not load has no tests to count.
const broken = counts.testResults.filter((file) => file.status === 'failed' && file.assertionResults.length === 0).length
console.log(`${counts.numPassedTests} passed, ${counts.numFailedTests + broken} failed, ${counts.numPendingTests + counts.numTodoTests} skipped`)
process.exit(status ?? 1)
