/** Search on a real store: what is found, in which order, where it stands, and that the index stays true. */
import { describe, expect, it } from 'vitest'
import { sha256 } from '../../src/main/base/hash'
import { Chunks, type Tokenizer } from '../../src/main/documents/chunks'
import { Library, type ImportedText } from '../../src/main/documents/library'
import { Removed } from '../../src/main/documents/removed'
import { Sets, type KnowledgeSet } from '../../src/main/documents/sets'
import { Search } from '../../src/main/retrieval/search'
import { openStore, type Store } from '../../src/main/store/store'
import type { SearchHit } from '../../src/shared/knowledge'
import { fakeTokens } from '../helpers/fake-engine'
import { tempFolder } from '../helpers/temp-folder'

const TOKENIZER: Tokenizer = { digest: 't', tokenize: async (texts) => texts.map((text) => fakeTokens(text)) }

interface Place extends AsyncDisposable {
  readonly store: Store
  readonly sets: Sets
  readonly library: Library
  readonly set: KnowledgeSet
  add(name: string, text: string, more?: Partial<ImportedText>): Promise<void>
  find(query: string, limit?: number, tokenizer?: Tokenizer): Promise<SearchHit[]>
  ids(query: string): Promise<string[]>
}

async function place(documents: Readonly<Record<string, string>> = {}): Promise<Place> {
  const stack = new AsyncDisposableStack()
  const folder = stack.use(await tempFolder())
  const store = stack.use(await openStore(folder.path))
  const library = new Library(store.sql)
  const sets = new Sets(store.sql)
  const search = new Search(store.sql, library, new Chunks(store.sql, library))
  const set = sets.create('Set', 'm')
  const add: Place['add'] = async (name, text, more = {}) => {
    const facts = { origin: `/${name}`, source: name, format: 'markdown', digest: sha256(text), bytes: text.length } as const
    await library.import(set.row, { ...facts, text, ...more })
  }
  const find: Place['find'] = (query, limit = 10, tokenizer = TOKENIZER) => search.find(set.row, query, tokenizer, { limit })
  for (const [name, text] of Object.entries(documents)) await add(name, text)
  return {
    store,
    sets,
    library,
    set,
    add,
    find,
    ids: async (query) => (await find(query)).map(({ id }) => id),
    [Symbol.asyncDispose]: () => stack.disposeAsync(),
  }
}

const marked = ({ snippet, marks }: SearchHit): string[] => marks.map(([start, end]) => snippet.slice(start, end))

const TRAVEL = `# Travel policy

Trips are booked by the team office.

## Trains

Trains are preferred below six hours. The regional lead approves first class.

## Flights

Night flights are not reimbursed. Café bills are, in Zürich too.
`
const CHINESE = `# 员工手册

北京办公室在三楼。猫可以带来。

## 报销

差旅费由部门经理批准，报销单在三十天内提交。诺拉负责审核。
`

