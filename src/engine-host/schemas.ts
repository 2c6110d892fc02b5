/** Every call's parameters, checked before native code sees them. */
import { z } from 'zod'
import {
  answerParams,
  benchParams,
  compareParams,
  digest,
  encodeParams,
  learnParams,
  loadOptions,
  memoryParams,
  quantiseParams,
  randomModelParams,
  recodeParams,
  verifyParams,
  type EngineCalls,
  type EngineMethod,
} from '../shared/engine'
import { inspectParams, measureParams, provenanceParams, parityParams, shiftParams } from '../shared/engine-looks'

/** Most texts and characters of one `tokenize`. */
const MAX_TEXTS = 100_000
const MAX_TEXT_CHARS = 128 * 1024 * 1024

const path = z.string().min(1).max(32_767)
const model = z.string().min(1)
const text = z.string().max(MAX_TEXT_CHARS)
const objectFile = z.object({ path, key: digest })

export const paramsOf: { readonly [M in EngineMethod]: z.ZodType<EngineCalls[M]['params']> } = {
  system: z.strictObject({}),
  inspect: z.object({ path }),
  fingerprint: z.object({ path }),
  load: z.object({ path, options: loadOptions }),
  unload: z.object({ model }),
  memory: memoryParams,
  kept: z.strictObject({}),
  tokenize: z.object({ model, texts: z.array(text).max(MAX_TEXTS), special: z.boolean() }),
  detokenize: z.object({ model, tokens: z.array(z.int().nonnegative()) }),
  pieces: z.object({ model, tokens: z.array(z.int().nonnegative()) }),
  encode: encodeParams,
  answer: answerParams,
  compare: compareParams,
  measure: measureParams,
  inspectCache: inspectParams,
  provenance: provenanceParams,
  deviation: z.object({ first: objectFile, second: objectFile }),
  parity: parityParams,
  shift: shiftParams,
  verify: verifyParams,
  learn: learnParams,
  recode: recodeParams,
  quantise: quantiseParams,
  randomModel: randomModelParams,
  bench: benchParams,
}

export const toHost = z.discriminatedUnion('type', [
  z.object({
    type: z.literal('call'),
    id: z.int().nonnegative(),
    method: z.string().refine((name): name is EngineMethod => Object.hasOwn(paramsOf, name)),
    params: z.unknown(),
  }),
  z.object({ type: z.literal('abort'), id: z.int().nonnegative() }),
])
