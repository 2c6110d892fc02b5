import { describe, expect, it } from 'vitest'
import { chooseStrategy, nextRung } from '../../src/main/blend/auto'
import { assertMayBlend, recomputesParts } from '../../src/main/blend/gate'
import type { CalibratedArm, Calibration, ModelVerdict } from '../../src/shared/calibration'
import { sentence } from '../../src/shared/details'
import { strategySpec, strategyText } from '../../src/shared/strategy'

const arm = (strategy: string, cost: number, klMean: number): CalibratedArm => ({ strategy, cost, klMean, top1: 0.9 })

function calibration(...arms: CalibratedArm[]): Calibration {
  return { set: null, questions: 40, checkLayer: 2, by: 'v', minConfidence: 0.4, arms, controls: [], madeAt: '2025-01-01T00:00:00.000Z' }
}

const ARMS = [
  arm('reuse', 0.02, 0.3),
  arm('link:16', 0.06, 0.05),
  arm('mix:8+0.1', 0.12, 0.015),
  arm('blend:0.15', 0.3, 0.01),
  arm('oracle:0.1', 0.01, 0.001),
  arm('random:0.1', 0.01, 0.001),
  arm('full', 1, 0),
]

const chosen = (target: number, given: Calibration | null = calibration(...ARMS), exact = false): string => {
  const { strategy, why } = chooseStrategy({ calibration: given, exact, trusted: true, target })
  return `${strategyText(strategy)}: ${sentence(why)}`
}

describe('auto', () => {
  it('reuses what is exact, calibrated or not', () => {
    expect(chosen(0, calibration(...ARMS), true)).toMatch(/^reuse: every cached chunk has read/)
    expect(chosen(0.02, null, true)).toMatch(/^reuse:/)
  })

  it('takes the usual link tokens for a model that was not calibrated, and says how to do better', () => {
    expect(chosen(0.02, null)).toMatch(/^link:16: this model has not been calibrated.*kvasir models calibrate/)
  })

  it('computes everything for a model that failed its check', () => {
    const { strategy, why } = chooseStrategy({ calibration: calibration(...ARMS), exact: true, trusted: false, target: 1 })
    expect(`${strategyText(strategy)}: ${sentence(why)}`).toMatch(/^full: the model failed its check/)
  })

  it('takes the cheapest that keeps the target, never a control', () => {
    expect(chosen(1)).toMatch(/^reuse: the cheapest within KL 1: it keeps 0.3 at 2 % of full prefill's time, measured on 40/)
    expect(chosen(0.3)).toMatch(/^reuse:/)
    expect(chosen(0.29)).toMatch(/^link:16:/)
    expect(chosen(0.02)).toMatch(/^mix:8\+0.1:/)
    expect(chosen(0.01)).toMatch(/^blend:0.15:/)
    expect(chosen(0.02, calibration(...ARMS.toReversed()))).toMatch(/^mix:8\+0.1:/)
  })

  it('computes everything where nothing cheaper keeps it, and says how close it came', () => {
    expect(chosen(0.001)).toBe(
      'full: nothing cheaper keeps within KL 0.001; the closest, blend:0.15, keeps 0.01, measured on 40 questions',
    )
    expect(chosen(0.02, calibration(arm('blend:0.9', 1.2, 0)))).toMatch(/^full: nothing cheaper keeps within KL 0.02, measured/)
    expect(chosen(0.02, calibration(arm('unheard:1', 0.1, 0)))).toMatch(/^full:/)
  })
})

describe('where the first token is unsure', () => {
  const rungs = (first: string, given: Calibration): string[] => {
    const list = [strategySpec(first)]
    for (let next = nextRung(list[0]!, given); next; next = nextRung(next, given)) list.push(next)
    return list.map(strategyText)
  }

  it('reuse is followed by the best calibrated mix, then by full', () => {
    expect(rungs('reuse', calibration(...ARMS, arm('mix:16+0.2', 0.2, 0.002)))).toEqual(['reuse', 'mix:16+0.2', 'full'])
    expect(rungs('link:16', calibration(...ARMS))).toEqual(['link:16', 'mix:8+0.1', 'full'])
    expect(rungs('reuse', calibration())).toEqual(['reuse', 'mix:16+0.15', 'full'])
    expect(rungs('blend:0.15', calibration(...ARMS))).toEqual(['blend:0.15', 'full'])
    expect(rungs('full', calibration(...ARMS))).toEqual(['full'])
  })
})

describe('the gate', () => {
  const failed: ModelVerdict = {
    passed: false,
    checks: [
      { name: 'parity', result: 'passed', detail: 'fine', ms: 1 },
      { name: 'shift', result: 'failed', detail: 'Expected KL below 0.01; got 0.4.', ms: 1 },
      { name: 'needle', result: 'skipped', detail: 'no needle', ms: 1 },
    ],
    engine: '0-a',
    device: 'cpu',
    checkedAt: '2025-01-01T00:00:00.000Z',
  }
  const blending = ['link:16', 'score:0.1', 'mix:8+0.1', 'blend:0.15', 'random:0.1', 'oracle:0.1']
  const others = ['full', 'prefix', 'reuse', 'reuse:bos']

  it('refuses what mixes cached and fresh parts, naming the failed check', () => {
    for (const name of blending) {
      const asked = (): void => assertMayBlend(strategySpec(name), failed, 'tiny')
      expect(asked).toThrow(expect.objectContaining({ code: 'model.gate-failed' }))
      expect(asked).toThrow(/tiny.*failed on cpu: shift: Expected KL below 0\.01; got 0\.4\. .*kvasir models check tiny/)
    }
  })

  it('lets the rest through, and everything where the check passed or was not made', () => {
    for (const name of others) assertMayBlend(strategySpec(name), failed, 'tiny')
    for (const name of [...blending, ...others]) {
      assertMayBlend(strategySpec(name), null, 'tiny')
      assertMayBlend(strategySpec(name), { ...failed, passed: true }, 'tiny')
    }
    expect(blending.map((name) => recomputesParts(strategySpec(name)))).not.toContain(false)
    expect(others.map((name) => recomputesParts(strategySpec(name)))).not.toContain(true)
  })
})
