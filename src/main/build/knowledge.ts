/** A set's documents with their chunks and the keys that the chunks' caches have for one model. */
import type { Chunks, StoredChunk, Tokenizer } from '../documents/chunks'
import type { DocumentRow, Library } from '../documents/library'
import type { Section } from '../documents/outline'
import { tokenDigest } from '../base/hash'
import { variantKeys, type ModelIdentity, type VariantKeys } from '../store/key'

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

export class Knowledge {
  readonly #library: Library
  readonly #chunks: Chunks
  /** Least recently used first. A version never changes, so nothing here grows old. */
  readonly #kept = new Map<string, KeyedDocument>()

  constructor(library: Library, chunks: Chunks) {
    this.#library = library
    this.#chunks = chunks
  }

  /** All documents of a set, cut and keyed now where they were not. */
  async read(set: number, model: ModelView, options: ReadOptions = {}): Promise<KeyedDocument[]> {
    const rows = this.#library.list(set)
    const total = rows.reduce((sum, { bytes }) => sum + bytes, 0)
    const documents: KeyedDocument[] = []
    let done = 0
    for (const row of rows) {
      documents.push(await this.#document(row, model, options.signal))
      done += row.bytes
      options.onProgress?.(done, total)
    }
    return documents
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
    this.#kept.set(name, document)
    let tokens = [...this.#kept.values()].reduce((sum, kept) => sum + tokenCount(kept), 0)
    for (const [oldest, kept] of this.#kept) {
      if (tokens <= KEPT_TOKENS) return
      this.#kept.delete(oldest)
      tokens -= tokenCount(kept)
    }
  }
}

export function tokenCount({ chunks }: KeyedDocument): number {
  return chunks.reduce((sum, { tokens }) => sum + tokens.length, 0)
}
