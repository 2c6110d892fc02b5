/** The whole suite by every arm of the reference, through the bench. Minutes; `npm run test:slow`. */
import { test } from 'vitest'
import { holdBench } from './quality-reference'

test('every strategy has PyTorch\'s exact match within 2 points, on all questions', async () => {
  await holdBench({ tails: true })
}, 1_200_000)

test('so has every strategy on the first question of each selection', async () => {
  await holdBench({ tails: false })
}, 600_000)
