import { describe, expect, it } from 'vitest'
import { choose, groupsOf, scaleFor, weightsOf } from '../../src/main/session/profiles/search'

describe('layers that are tried together', () => {
  it('each alone, K and V apart, where there are few', () => {
    expect(groupsOf(4)).toEqual([[0], [1], [2], [3], [4], [5]])
  })

  it('neighbours together where there are many, each plane once', () => {
    for (const layers of [2, 16, 17, 33, 80, 126]) {
      const groups = groupsOf(layers)
      expect(groups.length).toBeLessThanOrEqual(30)
      expect(groups.flat().toSorted((a, b) => a - b)).toEqual(Array.from({ length: 2 * (layers - 1) }, (_, plane) => plane))
      for (const group of groups) expect(new Set(group.map((plane) => plane % 2)).size).toBe(1)
    }
  })
})

describe('steps in proportion to each other', () => {
  const usual = [0.5, 1, 0.5, 1]
  const groups = [[0], [1], [2], [3]]

  it('are the usual ones where all cost the same, or nothing was measured', () => {
    for (const [at, weight] of weightsOf(usual, groups, [2, 2, 2, 2]).entries()) expect(weight).toBeCloseTo(usual[at] ?? 0)
    expect(weightsOf(usual, groups, [0, 0, 0, 0])).toEqual(usual)
  })

  it('are finer where an error costs more, and keep their middle', () => {
    const weights = weightsOf(usual, groups, [16, 1, 1, 1])
    expect((weights[0] ?? 0) / 0.5).toBeLessThan((weights[1] ?? 0) / 1)
    expect(weights[1]).toBeCloseTo(weights[3] ?? 0)
    const middle = weights.reduce((sum, weight, at) => sum + Math.log(weight / (usual[at] ?? 1)), 0)
    expect(middle).toBeCloseTo(0)
  })

  it('stay within bounds where something costs nothing measurable', () => {
    const weights = weightsOf(usual, groups, [1000, 0, 1e-9, 1e-9])
    for (const [at, weight] of weights.entries()) {
      expect(weight / (usual[at] ?? 1)).toBeGreaterThanOrEqual(1 / 8)
      expect(weight / (usual[at] ?? 1)).toBeLessThanOrEqual(8)
    }
  })

  it('share what a group of layers costs', () => {
    const [first = 0, , , , fifth = 0] = weightsOf([1, 1, 1, 1, 1, 1], [[0, 2], [1, 3], [4], [5]], [2, 2, 1, 1])
    expect(first).toBeCloseTo(fifth)
  })
})

describe('the scale for so many bits', () => {
  const points = [
    { scale: 1, bits: 2 },
    { scale: 4, bits: 1 },
    { scale: 2, bits: 1.5 },
  ]

  it('lies on the line between what was learnt', () => {
    expect(scaleFor(points, 1.5)).toBeCloseTo(2)
    expect(scaleFor(points, 1.75)).toBeCloseTo(Math.SQRT2)
    expect(scaleFor(points, 1.25)).toBeCloseTo(2 * Math.SQRT2)
  })

  it('goes on beyond both ends, but not far', () => {
    expect(scaleFor(points, 2.5)).toBeCloseTo(0.5)
    expect(scaleFor(points, 0.75)).toBeCloseTo(4 * Math.SQRT2)
    expect(scaleFor(points, 0.01)).toBeLessThanOrEqual(8)
    expect(scaleFor([{ scale: 1, bits: 2 }], 1)).toBe(1)
  })
})

describe('what becomes a profile', () => {
  const point = (ratio: number, klMean: number, basis = true) => ({
    point: { basis, scale: 1, bitsPerElement: 16 / ratio, ratio, klMean, top1: 1 },
  })
  const small = { profile: 'small' as const, ...point(16, 0.04) }
  const bySmallChannels = { profile: 'small' as const, ...point(16, 0.045, false) }
  const others = [
    { profile: null, ...point(12, 0.02) },
    { profile: null, ...point(8, 0.001) },
    { profile: 'high' as const, ...point(7, 0.0005) },
  ]

  it('is what was made for it, without a transform where that costs hardly more', () => {
    expect(choose([small, ...others], 'small', 0.06)).toBe(small)
    expect(choose([small, bySmallChannels, ...others], 'small', 0.06)).toBe(bySmallChannels)
    expect(choose([small, { ...bySmallChannels, ...point(16, 0.06, false) }, ...others], 'small', 0.06)).toBe(small)
  })

  it('takes more bits where it costs too much, and as little as there is where all do', () => {
    expect(choose([small, ...others], 'small', 0.03)?.point.ratio).toBe(12)
    expect(choose([small, ...others], 'small', 0.01)?.point.ratio).toBe(8)
    expect(choose([small, ...others], 'small', 1e-9)?.point.ratio).toBe(7)
    expect(choose(others, 'small', 1)).toBeUndefined()
  })
})
