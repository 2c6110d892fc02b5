import { describe, expect, it } from 'vitest'
import { tokenDigest } from '../../src/main/base/hash'
import type { KeyedChunk, KeyedDocument } from '../../src/main/build/knowledge'
import { missingRuns, runTokens, type EncodeRun } from '../../src/main/build/missing'
import { chunkState, joinStates, type Evidence } from '../../src/main/build/states'
import { variantKeys, type ModelIdentity } from '../../src/main/store/key'

const MODEL: ModelIdentity = { fingerprint: 'a'.repeat(64), bos: [1], prefix: [1, 2], contextLength: 100 }

function documentOf(number: number, texts: readonly number[], model = MODEL): KeyedDocument {
  const plain = texts.map((text, position) => ({
    id: `d${number}.s1.c${position + 1}`,
    document: number,
    section: 1,
    ordinal: position + 1,
    position,
    start: 0,
    end: 0,
    tokens: [text],
    digest: tokenDigest([text]),
    preview: '',
  }))
  const keys = variantKeys(model, plain)
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
  return {
    row,
    sections: [],
    chunks: plain.map((chunk, index) => ({ ...chunk, keys: keys[index] as KeyedChunk['keys'] })),
  }
}

const show = (runs: readonly EncodeRun[]): string[] =>
  runs.map(
    ({ context, targets }) =>
      `${context.chain}+${context.before.map(({ tokens }) => tokens[0]).join('')}: ` +
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

  it('are none when all is there', () => {
    const document = documentOf(1, [11, 12])
    const available = new Set(document.chunks.flatMap(({ keys }) => [keys.bos.key, keys.document.key]))
    expect(missingRuns({ documents: [document], variants: ['document', 'bos'], available })).toEqual([])
  })
})

describe('states', () => {
  const [first, second] = documentOf(1, [11, 12]).chunks as [KeyedChunk, KeyedChunk]
  const evidence = (available: string[], more: Partial<Evidence> = {}): Evidence => ({
    available: new Set(available),
    setAside: none,
    holders: new Map(),
    earlier: new Map(),
    otherwiseCut: new Map(),
    ...more,
  })
  const state = (known: Evidence): string => chunkState(second, MODEL.fingerprint, known)

  it('of a chunk', () => {
    expect(state(evidence([second.keys.document.key]))).toBe('cached')
    expect(state(evidence([second.keys.bos.key]))).toBe('partly')
    expect(state(evidence([first.keys.document.key]))).toBe('missing')
    expect(
      state(
        evidence([], {
          earlier: new Map([[second.id, ['old']]]),
          holders: new Map([['old', new Set([MODEL.fingerprint])]]),
        }),
      ),
    ).toBe('stale')
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
