/** What a report says of queries in a row: each arm as a whole, and block by block. */
import type { Arm } from './arms'
import type { NovelSetting } from './novel-set'
import type { ArmReport, BenchReport, NovelReport } from '../../shared/bench-report'
import { armReports, type Sample } from './samples'
import type { Slot } from './slots'
import { median } from './statistics'
import { pieces } from './token-knowledge'

const BLOCK = 50

export interface NovelSlot extends Slot {
  readonly arm: Extract<Arm, { kind: 'strategy' }>
  /** From 0. */
  readonly query: number
}

/** Queries of a block, the first and last of which are held against each other. */
export function blockOf(queries: number): number {
  return Math.min(BLOCK, Math.floor(queries / 2))
}

interface FiguresInput {
  readonly setting: NovelSetting
  readonly sampleOf: (slot: NovelSlot) => Sample
}

/** What a report says of the measurements. */
export function figuresOf(
  slots: readonly NovelSlot[],
  { setting, sampleOf }: FiguresInput,
): Required<Pick<BenchReport, 'arms' | 'novel'>> {
  const block = blockOf(setting.queries)
  const byArm = Map.groupBy(slots, ({ arm }) => arm.name)
  const fulls = new Map((byArm.get('full') ?? []).map((slot) => [slot.query, sampleOf(slot)]))
  const arms = [...byArm.keys()].map((name) => {
    const own = (byArm.get(name) ?? []).toSorted((a, b) => a.query - b.query)
    const beside = own.filter(({ query }) => fulls.has(query))
    const [, paired] = armReports([
      { name: 'full', samples: beside.map(({ query }) => fulls.get(query) as Sample) },
      { name, samples: beside.map(sampleOf) },
    ])
    const [all] = armReports([{ name, samples: own.map(sampleOf) }])
    const { ratioToFull, ratioInterval } = paired as ArmReport
    return { ...(all as ArmReport), ratioToFull, ratioInterval }
  })
  const strategies = [...byArm].filter(([name]) => name !== 'full')
  const { queries, documents, perQuery, documentTokens, questionTokens } = setting
  return {
    arms,
    novel: {
      queries,
      documents,
      perQuery,
      documentTokens,
      questionTokens,
      block,
      arms: strategies.map(([name, own]) => overTime(name, own, { block, fulls, sampleOf })),
    },
  }
}

function overTime(
  name: string,
  slots: readonly NovelSlot[],
  {
    block,
    fulls,
    sampleOf,
  }: Pick<FiguresInput, 'sampleOf'> & { readonly block: number; readonly fulls: ReadonlyMap<number, Sample> },
): NovelReport['arms'][number] {
  const inOrder = slots.toSorted((a, b) => a.query - b.query)
  const blocks = pieces(inOrder.keys().toArray(), block).map((places) => {
    const own = places.flatMap((at) => inOrder[at] ?? [])
    const samples = own.map(sampleOf)
    const [first = 0, last = 0] = [own[0]?.query, own.at(-1)?.query]
    const ttftMs = median(samples.map((one) => one.ttftMs))
    const rates = samples.map(({ reused = 0, knowledge }) => reused / knowledge)
    return {
      from: first + 1,
      to: last + 1,
      hitRate: rates.reduce((sum, rate) => sum + rate, 0) / rates.length,
      lowestHitRate: Math.min(...rates),
      ttftMs,
      ratioToFull: (fulls.get(first)?.ttftMs ?? Number.NaN) / ttftMs,
    }
  })
  const middle = (part: readonly NovelSlot[]): number => median(part.map((slot) => sampleOf(slot).ttftMs))
  const [firstMs, lastMs] = [middle(inOrder.slice(0, block)), middle(inOrder.slice(-block))]
  return { name, blocks, firstMs, lastMs, decay: lastMs / firstMs }
}
