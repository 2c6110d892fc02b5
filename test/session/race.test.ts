/** Races on the real engine with the demo model: what lanes are held against, in what order they run, what is kept. */
import { writeFile } from 'node:fs/promises'
import { resolve } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { runSuiteBench } from '../../src/main/bench/kinds/suite'
import { openWorkbench } from '../../src/main/workbench'
import { comparisonOf as figuresOf, inCommon, median, orderOf } from '../../src/main/session/race/figures'
import { bestLane, comparisonOf, type RaceComparison, type RaceEvent, type RaceInput } from '../../src/shared/race'
import type { SetSummary } from '../../src/shared/knowledge'
import type { Workbench } from '../../src/shared/workbench'
import { testEngine } from '../helpers/engine'
import { tempFolder } from '../helpers/temp-folder'
import { buildAll, importTexts } from '../workbench/core'

const REPOSITORY = resolve(import.meta.dirname, '../..')

/** So that reuse is not exact: what stands in the second document is cached without the first. */
const DOCUMENTS = {
  '1-falcon.md':
    '# Project Falcon\n\nIn this report Project Falcon is called the venture.\n\n' +
    '## Budget\n\nThe venture has a budget of 63 thousand euros.\n\n## Schedule\n\nThe venture is due in October.\n',
  '2-people.md': '# People\n\n## Peter Stone\n\nPeter Stone lives in Paris. He works as a pilot.\n',
}
const QUESTION = 'Where does Peter Stone live?'
const MAX_TOKENS = 12

let workbench: Workbench
let set: SetSummary
const stack = new AsyncDisposableStack()

beforeAll(async () => {
  const folder = stack.use(await tempFolder())
  const load = { threads: 1, device: 'cpu' }
  const options = { dataDir: folder.file('data'), engine: testEngine(), resourcesDir: REPOSITORY, version: '0', load }
  workbench = stack.use(await openWorkbench(options))
  await workbench.models.list()
  set = await workbench.sets.create('Papers')
  expect(await importTexts(workbench, set.id, DOCUMENTS)).toMatchObject({ status: 'done' })
  expect(await buildAll(workbench, set.id)).toMatchObject({ status: 'done' })
})
afterAll(() => stack.disposeAsync())

function question(): Pick<RaceInput, 'set' | 'question'> {
  return { set: set.id, question: QUESTION }
}

async function run(more: Partial<RaceInput> = {}): Promise<{ events: RaceEvent[]; comparison: RaceComparison; id: number }> {
  const events = await Array.fromAsync(workbench.race({ ...question(), maxTokens: MAX_TOKENS, ...more }))
  const [last, comparison] = [events.at(-1), comparisonOf({ events })]
  if (last?.type !== 'kept' || !comparison) throw new Error('Expected a comparison and, last, that it is kept.')
  return { events, comparison, id: last.id }
}

