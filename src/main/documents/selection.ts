import { WorkbenchError } from '../../shared/errors'
import type { NodeId, Selection } from '../../shared/knowledge'
import { idChain } from './node-id'

/**
 * Which chunks a selection takes, in their order. The most specific listed id on the way from a chunk up to its
 * document decides; where none is listed, a chunk is in when `include` is empty. An id in both lists is out.
 * @param chunks every chunk's id, in reading order
 * @param others ids of documents that are there too, of which the selection takes nothing (`touchesDocument`)
 * @throws not-found for ids that name nothing here
 */
export function selectChunks<T extends { readonly id: NodeId }>(
  chunks: readonly T[],
  { include, exclude }: Selection,
  others: Iterable<NodeId> = [],
): T[] {
  const taken = new Set(include)
  const left = new Set(exclude)
  assertKnown(chunks, [...include, ...exclude].filter(isNot(others)))
  return chunks.filter(({ id }) => {
    const decisive = idChain(id).find((step) => taken.has(step) || left.has(step))
    return decisive === undefined ? taken.size === 0 : !left.has(decisive)
  })
}

/** Whether a selection may take something of a document (by its id), or names a part of it: others need not be read. */
export function touchesDocument({ include, exclude }: Selection): (document: NodeId) => boolean {
  const left = new Set(exclude)
  const taken = new Set(include)
  const divided = new Set(
    [...include, ...exclude].filter((id) => id.includes('.')).map((id) => id.slice(0, id.indexOf('.'))),
  )
  return (document) =>
    divided.has(document) || (!left.has(document) && (taken.size === 0 || taken.has(document)))
}

function isNot(ids: Iterable<NodeId>): (id: NodeId) => boolean {
  const known = new Set(ids)
  return (id) => !known.has(id)
}

function assertKnown(chunks: readonly { readonly id: NodeId }[], listed: readonly NodeId[]): void {
  if (listed.length === 0) return
  const known = new Set(chunks.flatMap(({ id }) => idChain(id)))
  const unknown = listed.filter((id) => !known.has(id))
  if (unknown.length === 0) return
  const shown = unknown.slice(0, 5).join(', ') + (unknown.length > 5 ? `, … (${unknown.length} in all)` : '')
  throw new WorkbenchError(
    'not-found',
    { id: 'set.part-gone', params: { part: shown } },
  )
}
