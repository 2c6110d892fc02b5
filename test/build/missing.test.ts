import { describe, expect, it } from 'vitest'
import { includedChunks } from '../../src/main/build/included'
import type { KeyedChunk, KeyedDocument } from '../../src/main/build/knowledge'
import { missingRuns, runTokens, type EncodeRun } from '../../src/main/build/missing'
import { chunkState, joinStates, type Evidence } from '../../src/main/build/states'
import type { ModelIdentity } from '../../src/main/store/key'
import { evidenceOf, keyedChunks } from '../helpers/keyed-documents'

const MODEL: ModelIdentity = { fingerprint: 'a'.repeat(64), bos: [1], prefix: [1, 2], contextLength: 100 }

function documentOf(number: number, texts: readonly number[], model = MODEL): KeyedDocument {
  const row = {
    id: number,
    set: 1,
    source: '',
    format: 'text' as const,
    version: 1,
    versionRow: number,
    title: `D${number}`,
    bytes: 1,
    importedAt: '',
  }
  return { row, sections: [], chunks: keyedChunks(number, texts.map((token) => [token]), model) }
}

const show = (runs: readonly EncodeRun[]): string[] =>
  runs.map(
    ({ context, targets }) =>
      `${context.chain}+${context.before.map(({ chunk }) => chunk.tokens[0]).join('')}: ` +
      targets.map(({ chunk, kind }) => `${chunk.tokens[0]}${kind[0]}`).join(' '),
  )

const none = new Set<string>()

describe('missing runs', () => {
  it('encode a document front to back in one run, then its chunks alone', () => {
    const runs = missingRuns({
      documents: [documentOf(1, [11, 12, 13])],
      variants: ['document', 'bos'],
      available: none,
    })
    expect(show(runs)).toEqual(['prefix+: 11p 12d 13d', 'bos+: 11b', 'bos+: 12b', 'bos+: 13b'])
    expect(runs.map(runTokens)).toEqual([3, 1, 1, 1])
  })

  it('put what is cached already into the context', () => {
    const document = documentOf(1, [11, 12, 13, 14, 15])
    const key = (position: number): string => document.chunks[position]?.keys.document.key ?? ''
    const available = new Set([key(0), key(2)])
    expect(show(missingRuns({ documents: [document], variants: ['document'], available }))).toEqual([
      'prefix+11: 12d',
      'prefix+111213: 14d 15d',
    ])
  })

  it('compute equal texts once', () => {
    const runs = missingRuns({
      documents: [documentOf(1, [11, 12]), documentOf(2, [11, 12]), documentOf(3, [12])],
      variants: ['document', 'bos'],
      available: none,
    })
    expect(show(runs)).toEqual(['prefix+: 11p 12d', 'prefix+: 12p', 'bos+: 11b', 'bos+: 12b'])
  })

  it('make prefix variants where they are wanted', () => {
    expect(
      show(missingRuns({ documents: [documentOf(1, [11, 12])], variants: ['document', 'prefix'], available: none })),
    ).toEqual(['prefix+: 11p 12d', 'prefix+: 12p'])
  })

  it('make nothing behind more than the context holds', () => {
    const runs = missingRuns({
      documents: [documentOf(1, [11, 12, 13], { ...MODEL, contextLength: 4 })],
      variants: ['document', 'bos'],
      available: none,
    })
    expect(show(runs)).toEqual(['prefix+: 11p 12d', 'bos+: 11b', 'bos+: 12b', 'bos+: 13b'])
  })

  it('make only what is asked for', () => {
    const document = documentOf(1, [11, 12, 13])
    const only = new Set([document.chunks[1]?.keys.document.key ?? '', document.chunks[2]?.keys.bos.key ?? ''])
    expect(show(missingRuns({ documents: [document], variants: ['document', 'bos'], available: none, only }))).toEqual([
      'prefix+11: 12d',
      'bos+: 13b',
    ])
  })

  describe('of a selection with a gap', () => {
    const document = documentOf(1, [11, 12, 13, 14, 15])
    const take = (...positions: number[]): KeyedChunk[] =>
      document.chunks.filter(({ position }) => positions.includes(position))
    const own = new Set(document.chunks.flatMap(({ keys }) => [keys.bos.key, keys.document.key]))
    const missing = (selected: readonly KeyedChunk[], available: ReadonlySet<string>, only?: ReadonlySet<string>): string[] => {
      const selections = [includedChunks(MODEL, selected)]
      return show(missingRuns({ documents: [document], variants: ['document', 'bos'], selections, available, only }))
    }
    const key = (selected: readonly KeyedChunk[], at: number): string => includedChunks(MODEL, selected)[at]?.cache.key ?? ''

    it('encode the rest behind what is included, from its caches', () => {
      expect(missing(take(0, 1, 3, 4), own)).toEqual(['prefix+1112: 14t 15t'])
      expect(missing(take(1, 2, 4), own)).toEqual(['prefix+: 12t 13t 15t'])
      expect(missing(take(0, 2, 4), new Set([...own, key(take(0, 2), 1)]))).toEqual(['prefix+1113: 15t'])
      expect(missing(take(0, 1, 2), own)).toEqual([])
    })

    it('names what stands in front by its own chain', () => {
      const included = includedChunks(MODEL, take(0, 2, 4))
      const available = new Set([...own, included[1]?.cache.key ?? ''])
      const [run] = missingRuns({ documents: [document], variants: ['document'], selections: [included], available })
      expect(run?.context.before.map(({ cache }) => cache)).toEqual(included.slice(0, 2).map(({ cache }) => cache))
      expect(run?.targets.map(({ cache }) => cache)).toEqual([included[2]?.cache])
    })

    it('make only what a question missed, after what stands in front of it', () => {
      const selected = take(0, 2, 4)
      const wanted = new Set(includedChunks(MODEL, selected).map(({ cache }) => cache.key))
      expect(missing(selected, none, wanted)).toEqual(['prefix+: 11p', 'prefix+11: 13t 15t'])
      expect(missing(selected, none, new Set([key(selected, 2)]))).toEqual(['prefix+1113: 15t'])
    })

    it('of several selections: what they share is made once', () => {
      const selections = [take(0, 1, 3, 4), take(0, 1, 3), take(1, 2, 4)].map((each) => includedChunks(MODEL, each))
      const runs = missingRuns({ documents: [document], variants: ['document', 'bos'], selections, available: own })
      expect(show(runs)).toEqual(['prefix+1112: 14t 15t', 'prefix+: 12t 13t 15t'])
    })

    it('make nothing behind more than the context holds', () => {
      const model = { ...MODEL, contextLength: 4 }
      const small = documentOf(1, [11, 12, 13, 14], model)
      const included = includedChunks(model, small.chunks.filter(({ position }) => position !== 1))
      expect(show(missingRuns({ documents: [small], variants: ['document'], selections: [included], available: own }))).toEqual([
        'prefix+11: 13t',
      ])
    })

    it('are the isolated ones where a model has nothing in front', () => {
      const bare = { ...MODEL, bos: [], prefix: [] }
      const plain = documentOf(1, [11, 12, 13], bare)
      const included = includedChunks(bare, plain.chunks.slice(1))
      expect(show(missingRuns({ documents: [plain], variants: [], selections: [included], available: none }))).toEqual([
        'prefix+: 12b 13t',
      ])
    })
  })

  it('are none when all is there', () => {
    const document = documentOf(1, [11, 12])
    const available = new Set(document.chunks.flatMap(({ keys }) => [keys.bos.key, keys.document.key]))
    expect(missingRuns({ documents: [document], variants: ['document', 'bos'], available })).toEqual([])
  })
})

