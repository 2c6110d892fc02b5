/** Speed over the last while, and what it promises for the rest. */
const WINDOW_MS = 15_000
/** An estimate from less than this jumps about. */
const LEAST_MS = 500

export class Pace {
  #samples: { readonly at: number; readonly done: number }[] = []
  #total = -1

  /**
   * @param done of `total`
   * @param now ms of any steady clock
   */
  take(
    done: number,
    total: number,
    now: number,
  ): { readonly speed: number | null; readonly etaSeconds: number | null } {
    const last = this.#samples.at(-1)
    // Another measure, or a repair that took something back: what was measured says nothing of it.
    if (total !== this.#total || (last && done < last.done)) this.#samples = []
    this.#total = total
    this.#samples.push({ at: now, done })
    while ((this.#samples[1]?.at ?? now) < now - WINDOW_MS) this.#samples.shift()
    const first = this.#samples[0]
    if (!first || now - first.at < LEAST_MS || done <= first.done) return { speed: null, etaSeconds: null }
    const speed = ((done - first.done) * 1000) / (now - first.at)
    return { speed, etaSeconds: (total - done) / speed }
  }
}
