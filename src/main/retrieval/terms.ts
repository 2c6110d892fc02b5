/** What text is found by: words in a common form, and single characters of scripts that write no spaces. */
import { stemmer } from 'stemmer'

export interface Term {
  /** In its common form: lower case, no accents, English words without their endings. */
  readonly term: string
  /** Where it stands. */
  readonly start: number
  readonly end: number
}

/** A word of these is a phrase of single characters, so that words of any length are found without a dictionary. */
const UNSPACED =
  '\\p{sc=Han}\\p{sc=Hiragana}\\p{sc=Katakana}\\p{sc=Hangul}\\p{sc=Thai}\\p{sc=Lao}\\p{sc=Khmer}\\p{sc=Myanmar}'
const TERM = new RegExp(`[${UNSPACED}]|[[\\p{L}\\p{N}\\p{M}]--[${UNSPACED}]]+`, 'gv')
/** Runs of such characters. */
export const UNSPACED_RUN = new RegExp(`[${UNSPACED}]+`, 'gv')

/** Longer words are found by their beginning. */
const MAX_TERM = 64

export function* termsOf(text: string): Generator<Term> {
  for (const { 0: word, index } of text.matchAll(TERM)) {
    const term = commonForm(word)
    if (term !== '') yield { term, start: index, end: index + word.length }
  }
}

/** Full-width letters and ligatures are what they stand for. Stems: M. F. Porter, Program 14 (1980). */
function commonForm(word: string): string {
  const plain = word
    .slice(0, MAX_TERM)
    .toWellFormed()
    .normalize('NFKD')
    .replace(/[\u0300-\u036F]|[^\p{L}\p{N}\p{M}]/gu, '')
    .normalize('NFC')
    .toLowerCase()
  return /^[a-z]+$/.test(plain) ? stemmer(plain) : plain
}
