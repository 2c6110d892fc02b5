/** What the history keeps, and that its sums are always those of its queries. */
import { join } from 'node:path'
import Database from 'better-sqlite3'
import { describe, expect, it } from 'vitest'
import type { ChunkOutcome } from '../../src/shared/answer'
import { placeSums, reasonSums, setSums, slotSums, type Span } from '../../src/main/store/hit-sums'
import { KEPT, pastQueries, recordQuery, type QueryRecord } from '../../src/main/store/queries'
import { MIGRATIONS } from '../../src/main/store/schema'
import { Sql } from '../../src/main/store/sql'
import { tempFolder } from '../helpers/temp-folder'

const ALL: Span = { set: null, since: null }
const HIT: ChunkOutcome = { kind: 'hit', variant: 'document', poorer: null }
const POORER: ChunkOutcome = { kind: 'hit', variant: 'bos', poorer: 'no-tail' }
const NEVER: ChunkOutcome = { kind: 'miss', reason: 'never-built' }

interface Asked {
  readonly set?: string
  readonly generatedTokens?: number | null
  /** Place, text, tokens, outcome, how many of its tokens were computed again. */
  readonly chunks?: readonly (readonly [node: string, text: string, tokens: number, ChunkOutcome, again?: number])[]
}

function query({ set = 'set1', generatedTokens = 3, chunks = [['d1.s1.c1', 'a', 10, HIT]] }: Asked = {}): QueryRecord {
  const sum = (of: (chunk: (typeof chunks)[number]) => number): number => chunks.reduce((all, chunk) => all + of(chunk), 0)
  const tokens = sum((chunk) => chunk[2])
  const reused = sum(([, , size, { kind }]) => (kind === 'hit' ? size : 0))
  return {
    set,
    question: 'Why?',
    generatedTokens,
    memoryTokens: 0,
    digests: chunks.map(([, text]) => text),
    facts: {
      model: 'demo',
      strategy: 'reuse',
      ttftMs: 12.5,
      knowledgeTokens: tokens,
      questionTokens: 5,
      reusedTokens: reused,
      recomputedTokens: sum(([, , , , again = 0]) => again),
      computedTokens: tokens - reused + 5,
      bytesRead: 100,
      chunks: chunks.map(([id, , size, outcome, again = 0]) => ({
        id,
        document: '',
        section: '',
        tokens: size,
        outcome,
        profile: outcome.kind === 'hit' ? 'f16' : null,
        // In two pieces, as strategies choose them.
        recomputed: again === 0 ? [] : [[0, 1], [2, again + 1]],
      })),
    },
  }
}

const at = (time: string) => ({ now: new Date(time) })

/** The sums as they would be if every chunk of every query were read. */
function counted(sql: Sql): unknown {
  return [
    sql.all(`SELECT place, substr(asked_at, 1, 10) AS day, count(*) AS times, sum(tokens) AS tokens,
      sum(tokens * (variant IS NOT NULL)) AS reused, sum(recomputed) AS recomputed
      FROM query_chunks JOIN queries ON id = query_id GROUP BY 1, 2 ORDER BY 1, 2`),
    sql.all(`SELECT set_id, substr(asked_at, 1, 10) AS day, variant IS NOT NULL AS is_hit, coalesce(reason, '') AS reason,
      count(*) AS times, sum(tokens) AS tokens, sum(recomputed) AS recomputed
      FROM query_chunks JOIN queries ON id = query_id GROUP BY 1, 2, 3, 4 ORDER BY 1, 2, 3, 4`),
    sql.all('SELECT DISTINCT place AS id FROM query_chunks ORDER BY 1'),
  ]
}

function kept(sql: Sql): unknown {
  return [
    sql.all('SELECT * FROM place_days ORDER BY place, day'),
    sql.all('SELECT * FROM reason_days ORDER BY set_id, day, is_hit, reason'),
    sql.all('SELECT id FROM places ORDER BY id'),
  ]
}

async function history(): Promise<{ sql: Sql } & AsyncDisposable> {
  await using opened = new AsyncDisposableStack()
  const folder = opened.use(await tempFolder())
  const sql = opened.use(new Sql(join(folder.path, 'index.sqlite')))
  const moved = opened.move()
  return { sql, [Symbol.asyncDispose]: () => moved.disposeAsync() }
}

