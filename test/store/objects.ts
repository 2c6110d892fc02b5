/** Objects and caches made up from a name. */
import { createHash } from 'node:crypto'
import type { WrittenObject } from '../../src/main/store/copies'
import type { CacheFacts } from '../../src/main/store/entries'

export const digestOf = (text: string | Uint8Array): string => createHash('sha256').update(text).digest('hex')

export function objectOf(name: string, bytes = 100): { readonly content: Buffer; readonly object: WrittenObject } {
  const content = Buffer.alloc(bytes, `${name} `)
  return { content, object: { digest: digestOf(content), bytes, ms: 1 } }
}

export function cacheOf(name: string, facts: Partial<CacheFacts> = {}): CacheFacts {
  return {
    key: digestOf(`key ${name}`),
    model: 'm'.repeat(64),
    kind: 'bos',
    chain: 'c'.repeat(64),
    tokenDigest: digestOf(`text ${name}`),
    tokens: 3,
    ...facts,
  }
}
