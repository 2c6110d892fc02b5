/** What a calibration's table and sentences say. */
import { describe, expect, test } from 'vitest'
import type { CalibratedArm, Calibration } from '../../src/shared/calibration'
import { calibrationTable, conclusions } from '../../src/main/cli/calibrate'

const arm = (strategy: string, cost: number, klMean: number, top1 = 0.9): CalibratedArm => ({ strategy, cost, klMean, top1 })

const CALIBRATION: Calibration = {
  set: null,
  questions: 12,
  checkLayer: 3,
  by: 'k',
  minConfidence: 0.42,
  arms: [
    arm('reuse', 0.05, 0.2),
    arm('link:4', 0.08, 0.25),
    arm('link:16', 0.12, 0.03),
    arm('blend:0.15:layer=3:by=k', 0.6, 0.00001, 1),
  ],
  controls: [arm('oracle:0.15', 0.3, 0.01), arm('random:0.15', 0.3, 0.18)],
  madeAt: '2025-01-01T00:00:00.000Z',
}

describe('a calibration', () => {
  test('as a table: cheapest first, what is paid for nothing, controls at the end', () => {
    const [head, ...lines] = calibrationTable(CALIBRATION).split('\n')
    expect(head).toMatch(/^strategy +cost +KL +top-1$/)
    expect(lines.map((line) => line.split(/ {2,}/))).toEqual([
      ['reuse', '0.05', '0.2000', '90 %'],
      ['link:4', '0.08', '0.2500', '90 %', 'no better than reuse'],
      ['link:16', '0.12', '0.0300', '90 %'],
      ['blend:0.15:layer=3:by=k', '0.60', '0', '100 %'],
      ['oracle:0.15', '-', '0.0100', '90 %', 'control'],
      ['random:0.15', '0.30', '0.1800', '90 %', 'control'],
    ])
  })

  test('in sentences: who wins at the target, the check layer beside its controls, who lost', () => {
    const text = conclusions(CALIBRATION, 0.05).join('\n')
    expect(text).toContain('Cheapest within KL 0.05: link:16, at 12 % of full prefill\'s time with KL 0.0300.')
    expect(text).toMatch(/layer 3 by K\..*\(oracle\) has KL 0\.0100, drawing them by lot 0\.1800\./)
    expect(text).toContain('Paid for nothing (a cheaper one is as good): link:4.')
    expect(text).toContain('less likely than 42 %')
    expect(conclusions(CALIBRATION, 0.3)[0]).toContain('reuse')
  })

  test('says so where nothing is good enough, nothing is beaten, confidence says nothing', () => {
    const text = conclusions({ ...CALIBRATION, arms: [arm('reuse', 0.1, 0.3)], controls: [], minConfidence: 0 }, 0.01).join('\n')
    expect(text).toContain('Nothing stays within KL 0.01; reuse comes closest with 0.3000.')
    expect(text).toContain('not measured')
    expect(text).toContain('the best at its price')
    expect(text).toContain('nowhere to check')
    expect(text).toContain('No bound of confidence')
  })
})
