import { describe, expect, it } from 'vitest'
import type { SetTree } from '../../src/shared/knowledge'
import type { DocumentOutline } from '../../src/shared/outline'
import { askAll, buildAll, fakeCore, guide, importTexts, type TestCore } from './core'

async function filled(core: TestCore, names: readonly string[] = ['a.md', 'b.md', 'c.md']): Promise<string> {
  const { id } = await core.workbench.sets.create('Set')
  await importTexts(core.workbench, id, Object.fromEntries(names.map((name) => [name, guide({ one: `This is ${name}.`, two: `Of ${name}.` })])))
  return id
}

/** What the whole tree says, as an outline. */
function rowsOf({ tree }: SetTree): DocumentOutline[] {
  return tree.map(({ id, title, tokens, state, hitRate, version, sections }) => {
    const chunks = sections.flatMap((section) => section.chunks)
    return {
      id,
      title,
      tokens,
      state,
      hitRate,
      version,
      chunks: chunks.length,
      cachedChunks: chunks.filter((chunk) => chunk.state === 'cached').length,
    }
  })
}

describe('an outline', () => {
  it('says what the whole tree says: missing, partly, cached, stale, and hit rates', async () => {
    await using core = await fakeCore()
    const { sets, jobs } = core.workbench
    const set = await filled(core)
    const agrees = async (): Promise<string> => {
      const [outline, tree] = [await sets.outline(set), await sets.show(set)]
      expect(outline.rows).toEqual(rowsOf(tree))
      const { tokens, chunks, cachedChunks, documents, suggestions } = tree
      expect(outline).toMatchObject({ tokens, chunks, cachedChunks, documents, suggestions })
      expect(await sets.cacheBytes(set)).toBe(tree.cacheBytes)
      return outline.rows.map(({ state }) => state).join(' ')
    }
    expect(await agrees()).toBe('missing missing missing')
    await jobs.finished((await core.workbench.build(set, { documents: ['d2'] })).id)
    // The others share two of four texts on their own, but not behind their documents.
    expect(await agrees()).toBe('partly cached partly')
    await buildAll(core.workbench, set)
    expect(await agrees()).toBe('cached cached cached')
    await askAll(core.workbench, { set, question: 'Why?', selection: { exclude: ['d3'] } })
    expect(await agrees()).toBe('cached cached cached')
    expect((await sets.outline(set)).rows.map(({ hitRate }) => hitRate)).toEqual([1, 1, undefined])
    await importTexts(core.workbench, set, { 'a.md': guide({ one: 'New.', two: 'New too.', three: 'And this.', four: 'All of it.' }) })
    expect(await agrees()).toBe('stale cached cached')
  })

  it('comes in pages, and anew once something changed', async () => {
    await using core = await fakeCore()
    const { sets } = core.workbench
    const set = await filled(core)
    const first = await sets.outline(set, { limit: 2 })
    expect(first.rows.map(({ id }) => id)).toEqual(['d1', 'd2'])
    const rest = await sets.outline(set, { offset: 2 })
    expect(rest.rows.map(({ id }) => id)).toEqual(['d3'])
    expect(rest.revision).toBe(first.revision)
    await buildAll(core.workbench, set)
    expect((await sets.outline(set)).revision).not.toBe(first.revision)
    await expect(sets.outline(set, { limit: 100_000 })).rejects.toThrow()
  })

  it('says which documents a job is building now', async () => {
    await using core = await fakeCore()
    const { sets, documents, jobs } = core.workbench
    const set = await filled(core, ['a.md'])
    const before = core.engine.call.bind(core.engine)
    const seen = new Set<string>()
    core.engine.call = async (...args: Parameters<typeof before>) => {
      if (args[0] === 'encode') {
        seen.add((await sets.outline(set)).rows[0]!.state)
        seen.add((await documents.show('d1')).sections[0]!.chunks[0]!.state)
        seen.add((await sets.show(set)).tree[0]!.state)
      }
      return await before(...args)
    }
    await jobs.finished((await core.workbench.build(set, { variants: ['document'] })).id)
    expect([...seen]).toEqual(['building'])
    expect((await sets.outline(set)).rows[0]!.state).toBe('cached')
  })
})

describe('a document', () => {
  it('is shown with its parts', async () => {
    await using core = await fakeCore()
    const { sets, documents } = core.workbench
    const set = await filled(core)
    await importTexts(core.workbench, set, { 'b.md': guide({ two: 'Changed.' }) })
    const shown = await documents.show('d2')
    const { set: of, ...node } = shown
    expect(node).toEqual((await sets.show(set)).tree[1])
    expect(of).toBe(set)
    await expect(documents.show('d2.s1')).rejects.toMatchObject({ code: 'argument.invalid' })
    await expect(documents.show('d9')).rejects.toMatchObject({ code: 'not-found' })
  })

  it('is built alone', async () => {
    await using core = await fakeCore()
    const { sets, jobs } = core.workbench
    const set = await filled(core)
    const job = await jobs.finished((await core.workbench.build(set, { documents: ['d2'] })).id)
    expect(job.status).toBe('done')
    expect((await sets.outline(set)).rows.map(({ cachedChunks }) => cachedChunks)).toEqual([0, 4, 0])
    await expect(core.workbench.build(set, { documents: ['d1.s1'] })).rejects.toMatchObject({ code: 'argument.invalid' })
    await expect(core.workbench.build(set, { documents: ['d77'] })).rejects.toMatchObject({ code: 'not-found' })
  })
})

