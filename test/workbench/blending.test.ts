/** Variants behind gaps, scores, rows to compute again, the gate and `auto`, from a question to the engine's call. */
import { stat, writeFile } from 'node:fs/promises'
import { describe, expect, it } from 'vitest'
import { engineVersion } from '../../src/main/engine/engine-version'
import { saveCalibration } from '../../src/main/store/calibrations'
import { saveVerdict } from '../../src/main/store/model-checks'
import { openStore, type Store } from '../../src/main/store/store'
import type { Answer, AskInput } from '../../src/shared/answer'
import type { Calibration, ModelVerdict } from '../../src/shared/calibration'
import type { AnswerParams } from '../../src/shared/engine'
import type { JobState } from '../../src/shared/workbench'
import { askAll, buildAll, fakeCore, guide, importTexts, outcomes, type TestCore } from './core'

const GAP = { exclude: ['d1.s2'] }

async function built(core: TestCore, files: Readonly<Record<string, string>> = { 'a.md': guide() }): Promise<string> {
  const { id } = await core.workbench.sets.create('Set')
  await importTexts(core.workbench, id, files)
  expect(await buildAll(core.workbench, id)).toMatchObject({ status: 'done' })
  return id
}

const ask = async ({ workbench }: TestCore, set: string, more: Partial<AskInput> = {}): Promise<Answer> =>
  (await askAll(workbench, { set, question: 'Why?', ...more })).answer

/** The build that the last question has started, when it is over; null: it has started none. */
async function kept({ workbench }: TestCore): Promise<JobState | null> {
  const job = workbench.jobs.list().findLast(({ kind, title }) => kind === 'build' && title.startsWith('Keeping'))
  return job ? await workbench.jobs.finished(job.id) : null
}

const lastCall = ({ engine }: TestCore): AnswerParams => engine.of('answer').at(-1) as AnswerParams

/** The row of each chunk's first token, and the rows of the whole. */
function rowsOf({ segments }: AnswerParams): { starts: number[]; all: number } {
  let all = 0
  const starts: number[] = []
  for (const { kind, tokens } of segments) {
    if (kind === 'cached') starts.push(all)
    all += tokens.length
  }
  return { starts, all }
}

async function opened(core: TestCore): Promise<Store> {
  return await openStore(core.file('data'))
}

describe('after a gap', () => {
  it('the first question pays, the next one with that selection is exact', async () => {
    await using core = await fakeCore()
    const set = await built(core)
    const request = { selection: GAP, keepMissed: true }
    expect(outcomes(await ask(core, set, request))).toBe('document bos! bos!')
    core.engine.calls.length = 0
    expect(await kept(core)).toMatchObject({ status: 'done', result: expect.stringMatching(/^2 caches of/) as string })
    // Both behind the first section, which comes from its cache.
    expect(core.engine.of('encode').map(({ context, chunks }) => [context.map(({ kind }) => kind).join(), chunks.length])).toEqual([
      ['compute,cached', 2],
    ])
    const jobs = core.workbench.jobs.list().length
    const again = await ask(core, set, request)
    expect(outcomes(again)).toBe('document tail tail')
    expect(again.trace).toMatchObject({ hitRate: 1, recomputedTokens: 0 })
    expect(core.workbench.jobs.list()).toHaveLength(jobs)
    // Another gap is another chain; without one the document's own variants serve.
    expect(outcomes(await ask(core, set, { selection: { exclude: ['d1.s3'] } }))).toBe('document document bos!')
    expect(outcomes(await ask(core, set, { selection: { exclude: ['d1.s2', 'd1.s4'] } }))).toBe('document tail')
    expect(outcomes(await ask(core, set))).toBe('document document document document')
  })

  it('nothing is built where it is not wanted', async () => {
    await using core = await fakeCore()
    const set = await built(core)
    await ask(core, set, { selection: GAP })
    expect(await kept(core)).toBeNull()
    for (const strategy of ['full', 'reuse:bos'])
      await ask(core, set, { selection: GAP, keepMissed: true, strategy })
    expect(await kept(core)).toBeNull()
    await importTexts(core.workbench, set, { 'b.md': guide({ one: 'Another.' }) })
    await buildAll(core.workbench, set)
    await ask(core, set, { keepMissed: true, strategy: 'prefix' })
    expect(await kept(core)).toBeNull()
  })

  it('one build is enough, however often it is asked meanwhile', async () => {
    await using core = await fakeCore({ stepMs: 5 })
    const set = await built(core)
    const before = core.workbench.jobs.list().length
    await Promise.all(Array.from({ length: 4 }, () => ask(core, set, { selection: GAP, keepMissed: true })))
    expect(core.workbench.jobs.list()).toHaveLength(before + 1)
    await kept(core)
    expect(outcomes(await ask(core, set, { selection: GAP, keepMissed: true }))).toBe('document tail tail')
  })

  it('a cache of the same chain that another document has is used once it was asked for, without computing it again', async () => {
    await using core = await fakeCore()
    const { one, three } = { one: '# one\n\nFirst.\n\n', three: '# three\n\nThird.\n' }
    const set = await built(core, { 'a.md': `${one}# two\n\nSecond.\n\n${three}`, 'b.md': `${one}${three}` })
    const request = { selection: { exclude: ['d1.s2', 'd2'] }, keepMissed: true }
    expect(outcomes(await ask(core, set, request))).toBe('document bos!')
    core.engine.calls.length = 0
    expect(await kept(core)).toMatchObject({ result: 'Nothing was missing in 2 documents.' })
    expect(core.engine.of('encode')).toEqual([])
    expect(outcomes(await ask(core, set, request))).toBe('document tail')
  })

  it('a damaged variant is set aside, and made again by the question that missed it', async () => {
    await using core = await fakeCore()
    const set = await built(core)
    const request = { selection: GAP, keepMissed: true }
    await ask(core, set, request)
    await kept(core)
    await ask(core, set, request)
    const cached = lastCall(core).segments.flatMap((part) => (part.kind === 'cached' ? [part] : []))
    const path = cached[1]?.path ?? ''
    await writeFile(path, Buffer.alloc((await stat(path)).size, 'x'))
    expect(outcomes(await ask(core, set, request))).toBe('document bos! tail')
    expect(core.workbench.status().store.quarantined).toBe(1)
    await kept(core)
    expect(outcomes(await ask(core, set, request))).toBe('document tail tail')
    expect(core.workbench.status().store.quarantined).toBe(0)
  })
})

