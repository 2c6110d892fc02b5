/** The built command line as a person uses it: one data folder, from an empty one to an answer. */
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { Answer } from '../../src/shared/answer'
import type { SetTree } from '../../src/shared/knowledge'
import type { ModelSummary } from '../../src/shared/workbench'
import { STRATEGY_FORMS } from '../../src/shared/strategy'
import { kvasir } from '../helpers/kvasir'

/** Those that `demo` compares. */
const STRATEGIES = ['full', 'prefix', 'reuse', 'reuse:bos', 'link:16', 'mix:4+0.15', 'blend:0.15']
const MODEL = resolve(import.meta.dirname, '../../models/demo/demo.gguf')
/** Four short documents; the last corrects what two of the others say. */
const NIMBUS = resolve(import.meta.dirname, '../helpers/nimbus')
const DOCUMENTS = ['1-nimbus.md', '2-people.md', '3-falcon.md', '4-corrections.md']

let folder: string
const run = (...args: string[]) => kvasir([...args, '--data-dir', join(folder, 'data')])

/** What a command prints with --json: exactly one object. */
async function json<T>(...args: string[]): Promise<T> {
  const { code, stdout, stderr } = await run(...args, '--json')
  if (code !== 0) throw new Error(stderr)
  return JSON.parse(stdout) as T
}

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'kvasir-cli-'))
  await run('sets', 'create', 'World', '--quiet')
  await run('docs', 'add', 'World', ...DOCUMENTS.map((name) => join(NIMBUS, name)), '--quiet')
  await run('build', 'World', '--quiet')
})
afterAll(() => rm(folder, { recursive: true }))

