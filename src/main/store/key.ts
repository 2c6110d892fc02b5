/** Identity of caches (`docs/formats.md`, "Cache keys" and "Variants"). */
import { sha256, tokenDigest, TokenChain } from '../base/hash'

/** What a model contributes to the identity of its caches. */
export interface ModelIdentity {
  /** SHA-256 of the model's file. */
  readonly fingerprint: string
  /** The `bos` chain: the BOS token, or nothing where the model has none. */
  readonly bos: readonly number[]
  /** The `prefix` chain: everything the chat template puts before the knowledge. */
  readonly prefix: readonly number[]
  /** Tokens that fit into one context. */
  readonly contextLength: number
}

/** A cache as it would be: how it is named and what stands in front of it. */
export interface CacheName {
  readonly key: string
  readonly chain: string
}

export interface VariantKeys {
  readonly bos: CacheName
  readonly prefix: CacheName
  readonly document: CacheName
  /** Whether the document chain with this chunk fits into the model's context at all. */
  readonly documentFits: boolean
}

/** Of everything that decides the keys of a text's own variants, beside the text. */
export function frameDigest({ fingerprint, bos, prefix, contextLength }: ModelIdentity, tokenizer: string): string {
  return sha256(['kvasir-frame-1', fingerprint, tokenDigest(bos), tokenDigest(prefix), contextLength, tokenizer].join('\n'))
}

/** The key of a chunk behind a chain. Digests are hex; the parts are joined by line feeds, which no part contains. */
export function cacheKey(fingerprint: string, chain: string, tokens: string): string {
  const adapter = ''
  const edits = ''
  return sha256(['kvasir-key-1', fingerprint, adapter, chain, tokens, edits].join('\n'))
}

/** Keys of every variant of a document's chunks, which are given in order from its first. Linear in the tokens. */
export function variantKeys(
  model: ModelIdentity,
  chunks: readonly { readonly tokens: readonly number[]; readonly digest: string }[],
): VariantKeys[] {
  const bos = tokenDigest(model.bos)
  const prefix = tokenDigest(model.prefix)
  const chain = new TokenChain(model.prefix)
  let length = model.prefix.length
  return chunks.map(({ tokens, digest }) => {
    const name = (front: string): CacheName => ({ key: cacheKey(model.fingerprint, front, digest), chain: front })
    const document = name(chain.digest())
    chain.append(tokens)
    length += tokens.length
    return { bos: name(bos), prefix: name(prefix), document, documentFits: length <= model.contextLength }
  })
}
