/** The core's whole surface: the window, the browser page and the command line do nothing but call these. */
import { z } from 'zod'
import type { AskEvent, AskInput } from './answer'
import type { Benches } from './bench'
import type { CalibrateInput, Calibration, ModelVerdict } from './calibration'
import type { LoadedModel, MemoryReport, ModelFacts, RandomModelParams, SystemInfo } from './engine'
import type { Detail } from './details'
import type { ErrorData } from './errors'
import type { Estimate, EstimateInput } from './estimate'
import type { Home, HomeInput, SetNeeds } from './home'
import type { HistoryInput, HitsInput, HitsReport, HitTimeline, NodeHits, PastQuery, TimelineInput, WholeQuery } from './hits'
import type { JobOutcome, JobStep, JobSubject } from './jobs'
import {
  nodeId,
  type ChunkTokens,
  type DocumentVersion,
  type FolderDiff,
  type ImportOutcome,
  type SearchHit,
  type SearchInput,
  type SelectionInput,
  type SetSummary,
  type SetTree,
} from './knowledge'
import type { DocumentDetail, OutlinePageInput, SavedSelection, Selected, SetOutline } from './outline'
import type { DocumentLook, ImportFile, ImportSource, PreviewEvent, UploadBegun, UploadFilesInput, UploadPiece } from './preview'
import type { Json } from './preferences'
import type { Provenance } from './provenance'
import type { Discovery, ModelFit } from './models'
import { profile, type CalibrateProfilesInput, type CodedProfile, type ProfileCalibration } from './profile'
import type { TrashItem } from './trash'
import type { RaceEvent, RaceInput, RaceRecord, RaceSummary } from './race'
import type { StoreChange } from './shell'
import type {
  CacheDetail,
  CacheDrawing,
  CachePage,
  CachePageInput,
  ChosenCachesInput,
  CleanInput,
  CleanPreview,
  DrawInput,
  Evicted,
  ScrubResult,
  StoreStats,
  TrashBatch,
} from './upkeep'

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

const jobKinds = ['import', 'build', 'check', 'calibrate', 'recode', 'scrub', 'bench'] as const
export type JobKind = (typeof jobKinds)[number]

export interface JobState {
  readonly id: string
  readonly kind: JobKind
  readonly status: 'waiting' | 'running' | 'paused' | 'done' | 'failed' | 'cancelled'
  readonly subject: JobSubject
  /** What it is doing now. */
  readonly step: JobStep
  /** What came of it; null where it has not ended well. */
  readonly outcome: JobOutcome | null
  /** Those three as English sentences. */
  readonly title: string
  readonly phase: string
  readonly result: string | null
  readonly done: number
  readonly total: number
  /** Of `done` and `total`. */
  readonly unit: 'tokens' | 'files' | 'checks' | 'answers' | 'caches' | 'measurements'
  /** Jobs start in this order; it changes when one is moved. */
  readonly order: number
  /** Whether it can be paused while it runs; while it waits any job can. */
  readonly canPause: boolean
  /** It runs to its next safe point still. */
  readonly isPausing: boolean
  /** How often the workbench crashed in the middle of it; from 2 on it is not started again by itself. */
  readonly crashes: number
  readonly startedAt: string | null
  readonly etaSeconds: number | null
  /** Units per second. */
  readonly speed: number | null
  readonly error: ErrorData | null
  readonly set: string | null
}

/** Where a waiting or paused job goes among its like. */
export const jobMove = z.union([z.enum(['first', 'up', 'down', 'last']), z.object({ before: z.string().min(1).max(100) })])
export type JobMove = z.infer<typeof jobMove>

/** A job that an earlier workbench left, and that nobody has taken up. */
export interface UnfinishedJob {
  readonly id: number
  readonly subject: JobSubject
  /** In English. */
  readonly title: string
  readonly isPaused: boolean
  readonly crashes: number
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
  readonly said?: Detail | undefined
  /** What it keeps of decoded caches, as of the last second; null before it has done anything. */
  readonly memory: MemoryReport | null
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
  /** How they are kept; the set remembers it for later builds. Default: the set's. */
  profile: profile.optional(),
  /** Id of a job that has to end first, an import say. */
  after: z.string().max(40).optional(),
  /** Ids of documents that alone are built; all of the set when absent. */
  documents: z.array(nodeId).min(1).max(10_000).optional(),
})
export type BuildInput = z.input<typeof buildOptions>

export interface Workbench extends AsyncDisposable {
  readonly dataDir: string
  status(): Status
  doctor(): Promise<DoctorReport>

