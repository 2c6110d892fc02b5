/** For every way in which a chunk was not used as it could be, one thing that mends it. */
import { expect, it } from 'vitest'
import { MISS_REASONS, POORER_REASONS, type ChunkOutcome, type MissReason, type PoorerReason } from '../../src/shared/answer'
import { remedyOf, type Circumstances } from '../../src/renderer/pages/ask/remedy'

const USUAL: Circumstances = { profile: null, quota: null }
const miss = (reason: MissReason): ChunkOutcome => ({ kind: 'miss', reason })
const poorer = (reason: PoorerReason): ChunkOutcome => ({ kind: 'hit', variant: 'bos', poorer: reason })

it('mends every miss and every poorer hit', () => {
  for (const reason of Object.keys(MISS_REASONS) as MissReason[]) expect(remedyOf(miss(reason), USUAL), reason).not.toBeNull()
  for (const reason of Object.keys(POORER_REASONS) as PoorerReason[]) expect(remedyOf(poorer(reason), USUAL), reason).not.toBeNull()
  expect(remedyOf({ kind: 'hit', variant: 'document', poorer: null }, USUAL)).toBeNull()
})

it('builds what can be built beforehand, and asks again for what belongs to a question', () => {
  expect(remedyOf(miss('never-built'), USUAL)).toEqual({ kind: 'build' })
  expect(remedyOf(poorer('no-document'), USUAL)).toEqual({ kind: 'build' })
  expect(remedyOf(poorer('no-tail'), USUAL)).toEqual({ kind: 'again' })
  expect(remedyOf(miss('strategy'), USUAL)).toEqual({ kind: 'reuse' })
})

it('makes room for what went to make room, and codes what is kept otherwise', () => {
  expect(remedyOf(miss('evicted'), { ...USUAL, quota: 1000 })).toEqual({ kind: 'room', quota: 1500 })
  expect(remedyOf(miss('evicted'), USUAL)).toEqual({ kind: 'build' })
  expect(remedyOf(miss('other-profile'), { ...USUAL, profile: 'small' })).toEqual({ kind: 'recode', profile: 'small' })
  expect(remedyOf(miss('other-profile'), { ...USUAL, profile: 'f16' })).toEqual({ kind: 'build' })
})
