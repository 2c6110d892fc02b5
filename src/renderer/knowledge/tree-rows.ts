/** The tree as the rows that are to be seen, for drawing and for moving by keyboard. */
import type { CacheState, DocumentNode, NodeId } from '../../shared/knowledge'
import { strings } from '../strings'

export interface TreeRow {
  readonly id: NodeId
  readonly parent: NodeId | null
  /** 1 document, 2 section, 3 chunk. */
  readonly level: 1 | 2 | 3
  readonly title: string
  readonly tokens: number
  readonly state: CacheState
  /** null: nothing below it. */
  readonly open: boolean | null
  /** Place among its siblings, from 1, and how many they are. */
  readonly position: number
  readonly siblings: number
}

export function treeRows(documents: readonly DocumentNode[], open: ReadonlySet<NodeId>): TreeRow[] {
  return documents.flatMap((document, index) => {
    const { id, title, tokens, state } = document
    const top: TreeRow = {
      id,
      parent: null,
      level: 1,
      title,
      tokens,
      state,
      open: open.has(id),
      position: index + 1,
      siblings: documents.length,
    }
    return top.open ? [top, ...sectionRows(document, open)] : [top]
  })
}

function sectionRows(document: DocumentNode, open: ReadonlySet<NodeId>): TreeRow[] {
  return document.sections.flatMap(({ id, title, tokens, state, chunks }, index) => {
    const place = { parent: document.id, position: index + 1, siblings: document.sections.length }
    const section: TreeRow = {
      id,
      level: 2,
      title,
      tokens,
      state,
      open: chunks.length === 0 ? null : open.has(id),
      ...place,
    }
    if (!section.open) return [section]
    const below = chunks.map((chunk, at): TreeRow => ({
      ...chunk,
      parent: id,
      level: 3,
      title: strings.knowledge.chunk(at + 1, chunk.preview),
      open: null,
      position: at + 1,
      siblings: chunks.length,
    }))
    return [section, ...below]
  })
}
