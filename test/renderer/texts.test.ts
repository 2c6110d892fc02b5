/** Languages have the same texts; that they have the same shape, the type check knows. */
import { expect, it } from 'vitest'
import { texts as en } from '../../src/renderer/texts/en'
import { texts as zh } from '../../src/renderer/texts/zh'

/** Paths of all texts; of functions with how many parameters they take. */
function leaves(value: unknown, path = ''): Map<string, unknown> {
  if (typeof value !== 'object' || value === null) return new Map([[path, value]])
  return new Map(Object.entries(value).flatMap(([key, part]) => [...leaves(part, path ? `${path}.${key}` : key)]))
}

/** Names and units that are the same in every language. */
const NAMES = new Set(
  'Kvasir libllama llama.cpp Markdown PDF Word HTML CPU GPU KL K V F1 ROUGE-L nat ms s p50 p95 curl Python'.split(' '),
)
const isName = (text: string): boolean => text.split(/[\s，、：%·/()（）]+/).every((word) => word === '' || NAMES.has(word))

it('every text of one language is one of the other', () => {
  expect([...leaves(zh).keys()].sort()).toEqual([...leaves(en).keys()].sort())
})

it('no Chinese text is an English one left as it was', () => {
  const chinese = leaves(zh)
  const same = [...leaves(en)].filter(
    ([path, text]) =>
      typeof text === 'string' && /[a-z]{3}/i.test(text) && chinese.get(path) === text && !isName(text),
  )
  expect(same.map(([path]) => path)).toEqual([])
})

it('every Chinese text has Chinese in it', () => {
  const without = [...leaves(zh)].filter(
    ([, text]) => typeof text === 'string' && !/\p{Script=Han}/u.test(text) && /[a-z]/i.test(text) && !isName(text),
  )
  expect(without.map(([path, text]) => `${path}: ${String(text)}`)).toEqual([])
})
