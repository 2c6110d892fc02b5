import { findPhrases, type FoundPhrase, type Phrase } from './query'
import { termsOf } from './terms'

export interface Snippet {
  /** In the text. */
  readonly start: number
  readonly end: number
  /** In the text: where most of what was looked for begins. */
  readonly heart: number
  /** In the snippet: what was looked for. In order, apart. */
  readonly marks: readonly (readonly [start: number, end: number])[]
}

const SNIPPET_CHARACTERS = 240
/** In front of the first mark. */
const LEAD_CHARACTERS = 48

/** The part of a text that holds most of the phrases; the beginning where it holds none. */
export function snippetOf(text: string, phrases: readonly Phrase[]): Snippet {
  const found = findPhrases([...termsOf(text)], phrases)
  const first = bestStart(found)
  const start = wordStart(text, Math.max(0, first - LEAD_CHARACTERS), first)
  const end = wordEnd(text, Math.min(text.length, start + SNIPPET_CHARACTERS))
  const marks: [number, number][] = []
  for (const each of found) {
    if (each.start < start || each.end > end) continue
    const last = marks.at(-1)
    if (last && each.start - start <= last[1]) last[1] = Math.max(last[1], each.end - start)
    else marks.push([each.start - start, each.end - start])
  }
  return { start, end, heart: first, marks }
}

/** Where most of the phrases begin to stand together, the closest of such places. */
function bestStart(found: readonly FoundPhrase[]): number {
  let best = { start: 0, phrases: 0, length: 0 }
  for (const [index, { start }] of found.entries()) {
    const seen = new Set<number>()
    let length = 0
    for (let at = index; at < found.length; at++) {
      const next = found[at]
      if (!next || next.end > start + SNIPPET_CHARACTERS - LEAD_CHARACTERS) break
      if (seen.has(next.phrase)) continue
      seen.add(next.phrase)
      length = next.end - start
    }
    if (seen.size > best.phrases || (seen.size === best.phrases && length < best.length))
      best = { start, phrases: seen.size, length }
  }
  return best.start
}

/** Not in the middle of a word where words have spaces, and never of a character. */
function wordStart(text: string, from: number, latest: number): number {
  if (from === 0) return 0
  const space = text.slice(from, latest).search(/\s/)
  return space < 0 ? whole(text, from) : from + space + 1
}

function wordEnd(text: string, to: number): number {
  if (to === text.length) return to
  const space = text.lastIndexOf(' ', to)
  return space > to - LEAD_CHARACTERS ? space : whole(text, to)
}

/** The offset, or the one before it in the middle of a surrogate pair. */
function whole(text: string, at: number): number {
  const code = text.charCodeAt(at)
  return code >= 0xdc00 && code <= 0xdfff ? at - 1 : at
}
