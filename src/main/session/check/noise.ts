/**
 * How far two sound computations of the same figures may be apart: mean KL in nats. Measured on random-weight models of 2
 * to 16 layers (`docs/models.md`), whose figures are more easily upset than a trained one's; the bounds leave a margin of
 * 10 and more. Every layer adds its rounding. With quantised weights the activations are rounded to 8 bits as well, where
 * the last bit of a sum decides a whole step.
 */
import type { NoiseOf } from '../../../shared/check-figures'
import type { ModelFacts } from '../../../shared/engine'

type Precision = NoiseOf['weights']

const MOST_KL_PER_LAYER: Readonly<Record<Precision, number>> = { whole: 2e-5, half: 5e-4, quantised: 1e-2 }

export function noiseOf({ quantization, layers }: Pick<ModelFacts, 'quantization' | 'layers'>): NoiseOf {
  const weights = precisionOf(quantization.toUpperCase())
  return { most: MOST_KL_PER_LAYER[weights] * layers, layers, weights }
}

function precisionOf(type: string): Precision {
  if (type === 'F32') return 'whole'
  return type === 'F16' || type === 'BF16' ? 'half' : 'quantised'
}
