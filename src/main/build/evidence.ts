import type { Profile } from '../../shared/profile'
import type { Chunks } from '../documents/chunks'
import type { Store } from '../store/store'
import type { IncludedChunk } from './included'
import type { KeyedDocument } from './knowledge'
import { isTail } from './missing'
import type { Evidence } from './states'

export interface EvidenceInput {
  readonly documents: readonly KeyedDocument[]
  /** The selection's chunks, where there is one. */
  readonly included?: readonly IncludedChunk[]
  /** Digest of the tokenizer. */
  readonly tokenizer: string
  /** Only caches in this profile count; null: in any. */
  readonly profile?: Profile | null
  /** Keys that running builds are making. */
  readonly making?: ReadonlySet<string>
}

/** Gathers what `Evidence` holds, for all chunks of the documents. */
export function gatherEvidence(
  store: Store,
  chunks: Chunks,
  { documents, included = [], tokenizer, profile = null, making }: EvidenceInput,
): Evidence {
  const all = documents.flatMap((document) => document.chunks)
  const tails = included.filter(isTail).map(({ cache }) => cache.key)
  const keys = all.flatMap(({ keys }) => [keys.bos.key, keys.prefix.key, keys.document.key]).concat(tails)
  const earlier = new Map<string, readonly string[]>()
  const otherwiseCut = new Map<number, readonly string[]>()
  for (const { row, chunks: own } of documents) {
    const places = row.version > 1 ? chunks.earlier(row, tokenizer) : null
    for (const { id, section, ordinal } of places ? own : [])
      earlier.set(id, places?.get(`${section}.${ordinal}`) ?? [])
    otherwiseCut.set(row.id, chunks.otherwiseCut(row, tokenizer))
  }
  const digests = [
    ...all.map(({ digest }) => digest),
    ...[...earlier.values()].flat(),
    ...[...otherwiseCut.values()].flat(),
  ]
  const kept = store.available(keys)
  const available = profile ? store.available(keys, [profile]) : kept
  return {
    available,
    making,
    tails: store.tails(tails).intersection(available),
    gone: store.gone(keys),
    otherwiseKept: kept.difference(available),
    setAside: store.setAside(keys),
    holders: store.traces([...new Set(digests)]),
    earlier,
    otherwiseCut,
  }
}
