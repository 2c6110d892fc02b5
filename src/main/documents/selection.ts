import { WorkbenchError } from '../../shared/errors'
import type { NodeId, Selection } from '../../shared/knowledge'
import { idChain } from './node-id'

/**
 * Which chunks a selection takes, in their order. The most specific listed id on the way from a chunk up to its
 * document decides; where none is listed, a chunk is in when `include` is empty. An id in both lists is out.
 * @param chunks every chunk's id, in reading order
 * @throws not-found for ids that name nothing here
 */
export function selectChunks<T extends { readonly id: NodeId }>(
  chunks: readonly T[],
  { include, exclude }: Selection,
): T[] {
  const taken = new Set(include)
  const left = new Set(exclude)
  assertKnown(chunks, [...include, ...exclude])
  return chunks.filter(({ id }) => {
    const decisive = idChain(id).find((step) => taken.has(step) || left.has(step))
    return decisive === undefined ? taken.size === 0 : !left.has(decisive)
  })
}

function assertKnown(chunks: readonly { readonly id: NodeId }[], listed: readonly NodeId[]): void {
  if (listed.length === 0) return
  const known = new Set(chunks.flatMap(({ id }) => idChain(id)))
  const unknown = listed.filter((id) => !known.has(id))
  if (unknown.length === 0) return
  const shown = unknown.slice(0, 5).join(', ') + (unknown.length > 5 ? `, … (${unknown.length} in all)` : '')
  throw new WorkbenchError(
    'not-found',
    `The set has no ${shown}. A document that changed may have other sections now: look at the set again.`,
  )
}
