/** Caches that a check computes for itself: real object files, gone when the check is over. */
import type { Segment } from '../../../shared/engine'
import { tokenDigest } from '../../base/hash'
import { cacheKey } from '../../store/key'
import type { Checkup } from './checkup'

export class TemporaryCaches implements AsyncDisposable {
  readonly #checkup: Checkup
  readonly #paths: string[] = []
  /** By key: texts that several contexts share are computed once. */
  readonly #made = new Map<string, Segment>()

  constructor(checkup: Checkup) {
    this.#checkup = checkup
  }

  /** The chunk computed behind nothing but `front`, as a cached segment. */
  async encode(tokens: readonly number[], front: readonly number[]): Promise<Segment> {
    const { engine, store, model, loaded, signal } = this.#checkup
    const key = cacheKey(model.identity.fingerprint, tokenDigest(front), tokenDigest(tokens))
    const known = this.#made.get(key)
    if (known) return known
    const path = store.stage()
    this.#paths.push(path)
    await engine.call(
      'encode',
      {
        model: loaded.model,
        context: front.length > 0 ? [{ kind: 'compute', tokens: [...front] }] : [],
        chunks: [{ tokens: [...tokens], key, path }],
        subBatch: 512,
      },
      { signal },
    )
    const segment: Segment = { kind: 'cached', tokens: [...tokens], path, key }
    this.#made.set(key, segment)
    return segment
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const path of this.#paths) await this.#checkup.store.discard(path)
  }
}

export const computed = (tokens: readonly number[]): Segment => ({ kind: 'compute', tokens: [...tokens] })
