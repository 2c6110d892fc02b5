/** What every check of the gate works with. */
import type { CheckOutcome } from '../../../shared/calibration'
import type { Comparison } from '../../../shared/check-figures'
import { sentence, type Detail } from '../../../shared/details'
import type { LoadedModel } from '../../../shared/engine'
import type { LogitsComparison } from '../../../shared/engine-looks'
import type { Engine } from '../../engine/engine'
import type { Store } from '../../store/store'
import type { OpenModel } from '../models'
import { PROBE_TEXT } from './probe-text'

export interface Checkup {
  readonly engine: Pick<Engine, 'call'>
  /** Lends paths for caches that only live as long as a check. */
  readonly store: Pick<Store, 'stage' | 'discard'>
  readonly model: OpenModel
  readonly loaded: LoadedModel
  readonly signal: AbortSignal
}

/** What a check found; what the engine said of its own failure is a sentence only. */
export type Finding = Pick<CheckOutcome, 'result' | 'detail' | 'said'>

export function finding(result: CheckOutcome['result'], said: Detail): Finding {
  return { result, detail: sentence(said), said }
}

/** What is written down of two computations of the same tokens. */
export function comparison({ maxDifference, klMean, klMax, top1 }: LogitsComparison): Comparison {
  return { maxDifference, klMean, klMax, top1 }
}

/**
 * Tokens of plain English with the model's usual beginning, at most so many. A text too short for that, because the
 * tokenizer takes long pieces, is told again.
 */
export async function probeTokens({ model }: Checkup, most: number): Promise<number[]> {
  const [text = []] = await model.tokenizer.tokenize([PROBE_TEXT])
  const tokens = [...model.identity.bos]
  while (text.length > 0 && tokens.length < most) tokens.push(...text)
  return tokens.slice(0, most)
}
