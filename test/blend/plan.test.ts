import { describe, expect, it } from 'vitest'
import { tokenDigest } from '../../src/main/base/hash'
import { plan, type Plan } from '../../src/main/blend/plan'
import { includedChunks } from '../../src/main/build/included'
import type { KeyedChunk } from '../../src/main/build/knowledge'
import type { Evidence } from '../../src/main/build/states'
import { cacheKey } from '../../src/main/store/key'
import { strategySpec } from '../../src/shared/strategy'
import { evidenceOf as evidence, keyedChunks, MODEL } from '../helpers/keyed-documents'

const TAIL = [90, 91]
const STRATEGIES = ['full', 'prefix', 'reuse', 'reuse:bos', 'link:16', 'score:0.1', 'mix:8+0.1', 'blend:0.15', 'random:0.1']

/** Documents of so many chunks; chunk `p` of document `d` has the tokens `[d*100+p, 7]`. */
function documents(...sizes: number[]): KeyedChunk[][] {
  return sizes.map((size, index) =>
    keyedChunks(
      index + 1,
      Array.from({ length: size }, (_, position) => [(index + 1) * 100 + position, 7]),
    ),
  )
}

interface Options {
  readonly prefix?: readonly number[]
  readonly model?: typeof MODEL
}

function planOf(
  strategy: string,
  chunks: readonly KeyedChunk[],
  known: Evidence,
  { model = MODEL, prefix = model.prefix }: Options = {},
): Plan {
  const included = includedChunks(model, chunks)
  return plan({ strategy: strategySpec(strategy), model, prefix, tail: TAIL, chunks: included, evidence: known })
}

/** Keys of the chunks that stand behind a gap, each behind the selection's chunks before it. */
function tailKeys(chunks: readonly KeyedChunk[]): string[] {
  return includedChunks(MODEL, chunks)
    .filter(({ kind }) => kind === 'tail')
    .map(({ cache }) => cache.key)
}

/** All that a build and a question with this selection leave behind. */
function warm(all: readonly KeyedChunk[], selected: readonly KeyedChunk[]): Evidence {
  const tails = tailKeys(selected)
  return evidence([...everyKey(all), ...tails], { tails: new Set(tails) })
}

const show = ({ chunks }: Plan): string =>
  chunks
    .map(({ outcome }) =>
      outcome.kind === 'hit' ? outcome.variant[0] + (outcome.poorer === null ? '' : '!') : `-${outcome.reason}`,
    )
    .join(' ')
const shape = ({ segments }: Plan): string =>
  segments.map(({ kind, tokens }) => `${kind === 'cached' ? 'r' : 'c'}${tokens.length}`).join(' ')
const everyKey = (chunks: readonly KeyedChunk[]): string[] =>
  chunks.flatMap(({ keys }) => [keys.bos.key, keys.document.key])

describe('keys', () => {
  it("the first chunk's document variant is its prefix variant, no other's is", () => {
    const [chunks = []] = documents(3)
    expect(chunks.map(({ keys }) => keys.document.key === keys.prefix.key)).toEqual([true, false, false])
    expect(new Set(chunks.flatMap(({ keys }) => [keys.bos.key, keys.prefix.key, keys.document.key])).size).toBe(8)
  })

  it('depend on model, chain and tokens alone', () => {
    const [one = [], two = []] = documents(2, 2)
    const again = documents(2)[0] ?? []
    expect(again.map(({ keys }) => keys)).toEqual(one.map(({ keys }) => keys))
    expect(one[1]?.keys.bos.chain).toBe(two[1]?.keys.bos.chain)
    expect(one[1]?.keys.document.chain).not.toBe(two[1]?.keys.document.chain)
    expect(one[0]?.keys.bos.key).toBe(cacheKey(MODEL.fingerprint, tokenDigest([1]), one[0]?.digest ?? ''))
  })
})

