/** What goes wrong: one line that says what to do, an exit code, no stack; with --json also an object. */
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { kvasir, type Finished } from '../helpers/kvasir'

let folder: string
const run = (...args: string[]) => kvasir([...args, '--data-dir', join(folder, 'data')])
const file = (name: string): string => join(folder, name)

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'kvasir-cli-failures-'))
  await run('sets', 'create', 'Set')
  await writeFile(file('broken.md'), Buffer.from([0x23, 0x20, 0xff, 0xfe, 0x41]))
  await writeFile(file('empty.md'), '')
  await writeFile(file('good.md'), '# Good\n\nAcme is based in Rome.\n')
  await writeFile(file('picture.png'), Buffer.from([0x89, 0x50, 0x4e, 0x47]))
  await writeFile(file('model.gguf'), 'GGUF, it says')
})
afterAll(() => rm(folder, { recursive: true }))

/** Exactly one line, ours, and no stack. */
function line({ stderr }: Finished): string {
  const lines = stderr.trim().split('\n').filter((text) => text.startsWith('kvasir: '))
  expect(stderr).not.toMatch(/\n\s+at /)
  expect(stderr).not.toMatch(/\bE[A-Z]{3,}: /)
  expect(lines).toHaveLength(1)
  return lines[0]!
}

describe('failures', () => {
  test.each([
    ['an unknown set', ['ask', 'Nowhere', 'x?'], 1, /Nowhere/],
    ['an unknown set to build', ['build', 'Nowhere'], 1, /Nowhere/],
    ['a set that is there already', ['sets', 'create', 'Set'], 1, /Set/],
    ['an unknown strategy', ['ask', 'Set', 'x?', '--strategy', 'magic'], 2, /magic.*full, prefix, reuse/],
    ['a link of too many tokens', ['ask', 'Set', 'x?', '--strategy', 'link:65'], 2, /link:K .*1 to 64.*'link:65'/],
    ['a ratio above one', ['ask', 'Set', 'x?', '--strategy', 'blend:1.5'], 2, /blend:R.*0 to 1.*'blend:1\.5'/],
    ['an option that is none', ['demo', '--strategy', 'score:0.1:loud'], 2, /score:R.*'score:0\.1:loud'/],
    ['a fidelity that is none', ['ask', 'Set', 'x?', '--fidelity', 'high'], 2, /number from 0 to 100/],
    ['an unknown command', ['answer'], 2, /answer/],
    ['a missing argument', ['ask', 'Set'], 2, /question/],
    ['an unknown option', ['ask', 'Set', 'x?', '--loud'], 2, /--loud/],
    ['a number that is none', ['ask', 'Set', 'x?', '--max-tokens', 'many'], 2, /number from 1/],
    ['a temperature out of range', ['ask', 'Set', 'x?', '--temperature', '99'], 2, /temperature/],
    ['a number of tokens that is not whole', ['ask', 'Set', 'x?', '--max-tokens', '1.5'], 2, /whole number from 1 to/],
    ['a port that cannot be', ['serve', '--port', '99999'], 2, /--port.*from 0 to 65535/],
    ['a part of a document to remove', ['docs', 'remove', 'd1.s1'], 2, /d1\.s1.*--exclude/],
    ['a report into no folder', ['bench', '--out', 'no-such-folder/report.md'], 2, /no-such-folder/],
    ['an empty question', ['ask', 'Set', '  '], 2, /empty/],
    ['an unknown section', ['ask', 'Set', 'x?', '--exclude', 'Nothing'], 1, /Nothing/],
    ['an unknown id', ['ask', 'Set', 'x?', '--include', 'd99.s1'], 1, /d99\.s1/],
    ['an unknown document', ['docs', 'remove', 'd99'], 1, /d99/],
    ['an unknown section to show', ['docs', 'show', 'd99.s1'], 1, /d99/],
    ['an unknown model', ['sets', 'create', 'Other', '--model', 'nobody'], 1, /nobody/],
    ['a report of an unknown kind', ['bench', '--out', 'report.doc'], 2, /\.json, \.md, \.csv or \.svg/],
    ['an unknown shape', ['bench', '--make', '1t:q4_0'], 2, /1t:q4_0/],
  ])('%s', async (_, args, code, text) => {
    const ended = await run(...args)
    expect(line(ended)).toMatch(text)
    expect(ended).toMatchObject({ code, stdout: '' })
  })

  test.each([
    ['missing', 'nowhere.md', /nowhere\.md/],
    ['not UTF-8', 'broken.md', /UTF-8/],
    ['empty', 'empty.md', /empty/],
    ['not text', 'picture.png', /picture\.png/],
  ])('a document that is %s', async (_, name, text) => {
    const ended = await run('docs', 'add', 'Set', file(name))
    expect(line(ended)).toMatch(text)
    expect(ended.code).toBe(1)
  })

  test('several bad files and no good one: each with its reason', async () => {
    const ended = await run('docs', 'add', 'Set', file('empty.md'), file('broken.md'), file('nowhere.md'))
    expect(ended.code).toBe(1)
    expect(ended.stderr).toMatch(/kvasir: .*empty\.md is empty/)
    expect(ended.stderr).toMatch(/kvasir: .*broken\.md is not UTF-8/)
    expect(ended.stderr).toMatch(/kvasir: .*nowhere\.md cannot be read/)
  })

  test('one bad file among good ones: those are in, the exit code says that one failed', async () => {
    const ended = await run('docs', 'add', 'Set', file('good.md'), file('broken.md'), '--json')
    expect(ended.code).toBe(1)
    const { outcomes } = JSON.parse(ended.stdout) as { outcomes: { outcome: string }[] }
    expect(outcomes.map(({ outcome }) => outcome).sort()).toEqual(['added', 'failed'])
  })

  test.each([
    ['missing', 'nowhere.gguf'],
    ['no model', 'model.gguf'],
  ])('a model file that is %s', async (_, name) => {
    const ended = await run('models', 'add', file(name))
    expect(line(ended)).toContain(name)
    expect(ended.code).toBe(1)
  })

  test('a data folder that cannot be', async () => {
    await mkdir(file('place'), { recursive: true })
    await writeFile(file('place/taken'), 'a file')
    const ended = await kvasir(['sets', 'list', '--data-dir', file('place/taken')])
    expect(line(ended)).toContain('--data-dir')
    expect(ended.code).toBe(1)
  })

  test('--json: the error is an object on stdout, the line stays on stderr', async () => {
    const ended = await run('build', 'Nowhere', '--json')
    const message = expect.stringContaining('Nowhere') as string
    const detail = { id: 'set.unknown', params: { name: 'Nowhere' } }
    expect(JSON.parse(ended.stdout)).toEqual({ error: { code: 'not-found', message, detail } })
    expect(line(ended)).toContain('Nowhere')
    expect(ended.code).toBe(1)
  })

  test('--json: wrong usage is an object too', async () => {
    const ended = await run('ask', 'Set', 'x?', '--temperature', '99', '--json')
    const message = expect.stringMatching(/--temperature.*from 0 to 10/) as string
    expect(JSON.parse(ended.stdout)).toEqual({ error: { code: 'argument.invalid', message } })
    expect(ended.code).toBe(2)
  })

  test('KVASIR_DEBUG shows the stack', async () => {
    const ended = await kvasir(['build', 'Nowhere', '--data-dir', join(folder, 'data')], { KVASIR_DEBUG: '1' })
    expect(ended.stderr).toMatch(/\n\s+at /)
  })
})
