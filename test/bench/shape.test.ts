/** `--kind shape` and `table1` on a tiny model and the real engine: figures are real but mean nothing here. */
import { existsSync } from 'node:fs'
import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { runShapeBench, type ShapeBenchOptions } from '../../src/main/bench/kinds/shape'
import { runTable1Bench, tableOf } from '../../src/main/bench/kinds/table1'
import type { ArmReport } from '../../src/shared/bench-report'
import type { BenchProgress } from '../../src/main/bench/slots'
import { toMarkdown } from '../../src/main/bench/views'
import { sentence } from '../../src/shared/details'
import type { EngineMethod, LoadedModel } from '../../src/shared/engine'
import { testEngine } from '../helpers/engine'
import { tempFolder } from '../helpers/temp-folder'

const OPTIONS: ShapeBenchOptions = {
  make: 'tiny:f32',
  shape: '250+20',
  chunk: 64,
  arms: 'resident,prefix,reuse,link:4,score:0.1,mix:2+0.1,blend:0.1,oracle:0.1,random:0.1',
  repetitions: 2,
  threads: 1,
  device: 'cpu',
  command: 'kvasir bench --kind shape',
}

const tokensOf = (arms: readonly ArmReport[], name: string): ArmReport['tokens'] =>
  arms.find((arm) => arm.name === name)?.tokens

/** Of every call, in order. */
function counting(engine: ReturnType<typeof testEngine>): EngineMethod[] {
  const methods: EngineMethod[] = []
  const call = engine.call.bind(engine)
  engine.call = async (method, ...rest) => {
    methods.push(method)
    return await call(method, ...rest)
  }
  return methods
}

test('every arm reuses and computes what it says, held against full prefill and the resident context', async () => {
  await using folder = await tempFolder()
  await using engine = testEngine()
  const { report, forget } = await runShapeBench({ engine, dataDir: folder.path, version: '0' }, OPTIONS)
  expect(report).toMatchObject({
    kind: 'shape',
    repetitions: 2,
    runs: 1,
    shape: { knowledge: 250, question: 20, chunk: 64 },
    model: { layers: 2 },
  })
  const { arms } = report
  expect(arms.map(({ name }) => name)).toEqual(['full', 'libllama', ...(OPTIONS.arms ?? '').split(',')])
  const prompt = { knowledge: 250, question: 20 }
  expect(tokensOf(arms, 'full')).toEqual({ ...prompt, reused: 0, recomputed: 0, computed: 271 })
  expect(tokensOf(arms, 'resident')).toMatchObject({ reused: 250, recomputed: 0 })
  for (const name of ['prefix', 'reuse'])
    expect(tokensOf(arms, name)).toEqual({ ...prompt, reused: 250, recomputed: 0, computed: 21 })
  // Four chunks; the first one has nothing to be linked to.
  expect(tokensOf(arms, 'link:4')).toEqual({ ...prompt, reused: 250, recomputed: 12, computed: 21 })
  for (const name of ['score:0.1', 'mix:2+0.1', 'blend:0.1', 'oracle:0.1', 'random:0.1'])
    expect(tokensOf(arms, name), name).toEqual({ ...prompt, reused: 250, recomputed: 25, computed: 21 })
  for (const {
    name,
    ttftMs,
    ttftNoLoadMs,
    ratioToFull,
    ratioInterval,
    ratioToResident,
    loadShare,
    cpuMs,
    tokensPerSecond,
  } of arms) {
    expect(ttftMs.p95, name).toBeGreaterThanOrEqual(ttftMs.p50)
    expect(ratioInterval[0], name).toBeLessThanOrEqual(ratioToFull)
    expect(ratioToResident, name).toBeGreaterThan(0)
    expect(tokensPerSecond, name).toBeGreaterThan(0)
    if (name === 'libllama') expect([ttftNoLoadMs, loadShare, cpuMs]).toEqual([undefined, undefined, undefined])
    else expect(ttftNoLoadMs?.p50, name).toBeLessThanOrEqual(ttftMs.p50)
  }
  expect(arms.find(({ name }) => name === 'reuse')?.loadShare).toBeGreaterThan(0)
  expect(arms.find(({ name }) => name === 'resident')).toMatchObject({ ratioToResident: 1, bytesRead: 0, loadShare: 0 })

  // Until the report is safe, everything is there to go on from.
  const [run = ''] = await readdir(join(folder.path, 'bench', 'runs'))
  expect(await readdir(join(folder.path, 'bench', 'runs', run))).toEqual(['caches', 'measured.jsonl'])
  const lines = (await readFile(join(folder.path, 'bench', 'runs', run, 'measured.jsonl'), 'utf8')).trim().split('\n')
  const order = lines.map((line) => (JSON.parse(line) as { slot: string }).slot)
  const names = arms.map(({ name }) => name)
  // Another arm begins in the second repetition.
  expect(order).toEqual([
    ...names.map((name) => `1/${name}`),
    ...[...names.slice(1), 'full'].map((name) => `2/${name}`),
  ])
  await forget()
  expect(await readdir(join(folder.path, 'bench', 'runs'))).toEqual([])
})

