/** Hit rates of documents, sections and chunks, as they stand now. Pure. */
import type { HitRow } from '../../shared/hits'
import type { NodeId } from '../../shared/knowledge'
import { chunkId, documentId, parseNodeId, sectionId } from '../documents/node-id'
import type { PlaceSums, Sums } from '../store/hit-sums'
import { added, figuresOf, NOTHING } from './figures'

export type PartKind = 'document' | 'section' | 'chunk'

/** A chunk of a document's current version. */
export interface StandingChunk {
  readonly document: number
  readonly section: number
  readonly ordinal: number
  readonly digest: string
  readonly preview: string
}

/** What the parts are called. */
export interface Standing {
  /** Titles by number. */
  readonly documents: ReadonlyMap<number, string>
  /** Titles by id. */
  readonly sections: ReadonlyMap<NodeId, string>
  /** In reading order. */
  readonly chunks: readonly StandingChunk[]
}

type Part = Pick<HitRow, 'id' | 'set' | 'name' | 'state'>

/**
 * What a person sees under an id is the text that stands there now, so that is whose history its row has: a text is
 * known by its tokens, wherever an edit has moved it inside its document. What was asked of texts that are gone stays
 * with their document, as its row `earlier`; so rows add up, whatever was edited. A document's own row has all of its
 * versions.
 */
export function partRows(kind: PartKind, sums: readonly PlaceSums[], standing: Standing): HitRow[] {
  const find = finder(standing.chunks)
  const rows = new Map<string, { readonly part: Part; readonly order: readonly number[]; readonly sums: Sums }>()
  for (const one of sums) {
    const { document } = parseNodeId(one.node)
    const chunk = kind === 'document' ? null : find(one.node, document, one.digest)
    const called = chunk ? chunkPart(kind, chunk, standing) : documentPart(kind, document, standing)
    const part = { ...called, set: one.set }
    const name = `${part.id} ${part.state}`
    const order = [document, chunk?.section ?? Infinity, kind === 'chunk' && chunk ? chunk.ordinal : 0]
    rows.set(name, { part, order, sums: added(rows.get(name)?.sums ?? NOTHING, one) })
  }
  return [...rows.values()]
    .toSorted((a, b) => compared(a.order, b.order))
    .map(({ part, sums: summed }) => ({ ...part, ...figuresOf(summed) }))
}

/** By id, of every part that stands now and was asked for. */
export function hitRatesOf(sums: readonly PlaceSums[], standing: Standing): Map<NodeId, number> {
  const rows = (['document', 'section', 'chunk'] as const).flatMap((kind) => partRows(kind, sums, standing))
  return new Map(
    rows.flatMap(({ id, state, hitRate }) => (state === 'current' && hitRate !== null ? [[id, hitRate] as const] : [])),
  )
}

/** Where a text stands now: at the same place, else at its first in the document. */
function finder(
  chunks: readonly StandingChunk[],
): (node: NodeId, document: number, digest: string) => StandingChunk | null {
  const byPlace = new Map<string, StandingChunk>()
  const byText = new Map<string, StandingChunk>()
  for (const chunk of chunks) {
    byPlace.set(`${idOf(chunk)} ${chunk.digest}`, chunk)
    const text = `${chunk.document} ${chunk.digest}`
    if (!byText.has(text)) byText.set(text, chunk)
  }
  return (node, document, digest) => byPlace.get(`${node} ${digest}`) ?? byText.get(`${document} ${digest}`) ?? null
}

function idOf({ document, section, ordinal }: StandingChunk): NodeId {
  return chunkId(document, section, ordinal)
}

function chunkPart(kind: PartKind, chunk: StandingChunk, { sections }: Standing): Omit<Part, 'set'> {
  if (kind === 'chunk') return { id: idOf(chunk), name: chunk.preview, state: 'current' }
  const id = sectionId(chunk.document, chunk.section)
  return { id, name: sections.get(id) ?? id, state: 'current' }
}

function documentPart(kind: PartKind, document: number, { documents }: Standing): Omit<Part, 'set'> {
  const id = documentId(document)
  const title = documents.get(document)
  if (title === undefined) return { id, name: id, state: 'removed' }
  return { id, name: title, state: kind === 'document' ? 'current' : 'earlier' }
}

function compared(a: readonly number[], b: readonly number[]): number {
  const at = a.findIndex((value, index) => value !== b[index])
  return at < 0 ? 0 : (a[at] ?? 0) < (b[at] ?? 0) ? -1 : 1
}
