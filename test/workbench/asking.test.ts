/** Before a question: what it would cost. After it: what was kept of it, and where the answer came from. */
import { describe, expect, it } from 'vitest'
import type { ArmEstimate, Estimate } from '../../src/shared/estimate'
import { keepQuery, keptQuery } from '../../src/main/store/query-records'
import { openStore } from '../../src/main/store/store'
import { recordQuery } from '../../src/main/store/queries'
import { endsOf } from '../../src/main/session/token-texts'
import { tempFolder } from '../helpers/temp-folder'
import { askAll, buildAll, fakeCore, guide, importTexts, type TestCore } from './core'

async function started(core: TestCore): Promise<void> {
  await core.workbench.sets.create('Set')
  await importTexts(core.workbench, 'Set', { 'guide.md': guide(), 'other.md': '# Other\n\nWords of another document.\n' })
}

const arm = ({ arms }: Estimate, strategy: string): ArmEstimate => {
  const found = arms.find((each) => each.strategy === strategy)
  if (!found) throw new Error(`Expected ${strategy}.`)
  return found
}

describe('a query that was answered', () => {
  it('is kept whole, and its number comes with the answer', async () => {
    await using core = await fakeCore()
    const { workbench } = core
    await started(core)
    const history = [{ role: 'user' as const, content: 'Hello' }, { role: 'assistant' as const, content: 'Yes?' }]
    const { events, answer } = await askAll(workbench, { set: 'Set', question: 'Why?', history, selection: { exclude: ['d2'] } })
    const last = events.at(-1)
    const id = last?.type === 'answer' ? last.query : 0
    expect(id).toBe(1)
    const whole = await workbench.hits.query(id)
    expect(whole.answer).toEqual(answer)
    expect(whole.request).toMatchObject({ set: 'set1', question: 'Why?', history, selection: { include: [], exclude: ['d2'] } })
    expect(whole.query).toEqual((await workbench.hits.history())[0])
    // Asked again from what was kept, it is the same question.
    const again = await askAll(workbench, whole.request ?? { set: '', question: '' })
    expect(again.answer.trace.logitsDigest).toBe(answer.trace.logitsDigest)
    await expect(workbench.hits.query(99)).rejects.toMatchObject({ code: 'not-found' })
  })

  it('keeps its figures alone where it was stopped', async () => {
    await using core = await fakeCore({ stepMs: 5 })
    await started(core)
    for await (const { type } of core.workbench.ask({ set: 'Set', question: 'Why?' })) if (type === 'text') break
    const { query, request, answer } = await core.workbench.hits.query(1)
    expect([query.generatedTokens, request, answer]).toEqual([null, null, null])
    await expect(core.workbench.provenance(1)).rejects.toMatchObject({ code: 'not-found' })
  })

  it('gives way to newer ones', async () => {
    await using folder = await tempFolder()
    await using store = await openStore(folder.path)
    await using core = await fakeCore()
    await started(core)
    const { answer } = await askAll(core.workbench, { set: 'Set', question: 'Why?' })
    const { request } = await core.workbench.hits.query(1)
    const speed = { work: 1, computeMs: 1, loaded: 0, loadMs: 0, planMs: 0 }
    for (let at = 0; at < 5; at++) {
      const id = recordQuery(store.sql, { set: 'set1', question: 'Why?', facts: answer.trace, generatedTokens: 1, digests: [], memoryTokens: 0 })
      if (request) keepQuery(store.sql, id, { request, answer, tokens: [1], speed }, 3)
    }
    expect([1, 2, 3, 4, 5].map((id) => keptQuery(store.sql, id) !== null)).toEqual([false, false, true, true, true])
  })
})