const MIXED: Asked = {
  chunks: [
    ['d1.s1.c1', 'a', 10, HIT, 4],
    ['d1.s1.c2', 'b', 20, POORER],
    ['d2.s1.c1', 'c', 30, NEVER],
  ],
}

describe('sums', () => {
  it('of queries, reasons and places, with tokens computed again', async () => {
    await using made = await history()
    const { sql } = made
    recordQuery(sql, query(MIXED), at('2025-01-30T23:59:00.000Z'))
    recordQuery(sql, query(), at('2025-01-31T10:14:59.999Z'))
    recordQuery(sql, query({ set: 'set2' }), at('2025-01-31T10:15:00.000Z'))
    expect(setSums(sql, ALL)).toEqual([
      { set: 'set1', times: 2, tokens: 70, reused: 40, recomputed: 4 },
      { set: 'set2', times: 1, tokens: 10, reused: 10, recomputed: 0 },
    ])
    expect(slotSums(sql, ALL).map(({ start, tokens }) => [start, tokens])).toEqual([
      ['2025-01-30T23:45Z', 60],
      ['2025-01-31T10:00Z', 10],
      ['2025-01-31T10:15Z', 10],
    ])
    expect(reasonSums(sql, { ...ALL, set: 'set1' })).toEqual([
      { isHit: 0, reason: 'never-built', times: 1, tokens: 30, recomputed: 0 },
      { isHit: 1, reason: '', times: 2, tokens: 20, recomputed: 4 },
      { isHit: 1, reason: 'no-tail', times: 1, tokens: 20, recomputed: 0 },
    ])
    expect(placeSums(sql, ALL)).toEqual([
      { set: 'set1', node: 'd1.s1.c1', digest: 'a', times: 2, tokens: 20, reused: 20, recomputed: 4 },
      { set: 'set1', node: 'd1.s1.c2', digest: 'b', times: 1, tokens: 20, reused: 20, recomputed: 0 },
      { set: 'set1', node: 'd2.s1.c1', digest: 'c', times: 1, tokens: 30, reused: 0, recomputed: 0 },
      { set: 'set2', node: 'd1.s1.c1', digest: 'a', times: 1, tokens: 10, reused: 10, recomputed: 0 },
    ])
  })

  it('begin exactly where asked, in the middle of a day too', async () => {
    await using made = await history()
    const { sql } = made
    const times = ['2025-01-30T12:00:00.000Z', '2025-01-31T08:00:00.000Z', '2025-01-31T23:59:59.999Z', '2025-02-01T00:00:00.000Z']
    for (const time of times) recordQuery(sql, query(MIXED), at(time))
    for (const [since, queries] of [
      [null, 4],
      ['2025-01-31T00:00:00.000Z', 3],
      ['2025-01-31T08:00:00.000Z', 3],
      ['2025-01-31T08:00:00.001Z', 2],
      ['2025-02-01T00:00:00.000Z', 1],
      ['2025-02-01T00:00:00.001Z', 0],
    ] as const) {
      for (const set of [null, 'set1']) {
        const span = { set, since }
        const total = (sums: readonly { readonly tokens: number }[]): number => sums.reduce((all, { tokens }) => all + tokens, 0)
        const totals = [setSums, slotSums, reasonSums, placeSums].map((sums) => total(sums(sql, span)))
        expect({ since, totals }).toEqual({ since, totals: [60, 60, 60, 60].map((tokens) => tokens * queries) })
      }
      expect(placeSums(sql, { set: 'set9', since })).toEqual([])
    }
  })
})

