/** Digests. All are hex SHA-256 and depend on nothing but the bytes given. */
import { createHash } from 'node:crypto'

export function sha256(data: string | Uint8Array): string {
  return createHash('sha256').update(data).digest('hex')
}

/** Token ids as the bytes that are hashed and stored: little-endian 32-bit signed integers, on every platform. */
export function tokenBytes(tokens: readonly number[]): Uint8Array {
  const bytes = new Uint8Array(tokens.length * 4)
  const view = new DataView(bytes.buffer)
  for (let index = 0; index < tokens.length; index++) view.setInt32(index * 4, tokens[index] ?? 0, true)
  return bytes
}

/** The reverse of `tokenBytes`. */
export function tokensOf(bytes: Uint8Array): number[] {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  return Array.from({ length: bytes.byteLength / 4 }, (_, index) => view.getInt32(index * 4, true))
}

export function tokenDigest(tokens: readonly number[]): string {
  return sha256(tokenBytes(tokens))
}

/** No token's id: stands in a chain's digest where a chunk begins. */
const CHUNK_BORDER = tokenBytes([-1])

/**
 * The digest of a growing chain (a front, then chunks), read at any length without hashing it again from the start.
 * Borders count, because K/V computed in other pieces are equal only to rounding.
 */
export class TokenChain {
  readonly #hash = createHash('sha256')

  constructor(front: readonly number[] = []) {
    this.#hash.update(tokenBytes(front))
  }

  append(chunk: readonly number[]): void {
    this.#hash.update(CHUNK_BORDER).update(tokenBytes(chunk))
  }

  digest(): string {
    return this.#hash.copy().digest('hex')
  }
}