describe('a race', () => {
  test('of full prefill against itself: the same tokens, and no distance at any of them', async () => {
    const { comparison } = await run({ lanes: [{ strategy: 'full' }, { strategy: 'full' }] })
    expect(comparison.baseline).toBe(0)
    for (const lane of comparison.lanes) {
      expect(lane.agreement).toEqual({ share: 1, firstDifference: null })
      expect(lane.answer.same).toEqual(lane.answer.tokens.map(() => true))
      const judged = comparison.reference.tokens.length + (comparison.reference.ends ? 1 : 0)
      expect(lane.kl).toMatchObject({ mean: 0, max: 0, top1: 1, tokens: Array.from({ length: judged }, () => 0) })
      expect(lane.storedBytes).toBe(0)
      expect(lane.versus.computed).toBe(1)
    }
  })

  test('says of reuse what the engine says of it when asked alone, and marks where answers part', async () => {
    const { comparison, events } = await run({ lanes: [{ strategy: 'full' }, { strategy: 'reuse:bos' }] })
    const [full, reuse] = comparison.lanes
    expect(full?.kl).toMatchObject({ mean: 0, top1: 1 })
    expect(reuse?.kl.mean).toBeGreaterThan(1e-6)
    expect(reuse?.kl.tokens.reduce((sum, kl) => sum + kl, 0)).toBeCloseTo((reuse?.kl.mean ?? 0) * (reuse?.kl.tokens.length ?? 0), 9)
    expect(reuse?.answer.pieces.join('')).toBe(reuse?.answer.text)
    expect(comparison.reference.text).toBe(full?.answer.text)
    // By the same question asked alone.
    for (const [strategy, lane] of [['full', full], ['reuse:bos', reuse]] as const) {
      const asked = await Array.fromAsync(workbench.ask({ ...question(), strategy, maxTokens: MAX_TOKENS }))
      const answer = asked.find((event) => event.type === 'answer')?.answer
      expect(lane?.answer.text).toBe(answer?.text)
      const raced = events.find((event) => event.type === 'lane' && event.event.type === 'answer' && event.event.answer.trace.strategy === strategy)
      expect(raced).toMatchObject({ event: { answer: { trace: { logitsDigest: answer?.trace.logitsDigest } } } })
    }
    // Only what is not cached is computed.
    expect(reuse?.computedTokens).toBeLessThan(full?.computedTokens ?? 0)
    expect(reuse?.versus.computed).toBeCloseTo((full?.computedTokens ?? 0) / (reuse?.computedTokens ?? 1), 9)
    expect(reuse?.storedBytes).toBeGreaterThan(0)
  })

  test("has the bench's figures", async () => {
    await using folder = await tempFolder()
    await using engine = testEngine()
    for (const [name, text] of Object.entries(DOCUMENTS)) await writeFile(folder.file(name), text)
    const line = { id: 'one', kind: 'lookup', question: QUESTION, answers: ['Paris'], documents: Object.keys(DOCUMENTS) }
    await writeFile(folder.file('s.jsonl'), JSON.stringify(line))
    const options = {
      suite: folder.file('s.jsonl'),
      model: { name: 'demo', path: resolve(REPOSITORY, 'models/demo/demo.gguf') },
      arms: 'reuse,reuse:bos,blend:0.2:bos',
      maxTokens: MAX_TOKENS,
      threads: 1,
      device: 'cpu',
      command: 'x',
    }
    const { report } = await runSuiteBench({ engine, dataDir: folder.file('data'), version: '0' }, options)
    const names = ['full', 'reuse', 'reuse:bos', 'blend:0.2:bos']
    const { comparison } = await run({ lanes: names.map((strategy) => ({ strategy })) })
    for (const [at, name] of names.entries()) {
      const arm = report.arms.find((each) => each.name === name)
      const lane = comparison.lanes[at]
      expect(lane?.kl).toMatchObject({ mean: arm?.klMean, top1: arm?.top1 })
      expect(lane?.computedTokens).toBe((arm?.tokens?.computed ?? 0) + (arm?.tokens?.recomputed ?? 0))
    }
    expect(comparison.lanes[2]?.kl.mean).toBeGreaterThan(comparison.lanes[1]?.kl.mean ?? 0)
  })

  test('without a lane of full prefill is held against it all the same', async () => {
    const { comparison } = await run({ lanes: [{ strategy: 'reuse:bos' }, { strategy: 'link:4:bos' }] })
    const against = await run({ lanes: [{ strategy: 'full' }, { strategy: 'reuse:bos' }] })
    expect(comparison.reference).toEqual(against.comparison.reference)
    expect(comparison.lanes[0]?.kl).toEqual(against.comparison.lanes[1]?.kl)
    expect(comparison.baseline).toBe(0)
  })

  test('runs one lane at a time, another one first each time, with nothing taken from engine memory', async () => {
    await Array.fromAsync(workbench.ask({ ...question(), strategy: 'reuse', maxTokens: 1 }))
    const asked = (await workbench.hits.history()).length
    const { events, comparison } = await run({
      lanes: [{ strategy: 'full' }, { strategy: 'reuse' }, { strategy: 'link:4' }],
      repetitions: 3,
    })
    expect(events.flatMap((event) => (event.type === 'start' ? [event.lane] : []))).toEqual([0, 1, 2, 1, 2, 0, 2, 0, 1])
    let running: number | null = null
    for (const event of events) {
      if (event.type === 'start') {
        expect(running).toBe(null)
        running = event.lane
      }
      if (event.type !== 'lane') continue
      expect(event.lane).toBe(running)
      if (event.event.type !== 'answer') continue
      expect(event.event.answer.trace.bytesFromMemory).toBe(0)
      running = null
    }
    for (const { runs, ttftMs } of comparison.lanes) {
      expect(runs.map(({ repetition }) => repetition)).toEqual([0, 1, 2])
      expect(ttftMs).toBe(median(runs.map((each) => each.ttftMs)))
    }
    expect(events.map(({ at }) => at)).toEqual(events.map(({ at }) => at).toSorted((a, b) => a - b))
    // It is no question that somebody asked.
    expect(await workbench.hits.history()).toHaveLength(asked)
    expect(events.flatMap((event) => (event.type === 'warm-up' ? [event.lane] : []))).toEqual([0, 1, 2])
  })

  test('waits until no job runs, and says for which', async () => {
    const job = await workbench.build(set.id)
    const { events } = await run({ warmUp: false })
    expect(events.find(({ type }) => type === 'waiting')).toMatchObject({ job: { id: job.id, title: job.title } })
    expect(events.some(({ type }) => type === 'warm-up')).toBe(false)
  })

  test('waits for another race', async () => {
    const [one, two] = await Promise.all([run(), run()])
    expect([one, two].map(({ events }) => events.filter((event) => event.type === 'waiting' && event.job === null).length)).toEqual([0, 1])
  })

  test('refuses what no race can be', async () => {
    for (const wrong of [{ lanes: [{ strategy: 'full' }] }, { repetitions: 10 }, { question: '' }] satisfies Partial<RaceInput>[])
      await expect(run(wrong)).rejects.toMatchObject({ code: 'argument.invalid' })
    await expect(run({ set: 'none' })).rejects.toMatchObject({ code: 'not-found' })
  })
})

