/** One measurement of one arm, and what a report says of many. */
import { z } from 'zod'
import type { Composition } from '../../shared/engine'
import type { ArmReport, Quantiles } from '../../shared/bench-report'
import { median, medianInterval, quantile } from './statistics'

/** Of one prompt; what is not known of it is left out. */
export const sample = z.object({
  /** From the request to the first sampled token. */
  ttftMs: z.number(),
  /** At work reading, checking, uploading. */
  loadMs: z.number().optional(),
  cpuMs: z.number().optional(),
  bytesRead: z.number().optional(),
  knowledge: z.number(),
  question: z.number(),
  reused: z.number().optional(),
  recomputed: z.number().optional(),
  computed: z.number().optional(),
})
export type Sample = z.infer<typeof sample>

/** `knowledge` and `question`: tokens of the prompt. */
export function sampleOf(
  composition: Composition,
  {
    ttftMs = composition.ttftMs,
    ...prompt
  }: { readonly ttftMs?: number; readonly knowledge: number; readonly question: number },
): Sample {
  const { stages, cpuMs, bytesRead, reusedTokens, computedTokens, recomputedRows } = composition
  return {
    ...prompt,
    ttftMs,
    loadMs: stages.filter(({ name }) => name === 'load').reduce((sum, { busyMs }) => sum + busyMs, 0),
    cpuMs,
    bytesRead,
    reused: reusedTokens,
    recomputed: recomputedRows.length,
    computed: computedTokens,
  }
}

export interface Samples {
  readonly name: string
  /** One per repetition or question, in the same order for every arm; baselines may leave out the last ones. */
  readonly samples: readonly Sample[]
}

/** `resident` where that arm took part. */
export function armReports(arms: readonly Samples[]): ArmReport[] {
  const full = arms.find(({ name }) => name === 'full')
  const resident = arms.find(({ name }) => name === 'resident')
  return arms.map((arm) => armReport(arm, full ?? arm, resident))
}

function armReport({ name, samples }: Samples, full: Samples, resident: Samples | undefined): ArmReport {
  const all = (figure: (one: Sample) => number | undefined): number[] =>
    samples.map(figure).filter((value) => value !== undefined)
  const load = all(({ loadMs }) => loadMs)
  // `full` may have taken part in the first repetitions only.
  const against = (other: Samples): number[] =>
    other.samples.slice(0, samples.length).map(({ ttftMs }, at) => ttftMs / (samples[at]?.ttftMs ?? Number.NaN))
  const ratios = against(full)
  const reused = mean(all(({ reused }) => reused))
  const computed = mean(all(({ computed }) => computed))
  const knowledge = mean(all(({ knowledge }) => knowledge)) ?? 0
  const recomputed = mean(all(({ recomputed }) => recomputed))
  return {
    name,
    ttftMs: quantiles(all(({ ttftMs }) => ttftMs)),
    samplesMs: samples.map(({ ttftMs }) => Number(ttftMs.toPrecision(6))),
    ttftNoLoadMs: load.length === 0 ? undefined : quantiles(all(({ ttftMs, loadMs = 0 }) => ttftMs - loadMs)),
    loadShare: load.length === 0 ? undefined : median(all(({ ttftMs, loadMs = 0 }) => loadMs / ttftMs)),
    ratioToFull: median(ratios),
    ratioInterval: medianInterval(ratios),
    ...(resident && {
      ratioToResident: median(against(resident)),
      residentInterval: medianInterval(against(resident)),
    }),
    tokens:
      reused === undefined || computed === undefined
        ? undefined
        : { knowledge, question: mean(all(({ question }) => question)) ?? 0, reused, recomputed, computed },
    tokensPerSecond: median(all((one) => ((one.knowledge + one.question) * 1000) / one.ttftMs)),
    bytesRead: mean(all(({ bytesRead }) => bytesRead)),
    cpuMs: middle(all(({ cpuMs }) => cpuMs)),
    hitRate: reused === undefined || knowledge === 0 ? undefined : reused / knowledge,
  }
}

function quantiles(values: readonly number[]): Quantiles {
  return { p50: quantile(values, 0.5), p95: quantile(values, 0.95) }
}

function middle(values: readonly number[]): number | undefined {
  return values.length === 0 ? undefined : median(values)
}

export function mean(values: readonly number[]): number | undefined {
  return values.length === 0 ? undefined : values.reduce((sum, value) => sum + value, 0) / values.length
}