describe('scores', () => {
  const keys = (store: Store): string[] =>
    store.sql.all<{ key: string }>('SELECT key FROM scores').map(({ key }) => key)

  it('are kept of every variant with something in front of it, and made good by the next build', async () => {
    await using core = await fakeCore()
    const set = await built(core)
    await using store = await opened(core)
    // Four document variants; the first of them is the prefix variant.
    expect(keys(store)).toHaveLength(4)
    const entries = store.sql.all<{ key: string; kind: string }>('SELECT key, kind FROM entries')
    expect(entries.filter(({ key }) => keys(store).includes(key)).every(({ kind }) => kind !== 'bos')).toBe(true)
    await ask(core, set, { selection: GAP, keepMissed: true })
    await kept(core)
    expect(keys(store)).toHaveLength(6)
    store.sql.run('DELETE FROM scores')
    expect(await buildAll(core.workbench, set)).toMatchObject({ result: 'Tokens of 4 caches scored.' })
    expect(await buildAll(core.workbench, set)).toMatchObject({ result: 'Nothing was missing in 1 document.' })
  })

  it('are made of sound caches only: a damaged one is set aside, made again and scored', async () => {
    await using core = await fakeCore()
    const set = await built(core)
    await using store = await opened(core)
    store.sql.run('DELETE FROM scores')
    await ask(core, set, { strategy: 'reuse:bos' })
    const path = lastCall(core).segments.flatMap((part) => (part.kind === 'cached' ? part.path : []))[2] ?? ''
    await writeFile(path, Buffer.alloc((await stat(path)).size, 'x'))
    expect(await buildAll(core.workbench, set)).toMatchObject({
      status: 'done',
      result: expect.stringMatching(/^1 cache of .*, 1 damaged ones made again\.$/) as string,
    })
    expect(keys(store)).toHaveLength(4)
    expect(core.workbench.status().store.quarantined).toBe(0)
  })
})

