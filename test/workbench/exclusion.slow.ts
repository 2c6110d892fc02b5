/** 200 selections; `npm run test:slow`. */
import { describe } from 'vitest'
import { holdExclusion } from './exclusion'

describe('whatever the excluded text says, at length', () => {
  holdExclusion({ seeds: [3, 4, 5, 6, 7, 8, 9, 10, 45, 50], questions: 20 })
})
