/** `--kind codec` with the demo model and the real engine. */
import { readdir, writeFile } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { expect, test } from 'vitest'
import { runCodecBench, type CodecOptions } from '../../src/main/bench/kinds/codec'
import { runCodecShapeBench } from '../../src/main/bench/kinds/codec-shape'
import type { CodecRow } from '../../src/shared/bench-report'
import { tablesOf } from '../../src/main/bench/views'
import { testEngine } from '../helpers/engine'
import { tempFolder } from '../helpers/temp-folder'

const MODEL = resolve(import.meta.dirname, '../../models/demo/demo.gguf')
const CITIES = ['Paris', 'Oslo', 'Lima', 'Rome', 'Cairo', 'Delhi']
const NAMES = ['Peter Stone', 'Maria Lopez', 'Nora Grant', 'Victor Chen', 'Helen Moor', 'James Tull']

/** A list of people for every question, so that each has documents of its own. */
const QUESTIONS = NAMES.map((name, at) => {
  const people = NAMES.map(
    (each, index) => `## ${each}\n\n${each} lives in ${CITIES[(at + index) % CITIES.length] ?? ''}.\n`,
  )
  return {
    id: `q${at}`,
    kind: 'lookup',
    question: `Where does ${name} live?`,
    answers: [CITIES[(2 * at) % CITIES.length] ?? ''],
    documents: [{ title: 'Staff', text: `# Staff\n\n${people.join('\n')}` }],
  }
})

async function place(folder: { file(name: string): string }, questions: readonly object[] = QUESTIONS) {
  const suite = folder.file('s.jsonl')
  await writeFile(suite, questions.map((question) => JSON.stringify(question)).join('\n'))
  const common = { threads: 1, device: 'cpu', command: 'x', maxTokens: 8 }
  const options: CodecOptions = { ...common, suite, model: { name: 'demo', path: MODEL } }
  return { options, dataDir: folder.file('data') }
}

test('every form of the caches is weighed and answers, held against f16', async () => {
  await using folder = await tempFolder()
  await using engine = testEngine()
  const { options, dataDir } = await place(folder)
  const { report, forget } = await runCodecBench({ engine, dataDir, version: '0' }, options)
  // Two of the six lists of documents are for learning.
  expect(report).toMatchObject({ kind: 'codec', arms: [], suite: { questions: 4, documents: 4 } })
  const rows = report.codec ?? []
  const row = (name: string): CodecRow => {
    const found = rows.find(({ profile }) => profile === name)
    if (!found) throw new Error(`There is no form ${name}.`)
    return found
  }
  expect(row('f16')).toMatchObject({ klMean: 0, top1: 1, exactMatch: 1, peer: false })
  // Headers and tables are part of the file.
  expect(row('f16').ratioToF16).toBeLessThan(1)
  for (const way of ['channels', 'components']) {
    const own = rows.filter(({ profile }) => profile.startsWith(way))
    expect(own.map(({ ratioToF16 }) => ratioToF16)).toEqual(own.map(({ ratioToF16 }) => ratioToF16).toSorted((a, b) => a - b))
    expect(own[0]?.klMean).toBeLessThan(own.at(-1)?.klMean ?? 0)
    for (const { sharedBytes, encodeMBps, decodeMBps } of own) {
      expect(sharedBytes).toBeGreaterThan(10_000)
      expect(encodeMBps).toBeGreaterThan(0)
      expect(decodeMBps).toBeGreaterThan(0)
    }
  }
  expect(row('components 0.9').ratioToF16).toBeGreaterThan(row('channels 0.9').ratioToF16)
  // 34 and 18 bytes for 32 numbers.
  expect(row('ggml q8_0')).toMatchObject({ peer: true, bitsPerElement: 8.5 })
  expect(row('ggml q4_0')).toMatchObject({ peer: true, bitsPerElement: 4.5 })
  expect(row('ggml q4_0').klMean).toBeGreaterThan(0)
  expect(row('zstd -19 of shuffled f16')).toMatchObject({ peer: true, klMean: 0, exactMatch: 1 })
  expect(tablesOf(report).map(({ title }) => title)).toContain('Forms of caches')
  await forget()
  expect(await readdir(join(dataDir, 'bench', 'runs'))).toEqual([])
})

test('questions about one list of documents leave nothing to learn from', async () => {
  await using folder = await tempFolder()
  await using engine = testEngine()
  const { options, dataDir } = await place(folder, QUESTIONS.slice(0, 1))
  await expect(runCodecBench({ engine, dataDir, version: '0' }, options)).rejects.toMatchObject({
    code: 'argument.invalid',
    message: expect.stringContaining('one list') as string,
  })
})

test('on random weights every form is weighed, timed and loaded by a blended query', async () => {
  await using folder = await tempFolder()
  await using engine = testEngine()
  const options = { make: 'tiny:f32', shape: '256+32', chunk: 64, repetitions: 1, threads: 1, device: 'cpu', command: 'x' }
  const { report, forget } = await runCodecShapeBench({ engine, dataDir: folder.file('data'), version: '0' }, options)
  expect(report).toMatchObject({ kind: 'codec', shape: { knowledge: 256, question: 32, chunk: 64 } })
  for (const { profile, peer, loadShare, reuseMs, reuseFromMemoryMs, exactMatch, ratioToF16 } of report.codec ?? []) {
    expect(exactMatch, profile).toBeUndefined()
    expect(ratioToF16, profile).toBeGreaterThan(0.9)
    if (profile.startsWith('zstd')) expect(loadShare).toBeUndefined()
    else expect(loadShare, profile).toBeGreaterThan(0)
    expect(reuseMs !== undefined, profile).toBe(!profile.startsWith('zstd'))
    expect(reuseFromMemoryMs !== undefined, profile).toBe(!peer && profile !== 'f16')
  }
  await forget()
})
