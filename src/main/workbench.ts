/** Composition root: opens everything, closes in reverse. */
import { existsSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { AskEvent } from '../shared/answer'
import { calibrateOptions, type CalibrateInput } from '../shared/calibration'
import { loadOptions, type LoadOptions } from '../shared/engine'
import { WorkbenchError } from '../shared/errors'
import type { SetSummary } from '../shared/knowledge'
import {
  buildOptions,
  type BuildInput,
  type JobState,
  type KnownModel,
  type ModelSummary,
  type Status,
  type Workbench,
} from '../shared/workbench'
import { dataDirPath } from './base/data-dir'
import { errorText } from './base/error-code'
import { log } from './base/log'
import { Serial } from './base/serial'
import { formOf } from './build/coded'
import { Knowledge } from './build/knowledge'
import { Making } from './build/making'
import { Chunks } from './documents/chunks'
import { Conversions } from './documents/conversions'
import { Folders } from './documents/folders'
import { Library } from './documents/library'
import { Removed } from './documents/removed'
import { Sets, type KnowledgeSet } from './documents/sets'
import { Uploads } from './documents/uploads'
import { Versions } from './documents/versions'
import { doctor } from './engine/doctor'
import { Engine } from './engine/engine'
import { engineVersion } from './engine/engine-version'
import type { HostLauncher } from './engine/host-process'
import type { PlaceToLook } from './engine/model-places'
import { ModelRegistry } from './engine/model-registry'
import { appRoot, unpacked } from './engine/places'
import { Jobs } from './jobs/jobs'
import { hitsReport, hitTimeline, pastQueriesOf, wholeQueryOf, type HistorySources } from './metrics/report'
import { Search } from './retrieval/search'
import { openModel, type OpenModel } from './session/models'
import type { Missed } from './session/query'
import { findCalibration } from './store/calibrations'
import { latestVerdict } from './store/model-checks'
import { modelRows } from './store/model-rows'
import { Preferences } from './store/preferences'
import { openStore, type Store } from './store/store'
import { benchDesk } from './workbench/bench-desk'
import { UnfinishedJobs } from './store/unfinished-jobs'
import { buildJob, type BuildWanted } from './workbench/build-job'
import { asking, type Asking } from './workbench/asking'
import { calibrateJob } from './workbench/calibrate-job'
import { checkJob } from './workbench/check-job'
import { chunkAt, documentCare } from './workbench/documents'
import { incomingFiles } from './workbench/import-job'
import { Importing } from './workbench/importing'
import { isUploadWanted, jobCare } from './workbench/job-care'
import { modelCare } from './workbench/model-care'
import { races } from './workbench/races'
import { bundledModelPath, readSample } from './workbench/sample'
import { setViews, summaryOf, type SetViews } from './workbench/set-views'
import { homeOf } from './workbench/home'
import { storeCare } from './workbench/store-care'
import { emptyOldTrash, trashCare } from './workbench/trash'

export interface WorkbenchOptions {
  /** Default: `KVASIR_DATA_DIR`, else the platform's place for data. */
  readonly dataDir?: string
  /** How the engine's host is started; default a child of plain Node. */
  readonly launch?: HostLauncher
  /** The engine itself, for tests; it is closed with the workbench. */
  readonly engine?: Engine
  /** The folder that holds `models/demo/`; default Kvasir's own. */
  readonly resourcesDir?: string
  /** Default: of Kvasir's package. */
  readonly version?: string
  /** Benches measure on an engine of their own; default one of its own host, started like the engine's. */
  readonly benchEngine?: () => Engine
  /** Device, layers on it, threads. */
  readonly load?: Partial<LoadOptions>
  /** Where models of other programs are looked for; default: in the usual places. */
  readonly places?: readonly PlaceToLook[]
}

/** @throws store.damaged, conflict, file.unreadable, store.full */
export async function openWorkbench(options: WorkbenchOptions = {}): Promise<Workbench> {
  const dataDir = dataDirPath(options.dataDir)
  const resourcesDir = options.resourcesDir ?? unpacked(appRoot())
  const version = options.version ?? (await packageVersion())
  await using opened = new AsyncDisposableStack()
  const store = opened.use(await openStore(dataDir))
  const engine = opened.use(options.engine ?? new Engine({ launch: options.launch }))
  const jobs = opened.use(new Jobs())
  const core = new Core(
    {
      dataDir,
      resourcesDir,
      version,
      store,
      engine,
      jobs,
      load: loadOptions.parse(options.load ?? {}),
      places: options.places,
      openEngine: options.benchEngine ?? (() => new Engine({ launch: options.launch })),
    },
    opened.move(),
  )
  return core
}

interface Parts {
  readonly dataDir: string
  readonly resourcesDir: string
  readonly version: string
  readonly store: Store
  readonly engine: Engine
  readonly jobs: Jobs
  readonly load: LoadOptions
  readonly places: readonly PlaceToLook[] | undefined
  readonly openEngine: () => Engine
}

/** How often it is looked whether clearing up is due. */
const TIDY_MS = 60 * 60 * 1000

class Core implements Workbench {
  readonly dataDir: string
  readonly #parts: Parts
  readonly #opened: AsyncDisposableStack
  readonly #registry: ModelRegistry
  readonly #sets: Sets
  readonly #library: Library
  readonly #chunks: Chunks
  readonly #knowledge: Knowledge
  readonly #removed: Removed
  readonly #importing: Importing
  readonly #uploads: Uploads
  /** Two additions of one file at once would be two models. */
  readonly #adding = new Serial()
  /** Of verdicts: what another build found may not hold of this one. */
  readonly #engineVersion: string
  /** Keys that build jobs are going to make for questions that missed them. */
  readonly #keeping = new Set<string>()
  readonly #modelCare: ReturnType<typeof modelCare>
  readonly store: Workbench['store']
  readonly #views: SetViews
  readonly #making = new Making()
  readonly selections: Workbench['selections']
  readonly documents: Workbench['documents']
  readonly trash: Workbench['trash']
  readonly bench: Workbench['bench']
  readonly home: Workbench['home'] = homeOf(() => this)
  readonly race: Workbench['race']
  readonly races: Workbench['races']
  readonly preferences: Workbench['preferences']
  readonly jobs: Workbench['jobs']
  readonly #asking: Asking
  /** Clearing up what crashes left behind, once a day, in nobody's way. */
  #tidied: Promise<void>
  readonly #tidying: NodeJS.Timeout
  /** Aborts queries when the workbench closes. */
  readonly #closing = new AbortController()

  constructor(parts: Parts, opened: AsyncDisposableStack) {
    const { sql } = parts.store
    this.dataDir = parts.dataDir
    this.#parts = parts
    this.#opened = opened
    this.#registry = new ModelRegistry(parts.engine, modelRows(sql))
    this.#sets = new Sets(sql)
    this.#library = new Library(sql)
    this.#removed = new Removed(sql, this.#sets)
    const unfinished = opened.use(new UnfinishedJobs(sql))
    this.#uploads = opened.use(new Uploads(join(parts.dataDir, 'uploads'), (id) => isUploadWanted(unfinished, id)))
    this.#chunks = new Chunks(sql, this.#library)
    this.#knowledge = new Knowledge(this.#library, this.#chunks, parts.store.chunkKeys)
    this.#engineVersion = engineVersion(parts.version)
    this.#modelCare = modelCare({
      ...parts,
      registry: this.#registry,
      sets: this.#sets,
      removed: this.#removed,
      chooseModel: (wanted) => this.#chooseModel(wanted),
    })
    this.preferences = new Preferences(sql)
    this.jobs = jobCare({ jobs: parts.jobs, unfinished, workbench: () => this })
    this.#tidied = this.#tidy()
    this.#tidying = setInterval(() => {
      this.#tidied = this.#tidied.then(() => this.#tidy())
    }, TIDY_MS).unref()
    this.bench = benchDesk(parts)
    const openModel = (id: string): Promise<OpenModel> => this.#openModel(id)
    this.store = storeCare({
      ...parts,
      sets: this.#sets,
      library: this.#library,
      chunks: this.#chunks,
      knowledge: this.#knowledge,
      models: () => this.#registry.list(),
      chooseModel: (wanted) => this.#chooseModel(wanted),
      openModel,
    })
    const reading = {
      jobs: parts.jobs,
      store: parts.store,
      uploads: this.#uploads,
      conversions: new Conversions(),
      sets: this.#sets,
      library: this.#library,
      chunks: this.#chunks,
      knowledge: this.#knowledge,
      search: new Search(sql, this.#library, this.#chunks),
      openModel: (id: string) => this.#openModel(id),
    }
    this.#asking = asking({
      ...parts,
      sets: this.#sets,
      chunks: this.#chunks,
      knowledge: this.#knowledge,
      engineVersion: this.#engineVersion,
      closing: this.#closing.signal,
      openModel,
      keep: (set, missed) => this.#keep(set, missed),
      chunkOf: (id) => chunkAt(reading, id),
    })
    this.#views = setViews({ ...reading, making: this.#making })
    this.selections = this.#views.selections
    this.#importing = new Importing(reading)
    this.documents = documentCare({
      ...reading,
      folders: new Folders(sql),
      removed: this.#removed,
      versions: new Versions(sql, this.#library),
      importing: this.#importing,
      show: this.#views.document,
      tokens: (id) => this.#asking.tokens(id),
      closing: this.#closing.signal,
    })
    this.trash = trashCare({ store: parts.store, removed: this.#removed, models: () => this.#registry.list() })
    const { services } = this.#asking
    const raced = races({ services, jobs: parts.jobs, sets: this.#sets, closing: this.#closing.signal, openModel })
    this.race = raced.race
    this.races = raced.races
  }

  readonly models: Workbench['models'] = {
    discover: (options) => this.#modelCare.discover(options),
    fit: (id) => this.#modelCare.fit(id),
    remove: (id) => this.#modelCare.remove(id),
    setDefault: async (id) => this.#withVerdict(await this.#modelCare.setDefault(id)),
    list: async () => {
      await this.#addBundledModel()
      return this.#registry.list().map((model) => this.#withVerdict(model))
    },
    add: async (path, options) =>
      this.#withVerdict(await this.#adding.run(() => this.#registry.add(path, options))),
    inspect: async (idOrPath) => {
      await this.#addBundledModel()
      return await this.#registry.inspect(idOrPath)
    },
    check: async (wanted) => {
      const { id } = await this.#chooseModel(wanted)
      const { engine, store, jobs } = this.#parts
      const open = (): Promise<OpenModel> => this.#openModel(id)
      return jobs.start(checkJob(id, { engine, store, engineVersion: this.#engineVersion, open }))
    },
    calibrate: (wanted, options) => this.#calibrate(wanted, options),
    calibration: async (wanted, set) => {
      const { fingerprint } = await this.#chooseModel(wanted)
      return findCalibration(this.#parts.store.sql, fingerprint, set === undefined ? null : this.#sets.find(set).id)
    },
  }

  readonly sets: Workbench['sets'] = {
    list: async () => this.#sets.list().map(summaryOf),
    create: async (name, { model } = {}) => summaryOf(this.#sets.create(name, (await this.#chooseModel(model)).id)),
    show: (set) => this.#views.sets.show(set),
    outline: (set, page) => this.#views.sets.outline(set, page),
    cacheBytes: (set) => this.#views.sets.cacheBytes(set),
    selected: (set, selection) => this.#views.sets.selected(set, selection),
    rename: (set, name) => this.#views.sets.rename(set, name),
    remove: async (set) => this.#removed.removeSet(this.#sets.find(set).row),
    restore: async (id) => {
      await this.trash.restore([id])
      return summaryOf(this.#sets.find(id))
    },
    ensureSample: () => this.#ensureSample(),
  }

  readonly hits: Workbench['hits'] = {
    report: async (request) => hitsReport(this.#history(), request),
    of: (node) => this.#views.hitsOf(node),
    timeline: async (request) => hitTimeline(this.#history(), request),
    history: async (request) => pastQueriesOf(this.#history(), request),
    query: async (id) => wholeQueryOf(this.#history(), id),
  }

  status(): Status {
    const { version, engine, store, jobs } = this.#parts
    return { version, engine: engine.status(), store: store.upkeep.stats(), jobs: jobs.list() }
  }

  doctor(): ReturnType<Workbench['doctor']> {
    return doctor(this.#parts.engine, { version: this.#parts.version, dataDir: this.dataDir })
  }

  async build(set: string, input: BuildInput = {}): Promise<JobState> {
    const { variants, profile, documents, after } = buildOptions.parse(input)
    const found = this.#sets.find(set)
    if (profile === undefined || profile === found.profile) return this.#build(found, { variants, documents, after })
    const { identity, summary } = await this.#openModel(found.model)
    formOf(this.#parts.store, { id: summary.id, fingerprint: identity.fingerprint }, profile)
    this.#sets.keepAs(found, profile)
    return this.#build({ ...found, profile }, { variants, documents, after })
  }

  ask(...args: Parameters<Workbench['ask']>): AsyncIterable<AskEvent> {
    return this.#asking.ask(...args)
  }

  estimate(...args: Parameters<Workbench['estimate']>): ReturnType<Workbench['estimate']> {
    return this.#asking.estimate(...args)
  }

  provenance(...args: Parameters<Workbench['provenance']>): ReturnType<Workbench['provenance']> {
    return this.#asking.provenance(...args)
  }

  makeRandomModel(params: Parameters<Workbench['makeRandomModel']>[0]): Promise<{ bytes: number }> {
    return this.#parts.engine.call('randomModel', params)
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#closing.abort()
    clearInterval(this.#tidying)
    await this.#tidied
    await this.#opened.disposeAsync()
  }

  async #tidy(): Promise<void> {
    try {
      emptyOldTrash(this.#removed)
      await this.#uploads.sweep()
      await this.#parts.store.upkeep.collectIfDue()
    } catch (error) {
      log('store', errorText(error))
    }
  }

  #history(): HistorySources {
    return { sql: this.#parts.store.sql, sets: this.#sets, library: this.#library, chunks: this.#chunks }
  }

  /** Builds what a question missed, once, however often it is asked meanwhile. */
  #keep(set: KnowledgeSet, { keys, included }: Missed): void {
    const only = keys.difference(this.#keeping)
    if (only.size === 0) return
    for (const key of only) this.#keeping.add(key)
    const { id } = this.#build(set, { variants: ['document', 'bos'], selections: [included], only })
    void this.#parts.jobs.finished(id).then(() => {
      for (const key of only) this.#keeping.delete(key)
    })
  }

  #build(set: KnowledgeSet, wanted: BuildWanted): JobState {
    const { engine, store, jobs } = this.#parts
    const open = (): Promise<OpenModel> => this.#openModel(set.model)
    const parts = { engine, store, library: this.#library, knowledge: this.#knowledge, making: this.#making, open }
    return jobs.start(buildJob(set, parts, wanted))
  }

  async #calibrate(wanted: string, input: CalibrateInput = {}): Promise<JobState> {
    const { set: wantedSet, questions } = calibrateOptions.parse(input)
    const { id } = await this.#chooseModel(wanted)
    const set = wantedSet === undefined ? null : this.#sets.find(wantedSet)
    if (set && set.model !== id) {
      throw new WorkbenchError(
        'argument.invalid',
        `Expected ${set.model}, the model of "${set.name}", but got ${id}. Calibrate that one, or ${id} without a set.`,
      )
    }
    const { engine, store, jobs, resourcesDir } = this.#parts
    const [chunks, knowledge] = [this.#chunks, this.#knowledge]
    const open = (): Promise<OpenModel> => this.#openModel(id)
    const services = { engine, engineVersion: this.#engineVersion, store, chunks, knowledge }
    return jobs.start(calibrateJob(id, { ...services, resourcesDir, open, set, questions }))
  }

  async #ensureSample(): Promise<SetSummary> {
    const sample = await readSample(this.#parts.resourcesDir)
    const model = (await this.#chooseModel(undefined, 'bundled')).id
    // Nothing is awaited from here on: two callers at once get one set.
    const set =
      this.#sets.findSample(model) ??
      this.#sets.create(this.#sets.freeName(sample.name), model, { sample: true, suggestions: sample.questions })
    const isBusy = this.#parts.jobs
      .list()
      .some(({ set: id, status }) => id === set.id && (status === 'running' || status === 'waiting'))
    if (isBusy || set.documents >= sample.documents.length) return summaryOf(set)
    const { id } = this.#importing.start(set, (reading) => incomingFiles(sample.documents, reading), {
      job: 'import',
      set: set.id,
      paths: [...sample.documents],
    })
    this.#build(set, { variants: ['document', 'bos'], after: id })
    return summaryOf(set)
  }

  async #openModel(id: string): Promise<OpenModel> {
    const { engine, store, load } = this.#parts
    return await openModel(id, { engine, registry: this.#registry, sql: store.sql, options: load })
  }

  /** @throws not-found */
  async #chooseModel(id: string | undefined, prefer: 'default' | 'bundled' = 'default'): Promise<KnownModel> {
    const bundled = await this.#addBundledModel()
    if (id !== undefined) return this.#registry.find(id)
    const chosen = prefer === 'bundled' ? (bundled ?? this.#registry.default()) : this.#registry.default()
    if (!chosen) throw new WorkbenchError('not-found', 'There is no model yet. Add one with "kvasir models add FILE".')
    return chosen
  }

  #withVerdict(model: KnownModel): ModelSummary {
    return { ...model, verdict: latestVerdict(this.#parts.store.sql, model.fingerprint, this.#engineVersion) }
  }

  /** The model that comes with Kvasir is known without being added. */
  async #addBundledModel(): Promise<KnownModel | null> {
    const path = bundledModelPath(this.#parts.resourcesDir)
    if (!existsSync(path)) return null
    const { id } = await this.#adding.run(() => this.#registry.add(path, { bundled: true }))
    return this.#registry.list().find((model) => model.path === path) ?? this.#registry.find(id)
  }
}



async function packageVersion(): Promise<string> {
  const { version } = JSON.parse(await readFile(join(appRoot(), 'package.json'), 'utf8')) as { version: string }
  return version
}
