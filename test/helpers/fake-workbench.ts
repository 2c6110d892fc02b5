/**
 * A workbench without an engine, in memory and deterministic, for tests of the faces: tokens are words, an answer is
 * put together from the selected chunks, time passes as told. The real one is `src/main/workbench.ts`.
 */
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { askRequest, type Answer, type AskEvent, type AskInput, type ChunkTrace, type Trace } from '../../src/shared/answer'
import type { Estimate } from '../../src/shared/estimate'
import { sentence } from '../../src/shared/details'
import { WorkbenchError } from '../../src/shared/errors'
import type { ImportOutcome, Suggestion } from '../../src/shared/knowledge'
import type { RaceInput } from '../../src/shared/race'
import type { Json } from '../../src/shared/preferences'
import { chunkTokens, fakeEstimate, fakeProvenance, pastQuery, type FakeQuery, UNCALIBRATED } from './fake-asking'
import type { StoreStats } from '../../src/shared/upkeep'
import type { BenchReport } from '../../src/shared/bench-report'
import { fakeCaches } from './fake-caches'
import type { JobState, Workbench } from '../../src/shared/workbench'
import { fakeSync, fakeUploads } from './fake-imports'
import { homeOf } from '../../src/main/workbench/home'
import { fakeBench } from './fake-bench'
import { built, leaves, parse, SAMPLE, trace, tree } from './fake-documents'
import { fakeRaces } from './fake-race'
import { fakeJobs } from './fake-jobs'
import { fakeLibrary, fakeShelf, type FakeSet } from './fake-library'
import { FakeTrash } from './fake-trash'
import { DEMO, fakeModels } from './fake-models'

export interface FakeOptions {
  /** Pause between two steps of a job or two words of an answer, ms. */
  readonly stepMs?: number
  /** Documents of a set "Shelf" that is there from the start, ten chunks each, in every state; none: no such set. */
  readonly shelf?: number
  /** Caches in the store that no set of the fake knows; with some, its history has something to tell. */
  readonly caches?: number
  /** Words of an answer; 0 goes on until aborted. */
  readonly words?: number
  /** Reports of benches that are kept. */
  readonly reports?: readonly BenchReport[]
}

export interface FakeWorkbench extends Workbench {
  /** What reached the core, for tests to look at. */
  readonly seen: { asks: AskInput[]; races: readonly RaceInput[]; aborted: number; disposed: boolean }
  /** The next call of `ask` throws this. */
  failNextAsk: WorkbenchError | null
  /** The next job fails with this. */
  failNextJob: WorkbenchError | null
  /** What `estimate` says, if not the usual. */
  changeEstimate: (estimate: Estimate) => Estimate
  /** Files of the machine, by path, for folders to be compared with. */
  readonly folder: Map<string, string>
  /** Uploads that have neither been imported nor given up. */
  uploaded(): number
}

