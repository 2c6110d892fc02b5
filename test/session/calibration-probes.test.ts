/** What a calibration asks, and of what. */
import { describe, expect, it } from 'vitest'
import type { KeyedChunk, KeyedDocument } from '../../src/main/build/knowledge'
import { probes, type Probe } from '../../src/main/session/calibrate/probes'
import type { Suggestion } from '../../src/shared/knowledge'

function document(id: number, chunks: number, tokensEach = 10): KeyedDocument {
  return {
    row: { id, title: `Document ${id}` } as KeyedDocument['row'],
    sections: [{ title: `Document ${id}` }, { title: 'Costs' }] as unknown as KeyedDocument['sections'],
    chunks: Array.from(
      { length: chunks },
      (_, position) =>
        ({ id: `d${id}.s${position === 0 ? 1 : 2}.c${Math.max(1, position)}`, document: id, position, section: position === 0 ? 1 : 2, tokens: Array(tokensEach).fill(1) }) as unknown as KeyedChunk,
    ),
  }
}

const options = { count: 12, questions: [], mostTokens: 1000, seed: 'set1' }
const tokens = ({ chunks }: Probe): number => chunks.reduce((sum, chunk) => sum + chunk.tokens.length, 0)

/** Whether some document's chunk is left out in front of an included one. */
function hasGap({ chunks }: Probe): boolean {
  return [...Map.groupBy(chunks, (chunk) => chunk.document).values()].some((own) => own.some(({ position }, at) => position !== at))
}

const ofAll = (question: string): Suggestion => ({ question, include: [] })

describe('probes', () => {
  const documents = [document(1, 6), document(2, 1), document(3, 9)]

  it('are the same for the same set, others for another', () => {
    expect(probes(documents, options)).toEqual(probes(documents, options))
    expect(probes(documents, options)).not.toEqual(probes(documents, { ...options, seed: 'set2' }))
  })

  it('take several documents; every third as they are, the others with gaps', () => {
    for (const [index, probe] of probes(documents, options).entries()) {
      expect(new Set(probe.chunks.map((chunk) => chunk.document)).size).toBe(3)
      expect(hasGap(probe)).toBe(index % 3 !== 0)
      expect(probe.tails).toBe(index % 3 !== 1)
    }
  })

  it('keep the chunks in reading order, none twice', () => {
    const order = documents.flatMap(({ chunks }) => chunks)
    for (const { chunks } of probes(documents, options)) {
      expect(chunks.map((chunk) => order.indexOf(chunk))).toEqual(chunks.map((chunk) => order.indexOf(chunk)).toSorted((a, b) => a - b))
      expect(new Set(chunks).size).toBe(chunks.length)
    }
  })

  it('hold the chunk that a made-up question is about', () => {
    for (const { question, chunks } of probes(documents, options)) {
      const [, title, section] = /^What does "(.+?)" say(?: about "(.+)")?\?/.exec(question)!
      const about = chunks.filter((chunk) => `Document ${chunk.document}` === title)
      expect(about.some((chunk) => (chunk.section === 2) === (section === 'Costs'))).toBe(true)
    }
  })

  it("ask the set's own questions, in turn, where it has some", () => {
    const asked = probes(documents, { ...options, count: 5, questions: [ofAll('A?'), ofAll('B?')] }).map(({ question }) => question)
    expect(asked).toEqual(['A?', 'B?', 'A?', 'B?', 'A?'])
  })

  it('ask of what a question is suggested with, where that fits', () => {
    const include = documents.flatMap(({ chunks }) => chunks.slice(2, 4)).map(({ id }) => id)
    const questions = [{ question: 'A?', include }]
    const [whole, ...gaps] = probes(documents, { ...options, count: 3, questions })
    expect(whole?.chunks.map(({ id }) => id)).toEqual(include)
    for (const { chunks } of gaps) {
      expect(chunks.length).toBeLessThan(include.length)
      expect(include).toEqual(expect.arrayContaining(chunks.map(({ id }) => id)))
    }
    const [short] = probes(documents, { ...options, count: 1, questions, mostTokens: tokens(whole!) - 1 })
    expect(short?.chunks.map(({ id }) => id)).not.toEqual(include)
  })

  it('fit into the room, and leave half of it to others than a long document', () => {
    const long = [document(1, 50), document(2, 50)]
    for (const probe of probes(long, { ...options, mostTokens: 100, count: 9 })) {
      expect(tokens(probe)).toBeLessThanOrEqual(100)
      expect(new Set(probe.chunks.map((chunk) => chunk.document)).size).toBe(2)
    }
  })

  it('are none where there is nothing to ask of', () => {
    expect(probes([document(1, 0)], options)).toEqual([])
    expect(probes([document(1, 3, 99)], { ...options, mostTokens: 10 })).toEqual([])
  })
})
