/** Full-text search in the chunks of a set's current documents (SQLite FTS5, ranked by BM25). */
import { setImmediate } from 'node:timers/promises'
import type { SearchHit } from '../../shared/knowledge'
import { throwIfCancelled } from '../base/cancelled'
import type { Chunks, Tokenizer } from '../documents/chunks'
import type { DocumentRow, Library } from '../documents/library'
import { chunkId, documentId } from '../documents/node-id'
import { pageAt } from '../documents/text-of'
import type { Sql } from '../store/sql'
import { matchOf, phrasesOf, type Phrase } from './query'
import { snippetOf } from './snippet'
import { termsOf } from './terms'

/** Of a term in a document's title, in a section's, in the text. */
const WEIGHTS = '1.0, 2.0, 1.0'
const PASSAGES_AT_ONCE = 64

interface HitRow {
  readonly document: number
  readonly versionRow: number
  readonly title: string
  readonly source: string
  readonly section: number
  readonly sectionTitle: string
  readonly ordinal: number
  readonly start: number
  readonly end: number
  readonly tokens: number
  readonly rank: number
}

export interface SearchOptions {
  readonly limit: number
  readonly signal?: AbortSignal
}

export class Search {
  readonly #sql: Sql
  readonly #library: Library
  readonly #chunks: Chunks

  constructor(sql: Sql, library: Library, chunks: Chunks) {
    this.#sql = sql
    this.#library = library
    this.#chunks = chunks
  }

  /** Best first. What is not in the index yet is put there. */
  async find(set: number, query: string, tokenizer: Tokenizer, { limit, signal }: SearchOptions): Promise<SearchHit[]> {
    await this.ensure(set, tokenizer, signal)
    const search = { set, tokenizer: tokenizer.digest, limit }
    const hits = this.#hits(phrasesOf(query), search)
    return hits.length > 0 ? hits : this.#hits(phrasesOf(query, { isLoose: true }), search)
  }

  /** Puts the set's documents that are not there into the index: new ones, and those of a store from before it. */
  async ensure(set: number, tokenizer: Tokenizer, signal?: AbortSignal): Promise<void> {
    for (const document of this.#library.list(set)) {
      if (!this.#has(document, tokenizer)) await this.#add(document, tokenizer, signal)
    }
  }

  #hits(
    phrases: readonly Phrase[],
    { set, tokenizer, limit }: { readonly set: number; readonly tokenizer: string; readonly limit: number },
  ): SearchHit[] {
    if (phrases.length === 0) return []
    const rows = this.#sql.all<HitRow>(
      `SELECT document, versionRow, found.title AS title, source, section, sections.title AS sectionTitle,
         chunks.ordinal AS ordinal, chunks.start_at AS start, chunks.end_at AS "end", chunks.token_count AS tokens, rank
       FROM (
         SELECT documents.id AS document, versions.id AS versionRow, versions.title AS title, source, passages.tokenizer,
           passages.position, bm25(passage_terms, ${WEIGHTS}) AS rank
         FROM passage_terms
         JOIN passages ON passages.id = passage_terms.rowid
         JOIN versions ON versions.id = version_id AND is_current = 1
         JOIN documents ON documents.id = document_id AND removed_at IS NULL
         WHERE passage_terms MATCH ? AND set_id = ? AND tokenizer = ?
         ORDER BY rank, documents.id, position LIMIT ?
       ) AS found
       JOIN chunks ON chunks.version_id = versionRow AND chunks.tokenizer = found.tokenizer
         AND chunks.position = found.position
       JOIN sections ON sections.version_id = versionRow AND sections.ordinal = section
       ORDER BY rank, document, found.position`,
      [matchOf(phrases), set, tokenizer, limit],
    )
    const versions = new Set(rows.map(({ versionRow }) => versionRow))
    const bodies = new Map([...versions].map((version) => [version, this.#library.body(version)]))
    return rows.map((row) => {
      const text = (bodies.get(row.versionRow) ?? '').slice(row.start, row.end)
      const { start, end, heart, marks } = snippetOf(text, phrases)
      return {
        id: chunkId(row.document, row.section, row.ordinal),
        document: documentId(row.document),
        title: row.title,
        source: row.source,
        section: row.sectionTitle,
        tokens: row.tokens,
        snippet: text.slice(start, end),
        marks,
        start: row.start + start,
        page: pageAt(this.#library.places(row.versionRow), row.start + heart),
        score: -row.rank,
      }
    })
  }

  async #add(document: DocumentRow, tokenizer: Tokenizer, signal: AbortSignal | undefined): Promise<void> {
    const chunks = await this.#chunks.ensure(document, tokenizer, { signal })
    const sections = this.#library.sections(document.versionRow)
    const body = this.#library.body(document.versionRow)
    const title = indexed(document.title)
    const passages: { position: number; heading: string; text: string }[] = []
    for (const { position, section, start, end } of chunks) {
      const heading = indexed(sections[section - 1]?.title ?? '')
      passages.push({ position, heading, text: indexed(body.slice(start, end)) })
      // Long documents take seconds; others wait for this thread.
      if (position % PASSAGES_AT_ONCE === 0) await setImmediate()
      throwIfCancelled(signal)
    }
    this.#sql.transaction(() => {
      // Another process may have been faster, or the version may be an earlier one by now.
      if (this.#has(document, tokenizer) || !this.#isCurrent(document)) return
      for (const { position, heading, text } of passages) {
        const { id } = this.#sql.run('INSERT INTO passages (version_id, tokenizer, position) VALUES (?, ?, ?)', [
          document.versionRow,
          tokenizer.digest,
          position,
        ])
        this.#sql.run('INSERT INTO passage_terms (rowid, title, heading, body) VALUES (?, ?, ?, ?)', [
          id,
          title,
          heading,
          text,
        ])
      }
    })
  }

  #has({ versionRow }: DocumentRow, { digest }: Tokenizer): boolean {
    const sql = 'SELECT 1 FROM passages WHERE version_id = ? AND tokenizer = ? LIMIT 1'
    return this.#sql.get(sql, [versionRow, digest]) !== undefined
  }

  #isCurrent({ versionRow }: DocumentRow): boolean {
    return this.#sql.get('SELECT 1 FROM versions WHERE id = ? AND is_current = 1', [versionRow]) !== undefined
  }
}

function indexed(text: string): string {
  return Array.from(termsOf(text), ({ term }) => term).join(' ')
}
