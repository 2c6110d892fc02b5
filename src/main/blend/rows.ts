/** Which tokens of cached chunks are computed again. Pure; the methods are described in `docs/strategies.md`. */
import type { Recompute } from '../../shared/engine'
import { WorkbenchError } from '../../shared/errors'
import { strategyText, type DeviationOf, type StrategySpec } from '../../shared/strategy'

export interface BlendChunk {
  /** Row of its first token; row 0 is the context's first. */
  readonly start: number
  readonly tokens: number
  readonly cached: boolean
  /** Its K/V are what full prefill gives already: recomputed at a ratio of 1 only. Default: false. */
  readonly exact?: boolean
  /** How far each token is from the isolated variant's; null where that is not known. */
  readonly score: { readonly k: Float32Array; readonly v: Float32Array } | null
}

/** One figure per row of the cached chunks, in order. */
export interface RowDeviations {
  readonly k: ArrayLike<number>
  readonly v: ArrayLike<number>
}

export interface RecomputeOptions {
  /** Where `blend` compares when it names no layer. */
  readonly checkLayer: number
  /** The same one draws the same rows. */
  readonly seed: string
  /** Deviations from full prefill, summed over all layers; `oracle` needs them. */
  readonly oracle?: RowDeviations
}

/** Tokens at the start of a chunk without scores that count as important (EPIC's usual k, arXiv 2410.15332). */
const UNSCORED_START = 16

/** A row of a cached chunk: a lower class goes first, within it a higher value, then the lower row. */
interface Candidate {
  readonly row: number
  readonly exact: boolean
  readonly class: number
  readonly value: number
}

/** Classes of candidates, most urgent first. */
const LINK = 0
const START = 1
const SCORED = 2
const REST = 3

/**
 * The engine's instruction for a context of these chunks, in order. `score`, `mix`, `random` and `oracle` take at most
 * floor(ratio * cached tokens) rows in all, ties by the lower row; what is exact already is left alone below a ratio of
 * 1, which computes everything as full prefill does. A chunk without scores puts its share of the ratio,
 * at most 16 tokens, at its start; these go before the others' scores, and its remaining tokens behind them.
 */
export function recomputeFor(spec: StrategySpec, chunks: readonly BlendChunk[], options: RecomputeOptions): Recompute {
  switch (spec.name) {
    case 'full':
    case 'prefix':
    case 'reuse':
      return { kind: 'none' }
    case 'link':
      return rowsOf(linkRows(chunks, spec.tokens))
    case 'score':
      return ranked(chunks, spec.ratio, scoreCandidates(chunks, { ...spec, tokens: 0 }))
    case 'mix':
      return ranked(chunks, spec.ratio, scoreCandidates(chunks, spec))
    case 'random':
      return ranked(chunks, spec.ratio, drawnCandidates(chunks, options.seed))
    case 'oracle':
      return ranked(chunks, spec.ratio, oracleCandidates(chunks, spec.by, options.oracle))
    case 'blend': {
      const { ratio, by, attention, gradual } = spec
      const layer = spec.layer ?? options.checkLayer
      if (ratio < 1 && chunks.every(({ cached, exact }) => !cached || exact)) return { kind: 'none' }
      return { kind: 'check', layer, ratio, exactRows: exactRows(chunks), by, attention, gradual }
    }
    case 'auto':
      throw new WorkbenchError('internal', 'The strategy auto was to be resolved before rows are chosen.')
  }
}

/** Which tokens of each chunk are among these rows, ascending: ranges from the chunk's first token, ends left out. */
export function rangesOf(
  chunks: readonly { readonly start: number; readonly tokens: number }[],
  rows: readonly number[],
): [from: number, to: number][][] {
  let at = 0
  return chunks.map(({ start, tokens }) => {
    const ranges: [from: number, to: number][] = []
    while (at < rows.length && (rows[at] ?? 0) < start) at++
    for (; at < rows.length && (rows[at] ?? 0) < start + tokens; at++) {
      const token = (rows[at] ?? 0) - start
      const last = ranges.at(-1)
      if (last?.[1] === token) last[1] = token + 1
      else ranges.push([token, token + 1])
    }
    return ranges
  })
}