describe('records', () => {
  test('hold every event; a removed one can be brought back', async () => {
    const { events, id } = await run()
    const record = workbench.races.get(id)
    expect([...record.events, events.at(-1)]).toEqual(events)
    expect(workbench.races.list()[0]).toMatchObject({ id, set: set.id, setName: set.name, question: question().question, repetitions: 1 })
    workbench.races.remove(id)
    expect(workbench.races.list().map((each) => each.id)).not.toContain(id)
    expect(() => workbench.races.get(id)).toThrow(/no race/)
    expect(() => workbench.races.remove(id)).toThrow(/no race/)
    workbench.races.restore(id)
    expect(workbench.races.get(id)).toEqual(record)
  })

  test.each(['lane', 'comparing'] as const)('are not made of a race that is given up at its first "%s"', async (type) => {
    const before = workbench.races.list()
    const stop = new AbortController()
    const giveUp = async (): Promise<void> => {
      for await (const event of workbench.race({ ...question(), maxTokens: 64 }, { signal: stop.signal }))
        if (event.type === type) stop.abort()
    }
    await expect(giveUp()).rejects.toThrow()
    for await (const event of workbench.race(question())) if (event.type === type) break
    expect(workbench.races.list()).toEqual(before)
    // The next one starts.
    await run()
  })
})

describe('figures', () => {
  test('another lane begins each time', () => {
    expect(orderOf(2, 3)).toEqual([[0, 1], [1, 0], [0, 1]])
  })

  test('tokens in common keep their order', () => {
    expect(inCommon([1, 2, 3, 4], [1, 9, 3, 4])).toEqual([true, false, true, true])
    expect(inCommon([1, 2, 3], [0, 1, 2, 3])).toEqual([false, true, true, true])
    expect(inCommon([], [1])).toEqual([false])
  })

  test('ratios say how many times sooner and less, the cost as the bench has it', () => {
    const lane = (ttftMs: number, more: object): Parameters<typeof figuresOf>[0][number] => ({
      strategy: { name: 'full' },
      runs: [{ repetition: 0, ttftMs, totalMs: ttftMs + 100, decodeTokensPerSecond: null }],
      computedTokens: 1000,
      storedBytes: 0,
      answer: { text: 'ab', tokens: [1, 2], pieces: ['a', 'b'], stop: 'length' },
      compared: { kl: [0, 0], klMean: 0, klMax: 0, agrees: [true, true], top1: 1 },
      ...more,
    })
    const reuse = { strategy: { name: 'reuse', bos: false } as const, computedTokens: 10, storedBytes: 2e9 }
    const answer = { text: 'ac', tokens: [1, 3], pieces: ['a', 'c'], stop: 'length' as const }
    const figures = figuresOf([lane(100, { ...reuse, answer }), lane(3600, {})], { text: 'ab', tokens: [1, 2], pieces: ['a', 'b'], ends: false })
    expect(figures.baseline).toBe(1)
    expect(figures.lanes[0]).toMatchObject({ decodeTokensPerSecond: null, agreement: { share: 0.5, firstDifference: 1 } })
    expect(figures.lanes[0]?.versus).toMatchObject({ ttft: 36, total: 18.5, computed: 100 })
    // 0.1 an hour, and 2 GB at 0.023 a month for 10,000 requests.
    expect(figures.lanes[0]?.cost).toBeCloseTo((0.1 / 3600) * 0.1 + (2 * 0.023) / 10_000, 12)
    expect(bestLane(figures)).toBe(0)
    // What is soonest does not win where another one agrees more.
    const [wrong, right, base] = [lane(10, { ...reuse, answer }), lane(20, reuse), lane(3600, {})]
    expect(bestLane(figuresOf([wrong, right, base], figures.reference))).toBe(1)
    expect(figures.lanes[1]).toMatchObject({ cost: 3.6 / 36_000, versus: { ttft: 1, cost: 1 } })
  })
})
