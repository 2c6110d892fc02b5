import { describe } from 'vitest'
import { holdExclusion } from './exclusion'

describe('whatever the excluded text says', () => {
  // With 45 and 50 an excluded document has a cache of the chain that the first selection wants behind its gap.
  holdExclusion({ seeds: [3, 6, 45, 50], questions: 8 })
})
