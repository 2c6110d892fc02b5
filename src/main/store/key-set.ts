/** Keys of many caches, packed: whether one is among them is told without a look into an index. */
import { WorkbenchError } from '../../shared/errors'

/** Of a key: 64 hexadecimal digits. */
export const KEY_WORDS = 8
const KEY_DIGITS = 64

export class KeySet {
  readonly #words: Uint32Array
  /** Of each place the key that is there, as its number and one more; 0: none. */
  readonly #places: Uint32Array
  readonly #mask: number

  /** @param parts keys in words, as `keyWords` gives them */
  constructor(parts: readonly Uint32Array[]) {
    const total = parts.reduce((sum, { length }) => sum + length, 0)
    this.#words = new Uint32Array(total)
    let at = 0
    for (const part of parts) {
      this.#words.set(part, at)
      at += part.length
    }
    const keys = total / KEY_WORDS
    // At least every second place stays free: whoever is not there is found out soon.
    const places = 2 ** Math.ceil(Math.log2(2 * keys + 2))
    this.#mask = places - 1
    this.#places = new Uint32Array(places)
    for (let key = 0; key < keys; key++) this.#places[this.#find(this.#words, key * KEY_WORDS)] = key + 1
  }

  /** Whether the key that begins at a word is among them. */
  has(words: Uint32Array, at: number): boolean {
    return this.#places[this.#find(words, at)] !== 0
  }

  /** The place of a key, or the free one where it would be. Keys are digests: their beginnings are spread evenly. */
  #find(words: Uint32Array, at: number): number {
    let place = (words[at] ?? 0) & this.#mask
    for (;;) {
      const key = this.#places[place] ?? 0
      if (key === 0 || this.#isSame((key - 1) * KEY_WORDS, words, at)) return place
      place = (place + 1) & this.#mask
    }
  }

  #isSame(own: number, words: Uint32Array, at: number): boolean {
    for (let word = 0; word < KEY_WORDS; word++) if (this.#words[own + word] !== words[at + word]) return false
    return true
  }
}

/** Keys as words from their digits, one key behind the other. @throws store.damaged */
export function keyWords(digits: string): Uint32Array {
  const bytes = Buffer.from(digits, 'hex')
  if (digits.length % KEY_DIGITS !== 0 || bytes.length * 2 !== digits.length)
    throw new WorkbenchError('store.damaged', 'Expected keys of 64 hexadecimal digits in the index, but it has others.')
  const words = new Uint32Array(bytes.length / 4)
  new Uint8Array(words.buffer).set(bytes)
  return words
}
