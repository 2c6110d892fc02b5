/** Reports that are kept, and how long the next bench may take by them. */
import { readdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { estimateBench } from '../../src/main/bench/estimate'
import { KeptReports } from '../../src/main/bench/kept-reports'
import { parseReport } from '../../src/main/bench/report-file'
import type { BenchOptions } from '../../src/shared/bench'
import type { BenchReport } from '../../src/shared/bench-report'
import { tempFolder } from '../helpers/temp-folder'

const kept = async (name: string): Promise<BenchReport> =>
  parseReport(await readFile(`docs/bench/${name}.json`, 'utf8'), name)

test('kept once, newest first, removed and brought back; other files are passed over', async () => {
  await using folder = await tempFolder()
  const reports = new KeptReports(folder.file('data'))
  expect(await reports.list()).toEqual([])
  const [old, recent] = [await kept('engine-1b-q4_0-1024+64'), await kept('quality-lengths')]
  const [oldId, recentId] = [await reports.keep(old), await reports.keep(recent)]
  expect(await reports.keep(old)).toBe(oldId)
  expect(oldId).toMatch(/^engine-\d{8}-\d{6}-[0-9a-f]{8}$/)
  const bench = join(folder.file('data'), 'bench')
  await writeFile(join(bench, 'notes.json'), '{}')
  await writeFile(join(bench, 'suite-20260101-000000-00000000.json'), '{"kvasir":')
  const newestFirst = [recentId, oldId].toSorted((a, b) => (a.includes(recentId) ? -1 : b.includes(recentId) ? 1 : 0))
  expect((await reports.list()).map(({ id }) => id).toSorted()).toEqual(newestFirst.toSorted())
  expect(await reports.read(oldId)).toEqual(old)

  await reports.remove(oldId)
  expect((await reports.list()).map(({ id }) => id)).toEqual([recentId])
  await expect(reports.read(oldId)).rejects.toMatchObject({ code: 'not-found' })
  await expect(reports.remove(oldId)).rejects.toMatchObject({ code: 'not-found' })
  expect(await reports.restore(oldId)).toEqual(old)
  expect(await reports.list()).toHaveLength(2)
  expect(await readdir(join(bench, 'removed'))).toEqual([])
})

test.each(['../../index', '../x', 'suite-20260101-000000-00000000', '', 'a/b'])('no report "%s" is looked for elsewhere', async (id) => {
  await using folder = await tempFolder()
  const reports = new KeptReports(folder.file('data'))
  await writeFile(folder.file('x.json'), JSON.stringify(await kept('quality-lengths')))
  for (const act of [() => reports.read(id), () => reports.remove(id), () => reports.restore(id)])
    await expect(act()).rejects.toMatchObject({ code: 'not-found' })
})

test('an estimate goes by the like on this machine alone, in proportion to measurements and arithmetic', async () => {
  const options: BenchOptions = { kind: 'shape', make: '1b:q4_0', layers: 4, shape: '1000+24', arms: 'reuse', repetitions: 4 }
  const report = {
    ...(await kept('shape-1b-q4_0-4096+64')),
    machine: { cpu: 'c', threads: 2, device: 'cpu', memoryGiB: 8 },
    options,
    took: { seconds: 60, measurements: 12 },
  }
  const estimate = (more: Partial<BenchOptions>, cpu = 'c'): ReturnType<typeof estimateBench> =>
    estimateBench({ options: { ...options, ...more }, questions: 0, reports: [{ id: 'r', report }], cpu })
  expect(estimate({})).toEqual({ measurements: 12, seconds: 60, like: 'r' })
  expect(estimate({ repetitions: 8 })).toMatchObject({ measurements: 24, seconds: 120 })
  expect(estimate({ shape: '2000+48' }).seconds).toBeCloseTo(120)
  expect(estimate({ layers: 8 }).seconds).toBeGreaterThan(90)
  expect(estimate({}, 'another')).toEqual({ measurements: 12, seconds: null, like: null })
  expect(estimate({ baselines: 1 }).measurements).toBe(6)
  expect(estimateBench({ options: { kind: 'suite', questions: 50 }, questions: 30, reports: [], cpu: 'c' })).toMatchObject({ measurements: 30, seconds: null })
})
