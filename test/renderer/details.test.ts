/** What the core says, in the window's language: every detail has words, and what has none stays a step away. */
import { afterEach, beforeEach, expect, it, vi } from 'vitest'
import { DETAILS, sentence, type Detail } from '../../src/shared/details'
import { toErrorData, WorkbenchError } from '../../src/shared/errors'
import { loadStrings, type Language } from '../../src/renderer/strings'
import { inShort, said, wordsOf } from '../../src/renderer/ui/failure'

beforeEach(() => speak('zh'))
afterEach(() => vi.unstubAllGlobals())

async function speak(language: Language): Promise<void> {
  vi.stubGlobal('document', { documentElement: { lang: '' } })
  await loadStrings(language)
}

const NEAR = { maxDifference: 2e-5, klMean: 1e-6, klMax: 4e-5, top1: 0.99 }
/** Something for whatever a detail asks for; what it does not know is a name that is no word. */
const SAMPLE: Readonly<Record<string, unknown>> = {
  errno: 'ENOENT',
  why: 'ended with signal SIGKILL (no such file or directory)',
  what: 'it ends inside of the header',
  found: 3,
  sets: ['A', 'B'],
  known: [],
  forms: ['x:R', 'y'],
  failed: ['parity'],
  ways: [null, 2],
  offsets: [1, 64],
  own: NEAR,
  same: { ...NEAR, maxDifference: 0 },
  noise: { most: 1e-3, layers: 2, weights: 'half' },
  method: 'answer',
  strategy: 'mix:8',
  first: { id: 'document.empty', params: { name: 'a.md' } },
  text: 'x',
  closest: { strategy: 'mix:8', kl: 0.01 },
}
const WORDS = ['name', 'path', 'set', 'setId', 'title', 'model', 'device', 'kinds', 'kind', 'key', 'profile', 'encoding', 'architecture', 'version']

function sample(id: keyof typeof DETAILS): Detail {
  const params = new Proxy({}, { get: (_, name) => SAMPLE[String(name)] ?? (WORDS.includes(String(name)) ? 'a.b' : 7) })
  return { id, params } as Detail
}

const ids = Object.keys(DETAILS) as (keyof typeof DETAILS)[]

it.each(ids)('%s is said in English by the core, and in Chinese by a Chinese window', async (id) => {
  const english = sentence(sample(id))
  expect(english).not.toContain('undefined')
  const chinese = said(sample(id)) ?? ''
  expect(chinese).toMatch(/\p{Script=Han}/u)
  expect(chinese).not.toMatch(/undefined|NaN|\p{Script=Han}[,:;!?]/u)
  // Names, units, forms as they are typed: never words behind each other.
  expect(chinese).not.toMatch(/([A-Za-z]{2,} ){2}[A-Za-z]{2,}/)
  await speak('en')
  expect(said(sample(id))).toBe(english)
})

it('an error of the core keeps its sentence, and carries it as data to the page', () => {
  const error = new WorkbenchError('document.invalid', { id: 'document.empty', params: { name: 'notes.md' } })
  expect(error.message).toBe('notes.md is empty. Import a file with text in it.')
  const data = toErrorData(error)
  expect(data).toEqual({ code: 'document.invalid', message: error.message, detail: { id: 'document.empty', params: { name: 'notes.md' } } })
  expect(said(data.detail)).toBe('notes.md 是空的。请导入有文字的文件。')
})

it('what has no words in the page’s language is not shown as if it had', async () => {
  const old = { code: 'engine.failed' as const, text: 'ggml reported a failure.' }
  expect(wordsOf(old)).toBeNull()
  expect(inShort(old)).toMatch(/^引擎报告了故障。/)
  expect(wordsOf({ ...old, detail: { id: 'of-a-later-version', params: {} } as unknown as Detail })).toBeNull()
  await speak('en')
  expect(wordsOf(old)).toBe('ggml reported a failure.')
})
