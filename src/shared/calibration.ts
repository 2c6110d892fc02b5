/** What was measured about a model: whether its caches may be blended, and what each strategy keeps of full prefill. */
import { z } from 'zod'
import type { Detail } from './details'
import type { DeviationOf } from './strategy'

export const CHECKS = ['parity', 'equality', 'shift', 'needle'] as const
/**
 * `parity`: this engine's logits against libllama's. `equality`: recomputing everything gives full prefill's logits bit
 * for bit. `shift`: moving the whole context changes nothing beyond noise. `needle`: a fact in a cached chunk is found as
 * full prefill finds it.
 */
export type CheckName = (typeof CHECKS)[number]

export interface CheckOutcome {
  readonly name: CheckName
  /** `skipped`: the model cannot show it, e.g. full prefill does not find the needle either. */
  readonly result: 'passed' | 'failed' | 'skipped'
  /** What was measured, what was expected, in one sentence. */
  readonly detail: string
  /** The same as data; verdicts of earlier versions have none. */
  readonly said?: Detail | undefined
  readonly ms: number
}

/** The gate's verdict on one model file, with one version of the engine on one device. */
export interface ModelVerdict {
  readonly passed: boolean
  readonly checks: readonly CheckOutcome[]
  readonly engine: string
  readonly device: string
  readonly checkedAt: string
}

/** The verdict in words: what failed and why, else what could not be checked. */
export function verdictText({ passed, checks }: ModelVerdict): string {
  if (!passed) {
    const failed = checks.filter(({ result }) => result === 'failed')
    return failed.map(({ name, detail }) => `${name}: ${detail}`).join(' ') || 'No check could be made.'
  }
  const skipped = checks.filter(({ result }) => result === 'skipped').map(({ name }) => name)
  return skipped.length > 0 ? `Passed; ${skipped.join(', ')} could not be made.` : 'Passed.'
}

export interface CalibratedArm {
  /** As written, e.g. `mix:8+0.1`. */
  readonly strategy: string
  /** Median TTFT over full prefill's, 0 to 1 and more. */
  readonly cost: number
  /** Mean KL(full || strategy) over teacher-forced answers, nats. */
  readonly klMean: number
  /** Share of their tokens whose most likely one is full prefill's. */
  readonly top1: number
}

export interface Calibration {
  /** Set it was measured on; null for the model's own (demo questions, or texts made up for it). */
  readonly set: string | null
  readonly questions: number
  /** Of `blend`: where the tokens are best chosen, by what. */
  readonly checkLayer: number
  readonly by: DeviationOf
  /** First tokens less likely than this were wrong more often than right. */
  readonly minConfidence: number
  /** Cheapest first. */
  readonly arms: readonly CalibratedArm[]
  /** `oracle` and `random`, which say how good a choice of tokens could be and how good luck is. */
  readonly controls: readonly CalibratedArm[]
  readonly madeAt: string
}

export const calibrateOptions = z.object({
  /** Id or name; without it the model's own calibration is made, on the sample's documents. */
  set: z.string().min(1).max(1000).optional(),
  questions: z.int().min(1).max(200).default(24),
})
export type CalibrateInput = z.input<typeof calibrateOptions>
