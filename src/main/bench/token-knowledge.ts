/** Documents without words: random tokens, for measurements on models that could not read anyway. */
import { tokenDigest } from '../base/hash'
import type { KeyedDocument } from '../build/knowledge'
import { chunkId } from '../documents/node-id'
import { variantKeys, type ModelIdentity, type VariantKeys } from '../store/key'

/** A document of these chunks as the core sees it. `number` is the one in its id. */
export function tokenDocument(
  number: number,
  chunks: readonly (readonly number[])[],
  identity: ModelIdentity,
): KeyedDocument {
  const title = `Document ${number}`
  const hashed = chunks.map((tokens) => ({ tokens, digest: tokenDigest(tokens) }))
  const keys = variantKeys(identity, hashed)
  return {
    row: {
      id: number,
      set: 0,
      source: title,
      format: 'text',
      version: 1,
      versionRow: number,
      title,
      bytes: 0,
      importedAt: '',
    },
    sections: [{ title, level: 0, start: 0, end: 0 }],
    chunks: hashed.map((chunk, position) => ({
      ...chunk,
      id: chunkId(number, 1, position + 1),
      document: number,
      section: 1,
      ordinal: position + 1,
      position,
      start: 0,
      end: 0,
      preview: '',
      keys: keys[position] as VariantKeys,
    })),
  }
}

/** Tokens in pieces of `size`; the last one has what is left. */
export function pieces(tokens: readonly number[], size: number): number[][] {
  return Array.from({ length: Math.ceil(tokens.length / size) }, (_, at) => tokens.slice(at * size, (at + 1) * size))
}
