/** Cached variants against the isolated ones: how much every token depends on what stands before it. */
import { throwIfCancelled } from '../base/cancelled'
import type { Engine } from '../engine/engine'
import { scoredKeys, writeScores } from '../store/scores'
import { isObjectFault, type Store } from '../store/store'
import type { IncludedChunk } from './included'
import type { KeyedDocument } from './knowledge'
import { OWN_KINDS } from './missing'
import { setAsideDamaged } from './set-aside'

export interface ScoringInput {
  readonly documents: readonly KeyedDocument[]
  readonly selections?: readonly (readonly IncludedChunk[])[]
  readonly signal?: AbortSignal
  /** Called with a document's title when its first cache is scored. */
  readonly onStart?: (title: string) => void
}

interface Pair {
  readonly key: string
  readonly isolated: string
  readonly title: string
}

/**
 * Scores every cache of these documents, and of the selections, that has none and whose isolated variant is there, both
 * as f16.
 * @returns how many were scored, and how many turned out damaged: these are set aside, and nothing is scored after them
 */
export async function scoreMissing(
  engine: Pick<Engine, 'call'>,
  store: Store,
  { signal, onStart, ...input }: ScoringInput,
): Promise<{ readonly scored: number; readonly damaged: number }> {
  let [scored, title] = [0, '']
  for (const pair of unscoredPairs(store, input)) {
    throwIfCancelled(signal)
    if (pair.title !== title) onStart?.(pair.title)
    title = pair.title
    await using lease = await store.open([pair.key, pair.isolated], 'f16')
    if (lease.damaged.size > 0) return { scored, damaged: lease.damaged.size }
    const [first, second] = [pair.isolated, pair.key].map((key) => ({ path: lease.files.get(key)?.path ?? '', key }))
    // Removed since it was looked for.
    if (!first?.path || !second?.path) continue
    try {
      writeScores(store.sql, pair, await engine.call('deviation', { first, second }, { signal }))
      scored += 1
    } catch (error) {
      const damaged = isObjectFault(error) ? await setAsideDamaged(engine, store, lease) : 0
      if (damaged === 0) throw error
      return { scored, damaged }
    }
  }
  return { scored, damaged: 0 }
}

function unscoredPairs(store: Store, input: Omit<ScoringInput, 'signal' | 'onStart'>): Pair[] {
  const pairs = pairsOf(input)
  const keys = [...pairs.keys()]
  const scored = scoredKeys(store.sql, keys)
  const available = store.available([...keys, ...[...pairs.values()].map(({ isolated }) => isolated)], ['f16'])
  return [...pairs.values()].filter(
    ({ key, isolated }) => !scored.has(key) && available.has(key) && available.has(isolated),
  )
}

/** By key; a variant with nothing in front but what the isolated one has is that variant. */
function pairsOf({ documents, selections = [] }: Omit<ScoringInput, 'signal' | 'onStart'>): Map<string, Pair> {
  const titles = new Map(documents.map(({ row }) => [row.id, row.title]))
  const variants = [
    ...documents.flatMap(({ chunks }) =>
      chunks.flatMap((chunk) => OWN_KINDS.map((kind) => ({ chunk, key: chunk.keys[kind].key }))),
    ),
    ...selections.flat().map(({ chunk, cache }) => ({ chunk, key: cache.key })),
  ]
  const pairs = new Map<string, Pair>()
  for (const { chunk, key } of variants) {
    const isolated = chunk.keys.bos.key
    if (key !== isolated) pairs.set(key, { key, isolated, title: titles.get(chunk.document) ?? '' })
  }
  return pairs
}