describe('a selection', () => {
  it('is summed by the core, and told as the shortest list of exclusions', async () => {
    await using core = await fakeCore()
    const { sets } = core.workbench
    const set = await filled(core)
    const { tokens } = await sets.outline(set)
    const of = async (selection: Parameters<typeof sets.selected>[1]) => await sets.selected(set, selection)
    expect(await of({})).toEqual({ documents: 3, chunks: 12, cachedChunks: 0, tokens, exclude: [], unknown: [] })
    expect(await of({ exclude: ['d1', 'd2.s2'] })).toMatchObject({ documents: 2, chunks: 7, exclude: ['d1', 'd2.s2'] })
    expect(await of({ include: ['d2'] })).toMatchObject({ documents: 1, chunks: 4, exclude: ['d1', 'd3'] })
    expect(await of({ include: ['d2.s1.c1', 'd3'], exclude: ['d3.s4'] })).toMatchObject({
      documents: 2,
      chunks: 4,
      exclude: ['d1', 'd2.s2', 'd2.s3', 'd2.s4', 'd3.s4'],
    })
    expect(await of({ exclude: ['d1.s1', 'd1.s2', 'd1.s3.c1', 'd1.s4'] })).toMatchObject({ documents: 2, exclude: ['d1'] })
    expect(await of({ exclude: ['d9', 'd1.s7', 'd3'] })).toMatchObject({ exclude: ['d3'], unknown: ['d9', 'd1.s7'] })
  })

  it('of few documents reads those alone', async () => {
    await using core = await fakeCore()
    const set = await filled(core)
    await buildAll(core.workbench, set)
    const ask = async (selection: object) => (await askAll(core.workbench, { set, question: 'Why?', selection })).answer
    expect((await ask({ include: ['d2.s1'] })).trace.chunks.map(({ id }) => id)).toEqual(['d2.s1.c1'])
    expect((await ask({ exclude: ['d1', 'd3'] })).trace.chunks).toHaveLength(4)
    await expect(ask({ exclude: ['d9'] })).rejects.toMatchObject({ code: 'not-found' })
    await expect(ask({ include: ['d2'], exclude: ['d1.s9'] })).rejects.toMatchObject({ code: 'not-found' })
  })

  it('is kept under a name', async () => {
    await using core = await fakeCore()
    const { selections, sets } = core.workbench
    const set = await filled(core)
    await selections.save(set, ' Without a ', { exclude: ['d1'] })
    await selections.save(set, 'Without a', { exclude: ['d1', 'd2.s1'] })
    const list = await selections.list(set)
    expect(list).toMatchObject([{ name: 'Without a', selection: { include: [], exclude: ['d1', 'd2.s1'] } }])
    const removed = await selections.remove(set, 'Without a')
    expect(await selections.list(set)).toEqual([])
    await selections.save(set, removed.name, removed.selection)
    expect(await selections.list(set)).toHaveLength(1)
    await expect(selections.remove(set, 'Other')).rejects.toMatchObject({ code: 'not-found' })
    await expect(selections.save(set, ' ', {})).rejects.toMatchObject({ code: 'argument.invalid' })
    expect((await sets.rename(set, 'Renamed')).name).toBe('Renamed')
    expect(await selections.list('Renamed')).toHaveLength(1)
    await sets.create('Other')
    await expect(sets.rename(set, 'Other')).rejects.toMatchObject({ code: 'conflict' })
  })
})

describe('a miss', () => {
  it('is explained, with what mends it, until it is mended', async () => {
    await using core = await fakeCore()
    const { hits } = core.workbench
    const set = await filled(core)
    await askAll(core.workbench, { set, question: 'First?' })
    const before = await hits.of('d1.s2.c1')
    expect(before).toMatchObject({ times: 1, hitRate: 0, mend: { reason: 'never-built', mend: 'build' } })
    expect(before.misses).toMatchObject([{ node: 'd1.s2.c1', question: 'First?', reason: 'never-built' }])
    expect((await hits.of('d1')).misses).toHaveLength(4)
    await buildAll(core.workbench, set)
    await askAll(core.workbench, { set, question: 'Second?' })
    expect(await hits.of('d1.s2.c1')).toMatchObject({ times: 2, hitRate: 0.5, mend: null, reasons: [{ reason: 'never-built', times: 1 }] })
    await expect(hits.of('d1.s9')).rejects.toMatchObject({ code: 'not-found' })
  })
})
