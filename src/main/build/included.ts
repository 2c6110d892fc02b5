/** Chunks of a selection, each behind what of its own document is included before it. Pure. */
import { TokenChain } from '../base/hash'
import { cacheKey, type CacheName, type ModelIdentity } from '../store/key'
import type { KeyedChunk } from './knowledge'

export interface IncludedChunk {
  readonly chunk: KeyedChunk
  /** `document`: its document is included up to here without a gap. `tail`: something before it is left out. */
  readonly kind: 'document' | 'tail'
  /** Its cache behind the prefix and the included chunks before it in its document. */
  readonly cache: CacheName
  /** Whether that fits into the model's context. */
  readonly fits: boolean
}

interface Progress {
  /** Included so far. */
  readonly tokens: (readonly number[])[]
  /** Since the first gap. */
  chain: TokenChain | null
  length: number
}

/**
 * Names the cache that suits this selection best, for every chunk of it, given in reading order. A chain holds nothing
 * but included chunks: exclusion leaves no trace.
 */
export function includedChunks(model: ModelIdentity, chunks: readonly KeyedChunk[]): IncludedChunk[] {
  const documents = new Map<number, Progress>()
  return chunks.map((chunk): IncludedChunk => {
    const before = documents.get(chunk.document) ?? { tokens: [], chain: null, length: model.prefix.length }
    documents.set(chunk.document, before)
    if (chunk.position > before.tokens.length) before.chain ??= chainOf(model.prefix, before.tokens)
    const front = before.chain?.digest() ?? null
    before.tokens.push(chunk.tokens)
    before.chain?.append(chunk.tokens)
    before.length += chunk.tokens.length
    if (front === null) return { chunk, kind: 'document', cache: chunk.keys.document, fits: chunk.keys.documentFits }
    const cache = { key: cacheKey(model.fingerprint, front, chunk.digest), chain: front }
    return { chunk, kind: 'tail', cache, fits: before.length <= model.contextLength }
  })
}

function chainOf(prefix: readonly number[], chunks: readonly (readonly number[])[]): TokenChain {
  const chain = new TokenChain(prefix)
  for (const tokens of chunks) chain.append(tokens)
  return chain
}