describe('from an empty folder to an answer', () => {
  test('the set, its documents and their caches', async () => {
    const { set } = await json<{ set: SetTree }>('sets', 'show', 'World')
    expect(set.tree.map(({ title }) => title)).toEqual(['About Nimbus', 'People', 'Report on Project Falcon', 'Corrections'])
    expect(set.cachedChunks).toBe(set.chunks)
    const { stdout } = await run('sets', 'show', 'World')
    expect(stdout).toContain('all cached')
    const { sets } = await json<{ sets: SetTree[] }>('sets', 'list')
    expect(sets.map(({ name }) => name)).toContain('World')
    expect((await run('docs', 'list', 'World', '--chunks')).stdout).toMatch(/d\d+\.s2\.c1 .*cached .*document/)
  })

  test('ask answers on stdout, remarks go to stderr, --quiet leaves them out', async () => {
    const loud = await run('ask', 'World', 'What is the budget of Project Falcon?')
    expect(loud).toMatchObject({ code: 0, stdout: '63 thousand euros\n' })
    expect(loud.stderr).toMatch(/^reuse: first token after [\d.]+ m?s, (\d+) of \1 tokens reused \(100 %\)/)
    const quiet = await run('ask', 'World', 'Where does Peter Stone live?', '-q')
    expect(quiet).toEqual({ code: 0, stdout: 'Paris\n', stderr: '' })
  })

  test('--trace shows stages, chunks and the reason of every miss', async () => {
    const { stdout } = await run('ask', 'World', 'Where does Peter Stone live?', '--strategy', 'full', '--trace')
    expect(stdout).toMatch(/^Paris\n/)
    expect(stdout).toMatch(/\nfirst token +[\d.]+ m?s, \d+ % likely\n/)
    expect(stdout).toMatch(/\nstage .*\nplan .*\ncompute .*▇.*\nfirst token /)
    expect(stdout).toContain('the strategy computes everything')
  })

  test('--strategy takes every form; --trace shows what was computed again', async () => {
    const ask = (...args: string[]) => run('ask', 'World', 'Who works for Nimbus?', '--trace', ...args)
    const { stdout } = await ask('--strategy', 'link:2')
    expect(stdout).toMatch(/\ntokens +(\d+) reused \(100 % of \1\), \d+ of them computed again,/)
    const hitRate = Number(/\nhit rate +(\d+) %\n/.exec(stdout)?.[1])
    expect(hitRate).toBeGreaterThan(0)
    expect(hitRate).toBeLessThan(100)
    expect(stdout).toMatch(/\nmodel +not checked .*kvasir models check demo/)
    expect(stdout).toMatch(/\nload caches .*▇.*\ncompute .*▇/)
    expect(stdout).toMatch(/Corrections +Music +\d+ +2 +reused +document\n/)
    expect(stdout).toMatch(/\nagain: reused tokens that were computed again in their place/)
    const { answer } = await json<{ answer: Answer }>('ask', 'World', 'Who works as a pilot?', '--strategy', 'blend:0.2:layer=3:bos')
    expect(answer.trace).toMatchObject({ strategy: 'blend:0.2:layer=3:bos', gate: 'not checked', attempts: [] })
    expect(answer.trace.recomputedTokens).toBe(Math.floor(0.2 * answer.trace.knowledgeTokens))
  })

  test('auto says what it chose, and why', async () => {
    const { stdout } = await run('ask', 'World', 'Who works for Nimbus?', '--strategy', 'auto', '--trace')
    expect(stdout).toMatch(/\nlink:16 with demo on .*\nchosen +this model has not been calibrated.*kvasir models calibrate/)
    const one = await run('ask', 'World', 'Who works for Nimbus?', '--strategy', 'auto', '--include', 'People')
    expect(one.stderr).toMatch(/^reuse: first token/)
  })

  test('--keep-missed builds what a selection with a gap would have needed, and ends when that is done', async () => {
    const ask = (...args: string[]) => run('ask', 'World', 'Who works for Nimbus?', '--exclude', 'People/Maria Lopez', ...args)
    const { stdout, stderr } = await ask('--trace', '--keep-missed')
    expect(stdout).toMatch(/\nbos, poorer: the variant behind the included parts of its document is not cached yet/)
    expect(stderr).toMatch(/\d+ caches? of \d+ tokens computed\.\n$/)
    const again = await ask('--trace')
    expect(again.stdout).toMatch(/ reused +tail\n/)
    expect(again.stdout).toMatch(/\ntail: encoded behind the included parts of its document/)
    expect(again.stdout).not.toContain('poorer')
  })

  test('--trace says why a chunk was reused in isolation', async () => {
    const ask = (...args: string[]) => run('ask', 'World', 'Who works for Nimbus?', '--trace', ...args)
    const { stdout } = await ask('--exclude', 'Corrections/Numbers')
    expect(stdout).toMatch(/Corrections +Music +\d+ +reused +bos, poorer\n/)
    expect(stdout).toMatch(/\nbos, poorer: the variant behind the included parts of its document is not cached yet/)
    expect((await ask('--strategy', 'reuse:bos')).stdout).toMatch(/\nbos: encoded alone, as this strategy/)
    expect((await ask()).stdout).not.toContain('bos')
  })

  test('--exclude and --include take ids and titles, and change the answer', async () => {
    const question = 'How many people work at Nimbus?'
    const ask = async (...args: string[]): Promise<string> => {
      const { stdout } = await run('ask', 'World', question, '-q', ...args)
      return stdout.trim()
    }
    expect(await ask()).toBe('57 people')
    expect(await ask('--exclude', 'Corrections')).toBe('42 people')
    expect(await ask('--exclude', 'corrections/NUMBERS')).toBe('42 people')
    expect(await ask('--include', 'People')).toBe('unknown')
    const { documents } = await json<{ documents: SetTree['tree'] }>('docs', 'list', 'World')
    const numbers = documents.at(-1)!.sections.find(({ title }) => title === 'Numbers')!
    expect(await ask('--exclude', numbers.id)).toBe('42 people')
    expect(await ask('--exclude', numbers.chunks[0]!.id)).toBe('42 people')
  })

  test('--json gives the answer and its trace; the same seed the same words', async () => {
    const sampling = ['--temperature', '1.5', '--seed', '7', '--max-tokens', '2']
    const ask = () => json<{ answer: Answer }>('ask', 'World', 'Who works as a pilot?', ...sampling)
    const [one, two] = [await ask(), await ask()]
    expect(one.answer.text).toBe(two.answer.text)
    expect(one.answer.trace).toMatchObject({ strategy: 'reuse', hitRate: 1 })
  })

  test('docs show prints what was imported; a changed file is a new version, an unchanged one is not', async () => {
    const file = join(folder, 'note.md')
    await writeFile(file, '# Note\n\nMaria Lopez lives in Rome.\n')
    await run('sets', 'create', 'Notes')
    type Added = { outcomes: { document: string; outcome: string }[] }
    const [added] = (await json<Added>('docs', 'add', 'Notes', file)).outcomes
    expect(added!.outcome).toBe('added')
    expect((await run('docs', 'show', added!.document)).stdout).toBe('# Note\n\nMaria Lopez lives in Rome.\n')
    expect((await json<Added>('docs', 'add', 'Notes', file)).outcomes[0]!.outcome).toBe('unchanged')
    await writeFile(file, '# Note\n\nMaria Lopez lives in Oslo.\n')
    expect((await json<Added>('docs', 'add', 'Notes', file)).outcomes[0]!.outcome).toBe('new-version')
    expect((await run('ask', 'Notes', 'Where does Maria Lopez live?', '-q')).stdout).toBe('Oslo\n')
    expect((await run('docs', 'remove', added!.document, '--dry-run')).stdout).toMatch(/^Would remove/)
    expect((await run('docs', 'remove', added!.document)).stdout).toMatch(/^Removed .* Note\.\n$/)
    expect((await json<{ documents: unknown[] }>('docs', 'list', 'Notes')).documents).toEqual([])
    const { versions } = await json<{ versions: unknown[] }>('docs', 'versions', 'd1')
    expect(versions).toMatchObject([{ number: 1, changes: [] }])
    expect((await run('sets', 'remove', 'Notes')).code).toBe(0)
    expect((await run('sets', 'show', 'Notes')).code).toBe(1)
  })

  test('what was removed lies in the trash until it is emptied', async () => {
    const { trash } = await json<{ trash: { id: string; kind: string; name: string }[] }>('trash', 'list')
    const [set, note] = trash
    expect(trash.map(({ kind, name }) => [kind, name])).toEqual([['set', 'Notes'], ['document', 'Note']])
    expect((await run('docs', 'restore', note!.id)).stderr).toContain(`Restore ${set!.id} first`)
    expect((await run('sets', 'restore', 'Notes')).stdout).toBe(`Back: ${set!.id}, Notes with 0 documents.\n`)
    expect((await run('docs', 'restore', note!.id)).stdout).toBe(`Back: ${note!.id}, Note.\n`)
    expect((await json<{ versions: unknown[] }>('docs', 'versions', note!.id)).versions).toMatchObject([
      { number: 2, isCurrent: true, changes: [{ title: 'Note', change: 'changed' }] },
      { number: 1, isCurrent: false },
    ])
    expect((await run('trash', 'restore', 'd99')).stderr).toContain('no d99 in the trash')
    await run('sets', 'remove', 'Notes')
    expect((await run('trash', 'empty')).stdout).toMatch(/\nWould go for good: 35 B\.\n$/)
    expect((await run('trash', 'empty', '--yes')).stdout).toMatch(/\nRemoved for good: 1 item, 35 B\.\n$/)
    expect((await run('trash', 'list')).stdout).toBe('The trash is empty.\n')
  })

  test('models: the bundled one, one by its file', async () => {
    const { models } = await json<{ models: ModelSummary[] }>('models', 'list')
    expect(models.find(({ bundled }) => bundled)).toMatchObject({ architecture: 'llama' })
    expect((await json<{ model: ModelSummary }>('models', 'inspect', MODEL)).model).toMatchObject({ layers: 8 })
    expect((await run('models', 'inspect', MODEL)).stdout).toMatch(/^name +Kvasir demo model\n/)
  })

  test('doctor finds the libraries', async () => {
    const report = await json<{ system: { ggmlVersion: string }; checks: { status: string }[] }>('doctor')
    expect(report.system.ggmlVersion).not.toBe('')
    expect(report.checks.filter(({ status }) => status === 'failed')).toEqual([])
  })
})

