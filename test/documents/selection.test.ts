import { describe, expect, it } from 'vitest'
import { findNodes } from '../../src/main/documents/find-node'
import { parseNodeId } from '../../src/main/documents/node-id'
import { selectChunks } from '../../src/main/documents/selection'
import type { SetTree } from '../../src/shared/knowledge'

const IDS = ['d1.s1.c1', 'd1.s1.c2', 'd1.s2.c1', 'd2.s1.c1', 'd12.s1.c1', 'd12.s11.c1']
const chunks = IDS.map((id) => ({ id }))
const select = (include: string[], exclude: string[] = []): string =>
  selectChunks(chunks, { include, exclude })
    .map(({ id }) => IDS.indexOf(id))
    .join('')

describe('selection', () => {
  it.each([
    [[], [], '012345'],
    [['d1'], [], '012'],
    [['d1.s2'], [], '2'],
    [['d1.s1.c2'], [], '1'],
    [[], ['d1'], '345'],
    [[], ['d1.s1'], '2345'],
    [[], ['d1.s1.c1'], '12345'],
    [['d1'], ['d1.s1'], '2'],
    [['d1', 'd1.s1.c2'], ['d1.s1'], '12'],
    [['d1.s1.c1'], ['d1'], '0'],
    [['d1'], ['d1'], ''],
    [['d12'], [], '45'],
    [['d1'], ['d2'], '012'],
    [['d1.s1'], ['d1.s1', 'd1'], ''],
    [['d12.s1'], [], '4'],
  ])('include %j exclude %j takes %s', (include, exclude, taken) => {
    expect(select(include, exclude)).toBe(taken)
  })

  it('refuses ids that name nothing', () => {
    expect(() => select(['d3'])).toThrow(expect.objectContaining({ code: 'not-found' }))
    expect(() => select([], ['d1.s3', 'd1.s1.c9'])).toThrow('d1.s3, d1.s1.c9')
    expect(() => selectChunks([], { include: ['d1'], exclude: [] })).toThrow('d1')
  })

  it('follows its rule for every combination on one way', () => {
    const steps = ['d1.s1.c1', 'd1.s1', 'd1']
    for (let mask = 0; mask < 64; mask++) {
      const include = steps.filter((_, bit) => mask & (1 << bit))
      const exclude = steps.filter((_, bit) => mask & (8 << bit))
      const decisive = steps.find((step) => include.includes(step) || exclude.includes(step))
      const expected =
        decisive === undefined ? include.length === 0 : include.includes(decisive) && !exclude.includes(decisive)
      expect(select(include, exclude).includes('0'), `${include.join()} / ${exclude.join()}`).toBe(expected)
    }
  })
})

it('ids are parsed strictly', () => {
  expect(parseNodeId('d12.s3.c4')).toEqual({ document: 12, section: 3, chunk: 4 })
  for (const id of ['', '12', 'd', 'd1.c2', 'd1.s', 'd1.s2.c3.x', ' d1', 'd1\n'])
    expect(() => parseNodeId(id), id).toThrow(expect.objectContaining({ code: 'argument.invalid' }))
})

describe('names', () => {
  const section = (id: string, title: string): SetTree['tree'][number]['sections'][number] => ({
    id,
    title,
    level: 2,
    tokens: 1,
    state: 'missing',
    chunks: [],
  })
  const document = (id: string, title: string, source: string, sections: string[]): SetTree['tree'][number] => ({
    id,
    title,
    source,
    version: 1,
    bytes: 1,
    tokens: 1,
    state: 'missing',
    importedAt: '',
    sections: sections.map((name, index) => section(`${id}.s${index + 1}`, name)),
  })
  const tree = {
    name: 'Set',
    tree: [
      document('d1', 'Handbook 2023', '/x/hand.md', ['Leave', 'Pay']),
      document('d2', 'Policy', '/x/policy.md', ['Leave', 'Travel']),
    ],
  }

  it('find documents by title, source and file name, sections by title', () => {
    expect(
      findNodes(tree, [
        'handbook  2023',
        '/x/policy.md',
        'hand.md',
        'Travel',
        'Policy/Leave',
        'policy.md/leave',
        'd1.s2',
      ]),
    ).toEqual(['d1', 'd2', 'd1', 'd2.s2', 'd2.s1', 'd2.s1', 'd1.s2'])
  })

  it('are refused when they fit nothing or several', () => {
    expect(() => findNodes(tree, ['Nothing'])).toThrow(expect.objectContaining({ code: 'not-found' }))
    expect(() => findNodes(tree, ['Leave'])).toThrow('d1.s1, d2.s1')
  })
})