describe('states', () => {
  const [first, second] = documentOf(1, [11, 12]).chunks as [KeyedChunk, KeyedChunk]
  const evidence = evidenceOf
  const state = (known: Evidence): string => chunkState(second, MODEL.fingerprint, known)

  it('of a chunk', () => {
    expect(state(evidence([second.keys.document.key]))).toBe('cached')
    expect(state(evidence([second.keys.bos.key]))).toBe('partly')
    expect(state(evidence([first.keys.document.key]))).toBe('missing')
    const earlier = { earlier: new Map([[second.id, ['old']]]), holders: new Map([['old', new Set([MODEL.fingerprint])]]) }
    expect(state(evidence([], earlier))).toBe('stale')
    expect(state(evidence([], { ...earlier, gone: new Map([[second.keys.document.key, 'removed']]) }))).toBe('missing')
    const [, beyond] = documentOf(1, [11, 12], { ...MODEL, contextLength: 3 }).chunks as [KeyedChunk, KeyedChunk]
    expect(chunkState(beyond, MODEL.fingerprint, evidence([beyond.keys.bos.key]))).toBe('cached')
  })

  it('join', () => {
    expect(joinStates(['cached', 'cached'])).toBe('cached')
    expect(joinStates(['cached', 'missing'])).toBe('partly')
    expect(joinStates(['partly', 'stale'])).toBe('partly')
    expect(joinStates(['stale', 'missing'])).toBe('stale')
    expect(joinStates(['missing'])).toBe('missing')
    expect(joinStates([])).toBe('missing')
  })
})
