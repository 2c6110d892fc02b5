/** Stored chunks: a version's text cut for one tokenizer, made when first needed. */
import type { NodeId } from '../../shared/knowledge'
import { tokenBytes, tokenDigest, tokensOf } from '../base/hash'
import type { Sql } from '../store/sql'
import type { DocumentRow, Library } from './library'
import { chunkId } from './node-id'
import { outline } from './outline'
import { splitDocument, type Chunk, type SplitOptions, type TokenizeTexts } from './split'

/** How text becomes tokens. */
export interface Tokenizer {
  /** Of everything that decides it. */
  readonly digest: string
  readonly tokenize: TokenizeTexts
}

export interface StoredChunk {
  readonly id: NodeId
  /** Number of its document. */
  readonly document: number
  /** From 1. */
  readonly section: number
  /** In its section, from 1. */
  readonly ordinal: number
  /** In its document, from 0. */
  readonly position: number
  readonly start: number
  readonly end: number
  readonly tokens: readonly number[]
  /** Of the tokens. */
  readonly digest: string
  readonly preview: string
}

interface ChunkRow {
  readonly section: number
  readonly ordinal: number
  readonly position: number
  readonly start: number
  readonly end: number
  readonly digest: string
  readonly preview: string
  readonly tokens: Uint8Array
}

const PREVIEW_CHARACTERS = 80

export class Chunks {
  readonly #sql: Sql
  readonly #library: Library
  readonly #making = new Map<string, Promise<void>>()

  constructor(sql: Sql, library: Library) {
    this.#sql = sql
    this.#library = library
  }

  /** The chunks of a document's current version, in order; cut now where that was not done for this tokenizer yet. */
  async ensure(document: DocumentRow, tokenizer: Tokenizer, options: SplitOptions = {}): Promise<StoredChunk[]> {
    if (!this.#isDone(document.versionRow, tokenizer.digest)) await this.#make(document, tokenizer, options)
    return this.#rows(document, tokenizer.digest)
  }

  /**
   * Token digests of the chunks that earlier versions had, by their place (`section.ordinal`), newest first, to tell
   * changed text from text that was never there.
   */
  earlier(document: DocumentRow, tokenizer: string): Map<string, string[]> {
    const rows = this.#sql.all<{ place: string; digest: string }>(
      `SELECT section || '.' || ordinal AS place, token_digest AS digest
       FROM chunks JOIN versions ON versions.id = version_id
       WHERE document_id = ? AND is_current = 0 AND tokenizer = ? ORDER BY number DESC`,
      [document.id, tokenizer],
    )
    const found = new Map<string, string[]>()
    for (const { place, digest } of rows) found.set(place, [...(found.get(place) ?? []), digest])
    return found
  }

  /** Token digests of the current version's chunks as other tokenizers cut it. */
  otherwiseCut(document: DocumentRow, tokenizer: string): string[] {
    return this.#sql
      .all<{ digest: string }>('SELECT token_digest AS digest FROM chunks WHERE version_id = ? AND tokenizer <> ?', [
        document.versionRow,
        tokenizer,
      ])
      .map(({ digest }) => digest)
  }

  /** Chunks of a document's current version in order, for whichever tokenizers it has been cut. */
  standing(document: DocumentRow): Omit<StoredChunk, 'tokens' | 'position' | 'start' | 'end'>[] {
    return this.#sql
      .all<Pick<ChunkRow, 'section' | 'ordinal' | 'digest' | 'preview'>>(
        `SELECT section, ordinal, token_digest AS digest, preview FROM chunks WHERE version_id = ?
         ORDER BY tokenizer, position`,
        [document.versionRow],
      )
      .map((row) => ({ ...row, id: chunkId(document.id, row.section, row.ordinal), document: document.id }))
  }

