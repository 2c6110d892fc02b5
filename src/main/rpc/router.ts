/** The core's surface as a tRPC router: names and shapes are `Workbench`'s; this file checks inputs and maps errors. */
import { initTRPC, TRPCError } from '@trpc/server'
import superjson from 'superjson'
import { z } from 'zod'
import { askRequest } from '../../shared/answer'
import { benchOptions } from '../../shared/bench'
import { calibrateOptions } from '../../shared/calibration'
import { digest } from '../../shared/engine'
import { homeRequest } from '../../shared/home'
import { toErrorData, WorkbenchError, type ErrorCode, type ErrorData } from '../../shared/errors'
import { estimateRequest } from '../../shared/estimate'
import { historyRequest, hitsRequest, timelineRequest } from '../../shared/hits'
import { nodeId, searchOptions, selection } from '../../shared/knowledge'
import { outlinePage } from '../../shared/outline'
import { importFile, importSource, uploadFiles } from '../../shared/preview'
import { preferenceName, preferenceValue } from '../../shared/preferences'
import { calibrateProfilesOptions, CODED_PROFILES } from '../../shared/profile'
import { trashId, trashIds } from '../../shared/trash'
import { raceRequest } from '../../shared/race'
import {
  crashReport,
  pickKinds,
  saveRequest,
  shownKeys,
  type PickKind,
  type SaveRequest,
  type ShellEvent,
  type ShellFacts,
  type ShownKeys,
} from '../../shared/shell'
import { cachePage, chosenCaches, cleanFilter, drawOptions } from '../../shared/upkeep'
import { buildOptions, jobMove, type Workbench } from '../../shared/workbench'
import { adding } from './adding'
import { MAX_FOLDERS, MAX_NAME_CHARS, MAX_PATH_CHARS, MAX_PATHS, MAX_PIECE_CHARS, MAX_QUERY_CHARS, MAX_UPLOAD_CHARS, MAX_UPLOAD_FILES } from './limits'
import type { CrashReports } from '../base/crash-reports'
import { announce, changesForPage, type PageId } from './changes'

/** What the window around the page can do. */
export interface Shell {
  /** Asks the person with the system's dialog. */
  pickPaths(what: PickKind): Promise<string[]>
  /** Writes the whole file where the person chooses. */
  saveFile(request: SaveRequest): Promise<string | null>
  events(signal: AbortSignal): AsyncIterable<ShellEvent>
  /** What runs the page's commands, for the menu to show. */
  showKeys(keys: ShownKeys): void
}

export interface RpcContext {
  readonly workbench: Workbench
  readonly carrier: 'ipc' | 'http' | 'cli'
  /** The connection that asks. */
  readonly page: PageId
  /** What the window around the page can do; null in a browser. */
  readonly shell: Shell | null
  readonly crashes: CrashReports
  /** Resolves when the client has read most of what was sent: subscriptions wait for it between events. */
  readonly drained: () => Promise<void>
}

const t = initTRPC.context<RpcContext>().create({
  transformer: superjson,
  isDev: false, // no stack traces in answers
  errorFormatter: ({ shape, error }) => {
    const { code, message, detail } = errorData(error)
    return { ...shape, message, data: { ...shape.data, workbenchCode: code, detail } }
  },
})

/** Tells other pages of what changed, and gives a thrown `WorkbenchError` the HTTP status that fits its code. */
const procedure = t.procedure.use(async ({ next, ctx, type, path, getRawInput }) => {
  const result = await next()
  if (result.ok && type === 'mutation') announce(ctx.workbench, { page: ctx.page, path, input: await getRawInput() })
  if (result.ok || !(result.error.cause instanceof WorkbenchError)) return result
  const { cause } = result.error
  throw new TRPCError({ code: TRPC_CODES[cause.code] ?? 'INTERNAL_SERVER_ERROR', message: cause.message, cause })
})

