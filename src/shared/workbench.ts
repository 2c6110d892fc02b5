/** The core's whole surface: the window, the browser page and the command line do nothing but call these. */
import { z } from 'zod'
import type { AskEvent, AskInput } from './answer'
import type { CalibrateInput, Calibration, ModelVerdict } from './calibration'
import type { LoadedModel, MemoryReport, ModelFacts, RandomModelParams, SystemInfo } from './engine'
import type { ErrorData } from './errors'
import type { ImportOutcome, SetSummary, SetTree } from './knowledge'

/** A model as it was added. */
export interface KnownModel extends ModelFacts {
  /** Id or name to give elsewhere; unique, made from the file name. */
  readonly id: string
  readonly path: string
  /** SHA-256 of the file. */
  readonly fingerprint: string
  readonly addedAt: string
  readonly isDefault: boolean
  /** Comes with Kvasir. */
  readonly bundled: boolean
}

export interface ModelSummary extends KnownModel {
  /** The gate's newest with the installed engine; null: not checked yet. */
  readonly verdict: ModelVerdict | null
}

export const jobKinds = ['import', 'build', 'check', 'calibrate'] as const
export type JobKind = (typeof jobKinds)[number]

export interface JobState {
  readonly id: string
  readonly kind: JobKind
  readonly title: string
  readonly status: 'waiting' | 'running' | 'done' | 'failed' | 'cancelled'
  /** What it is doing now, in plain words. */
  readonly phase: string
  readonly done: number
  readonly total: number
  /** Of `done` and `total`. */
  readonly unit: 'tokens' | 'files' | 'checks' | 'answers'
  readonly startedAt: string | null
  readonly etaSeconds: number | null
  /** Units per second. */
  readonly speed: number | null
  readonly error: ErrorData | null
  /** A sentence for the person who waits. */
  readonly result: string | null
  readonly set: string | null
}

export interface DoctorCheck {
  readonly name: string
  readonly status: 'ok' | 'warning' | 'failed'
  readonly detail: string
  /** What to do about it; null when nothing. */
  readonly remedy: string | null
}

export interface DoctorReport {
  readonly version: string
  readonly dataDir: string
  readonly system: SystemInfo | null
  readonly checks: readonly DoctorCheck[]
}

export interface EngineStatus {
  /** `off` before the first use. */
  readonly state: 'off' | 'starting' | 'ready' | 'busy' | 'restarting'
  readonly loaded: LoadedModel | null
  readonly restarts: number
  /** Why it last died, if it did. */
  readonly lastFailure: string | null
  /** What it keeps of decoded caches, as of the last second; null before it has done anything. */
  readonly memory: MemoryReport | null
}

export interface StoreStats {
  readonly entries: number
  readonly bytes: number
  readonly quarantined: number
}

export interface Status {
  readonly version: string
  readonly engine: EngineStatus
  readonly store: StoreStats
  readonly jobs: readonly JobState[]
}

export const buildOptions = z.object({
  /** Variants to make; `document` covers `prefix` for a document's first chunk. */
  variants: z.array(z.enum(['bos', 'prefix', 'document'])).min(1).default(['document', 'bos']),
})
export type BuildInput = z.input<typeof buildOptions>

export interface Workbench extends AsyncDisposable {
  readonly dataDir: string
  status(): Status
  doctor(): Promise<DoctorReport>

  models: {
    list(): Promise<ModelSummary[]>
    /** Checks the file, takes its fingerprint, remembers its path. */
    add(path: string, options?: { signal?: AbortSignal; onProgress?: (done: number, total: number) => void }): Promise<ModelSummary>
    /** A known model's id, or the path of a file that need not be added. */
    inspect(idOrPath: string): Promise<ModelFacts & { readonly path: string }>
    /** Runs the gate as a job, and keeps its verdict. The job succeeds also where the model does not pass. */
    check(id: string): Promise<JobState>
    /** Measures what each strategy costs and keeps, as a job, and keeps it for `auto`. */
    calibrate(id: string, options?: CalibrateInput): Promise<JobState>
    /** Of the set (id or name) on this model, else the model's own; null where neither was made. */
    calibration(id: string, set?: string): Promise<Calibration | null>
  }

  sets: {
    list(): Promise<SetSummary[]>
    create(name: string, options?: { model?: string }): Promise<SetSummary>
    /** The whole tree with tokens and cache states. */
    show(set: string): Promise<SetTree>
    /** Removes the set and its documents; caches stay until they are cleaned up. */
    remove(set: string): Promise<void>
    /** Creates the sample set when it is absent; returns it either way. */
    ensureSample(): Promise<SetSummary>
  }

  documents: {
    /** Imports files and folders as a job; a file already there is compared and becomes a new version when it changed. */
    add(set: string, paths: readonly string[]): Promise<JobState>
    /** Imports text that has no file here (a browser upload), named like a file. */
    addText(set: string, files: readonly { name: string; text: string }[]): Promise<JobState>
    outcomes(jobId: string): ImportOutcome[]
    /** Full text of a section or chunk. */
    text(id: string): Promise<string>
    remove(id: string): Promise<void>
  }

  /** Encodes what is missing, as a job. */
  build(set: string, options?: BuildInput): Promise<JobState>

  jobs: {
    list(): JobState[]
    /** Every change of every job, from now on. */
    watch(signal?: AbortSignal): AsyncIterable<JobState>
    /** Resolves when the job has ended, whatever way. */
    finished(id: string): Promise<JobState>
    cancel(id: string): void
  }

  /** Streams the answer; returning early or aborting stops the engine within one sub-batch. */
  ask(request: AskInput, options?: { signal?: AbortSignal }): AsyncIterable<AskEvent>

  /** For benches and tests. */
  makeRandomModel(params: RandomModelParams): Promise<{ bytes: number }>
}
