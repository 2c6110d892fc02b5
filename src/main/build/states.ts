/** Cache states, and why a chunk has no cache that fits. Pure. */
import type { GoneReason, MissReason } from '../../shared/answer'
import type { CacheState, ContextKind } from '../../shared/knowledge'
import type { KeyedChunk } from './knowledge'
import { OWN_KINDS } from './missing'

/** What the store and earlier versions know about a set's chunks. */
export interface Evidence {
  /** Keys that have a cache. */
  readonly available: ReadonlySet<string>
  /** Of them, those that a selection with a gap may use: nothing that was made for another document counts. */
  readonly tails: ReadonlySet<string>
  /** Keys whose cache was damaged and has not been made again. */
  readonly setAside: ReadonlySet<string>
  /** Keys that running builds are making; absent: none. */
  readonly making?: ReadonlySet<string>
  /** Keys whose cache went, and why. */
  readonly gone: ReadonlyMap<string, GoneReason>
  /** Keys that have a cache, but not in the profile asked for. */
  readonly otherwiseKept: ReadonlySet<string>
  /** Fingerprints of models that hold a cache of a text under any chain, by its token digest. */
  readonly holders: ReadonlyMap<string, ReadonlySet<string>>
  /** Token digests that earlier versions had at a chunk's place, by chunk id. */
  readonly earlier: ReadonlyMap<string, readonly string[]>
  /** Token digests of a document as other tokenizers cut it, by the document's number. */
  readonly otherwiseCut: ReadonlyMap<number, readonly string[]>
}

/** Variants at hand that do not depend on a selection. A first chunk's `document` variant is its `prefix` variant: both or none. */
export function variantsOf({ keys }: KeyedChunk, available: ReadonlySet<string>): ContextKind[] {
  return OWN_KINDS.filter((kind) => available.has(keys[kind].key))
}

/** `cached` when the best variant there can be is at hand, `partly` when only a poorer one is. */
export function chunkState(chunk: KeyedChunk, model: string, evidence: Evidence): CacheState {
  const { keys } = chunk
  const best = keys.documentFits ? keys.document : keys.bos
  if (evidence.available.has(best.key)) return 'cached'
  if (evidence.making?.has(best.key)) return 'building'
  if (evidence.setAside.has(best.key)) return 'damaged'
  if (variantsOf(chunk, evidence.available).length > 0) return 'partly'
  // What was made of this text and thrown away is not one of an earlier text.
  return !evidence.gone.has(best.key) && hasEarlier(chunk, model, evidence) ? 'stale' : 'missing'
}

/** Of a section or document from its chunks: what is being done or has to be done comes before what is there. */
export function joinStates(states: readonly CacheState[]): CacheState {
  const has = (...wanted: readonly CacheState[]): boolean => states.some((state) => wanted.includes(state))
  if (states.length > 0 && !has('partly', 'stale', 'missing', 'building', 'damaged')) return 'cached'
  if (has('building')) return 'building'
  if (has('damaged')) return 'damaged'
  if (has('cached', 'partly')) return 'partly'
  return has('stale') ? 'stale' : 'missing'
}

/** Why a chunk has no cache under any of the keys that would do. */
export function missReason(chunk: KeyedChunk, keys: readonly string[], model: string, evidence: Evidence): MissReason {
  if (keys.some((key) => evidence.otherwiseKept.has(key))) return 'other-profile'
  if (keys.some((key) => evidence.setAside.has(key))) return 'damaged'
  const gone = keys.flatMap((key) => evidence.gone.get(key) ?? [])
  if (gone[0] !== undefined) return gone[0]
  const holders = evidence.holders.get(chunk.digest)
  if (holders?.has(model)) return 'other-context'
  if (hasEarlier(chunk, model, evidence)) return 'edited-text'
  const otherwiseCut = evidence.otherwiseCut.get(chunk.document) ?? []
  if ((holders?.size ?? 0) > 0 || otherwiseCut.some((digest) => (evidence.holders.get(digest)?.size ?? 0) > 0))
    return 'other-model'
  return 'never-built'
}

function hasEarlier(chunk: KeyedChunk, model: string, { earlier, holders }: Evidence): boolean {
  return (earlier.get(chunk.id) ?? []).some((digest) => digest !== chunk.digest && holders.get(digest)?.has(model))
}
