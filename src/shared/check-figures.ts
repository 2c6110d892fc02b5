/** Figures of a model's checks, and how they are written. */

/** Two computations of the same tokens. */
export interface Comparison {
  readonly maxDifference: number
  readonly klMean: number
  readonly klMax: number
  readonly top1: number
}

/** How far two sound computations may be apart: mean KL in nats, for so many layers of such weights. */
export interface NoiseOf {
  readonly most: number
  readonly layers: number
  readonly weights: 'whole' | 'half' | 'quantised'
}

/** Of what full prefill knows about `found` of `tried` planted numbers; shares of 1. */
export interface NeedleFigures {
  readonly found: number
  readonly tried: number
  readonly reuse: number
  readonly link: number
  readonly isolated: number
  /** Tokens of link. */
  readonly tokens: number
  readonly least: number
}

const WEIGHTS: Readonly<Record<NoiseOf['weights'], string>> = {
  whole: 'F32 weights',
  half: '16-bit weights',
  quantised: 'quantised weights',
}

/** A figure with two digits that mean something; what is no number is written as such. */
export function short(value: number | null): string {
  if (value === 0) return '0'
  if (value === null) return 'NaN'
  return value < 0.001 ? value.toExponential(1).replace('.0e', 'e') : toThe(value)
}

/** Two digits. */
export function toThe(value: number): string {
  return String(Number(value.toPrecision(2)))
}

export const percent = (share: number): string => `${Math.round(share * 100)} %`

/** How two computations differ. */
export function unlike({ maxDifference, klMean, klMax, top1 }: Comparison): string {
  if (maxDifference === 0) return 'the same logits bit for bit'
  const same = top1 === 1 ? 'the same likeliest token everywhere' : `the same likeliest token at ${percent(top1)}`
  return `KL ${short(klMean)} on average and ${short(klMax)} at most, ${same}`
}

export function noiseWords({ most, layers, weights }: NoiseOf): string {
  return `${short(most)} on average with ${layers} ${layers === 1 ? 'layer' : 'layers'} of ${WEIGHTS[weights]}`
}

/** A way to have everything computed again: every row by its number, or from a layer on. */
export function wayWords(layer: number | null): string {
  return layer === null ? 'all rows named' : `blend:1 checked at layer ${layer}`
}

export function needleWords({ found, tried, reuse, link, isolated, tokens, least }: NeedleFigures): string {
  return (
    `Of what full prefill knows about ${found} of ${tried} planted numbers, caches behind the prompt keep ` +
    `${percent(reuse)} and isolated ones with link:${tokens} ${percent(link)} (without: ${percent(isolated)}); ` +
    `expected at least ${percent(least)} of the first two.`
  )
}
