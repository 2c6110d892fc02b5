/** The bench's machinery on a tiny model: figures are real but mean nothing here. */
import { existsSync } from 'node:fs'
import { mkdtemp, readdir, rm, stat } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { runEngineBench, type EngineBenchOptions } from '../../src/main/bench/kinds/engine'
import { phaseOf } from '../../src/main/jobs/words'
import type { BenchProgress } from '../../src/main/bench/slots'
import { testEngine } from '../helpers/engine'

const OPTIONS: EngineBenchOptions = {
  make: 'tiny:q4_0',
  shape: '700+20',
  repetitions: 3,
  threads: 1,
  device: 'cpu',
  command: 'kvasir bench --kind engine',
}

let dataDir: string
beforeEach(async () => {
  dataDir = await mkdtemp(join(tmpdir(), 'kvasir-engine-bench-'))
})
afterEach(async () => await rm(dataDir, { recursive: true }))

test('measures both engines and both arms, keeps the model, removes the caches', async () => {
  await using engine = testEngine()
  const steps: string[] = []
  const totals = new Set<number>()
  const onProgress = ({ step, done, total, unit }: BenchProgress): void => {
    if (unit !== 'steps') return
    expect(done).toBe(steps.length)
    steps.push(phaseOf(step))
    totals.add(total)
  }
  const { report } = await runEngineBench({ engine, dataDir, version: '0.1.0' }, OPTIONS, { onProgress })
  expect([...totals]).toEqual([steps.length])
  expect(report).toMatchObject({
    kind: 'engine',
    repetitions: 3,
    machine: { threads: 1 },
    model: { name: 'tiny-q4_0', quantization: 'Q4_0' },
  })
  for (const { kvasir, libllama, ratio, ratioInterval } of Object.values(report.engine ?? {})) {
    expect(kvasir).toBeGreaterThan(0)
    expect(libllama).toBeGreaterThan(0)
    expect(ratioInterval[0]).toBeLessThanOrEqual(ratio)
    expect(ratioInterval[1]).toBeGreaterThanOrEqual(ratio)
  }
  const [full, reuse] = report.arms
  expect(full).toMatchObject({
    name: 'full',
    ratioToFull: 1,
    bytesRead: 0,
    tokens: { knowledge: 700, question: 20, reused: 0, computed: 721 },
  })
  expect(reuse).toMatchObject({ name: 'reuse', tokens: { knowledge: 700, question: 20, reused: 700, computed: 21 } })
  expect(reuse?.bytesRead).toBeGreaterThanOrEqual(700 * report.model.kvBytesPerToken)
  expect(reuse?.ttftMs.p95).toBeGreaterThanOrEqual(reuse?.ttftMs.p50 ?? Infinity)
  expect(reuse?.ttftNoLoadMs?.p50).toBeLessThan(reuse?.ttftMs.p50 ?? 0)

  expect(await readdir(join(dataDir, 'bench'))).toEqual(['models'])
  const model = join(dataDir, 'bench', 'models', 'tiny-q4_0-seed1.gguf')
  const { mtimeMs } = await stat(model)
  const { report: again } = await runEngineBench({ engine, dataDir, version: '0.1.0' }, { ...OPTIONS, repetitions: 1 })
  expect((await stat(model)).mtimeMs).toBe(mtimeMs)
  expect(again.model.fingerprint).toBe(report.model.fingerprint)
})

test('an abort ends it and leaves nothing half made', async () => {
  await using engine = testEngine()
  const abort = new AbortController()
  const onProgress = ({ step }: BenchProgress): void => {
    if (step.name === 'reuse') abort.abort()
  }
  const run = runEngineBench({ engine, dataDir, version: '0.1.0' }, OPTIONS, { signal: abort.signal, onProgress })
  await expect(run).rejects.toMatchObject({ code: 'cancelled' })
  expect(await readdir(join(dataDir, 'bench'))).toEqual(['models'])
  expect(await readdir(join(dataDir, 'bench', 'models'))).toEqual(['tiny-q4_0-seed1.gguf'])
})

test('wrong options are refused before anything is made', async () => {
  await using engine = testEngine()
  const deps = { engine, dataDir, version: '0.1.0' }
  await expect(runEngineBench(deps, { ...OPTIONS, make: '9b:q4_0' })).rejects.toMatchObject({
    code: 'argument.invalid',
  })
  await expect(runEngineBench(deps, { ...OPTIONS, shape: '10' })).rejects.toMatchObject({ code: 'argument.invalid' })
  await expect(runEngineBench(deps, { ...OPTIONS, repetitions: 0 })).rejects.toMatchObject({ code: 'argument.invalid' })
  expect(existsSync(join(dataDir, 'bench'))).toBe(false)
  expect(engine.status().state).toBe('off')
})
