/** What a calibration asks, and of which chunks. Pure; the same for the same set. */
import type { Suggestion } from '../../../shared/knowledge'
import { sha256 } from '../../base/hash'
import type { KeyedChunk, KeyedDocument } from '../../build/knowledge'
import { suggestedChunks } from '../../build/suggestions'

export interface Probe {
  readonly question: string
  /** The chunks asked of, in reading order. */
  readonly chunks: readonly KeyedChunk[]
  /** Whether the caches behind its gaps are there, as from the second question of a selection on. */
  readonly tails: boolean
}

export interface ProbeOptions {
  readonly count: number
  /** Questions that suit the documents, and what to ask of where they say; made up from the headings where there are none. */
  readonly questions: readonly Suggestion[]
  /** Most tokens of knowledge in one probe. */
  readonly mostTokens: number
  readonly seed: string
}

/** Of a document's chunks, the share that a selection with gaps leaves out. */
const GAP_SHARE = 0.25

/**
 * Probes over several documents at once. Of three, the first takes its documents, or what its question is suggested with, as
 * they are; the others leave out about a quarter of each document's chunks, never the last, so that later ones stand behind
 * a gap: the second as a question whose selection is new, the third as one that was asked before.
 */
export function probes(documents: readonly KeyedDocument[], options: ProbeOptions): Probe[] {
  const filled = documents.filter(({ chunks }) => chunks.length > 0)
  if (filled.length === 0) return []
  return Array.from({ length: options.count }, (_, index) => {
    const draw = drawer(`${options.seed} ${index}`)
    const about = filled[draw(filled.length)] as KeyedDocument
    const known = options.questions[index % Math.max(1, options.questions.length)]
    const own = about.chunks[draw(about.chunks.length)] as KeyedChunk
    const kept = known === undefined ? own : null
    const suggested = known?.include.length ? suggestedChunks(filled, known.include) : []
    const size = suggested.reduce((sum, { tokens }) => sum + tokens.length, 0)
    const chosen =
      size > 0 && size <= options.mostTokens
        ? suggested
        : within(filled, { about, kept, mostTokens: options.mostTokens, draw })
    const chunks = index % 3 === 0 ? chosen : filled.flatMap(({ row }) => withGaps(chosen, row.id, { kept, draw }))
    return { question: known?.question ?? questionAbout(about, own), chunks, tails: index % 3 !== 1 }
  }).filter(({ chunks }) => chunks.length > 0)
}

/** Asks for what stands under a heading, which every text with headings can answer. */
function questionAbout({ row, sections }: KeyedDocument, chunk: KeyedChunk): string {
  const title = sections[chunk.section - 1]?.title ?? row.title
  return title === row.title
    ? `What does "${row.title}" say? Answer with its most important facts.`
    : `What does "${row.title}" say about "${title}"? Answer with the most important facts.`
}

interface Within {
  readonly about: KeyedDocument
  readonly kept: KeyedChunk | null
  readonly mostTokens: number
  readonly draw: Draw
}

/** Chunks of several documents that fit together, in reading order: first those of `about`, then of others by lot. */
function within(documents: readonly KeyedDocument[], { about, kept, mostTokens, draw }: Within): KeyedChunk[] {
  const others = shuffled(documents.filter((document) => document !== about), draw)
  const chosen = new Set<KeyedChunk>()
  let used = 0
  const take = (chunks: readonly KeyedChunk[], most: number): void => {
    for (const chunk of chunks.filter((candidate) => !chosen.has(candidate))) {
      if (used + chunk.tokens.length > most) return
      chosen.add(chunk)
      used += chunk.tokens.length
    }
  }
  if (kept) take([kept], mostTokens)
  // One long document would fill everything: half of the room is for others.
  take(about.chunks, others.length > 0 ? (used + mostTokens) / 2 : mostTokens)
  for (const { chunks } of others) take(chunks, mostTokens)
  return documents.flatMap(({ chunks }) => chunks.filter((chunk) => chosen.has(chunk)))
}

function withGaps(
  chosen: readonly KeyedChunk[],
  document: number,
  { kept, draw }: { readonly kept: KeyedChunk | null; readonly draw: Draw },
): KeyedChunk[] {
  const own = chosen.filter((chunk) => chunk.document === document)
  if (own.length < 2) return own
  const out = new Set<KeyedChunk>()
  const candidates = shuffled(own.slice(0, -1).filter((chunk) => chunk !== kept), draw)
  for (const chunk of candidates.slice(0, Math.max(1, Math.round(own.length * GAP_SHARE)))) out.add(chunk)
  return own.filter((chunk) => !out.has(chunk))
}

/** A whole number from 0 up to, but not including, `below`. */
type Draw = (below: number) => number

function drawer(seed: string): Draw {
  let count = 0
  return (below) => Number.parseInt(sha256(`${seed} ${count++}`).slice(0, 12), 16) % below
}

function shuffled<T>(values: readonly T[], draw: Draw): T[] {
  const left = [...values]
  return values.map(() => left.splice(draw(left.length), 1)[0] as T)
}
