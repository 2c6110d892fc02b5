/** From questions to the report that tells of them. */
import { setTimeout as sleep } from 'node:timers/promises'
import { describe, expect, it } from 'vitest'
import type { HitsReport } from '../../src/shared/hits'
import { askAll, buildAll, fakeCore, guide, importTexts, type TestCore } from './core'

async function started(core: TestCore): Promise<void> {
  await core.workbench.sets.create('Set')
  await importTexts(core.workbench, 'Set', { 'guide.md': guide() })
}

const rows = ({ rows: list }: HitsReport) => list.map(({ id, name, state, times, hitRate }) => [id, name, state, times, hitRate])
const reasons = ({ reasons: list }: HitsReport) => list.map(({ kind, reason, times }) => [kind, reason, times])

describe('a report', () => {
  it('says what was reused, computed again and missed, and what mends it', async () => {
    await using core = await fakeCore()
    const { workbench } = core
    await started(core)
    const { tokens } = await workbench.sets.show('Set')
    const ask = (strategy: string, exclude: string[] = []) => askAll(workbench, { set: 'Set', question: 'Why?', strategy, selection: { exclude } })
    await ask('reuse')
    await buildAll(workbench, 'Set')
    await ask('reuse')
    const before = await workbench.hits.report({ set: 'Set', by: 'document' })
    expect(before).toMatchObject({ set: { id: 'set1', name: 'Set' }, since: null, leftOut: 0 })
    expect(before.total).toEqual({ times: 2, tokens: 2 * tokens, reused: tokens, recomputed: 0, missed: tokens, hitRate: 0.5 })
    expect(rows(before)).toEqual([['d1', 'one', 'current', 8, 0.5]])
    expect(before.reasons).toMatchObject([
      { kind: 'missed', reason: 'never-built', times: 4, tokens, share: 0.5, remedy: 'Build the set: kvasir build set1' },
    ])

    const { answer } = await ask('link:2:bos')
    const { recomputedTokens, hitRate } = answer.trace
    expect(recomputedTokens).toBeGreaterThan(0)
    expect(hitRate).toBeCloseTo(1 - recomputedTokens / tokens)
    await ask('full')
    await ask('reuse', ['d1.s2'])
    const after = await workbench.hits.report()
    expect(after.total).toMatchObject({ times: 5, recomputed: recomputedTokens, missed: 2 * tokens })
    expect(after.total.reused).toBe(after.total.tokens - 2 * tokens - recomputedTokens)
    expect(reasons(after)).toEqual([
      ['missed', 'never-built', 4],
      ['missed', 'strategy', 4],
      ['recomputed', 'recomputed', null],
      ['poorer', 'no-tail', 2],
    ])
    expect(rows(after)).toEqual([['set1', 'Set', 'current', 5, after.total.hitRate]])
    const [newest] = await workbench.hits.history()
    expect(newest).toMatchObject({ id: 5, set: 'set1', setName: 'Set', strategy: 'reuse', question: 'Why?', hitRate: 1, generatedTokens: 4 })
  })

  it('names what mends a miss, and it does', async () => {
    await using core = await fakeCore()
    const { workbench } = core
    await started(core)
    await importTexts(workbench, 'Set', { 'other.md': '# Other\n\nOf another document.\n\n## More\n\nAnd more.\n' })
    await buildAll(workbench, 'Set')
    const ask = async (request: Partial<Parameters<typeof askAll>[1]>): Promise<number | null> =>
      (await askAll(workbench, { set: 'Set', question: 'Why?', ...request })).answer.trace.hitRate
    const remedies = async () => {
      const report = await workbench.hits.report({ by: 'reason' })
      return report.reasons.map(({ reason, remedy }) => [reason, remedy])
    }
    expect(await ask({ strategy: 'prefix' })).toBeLessThan(1)
    expect(await remedies()).toEqual([
      ['other-context', expect.stringContaining('--strategy reuse --keep-missed')],
      ['not-in-prefix', expect.stringContaining('--strategy reuse')],
    ])
    expect(await ask({ strategy: 'reuse', keepMissed: true })).toBe(1)
    const gap = { selection: { exclude: ['d1.s2'] } }
    await ask(gap)
    expect((await remedies()).at(-1)).toEqual(['no-tail', expect.stringContaining('--keep-missed')])
    const poorer = async () => (await workbench.hits.report()).reasons.find(({ kind }) => kind === 'poorer')?.times
    expect(await poorer()).toBe(2)
    await ask({ ...gap, keepMissed: true })
    for (const { id } of workbench.jobs.list()) await workbench.jobs.finished(id)
    expect(await poorer()).toBe(4)
    await ask(gap)
    expect(await poorer()).toBe(4)
  })

  it('of sections and chunks follows the text through edits, and outlives set and document', async () => {
    await using core = await fakeCore()
    const { workbench } = core
    await started(core)
    const ask = () => askAll(workbench, { set: 'Set', question: 'Why?' })
    await buildAll(workbench, 'Set')
    expect((await workbench.sets.show('Set')).tree[0]).not.toHaveProperty('hitRate', expect.anything())
    await ask()
    await importTexts(workbench, 'Set', { 'guide.md': guide({ two: 'Quite another text.' }).replace('## three', '## new\n\nPut in between.\n\n## three') })
    await ask()
    const sections = await workbench.hits.report({ set: 'Set', by: 'section' })
    expect(rows(sections)).toEqual([
      ['d1.s1', 'one', 'current', 2, 1],
      ['d1.s2', 'two', 'current', 1, 0],
      ['d1.s3', 'new', 'current', 1, 0],
      ['d1.s4', 'three', 'current', 2, 1],
      ['d1.s5', 'four', 'current', 2, 1],
      ['d1', 'one', 'earlier', 1, 1],
    ])
    const { tree } = await workbench.sets.show('Set')
    const document = await workbench.hits.report({ set: 'Set', by: 'document' })
    expect(tree.map(({ hitRate }) => hitRate)).toEqual([document.total.hitRate])
    expect(tree[0]?.sections.map(({ hitRate }) => hitRate)).toEqual([1, 0, 0, 1, 1])
    expect(tree[0]?.sections.flatMap(({ chunks }) => chunks.map(({ hitRate }) => hitRate))).toEqual([1, 0, 0, 1, 1])
    const chunks = await workbench.hits.report({ set: 'Set', by: 'chunk', limit: 2 })
    expect([rows(chunks).map(([id]) => id), chunks.leftOut]).toEqual([['d1.s1.c1', 'd1.s2.c1'], 4])
    await workbench.documents.remove('d1')
    expect(rows(await workbench.hits.report({ by: 'chunk' }))).toEqual([['d1', 'd1', 'removed', 9, expect.any(Number)]])
    await workbench.sets.remove('set1')
    const left = await workbench.hits.report()
    expect(rows(left)).toEqual([['set1', 'set1', 'removed', 2, left.total.hitRate]])
    expect(await workbench.hits.history({ limit: 1 })).toMatchObject([{ set: 'set1', setName: null }])
    await expect(workbench.hits.report({ set: 'set1' })).rejects.toMatchObject({ code: 'not-found' })
  })

  it('over time, and since a moment', async () => {
    await using core = await fakeCore()
    const { workbench } = core
    await started(core)
    await askAll(workbench, { set: 'Set', question: 'Why?' })
    await sleep(5)
    const since = new Date().toISOString()
    for (const by of ['hour', 'day'] as const) {
      const report = await workbench.hits.report({ by })
      expect(report.rows).toHaveLength(1)
      expect(report.rows[0]).toMatchObject({ times: 1, id: expect.stringMatching(by === 'day' ? /^[\d-]{10}$/ : /^[\d-]{10} \d\d:00$/) })
    }
    expect((await workbench.hits.report({ since })).total.times).toBe(0)
    expect((await workbench.hits.report({ since, by: 'reason' })).reasons).toEqual([])
    // Without milliseconds a time sorts otherwise than those in the history.
    const [{ askedAt } = { askedAt: '' }] = await workbench.hits.history()
    expect((await workbench.hits.report({ since: `${askedAt.slice(0, 19)}Z` })).total.times).toBe(1)
  })

  it('of nothing is empty', async () => {
    await using core = await fakeCore()
    expect(await core.workbench.hits.report()).toMatchObject({ total: { times: 0, hitRate: null }, rows: [], reasons: [] })
    expect(await core.workbench.hits.history()).toEqual([])
  })
})

