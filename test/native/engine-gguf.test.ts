/** Model files that are damaged or of a kind that is not supported: an error that says so, never a crash. */
import { spawnSync } from 'node:child_process'
import { mkdtemp, readFile, writeFile } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { describe, expect, test } from 'vitest'
import { ADDON, engineFixture, LIBRARIES, rejection } from './engine-fixture'

const engine = engineFixture()
const { addon } = engine

const MIN_MUTATIONS = 500

interface Report {
  readonly count: number
  /** How many copies ended with which code. */
  readonly codes: Readonly<Record<string, number>>
  readonly wrong: readonly string[]
}

test.each(['llama', 'qwen2', 'qwen3'])('no damage to a file of %s crashes the process', async (architecture) => {
  const model = await engine.model({ architecture, ropeScaling: 'yarn' })
  const folder = await mkdtemp(join(engine.folder, 'mutations-'))
  const script = resolve(import.meta.dirname, 'engine-mutations.mjs')
  const { status, signal, stdout, stderr } = spawnSync(process.execPath, [script, ADDON, LIBRARIES, model, folder], {
    encoding: 'utf8',
    maxBuffer: 1 << 26,
  })
  const last = status === 0 ? '' : stderr.slice(-500)
  expect({ status, signal, last }).toEqual({ status: 0, signal: null, last: '' })
  const { count, codes, wrong } = JSON.parse(stdout) as Report
  expect(wrong).toEqual([])
  expect(count).toBeGreaterThan(MIN_MUTATIONS)
  expect(codes['model.damaged']).toBeGreaterThan(count / 3)
})

/** A copy in which one text of the header is replaced by another of the same length. */
async function changed(path: string, from: string, to: string): Promise<string> {
  const bytes = await readFile(path)
  const at = bytes.indexOf(from)
  if (at < 0 || from.length !== to.length) throw new Error(`"${from}" is not in the file or not as long as "${to}".`)
  bytes.write(to, at, 'latin1')
  const copy = join(engine.folder, `changed-${to.replaceAll(/[^a-z0-9]/g, '-')}.gguf`)
  await writeFile(copy, bytes)
  return copy
}

describe('says what was expected and what came', () => {
  const inspect = async (path: string): Promise<string> => {
    try {
      await addon.inspect(path)
    } catch (error) {
      return error instanceof Error && 'code' in error ? `${String(error.code)}: ${error.message}` : String(error)
    }
    return 'fine'
  }

  test('of another architecture', async () => {
    const model = await engine.model()
    const bytes = await readFile(model)
    const at = bytes.indexOf('llama', bytes.indexOf('general.architecture'))
    bytes.write('gemma', at, 'latin1')
    const path = join(engine.folder, 'gemma.gguf')
    await writeFile(path, bytes)
    expect(await inspect(path)).toMatch(/^model\.unsupported: .*llama, qwen2, qwen3.*gemma/)
  })

  test('of a missing tensor', async () => {
    const path = await changed(await engine.model(), 'blk.1.ffn_up.weight', 'blk.9.ffn_up.weight')
    expect(await inspect(path)).toMatch(/^model\.damaged: .*lacks the tensor blk\.1\.ffn_up\.weight/)
  })

  test('of an unknown scaling of positions', async () => {
    const path = await changed(await engine.model({ ropeScaling: 'yarn' }), 'yarn', 'yolo')
    expect(await inspect(path)).toMatch(/^model\.unsupported: .*"yolo"/)
  })

  test('of an unknown pre-tokenizer', async () => {
    const path = await changed(await engine.model(), 'llama-bpe', 'llama-xyz')
    expect(await inspect(path)).toMatch(/^model\.unsupported: .*tokenizer/)
  })

  test('of a token that appears twice', async () => {
    const path = await changed(await engine.model(), '<filler1000>', '<filler1001>')
    expect(await inspect(path)).toMatch(/^model\.damaged: .*<filler1001>.* appears twice/)
  })

  test('of something that is no model', async () => {
    const path = join(engine.folder, 'text.gguf')
    await writeFile(path, 'GIF89a, not GGUF at all')
    expect(await inspect(path)).toMatch(/^model\.damaged: .*does not start with "GGUF"/)
    await writeFile(path, '')
    expect(await inspect(path)).toMatch(/^model\.unreadable: .*empty/)
    expect(await inspect(engine.folder)).toMatch(/^model\.unreadable: .*no regular file/)
    expect(await inspect(join(engine.folder, 'nowhere.gguf'))).toMatch(/^model\.unreadable/)
  })
})

test('random models of impossible shapes are refused and leave no file', async () => {
  const path = join(engine.folder, 'impossible.gguf')
  const shape = { layers: 1, embedding: 64, feedForward: 64, heads: 4, kvHeads: 2, headDim: 16, vocabulary: 1024 }
  const rest = { contextLength: 64, tied: false, ropeBase: 1e4, ropeScaling: 'none', seed: 1, type: 'f32' } as const
  const tries = [
    { ...shape, ...rest, architecture: 'mamba' },
    { ...shape, ...rest, architecture: 'llama', kvHeads: 3 },
    { ...shape, ...rest, architecture: 'llama', headDim: 15 },
    { ...shape, ...rest, architecture: 'llama', type: 'q4_k' as const },
    { ...shape, ...rest, architecture: 'qwen2', ropeScaling: 'llama3' as const },
  ]
  for (const params of tries) expect(await rejection(addon.randomModel({ ...params, path }))).toBe('argument.invalid')
  expect(await rejection(addon.inspect(path))).toBe('model.unreadable')
})
