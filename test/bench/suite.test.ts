/** `--kind suite` with the demo model and the real engine. */
import { readdir, writeFile } from 'node:fs/promises'
import { existsSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { expect, test } from 'vitest'
import { runSuiteBench, type SuiteOptions } from '../../src/main/bench/kinds/suite'
import { spread } from '../../src/main/bench/suite-file'
import { judgedArms, type JudgedQuestion } from '../../src/main/bench/quality'
import type { ArmReport } from '../../src/shared/bench-report'
import type { BenchProgress } from '../../src/main/bench/slots'
import { sha256 } from '../../src/main/base/hash'
import { engineVersion } from '../../src/main/engine/engine-version'
import { saveVerdict } from '../../src/main/store/model-checks'
import { openStore } from '../../src/main/store/store'
import { readFile } from 'node:fs/promises'
import { testEngine } from '../helpers/engine'
import { tempFolder } from '../helpers/temp-folder'

const MODEL = resolve(import.meta.dirname, '../../models/demo/demo.gguf')
const PROJECT =
  '# Project Falcon\n\nIn this report Project Falcon is called the venture.\n\n' +
  '## Budget\n\nThe venture has a budget of 63 thousand euros.\n\n## Schedule\n\nThe venture is due in October.\n'
const QUESTIONS = [
  {
    id: 'lookup',
    kind: 'lookup',
    question: 'Where does Peter Stone live?',
    answers: ['Paris'],
    documents: ['people.md'],
  },
  {
    id: 'alias',
    kind: 'alias',
    question: 'What is the budget of Project Falcon?',
    answers: ['63', '63 thousand euros'],
    documents: [{ title: 'Project Falcon', text: PROJECT }, 'people.md'],
  },
  // Without the budget.
  {
    id: 'gap',
    kind: 'gap',
    question: 'What is the budget of Project Falcon?',
    answers: ['unknown'],
    documents: [{ title: 'Project Falcon', text: PROJECT }, 'people.md'],
    exclude: ['1.s2'],
  },
  {
    id: 'named',
    kind: 'gap',
    question: 'When is Project Falcon due?',
    answers: ['October'],
    documents: [{ title: 'Project Falcon', text: PROJECT }, 'people.md'],
    exclude: ['Budget', 'people.md'],
  },
]

interface Place {
  readonly options: SuiteOptions
  readonly dataDir: string
}

async function suiteIn(
  folder: { file(name: string): string },
  questions: readonly object[] = QUESTIONS,
): Promise<Place> {
  await writeFile(
    folder.file('people.md'),
    '# People\n\n## Peter Stone\n\nPeter Stone lives in Paris. He works as a pilot.\n',
  )
  await writeFile(folder.file('s.jsonl'), questions.map((question) => JSON.stringify(question)).join('\n'))
  const arms = 'reuse,reuse:bos,link:4:bos,score:0.2:bos,blend:0.2:bos,oracle:0.2:bos,random:0.2:bos,auto'
  const options = {
    suite: folder.file('s.jsonl'),
    model: { name: 'demo', path: MODEL },
    arms,
    maxTokens: 8,
    threads: 1,
    device: 'cpu',
    command: 'x',
  }
  return { options, dataDir: folder.file('data') }
}

const armOf = (arms: readonly ArmReport[], name: string): ArmReport | undefined => arms.find((arm) => arm.name === name)

test('every arm answers every question, judged against the right answers and full prefill', async () => {
  await using folder = await tempFolder()
  await using engine = testEngine()
  const { options, dataDir } = await suiteIn(folder)
  const { report, forget } = await runSuiteBench({ engine, dataDir, version: '0' }, options)
  expect(report).toMatchObject({
    kind: 'suite',
    runs: 1,
    model: { name: 'demo' },
    suite: { file: 's.jsonl', questions: 4, documents: 2, maxTokens: 8, tails: true },
  })
  const { arms } = report
  expect(arms.map(({ name }) => name)).toEqual(['full', 'libllama', ...(options.arms ?? '').split(',')])
  expect(armOf(arms, 'full')).toMatchObject({ n: 4, exactMatch: 1, f1: 1, rougeL: 1, klMean: 0, top1: 1, hitRate: 0 })
  // Whole documents, and what stands behind gaps, are exact but for the binding across documents.
  expect(armOf(arms, 'reuse')).toMatchObject({
    exactMatch: 1,
    hitRate: 1,
    byType: { gap: { n: 2, exactMatch: 1 }, alias: { n: 1 } },
  })
  expect(armOf(arms, 'reuse')?.klMean).toBeLessThan(armOf(arms, 'reuse:bos')?.klMean ?? 0)
  // Never calibrated: whole documents of one kind are exact, the others take the usual link tokens.
  expect(armOf(arms, 'auto')?.chosen).toEqual({ reuse: 2, 'link:16': 2 })
  expect(armOf(arms, 'reuse')?.chosen).toBeUndefined()
  // Timed only.
  expect(armOf(arms, 'libllama')).toMatchObject({ ttftMs: { p50: expect.any(Number) as number } })
  expect(armOf(arms, 'libllama')?.exactMatch).toBeUndefined()
  for (const name of ['score:0.2:bos', 'blend:0.2:bos', 'oracle:0.2:bos', 'random:0.2:bos'])
    expect(armOf(arms, name)?.tokens?.recomputed, name).toBe(armOf(arms, 'oracle:0.2:bos')?.tokens?.recomputed)
  await forget()
  expect(await readdir(join(dataDir, 'bench', 'runs'))).toEqual([])
  // The workbench's own data is not touched, and not made.
  expect(await readdir(dataDir)).toEqual(['bench'])
})

test('the first question of a selection finds no caches behind its gaps', async () => {
  await using folder = await tempFolder()
  await using engine = testEngine()
  const gap = { ...QUESTIONS[2], exclude: ['1.s1'] }
  const { options, dataDir } = await suiteIn(folder, [gap])
  const given = { ...options, arms: 'reuse,prefix' }
  const later = await runSuiteBench({ engine, dataDir, version: '0' }, given)
  await later.forget()
  const first = await runSuiteBench({ engine, dataDir, version: '0' }, { ...given, tails: false })
  expect(armOf(later.report.arms, 'prefix')?.hitRate).toBeGreaterThan(armOf(first.report.arms, 'prefix')?.hitRate ?? 1)
  expect(first.report.suite?.tails).toBe(false)
})

test('an interrupted run goes on with the questions that are left', async () => {
  await using folder = await tempFolder()
  await using engine = testEngine()
  const { options, dataDir } = await suiteIn(folder)
  const abort = new AbortController()
  const onProgress = ({ unit, done }: BenchProgress): void => {
    if (unit === 'measurements' && done === 2) abort.abort()
  }
  const deps = { engine, dataDir, version: '0' }
  await expect(runSuiteBench(deps, options, { signal: abort.signal, onProgress })).rejects.toMatchObject({
    code: 'cancelled',
  })
  const done: number[] = []
  const { report } = await runSuiteBench(deps, options, {
    onProgress: (state) => void (state.unit === 'measurements' && done.push(state.done)),
  })
  expect(done).toEqual([2, 3])
  expect(report).toMatchObject({ runs: 2, suite: { questions: 4 } })
})

test('mistakes are told with the question, before any cache is computed', async () => {
  await using folder = await tempFolder()
  await using engine = testEngine()
  const { options, dataDir } = await suiteIn(folder, [
    QUESTIONS[0] as object,
    { ...QUESTIONS[1], exclude: ['Nowhere'] },
  ])
  const deps = { engine, dataDir, version: '0' }
  const phases = new Set<string>()
  const onProgress = ({ step }: BenchProgress): void => void phases.add(step.code)
  await expect(runSuiteBench(deps, options, { onProgress })).rejects.toThrow(/Question alias: .*"Nowhere"/)
  expect(phases).not.toContain('computing-caches')
  await writeFile(options.suite, '{}')
  await expect(runSuiteBench({ ...deps, dataDir: folder.file('none') }, options)).rejects.toThrow(/s\.jsonl, line 1/)
  await expect(runSuiteBench(deps, { ...options, arms: 'resident' })).rejects.toMatchObject({
    code: 'argument.invalid',
  })
  expect(existsSync(folder.file('none'))).toBe(false)
})

test('a model that failed its check is not blended', async () => {
  await using folder = await tempFolder()
  await using engine = testEngine()
  const { options, dataDir } = await suiteIn(folder)
  {
    await using store = await openStore(dataDir)
    const failed = {
      name: 'parity' as const,
      result: 'failed' as const,
      detail: 'KL 3 where 0.01 was expected.',
      ms: 1,
    }
    const verdict = {
      passed: false,
      checks: [failed],
      engine: engineVersion('0'),
      device: 'CPU',
      checkedAt: '2026-01-01T00:00:00Z',
    }
    const { device } = await engine.call('load', {
      path: MODEL,
      options: { device: 'cpu', gpuLayers: 'auto', threads: 1 },
    })
    saveVerdict(store.sql, sha256(await readFile(MODEL)), { ...verdict, device })
  }
  const deps = { engine, dataDir, version: '0' }
  await expect(runSuiteBench(deps, options)).rejects.toMatchObject({
    code: 'model.gate-failed',
    message: expect.stringContaining('KL 3') as string,
  })
  expect(existsSync(join(dataDir, 'bench'))).toBe(false)
  expect((await runSuiteBench(deps, { ...options, arms: 'reuse', questions: 1 })).report.arms).toHaveLength(3)
})

test('only questions with a tag', async () => {
  await using folder = await tempFolder()
  await using engine = testEngine()
  const tagged = QUESTIONS.map((question) => ({ ...question, tags: question.kind === 'gap' ? ['gap'] : [] }))
  const { options, dataDir } = await suiteIn(folder, tagged)
  const deps = { engine, dataDir, version: '0' }
  await expect(runSuiteBench(deps, { ...options, tag: 'long' })).rejects.toThrow(
    "a tag that questions of s.jsonl have, got 'long'; it has gap",
  )
  const { report } = await runSuiteBench(deps, { ...options, arms: 'reuse', tag: 'gap' })
  expect(report).toMatchObject({ suite: { questions: 2, tag: 'gap' }, arms: [{ byTag: { gap: { n: 2 } } }, {}, {}] })
})

test('questions are spread evenly over a set', () => {
  expect(spread([0, 1, 2, 3, 4, 5, 6, 7, 8, 9], 4)).toEqual([0, 2, 5, 7])
  expect(spread([1, 2], 5)).toEqual([1, 2])
})

test('means over questions and over each kind, worked out by hand', () => {
  const one = (kind: string, exactMatch: number, klMean: number): JudgedQuestion => ({
    kind,
    tags: ['short', kind],
    answered: {
      full: {
        sample: { ttftMs: 10, knowledge: 8, question: 2 },
        judgement: { exactMatch: 1, f1: 1, rougeL: 1, klMean: 0, top1: 1 },
      },
      reuse: {
        sample: { ttftMs: 2, knowledge: 8, question: 2, reused: 8, computed: 2 },
        judgement: { exactMatch, f1: 0.5, rougeL: 0.25, klMean, top1: 0.75 },
      },
      libllama: { sample: { ttftMs: 20, knowledge: 8, question: 2 } },
    },
  })
  const [full, reuse, libllama] = judgedArms(
    [{ name: 'full' }, { name: 'reuse' }, { name: 'libllama' }],
    [one('a', 1, 0.1), one('a', 0, 0.3), one('b', 1, 0.2)],
  )
  expect(full).toMatchObject({ exactMatch: 1, ratioToFull: 1 })
  expect(reuse).toMatchObject({
    n: 3,
    f1: 0.5,
    rougeL: 0.25,
    top1: 0.75,
    ratioToFull: 5,
    hitRate: 1,
    tokensPerSecond: 5000,
  })
  expect(reuse?.exactMatch).toBeCloseTo(2 / 3)
  expect(reuse?.klMean).toBeCloseTo(0.2)
  expect(reuse?.byTag).toMatchObject({ short: { n: 3 }, a: { n: 2, exactMatch: 0.5 } })
  expect(reuse?.byType).toMatchObject({ a: { n: 2, exactMatch: 0.5 }, b: { n: 1, exactMatch: 1 } })
  expect(libllama).toMatchObject({ ratioToFull: 0.5 })
  expect(libllama?.byType).toBeUndefined()
})
