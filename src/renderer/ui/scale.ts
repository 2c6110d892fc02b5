/** From values to places on a chart, with round ticks. */
export interface Scale {
  readonly ticks: readonly number[]
  at(value: number): number
}

/** From round values around the range, so that every point lies inside. */
export function linearScale([low, high]: readonly [number, number], [from, to]: readonly [number, number], most = 7): Scale {
  const span = high - low || Math.abs(high) || 1
  const rough = span / most
  const power = 10 ** Math.floor(Math.log10(rough))
  const step = [1, 2, 5, 10].map((each) => each * power).find((each) => each >= rough) ?? power * 10
  const first = Math.floor(low / step + 1e-9)
  const last = Math.max(first + 1, Math.ceil(high / step - 1e-9))
  const ticks = Array.from({ length: last - first + 1 }, (_, at) => Number(((first + at) * step).toPrecision(12)))
  return { ticks, at: (value) => from + ((value / step - first) / (last - first)) * (to - from) }
}

/** Every tenfold, with 2 and 5 between where there is room. Values of 0 and less lie at the low end. */
export function logScale([low, high]: readonly [number, number], [from, to]: readonly [number, number]): Scale {
  const [least, most] = [Math.log10(low) - 0.05, Math.log10(high) + 0.05]
  const decades = most - least
  const steps = decades > 4 ? [1] : decades > 1.2 ? [1, 3] : [1, 1.5, 2, 3, 5, 7]
  const powers = Array.from({ length: Math.ceil(most) - Math.floor(least) + 1 }, (_, at) => Math.floor(least) + at)
  const ticks = powers
    .flatMap((power) => steps.map((step) => Number((step * 10 ** power).toPrecision(3))))
    .filter((tick) => Math.log10(tick) >= least && Math.log10(tick) <= most)
  const at = (value: number): number => from + ((Math.log10(Math.max(value, 10 ** least)) - least) / decades) * (to - from)
  return { ticks, at }
}
