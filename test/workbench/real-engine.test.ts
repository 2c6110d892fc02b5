/** The core's promises on the real engine: its host, its addon, real K/V. */
import { readFile, writeFile } from 'node:fs/promises'
import { existsSync, globSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { describe, expect, it } from 'vitest'
import { z } from 'zod'
import { openWorkbench } from '../../src/main/workbench'
import type { Answer } from '../../src/shared/answer'
import type { Strategy } from '../../src/shared/strategy'
import type { Workbench } from '../../src/shared/workbench'
import type { Engine } from '../../src/main/engine/engine'
import { testEngine } from '../helpers/engine'
import { tempFolder } from '../helpers/temp-folder'
import { tinyModel, type TinyModel } from '../helpers/tiny-model'
import { askAll, buildAll, importTexts, outcomes } from './core'

const REPOSITORY = resolve(import.meta.dirname, '../..')

interface RealCore extends AsyncDisposable {
  readonly workbench: Workbench
  readonly engine: Engine
  readonly dataDir: string
}

async function realCore(model: TinyModel | null): Promise<RealCore> {
  const stack = new AsyncDisposableStack()
  const folder = stack.use(await tempFolder())
  const engine = testEngine()
  const resourcesDir = model ? folder.path : REPOSITORY
  const workbench = stack.use(
    await openWorkbench({
      dataDir: folder.file('data'),
      engine,
      resourcesDir,
      version: '0',
      load: { threads: 1, device: 'cpu' },
    }),
  )
  if (model) await workbench.models.add(await tinyModel(model))
  return { workbench, engine, dataDir: folder.file('data'), [Symbol.asyncDispose]: () => stack.disposeAsync() }
}

/** About 25 tokens a sentence. */
const section = (title: string, sentences: number, seed = title): string =>
  `## ${title}\n\n${Array.from({ length: sentences }, (_, index) => `The ${seed} number ${index * 7} is kept in room ${index % 13}.`).join(' ')}\n\n`

async function builtSet(workbench: Workbench, files: Readonly<Record<string, string>>): Promise<string> {
  const { id } = await workbench.sets.create('Set')
  expect(await importTexts(workbench, id, files)).toMatchObject({ status: 'done' })
  expect(await buildAll(workbench, id)).toMatchObject({ status: 'done', error: null })
  return id
}

const answerOf = async (...request: Parameters<typeof askAll>): Promise<Answer> => (await askAll(...request)).answer

describe('a whole document', () => {
  it.each([{}, { architecture: 'qwen3', seed: 5 }] satisfies TinyModel[])(
    "reused gives full prefill's greedy answer (%o)",
    async (model) => {
      await using core = await realCore({ ...model, contextLength: 8192 })
      const set = await builtSet(core.workbench, {
        'a.md': `# A\n\n${section('One', 60)}${section('Two', 12)}${section('Three', 3)}`,
      })
      const ask = (strategy: 'full' | 'reuse' | 'prefix'): Promise<Answer> =>
        answerOf(core.workbench, { set, question: 'Where is number 42 kept?', strategy, maxTokens: 24 })
      const [full, reuse, prefix] = [await ask('full'), await ask('reuse'), await ask('prefix')]
      for (const cached of [reuse, prefix]) {
        expect(cached.trace.hitRate).toBe(1)
        expect(cached.trace.computedTokens).toBe(cached.trace.questionTokens)
        expect(cached.text).toBe(full.text)
        expect(cached.trace.firstTokens.map(({ id }) => id)).toEqual(full.trace.firstTokens.map(({ id }) => id))
        // f16 K/V on f32 weights: far below what could change a choice.
        for (const [index, { logProbability }] of cached.trace.firstTokens.entries())
          expect(logProbability).toBeCloseTo(full.trace.firstTokens[index]?.logProbability ?? 0, 2)
      }
      expect(full.trace.reusedTokens).toBe(0)
      expect(reuse.trace.logitsDigest).toBe(prefix.trace.logitsDigest)
    },
  )
})

describe('exclusion leaves no trace', () => {
  it('the logits stay bit-equal whatever the excluded section says', async () => {
    await using core = await realCore({ contextLength: 8192 })
    const { workbench } = core
    const text = (secret: string): string =>
      `# A\n\n${section('One', 20)}${secret}${section('Three', 30)}${section('Four', 5)}`
    const set = await builtSet(workbench, { 'a.md': text(section('Two', 40)), 'b.md': `# B\n\n${section('Other', 8)}` })
    const request = { set, question: 'What is kept?', selection: { exclude: ['d1.s3'] }, maxTokens: 8 }
    const before = await answerOf(workbench, request)
    expect(outcomes(before)).toMatch(/^document (document )+bos! (bos! )+document document$/)
    const digests = new Set<string>()
    for (const secret of [section('Two', 3, 'zebra'), '## Two\n\n秘密。\n\n', section('Two', 90, 'harbour')]) {
      await importTexts(workbench, set, { 'a.md': text(secret) })
      await buildAll(workbench, set)
      const after = await answerOf(workbench, request)
      expect(outcomes(after)).toBe(outcomes(before))
      expect(after.text).toBe(before.text)
      digests.add(after.trace.logitsDigest)
      // The same question with everything included does change: the test can fail.
      digests.add((await answerOf(workbench, { ...request, selection: {} })).trace.logitsDigest)
    }
    expect(digests.has(before.trace.logitsDigest)).toBe(true)
    expect(digests.size).toBe(1 + 3)
  })
})

describe('after a gap', () => {
  const text = `# A\n\n${section('One', 20)}${section('Two', 40)}${section('Three', 30)}${section('Four', 5)}`

  it("the second question has full prefill's logits but for rounding, and its answer", async () => {
    await using core = await realCore({ contextLength: 8192 })
    const { workbench } = core
    const set = await builtSet(workbench, { 'a.md': text })
    const request = { set, question: 'Where is number 42 kept?', selection: { exclude: ['d1.s3'] }, maxTokens: 16 }
    const full = await answerOf(workbench, { ...request, strategy: 'full' })
    const away = ({ trace }: Answer): number =>
      Math.max(
        ...full.trace.firstTokens.map(({ id, logProbability }) =>
          Math.abs((trace.firstTokens.find((token) => token.id === id)?.logProbability ?? -Infinity) - logProbability),
        ),
      )
    const first = await answerOf(workbench, { ...request, keepMissed: true })
    expect(outcomes(first)).toMatch(/^document( document)*( bos!)+$/)
    const job = workbench.jobs.list().at(-1)
    expect(await workbench.jobs.finished(job?.id ?? '')).toMatchObject({ status: 'done', error: null })
    const second = await answerOf(workbench, request)
    expect(outcomes(second)).toMatch(/^document( document)*( tail)+$/)
    expect(second.text).toBe(full.text)
    // f16 K/V on f32 weights.
    expect(away(second)).toBeLessThan(0.005)
    expect(away(first)).toBeGreaterThan(4 * away(second))
    expect((await answerOf(workbench, { ...request, strategy: 'auto' })).trace.strategy).toBe('reuse')
    expect(workbench.jobs.list().at(-1)?.id).toBe(job?.id)
  })

  it.each(['link:16', 'score:0.2', 'mix:8+0.2', 'blend:0.2', 'random:0.2', 'oracle:0.2', 'blend:0.2:bos:gradual:attention'])(
    '%s computes no more than full prefill, cached in part or whole; without caches it is full prefill, bit for bit',
    async (strategy) => {
      await using core = await realCore({ layers: 4, contextLength: 8192 })
      const { workbench } = core
      const { id: set } = await workbench.sets.create('Set')
      await importTexts(workbench, set, { 'a.md': text })
      const request = { set, question: 'Where is number 42 kept?', selection: { exclude: ['d1.s3'] }, maxTokens: 1 }
      const full = await answerOf(workbench, { ...request, strategy: 'full' })
      const total = full.trace.computedTokens
      const none = await answerOf(workbench, { ...request, strategy })
      expect(none.trace).toMatchObject({ computedTokens: total, recomputedTokens: 0, logitsDigest: full.trace.logitsDigest })
      await buildAll(workbench, set)
      await importTexts(workbench, set, { 'a.md': text, 'b.md': `# B\n\n${section('Five', 9)}` })
      for (const selection of [request.selection, {}]) {
        const { trace } = await answerOf(workbench, { ...request, selection, strategy })
        expect(trace.computedTokens + trace.recomputedTokens).toBeLessThanOrEqual(trace.knowledgeTokens + trace.questionTokens)
        // Without a gap everything that is cached stands in the first document, exact as it is.
        if (selection === request.selection) expect(trace.recomputedTokens).toBeGreaterThan(0)
        else if (!strategy.includes(':bos')) expect(trace.recomputedTokens).toBe(0)
        expect(trace.recomputedTokens).toBe(trace.chunks.flatMap(({ recomputed }) => recomputed).reduce((sum, [from, to]) => sum + to - from, 0))
      }
    },
  )
})

describe('everything computed again', () => {
  it('is full prefill, bit for bit, after a gap and across documents', async () => {
    await using core = await realCore({ layers: 4, contextLength: 8192 })
    const { workbench } = core
    const text = (letter: string): string => `# ${letter}\n\n${section(`${letter} one`, 30)}${section(`${letter} two`, 9)}${section(`${letter} three`, 20)}`
    const set = await builtSet(workbench, { 'a.md': text('A'), 'b.md': text('B') })
    const request = { set, question: 'Where is number 42 kept?', selection: { exclude: ['d2.s3'] }, maxTokens: 1 }
    const full = await answerOf(workbench, { ...request, strategy: 'full' })
    // More than one sub-batch.
    expect(full.trace.computedTokens).toBeGreaterThan(1024)
    for (const strategy of ['score:1', 'mix:16+1', 'blend:1', 'blend:1:layer=3:by=k', 'random:1:bos', 'oracle:1']) {
      const { trace } = await answerOf(workbench, { ...request, strategy })
      expect(trace.recomputedTokens, strategy).toBe(trace.knowledgeTokens)
      expect(trace.logitsDigest, strategy).toBe(full.trace.logitsDigest)
    }
    expect((await answerOf(workbench, { ...request, strategy: 'score:0.99' })).trace.logitsDigest).not.toBe(full.trace.logitsDigest)
  })
})

describe('when the host is killed in the middle of a build', () => {
  it('the job fails clearly, what was stored is whole, and building again goes on', async () => {
    await using core = await realCore({
      layers: 4,
      embedding: 128,
      feedForward: 256,
      heads: 4,
      headDim: 32,
      contextLength: 16384,
    })
    const { workbench, engine } = core
    const { id } = await workbench.sets.create('Set')
    await importTexts(workbench, id, {
      'a.md': Array.from({ length: 12 }, (_, index) => section(`Part ${index}`, 14)).join(''),
    })
    const job = await workbench.build(id)
    for await (const state of workbench.jobs.watch())
      if (state.id === job.id && (state.done > 600 || state.status !== 'running')) break
    process.kill(engine.hostPid ?? 0, 'SIGKILL')
    expect(await workbench.jobs.finished(job.id)).toMatchObject({ status: 'failed', error: { code: 'engine.died' } })
    const { entries } = workbench.status().store
    expect(entries).toBeGreaterThan(0)
    const stored = storedFiles(core)
    expect(stored.length).toBe(entries)
    expect(await buildAll(workbench, id)).toMatchObject({ status: 'done' })
    expect(storedFiles(core)).toEqual(expect.arrayContaining(stored))
    expect(await workbench.sets.show(id)).toMatchObject({ chunks: 12, cachedChunks: 12 })
    // Without a chat template the first chunk's document variant is its isolated one.
    expect(workbench.status().store).toMatchObject({ entries: 23, quarantined: 0 })
    const answer = await answerOf(workbench, { set: id, question: 'Where?', maxTokens: 4 })
    expect(answer.trace.hitRate).toBe(1)
    const full = await answerOf(workbench, { set: id, question: 'Where?', maxTokens: 4, strategy: 'full' })
    expect(answer.text).toBe(full.text)
  })
})

function storedFiles({ dataDir }: RealCore): string[] {
  return globSync('objects/??/*.kvo', { cwd: dataDir }).sort()
}

async function flipBit(path: string): Promise<void> {
  const bytes = await readFile(path)
  bytes[bytes.length >> 1] = (bytes[bytes.length >> 1] ?? 0) ^ 1
  await writeFile(path, bytes)
}

describe('a damaged object', () => {
  it('that reading all finds is told of its chunk alone, until a build has made it again', async () => {
    await using core = await realCore({ contextLength: 8192 })
    const { workbench } = core
    const set = await builtSet(workbench, {
      'a.md': `# A\n\n${section('One', 8)}${section('Two', 8)}${section('Three', 8)}`,
      'b.md': `# B\n\n${section('Other', 8)}`,
      'c.md': `# C\n\n${section('Sound', 8)}`,
    })
    const states = async (): Promise<unknown> => {
      const { rows } = await workbench.sets.outline(set)
      const { tree } = await workbench.sets.show(set)
      // However a document is looked at, it is told as the same.
      expect(await Promise.all(rows.map(({ id }) => workbench.documents.show(id)))).toMatchObject(tree)
      expect(rows.map(({ id, state, cachedChunks }) => [id, state, cachedChunks])).toEqual(
        tree.map(({ id, state, sections }) => [id, state, sections.flatMap(({ chunks }) => chunks).filter((chunk) => chunk.state === 'cached').length]),
      )
      const chunks = tree.flatMap(({ sections }) => sections.flatMap((each) => each.chunks))
      return [rows.map(({ state }) => state), Object.fromEntries(chunks.flatMap(({ id, state }) => (state === 'cached' ? [] : [[id, state]])))]
    }
    const sound = [['cached', 'cached', 'cached'], {}]
    expect(await states()).toEqual(sound)
    // The first chunk of a document has one cache for all its variants; of the third document only the poorer one is damaged.
    const victims = [['d1.s3.c1', 'document'], ['d2.s1.c1', 'prefix'], ['d3.s2.c1', 'bos']]
    const { rows } = await workbench.store.list({ set, limit: 1000 })
    const keys = victims.map(([node, kind]) => rows.find((row) => row.place?.node === node && row.kind === kind)?.key ?? '')
    for (const key of keys) {
      const object = (await workbench.store.cache(key)).copies[0]?.object ?? ''
      await flipBit(join(core.dataDir, 'objects', object.slice(0, 2), `${object}.kvo`))
    }
    // Nobody has read them since.
    expect(await states()).toEqual(sound)
    const verify = await workbench.store.chosen.verify({ filter: { set } })
    expect((await workbench.jobs.finished(verify.id)).result).toContain(`${rows.length} files read whole; 3 damaged`)
    expect(workbench.store.scrubbed(verify.id).damaged.map(({ key }) => key).sort()).toEqual(keys.toSorted())
    expect(await states()).toEqual([['damaged', 'damaged', 'cached'], { 'd1.s3.c1': 'damaged', 'd2.s1.c1': 'damaged' }])
    expect(await buildAll(workbench, set)).toMatchObject({ status: 'done', error: null })
    expect(await states()).toEqual(sound)
    expect(workbench.status().store.quarantined).toBe(0)
    expect((await workbench.store.list({ set })).total).toBe(rows.length)
  })

  it('is set aside, computed in place, and made again by the next build', async () => {
    await using core = await realCore({ contextLength: 8192 })
    const { workbench } = core
    const { id: set } = await workbench.sets.create('Set')
    await importTexts(workbench, set, { 'a.md': `# A\n\n${section('One', 20)}${section('Two', 20)}` })
    await workbench.jobs.finished((await workbench.build(set, { variants: ['document'] })).id)
    const request = { set, question: 'What is kept?', maxTokens: 8 }
    const before = await answerOf(workbench, request)
    const [victim = ''] = storedFiles(core)
    const path = join(core.dataDir, victim)
    await flipBit(path)
    const after = await answerOf(workbench, request)
    expect(outcomes(after).split(' ').sort().join(' ')).toMatch(/^-damaged( document){2,}$/)
    expect(after.text).toBe(before.text)
    expect(existsSync(path)).toBe(false)
    expect(workbench.status().store.quarantined).toBe(1)
    expect(await workbench.jobs.finished((await workbench.build(set, { variants: ['document'] })).id)).toMatchObject({
      status: 'done',
    })
    const again = await answerOf(workbench, request)
    expect(outcomes(again)).toMatch(/^document( document)+$/)
    expect(again.trace.logitsDigest).toBe(before.trace.logitsDigest)
  })
})

const sampleFacts = z.object({ name: z.string(), questions: z.array(z.object({ question: z.string() })) })

describe('the sample set', () => {
  it('is imported and built by itself, once, with questions to ask', async () => {
    await using core = await realCore(null)
    const { workbench } = core
    const facts = sampleFacts.parse(
      JSON.parse(await readFile(join(REPOSITORY, 'models/demo/sample/sample.json'), 'utf8')),
    )
    const [set, same] = await Promise.all([workbench.sets.ensureSample(), workbench.sets.ensureSample()])
    expect(same.id).toBe(set.id)
    expect(workbench.jobs.list().map(({ kind }) => kind)).toEqual(['import', 'build'])
    for (const { id } of workbench.jobs.list())
      expect(await workbench.jobs.finished(id)).toMatchObject({ status: 'done' })
    await workbench.sets.ensureSample()
    expect(workbench.jobs.list()).toHaveLength(2)
    const tree = await workbench.sets.show(set.id)
    expect(tree).toMatchObject({ name: facts.name, cachedChunks: tree.chunks })
    expect(tree.suggestions.map(({ question }) => question)).toEqual(facts.questions.map(({ question }) => question))
    for (const { question, include } of tree.suggestions.slice(0, 4)) {
      const ask = (strategy: Strategy) =>
        answerOf(workbench, { set: set.id, question, strategy, selection: { include: [...include] }, maxTokens: 16 })
      const [full, reuse] = [await ask('full'), await ask('reuse')]
      expect(reuse.text, question).toBe(full.text)
      expect([full.trace.reusedTokens, reuse.trace.hitRate]).toEqual([0, 1])
    }
  })
})

describe('an answer that is stopped behind its first token', () => {
  it('is written down with the tokens that the engine chose to compute again', async () => {
    await using core = await realCore({})
    const { workbench } = core
    const set = await builtSet(workbench, { 'a.md': `# A\n\n${section('One', 20)}`, 'b.md': `# B\n\n${section('Two', 20)}` })
    const { tokens } = await workbench.sets.show(set)
    for await (const { type } of workbench.ask({ set, question: 'Where?', strategy: 'blend:0.25:bos:layer=1', maxTokens: 200 })) {
      if (type === 'first-token') break
    }
    const recomputed = Math.floor(0.25 * tokens)
    expect(await workbench.hits.history()).toMatchObject([
      { generatedTokens: null, reusedTokens: tokens, recomputedTokens: recomputed, hitRate: (tokens - recomputed) / tokens },
    ])
    const { rows, total } = await workbench.hits.report({ set, by: 'chunk' })
    expect(rows.reduce((sum, row) => sum + row.recomputed, 0)).toBe(recomputed)
    expect(total).toMatchObject({ times: 1, tokens, reused: tokens - recomputed, missed: 0 })
  })
})
