/** A set's documents with their chunks and the keys that the chunks' caches have for one model. */
import type { NodeId, Selection } from '../../shared/knowledge'
import type { Chunks, StoredChunk, Tokenizer } from '../documents/chunks'
import type { DocumentRow, Library } from '../documents/library'
import { documentId } from '../documents/node-id'
import type { Section } from '../documents/outline'
import { touchesDocument } from '../documents/selection'
import { breather } from '../base/breather'
import { tokenDigest } from '../base/hash'
import type { ChunkKeyRow, ChunkKeys } from '../store/chunk-keys'
import { frameDigest, variantKeys, type ModelIdentity, type VariantKeys } from '../store/key'

export interface KeyedChunk extends StoredChunk {
  readonly keys: VariantKeys
}

export interface KeyedDocument {
  readonly row: DocumentRow
  readonly sections: readonly Section[]
  /** In order from the document's start, none left out. */
  readonly chunks: readonly KeyedChunk[]
}

/** Everything about a model that knowledge depends on. */
export interface ModelView {
  readonly identity: ModelIdentity
  readonly tokenizer: Tokenizer
}

export interface ReadOptions {
  readonly signal?: AbortSignal
  /** Bytes of text in documents that are ready, of `total`. */
  readonly onProgress?: (done: number, total: number) => void
}

/** Tokens of documents that are kept in memory between queries. */
const KEPT_TOKENS = 2_000_000

/** Documents whose keys are written in one transaction. */
const KEYED_AT_ONCE = 50

export class Knowledge {
  readonly #library: Library
  readonly #chunks: Chunks
  readonly #chunkKeys: ChunkKeys
  /** Least recently used first. A version never changes, so nothing here grows old. */
  readonly #kept = new Map<string, KeyedDocument>()
  #keptTokens = 0

  constructor(library: Library, chunks: Chunks, chunkKeys: ChunkKeys) {
    this.#library = library
    this.#chunks = chunks
    this.#chunkKeys = chunkKeys
  }

  /** All documents of a set, cut and keyed now where they were not. */
  async read(set: number, model: ModelView, options: ReadOptions = {}): Promise<KeyedDocument[]> {
    return await this.readRows(this.#library.list(set), model, options)
  }

  /** Those documents of a set of which a selection may take something; `others`: ids of the rest. */
  async readSelected(
    set: number,
    selection: Selection,
    { model, signal }: { readonly model: ModelView; readonly signal?: AbortSignal },
  ): Promise<{ readonly documents: KeyedDocument[]; readonly others: NodeId[] }> {
    const touches = touchesDocument(selection)
    const rows = this.#library.list(set)
    const touched = rows.filter(({ id }) => touches(documentId(id)))
    const documents = await this.readRows(touched, model, { signal })
    const read = new Set(touched)
    return { documents, others: rows.filter((row) => !read.has(row)).map(({ id }) => documentId(id)) }
  }

  /** Documents of a set by their rows. */
  async readRows(rows: readonly DocumentRow[], model: ModelView, options: ReadOptions = {}): Promise<KeyedDocument[]> {
    const total = rows.reduce((sum, { bytes }) => sum + bytes, 0)
    const documents: KeyedDocument[] = []
    const breathe = breather(options.signal)
    let done = 0
    for (const row of rows) {
      documents.push(await this.#document(row, model, options.signal))
      done += row.bytes
      options.onProgress?.(done, total)
      await breathe()
    }
    await this.#write(documents, model, breathe)
    return documents
  }

  /** Writes the keys of what has none yet, so that a set's outline need not read its tokens. */
  async writeKeys(rows: readonly DocumentRow[], model: ModelView, signal?: AbortSignal): Promise<void> {
    const lacking = new Set(this.#chunkKeys.lacking(rows.map(({ versionRow }) => versionRow), frameOf(model)))
    const missing = rows.filter(({ versionRow }) => lacking.has(versionRow))
    const breathe = breather(signal)
    for (let at = 0; at < missing.length; at += KEYED_AT_ONCE) {
      const documents: KeyedDocument[] = []
      for (const row of missing.slice(at, at + KEYED_AT_ONCE)) {
        documents.push(await this.#document(row, model, signal))
        await breathe()
      }
      await this.#write(documents, model, breathe)
    }
  }

  async #write(documents: readonly KeyedDocument[], model: ModelView, breathe: () => Promise<void>): Promise<void> {
    const frame = frameOf(model)
    for (let at = 0; at < documents.length; at += KEYED_AT_ONCE) {
      const slice = new Map(documents.slice(at, at + KEYED_AT_ONCE).map(({ row, chunks }) => [row.versionRow, chunks]))
      const lacking = this.#chunkKeys.lacking([...slice.keys()], frame)
      if (lacking.length > 0)
        this.#chunkKeys.write(frame, new Map(lacking.map((version) => [version, rowsOf(slice.get(version) ?? [])])))
      await breathe()
    }
  }

  async #document(row: DocumentRow, model: ModelView, signal: AbortSignal | undefined): Promise<KeyedDocument> {
    const { identity, tokenizer } = model
    const name = [
      row.versionRow,
      tokenizer.digest,
      identity.fingerprint,
      tokenDigest(identity.prefix),
      tokenDigest(identity.bos),
    ].join(' ')
    const kept = this.#kept.get(name)
    if (kept) {
      this.#kept.delete(name)
      this.#kept.set(name, kept)
      // The row may have been told anew; what was derived from the text is the same.
      return { ...kept, row }
    }
    const chunks = await this.#chunks.ensure(row, tokenizer, { signal })
    const keys = variantKeys(identity, chunks)
    const document: KeyedDocument = {
      row,
      sections: this.#library.sections(row.versionRow),
      chunks: chunks.map((chunk, index) => ({ ...chunk, keys: keys[index] as VariantKeys })),
    }
    this.#keep(name, document)
    return document
  }

  #keep(name: string, document: KeyedDocument): void {
    const replaced = this.#kept.get(name)
    this.#kept.set(name, document)
    this.#keptTokens += tokenCount(document) - (replaced ? tokenCount(replaced) : 0)
    for (const [oldest, kept] of this.#kept) {
      if (this.#keptTokens <= KEPT_TOKENS) return
      this.#kept.delete(oldest)
      this.#keptTokens -= tokenCount(kept)
    }
  }
}

function frameOf({ identity, tokenizer }: ModelView): string {
  return frameDigest(identity, tokenizer.digest)
}

function rowsOf(chunks: readonly KeyedChunk[]): ChunkKeyRow[] {
  return chunks.map(({ tokens, ...chunk }) => ({ ...chunk, tokens: tokens.length }))
}

export function tokenCount({ chunks }: KeyedDocument): number {
  return chunks.reduce((sum, { tokens }) => sum + tokens.length, 0)
}
