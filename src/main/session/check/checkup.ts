/** What every check of the gate works with. */
import type { CheckOutcome } from '../../../shared/calibration'
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

/** What a check found. */
export type Finding = Pick<CheckOutcome, 'result' | 'detail'>

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

/** A figure with two digits that mean something. */
export function short(value: number): string {
  if (value === 0) return '0'
  return value < 0.001 ? value.toExponential(1).replace('.0e', 'e') : String(Number(value.toPrecision(2)))
}

/** Two computations of the same tokens in words. */
export function describeComparison({ maxDifference, klMean, klMax, top1 }: LogitsComparison): string {
  if (maxDifference === 0) return 'the same logits bit for bit'
  const same = top1 === 1 ? 'the same likeliest token everywhere' : `the same likeliest token at ${percent(top1)}`
  return `KL ${short(klMean)} on average and ${short(klMax)} at most, ${same}`
}

export const percent = (share: number): string => `${Math.round(share * 100)} %`
