/** Tri-state maths of the knowledge tree. */
import { describe, expect, it } from 'vitest'
import { checks, EVERYTHING, toggle } from '../../src/renderer/knowledge/selection'
import type { DocumentNode, Selection } from '../../src/shared/knowledge'

/** Two documents: d1 of sections with 2, 1 and 0 chunks, d2 of one section with one chunk; ten tokens each. */
const tree = [document('d1', [2, 1, 0]), document('d2', [1])]

describe('checks', () => {
  it('has everything on by default', () => {
    const { of, sum } = checks(tree, EVERYTHING)
    expect(new Set(of.values())).toEqual(new Set(['on']))
    expect(sum).toEqual({ check: 'on', tokens: 40, chunks: 4, cachedChunks: 2, documents: 2 })
  })

  it('shows a parent of some excluded chunks as partly', () => {
    const { of, sum } = checks(tree, { include: [], exclude: ['d1.s1.c2'] })
    expect([of.get('d1.s1.c1'), of.get('d1.s1.c2'), of.get('d1.s1'), of.get('d1'), of.get('d2')]).toEqual([
      'on',
      'off',
      'partly',
      'partly',
      'on',
    ])
    expect(sum).toMatchObject({ check: 'partly', tokens: 30, documents: 2 })
  })

  it('lets the most specific id decide', () => {
    const { of } = checks(tree, { include: ['d1.s1.c1'], exclude: ['d1'] })
    expect([of.get('d1.s1.c1'), of.get('d1.s1.c2'), of.get('d1.s2'), of.get('d2')]).toEqual(['on', 'off', 'off', 'off'])
  })

  it('takes an id in both lists as out', () => {
    expect(checks(tree, { include: ['d2'], exclude: ['d2'] }).of.get('d2')).toBe('off')
  })

  it('does not mix up d1 and d12', () => {
    const many = [document('d1', [1]), document('d12', [1])]
    expect(checks(many, { include: [], exclude: ['d1'] }).of.get('d12')).toBe('on')
    expect(toggle(many, EVERYTHING, 'd1').exclude).toEqual(['d1'])
  })

  it('knows an empty set', () => {
    expect(checks([], EVERYTHING).sum).toEqual({ check: 'on', tokens: 0, chunks: 0, cachedChunks: 0, documents: 0 })
  })
})

describe('toggle', () => {
  it.each([
    ['d1', ['d1']],
    ['d1.s1', ['d1.s1']],
    ['d1.s1.c1', ['d1.s1.c1']],
  ])('excludes %s and comes back', (id, exclude) => {
    const off = toggle(tree, EVERYTHING, id)
    expect(off.exclude).toEqual(exclude)
    expect(toggle(tree, off, id)).toEqual(EVERYTHING)
  })

  it('joins what became whole', () => {
    let selection: Selection = EVERYTHING
    for (const id of ['d1.s1.c1', 'd1.s1.c2']) selection = toggle(tree, selection, id)
    expect(selection.exclude).toEqual(['d1.s1'])
    expect(toggle(tree, selection, 'd1.s2').exclude).toEqual(['d1'])
  })

  it('splits a whole document when one chunk comes back', () => {
    expect(toggle(tree, { include: [], exclude: ['d1'] }, 'd1.s1.c2').exclude).toEqual(['d1.s1.c1', 'd1.s2'])
  })

  it('turns partly into on', () => {
    expect(toggle(tree, { include: [], exclude: ['d1.s1.c1'] }, 'd1')).toEqual(EVERYTHING)
  })

  it('keeps the meaning of every selection it makes', () => {
    const ids = [...checks(tree, EVERYTHING).of.keys()]
    for (const first of ids) {
      for (const second of ids) {
        const before = toggle(tree, EVERYTHING, first)
        const after = toggle(tree, before, second)
        const want = checks(tree, before).of.get(second) === 'on' ? 'off' : 'on'
        const changed = checks(tree, after).of
        for (const [id, check] of checks(tree, before).of) {
          if (!/c\d+$/.test(id)) continue
          expect(changed.get(id)).toBe(id === second || id.startsWith(`${second}.`) ? want : check)
        }
      }
    }
  })
})

function document(id: string, sections: readonly number[]): DocumentNode {
  return {
    id,
    title: id,
    source: `${id}.md`,
    version: 1,
    bytes: 1,
    tokens: 10 * sections.reduce((sum, n) => sum + n, 0),
    state: 'partly',
    importedAt: '',
    sections: sections.map((chunks, s) => ({
      id: `${id}.s${s + 1}`,
      title: `${s}`,
      level: 1,
      tokens: 10 * chunks,
      state: 'partly',
      chunks: Array.from({ length: chunks }, (_, c) => ({
        id: `${id}.s${s + 1}.c${c + 1}`,
        tokens: 10,
        state: c === 0 && s === 0 ? ('cached' as const) : ('missing' as const),
        variants: [],
        preview: '',
      })),
    })),
  }
}