describe('every strategy', () => {
  it('has the same tokens in the same order', () => {
    const chunks = documents(3, 2).flat()
    const selections = [
      chunks,
      chunks.slice(1),
      [chunks[0], chunks[2], chunks[4]].filter((chunk) => chunk !== undefined),
      [],
    ]
    for (const strategy of STRATEGIES) {
      for (const selected of selections) {
        for (const known of [
          evidence([]),
          evidence(everyKey(chunks)),
          evidence(everyKey(chunks).filter((_, index) => index % 3 === 0)),
        ]) {
          const { segments } = planOf(strategy, selected, known)
          expect(segments.flatMap(({ tokens }) => tokens)).toEqual([
            ...MODEL.prefix,
            ...selected.flatMap(({ tokens }) => tokens),
            ...TAIL,
          ])
          expect(segments[0]).toEqual({ kind: 'compute', tokens: MODEL.prefix })
          const last = strategy === 'full' ? [...selected.flatMap(({ tokens }) => tokens), ...TAIL] : TAIL
          expect(segments.at(-1)).toEqual({ kind: 'compute', tokens: last })
          // Neighbours that are computed are one segment; only the prefix and the question stand apart.
          const kinds = segments.slice(1, -1).map(({ kind }) => kind)
          expect(kinds.some((kind, at) => kind === 'compute' && kinds[at + 1] === 'compute')).toBe(false)
        }
      }
    }
  })

  it('has no empty segment, even without a prefix', () => {
    const bare = { ...MODEL, prefix: [], bos: [] }
    for (const strategy of STRATEGIES)
      expect(planOf(strategy, [], evidence([]), { model: bare }).segments).toEqual([{ kind: 'compute', tokens: TAIL }])
  })
})

describe('full', () => {
  it('computes everything behind the prefix in one segment and reuses nothing', () => {
    const chunks = documents(3).flat()
    const planned = planOf('full', chunks, evidence(everyKey(chunks)))
    expect(shape(planned)).toBe('c3 c8')
    expect(show(planned)).toBe('-strategy -strategy -strategy')
  })
})

