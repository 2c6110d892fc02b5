import { readdir } from 'node:fs/promises'
import { describe, expect, it } from 'vitest'
import { benchReport } from '../../src/shared/bench-report'
import { kvasir } from '../helpers/kvasir'
import { tempFolder } from '../helpers/temp-folder'

describe('kvasir bench --kind store', () => {
  it('fills a store, measures it, and leaves nothing behind', async () => {
    await using folder = await tempFolder()
    const args = ['--data-dir', folder.path, '--json', 'bench', '--kind', 'store', '--documents', '3', '--queries', '4']
    const { code, stdout, stderr } = await kvasir(args)
    expect(code, stderr).toBe(0)
    const report = benchReport.parse((JSON.parse(stdout) as { report: unknown }).report)
    expect(report.store?.caches).toBeGreaterThanOrEqual(60)
    for (const ms of [report.store?.startMs, report.store?.openMs.p50, report.store?.pageMs.p50, report.store?.recentMs.p95])
      expect(ms).toBeGreaterThan(0)
    expect((await readdir(folder.path)).filter((name) => name.startsWith('store-bench'))).toEqual([])
  }, 60_000)

  it('refuses options of other kinds', async () => {
    const { code, stderr } = await kvasir(['bench', '--kind', 'store', '--arms', 'full'])
    expect([code, stderr]).toEqual([2, expect.stringContaining('--arms')])
  })
})
