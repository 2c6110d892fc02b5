/** Recomputing everything gives full prefill's logits bit for bit, whichever way the rows were chosen. */
import type { Recompute, Segment } from '../../../shared/engine'
import { probeTokens, type Checkup, type Finding } from './checkup'
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
    return { result: 'skipped', detail: `Its context of ${loaded.contextLength} tokens is too short for ${CHUNKS} chunks.` }
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
  const wrong: string[] = []
  for (const { name, recompute } of ways) if ((await digestOf(cached, recompute)) !== full) wrong.push(name)
  if (wrong.length === 0) {
    return {
      result: 'passed',
      detail: `Full prefill's logits bit for bit with everything recomputed: ${ways.map(({ name }) => name).join(', ')}.`,
    }
  }
  return {
    result: 'failed',
    detail: `Expected full prefill's logits bit for bit with everything recomputed, but got others by ${wrong.join(', ')}.`,
  }
}

/** Every way to have all cached rows computed again. */
function waysToAll(layers: number, first: number, count: number): { name: string; recompute: Recompute }[] {
  const rows = Array.from({ length: count }, (_, index) => first + index)
  const checkLayers = [...new Set([1, Math.floor(layers / 2)])].filter((layer) => layer >= 1 && layer < layers)
  return [
    { name: 'all rows named', recompute: { kind: 'rows', rows } },
    ...checkLayers.map((layer) => ({
      name: `blend:1 checked at layer ${layer}`,
      recompute: { kind: 'check', layer, ratio: 1, exactRows: 0, by: 'v', attention: false, gradual: false } as const,
    })),
  ]
}