describe('reuse', () => {
  it('takes document variants of whole documents', () => {
    const chunks = documents(2, 2).flat()
    const planned = planOf('reuse', chunks, evidence(everyKey(chunks)))
    expect(show(planned)).toBe('d d d d')
    expect(shape(planned)).toBe('c3 r2 r2 r2 r2 c2')
    expect(planned.chunks.map(({ key }) => key)).toEqual(chunks.map(({ keys }) => keys.document.key))
  })

  /** Exclusion leaves no trace: every way to leave chunks out of two documents. */
  it('takes no document variant behind a gap, whatever is left out', () => {
    const chunks = documents(4, 3).flat()
    for (let mask = 0; mask < 128; mask++) {
      const selected = chunks.filter((_, index) => mask & (1 << index))
      const planned = planOf('reuse', selected, evidence(everyKey(chunks)))
      for (const { chunk, key } of planned.chunks) {
        const isGapless = chunks
          .filter(({ document, position }) => document === chunk.document && position < chunk.position)
          .every((before) => selected.includes(before))
        expect(key, `${mask} ${chunk.id}`).toBe(isGapless ? chunk.keys.document.key : chunk.keys.bos.key)
      }
      // Nothing in the plan changes when the excluded chunks were never built.
      expect(planOf('reuse', selected, evidence(everyKey(selected)))).toEqual(planned)
    }
  })

  it('takes variants behind the included part of a document once they are there, and wants them before', () => {
    const chunks = documents(4, 2).flat()
    const [one, two, three, four, other] = chunks as [KeyedChunk, KeyedChunk, KeyedChunk, KeyedChunk, KeyedChunk]
    const selected = [one, three, four, other]
    const cold = planOf('reuse', selected, evidence(everyKey(chunks)))
    expect(show(cold)).toBe('d b! b! d')
    const [behindOne = '', behindBoth = ''] = tailKeys(selected)
    expect(cold.chunks.map(({ wanted }) => wanted)).toEqual([
      one.keys.document.key,
      behindOne,
      behindBoth,
      other.keys.document.key,
    ])
    const planned = planOf('reuse', selected, warm(chunks, selected))
    expect(show(planned)).toBe('d t t d')
    expect(planned.chunks.map(({ key }) => key)).toEqual(cold.chunks.map(({ wanted }) => wanted))
    // Another gap is another chain; the same chain is the same key.
    expect(show(planOf('reuse', [two, three, four], warm(chunks, selected)))).toBe('b! b! b!')
    expect(show(planOf('reuse', [one, three, other], warm(chunks, selected)))).toBe('d t d')
    expect(behindOne).toBe(
      cacheKey(MODEL.fingerprint, includedChunks(MODEL, selected)[1]?.cache.chain ?? '', three.digest),
    )
  })

  it("takes no variant behind the same text that was made for another document: its being there tells of that one", () => {
    const text = [[10], [11], [12]]
    const included = keyedChunks(1, text)
    const [one, , three] = included as [KeyedChunk, KeyedChunk, KeyedChunk]
    const excluded = keyedChunks(2, [[10], [12]])
    expect(excluded[1]?.keys.document.key).toBe(tailKeys([one, three])[0])
    expect(show(planOf('reuse', [one, three], evidence(everyKey([...included, ...excluded]))))).toBe('d b!')
    expect(show(planOf('prefix', [one, three], evidence(everyKey([...included, ...excluded]))))).toBe('d -never-built')
  })

  it('falls back to poorer variants and says so', () => {
    const chunks = documents(3).flat()
    const [one, two, three] = chunks as [KeyedChunk, KeyedChunk, KeyedChunk]
    expect(
      show(planOf('reuse', chunks, evidence([one.keys.document.key, two.keys.bos.key, three.keys.document.key]))),
    ).toBe('d b! d')
    expect(show(planOf('reuse', chunks, evidence([two.keys.prefix.key])))).toBe('-never-built p! -never-built')
    expect(show(planOf('reuse', [one, three], evidence([one.keys.document.key, three.keys.prefix.key])))).toBe('d p!')
    expect(show(planOf('reuse', [three], evidence([three.keys.bos.key])))).toBe('b!')
    const poorer = (known: Evidence): unknown => planOf('reuse', [three], known).chunks[0]?.outcome
    expect(poorer(evidence([three.keys.bos.key]))).toMatchObject({ poorer: 'no-tail' })
    expect(poorer(evidence([three.keys.prefix.key]))).toMatchObject({ poorer: 'no-tail-nor-bos' })
  })

  it('computes what is missing in place, neighbours in one piece', () => {
    const chunks = documents(3).flat()
    expect(shape(planOf('reuse', chunks, evidence([])))).toBe('c3 c6 c2')
    expect(shape(planOf('reuse', chunks, evidence([chunks[1]?.keys.document.key ?? ''])))).toBe('c3 c2 r2 c2 c2')
    expect(planOf('reuse', chunks, evidence([])).chunks.map(({ start }) => start)).toEqual([3, 5, 7])
  })

  it('takes isolated variants only as reuse:bos', () => {
    const chunks = documents(2).flat()
    expect(show(planOf('reuse:bos', chunks, evidence(everyKey(chunks))))).toBe('b b')
    expect(
      show(
        planOf(
          'reuse:bos',
          chunks,
          evidence(
            chunks.map(({ keys }) => keys.document.key),
            { holders: new Map(chunks.map(({ digest }) => [digest, new Set([MODEL.fingerprint])])) },
          ),
        ),
      ),
    ).toBe('-other-context -other-context')
  })

  it('takes isolated variants only behind another first part than usual', () => {
    const chunks = documents(2).flat()
    expect(show(planOf('reuse', chunks, evidence(everyKey(chunks)), { prefix: [1, 2, 4] }))).toBe('b b')
  })

  it('takes the isolated variant where the document is longer than the context', () => {
    const small = { ...MODEL, contextLength: 6 }
    const chunks = keyedChunks(1, [[100, 7], [101, 7]], small)
    expect(chunks.map((chunk) => chunk.keys.documentFits)).toEqual([true, false])
    expect(show(planOf('reuse', chunks, evidence(everyKey(chunks)), { model: small }))).toBe('d b')
  })

  it('knows what full prefill would give: what has read all that stands before it', () => {
    const chunks = documents(3, 2).flat()
    const exact = (selected: readonly KeyedChunk[], known: Evidence): (string | boolean)[] => {
      const planned = planOf('reuse', selected, known)
      return [planned.chunks.map((chunk) => (chunk.exact ? 'e' : '-')).join(''), planned.exact]
    }
    const all = warm(chunks, chunks)
    expect(exact(chunks, all)).toEqual(['eee--', false])
    expect(exact(chunks.slice(0, 3), all)).toEqual(['eee', true])
    const gap = [chunks[0], chunks[2]].filter((chunk) => chunk !== undefined)
    expect(exact(gap, all)).toEqual(['e-', false])
    expect(exact(gap, warm(chunks, gap))).toEqual(['ee', true])
    // What is computed in place is exact as well.
    expect(exact(chunks.slice(0, 3), evidence([chunks[0]?.keys.document.key ?? '']))).toEqual(['e--', true])
    expect(exact([], all)).toEqual(['', true])
  })

  it('lets a variant\'s scores speak only where all it was computed behind is included', () => {
    const chunks = documents(3).flat()
    const [one, two, three] = chunks as [KeyedChunk, KeyedChunk, KeyedChunk]
    const scores = (strategy: string, selected: readonly KeyedChunk[], known: Evidence): (string | null)[] =>
      planOf(strategy, selected, known).chunks.map((chunk) => chunk.scores)
    const cold = evidence(everyKey(chunks))
    const whole = chunks.map(({ keys }) => keys.document.key)
    expect(scores('score:0.1', chunks, cold)).toEqual(whole)
    expect(scores('score:0.1:bos', chunks, cold)).toEqual(whole)
    expect(scores('score:0.1:bos', [one, three], cold)).toEqual([one.keys.document.key, null])
    expect(scores('score:0.1', [one, three], cold)).toEqual([one.keys.document.key, null])
    expect(scores('score:0.1', [one, three], warm(chunks, [one, three]))).toEqual([
      one.keys.document.key,
      ...tailKeys([one, three]),
    ])
    expect(scores('score:0.1', chunks, evidence([two.keys.bos.key]))).toEqual([null, null, null])
  })
})

