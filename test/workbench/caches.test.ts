/** Caches looked at and dealt with, on the real store: lists, single ones, and what is done with those chosen. */
import { readdir, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import type { CachePageInput, CacheRow, CacheSort } from '../../src/shared/upkeep'
import type { JobState, Workbench } from '../../src/shared/workbench'
import { askAll, buildAll, fakeCore, guide, importTexts, outcomes, type TestCore } from './core'

/** Two sets of a document each, both variants of all chunks. */
async function filled(core: TestCore): Promise<Workbench> {
  const { workbench } = core
  for (const [set, words] of [['First', {}], ['Second', { two: 'Of another set.', three: 'Third of it.' }]] as const) {
    await workbench.sets.create(set)
    await importTexts(workbench, set, { [`${set}.md`]: guide({ ...words, four: `Last of ${set}. ${'More. '.repeat(30)}` }) })
    await buildAll(workbench, set)
  }
  return workbench
}

const list = async (workbench: Workbench, page: CachePageInput = {}): Promise<readonly CacheRow[]> =>
  (await workbench.store.list({ limit: 1000, ...page })).rows
const nodes = (rows: readonly CacheRow[]): string[] => rows.map(({ place, kind }) => `${place?.node ?? '-'} ${kind}`)
const finished = async (workbench: Workbench, job: Promise<JobState>): Promise<JobState> =>
  await workbench.jobs.finished((await job).id)

async function objectFiles(core: TestCore): Promise<string[]> {
  const folder = join(core.file('data'), 'objects')
  const names = await readdir(folder, { recursive: true })
  return names.filter((name) => name.endsWith('.kvo') && /^..[/\\]/.test(name)).map((name) => join(folder, name))
}

/** Writes nonsense over the file of a cache. */
async function damage(core: TestCore, key: string): Promise<void> {
  const { copies } = await core.workbench.store.cache(key)
  const object = copies[0]?.object ?? ''
  await writeFile(join(core.file('data'), 'objects', object.slice(0, 2), `${object}.kvo`), 'nonsense that is as long')
}

describe('a list of caches', () => {
  it('says where texts stand, what all of them come to, and pages by offset', async () => {
    await using core = await fakeCore()
    const workbench = await filled(core)
    const { rows, total, bytes } = await workbench.store.list({ limit: 1000 })
    expect(rows).toHaveLength(total)
    expect(bytes).toBe(rows.reduce((sum, row) => sum + row.bytes, 0))
    expect(bytes).toBe(workbench.store.stats().bytes)
    const first = await list(workbench, { set: 'First' })
    expect(nodes(first).slice(0, 3)).toEqual(['d1.s1.c1 bos', 'd1.s1.c1 prefix', 'd1.s2.c1 bos'])
    expect(first[0]?.place).toMatchObject({ set: 'set1', setName: 'First', document: 'd1', title: 'one', section: 'one' })
    expect(first[0]?.place?.preview).toContain('First things first.')
    // Both documents begin alike: one cache, in two places.
    expect(first[0]?.places).toBe(2)
    expect((await list(workbench, { set: 'Second' }))[0]).toMatchObject({ key: first[0]?.key, place: { node: 'd2.s1.c1' } })
    for (const page of [{ set: 'First' }, {}, { sort: 'size' as const }]) {
      const all = await list(workbench, page)
      const paged: CacheRow[] = []
      for (let offset = 0; offset < all.length; offset += 3) paged.push(...(await list(workbench, { ...page, offset, limit: 3 })))
      expect(paged).toEqual(all)
    }
  })

  it('is in every order asked for, both ways', async () => {
    await using core = await fakeCore()
    const workbench = await filled(core)
    await askAll(workbench, { set: 'Second', question: 'Why?' })
    const orders: Record<Exclude<CacheSort, 'document'>, (row: CacheRow) => string | number> = {
      use: ({ usedAt, createdAt }: CacheRow) => usedAt ?? createdAt,
      size: ({ bytes }: CacheRow) => bytes,
      hits: ({ hits }: CacheRow) => hits,
      tokens: ({ tokens }: CacheRow) => tokens,
      compute: ({ computeMs }: CacheRow) => computeMs,
      made: ({ createdAt }: CacheRow) => createdAt,
    }
    for (const [sort, valueOf] of Object.entries(orders)) {
      for (const filter of [{}, { kind: 'document' as const }]) {
        const up = await list(workbench, { sort: sort as keyof typeof orders, descending: false, ...filter })
        const values = up.map(valueOf)
        expect(values).toEqual(values.toSorted((a, b) => (a < b ? -1 : a > b ? 1 : 0)))
        const down = await list(workbench, { sort: sort as keyof typeof orders, ...filter })
        expect(down.map(({ key }) => key)).toEqual(up.map(({ key }) => key).toReversed())
      }
    }
    const reading = nodes(await list(workbench, { sort: 'document' }))
    expect(reading.indexOf('d1.s4.c1 bos')).toBeLessThan(reading.indexOf('d2.s2.c1 bos'))
    expect((await list(workbench)).at(0)?.usedAt).not.toBeNull()
  })

  it('takes conditions, which hold together', async () => {
    await using core = await fakeCore()
    const workbench = await filled(core)
    const count = async (page: CachePageInput): Promise<number> => (await workbench.store.list(page)).total
    const all = await count({})
    expect(await count({ kind: 'bos' })).toBeGreaterThan(0)
    expect((await count({ kind: 'bos' })) + (await count({ kind: 'prefix' })) + (await count({ kind: 'document' }))).toBe(all)
    expect(await count({ profile: 'f16' })).toBe(all)
    expect(await count({ profile: 'small' })).toBe(0)
    expect(await count({ document: 'd2' })).toBe(await count({ set: 'Second' }))
    expect(await count({ title: 'ON' })).toBe(all)
    expect(await count({ title: '%' })).toBe(0)
    expect(await count({ set: 'First', kind: 'bos', title: 'one' })).toBe(4)
    expect(await count({ pinned: true })).toBe(0)
    await workbench.store.pin('d1.s2', true)
    expect(await count({ pinned: true })).toBe(await count({ pinned: true, set: 'First' }))
    expect(await count({ unusedDays: 1 })).toBe(0)
    expect(await count({ unusedDays: 0 })).toBe(all)
    expect(await count({ unreferenced: true })).toBe(0)
    await importTexts(workbench, 'First', { 'First.md': guide({ two: 'Changed.' }) })
    expect(await count({ unreferenced: true })).toBeGreaterThan(0)
    const [old] = await list(workbench, { unreferenced: true })
    expect(old).toMatchObject({ place: null, places: 0 })
    await expect(workbench.store.list({ set: 'Third' })).rejects.toMatchObject({ code: 'not-found' })
    await expect(workbench.store.list({ document: 'x' })).rejects.toThrow('Expected the id of a document')
  })

  it('shows what is in engine memory, and what is damaged though its last copy has gone', async () => {
    await using core = await fakeCore()
    const workbench = await filled(core)
    const [one, two] = await list(workbench, { set: 'First' })
    core.engine.kept = [{ key: one?.key ?? '', codebook: '', layers: 2, bytes: 300 }]
    expect((await list(workbench, { set: 'First' })).map(({ memoryBytes }) => memoryBytes).slice(0, 2)).toEqual([300, 0])
    const before = (await workbench.store.list({})).total
    await damage(core, two?.key ?? '')
    const job = await finished(workbench, workbench.store.chosen.verify({ keys: [one?.key ?? '', two?.key ?? ''] }))
    expect(job.result).toBe('2 files read whole; 1 damaged: set aside. A build makes them again.')
    expect(workbench.store.scrubbed(job.id).damaged).toMatchObject([{ key: two?.key }])
    expect((await workbench.store.list({})).total).toBe(before - 1)
    const [lost, ...others] = await list(workbench, { damaged: true })
    expect(others).toEqual([])
    expect(lost).toMatchObject({ key: two?.key, kind: two?.kind, tokens: two?.tokens, place: two?.place, profiles: [], bytes: 0 })
    expect(lost?.damage).toContain('instead of')
    expect(await workbench.store.cache(two?.key ?? '')).toMatchObject({ copies: [], damaged: [{ profile: 'f16' }] })
  })
})

describe('one cache', () => {
  it('tells what it was computed behind, where it stands, whom it served', async () => {
    await using core = await fakeCore()
    const workbench = await filled(core)
    await askAll(workbench, { set: 'First', question: 'Who?' })
    await askAll(workbench, { set: 'First', question: 'Why?' })
    const rows = await list(workbench, { set: 'First' })
    const find = async (node: string, kind: string) =>
      await workbench.store.cache(rows.find((row) => row.place?.node === node && row.kind === kind)?.key ?? '')
    const third = await find('d1.s3.c1', 'document')
    expect(third.front).toMatchObject({ kind: 'document', chunks: ['d1.s1.c1', 'd1.s2.c1'] })
    expect(third).toMatchObject({ model: { id: 'model', name: 'fake' }, hits: 2, text: expect.stringContaining('Third part follows.') })
    expect(third.stands).toMatchObject([{ node: 'd1.s3.c1', setName: 'First' }])
    expect(third.uses.map(({ query, question }) => [query, question])).toEqual([[2, 'Why?'], [1, 'Who?']])
    expect(third.copies).toMatchObject([{ profile: 'f16', codebook: null, bytes: third.bytes }])
    expect(third.variants.map(({ kind }) => kind)).toContain('bos')
    const alone = await find('d1.s3.c1', 'bos')
    expect(alone).toMatchObject({ front: { kind: 'bos', tokens: 1 }, uses: [], hits: 0 })
    expect((await find('d1.s1.c1', 'prefix')).front.kind).toBe('prefix')
    // The text stays, what stood in front of it does not.
    await importTexts(workbench, 'First', { 'First.md': guide({ two: 'Changed.' }) })
    expect((await workbench.store.cache(third.key)).front).toEqual({ kind: 'unknown' })
    await expect(workbench.store.cache('0'.repeat(64))).rejects.toMatchObject({ code: 'not-found' })
  })

  it('is drawn against what stands in front of its text, whole or in part', async () => {
    await using core = await fakeCore()
    const workbench = await filled(core)
    const row = (await list(workbench, { set: 'First', kind: 'bos' }))[2]
    const key = row?.key ?? ''
    const drawing = await workbench.store.draw(key)
    expect(drawing).toMatchObject({ node: 'd1.s3.c1', profile: 'f16', from: 0, to: row?.tokens, layers: 2, question: null })
    expect(drawing.planes.keyNorms[1]?.[2]).toBe(1.02)
    expect(drawing.planes.questionAttention).toEqual([])
    const [call] = core.engine.of('inspectCache')
    const { front } = await workbench.store.cache((await list(workbench, { set: 'First', kind: 'document' }))[1]?.key ?? '')
    expect(front.kind === 'document' && front.tokens).toBe(call?.front.length)
    expect(drawing.frontTokens).toBe(call?.front.length)
    const part = await workbench.store.draw(key, { question: 'Why?', from: 1, to: 3 })
    expect(part).toMatchObject({ from: 1, to: 3, cells: 2, question: 'Why?' })
    expect(part.planes.questionAttention[0]).toEqual([0.01, 0.02])
    await expect(workbench.store.draw(key, { profile: 'small' })).rejects.toThrow('Expected a sound copy of the cache as small')
    await workbench.sets.remove('First')
    await workbench.sets.remove('Second')
    expect((await workbench.store.list({})).total).toBeGreaterThan(0)
  })
})

describe('what is done with chosen caches', () => {
  it('pins, evicts all that match but pinned ones, and brings them back', async () => {
    await using core = await fakeCore()
    const workbench = await filled(core)
    const before = await list(workbench, { sort: 'made' })
    const [pinned] = await list(workbench, { set: 'First', kind: 'document' })
    expect(await workbench.store.chosen.pin({ keys: [pinned?.key ?? ''] }, true)).toBe(1)
    expect(await workbench.store.chosen.pin({ filter: { pinned: true } }, true)).toBe(0)
    const documents = (await workbench.store.list({ kind: 'document' })).total
    const gone = await workbench.store.chosen.evict({ filter: { kind: 'document' } })
    expect(gone).toMatchObject({ batch: 1, caches: documents - 1, copies: documents - 1, pinned: 1 })
    expect((await list(workbench, { kind: 'document' })).map(({ key }) => key)).toEqual([pinned?.key])
    expect(workbench.store.trash()).toMatchObject([{ batch: 1, copies: documents - 1, bytes: gone.bytes }])
    expect(workbench.store.restore(1)).toBe(documents - 1)
    const after = await list(workbench, { sort: 'made' })
    expect(after.map(({ key }) => key).toSorted()).toEqual(before.map(({ key }) => key).toSorted())
    expect(await workbench.store.chosen.evict({ filter: { damaged: true } })).toMatchObject({ batch: null, caches: 0 })
    await expect(workbench.store.chosen.evict({ keys: ['x'] })).rejects.toThrow('Expected the key of a cache')
  })

  it('is told of those evicted or cleaned up, until they are brought back or built again', async () => {
    await using core = await fakeCore()
    const { workbench } = core
    await workbench.sets.create('Set')
    // Of a document that was edited: what has gone is not taken for one of the earlier text.
    for (const two of ['Second part.', 'Second part, edited.']) {
      await importTexts(workbench, 'Set', { 'a.md': guide({ two }) })
      await buildAll(workbench, 'Set')
    }
    const asked = async (): Promise<string> => outcomes((await askAll(workbench, { set: 'Set', question: 'Why?' })).answer)
    const state = async (): Promise<string[]> => [
      (await workbench.sets.outline('Set')).rows[0]?.state ?? '',
      ...((await workbench.sets.show('Set')).tree[0]?.sections ?? []).map((section) => section.state),
    ]
    const reused = 'document document document document'
    expect(await asked()).toBe(reused)
    const { batch } = await workbench.store.chosen.evict({ filter: { set: 'Set' } })
    expect(await asked()).toBe('-removed -removed -removed -removed')
    expect(await state()).toEqual(['missing', 'missing', 'missing', 'missing', 'missing'])
    const { reasons } = await workbench.hits.report({ set: 'Set' })
    expect(reasons).toMatchObject([{ reason: 'removed', times: 4, mend: 'build', remedy: expect.stringMatching(/trash.*kvasir build set1$/) }])
    await workbench.trash.restore([`b${batch}`])
    expect(await asked()).toBe(reused)
    await workbench.store.clean({ set: 'Set' })
    await workbench.trash.empty()
    expect(await asked()).toBe('-removed -removed -removed -removed')
    await buildAll(workbench, 'Set')
    expect(await asked()).toBe(reused)
  })

  it('makes them again from the text: damaged ones, and sound ones without losing anything', async () => {
    await using core = await fakeCore()
    const workbench = await filled(core)
    await askAll(workbench, { set: 'First', question: 'Why?' })
    const rows = await list(workbench, { set: 'First' })
    const used = rows.find(({ hits }) => hits > 0)
    const lost = rows.find(({ hits }) => hits === 0)
    await workbench.store.chosen.pin({ keys: [used?.key ?? ''] }, true)
    await damage(core, lost?.key ?? '')
    await finished(workbench, workbench.store.chosen.verify({ keys: [lost?.key ?? ''] }))
    const encoded = core.engine.of('encode').length
    const job = await finished(workbench, workbench.store.chosen.rebuild({ keys: [used?.key ?? '', lost?.key ?? ''] }))
    expect(job).toMatchObject({ status: 'done', result: '2 caches made again.' })
    expect(core.engine.of('encode').length).toBeGreaterThan(encoded)
    expect(await list(workbench, { damaged: true })).toEqual([])
    expect(workbench.store.trash()).toEqual([])
    const kinds = (caches: readonly CacheRow[]): string[] => caches.map(({ key, kind }) => `${key} ${kind}`).toSorted()
    expect(kinds(await list(workbench, { set: 'First' }))).toEqual(kinds(rows))
    expect((await workbench.store.cache(used?.key ?? '')).hits).toBe(used?.hits)
    expect(await workbench.store.cache(used?.key ?? '')).toMatchObject({ pinned: true, profiles: ['f16'] })
    expect(await objectFiles(core)).toHaveLength((await workbench.store.list({})).total)
  })

  it('leaves the old ones where making them again fails, and those whose text has gone', async () => {
    await using core = await fakeCore()
    const workbench = await filled(core)
    const rows = await list(workbench)
    core.engine.dieAfterChunks = 0
    const failed = await finished(workbench, workbench.store.chosen.rebuild({ filter: {} }))
    expect(failed).toMatchObject({ status: 'failed', error: { code: 'engine.died' } })
    expect((await list(workbench)).map(({ key }) => key).toSorted()).toEqual(rows.map(({ key }) => key).toSorted())
    await importTexts(workbench, 'First', { 'First.md': guide({ two: 'Changed.' }) })
    const old = (await workbench.store.list({ unreferenced: true })).total
    const job = await finished(workbench, workbench.store.chosen.rebuild({ filter: { unreferenced: true } }))
    expect(job.result).toBe(`0 caches made again; ${old} left as they were, since no set has their text behind the same parts now.`)
    expect((await workbench.store.list({ unreferenced: true })).total).toBe(old)
  })

  it('says what keeps them from being coded', async () => {
    await using core = await fakeCore()
    const workbench = await filled(core)
    await expect(workbench.store.chosen.recode({ filter: { kind: 'bos' } }, 'small')).rejects.toThrow('"small" has not been calibrated')
  })
})

describe('a clean-up', () => {
  it('shows what would go, the most valuable last', async () => {
    await using core = await fakeCore()
    const workbench = await filled(core)
    await askAll(workbench, { set: 'First', question: 'Why?' })
    const preview = await workbench.store.preview({ set: 'First', rows: 1000 })
    expect(preview.rows).toHaveLength(preview.copies)
    expect(preview.rows.at(-1)?.hits).toBeGreaterThan(0)
    expect(preview.rows[0]).toMatchObject({ hits: 0, stays: false, profile: 'f16', place: { setName: 'First' } })
    expect((await workbench.store.preview({ set: 'First', rows: 2 })).rows).toEqual(preview.rows.slice(0, 2))
    expect((await workbench.store.preview({ set: 'First' })).rows).toEqual([])
  })
})

describe('hit rates over time', () => {
  it('say where tokens came from, and what sets and documents reused', async () => {
    await using core = await fakeCore()
    const workbench = await filled(core)
    const { tokens } = await workbench.sets.show('First')
    await askAll(workbench, { set: 'First', question: 'Why?' })
    await askAll(workbench, { set: 'Second', question: 'Why?', strategy: 'full' })
    const tier = await workbench.hits.timeline()
    expect(tier.starts).toHaveLength(1)
    const { tokens: second } = await workbench.sets.show('Second')
    expect(tier.series.map(({ id, points }) => [id, points[0]?.tokens])).toEqual([
      ['memory', 0],
      ['disk', tokens],
      ['recomputed', 0],
      ['missed', second],
    ])
    const sets = await workbench.hits.timeline({ split: 'set', step: 'hour' })
    expect(Object.fromEntries(sets.series.map(({ name, points }) => [name, points[0]?.share]))).toEqual({ First: 1, Second: 0 })
    const documents = await workbench.hits.timeline({ split: 'document', most: 1 })
    expect(documents).toMatchObject({ step: 'day', leftOut: 1 })
    await workbench.sets.remove('First')
    await workbench.sets.remove('Second')
    expect((await workbench.hits.timeline({ split: 'set' })).series.map(({ state }) => state)).toEqual(['removed', 'removed'])
    await rm(core.file('model.gguf'))
  })
})
