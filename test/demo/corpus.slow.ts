/** The question suites are what the corpus's generator writes, byte for byte: half a minute of Python; `npm run test:slow`. */
import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { python, ROOT } from '../helpers/python'
import { tempFolder } from '../helpers/temp-folder'

const SUITES = join(ROOT, 'test/suites')

test('the suites are what the generator writes', async () => {
  await using folder = await tempFolder()
  await python('models/demo/suites.py', folder.path)
  const files = await readdir(folder.path)
  expect(files.toSorted()).toEqual((await readdir(SUITES)).toSorted())
  for (const file of files)
    expect(await readFile(folder.file(file), 'utf8') === (await readFile(join(SUITES, file), 'utf8')), file).toBe(true)
}, 120_000)