describe('what is computed again', () => {
  it('link: the first tokens of every chunk but the first, none of what is exact', async () => {
    await using core = await fakeCore()
    const set = await built(core)
    expect((await ask(core, set, { strategy: 'link:2' })).trace.recomputedTokens).toBe(0)
    const { trace } = await ask(core, set, { strategy: 'link:2:bos' })
    const { starts } = rowsOf(lastCall(core))
    expect(lastCall(core).recompute).toEqual({
      kind: 'rows',
      rows: starts.slice(1).flatMap((start) => [start, start + 1]),
    })
    expect(trace).toMatchObject({ strategy: 'link:2:bos', recomputedTokens: 6, gate: 'not checked', why: null, attempts: [] })
    expect(trace.chunks.map(({ recomputed }) => recomputed)).toEqual([[], [[0, 2]], [[0, 2]], [[0, 2]]])
    expect(trace.computedTokens).toBe(trace.questionTokens)
  })

  it('score: the highest of all that may speak, none of what is exact', async () => {
    await using core = await fakeCore()
    const set = await built(core, { 'a.md': guide(), 'b.md': guide({ one: 'Another beginning.' }) })
    // The fake engine's scores grow with a token's place; the first document's chunks are exact here.
    const { trace } = await ask(core, set, { strategy: 'score:0.25' })
    const again = trace.chunks.map(({ recomputed }) => recomputed)
    expect(again.slice(0, 4)).toEqual([[], [], [], []])
    const tokens = trace.chunks.slice(4).flatMap((chunk) => chunk.recomputed.map(([from, to]) => [from, to, chunk.tokens]))
    expect(tokens.length).toBeGreaterThan(0)
    expect(tokens.every(([, to, length]) => to === length)).toBe(true)
    expect(trace.recomputedTokens).toBe(Math.floor(0.25 * trace.knowledgeTokens))
    // With isolated variants all of them have something to gain.
    const isolated = await ask(core, set, { strategy: 'score:0.25:bos' })
    expect(isolated.trace.chunks.slice(0, 4).some(({ recomputed }) => recomputed.length > 0)).toBe(true)
  })

  it('blend: at the layer that it names, else the calibrated one, else the first', async () => {
    await using core = await fakeCore({ layers: 4 })
    const set = await built(core)
    const layer = async (strategy: string): Promise<unknown> => {
      await ask(core, set, { strategy })
      return lastCall(core).recompute
    }
    expect(await layer('blend:0.2:bos')).toMatchObject({ kind: 'check', layer: 1, ratio: 0.2, by: 'v' })
    await calibrate(core, { checkLayer: 2 })
    expect(await layer('blend:0.2:bos')).toMatchObject({ layer: 2 })
    expect(await layer('blend:0.2:layer=3:by=k:gradual:bos')).toMatchObject({ layer: 3, by: 'k', gradual: true })
    await expect(ask(core, set, { strategy: 'blend:0.2:layer=4' })).rejects.toMatchObject({
      code: 'argument.invalid',
      message: expect.stringContaining('Take 1 to 3') as string,
    })
  })

  it('oracle: measured against full prefill first; random: the same for the same selection', async () => {
    await using core = await fakeCore()
    const set = await built(core)
    const oracle = await ask(core, set, { strategy: 'oracle:0.2:bos' })
    expect(core.engine.of('measure')[0]?.segments).toEqual(lastCall(core).segments)
    // The fake engine finds that first tokens deviate most.
    expect(oracle.trace.chunks.map(({ recomputed }) => recomputed[0]?.[0])).toEqual([0, 0, 0, 0])
    const rows = async (): Promise<unknown> => {
      await ask(core, set, { strategy: 'random:0.3:bos' })
      return lastCall(core).recompute
    }
    expect(await rows()).toEqual(await rows())
  })

  it('never more than full prefill computes, also where caches are missing', async () => {
    await using core = await fakeCore()
    const set = await built(core)
    await importTexts(core.workbench, set, { 'a.md': guide({ three: 'Edited.' }), 'b.md': '# B\n\nNot built.\n' })
    const full = await ask(core, set, { strategy: 'full' })
    for (const strategy of ['reuse', 'link:64', 'score:1', 'mix:64+1', 'random:1', 'reuse:bos', 'prefix']) {
      const { trace } = await ask(core, set, { strategy })
      expect(outcomes({ ...full, trace }), strategy).toContain('-')
      expect(trace.computedTokens + trace.recomputedTokens, strategy).toBeLessThanOrEqual(full.trace.computedTokens)
    }
  })

  it('is refused by a strategy that is none, with what there is', async () => {
    await using core = await fakeCore()
    const set = await built(core)
    for (const strategy of ['magic', 'link', 'link:65', 'blend:1.1', 'mix:8'])
      await expect(ask(core, set, { strategy })).rejects.toMatchObject({
        code: 'argument.invalid',
        message: expect.stringMatching(/Expected a strategy.*got '/) as string,
      })
  })
})

async function check(core: TestCore, passed: boolean): Promise<void> {
  const verdict: ModelVerdict = {
    passed,
    checks: [{ name: 'shift', result: passed ? 'passed' : 'failed', detail: 'KL is 0.4, at most 0.01 was expected.', ms: 1 }],
    engine: engineVersion('0'),
    device: 'cpu',
    checkedAt: '2025-01-01T00:00:00.000Z',
  }
  await using store = await opened(core)
  const [model] = await core.workbench.models.list()
  saveVerdict(store.sql, model?.fingerprint ?? '', verdict)
}

async function calibrate(core: TestCore, change: Partial<Calibration> = {}): Promise<void> {
  await using store = await opened(core)
  const [model] = await core.workbench.models.list()
  saveCalibration(store.sql, model?.fingerprint ?? '', {
    set: null,
    questions: 9,
    checkLayer: 1,
    by: 'v',
    minConfidence: 0.5,
    arms: [
      { strategy: 'reuse', cost: 0.1, klMean: 0.01, top1: 1 },
      { strategy: 'mix:2+0.5', cost: 0.3, klMean: 0.001, top1: 1 },
    ],
    controls: [],
    madeAt: '2025-01-01T00:00:00.000Z',
    ...change,
  })
}

describe('the gate', () => {
  it('refuses what mixes on a model that failed its check; the rest goes on', async () => {
    await using core = await fakeCore()
    const set = await built(core)
    await check(core, false)
    for (const strategy of ['link:2', 'score:0.1', 'mix:2+0.1', 'blend:0.2', 'random:0.1'])
      await expect(ask(core, set, { strategy })).rejects.toMatchObject({
        code: 'model.gate-failed',
        message: expect.stringMatching(/shift: KL is 0\.4, at most 0\.01 was expected\..*kvasir models check model/) as string,
      })
    expect(core.engine.of('answer')).toEqual([])
    for (const strategy of ['full', 'prefix', 'reuse', 'reuse:bos'])
      expect((await ask(core, set, { strategy })).trace.gate).toBeNull()
    await check(core, true)
    expect((await ask(core, set, { strategy: 'link:2' })).trace.gate).toBe('passed')
  })
})

describe('auto', () => {
  const twoDocuments = { 'a.md': guide(), 'b.md': guide({ one: 'Another beginning.' }) }

  it('reuses one document, whose caches are exact; takes link tokens across two of an unmeasured model', async () => {
    await using core = await fakeCore()
    const set = await built(core, twoDocuments)
    const one = await ask(core, set, { strategy: 'auto', selection: { include: ['d2'] } })
    expect(one.trace).toMatchObject({ strategy: 'reuse', why: expect.stringContaining('loses nothing') as string })
    const two = await ask(core, set, { strategy: 'auto' })
    expect(two.trace).toMatchObject({ strategy: 'link:16', why: expect.stringContaining('models calibrate') as string })
    expect(lastCall(core).minConfidence).toBe(0)
  })

  it('takes what calibration says about the target', async () => {
    await using core = await fakeCore()
    const set = await built(core, twoDocuments)
    await calibrate(core)
    expect((await ask(core, set, { strategy: 'auto' })).trace.strategy).toBe('reuse')
    expect((await ask(core, set, { strategy: 'auto', fidelity: 0.005 })).trace.strategy).toBe('mix:2+0.5')
    expect((await ask(core, set, { strategy: 'auto', fidelity: 0 })).trace.strategy).toBe('full')
  })

  it('computes more, and more, where the first token is unsure, before any text', async () => {
    await using core = await fakeCore()
    const set = await built(core, twoDocuments)
    await calibrate(core)
    core.engine.logProbability = Math.log(0.3)
    const { events, answer } = await askAll(core.workbench, { set, question: 'Why?', strategy: 'auto' })
    expect(answer.text).toBe('So it is.')
    expect(answer.trace).toMatchObject({ strategy: 'full', why: 'what was tried before it was unsure of its first token' })
    expect(answer.trace.attempts.map(({ strategy, minConfidence }) => [strategy, minConfidence])).toEqual([
      ['reuse', 0.5],
      ['mix:2+0.5', 0.5],
    ])
    for (const { ms, confidence } of answer.trace.attempts) {
      expect(ms).toBeGreaterThan(0)
      expect(confidence).toBeCloseTo(0.3)
    }
    const [first, second] = answer.trace.attempts
    expect(first?.startMs).toBe(0)
    expect(second?.startMs).toBeGreaterThanOrEqual((first?.startMs ?? 0) + (first?.ms ?? 0))
    expect(answer.trace.stages[0]?.startMs).toBeGreaterThanOrEqual((second?.startMs ?? 0) + (second?.ms ?? 0))
    expect(answer.trace.ttftMs).toBeGreaterThan(answer.trace.stages[0]?.startMs ?? 0)
    expect(core.engine.of('answer').map(({ minConfidence }) => minConfidence)).toEqual([0.5, 0.5, 0])
    expect(events.map((event) => (event.type === 'plan' ? event.strategy : event.type))).toEqual([
      'reuse',
      'mix:2+0.5',
      'full',
      'first-token',
      'text',
      'text',
      'text',
      'text',
      'answer',
    ])
  })

  it('takes exact caches as they are, however unsure, and none of a model that failed its check', async () => {
    await using core = await fakeCore()
    const set = await built(core, twoDocuments)
    await calibrate(core)
    core.engine.logProbability = Math.log(0.3)
    const one = await ask(core, set, { strategy: 'auto', selection: { include: ['d1'] } })
    expect(one.trace).toMatchObject({ strategy: 'reuse', attempts: [] })
    await check(core, false)
    const two = await ask(core, set, { strategy: 'auto' })
    expect(two.trace).toMatchObject({ strategy: 'full', attempts: [], why: expect.stringContaining('failed its check') })
  })
})