describe('history', () => {
  it('lists queries newest first, of a set, page by page; a stopped one has no length', async () => {
    await using made = await history()
    const { sql } = made
    recordQuery(sql, query(MIXED), at('2025-01-30T12:00:00.000Z'))
    recordQuery(sql, query({ set: 'set2' }), at('2025-01-30T12:01:00.000Z'))
    recordQuery(sql, query({ generatedTokens: null }), at('2025-01-30T12:02:00.000Z'))
    const list = (set: string | null, before: number | null, limit = 9): number[] =>
      pastQueries(sql, { set, before, limit }).map(({ id }) => id)
    expect([list(null, null), list('set1', null), list(null, 3, 1), list('set1', 3), list('set3', null)]).toEqual([[3, 2, 1], [3, 1], [2], [1], []])
    const [newest, , oldest] = pastQueries(sql, { set: null, before: null, limit: 3 })
    expect(newest).toMatchObject({ generatedTokens: null })
    expect(oldest).toEqual({
      id: 1,
      askedAt: '2025-01-30T12:00:00.000Z',
      set: 'set1',
      model: 'demo',
      strategy: 'reuse',
      question: 'Why?',
      ttftMs: 12.5,
      knowledgeTokens: 60,
      questionTokens: 5,
      reusedTokens: 30,
      recomputedTokens: 4,
      computedTokens: 35,
      bytesRead: 100,
      generatedTokens: 3,
    })
  })

  it.each([
    ['queries', { ...KEPT, queries: 4 }],
    ['chunks', { ...KEPT, chunks: 8 }],
    ['days', { ...KEPT, days: 3 }],
  ] as const)('keeps only so many %s; sums stay those of what is left', async (what, limits) => {
    await using made = await history()
    const { sql } = made
    for (let day = 1; day <= 9; day++) {
      const chunks = [...(MIXED.chunks ?? []).slice(0, 2), [`d3.s1.c${day}`, `text ${day}`, 5, NEVER] as const]
      recordQuery(sql, query({ chunks, set: `set${day % 2}` }), { kept: limits, now: new Date(Date.UTC(2025, 0, day)) })
      expect(kept(sql)).toEqual(counted(sql))
    }
    const ids = pastQueries(sql, { set: null, before: null, limit: 99 }).map(({ id }) => id)
    expect(ids).toEqual({ queries: [9, 8, 7, 6], chunks: [9, 8, 7], days: [9, 8, 7, 6] }[what])
  })

  it('forgets only a few at once, and catches up', async () => {
    await using made = await history()
    const { sql } = made
    // Two a day, so that of some days a part is forgotten.
    for (let half = 0; half < 10; half++) recordQuery(sql, query(MIXED), { now: new Date(Date.UTC(2025, 0, 1, 12 * half)) })
    const left: number[] = []
    for (let again = 0; again < 5; again++) {
      recordQuery(sql, query(), at('2027-01-01T00:00:00.000Z'))
      left.push(pastQueries(sql, { set: null, before: null, limit: 99 }).length)
      expect(kept(sql)).toEqual(counted(sql))
    }
    expect(left).toEqual([8, 6, 4, 4, 5])
  })
})

describe('a history of an earlier version', () => {
  it('is taken over, with what the sums need', async () => {
    await using folder = await tempFolder()
    const path = join(folder.path, 'index.sqlite')
    const old = new Database(path)
    const first = MIGRATIONS.findIndex((text) => text.includes('CREATE TABLE place_days'))
    for (const text of MIGRATIONS.slice(0, first)) old.exec(text)
    old.pragma(`user_version = ${first}`)
    for (const id of [1, 2, 3]) {
      old
        .prepare(
          `INSERT INTO queries VALUES (?, '2025-01-31T10:00:00.000Z', 'set1', 'demo', 'reuse', 'Why?', 1, ?, 5, ?, 35, 100, 3)`,
        )
        .run(id, id === 2 ? 0 : 30, id === 2 ? 0 : 20)
      if (id === 2) continue
      const insert = old.prepare('INSERT INTO query_chunks VALUES (?, ?, ?, ?, 10, ?, ?)')
      insert.run(id, 0, 'd1.s1.c1', 'a', 'document', null)
      insert.run(id, 1, 'd1.s1.c2', 'b', 'bos', 'the variant behind its document is not cached: this one does not know what stands before it')
      insert.run(id, 2, 'd1.s1.c3', 'c', null, 'never-built')
    }
    old.close()
    using sql = new Sql(path)
    expect(kept(sql)).toEqual(counted(sql))
    expect(sql.all('SELECT chunks_so_far AS chunks FROM queries ORDER BY id')).toEqual([{ chunks: 3 }, { chunks: 3 }, { chunks: 6 }])
    expect(reasonSums(sql, ALL).map(({ reason, tokens }) => [reason, tokens])).toEqual([['never-built', 20], ['', 20], ['no-document', 20]])
    recordQuery(sql, query())
    expect(kept(sql)).toEqual(counted(sql))
    expect(sql.get('SELECT max(chunks_so_far) AS chunks FROM queries')).toEqual({ chunks: 7 })
  })
})