const NEVER = new AbortController().signal
const keptRequest = askRequest.extend({ keepMissed: z.boolean().default(true) })
const name = z.string().trim().min(1).max(MAX_NAME_CHARS)
const set = z.string().min(1).max(MAX_NAME_CHARS)
const id = z.string().min(1).max(MAX_NAME_CHARS)
const race = z.int().positive()
const path = z.string().min(1).max(MAX_PATH_CHARS)
const folders = z.array(path).max(MAX_FOLDERS).default([])
/** One or several. */
const documents = z.union([nodeId, z.array(nodeId).min(1).max(MAX_PATHS)])
/** Bytes in a message. */
const base64 = z.base64().max(MAX_PIECE_CHARS).transform((text): Uint8Array => Buffer.from(text, 'base64'))
const piece = z.object({ name: z.string().min(1).max(1024), start: z.int().nonnegative(), data: base64 })
const upload = z.object({ name: z.string().min(1).max(1024), text: z.string().max(MAX_UPLOAD_CHARS) })
const uploads = z
  .array(upload)
  .min(1)
  .max(MAX_UPLOAD_FILES)
  .refine((files) => files.reduce((sum, file) => sum + file.text.length, 0) <= MAX_UPLOAD_CHARS, {
    message: `Expected at most ${MAX_UPLOAD_CHARS} characters in one upload; send the files in several`,
  })

