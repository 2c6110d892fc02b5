/**
 * `kvasir bench --kind store`: a store of many caches (made up, but rows and files as a build leaves them) and what it takes
 * to open it, to open the caches of a question, and to list a page of a set, with the memory that stays taken.
 */
import { BENCH_DEFAULTS } from '../../../shared/bench'
import { randomBytes } from 'node:crypto'
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { makeDataDir } from '../../base/data-dir'
import { sha256 } from '../../base/hash'
import { Knowledge, type KeyedDocument } from '../../build/knowledge'
import { Chunks } from '../../documents/chunks'
import { Library } from '../../documents/library'
import { Sets } from '../../documents/sets'
import { CACHE_SORTS } from '../../../shared/upkeep'
import type { ModelIdentity } from '../../store/key'
import { Copies, F16 } from '../../store/copies'
import { ObjectFiles } from '../../store/objects'
import { ALL_CACHES, CachePages } from '../../store/pages'
import { openStore, type Store } from '../../store/store'
import { assertCount, withModel, type BenchDeps, type CommonOptions, type FinishedBench } from '../deps'
import { reportFacts } from '../facts'
import type { NamedModel } from '../model-file'
import type { StoreReport } from '../../../shared/bench-report'
import type { BenchRun } from '../slots'
import { median } from '../statistics'

export interface StoreOptions extends CommonOptions {
  /** Whose tokenizer cuts the documents. */
  readonly model: NamedModel
  /** In all sets; 20 caches each. Default 5000. */
  readonly documents?: number
  /** Of 20 caches each; default 500. */
  readonly queries?: number
}

const CHUNKS = 20
/** Of each set. */
const SET_DOCUMENTS = 100
const PAGE = 100
/** Files of a store are opened and closed so often. */
const STARTS = 7
const FILE_BYTES = 512
/** Rows in one transaction. */
const BATCH = 50

/** @throws `argument.invalid`, `cancelled`, store.full */
export async function runStoreBench(deps: BenchDeps, options: StoreOptions, run: BenchRun = {}): Promise<FinishedBench> {
  const { documents = BENCH_DEFAULTS.store.documents, queries = BENCH_DEFAULTS.store.queries, threads = 0, device = 'auto' } = options
  assertCount('documents', documents)
  assertCount('queries', queries)
  return await withModel(deps.engine, { ...options.model, threads, device, run }, async (used) => {
    await makeDataDir(deps.dataDir)
    const folder = await mkdtemp(join(deps.dataDir, 'store-bench-'))
    try {
      const tokenizer = {
        digest: used.model.tokenizerDigest,
        tokenize: (texts: string[]) =>
          deps.engine.call('tokenize', { model: used.model.model, texts, special: false }, { signal: run.signal }),
      }
      const identity = { fingerprint: used.fingerprint, bos: [], prefix: [], contextLength: used.model.contextLength }
      const keys = await filled(folder, { documents, identity, tokenizer, run })
      const sets = Math.ceil(documents / SET_DOCUMENTS)
      const store = await measured(folder, { keys, queries, sets, tokenizer: tokenizer.digest, model: used.fingerprint })
      const facts = await reportFacts(deps.engine, {
        ...used,
        version: deps.version,
        command: options.command,
        signal: run.signal,
      })
      const report = { ...facts, kind: 'store' as const, repetitions: queries, arms: [], store }
      return { report, forget: async () => await Promise.resolve() }
    } finally {
      await rm(folder, { recursive: true, force: true })
    }
  })
}

interface Filling {
  readonly documents: number
  readonly identity: ModelIdentity
  readonly tokenizer: Parameters<Chunks['ensure']>[1]
  readonly run: BenchRun
}

/** Documents of twenty sections, each with its cache. @returns their keys */
async function filled(folder: string, { documents, identity, tokenizer, run }: Filling): Promise<string[]> {
  await using store = await openStore(folder)
  const [sets, library] = [new Sets(store.sql), new Library(store.sql)]
  const knowledge = new Knowledge(library, new Chunks(store.sql, library), store.chunkKeys)
  const copies = new Copies(store.sql)
  const files = new ObjectFiles(join(folder, 'objects'))
  const keys: string[] = []
  for (let from = 0; from < documents; from += SET_DOCUMENTS) {
    const count = Math.min(SET_DOCUMENTS, documents - from)
    const set = sets.create(`Set ${from / SET_DOCUMENTS + 1}`, 'bench')
    for (let at = 0; at < count; at++) {
      run.signal?.throwIfAborted()
      run.onProgress?.({ step: { code: 'filling-store' }, done: from + at, total: documents, unit: 'documents' })
      const text = textOf(from + at)
      const origin = `text:${from + at}.md`
      const facts = { origin, source: origin, format: 'markdown' as const, digest: sha256(text), bytes: text.length, text }
      await library.import(set.row, facts)
    }
    const made = await knowledge.read(set.row, { identity, tokenizer }, { signal: run.signal })
    keys.push(...(await written(store, { copies, files, identity }, made)))
  }
  return keys
}

