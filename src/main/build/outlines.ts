/** A set as one row per document: from sums of what the store holds, in slices, and kept until something changes. */
import type { CacheState } from '../../shared/knowledge'
import type { DocumentOutline } from '../../shared/outline'
import { breather } from '../base/breather'
import type { Chunks } from '../documents/chunks'
import type { DocumentRow, Library } from '../documents/library'
import { documentId } from '../documents/node-id'
import type { KnowledgeSet } from '../documents/sets'
import type { ChunkPresence, HeldKeys, VersionPresence } from '../store/chunk-keys'
import { documentRates, historyMark } from '../store/hit-sums'
import { frameDigest } from '../store/key'
import type { Store } from '../store/store'
import type { Knowledge, ModelView } from './knowledge'
import type { Making } from './making'
import { joinStates } from './states'

export interface Outline {
  readonly tokens: number
  readonly chunks: number
  readonly cachedChunks: number
  readonly revision: string
  readonly rows: readonly DocumentOutline[]
  /** Rows of the documents, in the same order. */
  readonly documents: readonly DocumentRow[]
}

export interface OutlineParts {
  readonly store: Store
  readonly library: Library
  readonly chunks: Chunks
  readonly knowledge: Knowledge
  readonly making: Making
}

/** Documents whose chunks one query sums. */
const AT_ONCE = 60
/** Of fewer, looking for their caches takes no time. */
const MANY_CHUNKS = 5000
/** Keys that are read in the time that it takes to look for one. */
const KEYS_PER_LOOK = 5
/** Sets whose outlines are kept. */
const KEPT = 4

export class Outlines {
  readonly #parts: OutlineParts
  /** Least recently used first. */
  readonly #kept = new Map<string, Outline>()
  readonly #reading = new Map<string, Promise<Outline>>()

  /** Of the set shown last: they change with questions alone. */
  #hitRates: { readonly mark: string; readonly of: ReadonlyMap<number, number> } = { mark: '', of: new Map() }

  constructor(parts: OutlineParts) {
    this.#parts = parts
  }

  async read(set: KnowledgeSet, model: ModelView): Promise<Outline> {
    const name = `${set.row} ${frameDigest(model.identity, model.tokenizer.digest)}`
    const kept = this.#kept.get(name)
    if (kept?.revision === this.#revision()) return kept
    // Who asks while it is read gets the same: it may be older by that time only.
    const reading = this.#reading.get(name) ?? this.#read(set, model).finally(() => this.#reading.delete(name))
    this.#reading.set(name, reading)
    const outline = await reading
    this.#kept.delete(name)
    this.#kept.set(name, outline)
    if (this.#kept.size > KEPT) for (const oldest of [...this.#kept.keys()].slice(0, -KEPT)) this.#kept.delete(oldest)
    return outline
  }

  #revision(): string {
    return `${this.#parts.store.sql.stamp()} ${this.#parts.making.read().revision}`
  }

  async #read(set: KnowledgeSet, model: ModelView): Promise<Outline> {
    const { library, knowledge, store } = this.#parts
    await knowledge.writeKeys(library.list(set.row), model)
    // What changes from here on makes this outline an old one.
    const revision = this.#revision()
    const breathe = breather()
    const documents = library.list(set.row)
    await breathe()
    const rates = await this.#rates(set.id, breathe)
    const sum = { tokens: 0, chunks: 0, cachedChunks: 0 }
    const rows: DocumentOutline[] = []
    let held: HeldKeys | null = null
    for (let at = 0; at < documents.length; at += AT_ONCE) {
      const slice = documents.slice(at, at + AT_ONCE)
      if (at === AT_ONCE && this.#isScanShorter((sum.chunks * (documents.length - at)) / at))
        held = await store.chunkKeys.held(model.identity.fingerprint, breathe)
      const versions = slice.map(({ versionRow }) => versionRow)
      const sums = held ? store.chunkKeys.sumsBy(versions, held) : store.chunkKeys.sums(versions, model.identity.fingerprint)
      const byVersion = new Map(sums.map((each) => [each.version, each]))
      for (const document of slice) {
        const row = this.#row(document, byVersion.get(document.versionRow) ?? { ...NONE, version: document.versionRow }, model)
        rows.push({ ...row, hitRate: rates.get(document.id) })
        sum.tokens += row.tokens
        sum.chunks += row.chunks
        sum.cachedChunks += row.cachedChunks
      }
      await breathe()
    }
    return { ...sum, revision, rows, documents }
  }

  /** Whether reading the keys of all caches takes less than looking for those of so many chunks. */
  #isScanShorter(chunks: number): boolean {
    return chunks >= MANY_CHUNKS && this.#parts.store.chunkKeys.caches() < chunks * KEYS_PER_LOOK
  }

