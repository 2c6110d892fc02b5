/** Whose history a document's, a section's and a chunk's row has. */
import { describe, expect, it } from 'vitest'
import { partRows, type Standing } from '../../src/main/metrics/parts'
import type { HitRow } from '../../src/shared/hits'

const chunk = (document: number, section: number, ordinal: number, digest: string) => ({
  document,
  section,
  ordinal,
  digest,
  preview: `text ${digest}`,
})

/** `d1` had `a b | c` in two sections; `b` was edited, and a section put in front. `d3` was removed. */
const STANDING: Standing = {
  documents: new Map([
    [1, 'Handbook'],
    [2, 'Notes'],
  ]),
  sections: new Map([
    ['d1.s1', 'New'],
    ['d1.s2', 'First'],
    ['d1.s3', 'Second'],
    ['d2.s1', 'Notes'],
  ]),
  chunks: [
    chunk(1, 1, 1, 'new'),
    chunk(1, 2, 1, 'a'),
    chunk(1, 2, 2, 'b edited'),
    chunk(1, 3, 1, 'c'),
    chunk(2, 1, 1, 'a'),
    chunk(2, 1, 2, 'same'),
    chunk(2, 1, 3, 'same'),
  ],
}
const sums = (node: string, digest: string, tokens: number, reused = tokens, recomputed = 0) => {
  return { set: 'set1', node, digest, times: 1, tokens, reused, recomputed }
}
const HISTORY = [
  sums('d3.s1.c1', 'x', 7, 0),
  sums('d2.s1.c3', 'same', 5, 0),
  sums('d2.s1.c2', 'same', 4),
  sums('d2.s1.c1', 'a', 3),
  // Before the edit, then behind it.
  sums('d1.s1.c1', 'a', 10),
  sums('d1.s1.c2', 'b', 20),
  sums('d1.s2.c1', 'c', 30, 30, 6),
  sums('d1.s1.c1', 'new', 1, 0),
  sums('d1.s2.c1', 'a', 10, 0),
  sums('d1.s2.c2', 'b edited', 21, 0),
  sums('d1.s3.c1', 'c', 30),
]

const shown = (rows: readonly HitRow[]) =>
  rows.map(({ id, state, times, tokens, reused, recomputed, missed }) => [id, state, times, tokens, reused, recomputed, missed])

describe('rows', () => {
  it('of chunks follow a text through edits; texts that are gone stay with their document', () => {
    const rows = partRows('chunk', HISTORY, STANDING)
    expect(shown(rows)).toEqual([
      ['d1.s1.c1', 'current', 1, 1, 0, 0, 1],
      ['d1.s2.c1', 'current', 2, 20, 10, 0, 10],
      ['d1.s2.c2', 'current', 1, 21, 0, 0, 21],
      ['d1.s3.c1', 'current', 2, 60, 54, 6, 0],
      ['d1', 'earlier', 1, 20, 20, 0, 0],
      ['d2.s1.c1', 'current', 1, 3, 3, 0, 0],
      ['d2.s1.c2', 'current', 1, 4, 4, 0, 0],
      ['d2.s1.c3', 'current', 1, 5, 0, 0, 5],
      ['d3', 'removed', 1, 7, 0, 0, 7],
    ])
    expect(rows.map(({ name }) => name).slice(0, 5)).toEqual(['text new', 'text a', 'text b edited', 'text c', 'Handbook'])
    expect(rows[1]).toMatchObject({ set: 'set1', hitRate: 0.5 })
    expect(rows[3]?.hitRate).toBe(0.9)
  })

  it('of sections add up their chunks', () => {
    const rows = partRows('section', HISTORY, STANDING)
    expect(shown(rows)).toEqual([
      ['d1.s1', 'current', 1, 1, 0, 0, 1],
      ['d1.s2', 'current', 3, 41, 10, 0, 31],
      ['d1.s3', 'current', 2, 60, 54, 6, 0],
      ['d1', 'earlier', 1, 20, 20, 0, 0],
      ['d2.s1', 'current', 3, 12, 7, 0, 5],
      ['d3', 'removed', 1, 7, 0, 0, 7],
    ])
    expect(rows.map(({ name }) => name)).toEqual(['New', 'First', 'Second', 'Handbook', 'Notes', 'd3'])
  })

  it('of documents have all of their versions', () => {
    expect(shown(partRows('document', HISTORY, STANDING))).toEqual([
      ['d1', 'current', 7, 122, 84, 6, 32],
      ['d2', 'current', 3, 12, 7, 0, 5],
      ['d3', 'removed', 1, 7, 0, 0, 7],
    ])
  })

  it('lose and invent nothing', () => {
    const all = HISTORY.reduce((sum, { tokens }) => sum + tokens, 0)
    for (const kind of ['document', 'section', 'chunk'] as const) {
      const rows = partRows(kind, HISTORY, STANDING)
      expect(rows.reduce((sum, { tokens }) => sum + tokens, 0)).toBe(all)
      for (const { tokens, reused, recomputed, missed } of rows) expect(reused + recomputed + missed).toBe(tokens)
    }
  })
})