/** The end of the cached chunks that are exact from the context's start on. */
function exactRows(chunks: readonly BlendChunk[]): number {
  const first = chunks.find(({ cached, exact }) => !cached || !exact)
  const last = chunks.at(-1)
  return first?.start ?? (last ? last.start + last.tokens : 0)
}

function rowsOf(rows: readonly number[]): Recompute {
  return rows.length === 0 ? { kind: 'none' } : { kind: 'rows', rows: rows.toSorted((a, b) => a - b) }
}

/** The context's first chunk has nothing to be linked to, an exact one no need. */
function linkRows(chunks: readonly BlendChunk[], tokens: number): number[] {
  return chunks
    .slice(1)
    .filter(({ cached, exact }) => cached && !exact)
    .flatMap((chunk) => Array.from({ length: Math.min(tokens, chunk.tokens) }, (_, at) => chunk.start + at))
}

function ranked(chunks: readonly BlendChunk[], ratio: number, candidates: readonly Candidate[]): Recompute {
  const cached = chunks.reduce((sum, chunk) => sum + (chunk.cached ? chunk.tokens : 0), 0)
  const best = candidates
    .filter(({ exact }) => ratio === 1 || !exact)
    .toSorted((a, b) => a.class - b.class || b.value - a.value || a.row - b.row)
  return rowsOf(best.slice(0, Math.floor(ratio * cached)).map(({ row }) => row))
}

function scoreCandidates(
  chunks: readonly BlendChunk[],
  { tokens, ratio, by }: { readonly tokens: number; readonly ratio: number; readonly by: DeviationOf },
): Candidate[] {
  const linked = new Set(linkRows(chunks, tokens))
  return cachedRows(chunks).map(({ chunk, at, ...rest }) => {
    if (linked.has(rest.row)) return { ...rest, class: LINK, value: -at }
    if (chunk.score) return { ...rest, class: SCORED, value: deviation(chunk.score, by, at) }
    const start = Math.min(UNSCORED_START, Math.floor(ratio * chunk.tokens))
    return { ...rest, class: at < start ? START : REST, value: -at }
  })
}

function drawnCandidates(chunks: readonly BlendChunk[], seed: string): Candidate[] {
  const draw = lot(seed)
  return cachedRows(chunks).map(({ row, exact }) => ({ row, exact, class: SCORED, value: draw() }))
}

function oracleCandidates(
  chunks: readonly BlendChunk[],
  by: DeviationOf,
  oracle: RowDeviations | undefined,
): Candidate[] {
  const rows = cachedRows(chunks)
  if (oracle?.k.length !== rows.length || oracle.v.length !== rows.length) {
    const text = strategyText({ name: 'oracle', ratio: 1, by, bos: false })
    throw new WorkbenchError(
      'internal',
      `Expected deviations of ${rows.length} rows for ${text}; got ${oracle?.k.length ?? 'none'}. Measure them first.`,
    )
  }
  return rows.map(({ row, exact }, index) => ({ row, exact, class: SCORED, value: deviation(oracle, by, index) }))
}

function cachedRows(chunks: readonly BlendChunk[]): { chunk: BlendChunk; at: number; row: number; exact: boolean }[] {
  return chunks
    .filter(({ cached }) => cached)
    .flatMap((chunk) =>
      Array.from({ length: chunk.tokens }, (_, at) => ({ chunk, at, row: chunk.start + at, exact: chunk.exact ?? false })),
    )
}

function deviation({ k, v }: RowDeviations, by: DeviationOf, at: number): number {
  return (by === 'v' ? 0 : (k[at] ?? 0)) + (by === 'k' ? 0 : (v[at] ?? 0))
}

/** Numbers from 0 to 1, the same for the same seed (FNV-1a, then mulberry32). */
function lot(seed: string): () => number {
  let state = 0x811c9dc5
  for (let at = 0; at < seed.length; at++) state = Math.imul(state ^ seed.charCodeAt(at), 0x01000193)
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let t = Math.imul(state ^ (state >>> 15), 1 | state)
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296
  }
}