describe('a question that ends early', () => {
  const request = { set: 'Set', question: 'Why?' }

  it('counts behind its first token, be it left, aborted or failed', async () => {
    await using core = await fakeCore({ stepMs: 5 })
    const { workbench } = core
    await started(core)
    await buildAll(workbench, 'Set')
    for await (const { type } of workbench.ask(request)) if (type === 'text') break
    expect(await workbench.hits.history()).toMatchObject([{ id: 1, generatedTokens: null, hitRate: 1, strategy: 'reuse' }])
    const controller = new AbortController()
    const aborted = async () => {
      for await (const { type } of workbench.ask({ ...request, strategy: 'link:2:bos' }, { signal: controller.signal }))
        if (type === 'first-token') controller.abort()
    }
    await expect(aborted()).rejects.toMatchObject({ code: 'cancelled' })
    const [newest] = await workbench.hits.history()
    expect(newest).toMatchObject({ id: 2, generatedTokens: null })
    expect(newest?.recomputedTokens).toBeGreaterThan(0)
    expect((await workbench.hits.report()).total).toMatchObject({ times: 2, recomputed: newest?.recomputedTokens, missed: 0 })
  })

  it('does not before', async () => {
    await using core = await fakeCore()
    const { workbench } = core
    await started(core)
    for await (const { type } of workbench.ask(request)) if (type === 'plan') break
    const signal = AbortSignal.abort()
    await expect(Array.fromAsync(workbench.ask(request, { signal }))).rejects.toMatchObject({ code: 'cancelled' })
    expect(await workbench.hits.history()).toEqual([])
  })

  it('is not written to a workbench that has closed meanwhile', async () => {
    await using core = await fakeCore({ stepMs: 5 })
    await started(core)
    const events = core.workbench.ask(request)[Symbol.asyncIterator]()
    while ((await events.next()).value?.type !== 'first-token');
    await core.workbench[Symbol.asyncDispose]()
    await expect(Array.fromAsync({ [Symbol.asyncIterator]: () => events })).rejects.toMatchObject({ code: 'cancelled' })
  })

  it('counts once where `auto` went on', async () => {
    await using core = await fakeCore()
    await started(core)
    await askAll(core.workbench, { ...request, strategy: 'auto' })
    expect(await core.workbench.hits.history()).toHaveLength(1)
  })
})