test('an interrupted run goes on behind its last measurement, with the caches that are there', async () => {
  await using folder = await tempFolder()
  const deps = { dataDir: folder.path, version: '0' }
  const options = { ...OPTIONS, arms: 'reuse,link:4', repetitions: 3 }
  {
    await using engine = testEngine()
    const abort = new AbortController()
    const onProgress = ({ unit, done }: BenchProgress): void => {
      if (unit === 'measurements' && done === 5) abort.abort()
    }
    const run = runShapeBench({ ...deps, engine }, options, { signal: abort.signal, onProgress })
    await expect(run).rejects.toMatchObject({
      code: 'cancelled',
      message: expect.stringContaining('5 measurements are kept') as string,
    })
  }
  await using engine = testEngine()
  const methods = counting(engine)
  const remarks: string[] = []
  const { report, forget } = await runShapeBench({ ...deps, engine }, options, {
    onRemark: (remark) => remarks.push(sentence(remark)),
  })
  expect(remarks).toEqual([expect.stringContaining('5 of 12 measurements')])
  expect(methods).not.toContain('encode')
  // 12 measurements of which 5 are there, and two of warming up; libllama's three go through `bench`.
  expect(methods.filter((method) => method === 'answer' || method === 'bench')).toHaveLength(7 + 2)
  expect(report).toMatchObject({ runs: 2, repetitions: 3 })
  await forget()
  const fresh = await runShapeBench({ ...deps, engine }, { ...options, repetitions: 1 })
  expect(fresh.report.runs).toBe(1)
})

test('full and libllama may take part in the first repetitions only; chunks behind each other are computed where needed', async () => {
  await using folder = await tempFolder()
  await using engine = testEngine()
  const options = { ...OPTIONS, arms: 'resident,reuse', repetitions: 3, baselines: 1 }
  const methods = counting(engine)
  const { report } = await runShapeBench({ dataDir: folder.path, version: '0', engine }, options)
  expect(report).toMatchObject({ repetitions: 3, baselines: 1 })
  // Warming up asks both engines once; `resident` asks twice.
  expect(methods.filter((method) => method === 'bench')).toHaveLength(1 + 1)
  expect(methods.filter((method) => method === 'answer')).toHaveLength(1 + 1 + 3 * (2 + 1))
  const { ratioToFull, ratioInterval, residentInterval } = report.arms.find(({ name }) => name === 'reuse') ?? {}
  expect(ratioInterval).toEqual([ratioToFull, ratioToFull])
  expect(residentInterval?.[0]).toBeLessThan(residentInterval?.[1] ?? 0)
  expect(toMarkdown(report)).toContain('full and libllama took part in the first one.')
  expect(methods).not.toContain('deviation')
  await runShapeBench({ dataDir: folder.path, version: '0', engine }, { ...options, arms: 'score:0.1', repetitions: 1 })
  expect(methods).toContain('deviation')
})

