/**
 * Chunks of a document: at most `CHUNK_TOKENS` tokens, along its blocks, never across a section's border. A block that
 * is too long is cut at item, sentence or line ends, then between words, then between characters. All chunks joined
 * give the text. Time is linear: nothing long is ever tokenised as one piece.
 */
import { WorkbenchError } from '../../shared/errors'
import { throwIfCancelled } from '../base/cancelled'
import { CHUNK_TOKENS } from './limits'
import type { Block } from './block'
import type { Outline } from './outline'
import { CUTS, cut } from './cut'

/** Tokens of each text, tokenised alone. */
export type TokenizeTexts = (texts: string[]) => Promise<number[][]>

export interface Chunk {
  /** Of the section, from 1. */
  readonly section: number
  /** In its section, from 1. */
  readonly ordinal: number
  readonly start: number
  readonly end: number
  readonly tokens: readonly number[]
}

export interface SplitOptions {
  readonly signal?: AbortSignal
  /** Characters of the text done so far. */
  readonly onProgress?: (done: number) => void
}

/** A run of text that stays in one chunk. */
interface Atom {
  readonly start: number
  readonly end: number
  readonly tokens: number
  /** Index into `CUTS` of how its start was cut out of its block; -1 for a block's own start. */
  readonly grain: number
}

interface Piece {
  readonly start: number
  readonly end: number
  readonly grain: number
  readonly block: Block
}

/** Longer pieces are cut before they are tokenised: about 512 tokens of plain English. */
const MAX_PIECE_CHARACTERS = 2048
/** One call to the tokenizer. */
const BATCH_CHARACTERS = 256 * 1024
const BATCH_TEXTS = 1024
/** A section's last chunk that is smaller is evened out with the one before it. */
const SMALL_TAIL = CHUNK_TOKENS / 4

export async function splitDocument(
  text: string,
  shape: Outline,
  tokenize: TokenizeTexts,
  options: SplitOptions = {},
): Promise<Chunk[]> {
  const chunks: Chunk[] = []
  for (const sections of sectionRuns(shape)) {
    const atoms = await atomsOf(
      text,
      sections.flatMap(({ blocks }) => blocks),
      tokenize,
      options,
    )
    let from = 0
    const groups = sections.flatMap(({ section, end }) => {
      const first = from
      while (from < atoms.length && (atoms[from]?.start ?? end) < end) from++
      return pack(atoms.slice(first, from)).map((group) => ({ section, atoms: group }))
    })
    for (const { section, start, end, tokens } of await tokenizeGroups(text, groups, tokenize)) {
      const last = chunks.at(-1)
      chunks.push({ section, ordinal: last?.section === section ? last.ordinal + 1 : 1, start, end, tokens })
    }
    options.onProgress?.(sections.at(-1)?.end ?? 0)
  }
  return chunks
}

interface SectionBlocks {
  readonly section: number
  readonly end: number
  readonly blocks: readonly Block[]
}

/** Sections with their blocks, as many at a time as one call to the tokenizer may take. */
function* sectionRuns({ sections, blocks }: Outline): Generator<SectionBlocks[]> {
  let run: SectionBlocks[] = []
  let size = 0
  let from = 0
  for (const [index, { start, end }] of sections.entries()) {
    const first = from
    while (from < blocks.length && (blocks[from]?.start ?? end) < end) from++
    run.push({ section: index + 1, end, blocks: blocks.slice(first, from) })
    size += end - start
    if (size < BATCH_CHARACTERS) continue
    yield run
    run = []
    size = 0
  }
  if (run.length > 0) yield run
}

/** Every block as one atom where it fits, else as its parts. */
async function atomsOf(
  text: string,
  blocks: readonly Block[],
  tokenize: TokenizeTexts,
  options: SplitOptions,
): Promise<Atom[]> {
  const parts = new Map<Block, Atom[]>(blocks.map((block) => [block, []]))
  let pending = blocks.flatMap((block) => shorten(text, { start: block.start, end: block.end, grain: -1, block }))
  while (pending.length > 0) {
    const counts = await countAll(text, pending, tokenize, options)
    const tooLong: Piece[] = []
    for (const [index, piece] of pending.entries()) {
      const tokens = counts[index] ?? 0
      if (tokens > CHUNK_TOKENS) tooLong.push(piece)
      else parts.get(piece.block)?.push({ start: piece.start, end: piece.end, tokens, grain: piece.grain })
    }
    pending = tooLong.flatMap((piece) => finer(text, piece).flatMap((part) => shorten(text, part)))
  }
  return blocks.flatMap((block) => {
    const atoms = (parts.get(block) ?? []).toSorted((a, b) => a.start - b.start)
    const tokens = atoms.reduce((sum, atom) => sum + atom.tokens, 0)
    if (tokens <= CHUNK_TOKENS) return [{ start: block.start, end: block.end, tokens, grain: -1 }]
    return atoms.map((atom, index) => (index === 0 ? { ...atom, grain: -1 } : atom))
  })
}

