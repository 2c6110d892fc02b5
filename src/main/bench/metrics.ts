/**
 * How good an answer is, by the field's usual measures. Exact match and token F1 are SQuAD's (arXiv 1606.05250):
 * lower case, no punctuation, no articles. ROUGE-L (Lin, 2004) is the F-measure of the longest common subsequence of
 * words. Each is the best over the right answers.
 */

export interface AnswerScores {
  readonly exactMatch: number
  readonly f1: number
  readonly rougeL: number
}

/** `golds`: every answer that counts as right. */
export function scoreAnswer(answer: string, golds: readonly string[]): AnswerScores {
  const best = (score: (gold: string) => number): number => Math.max(...golds.map(score))
  return {
    exactMatch: best((gold) => (bare(answer).join(' ') === bare(gold).join(' ') ? 1 : 0)),
    f1: best((gold) => tokenF1(bare(answer), bare(gold))),
    rougeL: best((gold) => rougeL(words(answer), words(gold))),
  }
}

const ARTICLES = new Set(['a', 'an', 'the'])

/** Words in lower case without punctuation and articles. Punctuation leaves no gap, as in SQuAD's own script. */
function bare(text: string): string[] {
  return text
    .toLowerCase()
    .replace(/[\p{P}\p{S}]/gu, '')
    .split(/\s+/)
    .filter((word) => word !== '' && !ARTICLES.has(word))
}

/** Runs of letters and digits in lower case, articles included, as in Google's `rouge_score`. */
function words(text: string): string[] {
  return text.toLowerCase().match(/[\p{L}\p{N}]+/gu) ?? []
}

function tokenF1(answer: readonly string[], gold: readonly string[]): number {
  const left = [...gold]
  let common = 0
  for (const word of answer) {
    const at = left.indexOf(word)
    if (at < 0) continue
    left.splice(at, 1)
    common++
  }
  return harmonic(common, answer.length, gold.length)
}

function rougeL(answer: readonly string[], gold: readonly string[]): number {
  // longest[j]: of the words of `answer` so far and the first j of `gold`.
  let longest = Array.from({ length: gold.length + 1 }, () => 0)
  for (const word of answer) {
    const before = longest
    longest = [0]
    for (let j = 1; j <= gold.length; j++) {
      const without = Math.max(before[j] ?? 0, longest[j - 1] ?? 0)
      longest.push(word === gold[j - 1] ? (before[j - 1] ?? 0) + 1 : without)
    }
  }
  return harmonic(longest.at(-1) ?? 0, answer.length, gold.length)
}

/** Harmonic mean of precision and recall; two empty texts are the same. */
function harmonic(common: number, answer: number, gold: number): number {
  return answer + gold === 0 ? 1 : (2 * common) / (answer + gold)
}