  models: {
    list(): Promise<ModelSummary[]>
    /** Checks the file, takes its fingerprint, remembers its path. */
    add(
      path: string,
      options?: {
        /** What its id is made of; default: the file's name. */
        name?: string
        signal?: AbortSignal
        onProgress?: (done: number, total: number) => void
      },
    ): Promise<ModelSummary>
    /** Looks for files in the usual places of other programs; changes nothing there. */
    discover(options?: { signal?: AbortSignal }): Promise<Discovery>
    /**
     * Forgets a model; its file stays, and `add` brings it back. Sets in the trash may have used it: they cannot be brought back
     * before it is. @throws conflict while sets use it
     */
    remove(id: string): Promise<{ readonly setsInTrash: readonly string[] }>
    /** Taken for new sets from now on. */
    setDefault(id: string): Promise<ModelSummary>
    /** What it needs of memory, and what there is. */
    fit(id: string): Promise<ModelFit>
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
    /** The whole tree with tokens and cache states: for sets of a few hundred documents. */
    show(set: string): Promise<SetTree>
    /** Of a set of any size: its sums, and a page of its documents without their parts. */
    outline(set: string, page?: OutlinePageInput): Promise<SetOutline>
    /** Bytes of all copies of its caches: of a large set this takes a while. */
    cacheBytes(set: string): Promise<number>
    /** What a selection takes of it. */
    selected(set: string, selection: SelectionInput): Promise<Selected>
    rename(set: string, name: string): Promise<SetSummary>
    /** Puts the set with its documents into the trash; its name is free then, and caches stay until they are cleaned up. */
    remove(set: string): Promise<void>
    /** Brings a set back by its id, with all that it had; under a name like its own where that is taken by now. */
    restore(id: string): Promise<SetSummary>
    /** Creates the sample set when it is absent; returns it either way. */
    ensureSample(): Promise<SetSummary>
  }

  /** Selections of a set that have a name. */
  selections: {
    list(set: string): Promise<SavedSelection[]>
    /** Takes the place of one that has the name. */
    save(set: string, name: string, selection: SelectionInput): Promise<SavedSelection>
    /** @returns what was removed: saving it again brings it back */
    remove(set: string, name: string): Promise<SavedSelection>
  }

  documents: {
    /** A document with its sections and chunks. */
    show(id: string): Promise<DocumentDetail>
    /** Imports files and folders as a job; a file already there is compared and becomes a new version when it changed. */
    add(set: string, paths: readonly string[]): Promise<JobState>
    /** What an import would do, file by file; nothing is stored. Returning early or aborting ends it. */
    preview(set: string, from: ImportSource, options?: { signal?: AbortSignal }): AsyncIterable<PreviewEvent>
    /** One of its files: sections, and the text as it would be cut. */
    look(set: string, file: ImportFile, options?: { signal?: AbortSignal }): Promise<DocumentLook>
    /** Imports what was uploaded, under its names; the upload is gone then. */
    addUpload(set: string, upload: string): Promise<JobState>
    /** Files of whoever has no file here, a browser say: kept aside until they are imported or given up. */
    uploads: {
      begin(files: UploadFilesInput): Promise<UploadBegun>
      put(upload: string, pieces: readonly UploadPiece[]): Promise<void>
      discard(upload: string): Promise<void>
    }
    /** Imports text that has no file here, named like a file. */
    addText(set: string, files: readonly { name: string; text: string }[]): Promise<JobState>
    outcomes(jobId: string): ImportOutcome[]
    /** Full text of a section or chunk. */
    text(id: string): Promise<string>
    /** A chunk's text, token by token, as the set's model reads it. */
    tokens(chunk: string): Promise<ChunkTokens>
    /**
     * Chunks that words of `query` stand in, best first; a question in plain language will do. Words in quotes are looked
     * for as they stand; there is no other syntax.
     */
    search(set: string, query: string, options?: SearchInput): Promise<SearchHit[]>
    /** Puts documents into the trash. Importing such a file again brings its document back. */
    remove(ids: string | readonly string[]): Promise<void>
    /** Brings them back under their ids. */
    restore(ids: string | readonly string[]): Promise<void>
    /** The newest first, with what changed from each to the next. */
    versions(id: string): Promise<DocumentVersion[]>
    /** Keeps a set in step with folders. Documents are never removed here: `remove` does that, one by one. */
    sync: {
      /** Those that are remembered, absolute. */
      folders(set: string): Promise<string[]>
      /** What differs; in the remembered folders where none are given. Changes nothing. */
      preview(set: string, folders?: readonly string[]): Promise<FolderDiff>
      /** Remembers the folders that are given, and imports what is new or changed as a job. */
      run(set: string, folders?: readonly string[]): Promise<JobState>
      /** Without importing anything. */
      remember(set: string, folders: readonly string[]): Promise<void>
      /** Their documents stay. */
      forget(set: string, folders: readonly string[]): Promise<void>
      /** What differs in the remembered folders, now and after every change of a file. */
      watch(set: string, options?: { signal?: AbortSignal }): AsyncIterable<FolderDiff>
    }
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
    /** A running job stops at its next safe point and frees the engine. @throws conflict where it cannot be paused */
    pause(id: string): void
    resume(id: string): void
    /** Starts one anew that failed or was cancelled; its id stays. */
    retry(id: string): JobState
    /** Changes the order in which waiting and paused jobs start. */
    move(id: string, to: JobMove): void
    /** Forgets those that have ended. */
    clear(): void
    /** Left by workbenches that were closed or crashed. */
    unfinished(): UnfinishedJob[]
    /**
     * Goes on with those, and keeps this workbench's own from now on: for faces that stay, not for one command. What the
     * workbench crashed over twice is paused.
     */
    takeUp(): Promise<JobState[]>
    /** Drops one that was left. */
    drop(id: number): void
  }

