import { spawnSync } from 'node:child_process'
import { existsSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { expect, test } from 'vitest'

const name = process.platform === 'win32' ? 'kvasir-native-tests.exe' : 'kvasir-native-tests'
const program = path.resolve('native/build/Release', name)

test('native code without ggml passes its own tests', { timeout: 60_000 }, () => {
  expect(existsSync(program), `${program} is built by "npm run build"`).toBe(true)
  const folder = mkdtempSync(path.join(tmpdir(), 'kvasir-codec-'))
  try {
    const run = spawnSync(program, { encoding: 'utf8', env: { ...process.env, KVASIR_TEST_DIR: folder } })
    const lines = run.stdout.trim().split('\n')
    expect(lines.filter((line) => !line.startsWith('ok '))).toEqual([])
    expect(lines.length).toBeGreaterThanOrEqual(17)
    expect(run.status, run.stderr).toBe(0)
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
})
