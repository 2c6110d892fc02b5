/** The demo model's corpus: what must hold of whatever is drawn, and suites that are what the generator writes. */
import { execFile } from 'node:child_process'
import { readdir, readFile } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { promisify } from 'node:util'
import { expect, test } from 'vitest'
import { tempFolder } from '../helpers/temp-folder'

const ROOT = resolve(import.meta.dirname, '../..')
const SUITES = join(ROOT, 'test/suites')

/** Plain Python, which native builds need as well; no bytecode is left beside the sources. */
async function python(...args: string[]): Promise<string> {
  const env = { ...process.env, PYTHONDONTWRITEBYTECODE: '1' }
  const { stdout, stderr } = await promisify(execFile)('python3', args, { cwd: ROOT, env })
  return stdout + stderr
}

test('its own tests pass', async () => {
  expect(await python('-m', 'unittest', 'discover', '-s', 'models/demo')).toMatch(/^OK$/m)
}, 60_000)

test('the suites are what the generator writes', async () => {
  await using folder = await tempFolder()
  await python('models/demo/suites.py', folder.path)
  const files = await readdir(folder.path)
  expect(files.toSorted()).toEqual((await readdir(SUITES)).toSorted())
  for (const file of files)
    expect(await readFile(folder.file(file), 'utf8') === (await readFile(join(SUITES, file), 'utf8')), file).toBe(true)
}, 120_000)

test('the tokenizer is what the corpus makes of it', async () => {
  await using folder = await tempFolder()
  await python('models/demo/bpe.py', folder.file('tokenizer.json'))
  const written = await readFile(folder.file('tokenizer.json'), 'utf8')
  expect(written === (await readFile(join(ROOT, 'models/demo/tokenizer.json'), 'utf8'))).toBe(true)
}, 60_000)
