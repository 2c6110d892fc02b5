/** The documents that are to be seen, and the tree as rows: for drawing and for moving by keyboard. */
import type { CacheState, NodeId } from '../../shared/knowledge'
import type { DocumentDetail, DocumentOutline } from '../../shared/outline'
import { locale, strings } from '../strings'

export const SORTS = ['order', 'title', 'tokens', 'state', 'hits'] as const
export type Sort = (typeof SORTS)[number]

export interface OutlineRow {
  readonly id: NodeId
  readonly parent: NodeId | null
  /** 1 document, 2 section, 3 chunk. */
  readonly level: 1 | 2 | 3
  readonly title: string
  readonly tokens: number
  readonly state: CacheState
  readonly hitRate: number | undefined
  /** null: nothing below it. */
  readonly open: boolean | null
  /** Place among its siblings, from 1, and how many they are. */
  readonly position: number
  readonly siblings: number
}

/** What needs looking after comes first. */
const STATE_ORDER: readonly CacheState[] = ['damaged', 'stale', 'missing', 'partly', 'building', 'cached']

export function sorted(rows: readonly DocumentOutline[], sort: Sort): readonly DocumentOutline[] {
  switch (sort) {
    case 'order':
      return rows
    case 'title': {
      const { compare } = new Intl.Collator(locale(), { numeric: true })
      return rows.toSorted((a, b) => compare(a.title, b.title))
    }
    case 'tokens':
      return rows.toSorted((a, b) => b.tokens - a.tokens)
    case 'state':
      return rows.toSorted((a, b) => STATE_ORDER.indexOf(a.state) - STATE_ORDER.indexOf(b.state))
    case 'hits':
      return rows.toSorted((a, b) => (b.hitRate ?? -1) - (a.hitRate ?? -1))
  }
}

/** Titles as a filter compares them, made once for all key-strokes. */
export function folded(rows: readonly DocumentOutline[]): ReadonlyMap<NodeId, string> {
  return new Map(rows.map(({ id, title }) => [id, fold(title)]))
}

export function filtered(
  rows: readonly DocumentOutline[],
  { words, state, titles }: { words: string; state: CacheState | null; titles: ReadonlyMap<NodeId, string> },
): readonly DocumentOutline[] {
  const wanted = fold(words).split(/\s+/).filter(Boolean)
  if (wanted.length === 0 && state === null) return rows
  return rows.filter((row) => {
    if (state !== null && row.state !== state) return false
    const title = titles.get(row.id) ?? ''
    return wanted.every((word) => title.includes(word))
  })
}

function fold(text: string): string {
  return text.normalize('NFKC').toLocaleLowerCase()
}

/** Documents with the parts of those that are open and read. */
export function outlineRows(
  documents: readonly DocumentOutline[],
  open: ReadonlySet<NodeId>,
  details: ReadonlyMap<NodeId, DocumentDetail>,
): OutlineRow[] {
  const rows: OutlineRow[] = []
  for (const [index, { id, title, tokens, state, hitRate, chunks }] of documents.entries()) {
    const isOpen = chunks === 0 ? null : open.has(id)
    rows.push({ id, parent: null, level: 1, title, tokens, state, hitRate, open: isOpen, position: index + 1, siblings: documents.length })
    const detail = isOpen ? details.get(id) : undefined
    if (detail) addSections(rows, detail, open)
  }
  return rows
}

function addSections(rows: OutlineRow[], document: DocumentDetail, open: ReadonlySet<NodeId>): void {
  for (const [index, section] of document.sections.entries()) {
    const { id, title, tokens, state, hitRate, chunks } = section
    const isOpen = chunks.length === 0 ? null : open.has(id)
    rows.push({
      id,
      parent: document.id,
      level: 2,
      title,
      tokens,
      state,
      hitRate,
      open: isOpen,
      position: index + 1,
      siblings: document.sections.length,
    })
    if (!isOpen) continue
    for (const [at, chunk] of chunks.entries())
      rows.push({
        id: chunk.id,
        parent: id,
        level: 3,
        title: strings.knowledge.chunk(at + 1, chunk.preview),
        tokens: chunk.tokens,
        state: chunk.state,
        hitRate: chunk.hitRate,
        open: null,
        position: at + 1,
        siblings: chunks.length,
      })
  }
}
