/** Calibrating the bundled model through the whole workbench, on the real engine. */
import { writeFile } from 'node:fs/promises'
import { resolve } from 'node:path'
import { describe, expect, it } from 'vitest'
import type { Calibration } from '../../src/shared/calibration'
import type { JobState, Workbench } from '../../src/shared/workbench'
import { openWorkbench } from '../../src/main/workbench'
import { tempFolder } from '../helpers/temp-folder'
import { testEngine } from '../helpers/engine'
import { fakeCore } from './core'

const REPOSITORY = resolve(import.meta.dirname, '../..')

async function withBundled(work: (workbench: Workbench) => Promise<void>): Promise<void> {
  await using folder = await tempFolder()
  await using workbench = await openWorkbench({
    dataDir: folder.file('data'),
    engine: testEngine(),
    resourcesDir: REPOSITORY,
    version: '0',
    load: { threads: 1, device: 'cpu' },
  })
  await work(workbench)
}

async function calibrated(workbench: Workbench, options: { set?: string; questions?: number }): Promise<Calibration> {
  const { id } = await workbench.models.calibrate('demo', options)
  const seen = watch(workbench, id)
  expect(await workbench.jobs.finished(id)).toMatchObject({ status: 'done', error: null, unit: 'answers' })
  // Counts every answer once, up to its total.
  const counts = (await seen).filter(({ total }) => total > 0).map(({ done }) => done)
  expect(counts).toEqual(counts.toSorted((a, b) => a - b))
  expect(counts.at(-1)).toBe((await workbench.jobs.finished(id)).total)
  const calibration = await workbench.models.calibration('demo', options.set)
  if (!calibration) throw new Error('Nothing was kept.')
  return calibration
}

async function watch(workbench: Workbench, id: string): Promise<JobState[]> {
  const seen: JobState[] = []
  for await (const job of workbench.jobs.watch()) {
    if (job.id !== id) continue
    seen.push(job)
    if (job.status !== 'running' && job.status !== 'waiting') break
  }
  return seen
}

function klOf({ arms, controls }: Calibration, strategy: string): number {
  const arm = [...arms, ...controls].find((candidate) => candidate.strategy === strategy)
  if (!arm) throw new Error(`${strategy} was not measured.`)
  return arm.klMean
}

/** Beside other tests; it takes a third of this alone. */
const CALIBRATION_MS = 300_000

describe('the bundled model', () => {
  it("is measured on the sample's documents, which leaves nothing in the workbench", async () => {
    await withBundled(async (workbench) => {
      const calibration = await calibrated(workbench, { questions: 9 })
      expect(calibration).toMatchObject({ set: null, questions: 9 })
      const { arms, controls } = calibration
      expect(arms.map(({ cost }) => cost)).toEqual(arms.map(({ cost }) => cost).toSorted((a, b) => a - b))
      expect(controls.map(({ strategy }) => strategy).toSorted()).toEqual(['oracle:0.05', 'oracle:0.15', 'random:0.05', 'random:0.15'])
      expect(arms.filter(({ strategy }) => /^(oracle|random|full)/.test(strategy))).toEqual([])
      for (const { klMean, top1, cost } of [...arms, ...controls]) {
        expect(klMean).toBeGreaterThanOrEqual(0)
        expect(top1).toBeLessThanOrEqual(1)
        expect(cost).toBeGreaterThan(0)
      }
      // What the product's design stands on: isolated chunks lose most, linking wins it back.
      expect(klOf(calibration, 'reuse:bos')).toBeGreaterThan(2 * klOf(calibration, 'reuse'))
      expect(klOf(calibration, 'link:32')).toBeLessThan(klOf(calibration, 'reuse') / 2)
      expect(klOf(calibration, 'oracle:0.15')).toBeLessThan(klOf(calibration, 'reuse:bos') / 10)
      expect([1, 2, 3, 4]).toContain(calibration.checkLayer)
      expect(await workbench.sets.list()).toEqual([])
      expect(workbench.status().store.entries).toBe(0)
    })
  })

  it('keeps nothing of a calibration that is cancelled in the middle', async () => {
    await withBundled(async (workbench) => {
      const { id } = await workbench.models.calibrate('demo', { questions: 40 })
      for await (const { phase, done } of workbench.jobs.watch()) if (phase === 'Comparing strategies' && done > 0) break
      workbench.jobs.cancel(id)
      expect(await workbench.jobs.finished(id)).toMatchObject({ status: 'cancelled' })
      expect(await workbench.models.calibration('demo')).toBeNull()
    })
  })

  it("is measured on a set, whose caches it builds, and none that only its own selections need", async () => {
    await withBundled(async (workbench) => {
      const { id, name } = await workbench.sets.ensureSample()
      for (const job of workbench.jobs.list()) await workbench.jobs.finished(job.id)
      const { entries } = workbench.status().store
      const calibration = await calibrated(workbench, { set: name, questions: 3 })
      expect(calibration).toMatchObject({ set: id, questions: 3 })
      expect(workbench.status().store.entries).toBe(entries)
      expect(await workbench.models.calibration('demo')).toBeNull()
      const again = await calibrated(workbench, { set: name, questions: 3 })
      for (const { strategy, klMean } of calibration.arms) expect(klOf(again, strategy)).toBe(klMean)
    })
  }, CALIBRATION_MS)
})

describe('refuses', () => {
  it('a set of another model, an empty one, an unknown model, no questions', async () => {
    await using core = await fakeCore()
    const { workbench } = core
    const { id } = await workbench.sets.create('Empty')
    const job = await workbench.models.calibrate('model', { set: id })
    const ended: JobState = await workbench.jobs.finished(job.id)
    expect(ended).toMatchObject({ status: 'failed', error: { code: 'document.invalid' } })
    expect(ended.error?.message).toContain('docs add')
    await expect(workbench.models.calibrate('nobody')).rejects.toMatchObject({ code: 'not-found' })
    await expect(workbench.models.calibrate('model', { questions: 0 })).rejects.toThrow(/questions/)
    await writeFile(core.file('other.gguf'), 'another model')
    await workbench.models.add(core.file('other.gguf'))
    await expect(workbench.models.calibrate('other', { set: id })).rejects.toMatchObject({
      code: 'argument.invalid',
      message: expect.stringMatching(/model, the model of "Empty", but got other/),
    })
    expect(await workbench.models.calibration('model')).toBeNull()
  })
})
