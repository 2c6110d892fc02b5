/** Which strategies a calibration tries. */
import type { DeviationOf, StrategySpec } from '../../../shared/strategy'

/** CacheBlend's usual ratio: where check layers are compared. */
const USUAL_RATIO = 0.15
/** A model of more layers is looked at evenly in so many places. */
const MOST_LAYERS = 12

/** Strategies that need no check layer. */
export function plainArms(): StrategySpec[] {
  return [
    { name: 'reuse', bos: false },
    { name: 'reuse', bos: true },
    ...[4, 8, 16, 32].map((tokens): StrategySpec => ({ name: 'link', tokens, bos: false })),
    ...[0.05, 0.1, USUAL_RATIO].map((ratio): StrategySpec => ({ name: 'score', ratio, by: 'v', bos: false })),
    { name: 'mix', tokens: 4, ratio: 0.05, by: 'v', bos: false },
    { name: 'mix', tokens: 8, ratio: 0.1, by: 'v', bos: false },
  ]
}

/** `blend` checked at every layer up to half the depth, by V and by K: deeper ones save too little. */
export function scanArms(layers: number): BlendSpec[] {
  const deepest = Math.min(Math.floor(layers / 2), layers - 1)
  const count = Math.min(deepest, MOST_LAYERS)
  const places = Array.from({ length: count }, (_, at) => Math.round(((at + 1) * deepest) / count))
  return places.flatMap((layer) => (['v', 'k'] as const).map((by) => blendArm(layer, by)))
}

/** What else `blend` can do, at the layer that was chosen. */
export function refinedArms(layer: number, by: DeviationOf): BlendSpec[] {
  const usual = blendArm(layer, by)
  return [
    { ...usual, gradual: true },
    { ...usual, attention: true },
    { ...usual, ratio: 0.05 },
    { ...usual, ratio: 0.3 },
  ]
}

/** How good a choice of tokens could be, and how good luck is. */
export function controlArms(): StrategySpec[] {
  return [0.05, USUAL_RATIO].flatMap((ratio): StrategySpec[] => [
    { name: 'oracle', ratio, by: 'v', bos: false },
    { name: 'random', ratio, bos: false },
  ])
}

export type BlendSpec = Extract<StrategySpec, { name: 'blend' }>

function blendArm(layer: number, by: DeviationOf): BlendSpec {
  return { name: 'blend', ratio: USUAL_RATIO, layer, by, attention: false, gradual: false, bos: false }
}
