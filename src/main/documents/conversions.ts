/** The last conversions: what a preview has read, its import need not read again. */
import type { Converted } from './convert/converted'
import type { Format } from './format'

/** Characters of text that are kept. */
const KEPT = 32 * 1024 * 1024

export class Conversions {
  /** Least recently used first. */
  readonly #kept = new Map<string, Converted>()
  #size = 0

  /** @param digest of the file's bytes */
  async of(digest: string, format: Format, convert: () => Promise<Converted>): Promise<Converted> {
    const name = `${format} ${digest}`
    const known = this.#kept.get(name)
    if (known) {
      this.#kept.delete(name)
      this.#kept.set(name, known)
      return known
    }
    const converted = await convert()
    if (!this.#kept.has(name)) this.#size += converted.text.length
    this.#kept.set(name, converted)
    for (const [oldest, { text }] of this.#kept) {
      if (this.#size <= KEPT) break
      this.#kept.delete(oldest)
      this.#size -= text.length
    }
    return converted
  }
}
