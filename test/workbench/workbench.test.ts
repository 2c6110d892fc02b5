import { mkdir, rename, readdir, rm, stat, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import Database from 'better-sqlite3'
import { describe, expect, it } from 'vitest'
import { CHUNK_TOKENS } from '../../src/main/documents/limits'
import { openStore } from '../../src/main/store/store'
import type { SetTree } from '../../src/shared/knowledge'
import { openWorkbench } from '../../src/main/workbench'
import { tempFolder } from '../helpers/temp-folder'
import { askAll, buildAll, fakeCore, guide, importTexts, outcomes, type TestCore } from './core'

async function built(
  core: TestCore,
  files: Readonly<Record<string, string>> = { 'guide.md': guide() },
): Promise<string> {
  const { id } = await core.workbench.sets.create('Set')
  await importTexts(core.workbench, id, files)
  expect(await buildAll(core.workbench, id)).toMatchObject({ status: 'done' })
  return id
}

const states = ({ tree }: SetTree): string =>
  tree.map(({ sections }) => sections.map(({ state }) => state).join(' ')).join(' | ')
const variants = ({ tree }: SetTree): string =>
  tree
    .flatMap(({ sections }) => sections.flatMap(({ chunks }) => chunks.map((chunk) => chunk.variants.join('+'))))
    .join(' ')

describe('from documents to an answer', () => {
  it('imports, builds and answers from caches', async () => {
    await using core = await fakeCore()
    const { workbench, engine } = core
    const set = await built(core)
    const tree = await workbench.sets.show(set)
    expect(tree).toMatchObject({ documents: 1, chunks: 4, cachedChunks: 4 })
    expect(tree.tree[0]).toMatchObject({ id: 'd1', title: 'one', version: 1, state: 'cached' })
    expect(variants(tree)).toBe('bos+prefix+document bos+document bos+document bos+document')
    const { events, answer } = await askAll(workbench, { set: 'Set', question: 'Why?' })
    expect(events.map(({ type }) => type)).toEqual(['plan', 'first-token', 'text', 'text', 'text', 'text', 'answer'])
    expect(answer.text).toBe('So it is.')
    expect(outcomes(answer)).toBe('document document document document')
    expect(answer.trace).toMatchObject({ strategy: 'reuse', hitRate: 1, reusedTokens: tree.tokens, generatedTokens: 4 })
    expect(answer.trace.stages.map(({ name }) => name)).toEqual(['plan', 'first-token'])
    expect(answer.trace.computedTokens).toBe(answer.trace.questionTokens)
    // The document in one pass, then each chunk alone behind BOS.
    expect(engine.of('encode').map(({ context, chunks }) => [context.length, chunks.length])).toEqual([
      [1, 4],
      [1, 1],
      [1, 1],
      [1, 1],
      [1, 1],
    ])
  })

  it('all strategies see the same tokens', async () => {
    await using core = await fakeCore()
    await built(core)
    for (const strategy of ['full', 'prefix', 'reuse', 'reuse:bos', 'link:2', 'mix:1+0.5', 'blend:0.5:layer=1'])
      await askAll(core.workbench, { set: 'Set', question: 'Why?', strategy, selection: { exclude: ['d1.s2'] } })
    const sequences = core.engine.of('answer').map(({ segments }) => segments.flatMap(({ tokens }) => tokens).join())
    expect(new Set(sequences).size).toBe(1)
    expect(core.engine.of('answer')[0]?.segments.map(({ kind }) => kind)).toEqual(['compute', 'compute'])
  })

  it('works without any knowledge selected', async () => {
    await using core = await fakeCore()
    await core.workbench.sets.create('Empty')
    const { answer } = await askAll(core.workbench, { set: 'Empty', question: 'Why?' })
    expect(answer.trace).toMatchObject({ hitRate: null, knowledgeTokens: 0, chunks: [] })
  })

  it('gives the text of documents, sections and chunks', async () => {
    await using core = await fakeCore()
    await built(core)
    const text = (id: string): Promise<string> => core.workbench.documents.text(id)
    expect(await text('d1')).toBe(guide())
    expect(await text('d1.s2')).toBe('## two\n\nSecond part of it.\n\n')
    expect(await text('d1.s4.c1')).toBe('## four\n\nFourth and last.\n')
    await expect(text('d1.s9')).rejects.toMatchObject({ code: 'not-found' })
    await expect(text('d1.s1.c2')).rejects.toMatchObject({ code: 'not-found' })
    await expect(text('d9')).rejects.toMatchObject({ code: 'not-found' })
  })

  it("remembers hits and every chunk's outcome", async () => {
    await using core = await fakeCore()
    await built(core)
    await askAll(core.workbench, { set: 'Set', question: 'Why?', selection: { exclude: ['d1.s2'] } })
    const index = new Database(core.file('data/index.sqlite'), { readonly: true })
    expect(index.prepare('SELECT set_id, model, strategy, question FROM queries').all()).toEqual([
      { set_id: 'set1', model: 'model', strategy: 'reuse', question: 'Why?' },
    ])
    const chunks = 'SELECT node, variant, reason FROM query_chunks JOIN places ON id = place ORDER BY at'
    expect(index.prepare(chunks).all()).toEqual([
      { node: 'd1.s1.c1', variant: 'document', reason: null },
      { node: 'd1.s3.c1', variant: 'bos', reason: 'no-tail' },
      { node: 'd1.s4.c1', variant: 'bos', reason: 'no-tail' },
    ])
    expect(index.prepare('SELECT sum(hits) AS hits FROM entries').get()).toEqual({ hits: 3 })
    index.close()
  })
})

describe('exclusion leaves no trace', () => {
  it('the query is the same whatever the excluded section says', async () => {
    await using core = await fakeCore()
    const set = await built(core)
    const request = { set, question: 'Why?', selection: { exclude: ['d1.s2'] } }
    const digests = [(await askAll(core.workbench, request)).answer]
    for (const two of ['Something else entirely.', 'Much more text than there was. '.repeat(300), '*x*']) {
      await importTexts(core.workbench, set, { 'guide.md': guide({ two }) })
      await buildAll(core.workbench, set)
      digests.push((await askAll(core.workbench, request)).answer)
    }
    expect(digests.map(outcomes)).toEqual(Array.from({ length: 4 }, () => 'document bos! bos!'))
    expect(new Set(digests.map(({ trace }) => trace.logitsDigest)).size).toBe(1)
  })
})

describe('a new version', () => {
  it('keeps bos variants of unchanged chunks and document variants up to the first changed one', async () => {
    await using core = await fakeCore()
    const set = await built(core)
    await importTexts(core.workbench, set, { 'guide.md': guide({ three: 'This was edited.' }) })
    const tree = await core.workbench.sets.show(set)
    expect(tree.tree[0]).toMatchObject({ id: 'd1', version: 2, state: 'partly' })
    expect(states(tree)).toBe('cached cached stale partly')
    expect(variants(tree)).toBe('bos+prefix+document bos+document  bos')
    expect(outcomes((await askAll(core.workbench, { set, question: 'Why?' })).answer)).toBe(
      'document document -edited-text bos!',
    )
    core.engine.calls.length = 0
    await buildAll(core.workbench, set)
    // One run behind the two that stayed, which are given as caches; one isolated variant.
    expect(
      core.engine.of('encode').map(({ context, chunks }) => [context.map(({ kind }) => kind).join(), chunks.length]),
    ).toEqual([
      ['compute,cached,cached', 2],
      ['compute', 1],
    ])
    expect(states(await core.workbench.sets.show(set))).toBe('cached cached cached cached')
  })

  it('that returns to an earlier text finds its caches again', async () => {
    await using core = await fakeCore()
    const set = await built(core)
    await importTexts(core.workbench, set, { 'guide.md': guide({ one: 'Edited at the start.' }) })
    expect(states(await core.workbench.sets.show(set))).toBe('stale partly partly partly')
    await importTexts(core.workbench, set, { 'guide.md': guide() })
    expect(states(await core.workbench.sets.show(set))).toBe('cached cached cached cached')
    expect(await buildAll(core.workbench, set)).toMatchObject({
      status: 'done',
      result: 'Nothing was missing in 1 document.',
    })
  })
})

describe('building', () => {
  it('goes on where a dead engine stopped it', async () => {
    await using core = await fakeCore()
    const { workbench, engine } = core
    const { id } = await workbench.sets.create('Set')
    await importTexts(workbench, id, { 'a.md': guide(), 'b.md': guide({ one: 'Another.' }) })
    engine.dieAfterChunks = 6
    expect(await buildAll(workbench, id)).toMatchObject({ status: 'failed', error: { code: 'engine.died' } })
    expect(workbench.status().store.entries).toBe(6)
    expect(await readdir(core.file('data/objects/staging'))).toEqual([])
    engine.calls.length = 0
    expect(await buildAll(workbench, id)).toMatchObject({ status: 'done' })
    expect(engine.of('encode')[0]?.context.map(({ kind }) => kind)).toEqual(['compute', 'cached', 'cached'])
    expect(await workbench.sets.show(id)).toMatchObject({ cachedChunks: 8 })
    expect(workbench.status().store.entries).toBe(13) // three sections are the same in both, on their own
  })

  it('keeps what is done when it is cancelled', async () => {
    await using core = await fakeCore({ stepMs: 2 })
    const { workbench } = core
    const { id } = await workbench.sets.create('Set')
    await importTexts(workbench, id, {
      'a.md': Array.from({ length: 200 }, (_, index) => `## Section ${index}\n\nText.\n`).join('\n'),
    })
    const job = await workbench.build(id)
    for await (const state of workbench.jobs.watch()) if (state.id === job.id && state.done > 20) break
    workbench.jobs.cancel(job.id)
    expect(await workbench.jobs.finished(job.id)).toMatchObject({ status: 'cancelled', unit: 'tokens' })
    const { entries } = workbench.status().store
    expect(entries).toBeGreaterThan(3)
    expect(entries).toBeLessThan(200)
    expect(await readdir(core.file('data/objects/staging'))).toEqual([])
  })

  it('reports tokens done of all', async () => {
    await using core = await fakeCore()
    const { id } = await core.workbench.sets.create('Set')
    await importTexts(core.workbench, id, { 'a.md': guide() })
    const { tokens } = await core.workbench.sets.show(id)
    expect(await buildAll(core.workbench, id)).toMatchObject({
      done: 2 * tokens,
      total: 2 * tokens,
      result: `8 caches of ${2 * tokens} tokens computed.`,
    })
  })

  it('sets a damaged predecessor aside and makes it again', async () => {
    await using core = await fakeCore()
    const set = await built(core)
    await damage(core, 'd1.s1.c1')
    await importTexts(core.workbench, set, { 'guide.md': guide({ four: 'Edited.' }) })
    expect(await buildAll(core.workbench, set)).toMatchObject({
      status: 'done',
      result: expect.stringContaining('1 damaged') as string,
    })
    expect(core.workbench.status().store.quarantined).toBe(0)
    expect(states(await core.workbench.sets.show(set))).toBe('cached cached cached cached')
  })

  it('fails when the store cannot be written, and goes on when it can again', async () => {
    await using core = await fakeCore()
    const { id } = await core.workbench.sets.create('Set')
    await importTexts(core.workbench, id, { 'a.md': guide() })
    await rm(core.file('data/objects'), { recursive: true })
    await writeFile(core.file('data/objects'), 'not a folder')
    expect((await buildAll(core.workbench, id)).status).toBe('failed')
    await rm(core.file('data/objects'))
    await mkdir(core.file('data/objects/staging'), { recursive: true })
    expect((await buildAll(core.workbench, id)).status).toBe('done')
  })

  it("makes no document variants beyond the model's context", async () => {
    await using core = await fakeCore({ contextLength: 25 })
    const set = await built(core)
    const tree = await core.workbench.sets.show(set)
    expect(variants(tree)).toMatch(/^bos\+prefix\+document bos\+document bos bos$/)
    expect(states(tree)).toBe('cached cached cached cached')
  })
})

/** Overwrites the object of a chunk's document variant with other bytes of the same length. */
async function damage(core: TestCore, id: string): Promise<void> {
  const { answer } = await askAll(core.workbench, { set: 'Set', question: 'Which?', selection: { include: ['d1'] } })
  const at = answer.trace.chunks.findIndex((chunk) => chunk.id === id)
  const cached = core.engine
    .of('answer')
    .at(-1)
    ?.segments.filter((part) => part.kind === 'cached')[at]
  const path = cached?.kind === 'cached' ? cached.path : ''
  const { size } = await stat(path)
  await writeFile(path, Buffer.alloc(size, 'x'))
}

describe('asking', () => {
  it('computes a damaged chunk in place and answers', async () => {
    await using core = await fakeCore()
    const set = await built(core)
    await damage(core, 'd1.s2.c1')
    const { events, answer } = await askAll(core.workbench, { set, question: 'Why?' })
    // Its isolated variant is still sound.
    expect(outcomes(answer)).toBe('document bos! document document')
    expect(events.filter(({ type }) => type === 'plan')).toHaveLength(2)
    expect(core.workbench.status().store.quarantined).toBe(1)
  })

  it('does without a cache that another process sets aside under its hands', async () => {
    await using core = await fakeCore()
    const set = await built(core)
    await using other = await openStore(core.file('data'))
    const tree = await core.workbench.sets.show(set)
    const plans: number[] = []
    let text = ''
    for await (const event of core.workbench.ask({ set, question: 'Why?' })) {
      if (event.type === 'answer') text = event.answer.text
      if (event.type !== 'plan') continue
      plans.push(event.chunks.filter(({ outcome }) => outcome.kind === 'hit').length)
      if (plans.length > 1) continue
      const keys = other.sql.all<{ key: string }>('SELECT key FROM entries')
      for (const { key } of keys) await other.quarantine(key, 'f16', 'a test')
    }
    expect(plans).toEqual([tree.chunks, 0])
    expect(text).toBe('So it is.')
  })

  it('says that it was damaged where there is no other variant', async () => {
    await using core = await fakeCore()
    const { id } = await core.workbench.sets.create('Set')
    await importTexts(core.workbench, id, { 'guide.md': guide() })
    await core.workbench.jobs.finished((await core.workbench.build(id, { variants: ['document'] })).id)
    await damage(core, 'd1.s2.c1')
    const { answer } = await askAll(core.workbench, { set: id, question: 'Why?' })
    expect(outcomes(answer)).toBe('document -damaged document document')
    expect(answer.text).toBe('So it is.')
    await buildAll(core.workbench, id)
    expect(outcomes((await askAll(core.workbench, { set: id, question: 'Why?' })).answer)).toBe(
      'document document document document',
    )
  })

  it('answers when an object file is missing', async () => {
    await using core = await fakeCore()
    const set = await built(core)
    await rm(core.file('data/objects'), { recursive: true })
    await mkdir(core.file('data/objects/quarantine'), { recursive: true })
    expect(outcomes((await askAll(core.workbench, { set, question: 'Why?' })).answer)).toBe(
      '-damaged -damaged -damaged -damaged',
    )
  })

  it('stops the engine when the reader leaves, and when it is aborted', async () => {
    await using core = await fakeCore({ stepMs: 5 })
    const set = await built(core)
    for await (const event of core.workbench.ask({ set, question: 'Why?' })) if (event.type === 'text') break
    const stop = new AbortController()
    const seen: string[] = []
    await expect(async () => {
      for await (const event of core.workbench.ask({ set, question: 'Why?' }, { signal: stop.signal })) {
        seen.push(event.type)
        if (event.type === 'text') stop.abort()
      }
    }).rejects.toMatchObject({ code: 'cancelled' })
    expect(seen).toEqual(['plan', 'first-token', 'text'])
  })

  it('names numbers when the selection is too long', async () => {
    await using core = await fakeCore({ contextLength: 40 })
    const set = await built(core)
    await expect(askAll(core.workbench, { set, question: 'word '.repeat(40) })).rejects.toMatchObject({
      code: 'engine.context-too-long',
      message: expect.stringContaining('fewer than 40 tokens') as string,
    })
    await askAll(core.workbench, { set, question: 'Why?', selection: { include: ['d1.s1'] }, maxTokens: 100 })
    const { segments = [], maxTokens } = core.engine.of('answer').at(-1) ?? {}
    expect(maxTokens).toBe(40 - segments.flatMap(({ tokens }) => tokens).length)
  })

  it('keeps what it missed when that is wanted', async () => {
    await using core = await fakeCore()
    const { workbench } = core
    const { id } = await workbench.sets.create('Set')
    await importTexts(workbench, id, { 'guide.md': guide() })
    const request = { set: id, question: 'Why?', selection: { exclude: ['d1.s2'] }, keepMissed: true }
    expect(outcomes((await askAll(workbench, request)).answer)).toBe('-never-built -never-built -never-built')
    const job = workbench.jobs.list().find(({ kind }) => kind === 'build')
    expect(await workbench.jobs.finished(job?.id ?? '')).toMatchObject({
      status: 'done',
      result: expect.stringContaining('3 caches') as string,
    })
    expect(outcomes((await askAll(workbench, request)).answer)).toBe('document tail tail')
    // What depends on a selection is no variant of the tree, but its bytes count.
    const tree = await workbench.sets.show(id)
    expect(variants(tree).trim()).toBe('prefix+document')
    expect(tree.cacheBytes).toBe(workbench.status().store.bytes)
  })

  it('refuses what does not fit', async () => {
    await using core = await fakeCore()
    const set = await built(core)
    for (const request of [
      { set, question: '' },
      { set, question: 'x', selection: { include: ['nonsense'] } },
    ]) {
      await expect(askAll(core.workbench, request)).rejects.toMatchObject({ code: 'argument.invalid' })
    }
    await expect(askAll(core.workbench, { set: 'none', question: 'x' })).rejects.toMatchObject({ code: 'not-found' })
    await expect(askAll(core.workbench, { set, question: 'x', selection: { include: ['d7'] } })).rejects.toMatchObject({
      code: 'not-found',
    })
  })
})

describe('importing', () => {
  it('reports every file and keeps the good ones', async () => {
    await using core = await fakeCore()
    const { workbench } = core
    const { id } = await workbench.sets.create('Set')
    await mkdir(core.file('docs'))
    const files: Record<string, string | Uint8Array> = {
      'good.md': '# Good\n',
      'empty.txt': '',
      'latin.txt': Buffer.from([0x61, 0xe9, 0x62]),
      'nul.md': 'a\0b',
    }
    for (const [name, content] of Object.entries(files)) await writeFile(core.file(join('docs', name)), content)
    const job = await workbench.jobs.finished(
      (await workbench.documents.add(id, [core.file('docs'), core.file('none.md')])).id,
    )
    expect(job).toMatchObject({
      status: 'done',
      done: 5,
      total: 5,
      unit: 'files',
      result: '5 documents: 1 added, 4 failed.',
    })
    expect(
      workbench.documents
        .outcomes(job.id)
        .map(({ outcome, detail }) => `${outcome}: ${detail.replace(/.*(empty|UTF-8|NUL|read).*/, '$1')}`),
    ).toEqual(['failed: empty', 'added: 1 section', 'failed: UTF-8', 'failed: NUL', 'failed: read'])
    expect((await workbench.sets.show(id)).documents).toBe(1)
  })

  it('fails when nothing could be imported', async () => {
    await using core = await fakeCore()
    const { id } = await core.workbench.sets.create('Set')
    expect(await importTexts(core.workbench, id, { 'a.odt': 'x' })).toMatchObject({
      status: 'failed',
      error: { code: 'document.invalid', message: expect.stringContaining('.md') as string },
    })
    expect(await importTexts(core.workbench, id, { 'a.pdf': 'x' })).toMatchObject({
      status: 'failed',
      error: { message: expect.stringContaining('by its path') as string },
    })
    await mkdir(core.file('empty'))
    const job = await core.workbench.documents.add(id, [core.file('empty')])
    expect(await core.workbench.jobs.finished(job.id)).toMatchObject({
      status: 'failed',
      error: { code: 'document.unsupported' },
    })
  })

  it('refuses 100 MB of one line by name, and takes 20 MB of one line', async () => {
    await using core = await fakeCore()
    const { id } = await core.workbench.sets.create('Set')
    await writeFile(core.file('huge.txt'), Buffer.alloc(100 * 1024 * 1024, 'word '))
    const refused = await core.workbench.documents.add(id, [core.file('huge.txt')])
    expect(await core.workbench.jobs.finished(refused.id)).toMatchObject({
      status: 'failed',
      error: { code: 'document.invalid', message: expect.stringContaining('64 MiB') as string },
    })
    await writeFile(core.file('long.md'), Buffer.alloc(20 * 1024 * 1024, 'word '))
    const taken = await core.workbench.documents.add(id, [core.file('long.md')])
    expect(await core.workbench.jobs.finished(taken.id)).toMatchObject({ status: 'done' })
    const { tokens, chunks } = await core.workbench.sets.show(id)
    expect(chunks).toBeGreaterThanOrEqual(tokens / CHUNK_TOKENS)
    expect(chunks).toBeLessThan((tokens / CHUNK_TOKENS) * 1.2)
  })
})

describe('sets and models', () => {
  it('are created, listed and removed; documents too', async () => {
    await using core = await fakeCore()
    const { workbench } = core
    const set = await built(core)
    expect((await workbench.models.list()).map(({ id }) => id)).toEqual(['model'])
    expect((await workbench.sets.list()).map(({ id, name, documents, model }) => [id, name, documents, model])).toEqual(
      [['set1', 'Set', 1, 'model']],
    )
    await expect(workbench.sets.create('Other', { model: 'none' })).rejects.toMatchObject({ code: 'not-found' })
    await expect(workbench.documents.remove('d1.s1')).rejects.toMatchObject({ code: 'argument.invalid' })
    await workbench.documents.remove('d1')
    expect((await workbench.sets.show(set)).documents).toBe(0)
    const { entries } = workbench.status().store
    await workbench.sets.remove(set)
    expect(await workbench.sets.list()).toEqual([])
    // Caches stay: importing the same text again finds them.
    expect(workbench.status().store.entries).toBe(entries)
    const again = await workbench.sets.create('Set')
    await importTexts(workbench, again.id, { 'other-name.md': guide() })
    expect(states(await workbench.sets.show(again.id))).toBe('cached cached cached cached')
  })

  it('say what to do where there is no model', async () => {
    await using core = await fakeCore()
    const index = new Database(core.file('data/index.sqlite'))
    index.exec('DELETE FROM models')
    index.close()
    await expect(core.workbench.sets.create('Set')).rejects.toMatchObject({
      code: 'not-found',
      message: expect.stringContaining('kvasir models add') as string,
    })
  })
})

describe('the sample set', () => {
  const questions = [
    { question: 'Why?', include: ['a.md'], answers: ['Because.'] },
    { question: 'And what else?' },
    { question: 'Of what is not there?', include: ['c.md'] },
  ]
  const sample = { name: 'Sample', documents: ['b.md', 'a.md'], questions }

  async function resources(folder: string): Promise<string> {
    await mkdir(join(folder, 'models/demo/sample'), { recursive: true })
    await writeFile(join(folder, 'models/demo/demo.gguf'), 'the bundled model')
    await writeFile(join(folder, 'models/demo/sample/sample.json'), JSON.stringify(sample))
    for (const name of sample.documents) await writeFile(join(folder, 'models/demo/sample', name), guide({ one: name }))
    return folder
  }

  it('is made in its order with the bundled model, imported, then built', async () => {
    await using folder = await tempFolder()
    await using core = await fakeCore({ resourcesDir: await resources(folder.path) })
    const { workbench } = core
    const set = await workbench.sets.ensureSample()
    expect(set).toMatchObject({ name: 'Sample', model: 'demo' })
    const jobs = workbench.jobs.list()
    expect(jobs.map(({ kind, status }) => `${kind} ${status}`)).toEqual(['import running', 'build waiting'])
    for (const { id } of jobs) expect(await workbench.jobs.finished(id)).toMatchObject({ status: 'done' })
    const tree = await workbench.sets.show('Sample')
    expect(tree.tree.map(({ source }) => source.split(/[\\/]/).at(-1))).toEqual(sample.documents)
    expect(tree.cachedChunks).toBe(8)
    expect(tree.suggestions).toEqual([
      { question: 'Why?', include: [tree.tree[1]?.id] },
      { question: 'And what else?', include: [] },
    ])
    expect((await workbench.models.list()).map(({ id, bundled }) => [id, bundled])).toEqual([
      ['model', false],
      ['demo', true],
    ])
  })

  it('is finished when its first import was interrupted, and made again when it was removed', async () => {
    await using folder = await tempFolder()
    await using core = await fakeCore({ resourcesDir: await resources(folder.path) })
    const { workbench } = core
    const first = await workbench.sets.ensureSample()
    for (const { id } of workbench.jobs.list()) await workbench.jobs.finished(id)
    await workbench.documents.remove('d2')
    expect((await workbench.sets.ensureSample()).id).toBe(first.id)
    for (const { id } of workbench.jobs.list()) await workbench.jobs.finished(id)
    expect((await workbench.sets.show('Sample')).documents).toBe(2)
    await workbench.sets.remove('Sample')
    await workbench.sets.create('Sample')
    expect((await workbench.sets.ensureSample()).name).toBe('Sample 2')
  })

  it('is made beside that of an earlier version, whose model is one like any other from then on', async () => {
    await using folder = await tempFolder()
    await using core = await fakeCore({ resourcesDir: await resources(folder.path) })
    const { workbench } = core
    await workbench.sets.ensureSample()
    await rename(join(folder.path, 'models/demo/demo.gguf'), join(folder.path, 'earlier.gguf'))
    await workbench.models.add(join(folder.path, 'earlier.gguf'))
    await writeFile(join(folder.path, 'models/demo/demo.gguf'), 'another bundled model')
    const { name, model } = await workbench.sets.ensureSample()
    expect(name).toBe('Sample 2')
    const bundled = (await workbench.models.list()).filter((each) => each.bundled)
    expect(bundled.map(({ id }) => id)).toEqual([model])
    expect((await workbench.sets.create('Mine')).model).toBe(model)
  })

  it('names an installation without it', async () => {
    await using core = await fakeCore()
    await expect(core.workbench.sets.ensureSample()).rejects.toMatchObject({ code: 'file.unreadable' })
  })
})

describe('closing', () => {
  it('stops jobs and queries, and everything stored can be opened again', async () => {
    await using core = await fakeCore({ stepMs: 5 })
    const { workbench } = core
    const { id } = await workbench.sets.create('Set')
    await importTexts(workbench, id, { 'a.md': guide() })
    const job = await workbench.build(id)
    const finished = workbench.jobs.finished(job.id)
    const asked = Array.fromAsync(workbench.ask({ set: id, question: 'Why?' }))
    const refused = expect(asked).rejects.toMatchObject({ code: 'cancelled' })
    await sleep(12)
    await workbench[Symbol.asyncDispose]()
    expect((await finished).status).toBe('cancelled')
    await refused
    await workbench[Symbol.asyncDispose]()
    await using again = await openWorkbench({
      dataDir: core.file('data'),
      engine: core.engine.asEngine,
      resourcesDir: core.file('resources'),
      version: '0',
    })
    expect(await buildAll(again, id)).toMatchObject({ status: 'done' })
  })
})
