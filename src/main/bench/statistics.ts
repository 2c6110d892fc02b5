/** The few figures that a report states about repeated measurements. */

/** The p-quantile (0 to 1) with linear interpolation between the neighbours. */
export function quantile(values: readonly number[], p: number): number {
  const sorted = values.toSorted((a, b) => a - b)
  const place = p * (sorted.length - 1)
  const [low, high] = [sorted[Math.floor(place)], sorted[Math.ceil(place)]]
  if (low === undefined || high === undefined) throw new RangeError('A quantile needs at least one value.')
  return low + (high - low) * (place - Math.floor(place))
}

export const median = (values: readonly number[]): number => quantile(values, 0.5)

/**
 * 95 % confidence interval of the median by order statistics: no assumption about the distribution. With fewer than six
 * values no such interval exists, and the range of all of them is given.
 */
export function medianInterval(values: readonly number[]): readonly [number, number] {
  const sorted = values.toSorted((a, b) => a - b)
  const n = sorted.length
  // The k-th smallest and k-th largest enclose the median unless fewer than k values lie on one side of it:
  // twice P(Binomial(n, 1/2) < k). In logarithms: of more than 1074 values the first terms are too small for a number.
  let k = 0
  let logTerm = n * Math.log(0.5)
  for (let below = Math.exp(logTerm); 2 * below <= 0.05; below += Math.exp(logTerm)) {
    k++
    logTerm += Math.log((n - k + 1) / k)
  }
  const rank = Math.max(k, 1)
  const [low, high] = [sorted[rank - 1], sorted[n - rank]]
  if (low === undefined || high === undefined) throw new RangeError('An interval needs at least one value.')
  return [low, high]
}
