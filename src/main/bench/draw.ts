/** What benches draw by lot: the same for the same seed, on every machine. */
import type { LoadedModel } from '../../shared/engine'

/** Whole numbers from 0 up to, but not including, `below` (mulberry32, public domain). */
function drawer(seed: number): (below: number) => number {
  let state = seed >>> 0
  return (below) => {
    state = (state + 0x6d2b79f5) >>> 0
    let mixed = Math.imul(state ^ (state >>> 15), state | 1)
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
    return ((mixed ^ (mixed >>> 14)) >>> 0) % below
  }
}

/** Token ids without meaning, never control tokens. */
export function randomTokens(count: number, vocabulary: number, seed: number, control: readonly number[]): number[] {
  const draw = drawer(seed)
  return Array.from({ length: count }, () => {
    let token = draw(vocabulary)
    while (control.includes(token)) token = draw(vocabulary)
    return token
  })
}

/** `count` of the values, each once, in the order of their drawing. */
export function drawn<T>(values: readonly T[], count: number, seed: number): T[] {
  const left = [...values]
  const draw = drawer(seed)
  return Array.from({ length: Math.min(count, left.length) }, () => left.splice(draw(left.length), 1)[0] as T)
}

/** Other tokens for every round, the same in every run. */
export function tokensFor(
  { bosToken, eosToken, vocabulary }: Pick<LoadedModel, 'bosToken' | 'eosToken' | 'vocabulary'>,
  seed: number,
): (count: number, round: number) => number[] {
  const control = [bosToken?.id ?? -1, eosToken?.id ?? -1]
  return (count, round) => randomTokens(count, vocabulary, seed * 1000 + round, control)
}
