/** What a document was before: its versions, and what changed from each to the next. */
import type { DocumentVersion, SectionChange } from '../../shared/knowledge'
import { sha256 } from '../base/hash'
import type { Sql } from '../store/sql'
import type { Library } from './library'

/** Changes that are named; a document may have thousands of sections. */
const MOST_CHANGES = 500

interface VersionRow {
  readonly id: number
  readonly number: number
  readonly title: string
  readonly bytes: number
  readonly importedAt: string
  readonly isCurrent: number
}

/** A section's heading and its text, told apart by its digest. */
export interface SectionText {
  readonly title: string
  readonly level: number
  readonly digest: string
}

export class Versions {
  readonly #sql: Sql
  readonly #library: Library

  constructor(sql: Sql, library: Library) {
    this.#sql = sql
    this.#library = library
  }

  /** The newest first. @throws not-found */
  of(document: number): DocumentVersion[] {
    const { id } = this.#library.find(document)
    const rows = this.#sql.all<VersionRow>(
      `SELECT id, number, title, bytes, imported_at AS importedAt, is_current AS isCurrent
       FROM versions WHERE document_id = ? ORDER BY number`,
      [id],
    )
    let before: SectionText[] | null = null
    const versions = rows.map(({ id: row, isCurrent, ...facts }): DocumentVersion => {
      const sections = this.#sections(row)
      const changes = before === null ? [] : changedSections(before, sections)
      before = sections
      return {
        ...facts,
        isCurrent: isCurrent === 1,
        sections: sections.length,
        changes: changes.slice(0, MOST_CHANGES),
        changesLeftOut: Math.max(0, changes.length - MOST_CHANGES),
      }
    })
    return versions.toReversed()
  }

  #sections(versionRow: number): SectionText[] {
    const body = this.#library.body(versionRow)
    return this.#library
      .sections(versionRow)
      .map(({ title, level, start, end }) => ({ title, level, digest: sha256(body.slice(start, end).trimEnd()) }))
  }
}

/**
 * Sections with the same heading belong together, the first to the first and so on; of the rest, those that only got
 * another heading cannot be told from new ones.
 */
function changedSections(before: readonly SectionText[], after: readonly SectionText[]): SectionChange[] {
  const left = Map.groupBy(before, ({ title }) => title)
  const changes: SectionChange[] = []
  for (const { title, level, digest } of after) {
    const same = left.get(title)?.shift()
    if (!same) changes.push({ title, level, change: 'added' })
    else if (same.digest !== digest) changes.push({ title, level, change: 'changed' })
  }
  const gone = [...left.values()].flat().map(({ title, level }): SectionChange => ({ title, level, change: 'removed' }))
  return [...changes, ...gone]
}
