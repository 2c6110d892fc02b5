/** Places where a run of text may be cut, from the best to the last resort. All are linear and keep characters. */
import type { Block } from './block'

interface Run {
  readonly start: number
  readonly end: number
  readonly block: Block
}

/** Words are taken together up to this length, so that a long text does not make millions of pieces. */
const WORD_RUN = 128
/** At most four bytes each, and a token is at least one byte. */
const CHARACTER_RUN = 64

const TERMINATORS = '.!?'
const WIDE_TERMINATORS = '。！？｡…'
const CLOSERS = '"\'”’)]»」』）】》'

/** `prose` is cut at sentences before lines, `lines` the other way round. */
export const CUTS = ['children', 'first', 'second', 'words', 'characters'] as const

/** Offsets inside the run, ascending, where its parts begin; none when this cut does not apply. */
export function cut(text: string, run: Run, grain: number): number[] {
  const isProse = run.block.kind === 'prose'
  const kind = CUTS[grain]
  if (kind === undefined) return []
  switch (kind) {
    case 'children':
      return childBorders(run.block).filter((border) => border > run.start && border < run.end)
    case 'first':
      return isProse ? sentenceBorders(text, run) : lineBorders(text, run)
    case 'second':
      return isProse ? lineBorders(text, run) : sentenceBorders(text, run)
    case 'words':
      return wordBorders(text, run)
    case 'characters':
      return characterBorders(text, run)
  }
}

/** Starts of items; of an item's own blocks too where it is longer than a chunk is likely to be. */
function childBorders(block: Block): number[] {
  return block.children.flatMap((child) => [
    child.start,
    ...(child.end - child.start > 2048 ? childBorders(child) : []),
  ])
}

function lineBorders(text: string, { start, end }: Run): number[] {
  const borders: number[] = []
  for (let at = text.indexOf('\n', start) + 1; at > 0 && at < end; at = text.indexOf('\n', at) + 1) borders.push(at)
  return borders
}

function sentenceBorders(text: string, { start, end }: Run): number[] {
  const borders: number[] = []
  let at = start
  while (at < end) {
    const character = text.charAt(at++)
    const isWide = WIDE_TERMINATORS.includes(character)
    if (!isWide && !TERMINATORS.includes(character)) continue
    while (at < end && (TERMINATORS + WIDE_TERMINATORS + CLOSERS).includes(text.charAt(at))) at++
    const closed = at
    while (at < end && isSpace(text, at)) at++
    if ((isWide || at > closed) && at < end) borders.push(at)
  }
  return borders
}

/** Behind the white space after about `WORD_RUN` characters. A word that is longer stays whole here. */
function wordBorders(text: string, { start, end }: Run): number[] {
  const borders: number[] = []
  let from = start
  let candidate = start
  for (let at = start + 1; at < end; at++) {
    if (!isSpace(text, at - 1) || isSpace(text, at)) continue
    if (at - from > WORD_RUN && candidate > from) {
      borders.push(candidate)
      from = candidate
    }
    candidate = at
  }
  if (candidate > from) borders.push(candidate)
  return borders
}

function characterBorders(text: string, { start, end }: Run): number[] {
  const borders: number[] = []
  let count = 0
  for (let at = start; at < end; at += (text.codePointAt(at) ?? 0) > 0xffff ? 2 : 1) {
    if (count > 0 && count % CHARACTER_RUN === 0) borders.push(at)
    count++
  }
  return borders
}

function isSpace(text: string, at: number): boolean {
  return /\s/.test(text.charAt(at))
}
