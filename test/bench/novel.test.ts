/** `--kind novel` on a tiny model and the real engine. */
import { existsSync } from 'node:fs'
import { readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { drawn } from '../../src/main/bench/draw'
import { runNovelBench, type NovelOptions } from '../../src/main/bench/kinds/novel'
import { figuresOf, type NovelSlot } from '../../src/main/bench/novel-figures'
import type { BenchProgress } from '../../src/main/bench/slots'
import type { AnswerParams, EngineMethod } from '../../src/shared/engine'
import { testEngine } from '../helpers/engine'
import { tempFolder } from '../helpers/temp-folder'

const OPTIONS: NovelOptions = {
  make: 'tiny:f32',
  arms: 'reuse,link:4',
  queries: 10,
  documents: 6,
  perQuery: 3,
  documentTokens: 40,
  questionTokens: 8,
  threads: 1,
  device: 'cpu',
  command: 'x',
}

function keysOf({ segments }: AnswerParams): string {
  return segments.flatMap((segment) => (segment.kind === 'cached' ? segment.key : [])).join()
}

test('shuffled documents are all found in the store, and their caches stay for the next run', async () => {
  await using folder = await tempFolder()
  await using engine = testEngine()
  const deps = { engine, dataDir: folder.path, version: '0' }
  const { report, forget } = await runNovelBench(deps, OPTIONS)
  expect(report).toMatchObject({ kind: 'novel', runs: 1, novel: { queries: 10, documents: 6, perQuery: 3, block: 5 } })
  expect(report.novel?.arms.map(({ name }) => name)).toEqual(['reuse', 'link:4'])
  for (const { blocks, decay, firstMs, lastMs } of report.novel?.arms ?? []) {
    expect(blocks.map(({ from, to, hitRate, lowestHitRate }) => [from, to, hitRate, lowestHitRate])).toEqual([
      [1, 5, 1, 1],
      [6, 10, 1, 1],
    ])
    expect(decay).toBe(lastMs / firstMs)
    for (const { ratioToFull } of blocks) expect(ratioToFull).toBeGreaterThan(0)
  }
  const [full, reuse, link] = report.arms
  expect(full).toMatchObject({ name: 'full', ratioToFull: 1, tokens: { computed: 129 } })
  expect(reuse).toMatchObject({
    name: 'reuse',
    hitRate: 1,
    tokens: { knowledge: 120, question: 8, reused: 120, recomputed: 0, computed: 9 },
  })
  expect(link).toMatchObject({ tokens: { recomputed: 8 } })
  await forget()
  expect(await readdir(join(folder.path, 'bench'))).toEqual(['models', 'novel', 'runs'])
  expect(await readdir(join(folder.path, 'bench', 'runs'))).toEqual([])

  const methods = new Set<EngineMethod>()
  const contexts = new Set<string>()
  const call = engine.call.bind(engine)
  engine.call = async (method, params, ...rest) => {
    methods.add(method)
    if (method === 'answer') contexts.add(keysOf(params as AnswerParams))
    return await call(method, params, ...rest)
  }
  await runNovelBench(deps, { ...OPTIONS, queries: 4 })
  expect(methods).not.toContain('encode')
  // Full prefill reads none; the four queries and the warm-up read other caches, or in another order.
  expect(contexts.size).toBe(1 + 4 + 1)
})

test('an interrupted run goes on in the middle of a query', async () => {
  await using folder = await tempFolder()
  await using engine = testEngine()
  const deps = { engine, dataDir: folder.path, version: '0' }
  const abort = new AbortController()
  const stop = ({ unit, done }: BenchProgress): void => {
    if (unit === 'measurements' && done === 7) abort.abort()
  }
  await expect(runNovelBench(deps, OPTIONS, { signal: abort.signal, onProgress: stop })).rejects.toMatchObject({
    code: 'cancelled',
  })
  const seen: number[] = []
  const { report } = await runNovelBench(deps, OPTIONS, {
    onProgress: ({ unit, done }) => void (unit === 'measurements' && seen.push(done)),
  })
  // Ten queries by two arms, and full prefill for each of two blocks.
  expect([seen[0], seen.at(-1)]).toEqual([7, 21])
  expect(report.runs).toBe(2)
})

test('wrong options are refused before anything is written', async () => {
  await using folder = await tempFolder()
  await using engine = testEngine()
  const deps = { engine, dataDir: folder.file('data'), version: '0' }
  const wrong: Partial<NovelOptions>[] = [
    { queries: 1 },
    { perQuery: 7 },
    { documents: 0 },
    { arms: 'libllama' },
    { arms: 'oracle:0.1' },
    { make: 'x' },
  ]
  for (const given of wrong)
    await expect(runNovelBench(deps, { ...OPTIONS, ...given }), JSON.stringify(given)).rejects.toMatchObject({
      code: 'argument.invalid',
    })
  expect(existsSync(folder.file('data'))).toBe(false)
})

test('documents are drawn anew for each query, each at most once, the same for a seed', () => {
  const numbers = Array.from({ length: 20 }, (_, at) => at)
  const draws = Array.from({ length: 200 }, (_, seed) => drawn(numbers, 8, seed))
  for (const draw of draws) expect(new Set(draw).size).toBe(8)
  expect(new Set(draws.map((draw) => draw.join())).size).toBe(200)
  expect(new Set(draws.flat()).size).toBe(20)
  expect(drawn(numbers, 8, 7)).toEqual(draws[7])
})

test('blocks, decay and lowest hit rate, worked out by hand', () => {
  const arm = (name: string): NovelSlot['arm'] => ({ kind: 'strategy', name, spec: { name: 'reuse', bos: false } })
  const slot = (name: string, query: number): NovelSlot => ({
    id: `${query}/${name}`,
    label: name,
    step: { code: 'asking' },
    arm: arm(name),
    query,
  })
  const slots = [
    ...[0, 1, 2, 3, 4].map((query) => slot('reuse', query)),
    slot('full', 0),
    slot('full', 2),
    slot('full', 4),
  ]
  const ttft: Record<string, number> = {
    '0/reuse': 10,
    '1/reuse': 20,
    '2/reuse': 30,
    '3/reuse': 50,
    '4/reuse': 10,
    '0/full': 100,
    '2/full': 120,
    '4/full': 80,
  }
  const setting = { queries: 5, documents: 9, perQuery: 2, documentTokens: 4, questionTokens: 1 }
  const { arms, novel } = figuresOf(slots, {
    setting,
    sampleOf: ({ id }) => ({
      ttftMs: ttft[id] ?? 0,
      knowledge: 8,
      question: 1,
      reused: id === '3/reuse' ? 4 : 8,
      computed: 1,
    }),
  })
  expect(novel).toMatchObject({ ...setting, block: 2 })
  expect(novel.arms).toEqual([
    {
      name: 'reuse',
      blocks: [
        { from: 1, to: 2, hitRate: 1, lowestHitRate: 1, ttftMs: 15, ratioToFull: 100 / 15 },
        { from: 3, to: 4, hitRate: 0.75, lowestHitRate: 0.5, ttftMs: 40, ratioToFull: 3 },
        { from: 5, to: 5, hitRate: 1, lowestHitRate: 1, ttftMs: 10, ratioToFull: 8 },
      ],
      firstMs: 15,
      // The last two: 50 and 10.
      lastMs: 30,
      decay: 2,
    },
  ])
  // Against the full prefills of the same queries: 10, 4 and 8 times.
  expect(arms.find(({ name }) => name === 'reuse')).toMatchObject({ ratioToFull: 8, ttftMs: { p50: 20 } })
})
