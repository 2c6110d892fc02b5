/** What stands in front of a cache: when it was computed, and where its text stands now. */
import type { NodeId } from '../../shared/knowledge'
import type { CacheFront } from '../../shared/upkeep'
import { tokenDigest, tokensOf } from '../base/hash'
import type { KeyedChunk } from '../build/knowledge'
import { chunkId } from '../documents/node-id'
import type { OpenModel } from '../session/models'
import { findText, tokensUpTo, type KnownCache } from '../store/cache-facts'
import { placesOf } from '../store/pages'
import type { StoreCareParts } from './store-care'

/** From its chain, which names what it was computed behind. */
export async function frontOf(
  { store, sets, library, knowledge }: StoreCareParts,
  model: OpenModel,
  { digest, chain, model: fingerprint }: KnownCache,
): Promise<CacheFront> {
  const { bos, prefix } = model.identity
  if (chain === tokenDigest(bos)) return { kind: 'bos', tokens: bos.length }
  if (chain === tokenDigest(prefix)) return { kind: 'prefix', tokens: prefix.length }
  for (const { set, document } of placesOf(store.sql, digest, { model: fingerprint })) {
    const wanted = library.find(Number(document.slice(1))).id
    const documents = await knowledge.read(sets.find(set).row, model)
    const chunks = documents.find(({ row }) => row.id === wanted)?.chunks ?? []
    const at = chunks.findIndex((chunk) => chunk.digest === digest && chunk.keys.document.chain === chain)
    if (at < 0) continue
    const before = chunks.slice(0, at)
    return { kind: 'document', tokens: prefix.length + tokensIn(before), chunks: before.map(({ id }) => id) }
  }
  return { kind: 'unknown' }
}

function tokensIn(chunks: readonly KeyedChunk[]): number {
  return chunks.reduce((sum, { tokens }) => sum + tokens.length, 0)
}

export interface Standing {
  readonly node: NodeId
  readonly tokens: number[]
  /** The prefix and the document in front of the chunk, without its beginning where the context has no room for it. */
  readonly front: number[]
}

/** Where a text stands, or stood last; null: no version of any document has it. `behind`: tokens that follow it. */
export function standingOf(
  { store }: StoreCareParts,
  { identity, tokenizer }: OpenModel,
  { digest, behind }: { readonly digest: string; readonly behind: number },
): Standing | null {
  const place = findText(store.sql, digest, tokenizer.digest)
  if (!place) return null
  const parts = tokensUpTo(store.sql, place).map(tokensOf)
  const tokens = parts.pop() ?? []
  const room = identity.contextLength - identity.prefix.length - tokens.length - behind
  const before = room > 0 ? parts.flat().slice(-room) : []
  return {
    node: chunkId(place.document, place.section, place.ordinal),
    tokens: [...tokens],
    front: [...identity.prefix, ...before],
  }
}