describe('finding', () => {
  it('tells where a hit stands, with the words marked', async () => {
    await using set = await place({ 'a.md': TRAVEL })
    const [hit, ...others] = await set.find('regional lead')
    expect(others).toEqual([])
    expect(hit).toMatchObject({ id: 'd1.s2.c1', document: 'd1', title: 'Travel policy', section: 'Trains', source: 'a.md', page: null })
    expect(marked(hit!)).toEqual(['regional', 'lead'])
    expect(TRAVEL.slice(hit!.start, hit!.start + hit!.snippet.length)).toBe(hit!.snippet)
    expect(hit!.score).toBeGreaterThan(0)
  })

  it('takes a question, and other forms of a word', async () => {
    await using set = await place({ 'a.md': TRAVEL })
    expect((await set.ids('Who is the one to approve the first class?'))[0]).toBe('d1.s2.c1')
    // Words that say nothing stand in every section.
    expect(await set.ids('Who is the regional lead of this?')).toEqual(['d1.s2.c1'])
    expect((await set.ids('When do you reimburse a flight?'))[0]).toBe('d1.s3.c1')
    expect(marked((await set.find('reimbursing flight'))[0]!)).toEqual(['Flights', 'flights', 'reimbursed'])
  })

  it('does not mind case, accents and width', async () => {
    await using set = await place({ 'a.md': TRAVEL })
    for (const query of ['CAFE', 'café', 'ｃａｆé', 'zurich', 'ZÜRICH']) expect(await set.ids(query)).toEqual(['d1.s3.c1'])
  })

  it('puts chunks with more and rarer of the words first', async () => {
    const filler = 'The plan of the team is on the board.'
    await using set = await place({
      'a.md': `# A\n\n${filler} Budget.\n`,
      'b.md': `# B\n\n${filler} The budget of Wren.\n`,
      'c.md': `# C\n\n${filler} Budget and budget again.\n`,
    })
    expect((await set.ids('What is the budget of Wren?'))[0]).toBe('d2.s1.c1')
    expect(await set.find('budget', 2)).toHaveLength(2)
  })

  it('finds Chinese words of one, two and more characters', async () => {
    await using set = await place({ 'a.md': CHINESE })
    for (const [query, id] of [
      ['猫', 'd1.s1.c1'],
      ['北京', 'd1.s1.c1'],
      ['办公室', 'd1.s1.c1'],
      ['报销', 'd1.s2.c1'],
      ['诺拉', 'd1.s2.c1'],
      ['部门经理', 'd1.s2.c1'],
    ] as const)
      expect([query, await set.ids(query)]).toEqual([query, [id]])
    expect(await set.ids('上海')).toEqual([])
    expect(marked((await set.find('北京'))[0]!)).toEqual(['北京'])
  })

  it('takes a question in Chinese, with a name that no dictionary has', async () => {
    await using set = await place({ 'a.md': CHINESE, 'b.md': '# 其他\n\n这里有别的内容，没有什么特别的。\n' })
    expect(await set.ids('什么猫？')).toEqual(['d1.s1.c1'])
    expect((await set.ids('差旅费是由谁批准的？'))[0]).toBe('d1.s2.c1')
    expect((await set.ids('诺拉负责什么？'))[0]).toBe('d1.s2.c1')
    expect((await set.ids('北京的办公室在几楼？'))[0]).toBe('d1.s1.c1')
  })

  it('finds parts of long Chinese words, and prefers a name to its characters', async () => {
    const others = Object.fromEntries(['承', '和', '者'].map((word, index) => [`${index}.md`, `# ${index}\n\n${word}。\n`]))
    await using set = await place({ ...others, 'a.md': '# A\n\n审核者是诺拉，她在这里工作了很多年，大学很大。\n', 'b.md': '# B\n\n拉面和承诺好，拉面和承诺好，拉面和承诺好。\n' })
    expect(await set.ids('大学生')).toEqual(['d4.s1.c1'])
    expect(await set.ids('诺拉')).toEqual(['d4.s1.c1'])
    // Where the two do not stand together they are found apart.
    expect(await set.ids('拉承')).toEqual(expect.arrayContaining(['d1.s1.c1', 'd4.s1.c1', 'd5.s1.c1']))
  })

  it('finds other unspaced scripts, and characters outside of the basic plane', async () => {
    await using set = await place({ 'a.md': '# A\n\n東京タワーに行きました。\n\n## B\n\n회사는 서울에 있다. 𠮷野家。\n\n## C\n\nไปเที่ยวทะเล\n' })
    expect(await set.ids('タワー')).toEqual(['d1.s1.c1'])
    expect(await set.ids('서울')).toEqual(['d1.s2.c1'])
    expect(await set.ids('𠮷野家')).toEqual(['d1.s2.c1'])
    expect(await set.ids('ทะเล')).toEqual(['d1.s3.c1'])
  })

  it('words in quotes stand side by side', async () => {
    await using set = await place({ 'a.md': TRAVEL, 'b.md': '# B\n\nThe class is the first one.\n' })
    expect(await set.ids('"first class"')).toEqual(['d1.s2.c1'])
    expect((await set.ids('first class')).toSorted()).toEqual(['d1.s2.c1', 'd2.s1.c1'])
    expect(await set.ids('“class first”')).toEqual([])
  })

  it('nothing typed is syntax', async () => {
    await using set = await place({ 'a.md': TRAVEL })
    for (const query of ['"', '""', 'a AND', 'OR', 'NEAR(', 'title:x', 'tra*', '^trains', '-', '(', "';--", '\0', '{a b}:c', '🙂', '\uD800', ''])
      await expect(set.find(query)).resolves.toBeInstanceOf(Array)
    expect(await set.ids('trains*')).toEqual(['d1.s2.c1'])
    expect(await set.ids('x'.repeat(10_000))).toEqual([])
    expect(await set.find('word '.repeat(2_000))).toEqual([])
  })

  it('a word that says nothing is found where nothing else is asked', async () => {
    await using set = await place({ 'a.md': '# To be\n\nOr not.\n', 'b.md': '# 在\n\n他在。\n' })
    expect(await set.ids('to be or not to be')).toEqual(['d1.s1.c1'])
    expect(await set.ids('在')).toEqual(['d2.s1.c1'])
  })

  it('a hit knows its page', async () => {
    await using set = await place()
    const text = 'First page about trains.\n\nSecond page about flights.\n'
    await set.add('a.pdf', text, { format: 'pdf', places: [{ start: 0, page: 1 }, { start: 26, page: 4 }] })
    expect((await set.find('trains'))[0]).toMatchObject({ id: 'd1.s1.c1', page: 1 })
    expect((await set.find('flights'))[0]).toMatchObject({ id: 'd1.s1.c1', page: 4 })
  })

  it('a snippet is the part of a long chunk with most of the words', async () => {
    const filler = 'Words that are not looked for stand here. '.repeat(12)
    await using set = await place({ 'a.md': `# A\n\nA budget.\n\n${filler}\n\nThe budget of Wren is in Lund.\n\n${filler}\n` })
    const [hit] = await set.find('budget Wren Lund')
    expect(marked(hit!)).toEqual(['budget', 'Wren', 'Lund'])
    expect(hit!.snippet.length).toBeLessThanOrEqual(300)
  })
})

