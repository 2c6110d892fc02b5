/** The demo model's corpus: what must hold of whatever is drawn, and the tokenizer that comes of it. */
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { python, ROOT } from '../helpers/python'
import { tempFolder } from '../helpers/temp-folder'

test('its own tests pass', async () => {
  expect(await python('-m', 'unittest', 'discover', '-s', 'models/demo')).toMatch(/^OK$/m)
}, 60_000)

test('the tokenizer is what the corpus makes of it', async () => {
  await using folder = await tempFolder()
  await python('models/demo/bpe.py', folder.file('tokenizer.json'))
  const written = await readFile(folder.file('tokenizer.json'), 'utf8')
  expect(written === (await readFile(join(ROOT, 'models/demo/tokenizer.json'), 'utf8'))).toBe(true)
}, 60_000)
