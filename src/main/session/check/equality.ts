/** Recomputing everything gives full prefill's logits bit for bit, whichever way the rows were chosen. */
import type { Recompute, Segment } from '../../../shared/engine'
import { finding, probeTokens, type Checkup, type Finding } from './checkup'
import { computed, TemporaryCaches } from './temporary-caches'

const CHUNK = 48
const CHUNKS = 3
const QUESTION = 16
/** Smaller than the context, so that rows are cut into several. */
const SUB_BATCH = 64

export async function equality(checkup: Checkup): Promise<Finding> {
  const { engine, model, loaded, signal } = checkup
  const front = model.identity.bos
  const tokens = await probeTokens(checkup, front.length + CHUNKS * CHUNK + QUESTION)
  if (tokens.length >= loaded.contextLength) {
    return finding('skipped', { id: 'check.too-short', params: { context: loaded.contextLength, chunks: CHUNKS } })
  }
  const chunks = Array.from({ length: CHUNKS }, (_, index) => tokens.slice(front.length + index * CHUNK).slice(0, CHUNK))
  const question = computed(tokens.slice(front.length + CHUNKS * CHUNK))
  await using caches = new TemporaryCaches(checkup)
  const cached: Segment[] = []
  for (const chunk of chunks) cached.push(await caches.encode(chunk, front))
  const head = front.length > 0 ? [computed(front)] : []
  const digestOf = async (middle: readonly Segment[], recompute: Recompute): Promise<string> => {
    const { logitsDigest } = await engine.call(
      'answer',
      {
        model: loaded.model,
        segments: [...head, ...middle, question],
        recompute,
        sampling: { temperature: 0 },
        maxTokens: 1,
        stop: [],
        subBatch: SUB_BATCH,
      },
      { signal },
    )
    return logitsDigest
  }
  const full = await digestOf(chunks.map(computed), { kind: 'none' })
  const ways = waysToAll(loaded.layers, front.length, CHUNKS * CHUNK)
  const wrong: (number | null)[] = []
  for (const { layer, recompute } of ways) if ((await digestOf(cached, recompute)) !== full) wrong.push(layer)
  if (wrong.length > 0) return finding('failed', { id: 'check.unequal', params: { ways: wrong } })
  return finding('passed', { id: 'check.equal', params: { ways: ways.map(({ layer }) => layer) } })
}

/** Every way to have all cached rows computed again: by their numbers, or as blend finds them at a layer. */
function waysToAll(layers: number, first: number, count: number): { layer: number | null; recompute: Recompute }[] {
  const rows = Array.from({ length: count }, (_, index) => first + index)
  const checkLayers = [...new Set([1, Math.floor(layers / 2)])].filter((layer) => layer >= 1 && layer < layers)
  return [
    { layer: null, recompute: { kind: 'rows', rows } },
    ...checkLayers.map((layer) => ({
      layer,
      recompute: { kind: 'check', layer, ratio: 1, exactRows: 0, by: 'v', attention: false, gradual: false } as const,
    })),
  ]
}
