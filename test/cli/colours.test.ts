/** Colours belong to terminals: what is piped stays plain, also where the environment asks for colours. */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, test } from 'vitest'
import { kvasir } from '../helpers/kvasir'

const folder = mkdtempSync(join(tmpdir(), 'kvasir-colours-'))
afterAll(() => rmSync(folder, { recursive: true }))

test.each([
  ['in CI', { CI: '1' }],
  ['with FORCE_COLOR', { FORCE_COLOR: '1' }],
])('a piped table has none %s', async (_, asked) => {
  const { stdout, stderr } = await kvasir(['models', 'list'], { KVASIR_DATA_DIR: folder, NO_COLOR: '', ...asked })
  expect(stdout).toContain('architecture')
  expect(stdout + stderr).not.toContain('\u001B')
})