  /** Streams the answer; returning early or aborting stops the engine within one sub-batch. */
  ask(request: AskInput, options?: { signal?: AbortSignal }): AsyncIterable<AskEvent>
  /** What each strategy would cost and keep. Loads the model. */
  estimate(request: EstimateInput, options?: { signal?: AbortSignal }): Promise<Estimate>
  /** What of its context a query's answer paid attention to. Composes the context once more. */
  provenance(query: number, options?: { signal?: AbortSignal }): Promise<Provenance>

  /**
   * Answers a question in several ways, one after the other, and compares them. It waits until no job runs. Whole races are
   * kept; one that is aborted keeps nothing.
   */
  race(request: RaceInput, options?: { signal?: AbortSignal }): AsyncIterable<RaceEvent>
  races: {
    /** Newest first. */
    list(): RaceSummary[]
    get(id: number): RaceRecord
    remove(id: number): void
    /** Brings back one that was removed. */
    restore(id: number): void
  }

  store: {
    stats(): StoreStats
    /** Whenever another program has changed this store, from now on; what this one does is not told. */
    changes(signal?: AbortSignal): AsyncIterable<StoreChange>
    /** A page of the caches that match. */
    list(page?: CachePageInput): Promise<CachePage>
    /** Everything there is to know of one cache. */
    cache(key: string): Promise<CacheDetail>
    /** One cache layer by layer and token by token, against full prefill where its text stands now. Computes that. */
    draw(key: string, options?: DrawInput, more?: { signal?: AbortSignal }): Promise<CacheDrawing>
    /** What is done with caches that were chosen, one by one or all that match. */
    chosen: {
      /** Reads their copies whole, as a job that `scrubbed` tells of. */
      verify(chosen: ChosenCachesInput): Promise<JobState>
      /** @returns how many changed */
      pin(chosen: ChosenCachesInput, pinned: boolean): Promise<number>
      /** Throws them away, but for pinned ones; `restore` brings them back. */
      evict(chosen: ChosenCachesInput): Promise<Evicted>
      /** Makes them again from their text, as a job. */
      rebuild(chosen: ChosenCachesInput): Promise<JobState>
      /** Codes them in another profile, from f16, as a job. */
      recode(chosen: ChosenCachesInput, profile: CodedProfile): Promise<JobState>
    }
    /** Finds steps and learns the codebooks of a model's coded profiles, as a job, and takes them into use. */
    calibrate(model: string, options?: CalibrateProfilesInput): Promise<JobState>
    /** What that found; null: not made yet. */
    profiles(model: string): Promise<ProfileCalibration | null>
    /** Codes a set's caches in another profile, from f16, as a job. */
    recode(set: string, profile: CodedProfile): Promise<JobState>
    /** Reads every copy whole, of a set or of everything, as a job; sets aside what is damaged. */
    scrub(options?: { set?: string }): Promise<JobState>
    /** What a scrub job has found so far. */
    scrubbed(jobId: string): ScrubResult
    /** Keeps the caches of a set, a document or a part of one from ever being evicted. @returns how many changed */
    pin(node: string, pinned: boolean): Promise<number>
    preview(filter: CleanInput): Promise<CleanPreview>
    /** Throws away what fits; `restore` brings it back. */
    clean(filter: CleanInput): Promise<CleanPreview & { readonly batch: number | null }>
    trash(): TrashBatch[]
    /** @returns how many copies came back */
    restore(batch: number): number
    emptyTrash(): void
    /** Most bytes of all copies from now on; null: no limit. */
    setQuota(bytes: number | null): void
    /** Clears what crashes left behind. @returns files removed */
    collect(): Promise<number>
  }

  /** All that was removed: documents, sets, and the store's batches of caches. */
  trash: {
    /** The last removed first. */
    list(): TrashItem[]
    restore(ids: readonly string[]): Promise<void>
    /** Removes for good these, or all. @returns what went */
    empty(ids?: readonly string[]): Promise<TrashItem[]>
  }

  /** What questions reused, from the history; queries count once they have their first token. */
  hits: {
    report(request?: HitsInput): Promise<HitsReport>
    /** Of a document, a section or a chunk, and why its newest misses happened. */
    of(node: string): Promise<NodeHits>
    /** Where tokens came from, or hit rates of sets or documents, over time. */
    timeline(request?: TimelineInput): Promise<HitTimeline>
    /** Newest first. */
    history(request?: HistoryInput): Promise<PastQuery[]>
    /** By its number, with request and answer where they are kept. */
    query(id: number): Promise<WholeQuery>
  }

  bench: Benches

  home: {
    show(request?: HomeInput): Promise<Home>
    /** Of a set, by id or name. */
    needs(set: string): Promise<SetNeeds>
  }
  /** What a person has set in the window; the command line shows and changes it, too. */
  preferences: {
    all(): Record<string, Json>
    /** `null` forgets it. */
    set(name: string, value: Json): void
  }

  /** For benches and tests. */
  makeRandomModel(params: RandomModelParams): Promise<{ bytes: number }>
}