  async #rates(set: string, breathe: () => Promise<void>): Promise<ReadonlyMap<number, number>> {
    const { sql } = this.#parts.store
    const mark = `${set} ${historyMark(sql)}`
    if (this.#hitRates.mark !== mark) this.#hitRates = { mark, of: await documentRates(sql, set, breathe) }
    return this.#hitRates.of
  }

  /** Bytes of a set's caches. */
  async bytes(set: KnowledgeSet, model: ModelView): Promise<number> {
    const { library, knowledge, store } = this.#parts
    const documents = library.list(set.row)
    await knowledge.writeKeys(documents, model)
    const breathe = breather()
    // A text that stands in several places may share caches. 52 bits tell caches apart well enough for a sum.
    const counted = new Set<number>()
    let sum = 0
    for (let at = 0; at < documents.length; at += AT_ONCE) {
      const versions = documents.slice(at, at + AT_ONCE).map(({ versionRow }) => versionRow)
      for (const { key, bytes } of store.chunkKeys.bytes(versions, model.identity.fingerprint)) {
        const cache = Number.parseInt(key.slice(0, 13), 16)
        if (!counted.has(cache)) sum += bytes
        counted.add(cache)
      }
      await breathe()
    }
    return sum
  }

  #row(document: DocumentRow, sums: VersionPresence, model: ModelView): DocumentOutline {
    return {
      id: documentId(document.id),
      title: document.title,
      tokens: sums.tokens,
      chunks: sums.chunks,
      cachedChunks: sums.cached,
      state: this.#state(document, sums, model),
      version: document.version,
    }
  }

  /** As `joinStates` has it of all chunks; these are looked at one by one where sums do not tell. */
  #state(document: DocumentRow, sums: VersionPresence, model: ModelView): CacheState {
    if (sums.chunks > 0 && sums.cached === sums.chunks) return 'cached'
    const { keys } = this.#parts.making.read()
    const isPlain = keys.size === 0 && (document.version === 1 || sums.cached + sums.poorer > 0)
    if (isPlain) return sums.damaged > 0 ? 'damaged' : sums.cached + sums.poorer > 0 ? 'partly' : 'missing'
    const chunks = this.#parts.store.chunkKeys.presence(document.versionRow, model.identity.fingerprint)
    const stale = this.#stale(document, chunks, model)
    return joinStates(chunks.map((chunk) => stateOf(chunk, keys, stale)))
  }

  /** Chunks without a cache in whose place an earlier text has one. */
  #stale(document: DocumentRow, chunks: readonly ChunkPresence[], { identity, tokenizer }: ModelView): Set<ChunkPresence> {
    const lacking = document.version > 1 ? chunks.filter(({ found }) => found === 0) : []
    // What was made of this text and has gone since is not one of an earlier text.
    const gone = this.#parts.store.gone(lacking.map(({ best }) => best))
    const without = lacking.filter(({ best }) => !gone.has(best))
    if (without.length === 0) return new Set()
    const earlier = this.#parts.chunks.earlier(document, tokenizer.digest)
    const before = (chunk: ChunkPresence): string[] =>
      (earlier.get(`${chunk.section}.${chunk.ordinal}`) ?? []).filter((digest) => digest !== chunk.digest)
    const holders = this.#parts.store.traces([...new Set(without.flatMap(before))])
    return new Set(
      without.filter((chunk) => before(chunk).some((digest) => holders.get(digest)?.has(identity.fingerprint))),
    )
  }
}

const NONE = { tokens: 0, chunks: 0, cached: 0, poorer: 0, damaged: 0 }

/** As `chunkState` has it. */
function stateOf(chunk: ChunkPresence, making: ReadonlySet<string>, stale: ReadonlySet<ChunkPresence>): CacheState {
  if (chunk.found === 2) return 'cached'
  if (making.has(chunk.best)) return 'building'
  if (chunk.damaged === 1) return 'damaged'
  if (chunk.found === 1) return 'partly'
  return stale.has(chunk) ? 'stale' : 'missing'
}