  /** Token digests of a version's chunks, in order, with how many tokens they are; null where it has not been cut yet. */
  cut(versionRow: number, tokenizer: string): { readonly digests: readonly string[]; readonly tokens: number } | null {
    if (!this.#isDone(versionRow, tokenizer)) return null
    const rows = this.#sql.all<{ digest: string; tokens: number }>(
      'SELECT token_digest AS digest, token_count AS tokens FROM chunks WHERE version_id = ? AND tokenizer = ? ORDER BY position',
      [versionRow, tokenizer],
    )
    return { digests: rows.map(({ digest }) => digest), tokens: rows.reduce((sum, { tokens }) => sum + tokens, 0) }
  }

  /** One caller cuts, others wait for it. The first caller's signal counts. */
  async #make(document: DocumentRow, tokenizer: Tokenizer, options: SplitOptions): Promise<void> {
    const name = `${document.versionRow} ${tokenizer.digest}`
    const running = this.#making.get(name)
    if (running) {
      await running.catch(() => undefined)
      if (!this.#isDone(document.versionRow, tokenizer.digest)) await this.#make(document, tokenizer, options)
      return
    }
    const work = this.#split(document, tokenizer, options)
    this.#making.set(name, work)
    try {
      await work
    } finally {
      this.#making.delete(name)
    }
  }

  async #split(document: DocumentRow, tokenizer: Tokenizer, options: SplitOptions): Promise<void> {
    const text = this.#library.body(document.versionRow)
    const shape = await outline(text, document.format, document.source)
    const sections = this.#library.sections(document.versionRow)
    const chunks = await splitDocument(text, { ...shape, sections }, tokenizer.tokenize, options)
    this.#insert(
      document.versionRow,
      tokenizer.digest,
      chunks.map((chunk) => ({ ...chunk, preview: previewOf(text, chunk) })),
    )
  }

  #insert(version: number, tokenizer: string, chunks: readonly (Chunk & { readonly preview: string })[]): void {
    this.#sql.transaction(() => {
      // Another process may have been faster, or the version may be gone.
      const { changes } = this.#sql.run(
        'INSERT INTO chunkings (version_id, tokenizer) SELECT id, ? FROM versions WHERE id = ? ON CONFLICT DO NOTHING',
        [tokenizer, version],
      )
      if (changes === 0) return
      for (const [position, { section, ordinal, start, end, tokens, preview }] of chunks.entries()) {
        this.#sql.run(
          `INSERT INTO chunks
             (version_id, tokenizer, position, section, ordinal, start_at, end_at, token_digest, token_count, preview,
              tokens)
           VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
          [
            version,
            tokenizer,
            position,
            section,
            ordinal,
            start,
            end,
            tokenDigest(tokens),
            tokens.length,
            preview,
            tokenBytes(tokens),
          ],
        )
      }
    })
  }

  #isDone(version: number, tokenizer: string): boolean {
    return (
      this.#sql.get('SELECT 1 FROM chunkings WHERE version_id = ? AND tokenizer = ?', [version, tokenizer]) !==
      undefined
    )
  }

  #rows(document: DocumentRow, tokenizer: string): StoredChunk[] {
    return this.#sql
      .all<ChunkRow>(
        `SELECT section, ordinal, position, start_at AS start, end_at AS "end", token_digest AS digest, preview, tokens
         FROM chunks WHERE version_id = ? AND tokenizer = ? ORDER BY position`,
        [document.versionRow, tokenizer],
      )
      .map(({ tokens, ...row }) => ({
        ...row,
        id: chunkId(document.id, row.section, row.ordinal),
        document: document.id,
        tokens: tokensOf(tokens),
      }))
  }
}

function previewOf(text: string, { start, end }: Chunk): string {
  const line = text
    .slice(start, Math.min(end, start + 4 * PREVIEW_CHARACTERS))
    .replace(/\s+/g, ' ')
    .trim()
  const characters = Array.from(line)
  return characters.length <= PREVIEW_CHARACTERS ? line : `${characters.slice(0, PREVIEW_CHARACTERS - 1).join('')}…`
}
