/** What is to be computed, as runs that one call of the engine encodes. Pure. */
import type { ContextKind } from '../../shared/knowledge'
import type { KeyedChunk, KeyedDocument } from './knowledge'
import type { CacheName } from '../store/key'

export interface EncodeTarget {
  readonly chunk: KeyedChunk
  readonly kind: ContextKind
  readonly cache: CacheName
}

/** Chunks that are encoded one behind the other, each seeing those before it. */
export interface EncodeRun {
  readonly document: KeyedDocument
  /** What stands before the first: BOS, the template's prefix, or the prefix and the document so far. */
  readonly context: { readonly chain: 'bos' | 'prefix'; readonly before: readonly KeyedChunk[] }
  readonly targets: readonly EncodeTarget[]
}

export interface MissingInput {
  readonly documents: readonly KeyedDocument[]
  readonly variants: readonly ContextKind[]
  /** Keys that have a cache. */
  readonly available: ReadonlySet<string>
  /** Only these keys are wanted; all when absent. */
  readonly only?: ReadonlySet<string>
}

/**
 * Documents front to back first (one pass yields all `document` variants), then the variants that stand alone. A key
 * that several chunks share is computed once. Chunks that do not fit into the model's context behind their document get no
 * `document` variant.
 */
export function missingRuns({ documents, variants, available, only }: MissingInput): EncodeRun[] {
  const planned = new Set<string>()
  const isWanted = ({ key }: CacheName): boolean => !available.has(key) && !planned.has(key) && (!only || only.has(key))
  const runs: EncodeRun[] = []
  if (variants.includes('document')) {
    for (const document of documents) {
      let open: { start: number; targets: EncodeTarget[] } | null = null
      for (const chunk of document.chunks) {
        if (!chunk.keys.documentFits) break
        if (!isWanted(chunk.keys.document)) {
          open = null
          continue
        }
        if (!open) {
          open = { start: chunk.position, targets: [] }
          runs.push({
            document,
            context: { chain: 'prefix', before: document.chunks.slice(0, open.start) },
            targets: open.targets,
          })
        }
        planned.add(chunk.keys.document.key)
        open.targets.push({ chunk, kind: chunk.position === 0 ? 'prefix' : 'document', cache: chunk.keys.document })
      }
    }
  }
  for (const kind of ['prefix', 'bos'] as const) {
    if (!variants.includes(kind)) continue
    for (const document of documents) {
      for (const chunk of document.chunks) {
        const cache = chunk.keys[kind]
        if (!isWanted(cache)) continue
        planned.add(cache.key)
        runs.push({ document, context: { chain: kind, before: [] }, targets: [{ chunk, kind, cache }] })
      }
    }
  }
  return runs
}

export function runTokens({ targets }: EncodeRun): number {
  return targets.reduce((sum, { chunk }) => sum + chunk.tokens.length, 0)
}

/** Every key that a build of these variants could make. */
export function buildableKeys(documents: readonly KeyedDocument[], variants: readonly ContextKind[]): string[] {
  return documents.flatMap(({ chunks }) =>
    chunks.flatMap(({ keys }) =>
      variants.filter((kind) => kind !== 'document' || keys.documentFits).map((kind) => keys[kind].key),
    ),
  )
}
