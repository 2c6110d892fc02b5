/** One cache, layer by layer and token by token. */
import type { CachePlanes } from '../../shared/engine-looks'
import { WorkbenchError } from '../../shared/errors'
import { CACHE_PLANES, drawOptions, type CacheDrawing, type CachePlaneName, type DrawInput } from '../../shared/upkeep'
import type { OpenModel } from '../session/models'
import type { KnownCache } from '../store/cache-facts'
import { cachedSegment } from '../store/store'
import { standingOf } from './cache-front'
import type { StoreCareParts } from './store-care'

/** More say nothing in a picture. */
const DIGITS = 4

interface Wanted {
  readonly cache: KnownCache
  readonly model: OpenModel
  readonly input: DrawInput
  readonly signal: AbortSignal | undefined
}

/** @throws not-found where the text or the copy has gone; argument.invalid, engine.context-too-long, object.damaged, … */
export async function drawCache(
  parts: StoreCareParts,
  { cache, model, input, signal }: Wanted,
): Promise<CacheDrawing> {
  const { profile = null, question, from = 0, to = cache.tokens } = drawOptions.parse(input)
  const { engine, store } = parts
  const { model: handle } = await model.load(signal)
  const asked = question === undefined ? [] : await model.tailTokens(model.frame.render(question).tail, signal)
  const standing = standingOf(parts, model, { digest: cache.digest, behind: asked.length })
  if (!standing)
    throw new WorkbenchError(
      'not-found',
      { id: 'cache.no-text', params: {} },
    )
  await using lease = await store.open([cache.key], profile)
  const file = lease.files.get(cache.key)
  if (!file)
    throw new WorkbenchError(
      'not-found',
      `Expected a sound copy of the cache${profile === null ? '' : ` as ${profile}`}, but there is none. Build its set again.`,
    )
  const segment = cachedSegment(lease, cache.key, standing.tokens)
  if (segment.kind !== 'cached') throw new WorkbenchError('internal', 'A cache is read from its file.')
  const drawn = await engine.call(
    'inspectCache',
    { model: handle, front: standing.front, cache: segment, question: [...asked], from, to },
    { signal },
  )
  return {
    key: cache.key,
    profile: file.profile,
    tokens: cache.tokens,
    from,
    to,
    node: standing.node,
    frontTokens: standing.front.length,
    question: question ?? null,
    layers: drawn.layers,
    cells: drawn.cells,
    tokensPerCell: drawn.tokensPerCell,
    planes: planesOf(drawn),
    texts: drawn.texts,
  }
}

function planesOf(drawn: CachePlanes): CacheDrawing['planes'] {
  const layersOf = (name: CachePlaneName): number[][] => {
    const values = drawn[name]
    const layers = values.length / drawn.cells
    return Array.from({ length: layers }, (_, layer) =>
      Array.from(values.subarray(layer * drawn.cells, (layer + 1) * drawn.cells), (value) =>
        Number(value.toPrecision(DIGITS)),
      ),
    )
  }
  return Object.fromEntries(CACHE_PLANES.map((name) => [name, layersOf(name)])) as Record<CachePlaneName, number[][]>
}
