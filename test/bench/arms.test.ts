import { expect, test } from 'vitest'
import { assertLayers, parseArms, usualArms, type ArmedKind } from '../../src/main/bench/arms'

const namesOf = (...given: Parameters<typeof parseArms>): string[] => parseArms(...given).map(({ name }) => name)
const refused = expect.objectContaining({ code: 'argument.invalid' }) as unknown as Error

test('the baselines come first, every arm once, under its one name', () => {
  expect(namesOf('reuse, link:16 ,full,blend:0.150:by=v,blend:0.15', 'shape')).toEqual([
    'full',
    'libllama',
    'reuse',
    'link:16',
    'blend:0.15',
  ])
  expect(namesOf('resident', 'shape')).toEqual(['full', 'libllama', 'resident'])
})

test.each(['shape', 'suite', 'novel'] satisfies ArmedKind[])('the usual arms of %s are arms', (kind) => {
  expect(namesOf(undefined, kind).join(',')).toBe(usualArms(kind))
})

test.each(['', 'reuse,', 'nothing', 'blend', 'blend:2', 'link:0', 'link:65', 'mix:8', 'score:-1', 'resident:1'])(
  "'%s' is refused with what there is",
  (text) => {
    expect(() => parseArms(text, 'shape')).toThrow(refused)
    expect(() => parseArms(text, 'shape')).toThrow(/Expected arms apart by commas/)
  },
)

test('arms that a kind cannot measure are refused with the reason', () => {
  expect(() => parseArms('auto', 'shape')).toThrow(/--kind shape cannot measure auto: .*--kind suite/)
  expect(() => parseArms('reuse,oracle:0.1', 'novel')).toThrow(/oracle:0\.1: it needs a full prefill/)
  expect(namesOf('auto', 'suite')).toContain('auto')
})

test('a check layer that the model does not have is refused', () => {
  const arms = parseArms('blend:0.1:layer=3', 'shape')
  expect(() => assertLayers(arms, 4)).not.toThrow()
  expect(() => assertLayers(arms, 3)).toThrow(/1 to 2.*3 layers.*blend:0\.1:layer=3/)
})