/** Files as a build leaves them, and their rows, without waiting for the disk each time. */
async function written(
  store: Store,
  { copies, files, identity }: { readonly copies: Copies; readonly files: ObjectFiles; readonly identity: ModelIdentity },
  documents: readonly KeyedDocument[],
): Promise<string[]> {
  const caches = documents.flatMap(({ chunks }) => chunks)
  const keys: string[] = []
  for (let at = 0; at < caches.length; at += BATCH) {
    const part = caches.slice(at, at + BATCH).map((chunk) => ({ chunk, content: randomBytes(FILE_BYTES) }))
    for (const { content } of part) {
      const path = files.path(sha256(content))
      await mkdir(dirname(path), { recursive: true })
      await writeFile(path, content)
    }
    store.sql.transaction(() => {
      for (const { chunk, content } of part) {
        const { key, chain } = chunk.keys.document
        const cache = {
          key,
          model: identity.fingerprint,
          kind: 'document' as const,
          chain,
          tokenDigest: chunk.digest,
          tokens: chunk.tokens.length,
        }
        copies.insert(cache, { digest: sha256(content), bytes: FILE_BYTES, ms: 10 }, F16)
        keys.push(key)
      }
    })
  }
  return keys
}

interface Measuring {
  readonly keys: readonly string[]
  readonly queries: number
  readonly sets: number
  readonly tokenizer: string
  readonly model: string
}

async function measured(folder: string, { keys, queries, sets, tokenizer, model }: Measuring): Promise<StoreReport> {
  const starts: number[] = []
  for (let at = 0; at < STARTS; at++) {
    const begin = performance.now()
    await using store = await openStore(folder)
    store.available(drawn(keys, at))
    starts.push(performance.now() - begin)
  }
  await using store = await openStore(folder)
  const [plans, pages, everything]: number[][] = [[], [], []]
  const listed = new CachePages(store.sql)
  const memory: number[] = []
  for (let at = 0; at < queries; at++) {
    plans?.push(await timed(async () => await (await store.open(drawn(keys, at)))[Symbol.asyncDispose]()))
    const offset = (at * 7919) % Math.max(1, SET_DOCUMENTS * CHUNKS - PAGE)
    const set = { ...ALL_CACHES, set: { set: (at % sets) + 1, tokenizer, model } }
    const inOrder = { sort: 'document', descending: false } as const
    pages?.push(await timed(() => void listed.page(set, inOrder, { limit: PAGE, offset })))
    const sort = CACHE_SORTS[at % (CACHE_SORTS.length - 1)] ?? 'use'
    const anywhere = (at * 104_729) % Math.max(1, keys.length - PAGE)
    const page = { limit: PAGE, offset: anywhere }
    everything?.push(await timed(() => void listed.page(ALL_CACHES, { sort, descending: at % 2 === 0 }, page)))
    // Once what is kept between queries is there.
    if (at >= queries / 10) memory.push(process.memoryUsage.rss())
  }
  const [first = 0, last = 0] = [memory[0], memory.at(-1)]
  return {
    caches: keys.length,
    bytes: store.upkeep.stats().bytes,
    startMs: median(starts),
    openMs: quantiles(plans ?? []),
    pageMs: quantiles(pages ?? []),
    recentMs: quantiles(everything ?? []),
    collectMs: await timed(async () => void (await store.upkeep.collect())),
    memoryGrowth: (last - first) / Math.max(1, first),
  }
}

/** Twenty keys from all over the store, others each time. */
function drawn(keys: readonly string[], seed: number): string[] {
  return Array.from({ length: CHUNKS }, (_, at) => keys[((seed * CHUNKS + at) * 104_729) % keys.length] ?? '')
}

async function timed(work: () => Promise<void> | void): Promise<number> {
  const begin = performance.now()
  await work()
  return performance.now() - begin
}

function quantiles(values: readonly number[]): { readonly p50: number; readonly p95: number } {
  const sorted = values.toSorted((a, b) => a - b)
  const at = (share: number): number => sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? 0
  return { p50: at(0.5), p95: at(0.95) }
}

function textOf(number: number): string {
  const sections = Array.from({ length: CHUNKS }, (_, at) => `## Part ${at + 1}\n\nText ${at + 1} of paper ${number}.\n`)
  return `# Paper ${number}\n\n${sections.join('\n')}`
}
