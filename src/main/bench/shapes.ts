/** Named model shapes and context shapes of the bench (`--make 70b:q4_0 --layers 8`, `--shape 1024+64`). */
import { DATA_TYPES, type RandomModelParams } from '../../shared/engine'
import { WorkbenchError } from '../../shared/errors'

type ModelShape = Pick<
  RandomModelParams,
  'layers' | 'embedding' | 'feedForward' | 'heads' | 'kvHeads' | 'headDim' | 'vocabulary'
>

/** The proportions of the well-known llama models; `tiny` is for trying a bench out. */
const MODEL_SHAPES: Readonly<Record<string, ModelShape>> = {
  tiny: { layers: 2, embedding: 64, feedForward: 128, heads: 4, kvHeads: 2, headDim: 16, vocabulary: 1024 },
  '1b': { layers: 16, embedding: 2048, feedForward: 8192, heads: 32, kvHeads: 8, headDim: 64, vocabulary: 32768 },
  '3b': { layers: 28, embedding: 3072, feedForward: 8192, heads: 24, kvHeads: 8, headDim: 128, vocabulary: 32768 },
  '8b': { layers: 32, embedding: 4096, feedForward: 14336, heads: 32, kvHeads: 8, headDim: 128, vocabulary: 32768 },
  '70b': { layers: 80, embedding: 8192, feedForward: 28672, heads: 64, kvHeads: 8, headDim: 128, vocabulary: 32768 },
}

export interface MadeModel {
  /** e.g. `1b-q4_0` or `70b-q4_0-8-layers`: the same name is always the same file but for the seed. */
  readonly name: string
  readonly params: Omit<RandomModelParams, 'path'>
}

/**
 * Parses `SHAPE:TYPE`; `seed` decides the weights. `layers`: a slice of the first ones; default all.
 * @throws `argument.invalid`
 */
export function madeModel(text: string, seed: number, layers?: number): MadeModel {
  const [name = '', typeName = ''] = text.toLowerCase().split(':')
  const shape = MODEL_SHAPES[name]
  const type = DATA_TYPES.find((known) => known === typeName)
  if (!shape || !type) {
    throw new WorkbenchError(
      'argument.invalid',
      `Expected a model like 1b:q4_0, with a shape of ${Object.keys(MODEL_SHAPES).join(', ')} and a type of ` +
        `${DATA_TYPES.join(', ')}; got '${text}'.`,
    )
  }
  if (layers !== undefined && !(Number.isInteger(layers) && layers >= 1 && layers <= shape.layers)) {
    throw new WorkbenchError('argument.invalid', `Expected 1 to ${shape.layers} layers of ${name}, got ${layers}.`)
  }
  const isSlice = layers !== undefined && layers < shape.layers
  return {
    name: isSlice ? `${name}-${type}-${layers}-layers` : `${name}-${type}`,
    params: {
      ...shape,
      layers: layers ?? shape.layers,
      architecture: 'llama',
      type,
      contextLength: 131072,
      tied: false,
      ropeBase: 500_000,
      ropeScaling: 'none',
      seed,
    },
  }
}

export interface ContextShape {
  /** Tokens. */
  readonly knowledge: number
  readonly question: number
}

const MOST_TOKENS = 131_072

/** Parses `KNOWLEDGE+QUESTION`, in tokens. @throws `argument.invalid` */
export function contextShape(text: string): ContextShape {
  const match = /^(\d{1,6})\+(\d{1,6})$/.exec(text)
  const [knowledge, question] = [Number(match?.[1] ?? 0), Number(match?.[2] ?? 0)]
  if (knowledge < 1 || question < 1 || knowledge + question > MOST_TOKENS) {
    throw new WorkbenchError(
      'argument.invalid',
      `Expected tokens of knowledge and question like 1024+64, at most ${MOST_TOKENS} together; got '${text}'.`,
    )
  }
  return { knowledge, question }
}
