/** From what a person types, a question too, to what is looked for. Nothing typed is syntax but quotes. */
import { termsOf, UNSPACED_RUN, type Term } from './terms'

/** Terms that stand side by side. */
export type Phrase = readonly string[]

const QUOTED = /["“”„«»「『](.*?)["“”„«»」』]/gs
const MAX_PHRASES = 64
const MAX_PHRASE_TERMS = 24

/** Words that say nothing about what is asked, in their common form. */
const STOP_WORDS: ReadonlySet<string> = new Set(
  (
    'a about after all also am an and any are as at be been before but by can could did do does for from had has have he ' +
    'her here his how i if in into is it its just me more most my no not of on or our she should so some than that the ' +
    'their them then there these they this those to us was we were what when where which who whom whose why will with ' +
    'would you your please tell give s t ' +
    '的 了 吗 呢 吧 啊 是 在 有 和 与 及 或 也 都 就 而 但 这 那 这个 那个 这些 那些 什么 谁 哪 哪里 哪个 哪些 哪儿 怎么 怎样 ' +
    '怎么样 如何 为什么 多少 几 何时 何 我 你 他 她 它 们 我们 你们 他们 被 把 将 对 于 从 到 向 由 给 为 以 所 之 其 个 请 请问 ' +
    'は が を に へ と で も の か から まで です ます だ した する いる ある どこ だれ 誰 何 いつ なぜ'
  )
    .split(' ')
    .map((word) => termsIn(word).join('')),
)

export interface PhraseOptions {
  /** Characters of which a pair is looked for are looked for alone too. */
  readonly isLoose?: boolean
}

/** A phrase in quotes is one; of the rest every word that says something, or all where none does. */
export function phrasesOf(query: string, { isLoose = false }: PhraseOptions = {}): Phrase[] {
  const quoted = [...query.matchAll(QUOTED)].map(([, inside = '']) => termsIn(inside))
  const rest = query.replace(QUOTED, ' ')
  const words = [...spacedWords(rest), ...unspacedWords(rest, isLoose)]
  const telling = words.filter((phrase) => !STOP_WORDS.has(phrase.join('')))
  const chosen = [...quoted, ...(telling.length > 0 || quoted.length > 0 ? telling : words)]
  const different = new Map(chosen.filter((phrase) => phrase.length > 0).map((phrase) => [phrase.join(' '), phrase]))
  return [...different.values()].slice(0, MAX_PHRASES).map((phrase) => phrase.slice(0, MAX_PHRASE_TERMS))
}

/** FTS5's own language: any of the phrases. Terms hold letters and digits only; they are quoted all the same. */
export function matchOf(phrases: readonly Phrase[]): string {
  return phrases.map((phrase) => `"${phrase.join(' ').replaceAll('"', '""')}"`).join(' OR ')
}

export interface FoundPhrase {
  readonly start: number
  readonly end: number
  /** Index of it. */
  readonly phrase: number
}

/** Where phrases stand, in order, with which of them. */
export function findPhrases(terms: readonly Term[], phrases: readonly Phrase[]): FoundPhrase[] {
  const found: FoundPhrase[] = []
  for (const [at, { start }] of terms.entries()) {
    for (const [phrase, words] of phrases.entries()) {
      if (!words.every((word, offset) => terms[at + offset]?.term === word)) continue
      found.push({ start, end: terms[at + words.length - 1]?.end ?? start, phrase })
    }
  }
  return found
}

function spacedWords(text: string): Phrase[] {
  return termsIn(text.replace(UNSPACED_RUN, ' ')).map((term) => [term])
}

/**
 * By ICU's dictionary. It does not know every word, a name least of all: single characters that it leaves side by side are
 * looked for in pairs, and so are the parts of long words.
 */
function unspacedWords(text: string, isLoose: boolean): Phrase[] {
  const segmenter = new Intl.Segmenter('zh', { granularity: 'word' })
  return [...text.matchAll(UNSPACED_RUN)].flatMap(([run]) => {
    const words = [...segmenter.segment(run)].map(({ segment }) => termsIn(segment))
    const isSingle = (word: Phrase | undefined): boolean => word?.length === 1 && !STOP_WORDS.has(word.join(''))
    const isPaired = (at: number): boolean => isSingle(words[at]) && (isSingle(words[at - 1]) || isSingle(words[at + 1]))
    const whole = words.filter((_, at) => isLoose || !isPaired(at))
    const pairs = words.flatMap((word, at) => {
      const next = words[at + 1]
      return next && isSingle(word) && isSingle(next) ? [[...word, ...next]] : []
    })
    const long = words.filter((word) => word.length > 2 && !STOP_WORDS.has(word.join('')))
    return [...whole, ...pairs, ...long.flatMap(pairsOf)]
  })
}

function pairsOf(word: Phrase): Phrase[] {
  return word.slice(1).map((term, at) => [word[at] ?? '', term])
}

function termsIn(text: string): string[] {
  return [...termsOf(text)].map(({ term }) => term)
}
