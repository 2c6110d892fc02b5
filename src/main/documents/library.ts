/** Documents, their versions and sections. */
import { WorkbenchError } from '../../shared/errors'
import type { ImportOutcome } from '../../shared/knowledge'
import type { Sql } from '../store/sql'
import type { Place } from './convert/converted'
import type { Format } from './format'
import { documentId } from './node-id'
import { outline, type Section } from './outline'

/** A document in its current version. */
export interface DocumentRow {
  readonly id: number
  readonly set: number
  readonly source: string
  readonly format: Format
  readonly version: number
  /** Row of the version. */
  readonly versionRow: number
  readonly title: string
  readonly bytes: number
  readonly importedAt: string
}

/** What is known of a file before its text is. */
export interface ImportedFacts {
  /** Tells a re-import from another document: an absolute path, or `text:` and a name. */
  readonly origin: string
  readonly source: string
  readonly format: Format
  /** SHA-256 of the bytes as they came. */
  readonly digest: string
  readonly bytes: number
}

/** What is imported: text with where it came from. */
export interface ImportedText extends ImportedFacts {
  /** Normalised. */
  readonly text: string
  /** Where its pages begin, if it has pages. */
  readonly places?: readonly Place[]
}

/** Where a document came from, with the digest of its current version's bytes. */
export interface KnownFile {
  readonly id: number
  readonly origin: string
  readonly digest: string
}

/** A file's document in its current version. */
export interface DocumentAt {
  readonly id: number
  /** Row of the version. */
  readonly versionRow: number
  readonly number: number
  readonly digest: string
  readonly title: string
  readonly isRemoved: boolean
}

const SELECT = `SELECT documents.id AS id, set_id AS "set", source, format, number AS version,
  versions.id AS versionRow, title, bytes, imported_at AS importedAt
  FROM documents JOIN versions ON versions.document_id = documents.id AND is_current = 1
  WHERE documents.removed_at IS NULL`

export class Library {
  readonly #sql: Sql

  constructor(sql: Sql) {
    this.#sql = sql
  }

  /** In reading order: as they were first imported. */
  list(set: number): DocumentRow[] {
    return this.#sql.all<DocumentRow>(`${SELECT} AND set_id = ? ORDER BY documents.id`, [set])
  }

  files(set: number): KnownFile[] {
    return this.#sql.all<KnownFile>(
      `SELECT documents.id AS id, origin, digest
       FROM documents JOIN versions ON document_id = documents.id AND is_current = 1
       WHERE set_id = ? AND removed_at IS NULL ORDER BY documents.id`,
      [set],
    )
  }

  /** @throws not-found */
  find(document: number): DocumentRow {
    const row = this.#sql.get<DocumentRow>(
      `${SELECT} AND documents.id = ? AND EXISTS (SELECT 1 FROM sets WHERE id = set_id AND removed_at IS NULL)`,
      [document],
    )
    if (!row)
      throw new WorkbenchError(
        'not-found',
        { id: 'document.unknown', params: { id: documentId(document) } },
      )
    return row
  }

  /**
   * The outcome for a file whose bytes are those of its document's current version, which comes back where it was removed;
   * null for any other.
   */
  known(set: number, { origin, digest, source }: ImportedFacts): ImportOutcome | null {
    const current = this.at(set, origin)
    if (current?.digest !== digest) return null
    const document = documentId(current.id)
    if (!current.isRemoved)
      return { source, document, outcome: 'unchanged', detail: `still version ${current.number}` }
    this.#sql.run('UPDATE documents SET removed_at = NULL WHERE id = ?', [current.id])
    return { source, document, outcome: 'added', detail: `back from the trash, version ${current.number}` }
  }

  /** Adds a document, or a version to the one of the same origin when its bytes changed. */
  async import(set: number, input: ImportedText): Promise<ImportOutcome> {
    const same = this.known(set, input)
    if (same) return same
    const shape = await outline(input.text, input.format, input.source)
    return this.#sql.transaction(() => {
      // Looked up again: another import may have run while this one parsed.
      const late = this.known(set, input)
      if (late) return late
      const current = this.at(set, input.origin)
      if (!this.#sql.get('SELECT 1 FROM sets WHERE id = ? AND removed_at IS NULL', [set])) {
        throw new WorkbenchError('not-found', { id: 'set.removed-meanwhile', params: {} })
      }
      const document = current?.id ?? this.#addDocument(set, input)
      const isBack = current?.isRemoved === true
      if (isBack) this.#sql.run('UPDATE documents SET removed_at = NULL WHERE id = ?', [document])
      const number = (current?.number ?? 0) + 1
      this.#sql.run('UPDATE versions SET is_current = 0 WHERE document_id = ? AND is_current = 1', [document])
      const version = this.#sql.run(
        `INSERT INTO versions (document_id, number, is_current, digest, bytes, title, imported_at, body)
         VALUES (?, ?, 1, ?, ?, ?, ?, ?)`,
        [document, number, input.digest, input.bytes, shape.title, new Date().toISOString(), input.text],
      ).id
      for (const [index, section] of shape.sections.entries()) {
        this.#sql.run(
          'INSERT INTO sections (version_id, ordinal, title, level, start_at, end_at) VALUES (?, ?, ?, ?, ?, ?)',
          [version, index + 1, section.title, section.level, section.start, section.end],
        )
      }
      for (const { start, page } of input.places ?? [])
        this.#sql.run('INSERT INTO pages (version_id, start_at, page) VALUES (?, ?, ?)', [version, start, page])
      const detail = `${shape.sections.length} ${shape.sections.length === 1 ? 'section' : 'sections'}`
      return {
        source: input.source,
        document: documentId(document),
        outcome: current && !isBack ? 'new-version' : 'added',
        detail: [...(isBack ? ['back from the trash'] : []), ...(current ? [`version ${number}`] : []), detail].join(', '),
      }
    })
  }

  /** The document of a file, also where it was removed. */
  at(set: number, origin: string): DocumentAt | null {
    const row = this.#sql.get<Omit<DocumentAt, 'isRemoved'> & { readonly removed: number }>(
      `SELECT documents.id AS id, versions.id AS versionRow, number, digest, title, removed_at IS NOT NULL AS removed
       FROM documents JOIN versions ON document_id = documents.id AND is_current = 1
       WHERE set_id = ? AND origin = ?`,
      [set, origin],
    )
    return row ? { ...row, isRemoved: row.removed === 1 } : null
  }

  /** Normalised text of a version. */
  body(versionRow: number): string {
    const row = this.#sql.get<{ body: string }>('SELECT body FROM versions WHERE id = ?', [versionRow])
    if (!row) throw new WorkbenchError('not-found', 'This version of the document was removed.')
    return row.body
  }

  sections(versionRow: number): Section[] {
    return this.#sql.all<Section>(
      'SELECT title, level, start_at AS start, end_at AS "end" FROM sections WHERE version_id = ? ORDER BY ordinal',
      [versionRow],
    )
  }

  /** In order; none where the document has no pages. */
  places(versionRow: number): Place[] {
    return this.#sql.all<Place>('SELECT start_at AS start, page FROM pages WHERE version_id = ? ORDER BY start_at', [
      versionRow,
    ])
  }

  #addDocument(set: number, { origin, source, format }: ImportedText): number {
    return this.#sql.run('INSERT INTO documents (set_id, origin, source, format) VALUES (?, ?, ?, ?)', [
      set,
      origin,
      source,
      format,
    ]).id
  }
}
