/** What is made of a calibration's measurements. */
import { describe, expect, it } from 'vitest'
import type { CalibratedArm } from '../../src/shared/calibration'
import { parseStrategy, strategyText } from '../../src/shared/strategy'
import { controlArms, plainArms, refinedArms, scanArms, type BlendSpec } from '../../src/main/session/calibrate/arms'
import { chooseCheck, leastConfidence, summarise, type Measured } from '../../src/main/session/calibrate/figures'

const measured = (strategy: string, cost: number, klMean: number, top1 = 1): Measured => ({
  strategy,
  cost,
  klMean,
  top1,
  first: null,
})

describe('strategies that are tried', () => {
  it('are all written as the grammar has them, none twice', () => {
    const specs = [...plainArms(), ...scanArms(16), ...refinedArms(3, 'k'), ...controlArms()]
    const texts = specs.map(strategyText)
    expect(new Set(texts).size).toBe(texts.length)
    for (const [at, text] of texts.entries()) expect(parseStrategy(text)).toEqual({ ok: true, spec: specs[at] })
  })

  it('check at every layer up to half the depth, evenly in deep models, and nowhere in one layer', () => {
    const layers = (depth: number): number[] => [...new Set(scanArms(depth).map(({ layer }) => layer ?? 0))]
    expect(layers(1)).toEqual([])
    expect(layers(2)).toEqual([1])
    expect(layers(4)).toEqual([1, 2])
    expect(layers(16)).toEqual([1, 2, 3, 4, 5, 6, 7, 8])
    expect(layers(80)).toHaveLength(12)
    expect(layers(80).at(-1)).toBe(40)
    expect(new Set(scanArms(4).map(({ by }) => by))).toEqual(new Set(['v', 'k']))
  })
})

describe('a summary', () => {
  it('has the median of cost and the means of the rest, cheapest first', () => {
    const all = [
      measured('link:8', 0.3, 0.1, 1),
      measured('reuse', 0.2, 0.4, 0.5),
      measured('link:8', 0.1, 0.3, 0.5),
      measured('link:8', 0.2, 0.2, 0.6),
      measured('reuse', 0.1, 0.2, 0.5),
    ]
    const [first, second] = summarise(all)
    expect(first).toMatchObject({ strategy: 'reuse', top1: 0.5 })
    expect(first?.cost).toBeCloseTo(0.15)
    expect(first?.klMean).toBeCloseTo(0.3)
    expect(second).toMatchObject({ strategy: 'link:8', cost: 0.2 })
    expect(second?.klMean).toBeCloseTo(0.2)
    expect(second?.top1).toBeCloseTo(0.7)
  })
})

describe('the check layer', () => {
  const scanned = (...figures: [layer: number, by: 'v' | 'k', cost: number, klMean: number][]) =>
    figures.map(([layer, by, cost, klMean]) => ({
      spec: { name: 'blend', ratio: 0.15, layer, by, attention: false, gradual: false, bos: false } satisfies BlendSpec,
      arm: { strategy: '', cost, klMean, top1: 1 } satisfies CalibratedArm,
    }))

  it('is where the KL is least', () => {
    expect(chooseCheck(scanned([1, 'v', 0.3, 0.2], [2, 'v', 0.4, 0.2], [3, 'k', 0.5, 0.02]))).toEqual({ layer: 3, by: 'k' })
  })

  it('is the shallower one of two that are as good', () => {
    expect(chooseCheck(scanned([2, 'v', 0.4, 0.021], [3, 'k', 0.5, 0.02], [1, 'v', 0.3, 0.9]))).toEqual({ layer: 2, by: 'v' })
    expect(chooseCheck(scanned([2, 'v', 0.4, 1e-5], [1, 'v', 0.3, 9e-5]))).toEqual({ layer: 1, by: 'v' })
  })

  it('is none that costs nearly a full prefill, unless all do', () => {
    expect(chooseCheck(scanned([1, 'v', 0.3, 0.2], [4, 'v', 0.9, 0.01]))).toEqual({ layer: 1, by: 'v' })
    expect(chooseCheck(scanned([1, 'v', 1.3, 0.2], [4, 'v', 1.9, 0.01]))).toEqual({ layer: 4, by: 'v' })
  })

  it("is CacheBlend's where the model has no layers to choose from", () => {
    expect(chooseCheck([])).toEqual({ layer: 1, by: 'v' })
  })
})

describe('the least confidence', () => {
  const firsts = (text: string) =>
    text.split(' ').map((each) => ({ probability: Number(each.slice(1)), right: each.startsWith('+') }))

  it('is the bound below which most first tokens were wrong', () => {
    expect(leastConfidence(firsts('-0.2 -0.3 +0.4 +0.9 +0.95'))).toBeCloseTo(0.65)
    expect(leastConfidence(firsts('+0.95 -0.2 +0.9 +0.6'))).toBeCloseTo(0.4)
  })

  it('is 0 where the improbable ones were right, or nothing was measured', () => {
    expect(leastConfidence(firsts('+0.2 -0.3 +0.5'))).toBe(0)
    expect(leastConfidence([])).toBe(0)
  })

  it('does not part equal probabilities; all wrong means all below', () => {
    expect(leastConfidence(firsts('-0.5 +0.5'))).toBe(0)
    expect(leastConfidence(firsts('-0.5 -0.7'))).toBeCloseTo(0.7)
  })
})
