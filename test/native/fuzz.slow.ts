/** A minute of mutated bytes; `npm run fuzz -- 3600` is an hour of them. */
import { spawnSync } from 'node:child_process'
import { resolve } from 'node:path'
import { expect, test } from 'vitest'

test('nothing that reads files crashes or reads beyond them, whatever is in them', { timeout: 300_000 }, () => {
  const run = spawnSync(process.execPath, [resolve('scripts/fuzz.mjs'), '60'], { encoding: 'utf8' })
  expect(run.status, run.stdout + run.stderr).toBe(0)
  expect(run.stdout).toMatch(/\d+ rounds, \d+ inputs read as sound/)
})