export const router = t.router({
  status: procedure.query(({ ctx }) => ctx.workbench.status()),
  doctor: procedure.query(({ ctx }) => ctx.workbench.doctor()),

  models: t.router({
    list: procedure.query(({ ctx }) => ctx.workbench.models.list()),
    add: procedure
      .input(z.object({ path, name: id.optional() }))
      .mutation(({ ctx, input, signal }) => ctx.workbench.models.add(input.path, { name: input.name, signal })),
    /** The same, telling how much of the file has been read; unsubscribing stops it. */
    adding: procedure.input(z.object({ path, name: id.optional() })).subscription(async function* ({ ctx, input, signal }) {
      for await (const event of adding(ctx.workbench.models, input, signal)) {
        yield event
        await ctx.drained()
      }
    }),
    discover: procedure.query(({ ctx, signal }) => ctx.workbench.models.discover({ signal })),
    remove: procedure.input(z.object({ model: id })).mutation(({ ctx, input }) => ctx.workbench.models.remove(input.model)),
    setDefault: procedure
      .input(z.object({ model: id }))
      .mutation(({ ctx, input }) => ctx.workbench.models.setDefault(input.model)),
    fit: procedure.input(z.object({ model: id })).query(({ ctx, input }) => ctx.workbench.models.fit(input.model)),
    inspect: procedure
      .input(z.object({ model: path }))
      .query(({ ctx, input }) => ctx.workbench.models.inspect(input.model)),
    check: procedure
      .input(z.object({ model: id }))
      .mutation(({ ctx, input }) => ctx.workbench.models.check(input.model)),
    calibrate: procedure
      .input(z.object({ model: id, options: calibrateOptions.prefault({}) }))
      .mutation(({ ctx, input }) => ctx.workbench.models.calibrate(input.model, input.options)),
    calibration: procedure
      .input(z.object({ model: id, set: set.optional() }))
      .query(({ ctx, input }) => ctx.workbench.models.calibration(input.model, input.set)),
  }),

  sets: t.router({
    list: procedure.query(({ ctx }) => ctx.workbench.sets.list()),
    create: procedure
      .input(z.object({ name, model: id.optional() }))
      .mutation(({ ctx, input }) => ctx.workbench.sets.create(input.name, { model: input.model })),
    show: procedure.input(z.object({ set })).query(({ ctx, input }) => ctx.workbench.sets.show(input.set)),
    outline: procedure
      .input(z.object({ set, page: outlinePage.prefault({}) }))
      .query(({ ctx, input }) => ctx.workbench.sets.outline(input.set, input.page)),
    cacheBytes: procedure.input(z.object({ set })).query(({ ctx, input }) => ctx.workbench.sets.cacheBytes(input.set)),
    selected: procedure
      .input(z.object({ set, selection }))
      .query(({ ctx, input }) => ctx.workbench.sets.selected(input.set, input.selection)),
    rename: procedure
      .input(z.object({ set, name }))
      .mutation(({ ctx, input }) => ctx.workbench.sets.rename(input.set, input.name)),
    remove: procedure.input(z.object({ set })).mutation(({ ctx, input }) => ctx.workbench.sets.remove(input.set)),
    restore: procedure
      .input(z.object({ id: trashId }))
      .mutation(({ ctx, input }) => ctx.workbench.sets.restore(input.id)),
    ensureSample: procedure.mutation(({ ctx }) => ctx.workbench.sets.ensureSample()),
  }),

  selections: t.router({
    list: procedure.input(z.object({ set })).query(({ ctx, input }) => ctx.workbench.selections.list(input.set)),
    save: procedure
      .input(z.object({ set, name, selection }))
      .mutation(({ ctx, input }) => ctx.workbench.selections.save(input.set, input.name, input.selection)),
    remove: procedure
      .input(z.object({ set, name }))
      .mutation(({ ctx, input }) => ctx.workbench.selections.remove(input.set, input.name)),
  }),

  documents: t.router({
    show: procedure.input(z.object({ id: nodeId })).query(({ ctx, input }) => ctx.workbench.documents.show(input.id)),
    add: procedure
      .input(z.object({ set, paths: z.array(path).min(1).max(MAX_PATHS) }))
      .mutation(({ ctx, input }) => ctx.workbench.documents.add(input.set, input.paths)),
    addText: procedure
      .input(z.object({ set, files: uploads }))
      .mutation(({ ctx, input }) => ctx.workbench.documents.addText(input.set, input.files)),
    preview: procedure.input(z.object({ set, from: importSource })).subscription(async function* ({ ctx, input, signal }) {
      for await (const event of ctx.workbench.documents.preview(input.set, input.from, { signal })) {
        yield event
        await ctx.drained()
      }
    }),
    look: procedure
      .input(z.object({ set, file: importFile }))
      .query(({ ctx, input, signal }) => ctx.workbench.documents.look(input.set, input.file, { signal })),
    addUpload: procedure
      .input(z.object({ set, upload: z.uuid() }))
      .mutation(({ ctx, input }) => ctx.workbench.documents.addUpload(input.set, input.upload)),
    uploads: t.router({
      begin: procedure
        .input(z.object({ files: uploadFiles }))
        .mutation(({ ctx, input }) => ctx.workbench.documents.uploads.begin(input.files)),
      put: procedure
        .input(z.object({ upload: z.uuid(), pieces: z.array(piece).min(1).max(MAX_UPLOAD_FILES) }))
        .mutation(({ ctx, input }) => ctx.workbench.documents.uploads.put(input.upload, input.pieces)),
      discard: procedure
        .input(z.object({ upload: z.uuid() }))
        .mutation(({ ctx, input }) => ctx.workbench.documents.uploads.discard(input.upload)),
    }),
    outcomes: procedure
      .input(z.object({ job: id }))
      .query(({ ctx, input }) => ctx.workbench.documents.outcomes(input.job)),
    tokens: procedure
      .input(z.object({ id: nodeId }))
      .query(({ ctx, input }) => ctx.workbench.documents.tokens(input.id)),
    text: procedure.input(z.object({ id: nodeId })).query(({ ctx, input }) => ctx.workbench.documents.text(input.id)),
    search: procedure
      .input(z.object({ set, query: z.string().max(MAX_QUERY_CHARS), options: searchOptions.prefault({}) }))
      .query(({ ctx, input }) => ctx.workbench.documents.search(input.set, input.query, input.options)),
    remove: procedure
      .input(z.object({ id: documents }))
      .mutation(({ ctx, input }) => ctx.workbench.documents.remove(input.id)),
    restore: procedure
      .input(z.object({ id: documents }))
      .mutation(({ ctx, input }) => ctx.workbench.documents.restore(input.id)),
    versions: procedure
      .input(z.object({ id: nodeId }))
      .query(({ ctx, input }) => ctx.workbench.documents.versions(input.id)),
    sync: t.router({
      folders: procedure
        .input(z.object({ set }))
        .query(({ ctx, input }) => ctx.workbench.documents.sync.folders(input.set)),
      preview: procedure
        .input(z.object({ set, folders }))
        .query(({ ctx, input }) => ctx.workbench.documents.sync.preview(input.set, input.folders)),
      run: procedure
        .input(z.object({ set, folders }))
        .mutation(({ ctx, input }) => ctx.workbench.documents.sync.run(input.set, input.folders)),
      remember: procedure
        .input(z.object({ set, folders }))
        .mutation(({ ctx, input }) => ctx.workbench.documents.sync.remember(input.set, input.folders)),
      forget: procedure
        .input(z.object({ set, folders }))
        .mutation(({ ctx, input }) => ctx.workbench.documents.sync.forget(input.set, input.folders)),
      watch: procedure.input(z.object({ set })).subscription(async function* ({ ctx, input, signal }) {
        for await (const diff of ctx.workbench.documents.sync.watch(input.set, { signal })) {
          yield diff
          await ctx.drained()
        }
      }),
    }),
  }),

  build: procedure
    .input(z.object({ set, options: buildOptions.prefault({}) }))
    .mutation(({ ctx, input }) => ctx.workbench.build(input.set, input.options)),

  store: t.router({
    stats: procedure.query(({ ctx }) => ctx.workbench.store.stats()),
    list: procedure.input(cachePage.prefault({})).query(({ ctx, input }) => ctx.workbench.store.list(input)),
    cache: procedure.input(z.object({ key: digest })).query(({ ctx, input }) => ctx.workbench.store.cache(input.key)),
    /** Computes: leaving aborts it. */
    draw: procedure
      .input(z.object({ key: digest, options: drawOptions.prefault({}) }))
      .query(({ ctx, input, signal }) => ctx.workbench.store.draw(input.key, input.options, { signal })),
    chosen: t.router({
      verify: procedure
        .input(z.object({ chosen: chosenCaches }))
        .mutation(({ ctx, input }) => ctx.workbench.store.chosen.verify(input.chosen)),
      pin: procedure
        .input(z.object({ chosen: chosenCaches, pinned: z.boolean() }))
        .mutation(({ ctx, input }) => ctx.workbench.store.chosen.pin(input.chosen, input.pinned)),
      evict: procedure
        .input(z.object({ chosen: chosenCaches }))
        .mutation(({ ctx, input }) => ctx.workbench.store.chosen.evict(input.chosen)),
      rebuild: procedure
        .input(z.object({ chosen: chosenCaches }))
        .mutation(({ ctx, input }) => ctx.workbench.store.chosen.rebuild(input.chosen)),
      recode: procedure
        .input(z.object({ chosen: chosenCaches, profile: z.enum(CODED_PROFILES) }))
        .mutation(({ ctx, input }) => ctx.workbench.store.chosen.recode(input.chosen, input.profile)),
    }),
    calibrate: procedure
      .input(z.object({ model: id, options: calibrateProfilesOptions.prefault({}) }))
      .mutation(({ ctx, input }) => ctx.workbench.store.calibrate(input.model, input.options)),
    profiles: procedure
      .input(z.object({ model: id }))
      .query(({ ctx, input }) => ctx.workbench.store.profiles(input.model)),
    recode: procedure
      .input(z.object({ set, profile: z.enum(CODED_PROFILES) }))
      .mutation(({ ctx, input }) => ctx.workbench.store.recode(input.set, input.profile)),
    scrub: procedure
      .input(z.object({ set: set.optional() }))
      .mutation(({ ctx, input }) => ctx.workbench.store.scrub(input)),
    scrubbed: procedure.input(z.object({ job: id })).query(({ ctx, input }) => ctx.workbench.store.scrubbed(input.job)),
    pin: procedure
      .input(z.object({ node: set, pinned: z.boolean() }))
      .mutation(({ ctx, input }) => ctx.workbench.store.pin(input.node, input.pinned)),
    preview: procedure.input(cleanFilter).query(({ ctx, input }) => ctx.workbench.store.preview(input)),
    clean: procedure.input(cleanFilter).mutation(({ ctx, input }) => ctx.workbench.store.clean(input)),
    trash: procedure.query(({ ctx }) => ctx.workbench.store.trash()),
    restore: procedure
      .input(z.object({ batch: z.int().positive() }))
      .mutation(({ ctx, input }) => ctx.workbench.store.restore(input.batch)),
    emptyTrash: procedure.mutation(({ ctx }) => ctx.workbench.store.emptyTrash()),
    setQuota: procedure
      .input(z.object({ bytes: z.number().nonnegative().nullable() }))
      .mutation(({ ctx, input }) => ctx.workbench.store.setQuota(input.bytes)),
    collect: procedure.mutation(({ ctx }) => ctx.workbench.store.collect()),
    /** What other pages and other programs changed, from now on. */
    changes: procedure.subscription(async function* ({ ctx, signal }) {
      for await (const change of changesForPage(ctx.workbench, { page: ctx.page, signal: signal ?? NEVER })) {
        yield change
        await ctx.drained()
      }
    }),
  }),

  trash: t.router({
    list: procedure.query(({ ctx }) => ctx.workbench.trash.list()),
    restore: procedure
      .input(z.object({ ids: trashIds }))
      .mutation(({ ctx, input }) => ctx.workbench.trash.restore(input.ids)),
    empty: procedure
      .input(z.object({ ids: trashIds.optional() }))
      .mutation(({ ctx, input }) => ctx.workbench.trash.empty(input.ids)),
  }),

  hits: t.router({
    report: procedure
      .input(hitsRequest.prefault({}))
      .query(({ ctx, input }) => ctx.workbench.hits.report(input)),
    of: procedure.input(z.object({ id: nodeId })).query(({ ctx, input }) => ctx.workbench.hits.of(input.id)),
    timeline: procedure
      .input(timelineRequest.prefault({}))
      .query(({ ctx, input }) => ctx.workbench.hits.timeline(input)),
    history: procedure
      .input(historyRequest.prefault({}))
      .query(({ ctx, input }) => ctx.workbench.hits.history(input)),
    query: procedure
      .input(z.object({ id: z.int().positive() }))
      .query(({ ctx, input }) => ctx.workbench.hits.query(input.id)),
  }),

  home: t.router({
    show: procedure.input(homeRequest.prefault({})).query(({ ctx, input }) => ctx.workbench.home.show(input)),
    needs: procedure.input(z.object({ set })).query(({ ctx, input }) => ctx.workbench.home.needs(input.set)),
  }),

  bench: t.router({
    start: procedure.input(benchOptions).mutation(({ ctx, input }) => ctx.workbench.bench.start(input)),
    estimate: procedure.input(benchOptions).query(({ ctx, input }) => ctx.workbench.bench.estimate(input)),
    suites: procedure.query(({ ctx }) => ctx.workbench.bench.suites()),
    live: procedure.input(z.object({ job: id })).query(({ ctx, input }) => ctx.workbench.bench.live(input.job)),
    list: procedure.query(({ ctx }) => ctx.workbench.bench.list()),
    report: procedure.input(z.object({ id })).query(({ ctx, input }) => ctx.workbench.bench.report(input.id)),
    compare: procedure
      .input(z.object({ first: id, second: id }))
      .query(({ ctx, input }) => ctx.workbench.bench.compare(input.first, input.second)),
    importReport: procedure
      .input(z.union([z.strictObject({ path }), z.strictObject({ text: z.string().max(MAX_UPLOAD_CHARS) })]))
      .mutation(({ ctx, input }) => ctx.workbench.bench.importReport(input)),
    remove: procedure.input(z.object({ id })).mutation(({ ctx, input }) => ctx.workbench.bench.remove(input.id)),
    restore: procedure.input(z.object({ id })).mutation(({ ctx, input }) => ctx.workbench.bench.restore(input.id)),
  }),

  preferences: t.router({
    all: procedure.query(({ ctx }) => ctx.workbench.preferences.all()),
    set: procedure
      .input(z.object({ name: preferenceName, value: preferenceValue }))
      .mutation(({ ctx, input }) => ctx.workbench.preferences.set(input.name, input.value)),
  }),

  jobs: t.router({
    list: procedure.query(({ ctx }) => ctx.workbench.jobs.list()),
    finished: procedure.input(z.object({ id })).query(({ ctx, input }) => ctx.workbench.jobs.finished(input.id)),
    cancel: procedure.input(z.object({ id })).mutation(({ ctx, input }) => ctx.workbench.jobs.cancel(input.id)),
    pause: procedure.input(z.object({ id })).mutation(({ ctx, input }) => ctx.workbench.jobs.pause(input.id)),
    resume: procedure.input(z.object({ id })).mutation(({ ctx, input }) => ctx.workbench.jobs.resume(input.id)),
    retry: procedure.input(z.object({ id })).mutation(({ ctx, input }) => ctx.workbench.jobs.retry(input.id)),
    move: procedure
      .input(z.object({ id, to: jobMove }))
      .mutation(({ ctx, input }) => ctx.workbench.jobs.move(input.id, input.to)),
    clear: procedure.mutation(({ ctx }) => ctx.workbench.jobs.clear()),
    watch: procedure.subscription(async function* ({ ctx, signal }) {
      for await (const job of ctx.workbench.jobs.watch(signal)) {
        yield job
        await ctx.drained()
      }
    }),
  }),

  /** Unsubscribing aborts the engine's work. Whoever asks here stays, so that a build afterwards is of use. */
  ask: procedure.input(keptRequest).subscription(async function* ({ ctx, input, signal }) {
    for await (const event of ctx.workbench.ask(input, { signal })) {
      yield event
      await ctx.drained()
    }
  }),

  /** Unsubscribing ends it, and nothing of it is kept. */
  race: procedure.input(raceRequest).subscription(async function* ({ ctx, input, signal }) {
    for await (const event of ctx.workbench.race(input, { signal })) {
      yield event
      await ctx.drained()
    }
  }),
  races: t.router({
    list: procedure.query(({ ctx }) => ctx.workbench.races.list()),
    get: procedure.input(z.object({ id: race })).query(({ ctx, input }) => ctx.workbench.races.get(input.id)),
    remove: procedure.input(z.object({ id: race })).mutation(({ ctx, input }) => ctx.workbench.races.remove(input.id)),
    restore: procedure.input(z.object({ id: race })).mutation(({ ctx, input }) => ctx.workbench.races.restore(input.id)),
  }),
  estimate: procedure
    .input(estimateRequest)
    .query(({ ctx, input, signal }) => ctx.workbench.estimate(input, { signal })),
  provenance: procedure
    .input(z.object({ query: z.int().positive() }))
    .query(({ ctx, input, signal }) => ctx.workbench.provenance(input.query, { signal })),

  /** What this face can do beside the core's calls. */
  shell: t.router({
    facts: procedure.query(({ ctx }): ShellFacts => ({
      carrier: ctx.carrier,
      canPickPaths: ctx.shell !== null,
      canSaveFiles: ctx.shell !== null,
    })),
    /** What the person chose; [] when they cancelled. */
    pickPaths: procedure
      .input(z.object({ what: z.enum(pickKinds) }))
      .mutation(({ ctx, input }) => shellOf(ctx, 'file dialog; upload the files instead').pickPaths(input.what)),
    /** The place where the person had it saved; null when they cancelled. */
    saveFile: procedure
      .input(saveRequest)
      .mutation(({ ctx, input }) => shellOf(ctx, 'file dialog; download the file instead').saveFile(input)),
    /** Commands of the menu, links that were opened: for the page to carry out and to show. */
    events: procedure.subscription(async function* ({ ctx, signal }) {
      if (ctx.shell) yield* ctx.shell.events(signal ?? NEVER)
    }),
    showKeys: procedure.input(shownKeys).mutation(({ ctx, input }) => ctx.shell?.showKeys(input)),
    /** A fault of the page itself, to keep in the data folder. @returns whether it was kept */
    reportCrash: procedure
      .input(crashReport)
      .mutation(({ ctx, input }) => ctx.crashes.write({ ...input, place: 'page' })),
  }),
})

function shellOf({ shell }: RpcContext, what: string): Shell {
  if (shell) return shell
  throw new WorkbenchError('argument.invalid', `Only the desktop window has a ${what}.`)
}

export type AppRouter = typeof router

const TRPC_CODES: Partial<Record<ErrorCode, TRPCError['code']>> = {
  'argument.invalid': 'BAD_REQUEST',
  'document.invalid': 'BAD_REQUEST',
  'document.unsupported': 'BAD_REQUEST',
  'not-found': 'NOT_FOUND',
  conflict: 'CONFLICT',
  cancelled: 'CLIENT_CLOSED_REQUEST',
}

/** Code and text that a client is shown; what tRPC itself refuses is `argument.invalid`. */
function errorData(error: TRPCError): ErrorData {
  const { cause } = error
  if (cause instanceof z.ZodError) return { code: 'argument.invalid', message: z.prettifyError(cause) }
  if (error.code === 'INTERNAL_SERVER_ERROR' || cause instanceof WorkbenchError) return toErrorData(cause ?? error)
  return { code: error.code === 'CLIENT_CLOSED_REQUEST' ? 'cancelled' : 'argument.invalid', message: error.message }
}
