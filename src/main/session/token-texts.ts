/** Texts of tokens, one by one. */
import type { Engine } from '../engine/engine'

export interface TokenTexts {
  readonly text: string
  /** Where each token ends, in UTF-16 code units. One that is part of a character ends where that begins. */
  readonly ends: readonly number[]
}

export async function tokenTexts(
  engine: Pick<Engine, 'call'>,
  model: string,
  tokens: readonly number[],
): Promise<TokenTexts> {
  const params = { model, tokens: [...tokens] }
  const [text, sizes] = await Promise.all([engine.call('detokenize', params), engine.call('pieces', params)])
  return { text, ends: endsOf(text, sizes) }
}

/** A character that several tokens make is the last one's. */
export async function pieceTexts(
  engine: Pick<Engine, 'call'>,
  model: string,
  tokens: readonly number[],
): Promise<string[]> {
  const { text, ends } = await tokenTexts(engine, model, tokens)
  return ends.map((end, at) => text.slice(ends[at - 1] ?? 0, end))
}

/** @param sizes bytes of each token in UTF-8 */
export function endsOf(text: string, sizes: readonly number[]): number[] {
  const ends: number[] = []
  let bytes = 0
  let at = 0
  let seen = 0
  for (const size of sizes) {
    bytes += size
    while (at < text.length) {
      const point = text.codePointAt(at) ?? 0
      const width = point < 0x80 ? 1 : point < 0x800 ? 2 : point < 0x10000 ? 3 : 4
      if (seen + width > bytes) break
      seen += width
      at += width === 4 ? 2 : 1
    }
    ends.push(at)
  }
  // Bytes that make no character are another number of bytes in the text: what is left is the last token's.
  if (ends.length > 0) ends[ends.length - 1] = text.length
  return ends
}
