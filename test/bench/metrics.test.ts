/** Figures worked out by hand. */
import { expect, test } from 'vitest'
import { scoreAnswer } from '../../src/main/bench/metrics'

test('case, articles, punctuation and spaces do not count', () => {
  expect(scoreAnswer(' The  Eiffel-Tower!', ['eiffeltower'])).toMatchObject({ exactMatch: 1, f1: 1 })
  expect(scoreAnswer('an "answer".', ['Answer'])).toMatchObject({ exactMatch: 1, f1: 1 })
  expect(scoreAnswer('in May', ['May'])).toMatchObject({ exactMatch: 0 })
  // An article inside a word stays.
  expect(scoreAnswer('theatre', ['tre'])).toMatchObject({ exactMatch: 0, f1: 0 })
})

test('token F1 counts every word as often as both have it', () => {
  // 1 common of 3 and 1: 2 * 1 / 4.
  expect(scoreAnswer('Peter Stone himself', ['Peter']).f1).toBe(0.5)
  // paris, paris and rome against paris, paris, oslo and lima: 2 common of 3 and 4.
  expect(scoreAnswer('Paris Paris Rome', ['Paris, Oslo, Paris, Lima']).f1).toBeCloseTo(4 / 7)
  expect(scoreAnswer('Rome', ['Paris']).f1).toBe(0)
})

test('the best of several right answers counts, for each measure', () => {
  expect(scoreAnswer('63 million', ['sixty-three', '63', '63 million dollars'])).toEqual({
    exactMatch: 0,
    // Against '63': 2/3; against '63 million dollars': 4/5.
    f1: 0.8,
    rougeL: 0.8,
  })
})

test('ROUGE-L follows the order of words', () => {
  // "police killed the gunman" / "police kill the gunman": the longest common subsequence has 3 of 4 and 4 words.
  expect(scoreAnswer('police kill the gunman', ['police killed the gunman']).rougeL).toBe(0.75)
  // "the gunman" only: 2 of 4 and 4.
  expect(scoreAnswer('the gunman kill police', ['police killed the gunman']).rougeL).toBe(0.5)
  // The same words: F1 cannot tell them apart.
  expect(scoreAnswer('b c d', ['d c b'])).toEqual({ exactMatch: 0, f1: 1, rougeL: 1 / 3 })
})

test('nothing said is right only where nothing is the answer', () => {
  expect(scoreAnswer('', ['Paris'])).toEqual({ exactMatch: 0, f1: 0, rougeL: 0 })
  expect(scoreAnswer('', [''])).toEqual({ exactMatch: 1, f1: 1, rougeL: 1 })
})
