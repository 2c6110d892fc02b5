import { mkdir, writeFile } from 'node:fs/promises'
import { dirname } from 'node:path'
import { expect, it } from 'vitest'
import { engineVersion } from '../../src/main/engine/engine-version'
import { addonFile } from '../../src/main/engine/places'
import { tempFolder } from '../helpers/temp-folder'

it('the same for the same build, another for another addon or version', async () => {
  await using folder = await tempFolder()
  const addon = addonFile(folder.path)
  const absent = engineVersion('1.2.3', folder.path)
  await mkdir(dirname(addon), { recursive: true })
  await writeFile(addon, 'one')
  const first = engineVersion('1.2.3', folder.path)
  expect(first).toMatch(/^1\.2\.3-[0-9a-f]{8}$/)
  expect(engineVersion('1.2.3', folder.path)).toBe(first)
  expect(engineVersion('1.2.4', folder.path)).not.toBe(first)
  await writeFile(addon, 'two')
  expect(new Set([absent, first, engineVersion('1.2.3', folder.path)]).size).toBe(3)
})