export function fakeWorkbench(options: FakeOptions = {}): FakeWorkbench {
  const { stepMs = 1, words = 12, caches: cacheCount = 0, shelf = 0 } = options
  const sets: FakeSet[] = []
  const outcomes = new Map<string, ImportOutcome[]>()
  const texts = new Map<string, string>()
  const queries: FakeQuery[] = []
  const trash = new FakeTrash()
  const seen = { asks: [] as AskInput[], races: [] as RaceInput[], aborted: 0, disposed: false }
  let documentCount = 0

  const find = (name: string): FakeSet => {
    const set = sets.find(({ summary }) => summary.id === name || summary.name === name)
    if (!set)
      throw new WorkbenchError(
        'not-found',
        `Expected the id or name of a set but got "${name}". \`kvasir sets list\` shows them.`,
      )
    return set
  }
  const models = fakeModels((model) => sets.filter(({ summary }) => summary.model === model).map(({ summary }) => summary.name))
  const { jobs, calls, start } = fakeJobs(stepMs, DEMO.id)
  const startJob = (kind: JobState['kind'], set: FakeSet | null, total: number, step?: (index: number) => unknown): JobState =>
    start(kind, {
      set: set?.summary ?? null,
      total,
      step: (index) => {
        const { failNextJob: error } = fake
        fake.failNextJob = null
        if (error) throw error
        step?.(index)
      },
    })
  const importFiles = (set: FakeSet, files: readonly { name: string; text: string }[]): JobState => {
    const list: ImportOutcome[] = []
    const job = startJob('import', set, files.length, (index) => {
      const file = files[index]!
      if (file.text.trim() === '') {
        list.push({ source: file.name, document: null, outcome: 'failed', detail: `${file.name} is empty.` })
        // As the core: an import of which nothing is left has failed, with the first file's reason.
        const isNothing = list.length === files.length && list.every(({ outcome }) => outcome === 'failed')
        if (isNothing) throw new WorkbenchError('document.invalid', list[0]!.detail)
        return
      }
      const known = set.documents.find(({ source }) => source === file.name)
      const parsed = parse(known?.id ?? `d${++documentCount}`, file, texts)
      const document = known ? { ...parsed, version: known.version + 1 } : parsed
      if (known) set.documents[set.documents.indexOf(known)] = document
      else set.documents.push(document)
      Object.assign(set.summary, { documents: set.documents.length })
      const outcome = known ? 'new-version' : 'added'
      list.push({ source: file.name, document: document.id, outcome, detail: `${document.tokens} tokens` })
    })
    outcomes.set(job.id, list)
    return job
  }
  const folder = new Map([['/papers/new.md', '# New\n\nSome words.\n']])
  const { uploaded, ...uploads } = fakeUploads({
    source: (name, origin) => find(name).documents.find(({ source }) => source === origin),
    parse: (file) => parse('d0', file, new Map()),
    importFiles: (set, files) => importFiles(find(set), files),
  })
  const sync = fakeSync(folder, {
    documents: (name) => find(name).documents.map(({ id, source, bytes }) => ({ id, source, bytes })),
    importFiles: (set, files) => importFiles(find(set), files),
  })
  const createSet = (name: string): FakeSet => {
    if (sets.some(({ summary }) => summary.name === name))
      throw new WorkbenchError('conflict', `There is a set named "${name}" already. Choose another name.`)
    const set = {
      summary: {
        id: `set${sets.length + 1}`,
        name,
        model: DEMO.id,
        profile: 'f16' as const,
        documents: 0,
        createdAt: '2025-01-01T00:00:00.000Z',
      },
      documents: [],
      suggestions: [] as Suggestion[],
    }
    sets.push(set)
    return set
  }

  async function* ask(input: AskInput, signal?: AbortSignal): AsyncGenerator<AskEvent> {
    const request = askRequest.parse(input)
    seen.asks.push(input)
    if (fake.failNextAsk) {
      const error = fake.failNextAsk
      fake.failNextAsk = null
      throw error
    }
    const set = find(request.set)
    const chunks = trace(set, request.selection, request.strategy)
    const again = chunks.reduce((sum, chunk) => sum + chunk.recomputed.reduce((all, [from, to]) => all + to - from, 0), 0)
    const knowledgeTokens = chunks.reduce((sum, { tokens }) => sum + tokens, 0)
    const pause = async (ms: number): Promise<void> => {
      try {
        await sleep(ms, undefined, { signal })
      } catch {
        seen.aborted++
        throw new WorkbenchError('cancelled', 'Cancelled.')
      }
    }
    // As the core does for a model that nobody has measured.
    const strategy = request.strategy === 'auto' ? 'link:16' : request.strategy
    yield { type: 'plan', strategy, chunks, knowledgeTokens }
    const full = strategy === 'full'
    const ttftMs = full ? 400 : 25
    for (let done = 1; done <= 4; done++) {
      await pause(full ? stepMs * 4 : stepMs)
      yield { type: 'progress', done: Math.round((knowledgeTokens * done) / 4), total: knowledgeTokens }
    }
    yield { type: 'first-token', ttftMs }
    const id = queries.push({ id: queries.length + 1, setName: set.summary.name, request: { ...request, set: set.summary.id }, answer: null })
    const source = chunks.flatMap(({ id }) => (texts.get(id) ?? '').split(/\s+/)).filter(Boolean)
    let text = ''
    for (let index = 0; words === 0 || index < words; index++) {
      await pause(stepMs)
      const word = `${index ? ' ' : ''}${source.length ? source[index % source.length] : 'unknown'}`
      text += word
      yield { type: 'text', text: word }
    }
    const reused = chunks.filter(({ outcome }) => outcome.kind === 'hit').reduce((sum, { tokens }) => sum + tokens, 0)
    const result: Trace = {
      strategy,
      ...(strategy === request.strategy ? { why: null } : { why: sentence(UNCALIBRATED), said: UNCALIBRATED }),
      attempts: [],
      gate: again > 0 ? 'not checked' : null,
      model: DEMO.id,
      device: 'cpu',
      ttftMs,
      knowledgeTokens,
      questionTokens: 14,
      reusedTokens: reused,
      recomputedTokens: again,
      computedTokens: knowledgeTokens - reused + 14,
      hitRate: knowledgeTokens ? (reused - again) / knowledgeTokens : null,
      bytesRead: reused * 2048,
      bytesFromMemory: 0,
      generatedTokens: words,
      decodeTokensPerSecond: 88.4,
      chunks,
      firstTokens: [],
      confidence: 0.93,
      logitsDigest: '0'.repeat(64),
      stages: full
        ? [
            { name: 'plan', startMs: 0, ms: 1, busyMs: 1 },
            { name: 'compute', startMs: 1, ms: 380, busyMs: 380 },
            { name: 'first-token', startMs: 381, ms: 19, busyMs: 19 },
          ]
        : [
            { name: 'plan', startMs: 0, ms: 1, busyMs: 1 },
            { name: 'load', startMs: 1, ms: 14, busyMs: 8 },
            { name: 'compute', startMs: 3, ms: 21, busyMs: 19 },
            { name: 'first-token', startMs: 24, ms: 1, busyMs: 1 },
          ],
      // Two layers: the second is loaded while the first computes.
      work: full
        ? []
        : [
            { what: 'load', from: 0, to: 1, rows: reused, startMs: 1, ms: 2 },
            { what: 'compute', from: 0, to: 1, rows: again + 14, startMs: 3, ms: 10 },
            { what: 'load', from: 1, to: 2, rows: reused, startMs: 9, ms: 6 },
            { what: 'compute', from: 1, to: 2, rows: again + 14, startMs: 15, ms: 9 },
          ],
    }
    const answer: Answer = { text, stop: 'length', trace: result }
    queries[id - 1] = { id, setName: set.summary.name, request: { ...request, set: set.summary.id }, answer }
    yield { type: 'answer', query: id, answer }
  }

  const stats = (): StoreStats => {
    const entries = sets.flatMap(({ documents }) => leaves(documents)).filter(({ state }) => state === 'cached').length
    const bytes = 41_000_000
    const profiles = [{ profile: 'f16' as const, copies: entries, bytes }]
    return { entries, bytes, quarantined: 0, pinned: 0, profiles, trash: { copies: 0, bytes: 0 }, quota: null }
  }
  const preferences = new Map<string, Json>()
  const caches = fakeCaches(cacheCount, (kind, total, step) => startJob(kind, null, total, step))

  const library = fakeLibrary(sets, find)
  if (shelf > 0) {
    const { summary, documents } = createSet('Shelf')
    documents.push(...fakeShelf(shelf, texts))
    documentCount = shelf
    Object.assign(summary, { documents: shelf })
  }
  const raced = fakeRaces({
    stepMs,
    setName: (name) => find(name).summary.name,
    answer: ask,
    onAborted: () => seen.aborted++,
    seen: seen.races,
  })
  const fake: FakeWorkbench = {
    dataDir: join(tmpdir(), `kvasir-fake-${process.pid}`),
    seen,
    failNextAsk: null,
    failNextJob: null,
    changeEstimate: (estimate) => estimate,
    folder,
    uploaded,
    status: () => ({
      version: '0.1.0',
      engine: { state: 'ready', loaded: LOADED, restarts: 0, lastFailure: null, memory: null },
      store: fake.store.stats(),
      jobs: jobs.list(),
    }),
    store: {
      ...caches.store,
      stats: () => (cacheCount > 0 ? caches.store.stats() : stats()),
      changes: async function* (signal) {
        if (!signal?.aborted) await new Promise((resolve) => signal?.addEventListener('abort', resolve, { once: true }))
        yield* []
      },
      calibrate: async () => startJob('calibrate', null, 4, (index) => index === 3 && models.profiled()),
      profiles: async () => models.profiles(),
      recode: async () => startJob('recode', null, 4),
      scrub: async () => startJob('scrub', null, 4),
      collect: async () => 0,
    },
    doctor: async () => ({ version: '0.1.0', dataDir: '(memory)', system: null, checks: [] }),
    models: {
      ...models.calls,
      check: async (id) => startJob('check', null, 4, (index) => index === 3 && models.checked(id)),
      calibrate: async (_, { questions = 24 } = {}) =>
        startJob('calibrate', null, questions, (index) => index === questions - 1 && models.calibrated()),
    },
    sets: {
      list: async () => sets.map(({ summary }) => ({ ...summary })),
      create: async (name) => createSet(name).summary,
      show: async (name) => tree(find(name)),
      ...library.sets,
      remove: async (name) => {
        const set = find(name)
        const { id, documents: count } = set.summary
        const at = sets.indexOf(set)
        sets.splice(at, 1)
        trash.put({ id, kind: 'set', name: set.summary.name, count }, () => sets.splice(at, 0, set))
      },
      restore: async (id) => {
        await trash.api.restore([id])
        return find(id).summary
      },
      ensureSample: async () => {
        const present = sets.find(({ summary }) => summary.name === 'Sample')
        if (present) return present.summary
        const set = createSet('Sample')
        importFiles(set, SAMPLE)
        set.suggestions.push(
          { question: 'How many remote days per month?', include: [] },
          { question: 'Who approves flights?', include: ['d2'] },
        )
        return set.summary
      },
    },
    selections: library.selections,
    preferences: {
      all: () => Object.fromEntries(preferences),
      set: (name, value) => void (value === null ? preferences.delete(name) : preferences.set(name, value)),
    },
    hits: {
      of: library.hitsOf,
      report: async ({ set, by = 'set', since = null } = {}) => {
        const { id, name } = set === undefined ? { id: '', name: '' } : find(set).summary
        const total = { times: seen.asks.length, tokens: 0, reused: 0, recomputed: 0, missed: 0, hitRate: null }
        return caches.report({ set: id ? { id, name } : null, since, by, total, rows: [], leftOut: 0, reasons: [] })
      },
      timeline: async ({ split = 'tier' } = {}) => caches.timeline(split),
      history: async ({ set, limit = 20, before = Infinity } = {}) =>
        queries
          .filter(({ id, request }) => id < before && (set === undefined || find(request.set) === find(set)))
          .map(pastQuery)
          .toReversed()
          .slice(0, limit),
      query: async (id) => {
        const found = queries[id - 1]
        if (!found) throw new WorkbenchError('not-found', `There is no query ${id} in the history.`)
        return { query: pastQuery(found), request: found.answer && found.request, answer: found.answer }
      },
    },
    documents: {
      show: library.document,
      ...uploads,
      add: async (set, paths) =>
        importFiles(
          find(set),
          paths.map((path) => ({ name: path.split('/').at(-1)!, text: `# ${path}\n\nText of ${path}.\n` })),
        ),
      addText: async (set, files) => importFiles(find(set), files),
      outcomes: (job) => outcomes.get(job) ?? [],
      text: async (id) => {
        const text = texts.get(id)
        if (text === undefined) throw new WorkbenchError('not-found', `There is no ${id}.`)
        return text
      },
      tokens: async (id) => {
        const text = texts.get(id)
        if (text === undefined) throw new WorkbenchError('not-found', `There is no ${id}.`)
        return chunkTokens(id, text)
      },
      search: async (name, query, { limit = 10 } = {}) =>
        find(name)
          .documents.flatMap((document) => document.sections.flatMap((section) => section.chunks.map((chunk) => ({ document, section, chunk }))))
          .flatMap(({ document, section, chunk }) => {
            const snippet = texts.get(chunk.id) ?? ''
            const start = snippet.toLowerCase().indexOf(query.toLowerCase())
            if (start < 0) return []
            const place = { id: chunk.id, document: document.id, title: document.title, source: document.source }
            return [{ ...place, section: section.title, tokens: chunk.tokens, snippet, marks: [[start, start + query.length] as const], start: 0, page: null, score: 1 }]
          })
          .slice(0, limit),
      remove: async (ids) => {
        for (const { summary, documents } of sets)
          for (const document of documents.filter(({ id }) => ids === id || ids.includes(id))) {
            const at = documents.indexOf(document)
            const { id, title: name, source } = document
            documents.splice(at, 1)
            const set = { id: summary.id, name: summary.name, removed: false }
            trash.put({ id, kind: 'document', name, source, set }, () => documents.splice(at, 0, document))
          }
      },
      restore: async (ids) => trash.api.restore(typeof ids === 'string' ? [ids] : ids),
      versions: async () => [
        {
          number: 2,
          title: 'Handbook 2024',
          bytes: 900,
          importedAt: '2025-01-31T12:00:00.000Z',
          isCurrent: true,
          sections: 4,
          changes: [{ title: 'Remote work', level: 2, change: 'changed' }],
          changesLeftOut: 0,
        },
        {
          number: 1,
          title: 'Handbook 2024',
          bytes: 880,
          importedAt: '2025-01-01T00:00:00.000Z',
          isCurrent: false,
          sections: 4,
          changes: [],
          changesLeftOut: 0,
        },
      ],
      sync,
    },
    trash: trash.api,
    build: async (name, { documents: only, after } = {}) => {
      if (after !== undefined) await jobs.finished(after)
      const set = find(name)
      const wanted = set.documents.filter(({ id }) => only?.includes(id) ?? true)
      const missing = leaves(wanted).filter(({ state }) => state !== 'cached')
      return startJob('build', set, missing.length, (index) => {
        const { id } = missing[index]!
        const at = set.documents.findIndex((document) => id.startsWith(`${document.id}.`))
        set.documents[at] = built(set.documents[at]!, id)
      })
    },
    jobs: calls,
    ask: (input, askOptions) => ask(input, askOptions?.signal),
    home: homeOf(() => fake),
    bench: fakeBench({ reports: options.reports, startJob: (total, step) => startJob('bench', null, total, step) }),
    race: raced.race,
    races: raced.races,
    estimate: async ({ set, selection, profile = null, strategies = [] }) => {
      const request = askRequest.parse({ set, selection, question: '?' })
      const chunks = trace(find(set), request.selection, 'reuse')
      const sum = (list: readonly ChunkTrace[]): number => list.reduce((all, { tokens }) => all + tokens, 0)
      const hits = chunks.filter(({ outcome }) => outcome.kind === 'hit')
      return fake.changeEstimate(fakeEstimate({ knowledgeTokens: sum(chunks), reusedTokens: sum(hits), profile }, strategies))
    },
    provenance: async (id) => {
      const answer = queries[id - 1]?.answer
      if (!answer) throw new WorkbenchError('not-found', `Query ${id} is not kept whole.`)
      return fakeProvenance(id, answer)
    },
    makeRandomModel: async () => ({ bytes: 0 }),
    [Symbol.asyncDispose]: async () => {
      seen.disposed = true
      await jobs[Symbol.asyncDispose]()
    },
  }
  return fake
}

const LOADED = {
  ...DEMO,
  model: 'm1',
  device: 'cpu',
  gpuLayers: 0,
  threads: 2,
  loadMs: 12,
  weightBytes: 3_200_000,
}
