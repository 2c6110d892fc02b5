/** `kvasir models check` and `calibrate`, as a person runs them. */
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { Calibration, ModelVerdict } from '../../src/shared/calibration'
import type { JobState, ModelSummary } from '../../src/shared/workbench'
import { kvasir } from '../helpers/kvasir'
import { tinyModel } from '../helpers/tiny-model'

let folder: string
const run = (...args: string[]) => kvasir([...args, '--data-dir', join(folder, 'data')])

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'kvasir-cli-models-'))
  const weights = await readFile(await tinyModel())
  // Numbers that are none, behind a sound header: it loads, and computes nothing of use.
  weights.fill(0xff, weights.length / 2)
  await writeFile(join(folder, 'broken.gguf'), weights)
  await run('models', 'add', join(folder, 'broken.gguf'))
})
afterAll(() => rm(folder, { recursive: true }))

describe('models check', () => {
  test('of a sound model: a line for each check, and list and show say that it passed', async () => {
    expect((await run('models', 'list')).stdout).toMatch(/demo \*.* unchecked\n/)
    expect((await run('models', 'show', 'demo')).stdout).toMatch(/checked +not yet: kvasir models check demo\n/)
    const { code, stdout, stderr } = await run('models', 'check', 'demo')
    expect({ code, lines: stdout.match(/^(parity|equality|shift|needle) +passed +/gm)?.length }).toEqual({ code: 0, lines: 4 })
    expect(stderr).toContain('demo on cpu: Passed.')
    expect((await run('models', 'list')).stdout).toMatch(/demo \*.* passed\n/)
    expect((await run('models', 'inspect', 'demo')).stdout).toMatch(/checked +passed on cpu, \d{4}-\d\d-\d\d\n\ncheck +result/)
  })

  test('of a broken one: what failed and why, exit code 1; list and show repeat it', async () => {
    const { code, stdout, stderr } = await run('models', 'check', 'broken', '-q')
    expect(code).toBe(1)
    expect(stdout).toMatch(/^equality +failed +/m)
    expect(stderr).toMatch(/^kvasir: broken failed on cpu, so its caches are not blended\. .*equality: .+\n$/)
    const list = await run('models', 'list')
    expect(list.stdout).toMatch(/broken .* failed\n/)
    expect(list.stdout).toMatch(/\nbroken: .*equality: /)
    expect((await run('models', 'show', 'broken')).stdout).toMatch(/checked +failed on cpu/)
    const json = await run('models', 'check', 'broken', '--json')
    const { verdict, job } = JSON.parse(json.stdout) as { verdict: ModelVerdict; job: JobState }
    expect({ code: json.code, passed: verdict.passed, status: job.status }).toEqual({ code: 1, passed: false, status: 'done' })
    const { models } = JSON.parse((await run('models', 'list', '--json')).stdout) as { models: ModelSummary[] }
    expect(models.find(({ id }) => id === 'broken')?.verdict?.passed).toBe(false)
  })

  test('of a model that is not there', async () => {
    const { code, stderr } = await run('models', 'check', 'nobody')
    expect({ code, stderr }).toEqual({ code: 1, stderr: expect.stringMatching(/^kvasir: .*'nobody'.*demo/) })
  })
})

describe('models calibrate', () => {
  test('prints strategies with their controls and what follows; show repeats the table', async () => {
    const { code, stdout } = await run('models', 'calibrate', 'demo', '--questions', '3', '--target', '5')
    expect(code).toBe(0)
    const table = stdout.slice(0, stdout.indexOf('\n\n'))
    expect(table).toMatch(/^strategy +cost +KL +top-1\n/)
    for (const name of ['reuse', 'reuse:bos', 'link:16', 'mix:8\\+0.1', 'score:0.15', 'blend:0.15:layer=1', 'random:0.15 .*control', 'oracle:0.15 .*control'])
      expect(table).toMatch(new RegExp(`^${name}`, 'm'))
    expect(stdout).toMatch(/\nCheapest within KL 5: /)
    expect((await run('models', 'show', 'demo')).stdout).toContain(table)
    const json = await run('models', 'show', 'demo', '--json')
    const { model } = JSON.parse(json.stdout) as { model: { calibration: Calibration } }
    expect(model.calibration).toMatchObject({ set: null, questions: 3 })
  })

  test('refuses a model that failed its check, with the reason', async () => {
    const { code, stderr } = await run('models', 'calibrate', 'broken', '-q')
    expect({ code, stderr }).toEqual({ code: 1, stderr: expect.stringMatching(/^kvasir: Expected broken to pass its check.*equality: /) })
  })

  test.each([
    ['no questions', ['--questions', '0'], 2, /whole number from 1 to 200/],
    ['a target that is none', ['--target', 'low'], 2, /number above 0/],
    ['an unknown set', ['--set', 'Nowhere'], 1, /Nowhere/],
  ])('refuses %s', async (_, args, code, text) => {
    const ended = await run('models', 'calibrate', 'demo', ...args)
    expect(ended).toEqual({ code, stdout: '', stderr: expect.stringMatching(text) })
  })
})

describe('models of other programs', () => {
  test('are found, added under their name, made the default, measured against memory and forgotten', async () => {
    const home = join(folder, 'home')
    const digest = 'a'.repeat(64)
    const models = join(home, '.ollama', 'models')
    await mkdir(join(models, 'manifests/registry.ollama.ai/library/tiny'), { recursive: true })
    await mkdir(join(models, 'blobs'))
    const layers = [{ mediaType: 'application/vnd.ollama.image.model', digest: `sha256:${digest}` }]
    await writeFile(join(models, 'manifests/registry.ollama.ai/library/tiny/1b'), JSON.stringify({ layers }))
    await writeFile(join(models, 'blobs', `sha256-${digest}`), await readFile(await tinyModel()))
    const at = (...args: string[]) => kvasir([...args, '--data-dir', join(folder, 'data')], { HOME: home })
    const found = await at('models', 'discover')
    expect(found.stdout).toMatch(/^from +name .*\nOllama +tiny:1b +llama +F32 /)
    expect(found.stderr).toContain('--name tiny:1b')
    const blob = join(models, 'blobs', `sha256-${digest}`)
    expect((await at('models', 'add', blob, '--name', 'tiny:1b')).stdout).toMatch(/^Added tiny-1b: llama/)
    expect((await at('models', 'discover')).stdout).toContain('added as tiny-1b')
    expect((await at('models', 'default', 'tiny-1b')).stdout).toBe('tiny-1b is taken for new sets.\n')
    expect((await at('models', 'list')).stdout).toMatch(/tiny-1b \* /)
    expect((await at('models', 'fit', 'tiny-1b')).stdout).toMatch(/KV per token .*\n[^]*CPU .* all of it\n/)
    expect(await at('models', 'remove', 'demo')).toMatchObject({ code: 1, stderr: expect.stringContaining('comes with Kvasir') as string })
    expect((await at('models', 'remove', 'tiny-1b')).stdout).toContain('Its file stays')
    expect((await at('models', 'list')).stdout).not.toContain('tiny-1b')
  })
})
