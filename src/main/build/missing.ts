/** What is to be computed, as runs that one call of the engine encodes. Pure. */
import type { ContextKind } from '../../shared/knowledge'
import type { IncludedChunk } from './included'
import type { KeyedChunk, KeyedDocument } from './knowledge'
import type { CacheName } from '../store/key'

/** Variants that belong to a chunk whatever is selected. */
export const OWN_KINDS = ['bos', 'prefix', 'document'] as const satisfies readonly ContextKind[]
export type OwnKind = (typeof OWN_KINDS)[number]

export interface EncodeTarget {
  readonly chunk: KeyedChunk
  readonly kind: ContextKind
  readonly cache: CacheName
}

/** Chunks that are encoded one behind the other, each seeing those before it. */
export interface EncodeRun {
  readonly document: KeyedDocument
  /** What stands before the first: BOS, the template's prefix, or the prefix and chunks with these caches. */
  readonly context: { readonly chain: 'bos' | 'prefix'; readonly before: readonly EncodeTarget[] }
  readonly targets: readonly EncodeTarget[]
}

export interface MissingInput {
  readonly documents: readonly KeyedDocument[]
  readonly variants: readonly OwnKind[]
  /** Chunks of selections; those behind a gap are wanted behind what is included before them. */
  readonly selections?: readonly (readonly IncludedChunk[])[]
  /** Keys that have a cache. */
  readonly available: ReadonlySet<string>
  /** Only these keys are wanted; all when absent. */
  readonly only?: ReadonlySet<string>
}

/**
 * Documents front to back first (one pass yields all `document` variants), then what selections want behind gaps,
 * then the variants that stand alone. A key that several chunks share is computed once. Chunks that do not fit into the
 * model's context behind their document get no such variant.
 */
export function missingRuns({ documents, variants, selections = [], available, only }: MissingInput): EncodeRun[] {
  const planned = new Set<string>()
  const isWanted = ({ key }: CacheName): boolean => !available.has(key) && !planned.has(key) && (!only || only.has(key))
  const runs: EncodeRun[] = []
  if (variants.includes('document'))
    for (const document of documents)
      runs.push(...chainRuns(document, documentTargets(document), { planned, isWanted }))
  for (const included of selections) {
    for (const document of documents) {
      const behind = included.filter(({ chunk }) => chunk.document === document.row.id)
      if (behind.some(({ kind }) => kind === 'tail'))
        runs.push(...chainRuns(document, includedTargets(behind), { planned, isWanted }))
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

/** Each of them stands behind all those before it. */
function documentTargets({ chunks }: KeyedDocument): EncodeTarget[] {
  const beyond = chunks.findIndex(({ keys }) => !keys.documentFits)
  return chunks
    .slice(0, beyond < 0 ? undefined : beyond)
    .map((chunk) => ({ chunk, kind: chunk.position === 0 ? 'prefix' : 'document', cache: chunk.keys.document }))
}

function includedTargets(behind: readonly IncludedChunk[]): EncodeTarget[] {
  return behind
    .filter(({ fits }) => fits)
    .map((included) => ({ chunk: included.chunk, kind: kindOf(included), cache: included.cache }))
}

function kindOf(included: IncludedChunk): ContextKind {
  if (isTail(included)) return 'tail'
  const { chunk, cache } = included
  return cache.key === chunk.keys.bos.key ? 'bos' : chunk.position === 0 ? 'prefix' : 'document'
}

/** Whether its cache belongs to selections with this gap: without a template the isolated one may be the same. */
export function isTail({ chunk, kind, cache }: IncludedChunk): boolean {
  return kind === 'tail' && cache.key !== chunk.keys.bos.key
}

/** The wanted ones among targets that stand one behind the other: a run for every stretch of them. */
function chainRuns(
  document: KeyedDocument,
  chain: readonly EncodeTarget[],
  {
    planned,
    isWanted,
  }: { readonly planned: Set<string>; readonly isWanted: (cache: CacheName) => boolean },
): EncodeRun[] {
  const runs: { document: KeyedDocument; context: EncodeRun['context']; targets: EncodeTarget[] }[] = []
  let open: EncodeTarget[] | null = null
  for (const [at, target] of chain.entries()) {
    if (!isWanted(target.cache)) {
      open = null
      continue
    }
    if (!open) {
      open = []
      runs.push({ document, context: { chain: 'prefix', before: chain.slice(0, at) }, targets: open })
    }
    planned.add(target.cache.key)
    open.push(target)
  }
  return runs
}

export function runTokens({ targets }: EncodeRun): number {
  return targets.reduce((sum, { chunk }) => sum + chunk.tokens.length, 0)
}

/** Every key that a build of these variants, and for these selections, could make or read. */
export function buildableKeys(
  documents: readonly KeyedDocument[],
  variants: readonly OwnKind[],
  selections: readonly (readonly IncludedChunk[])[] = [],
): string[] {
  const own = documents.flatMap(({ chunks }) =>
    chunks.flatMap(({ keys }) =>
      variants.filter((kind) => kind !== 'document' || keys.documentFits).map((kind) => keys[kind].key),
    ),
  )
  return [...own, ...selections.flat().map(({ cache }) => cache.key)]
}