test('wrong options are refused before anything is written', async () => {
  await using folder = await tempFolder()
  await using engine = testEngine()
  const deps = { engine, dataDir: folder.file('data'), version: '0' }
  const wrong: Partial<ShapeBenchOptions>[] = [
    { make: '9b:q4_0' },
    { shape: '0+1' },
    { arms: 'reuse,nothing' },
    { arms: 'blend:1.5' },
    { repetitions: 0 },
    { baselines: 0 },
    { chunk: 0 },
    { layers: 3 },
    { arms: 'blend:0.1:layer=2' },
    { layers: 1, arms: 'blend:0.1' },
    { arms: 'auto' },
  ]
  for (const given of wrong) {
    await expect(runShapeBench(deps, { ...OPTIONS, ...given }), JSON.stringify(given)).rejects.toMatchObject({
      code: 'argument.invalid',
    })
  }
  await expect(runTable1Bench(deps, { ...OPTIONS, epochs: 0 })).rejects.toMatchObject({ code: 'argument.invalid' })
  await expect(runTable1Bench(deps, { ...OPTIONS, prices: { perHour: -1 } })).rejects.toThrow(
    /price of 0 or more for perHour, got -1/,
  )
  expect(existsSync(folder.file('data'))).toBe(false)
  expect(engine.status().state).toBe('off')
})

test('table1 has a row for each method, and says which one is an estimate', async () => {
  await using folder = await tempFolder()
  await using engine = testEngine()
  const { arms: _, ...options } = OPTIONS
  const { report } = await runTable1Bench(
    { engine, dataDir: folder.path, version: '0' },
    { ...options, repetitions: 1, prices: { perHour: 3600 } },
  )
  const rows = report.table1?.rows ?? []
  expect(rows.map(({ name, isEstimate }) => [name, isEstimate])).toEqual([
    ['fine-tuning', true],
    ['in-context (full)', false],
    ['in-context (libllama)', false],
    ['caches (reuse)', false],
    ['caches (link:16)', false],
    ['caches (blend:0.15)', false],
  ])
  expect(rows[0]?.how).toContain('ESTIMATE')
  expect(report.table1?.prices).toEqual({ perHour: 3600, perGbMonth: 0.023, requestsPerMonth: 10_000 })
  for (const row of rows) {
    expect(row.responseSeconds, row.name).toBeGreaterThan(0)
    // A second of the machine costs 1 here.
    expect(row.costPerRequest / row.responseSeconds, row.name).toBeCloseTo(1, 3)
  }
  const [, , , reuse] = rows
  expect(reuse?.injectSeconds).toBeGreaterThan(0)
  expect(reuse?.storedBytes).toBeGreaterThan(250 * report.model.kvBytesPerToken)
  expect(report.arms.map(({ name }) => name)).toEqual(['full', 'libllama', 'reuse', 'link:16', 'blend:0.15'])
})

test('the figures of table1, worked out by hand', () => {
  const arm = (name: string, seconds: number): ArmReport => ({
    name,
    ttftMs: { p50: seconds * 1000, p95: 0 },
    ratioToFull: 1,
    ratioInterval: [1, 1],
  })
  const arms = [
    arm('full', 10),
    arm('libllama', 12),
    arm('question', 2),
    arm('reuse', 2.5),
    arm('link:16', 3),
    arm('blend:0.15', 5),
  ]
  const table = tableOf(arms, {
    used: { model: { parameters: 1_000_000_000, fileBytes: 2_000_000_000 } as LoadedModel },
    shape: { knowledge: 8000, question: 2000 },
    epochs: 2,
    prices: { perHour: 3.6, perGbMonth: 0.5, requestsPerMonth: 1000 },
    measured: { encodeMs: 9000, bytes: 4_000_000_000 },
  })
  // 2 * 1e9 parameters * 10000 tokens in 10 s.
  expect(table.flopsPerSecond).toBe(2e12)
  // 6 * 1e9 * 8000 * 2 operations; 2 s at 0.001 a second, and 2 GB * 0.5 / 1000.
  expect(table.rows[0]).toMatchObject({ injectSeconds: 48, responseSeconds: 2, storedBytes: 2e9 })
  expect(table.rows[0]?.costPerRequest).toBeCloseTo(0.002 + 0.001)
  expect(table.rows[1]).toMatchObject({ injectSeconds: 0, responseSeconds: 10, storedBytes: 0 })
  expect(table.rows[1]?.costPerRequest).toBeCloseTo(0.01)
  expect(table.rows[3]).toMatchObject({ injectSeconds: 9, responseSeconds: 2.5 })
  expect(table.rows[3]?.costPerRequest).toBeCloseTo(0.0025 + 0.002)
})
