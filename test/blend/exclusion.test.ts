/** Exclusion leaves no trace in any plan: random documents with shared texts, random selections with gaps, every strategy. */
import { describe, expect, it } from 'vitest'
import { tokenDigest, TokenChain } from '../../src/main/base/hash'
import { plan, type Plan } from '../../src/main/blend/plan'
import { includedChunks } from '../../src/main/build/included'
import type { KeyedChunk } from '../../src/main/build/knowledge'
import { cacheKey } from '../../src/main/store/key'
import { strategySpec } from '../../src/shared/strategy'
import { evidenceOf, keyedChunks, MODEL } from '../helpers/keyed-documents'
import { generator } from '../helpers/random'

const STRATEGIES = [
  'full',
  'prefix',
  'reuse',
  'reuse:bos',
  'link:2',
  'score:0.3',
  'score:0.3:bos',
  'mix:1+0.3',
  'blend:0.3',
  'blend:0.3:bos',
  'random:0.3',
  'oracle:0.3',
].map(strategySpec)
const ROUNDS = 300
/** Chunks have one token of these, so that documents share beginnings and texts stand in several places. */
const TEXTS = 6

type World = readonly (readonly number[])[]

const text = (random: (below: number) => number): number => 10 + random(TEXTS)

function randomWorld(random: (below: number) => number): World {
  return Array.from({ length: 1 + random(4) }, () => Array.from({ length: 1 + random(5) }, () => text(random)))
}

/** Which chunks are included, by document and position. */
type Selected = readonly (readonly boolean[])[]

function randomSelection(random: (below: number) => number, world: World): Selected {
  return world.map((document) => {
    const isLeftOut = random(4) === 0
    return document.map(() => !isLeftOut && random(3) > 0)
  })
}

const chunksOf = (world: World): KeyedChunk[][] =>
  world.map((texts, index) =>
    keyedChunks(
      index + 1,
      texts.map((token) => [token]),
    ),
  )

const selectedOf = (documents: readonly KeyedChunk[][], selected: Selected): KeyedChunk[] =>
  documents.flatMap((chunks, document) => chunks.filter((_, position) => selected[document]?.[position]))

/** Plans by every strategy, with all of the world's own caches built and, warm, this selection's as well. */
function plansOf(world: World, selected: Selected, isWarm: boolean): Plan[] {
  const documents = chunksOf(world)
  const chunks = includedChunks(MODEL, selectedOf(documents, selected))
  const own = documents.flat().flatMap(({ keys }) => [keys.bos.key, keys.prefix.key, keys.document.key])
  const tails = isWarm ? chunks.filter(({ kind }) => kind === 'tail').map(({ cache }) => cache.key) : []
  const evidence = evidenceOf([...own, ...tails], { tails: new Set(tails) })
  return STRATEGIES.map((strategy) =>
    plan({ strategy, model: MODEL, prefix: MODEL.prefix, tail: [90], chunks, evidence }),
  )
}

/** Every cache that there could be of these chunks: its key, and what stood in front. */
function chainsOf(documents: readonly KeyedChunk[][]): Map<string, readonly number[][]> {
  const chains = new Map<string, readonly number[][]>()
  const name = (front: readonly number[], before: readonly number[][], { digest }: KeyedChunk): void => {
    const chain = new TokenChain(front)
    for (const tokens of before) chain.append(tokens)
    chains.set(cacheKey(MODEL.fingerprint, chain.digest(), digest), before)
  }
  for (const chunks of documents) {
    for (const chunk of chunks) {
      name(MODEL.bos, [], chunk)
      const before = chunks.slice(0, chunk.position)
      for (let mask = 0; mask < 2 ** before.length; mask++)
        name(MODEL.prefix, before.filter((_, at) => mask & (1 << at)).map(({ tokens }) => [...tokens]), chunk)
    }
  }
  return chains
}

describe('random selections', () => {
  it('use, and take scores of, nothing that was computed behind a chunk that is left out', () => {
    const random = generator(1)
    let [behind, gaps] = [0, 0]
    for (let round = 0; round < ROUNDS; round++) {
      // Every chunk's text is its own, so that a chain tells which chunks are in it.
      const shape = randomWorld(random)
      let next = 100
      const world = shape.map((texts) => texts.map(() => next++))
      const selected = randomSelection(random, world)
      const documents = chunksOf(world)
      const chains = chainsOf(documents)
      const included = selectedOf(documents, selected)
      for (const isWarm of [false, true]) {
        for (const { chunks } of plansOf(world, selected, isWarm)) {
          for (const { chunk, key, scores, outcome } of chunks) {
            if (outcome.kind === 'hit' && (outcome.variant === 'tail' || outcome.variant === 'document')) {
              const before = included.filter(({ document, position }) => document === chunk.document && position < chunk.position)
              expect(chains.get(key ?? ''), `${round}: all of the document that is included`).toEqual(before.map(({ tokens }) => tokens))
            }
            for (const used of [key, scores]) {
              if (used === null) continue
              const chain = chains.get(used)
              expect(chain, `${round}: a key of no known chain`).toBeDefined()
              for (const tokens of chain ?? []) {
                const before = included.find(({ digest }) => digest === tokenDigest(tokens))
                expect(before, `${round}: ${chunk.id} has read ${tokens.join()}, which is left out`).toBeDefined()
                expect(before?.document).toBe(chunk.document)
                expect(before?.position).toBeLessThan(chunk.position)
                behind += 1
              }
            }
          }
          gaps += chunks.filter(({ outcome }) => outcome.kind === 'hit' && outcome.variant === 'tail').length
        }
      }
    }
    // Otherwise nothing was looked at.
    expect(behind).toBeGreaterThan(5000)
    expect(gaps).toBeGreaterThan(1000)
  })

  it('read the same caches whatever the excluded texts say, even where these are texts that are included elsewhere', () => {
    const random = generator(2)
    const used = (plans: readonly Plan[]): unknown =>
      plans.map(({ segments, exact, chunks }) => ({ segments, exact, scores: chunks.map(({ scores }) => scores) }))
    for (let round = 0; round < ROUNDS; round++) {
      const world = randomWorld(random)
      const selected = randomSelection(random, world)
      const other = world.map((texts, document) =>
        texts.map((token, position) => (selected[document]?.[position] ? token : text(random))),
      )
      for (const isWarm of [false, true]) {
        const before = used(plansOf(world, selected, isWarm))
        expect(used(plansOf(other, selected, isWarm)), `${round}: ${JSON.stringify([world, other, selected])}`).toEqual(before)
      }
    }
  })
})
