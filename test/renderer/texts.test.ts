/** Languages have the same texts; that they have the same shape, the type check knows. */
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
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

it('no Chinese text has half-width punctuation', () => {
  const wrong = [...leaves(zh)].filter(([, text]) => /\p{Script=Han}\s*[,:;!?]|[,:;!?]\s*\p{Script=Han}/u.test(String(text)))
  expect(wrong.map(([path, text]) => `${path}: ${String(text)}`)).toEqual([])
})

it('dates are written in one place, and punctuation between words comes from the texts', () => {
  const wrong = sources('src/renderer').flatMap((path) =>
    readFileSync(path, 'utf8')
      .split('\n')
      .filter((line) => !line.includes('linear-gradient'))
      .filter((line) => /toLocale(Date|Time)?String|DateTimeFormat\((?!\)\.resolved)|\.join\('[,:;] '\)|^\s*\{[^ {}][^{}]*\}[,:;] [{<]|\}[,:;] \$\{/.test(line))
      .map((line) => `${path}: ${line.trim()}`),
  )
  expect(wrong).toEqual([])
})

/** All but the texts themselves and what this is written in. */
function sources(folder: string): string[] {
  return readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .map((name) => join(folder, name))
    .filter((path) => /\.tsx?$/.test(path) && !/[/\\](texts[/\\]|ui[/\\](dates|format)\.)/.test(path))
}
