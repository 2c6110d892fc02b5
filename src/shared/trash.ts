/** What was removed and can be brought back. */
import { z } from 'zod'

/** `d3` a document, `set2` a set with its documents, `b4` a batch of caches that was cleaned up. */
export const trashId = z.string().regex(/^(d|set|b)\d{1,15}$/)
export const trashIds = z.array(trashId).min(1).max(10_000)

export interface TrashItem {
  readonly id: string
  readonly kind: 'set' | 'document' | 'caches'
  /** Title of a document, name of a set; null for caches. */
  readonly name: string | null
  /** Of a document: where it came from, as given. */
  readonly source: string | null
  /** Of a document; a set that was removed itself has to be restored first. */
  readonly set: { readonly id: string; readonly name: string; readonly removed: boolean } | null
  /** Documents of a set, copies of caches; 1 for a document. */
  readonly count: number
  /** Of the documents' files, or of the copies. */
  readonly bytes: number
  readonly removedAt: string
  /** When it goes for good by itself. */
  readonly expiresAt: string
}
