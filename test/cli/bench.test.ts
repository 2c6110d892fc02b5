/** `kvasir bench` as people run it: what it refuses, what a killed run leaves, two reports side by side. */
import { existsSync } from 'node:fs'
import { readdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import type { ReportComparison } from '../../src/main/bench/compare'
import type { BenchReport } from '../../src/shared/bench-report'
import { kvasir, startKvasir } from '../helpers/kvasir'
import { tempFolder } from '../helpers/temp-folder'

const SHAPE = [
  'bench',
  '--kind',
  'shape',
  '--make',
  'tiny:f32',
  '--shape',
  '200+8',
  '--chunk',
  '64',
  '--arms',
  'reuse',
  '--threads',
  '1',
  '--device',
  'cpu',
]

const WRONG: readonly (readonly [string, string[], RegExp])[] = [
  ['an unknown kind', ['--kind', 'speed'], /engine, shape, suite, novel, table1, codec/],
  [
    'an unknown arm',
    ['--kind', 'shape', '--arms', 'reuse,magic'],
    /each libllama, resident or a strategy .*got 'magic'/,
  ],
  ['a ratio above 1', ['--kind', 'shape', '--arms', 'blend:1.2'], /blend:R.*got 'blend:1\.2'/],
  [
    'too many link tokens',
    ['--kind', 'shape', '--arms', 'link:99'],
    /link:K \(tokens of each chunk, 1 to 64\).*got 'link:99'/,
  ],
  ['half a shape', ['--kind', 'shape', '--shape', '4096'], /knowledge and question like 1024\+64.*got '4096'/],
  ["an unknown model's shape", ['--kind', 'table1', '--make', '2b:q4_0'], /1b, 3b, 8b, 70b.*'2b:q4_0'/],
  [
    'more layers than there are',
    ['--kind', 'shape', '--make', '70b:q4_0', '--layers', '81'],
    /1 to 80 layers of 70b, got 81/,
  ],
  ['no number', ['--kind', 'novel', '--queries', 'many'], /whole number/],
  ['a price below 0', ['--kind', 'table1', '--price-hour', '-1'], /price, 0 or more/],
  [
    'an option of another kind',
    ['--kind', 'shape', '--queries', '5'],
    /--queries belongs to --kind store, novel, not to --kind shape/,
  ],
  ['a report of another type', ['--kind', 'shape', '--out', 'report.txt'], /\.json, \.md, \.csv or \.svg/],
  ['questions for random weights', ['--kind', 'codec', '--make', 'tiny:f32', '--tag', 'x'], /--tag asks questions/],
  ['a picture of what has no answers', ['--kind', 'shape', '--out', 'report.svg'], /--kind suite for report\.svg, got shape/],
  [
    'a model that is not there',
    ['--kind', 'suite', '--model', 'nowhere.gguf'],
    /model's id or the path of a GGUF file, got 'nowhere\.gguf'/,
  ],
]

test.each(WRONG)('%s: refused in a line, and nothing is written', async (_, args, message) => {
  await using folder = await tempFolder()
  const { code, stderr, stdout } = await kvasir(['bench', ...args, '--data-dir', folder.file('data')])
  expect(code).toBe(args.includes('nowhere.gguf') ? 1 : 2)
  expect(stderr).toMatch(message)
  expect(stdout).toBe('')
  expect(existsSync(folder.file('data'))).toBe(false)
})

test('a question set with a broken line is refused with the line', async () => {
  await using folder = await tempFolder()
  await writeFile(
    folder.file('s.jsonl'),
    '{"id":"1","kind":"a","question":"?","answers":["x"],"documents":[]}\n{"id":\n',
  )
  const args = [
    'bench',
    '--kind',
    'suite',
    '--suite',
    folder.file('s.jsonl'),
    '--out',
    folder.file('r.json'),
    '--data-dir',
    folder.file('data'),
  ]
  const { code, stderr } = await kvasir(args)
  expect([code, stderr.trim().split('\n').length]).toEqual([2, 1])
  expect(stderr).toMatch(/s\.jsonl, line 2, but it is no JSON/)
  expect(await readdir(folder.path)).toEqual(['s.jsonl'])
})

const measured = async (data: string): Promise<string[]> => {
  const [run = ''] = await readdir(join(data, 'bench', 'runs'))
  return (await readFile(join(data, 'bench', 'runs', run, 'measured.jsonl'), 'utf8')).trim().split('\n')
}

test('a killed run goes on from its last measurement; the report says so, and nothing is left over', async () => {
  await using folder = await tempFolder()
  const args = [...SHAPE, '--repetitions', '400', '--data-dir', folder.file('data'), '--out', folder.file('r.json')]
  const run = startKvasir(args)
  // Of 1200.
  await run.said(/, 3 of 400 /)
  process.kill(-(run.child.pid ?? 0), 'SIGKILL')
  await run.finished
  expect(existsSync(folder.file('r.json'))).toBe(false)
  const before = await measured(folder.file('data'))
  expect(before.length).toBeGreaterThanOrEqual(6)

  const again = startKvasir(args.map((arg) => (arg === '400' ? '4' : arg)))
  const { code, stderr, stdout } = await again.finished
  expect(code, stderr).toBe(0)
  expect(stderr).toMatch(/Going on behind \d+ of 12 measurements/)
  expect(stdout).toContain('Measured in 2 processes')
  const report = JSON.parse(await readFile(folder.file('r.json'), 'utf8')) as BenchReport
  expect(report).toMatchObject({
    kind: 'shape',
    repetitions: 4,
    runs: 2,
    command: expect.stringContaining('--repetitions 4') as string,
  })
  expect(await readdir(join(folder.file('data'), 'bench', 'runs'))).toEqual([])
  expect((await readdir(folder.path)).sort()).toEqual(['data', 'r.json'])
})

test('Ctrl-C keeps what is measured and says how to go on; --fresh does not go on', async () => {
  await using folder = await tempFolder()
  const args = [...SHAPE, '--repetitions', '400', '--data-dir', folder.file('data')]
  const run = startKvasir(args)
  await run.said(/, 2 of 400 /)
  run.interrupt()
  const { code, stderr, stdout } = await run.finished
  expect(code).toBe(130)
  expect(stdout).toBe('')
  expect(stderr).toMatch(
    /kvasir: Cancelled; \d+ measurements are kept\. The same command goes on from here; with --fresh .* anew\.\n$/,
  )
  const fresh = await kvasir([...args.map((arg) => (arg === '400' ? '1' : arg)), '--fresh', '--json'])
  expect(fresh.stderr).not.toContain('Going on')
  expect((JSON.parse(fresh.stdout) as { report: BenchReport }).report.runs).toBe(1)
})

test('two reports side by side, with a warning where they are not of the same thing', async () => {
  await using folder = await tempFolder()
  const options = ['--repetitions', '1', '--data-dir', folder.file('data')]
  await kvasir([...SHAPE, ...options, '--out', folder.file('a.json')])
  await kvasir([...SHAPE, ...options, '--seed', '2', '--out', folder.file('b.json')])
  const { code, stdout, stderr } = await kvasir(['bench', 'compare', folder.file('a.json'), folder.file('b.json')])
  expect(code).toBe(0)
  expect(stdout).toMatch(/reuse +ratioToFull +[\d.]+ +[\d.]+ +[\d.]+ +[\d.]+ to [\d.]+ +(apart|overlap)/)
  expect(stderr).toMatch(/Warning: Another model: tiny-f32 \(.*\) against tiny-f32 \(/)
  expect(stderr).toMatch(/Warning: Another command: /)
  const json = await kvasir(['bench', 'compare', folder.file('a.json'), folder.file('a.json'), '--json'])
  const { comparison } = JSON.parse(json.stdout) as { comparison: ReportComparison }
  expect(comparison.warnings).toEqual([])
  expect(comparison.figures.length).toBeGreaterThan(5)
  for (const { quotient } of comparison.figures) expect(quotient === null || quotient === 1).toBe(true)

  await writeFile(folder.file('c.json'), '{"kvasir": 1}')
  const wrong = await kvasir(['bench', 'compare', folder.file('a.json'), folder.file('c.json')])
  expect(wrong.code).toBe(2)
  expect(wrong.stderr).toMatch(/Expected a report in .*c\.json/)
  expect((await kvasir(['bench', 'compare', folder.file('a.json')])).code).toBe(2)
})

test('a report that was measured is kept; it is listed, shown, compared by id, removed and restored', async () => {
  await using folder = await tempFolder()
  const data = ['--data-dir', folder.file('data')]
  const { stderr, stdout } = await kvasir([...SHAPE, '--repetitions', '1', ...data, '--json'])
  const { id } = JSON.parse(stdout) as { id: string }
  expect(id, stderr).toMatch(/^shape-\d{8}-\d{6}-/)
  const imported = await kvasir(['bench', 'import', 'docs/bench/engine-1b-q4_0-1024+64.json', ...data, '--json'])
  const other = (JSON.parse(imported.stdout) as { report: { id: string } }).report.id
  const list = await kvasir(['bench', 'list', ...data])
  expect(list.stdout).toMatch(new RegExp(`${id}.*tiny-f32.*reuse: first token`))
  expect(list.stdout).toMatch(new RegExp(`${other}.*against libllama: prefill`))
  expect((await kvasir(['bench', 'show', other, ...data])).stdout).toMatch(/prefill +[\d.]+ +[\d.]+ +1\.005 \(1\.002 to 1\.015\)/)
  const compared = await kvasir(['bench', 'compare', id, other, ...data])
  expect([compared.code, compared.stderr]).toEqual([0, expect.stringContaining('Warning: Another kind')])
  expect((await kvasir(['bench', 'remove', other, ...data])).code).toBe(0)
  expect((await kvasir(['bench', 'list', ...data])).stdout).not.toContain(other)
  expect((await kvasir(['bench', 'show', other, ...data])).stderr).toMatch(/There is no report engine-/)
  expect((await kvasir(['bench', 'restore', other, ...data])).code).toBe(0)
  expect((await kvasir(['bench', 'list', ...data])).stdout).toContain(other)
})
