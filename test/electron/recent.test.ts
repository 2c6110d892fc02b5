import { expect, it } from 'vitest'
import { MAX_RECENT, recentOf, recentPath, remembering } from '../../src/main/electron/recent'

it('what was opened last is first, once, and the list stays short', () => {
  const first = remembering([], [recentPath('file', '/a/b.md'), recentPath('folder', '/a'), recentPath('file', '/a/b.md')])
  expect(first.map(({ name }) => name)).toEqual(['b.md', 'a'])
  const again = remembering(first, [recentPath('folder', '/a')])
  expect(again.map(({ name }) => name)).toEqual(['a', 'b.md'])
  const many = remembering(again, Array.from({ length: 30 }, (_, at) => recentPath('model', `/m${at}.gguf`)))
  expect(many).toHaveLength(MAX_RECENT)
})

it('what cannot be understood is left out', () => {
  const good = { kind: 'set', name: 'One', target: 'set1' }
  expect(recentOf([good, { kind: 'program', name: 'x', target: '/bin/sh' }, null, 3, { ...good, name: '' }])).toEqual([good])
  expect(recentOf('all of them')).toEqual([])
  expect(recentOf(undefined)).toEqual([])
})
