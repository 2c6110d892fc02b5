import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import type { ModelVerdict } from '../../src/shared/calibration'
import { findVerdict, latestVerdict, saveVerdict } from '../../src/main/store/model-checks'
import { Sql } from '../../src/main/store/sql'
import { tempFolder } from '../helpers/temp-folder'

const MODEL = 'a'.repeat(64)

function verdict(change: Partial<ModelVerdict> = {}): ModelVerdict {
  const checks = [{ name: 'parity', result: 'passed', detail: 'KL 0', ms: 1 }] as const
  return { passed: true, checks, engine: '1-aa', device: 'cpu', checkedAt: '2025-01-01T00:00:00.000Z', ...change }
}

describe('verdicts', () => {
  it('belong to a model, an engine and a device', async () => {
    await using folder = await tempFolder()
    using sql = new Sql(join(folder.path, 'index.sqlite'))
    saveVerdict(sql, MODEL, verdict())
    expect(findVerdict(sql, MODEL, '1-aa', 'cpu')).toEqual(verdict())
    expect(findVerdict(sql, MODEL, '1-bb', 'cpu')).toBeNull()
    expect(findVerdict(sql, MODEL, '1-aa', 'CUDA0')).toBeNull()
    expect(findVerdict(sql, 'b'.repeat(64), '1-aa', 'cpu')).toBeNull()
  })

  it('are replaced by a later check, and outlive closing', async () => {
    await using folder = await tempFolder()
    const path = join(folder.path, 'index.sqlite')
    {
      using sql = new Sql(path)
      saveVerdict(sql, MODEL, verdict())
      saveVerdict(sql, MODEL, verdict({ passed: false, checkedAt: '2025-01-02T00:00:00.000Z' }))
    }
    using sql = new Sql(path)
    expect(findVerdict(sql, MODEL, '1-aa', 'cpu')).toMatchObject({ passed: false })
  })

  it('the latest is that of this engine, on whatever device', async () => {
    await using folder = await tempFolder()
    using sql = new Sql(join(folder.path, 'index.sqlite'))
    expect(latestVerdict(sql, MODEL, '1-aa')).toBeNull()
    saveVerdict(sql, MODEL, verdict({ device: 'CUDA0', checkedAt: '2025-01-03T00:00:00.000Z' }))
    saveVerdict(sql, MODEL, verdict({ checkedAt: '2025-01-02T00:00:00.000Z' }))
    saveVerdict(sql, MODEL, verdict({ engine: '2-aa', checkedAt: '2025-01-09T00:00:00.000Z' }))
    expect(latestVerdict(sql, MODEL, '1-aa')?.device).toBe('CUDA0')
  })
})