describe('an estimate', () => {
  it('counts what the plans would take, whatever is known of speed', async () => {
    await using core = await fakeCore()
    const { workbench } = core
    await started(core)
    const bare = await workbench.estimate({ set: 'Set' })
    expect(bare).toMatchObject({ calibration: null, gate: 'not checked', measured: { queries: 0, withCaches: 0, builds: 0 } })
    expect(arm(bare, 'reuse')).toMatchObject({ ttftMs: null, bytes: 0, reusedTokens: 0, refused: null })
    await buildAll(workbench, 'Set')
    const built = await workbench.estimate({ set: 'Set', question: 'Why?' })
    const { answer } = await askAll(workbench, { set: 'Set', question: 'Why?' })
    const { trace } = answer
    expect(built.questionTokens).toBe(trace.questionTokens)
    expect(arm(built, 'reuse')).toMatchObject({
      reusedTokens: trace.reusedTokens,
      computedTokens: trace.computedTokens,
      recomputedTokens: 0,
      // Two documents: what stands in the second has not read the first, and nobody has measured what that does.
      fidelity: null,
    })
    expect(arm(built, 'reuse').bytes).toBeGreaterThan(0)
    expect(arm(built, 'full')).toMatchObject({ bytes: 0, reusedTokens: 0, fidelity: { klMean: 0, top1: 1, basis: 'exact' } })
    const link = (await askAll(workbench, { set: 'Set', question: 'Why?', strategy: 'link:2' })).answer.trace
    const custom = await workbench.estimate({ set: 'Set', question: 'Why?', strategies: ['link:2', 'oracle:0.1'] })
    expect(arm(custom, 'link:2').recomputedTokens).toBe(link.recomputedTokens)
    expect(custom.arms.map(({ strategy }) => strategy)).not.toContain('oracle:0.1')
    expect(arm(custom, 'auto').chosen).toMatchObject({ strategy: 'link:16', why: expect.stringContaining('not been calibrated') })
    // Full prefill computes more than anything, and comes last before `auto`.
    expect(built.arms.at(-2)?.strategy).toBe('full')
    expect(custom.measured.queries).toBe(2)
    // Nothing selected: all cost the same, and keep the order of what they compute by nature.
    const nothing = await workbench.estimate({ set: 'Set', question: 'Why?', selection: { exclude: ['d1', 'd2'] } })
    expect(nothing.arms.map(({ strategy }) => strategy)).toEqual(['reuse', 'link:16', 'mix:16+0.15', 'blend:0.15', 'prefix', 'full', 'auto'])
  })

  it('says that reuse is exact where every chunk has read what stands before it', async () => {
    await using core = await fakeCore()
    await started(core)
    await buildAll(core.workbench, 'Set')
    const one = await core.workbench.estimate({ set: 'Set', selection: { include: ['d1'] } })
    expect(arm(one, 'reuse').fidelity).toEqual({ klMean: 0, top1: 1, basis: 'exact' })
    expect(arm(one, 'auto').chosen?.strategy).toBe('reuse')
    expect(arm(one, 'mix:16+0.15')).toMatchObject({ recomputedTokens: 0, isDominated: false })
  })

  it('counts the caches of the profile that is named, and what their coding costs', async () => {
    await using core = await fakeCore()
    await started(core)
    await buildAll(core.workbench, 'Set')
    const of = (profile: 'f16' | 'small' | null) => core.workbench.estimate({ set: 'Set', selection: { include: ['d1'] }, profile })
    expect(arm(await of('f16'), 'reuse')).toEqual(arm(await of(null), 'reuse'))
    const none = arm(await of('small'), 'reuse')
    expect([none.bytes, none.reusedTokens]).toEqual([0, 0])
    const { bytes, reusedTokens } = arm(await of('f16'), 'reuse')
    await using store = await openStore(core.file('data'))
    store.sql.run("INSERT INTO copies SELECT key, 'small', 'codebook', object || '0', bytes / 8, made_at, 0 FROM copies")
    // What nobody has measured is not told.
    const small = arm(await of('small'), 'reuse')
    expect(small).toMatchObject({ reusedTokens, fidelity: null })
    expect(small.bytes).toBeGreaterThan(bytes / 9)
    expect(small.bytes).toBeLessThanOrEqual(bytes / 8)
    const model = store.sql.get<{ model: string }>('SELECT model FROM entries')?.model ?? ''
    store.sql.run("INSERT INTO codebooks VALUES ('codebook', ?, 'small', ?, 1, '2025-01-31')", [
      model,
      JSON.stringify({ profile: 'small', klMean: 0.05, top1: 0.9 }),
    ])
    expect(arm(await of('small'), 'reuse').fidelity).toEqual({ klMean: 0.05, top1: 0.9, basis: 'calibrated' })
    // What reads no cache loses nothing, and the exact copies are there still.
    expect(arm(await of('small'), 'full').fidelity?.basis).toBe('exact')
    expect(arm(await of(null), 'reuse').fidelity?.basis).toBe('exact')
  })

  it('refuses what a request would be refused for', async () => {
    await using core = await fakeCore({ contextLength: 20 })
    await started(core)
    await expect(core.workbench.estimate({ set: 'Set' })).rejects.toMatchObject({ code: 'engine.context-too-long' })
    await expect(core.workbench.estimate({ set: 'Nowhere' })).rejects.toMatchObject({ code: 'not-found' })
    await expect(core.workbench.estimate({ set: 'Set', strategies: ['nonsense'] })).rejects.toMatchObject({ code: 'argument.invalid' })
  })
})