/** Cuts by length alone until every piece may be tokenised. */
function shorten(text: string, piece: Piece): Piece[] {
  if (piece.end - piece.start <= MAX_PIECE_CHARACTERS) return [piece]
  return finer(text, piece).flatMap((part) => shorten(text, part))
}

function finer(text: string, piece: Piece): Piece[] {
  for (let grain = piece.grain + 1; grain < CUTS.length; grain++) {
    const borders = cut(text, piece, grain)
    if (borders.length === 0) continue
    const starts = [piece.start, ...borders]
    return starts.map((start, index) => ({ start, end: starts[index + 1] ?? piece.end, grain, block: piece.block }))
  }
  throw new WorkbenchError(
    'internal',
    `A piece of ${piece.end - piece.start} characters makes more than ${CHUNK_TOKENS} tokens and cannot be cut.`,
  )
}

async function countAll(
  text: string,
  pieces: readonly Piece[],
  tokenize: TokenizeTexts,
  { signal, onProgress }: SplitOptions,
): Promise<number[]> {
  const counts: number[] = []
  for (const batch of batches(pieces)) {
    throwIfCancelled(signal)
    const tokens = await tokenize(batch.map(({ start, end }) => text.slice(start, end)))
    counts.push(...tokens.map((ids) => ids.length))
    onProgress?.(batch.at(-1)?.end ?? 0)
  }
  return counts
}

/** Greedy filling, then the last two evened out. */
function pack(atoms: readonly Atom[]): Atom[][] {
  const groups: Atom[][] = []
  let size = Infinity
  for (const atom of atoms) {
    if (size + atom.tokens > CHUNK_TOKENS) {
      groups.push([])
      size = 0
    }
    groups.at(-1)?.push(atom)
    size += atom.tokens
  }
  const tail = groups.at(-1)
  const before = groups.at(-2)
  if (tail && before && total(tail) < SMALL_TAIL) groups.splice(-2, 2, ...evenOut([...before, ...tail]))
  return groups
}

/** The best cut of two: near the middle, and rather between blocks than between sentences or words. */
function evenOut(atoms: readonly Atom[]): [Atom[], Atom[]] {
  const all = total(atoms)
  let left = 0
  let best = { at: 1, cost: Infinity }
  for (const [index, atom] of atoms.entries()) {
    const right = all - left
    if (index > 0 && left <= CHUNK_TOKENS && right <= CHUNK_TOKENS) {
      const cost = Math.abs(left - right) + (atom.grain + 1) * (CHUNK_TOKENS / 4)
      if (cost < best.cost) best = { at: index, cost }
    }
    left += atom.tokens
  }
  return [atoms.slice(0, best.at), atoms.slice(best.at)]
}

/**
 * Token ids of every group. Tokens of a text are not always those of its parts, so a group that has become too long is
 * halved until it fits; an atom alone always does.
 */
async function tokenizeGroups(
  text: string,
  groups: readonly { readonly section: number; readonly atoms: readonly Atom[] }[],
  tokenize: TokenizeTexts,
): Promise<{ section: number; start: number; end: number; tokens: number[] }[]> {
  const ranges = groups.map((group) => ({
    ...group,
    start: group.atoms[0]?.start ?? 0,
    end: group.atoms.at(-1)?.end ?? 0,
  }))
  const done: { section: number; start: number; end: number; tokens: number[] }[] = []
  const halves: { section: number; atoms: Atom[] }[] = []
  for (const batch of batches(ranges)) {
    const ids = await tokenize(batch.map(({ start, end }) => text.slice(start, end)))
    for (const [index, { section, atoms, start, end }] of batch.entries()) {
      const tokens = ids[index] ?? []
      if (tokens.length > CHUNK_TOKENS && atoms.length > 1) {
        const middle = Math.ceil(atoms.length / 2)
        halves.push({ section, atoms: atoms.slice(0, middle) }, { section, atoms: atoms.slice(middle) })
      } else done.push({ section, start, end, tokens })
    }
  }
  if (halves.length > 0) done.push(...(await tokenizeGroups(text, halves, tokenize)))
  return done.toSorted((a, b) => a.start - b.start)
}

function* batches<T extends { readonly start: number; readonly end: number }>(ranges: readonly T[]): Generator<T[]> {
  let batch: T[] = []
  let size = 0
  for (const range of ranges) {
    batch.push(range)
    size += range.end - range.start
    if (size < BATCH_CHARACTERS && batch.length < BATCH_TEXTS) continue
    yield batch
    batch = []
    size = 0
  }
  if (batch.length > 0) yield batch
}

function total(atoms: readonly Atom[]): number {
  return atoms.reduce((sum, atom) => sum + atom.tokens, 0)
}
