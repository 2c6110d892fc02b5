/** Documents as plans and builds see them, made up from token ids, without a store or a model. */
import { tokenDigest } from '../../src/main/base/hash'
import type { KeyedChunk } from '../../src/main/build/knowledge'
import type { Evidence } from '../../src/main/build/states'
import { variantKeys, type ModelIdentity } from '../../src/main/store/key'

export const MODEL: ModelIdentity = { fingerprint: 'a'.repeat(64), bos: [1], prefix: [1, 2, 3], contextLength: 1000 }

/** A document of these chunks, all in one section. */
export function keyedChunks(document: number, texts: readonly (readonly number[])[], model = MODEL): KeyedChunk[] {
  const plain = texts.map((tokens, position) => ({
    id: `d${document}.s1.c${position + 1}`,
    document,
    section: 1,
    ordinal: position + 1,
    position,
    start: 0,
    end: 0,
    tokens,
    digest: tokenDigest(tokens),
    preview: '',
  }))
  const keys = variantKeys(model, plain)
  return plain.map((chunk, position) => ({ ...chunk, keys: keys[position] as KeyedChunk['keys'] }))
}

export function evidenceOf(available: readonly string[], more: Partial<Evidence> = {}): Evidence {
  return {
    available: new Set(available),
    tails: new Set(),
    setAside: new Set(),
    gone: new Map(),
    otherwiseKept: new Set(),
    holders: new Map(),
    earlier: new Map(),
    otherwiseCut: new Map(),
    ...more,
  }
}
