import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import type { Calibration } from '../../src/shared/calibration'
import { findCalibration, saveCalibration } from '../../src/main/store/calibrations'
import { Sql } from '../../src/main/store/sql'
import { tempFolder } from '../helpers/temp-folder'

const MODEL = 'a'.repeat(64)

function calibration(set: string | null, change: Partial<Calibration> = {}): Calibration {
  const arms = [{ strategy: 'link:16', cost: 0.1, klMean: 0.02, top1: 0.98 }]
  const madeAt = '2025-01-01T00:00:00.000Z'
  return { set, questions: 4, checkLayer: 3, by: 'v', minConfidence: 0.4, arms, controls: [], madeAt, ...change }
}

describe('calibrations', () => {
  it("a set's own comes before the model's, which serves every other set", async () => {
    await using folder = await tempFolder()
    using sql = new Sql(join(folder.path, 'index.sqlite'))
    expect(findCalibration(sql, MODEL, 'set1')).toBeNull()
    saveCalibration(sql, MODEL, calibration('set1'))
    expect(findCalibration(sql, MODEL, 'set2')).toBeNull()
    saveCalibration(sql, MODEL, calibration(null, { checkLayer: 5 }))
    expect(findCalibration(sql, MODEL, 'set1')).toEqual(calibration('set1'))
    expect(findCalibration(sql, MODEL, 'set2')?.checkLayer).toBe(5)
    expect(findCalibration(sql, MODEL, null)?.checkLayer).toBe(5)
    expect(findCalibration(sql, 'b'.repeat(64), 'set1')).toBeNull()
  })

  it('a later one replaces the earlier', async () => {
    await using folder = await tempFolder()
    using sql = new Sql(join(folder.path, 'index.sqlite'))
    saveCalibration(sql, MODEL, calibration('set1'))
    saveCalibration(sql, MODEL, calibration('set1', { questions: 9 }))
    expect(findCalibration(sql, MODEL, 'set1')?.questions).toBe(9)
  })
})
