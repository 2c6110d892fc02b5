import type { Chunks } from '../documents/chunks'
import type { Store } from '../store/store'
import type { KeyedDocument } from './knowledge'
import type { Evidence } from './states'

/** Gathers what `Evidence` holds, for all chunks of the documents. */
export function gatherEvidence(
  store: Store,
  chunks: Chunks,
  { documents, tokenizer }: { readonly documents: readonly KeyedDocument[]; readonly tokenizer: string },
): Evidence {
  const all = documents.flatMap((document) => document.chunks)
  const keys = all.flatMap(({ keys }) => [keys.bos.key, keys.prefix.key, keys.document.key])
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
  return {
    available: store.available(keys),
    setAside: store.setAside(keys),
    holders: store.traces([...new Set(digests)]),
    earlier,
    otherwiseCut,
  }
}
