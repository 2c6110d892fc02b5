/** What a job is about, does and came to, as data: every face makes its own sentences of it. */
import type { BenchKind } from './bench-report'
import type { ModelVerdict } from './calibration'
import type { CodedProfile, Profile } from './profile'

/** What a job works on. Sets and models by the names that people gave them. */
export type JobSubject =
  /** `keep`: what a question missed. */
  | { readonly what: 'import' | 'build' | 'keep'; readonly set: string }
  | { readonly what: 'check'; readonly model: string }
  /** `calibrate` measures strategies, `profiles` the coded profiles; `set` null: on the sample's documents. */
  | { readonly what: 'calibrate' | 'profiles'; readonly model: string; readonly set: string | null }
  | { readonly what: 'recode'; readonly set: string; readonly profile: CodedProfile }
  /** Caches chosen one by one. `code`: as the profile. */
  | { readonly what: 'verify' | 'rebuild'; readonly caches: number }
  | { readonly what: 'code'; readonly caches: number; readonly profile: CodedProfile }
  /** `set` null: everything. */
  | { readonly what: 'scrub'; readonly set: string | null }
  | { readonly what: 'bench'; readonly bench: BenchKind }

const JOB_STEPS = [
  // Of every job.
  'waiting', 'starting', 'pausing', 'paused', 'done', 'failed', 'cancelled',
  'loading-model',
  // Imports; `reading`: the file `name`.
  'finding-files', 'reading', 'imported', 'cutting', 'indexing',
  // Builds; `name`: the document's title. `coding-document`: as the profile `as`.
  'finding-missing', 'finding-texts', 'encoding', 'encoding-alone', 'scoring', 'coding-document',
  // Checks of a model.
  'parity', 'equality', 'shift', 'needle', 'checked',
  // Calibration of strategies; `blending`: at layer `number`.
  'comparing', 'blending', 'calibrated',
  // Calibration of profiles; `computing`: `number` per cent; `learning`: step `number` of `of`.
  'computing', 'learning', 'weighing', 'trying',
  // Care of the store; `coding`: as the profile `as`.
  'coding', 'verifying',
  // Benches; `measuring`: `name` for the time `number` of `of`. What is made ready stands at `number` of `of`.
  'making-model', 'bringing-in', 'computing-caches', 'learning-codebooks', 'coding-forms', 'filling-store', 'warming-up', 'measuring', 'asking',
] as const
export type JobStepCode = (typeof JOB_STEPS)[number]

/** What a job is doing now; which of the values a step has stands beside its code above. */
export interface JobStep {
  readonly code: JobStepCode
  readonly name?: string
  readonly as?: Profile
  readonly number?: number
  readonly of?: number
}

/** How far a job is, as those say it who do its work. */
export interface JobProgress {
  readonly step: JobStep
  readonly done: number
  readonly total: number
}

/** What came of a job. */
export type JobOutcome =
  | {
      readonly what: 'import'
      readonly added: number
      readonly updated: number
      readonly unchanged: number
      readonly failed: number
    }
  | {
      readonly what: 'build'
      /** Of the set. */
      readonly documents: number
      /** Caches computed, and their tokens. */
      readonly chunks: number
      readonly tokens: number
      /** Caches whose tokens were scored. */
      readonly scored: number
      /** Damaged ones that were made again. */
      readonly repaired: number
      /** Kept in `profile`. */
      readonly coded: number
      readonly profile: Profile
    }
  | { readonly what: 'check'; readonly model: string; readonly verdict: ModelVerdict }
  | { readonly what: 'calibrate'; readonly strategies: number; readonly questions: number; readonly set: string | null }
  | {
      readonly what: 'profiles'
      readonly profiles: readonly { readonly profile: CodedProfile; readonly ratio: number; readonly klMean: number }[]
    }
  | {
      readonly what: 'recode'
      readonly coded: number
      readonly damaged: number
      /** Left alone, since they are there in another lossy profile only. */
      readonly lossyOnly: number
      readonly profile: CodedProfile
    }
  | { readonly what: 'scrub'; readonly checked: number; readonly damaged: number }
  /** Id of the report. */
  | { readonly what: 'bench'; readonly report: string }
  /** `left`: no set has their text behind the same parts now. */
  | { readonly what: 'rebuild'; readonly made: number; readonly left: number }