test('demo builds the sample, asks by several strategies, and shows what an exclusion does', async () => {
  const { code, stdout } = await run('demo')
  expect(code).toBe(0)
  for (const strategy of STRATEGIES) expect(stdout).toMatch(new RegExp(` ${strategy.replace('+', '\\+')} .* [\\d.]+x `))
  expect(stdout).toContain('What is the travel allowance?  55 euros\n  without Handbook 2025/Travel: 42 euros\n')
  // The section that names the budget says "the project": read alone, that is any of them.
  const wrong = stdout.split('\n').filter((line) => line.endsWith('(wrong)'))
  expect(wrong.length).toBeGreaterThan(0)
  for (const line of wrong) expect(line).toMatch(/^ {2}reuse:bos /)
})

test('a suggested question is asked of what it comes with, less what is left out, be it a whole document', async () => {
  await run('demo', '--quiet')
  const ask = (...args: string[]) => json<{ answer: Answer }>('ask', 'Sample', 'What is the travel allowance?', ...args)
  const documents = ({ answer }: { answer: Answer }) => new Set(answer.trace.chunks.map(({ document }) => document))
  const whole = await ask()
  expect(documents(whole)).toEqual(new Set(['Handbook 2024', 'Handbook 2025']))
  const without = await ask('--exclude', 'Handbook 2025')
  expect(documents(without)).toEqual(new Set(['Handbook 2024']))
  expect([whole, without].map(({ answer }) => answer.text.trim())).toEqual(['55 euros', '42 euros'])
})

test('demo --json gives the same as one object', async () => {
  type Row = { strategy: string; right: boolean }
  const { rows } = await json<{ rows: Row[] }>('demo')
  expect(new Set(rows.map(({ strategy }) => strategy))).toEqual(new Set(STRATEGIES))
  expect(rows.filter(({ strategy }) => strategy !== 'reuse:bos').every(({ right }) => right)).toBe(true)
})

test('demo --strategy compares others', async () => {
  const { rows } = await json<{ rows: { strategy: string }[] }>('demo', '--strategy', 'score:0.2', '--strategy', 'oracle:0.2:bos')
  expect(new Set(rows.map(({ strategy }) => strategy))).toEqual(new Set(['full', 'score:0.2', 'oracle:0.2:bos']))
})

test('every command has help, and --version prints the version', async () => {
  for (const command of ['demo', 'models', 'sets', 'docs', 'build', 'ask', 'hits', 'history', 'bench', 'serve', 'doctor']) {
    const { code, stdout } = await kvasir([command, '--help'])
    expect({ command, code, help: stdout.startsWith('Usage: kvasir') }).toEqual({ command, code: 0, help: true })
  }
  const { stdout } = await kvasir(['ask', '--help'])
  for (const form of STRATEGY_FORMS) expect(stdout).toContain(form)
  expect((await kvasir(['--version'])).stdout).toMatch(/^\d+\.\d+\.\d+\n$/)
  expect((await kvasir([])).stdout).toContain('kvasir demo')
})
