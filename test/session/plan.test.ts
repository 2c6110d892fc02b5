import { describe, expect, it } from 'vitest'
import { STRATEGIES, type Strategy } from '../../src/shared/answer'
import { tokenDigest } from '../../src/main/base/hash'
import type { KeyedChunk } from '../../src/main/build/knowledge'
import type { Evidence } from '../../src/main/build/states'
import { plan, type Plan } from '../../src/main/session/plan'
import { cacheKey, variantKeys, type ModelIdentity } from '../../src/main/store/key'

const MODEL: ModelIdentity = { fingerprint: 'a'.repeat(64), bos: [1], prefix: [1, 2, 3], contextLength: 1000 }
const TAIL = [90, 91]

/** Documents of so many chunks; chunk `p` of document `d` has the tokens `[d*100+p, 7]`. */
function documents(...sizes: number[]): KeyedChunk[][] {
  return sizes.map((size, index) => {
    const document = index + 1
    const plain = Array.from({ length: size }, (_, position) => {
      const tokens = [document * 100 + position, 7]
      return {
        id: `d${document}.s1.c${position + 1}`,
        document,
        section: 1,
        ordinal: position + 1,
        position,
        start: 0,
        end: 0,
        tokens,
        digest: tokenDigest(tokens),
        preview: '',
      }
    })
    const keys = variantKeys(MODEL, plain)
    return plain.map((chunk, position) => ({ ...chunk, keys: keys[position] as KeyedChunk['keys'] }))
  })
}

function evidence(available: readonly string[], more: Partial<Evidence> = {}): Evidence {
  return {
    available: new Set(available),
    setAside: new Set(),
    holders: new Map(),
    earlier: new Map(),
    otherwiseCut: new Map(),
    ...more,
  }
}

function planOf(strategy: Strategy, chunks: readonly KeyedChunk[], known: Evidence, prefix = MODEL.prefix): Plan {
  return plan({ strategy, model: MODEL, prefix, tail: TAIL, chunks, evidence: known })
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
          expect(segments.at(-1)).toEqual({ kind: 'compute', tokens: TAIL })
        }
      }
    }
  })

  it('has no empty segment, even without a prefix', () => {
    const bare = { ...MODEL, prefix: [], bos: [] }
    const { segments } = plan({
      strategy: 'full',
      model: bare,
      prefix: [],
      tail: TAIL,
      chunks: [],
      evidence: evidence([]),
    })
    expect(segments).toEqual([{ kind: 'compute', tokens: TAIL }])
  })
})

describe('full', () => {
  it('computes everything in one run and reuses nothing', () => {
    const chunks = documents(3).flat()
    const planned = planOf('full', chunks, evidence(everyKey(chunks)))
    expect(shape(planned)).toBe('c9 c2')
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

  it('falls back to poorer variants and says so', () => {
    const chunks = documents(3).flat()
    const [one, two, three] = chunks as [KeyedChunk, KeyedChunk, KeyedChunk]
    expect(
      show(planOf('reuse', chunks, evidence([one.keys.document.key, two.keys.bos.key, three.keys.document.key]))),
    ).toBe('d b! d')
    expect(show(planOf('reuse', chunks, evidence([two.keys.prefix.key])))).toBe('-never-built p! -never-built')
    expect(show(planOf('reuse', [one, three], evidence([one.keys.document.key, three.keys.prefix.key])))).toBe('d p!')
    expect(show(planOf('reuse', [three], evidence([three.keys.bos.key])))).toBe('b')
  })

  it('computes what is missing in place, chunk by chunk', () => {
    const chunks = documents(3).flat()
    expect(shape(planOf('reuse', chunks, evidence([])))).toBe('c3 c2 c2 c2 c2')
    expect(shape(planOf('reuse', chunks, evidence([chunks[1]?.keys.document.key ?? ''])))).toBe('c3 c2 r2 c2 c2')
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
    expect(show(planOf('reuse', chunks, evidence(everyKey(chunks)), [1, 2, 4]))).toBe('b b')
  })

  it('takes the isolated variant where the document is longer than the context', () => {
    const small = { ...MODEL, contextLength: 6 }
    const plain = documents(2).flat()
    const keys = variantKeys(small, plain)
    const chunks = plain.map((chunk, index) => ({ ...chunk, keys: keys[index] as KeyedChunk['keys'] }))
    expect(chunks.map((chunk) => chunk.keys.documentFits)).toEqual([true, false])
    expect(show(planOf('reuse', chunks, evidence(everyKey(chunks))))).toBe('d b')
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
    expect(shape(planOf('prefix', chunks, evidence([])))).toBe('c11 c2')
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