describe('the index stays true', () => {
  const rows = ({ store }: Place): unknown => store.sql.get('SELECT count(*) AS count FROM passages')
  const terms = ({ store }: Place, term: string): number =>
    store.sql.get<{ count: number }>('SELECT count(*) AS count FROM passage_terms WHERE passage_terms MATCH ?', [term])?.count ?? -1

  it('when a document changes', async () => {
    await using set = await place({ 'a.md': '# A\n\nOld words.\n' })
    expect(await set.ids('old')).toEqual(['d1.s1.c1'])
    await set.add('a.md', '# A\n\nNew words.\n')
    expect(terms(set, 'old')).toBe(0)
    expect(await set.ids('old')).toEqual([])
    expect(await set.ids('new')).toEqual(['d1.s1.c1'])
    expect(rows(set)).toEqual({ count: 1 })
  })

  it('when documents and sets are removed', async () => {
    await using set = await place({ 'a.md': '# A\n\nAlpha.\n', 'b.md': '# B\n\nBeta.\n' })
    expect(await set.ids('alpha beta')).toHaveLength(2)
    const removed = new Removed(set.store.sql, set.sets)
    removed.removeDocuments([1])
    expect(await set.ids('alpha beta')).toEqual(['d2.s1.c1'])
    removed.restoreDocuments([1])
    expect(await set.ids('alpha beta')).toHaveLength(2)
    removed.removeDocuments([1])
    removed.empty(new Date())
    expect(terms(set, 'alpha')).toBe(0)
    removed.removeSet(set.set.row)
    removed.empty(new Date())
    expect([rows(set), terms(set, 'beta')]).toEqual([{ count: 0 }, 0])
  })

  it('for each tokenizer, and for one set alone', async () => {
    await using set = await place({ 'a.md': '# A\n\nAlpha.\n' })
    await set.find('alpha')
    expect(await set.find('alpha', 10, { ...TOKENIZER, digest: 'other' })).toHaveLength(1)
    expect(await set.find('alpha')).toHaveLength(1)
    const other = set.sets.create('Other', 'm')
    await set.library.import(other.row, { origin: '/x', source: 'x', format: 'text', digest: 'x', bytes: 6, text: 'Alpha.\n' })
    expect(await set.ids('alpha')).toEqual(['d1.s1.c1'])
  })

  it('for documents that were there before it', async () => {
    await using set = await place({ 'a.md': TRAVEL })
    await set.find('trains')
    set.store.sql.run('DELETE FROM passages')
    expect(await set.ids('trains')).toEqual(['d1.s2.c1'])
  })

  it('when it is filled by two at once', async () => {
    await using set = await place({ 'a.md': TRAVEL })
    const [one, two] = await Promise.all([set.ids('trains'), set.ids('trains')])
    expect(one).toEqual(two)
    expect(rows(set)).toEqual({ count: 3 })
  })
})