describe('where an answer came from', () => {
  it('is told per chunk and per token, of the context as it was', async () => {
    await using core = await fakeCore()
    const { workbench, engine } = core
    await started(core)
    await buildAll(workbench, 'Set')
    const { answer } = await askAll(workbench, { set: 'Set', question: 'Why?', strategy: 'link:2', selection: { exclude: ['d1.s2'] } })
    const told = await workbench.provenance(1)
    expect(told.chunks.map(({ id }) => id)).toEqual(answer.trace.chunks.map(({ id }) => id))
    expect(told.chunks.reduce((sum, { share }) => sum + share, 0)).toBeCloseTo(1)
    expect(told.chunks.reduce((sum, { expected }) => sum + expected, 0)).toBeCloseTo(1)
    expect(told.chunks[0]?.share).toBeCloseTo(0.5 / 0.75)
    expect(told.tokens).toHaveLength(4)
    expect(told.tokens[0]).toMatchObject({ text: ' 3', knowledge: expect.closeTo(0.75), top: [{ chunk: 0 }, {}, {}] })
    const [asked] = engine.of('answer').slice(-1)
    expect(engine.of('provenance').at(-1)).toMatchObject({ segments: asked?.segments, recompute: asked?.recompute, answer: [3, 4, 5, 6] })
  })

  it('is not told of documents that have changed, or of no knowledge', async () => {
    await using core = await fakeCore()
    const { workbench } = core
    await started(core)
    await askAll(workbench, { set: 'Set', question: 'Why?' })
    await importTexts(workbench, 'Set', { 'guide.md': guide({ two: 'Quite another text.' }) })
    await expect(workbench.provenance(1)).rejects.toMatchObject({ code: 'conflict', message: expect.stringContaining('changed') })
    await askAll(workbench, { set: 'Set', question: 'Why?', selection: { exclude: ['d1', 'd2'] } })
    await expect(workbench.provenance(2)).rejects.toMatchObject({ code: 'argument.invalid' })
  })
})

describe('tokens of a chunk', () => {
  it('have their places in its text', async () => {
    await using core = await fakeCore()
    await started(core)
    const { id, text, ends } = await core.workbench.documents.tokens('d1.s1.c1')
    expect([id, ends.at(-1)]).toEqual(['d1.s1.c1', text.length])
    const tree = await core.workbench.sets.show('Set')
    expect(ends).toHaveLength(tree.tree[0]?.sections[0]?.chunks[0]?.tokens ?? NaN)
    await expect(core.workbench.documents.tokens('d1.s1')).rejects.toMatchObject({ code: 'argument.invalid' })
    await expect(core.workbench.documents.tokens('d1.s1.c9')).rejects.toMatchObject({ code: 'not-found' })
  })

  it('never end inside a character', () => {
    expect(endsOf('aé🙂b', [1, 1, 1, 2, 2, 1])).toEqual([1, 1, 2, 2, 4, 5])
    // What is left of a broken character at the end is the last token's.
    expect(endsOf('a\ufffd', [1, 1])).toEqual([1, 2])
    expect(endsOf('', [])).toEqual([])
  })
})