describe('prefix', () => {
  it('walks from the start while the exact chain is cached', () => {
    const chunks = documents(3, 1).flat()
    const [one, two, three, four] = chunks as [KeyedChunk, KeyedChunk, KeyedChunk, KeyedChunk]
    const all = evidence(everyKey(chunks))
    const planned = planOf('prefix', chunks, all)
    // The second document's caches were not made behind the first one.
    expect(show(planned)).toBe('d d d -never-built')
    expect(shape(planned)).toBe('c3 r2 r2 r2 c2 c2')
    expect(show(planOf('prefix', [four, one], all))).toBe('d -never-built')
    expect(show(planOf('prefix', chunks, evidence([one.keys.document.key, three.keys.document.key])))).toBe(
      'd -never-built -not-in-prefix -not-in-prefix',
    )
    expect(show(planOf('prefix', [two, three], all))).toBe('-never-built -not-in-prefix')
    expect(show(planOf('prefix', [one, three], all))).toBe('d -never-built')
    expect(shape(planOf('prefix', chunks, evidence([])))).toBe('c3 c8 c2')
    // Nothing that is kept stands behind another document.
    const [first, , , other] = planOf('prefix', chunks, evidence([])).chunks
    expect([first?.wanted, other?.wanted]).toEqual([one.keys.document.key, null])
  })
})

describe('reasons of a miss', () => {
  const [chunk] = documents(1).flat() as [KeyedChunk]
  const miss = (more: Partial<Evidence>): string => show(planOf('reuse', [chunk], evidence([], more)))
  const mine = new Set([MODEL.fingerprint])
  const others = new Set(['b'.repeat(64)])

  it.each([
    ['-never-built', {}],
    ['-damaged', { setAside: new Set([chunk.keys.document.key]), holders: new Map([[chunk.digest, mine]]) }],
    ['-damaged', { setAside: new Set([chunk.keys.bos.key]) }],
    ['-other-context', { holders: new Map([[chunk.digest, mine]]) }],
    ['-evicted', { gone: new Map([[chunk.keys.bos.key, 'evicted']]), holders: new Map([[chunk.digest, mine]]) }],
    ['-removed', { gone: new Map([[chunk.keys.document.key, 'removed']]), earlier: new Map([[chunk.id, ['old']]]), holders: new Map([['old', mine]]) }],
    ['-never-built', { gone: new Map([['another', 'removed']]) }],
    ['-edited-text', { earlier: new Map([[chunk.id, ['old']]]), holders: new Map([['old', mine]]) }],
    ['-never-built', { earlier: new Map([[chunk.id, ['old']]]) }],
    ['-never-built', { earlier: new Map([[chunk.id, ['old']]]), holders: new Map([['old', others]]) }],
    ['-other-model', { holders: new Map([[chunk.digest, others]]) }],
    ['-other-model', { otherwiseCut: new Map([[1, ['x']]]), holders: new Map([['x', others]]) }],
    ['-never-built', { otherwiseCut: new Map([[2, ['x']]]), holders: new Map([['x', others]]) }],
  ] satisfies [string, Partial<Evidence>][])('%s from %o', (expected, more) => {
    expect(miss(more)).toBe(expected)
  })
})
