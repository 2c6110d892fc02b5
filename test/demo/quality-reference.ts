/** What PyTorch makes of the demo suite's short questions (`models/demo/quality.py` wrote it), and the bench held against it. */
import { readFileSync } from 'node:fs'
import { resolve } from 'node:path'
import { expect } from 'vitest'
import { runSuiteBench } from '../../src/main/bench/kinds/suite'
import { spread } from '../../src/main/bench/suite-file'
import type { ArmReport, BenchReport } from '../../src/shared/bench-report'
import { testEngine } from '../helpers/engine'
import { tempFolder } from '../helpers/temp-folder'

export const SUITE = resolve(import.meta.dirname, '../suites/demo.jsonl')
export const MODEL = resolve(import.meta.dirname, '../../models/demo/demo.gguf')

/** Questions with contexts of up to 250 tokens; the reference has every second one. */
export const TAG = '0.25K'
/** Points of exact match between this engine and PyTorch. */
export const MAX_DIFFERENCE = 0.02
/** Nats per token: both round to f16, not in the same order of sums. */
export const MAX_KL_DIFFERENCE = 0.01
/** Of the KL, where that is more: where strategies go far from full prefill, a few questions make up the mean. */
const MAX_KL_SHARE = 0.1

export interface ReferenceArm {
  readonly name: string
  readonly base: 'full' | 'variants' | 'first-query' | 'isolated'
  /** Share of the knowledge tokens. */
  readonly recomputed: number
  /** Nats per token by kind of question. */
  readonly kl: Readonly<Record<string, number>>
  /** A digit per question, 1 where the answer is right. */
  readonly right: string
}

interface Reference {
  /** Id, kind, first digits of the digest of the prompt's tokens. */
  readonly questions: readonly (readonly [string, string, string])[]
  readonly arms: readonly ReferenceArm[]
}

export const reference = JSON.parse(
  readFileSync(resolve(import.meta.dirname, 'quality.json'), 'utf8'),
) as Reference

/** Arms that one run of the bench can measure: with caches behind gaps, or as a selection's first question finds it. */
export function armsOf({ tails }: { readonly tails: boolean }): ReferenceArm[] {
  const bases = tails ? ['full', 'variants', 'isolated'] : ['full', 'first-query']
  return reference.arms.filter(({ base }) => bases.includes(base))
}

export interface Held {
  readonly names?: readonly string[]
  /** Spread over the suite; default all. */
  readonly questions?: number
  readonly tails: boolean
}

/** Runs the bench and expects PyTorch's exact match of every arm. */
export async function holdBench({ names, questions = reference.questions.length, tails }: Held): Promise<void> {
  await using folder = await tempFolder()
  await using engine = testEngine()
  const arms = armsOf({ tails }).filter(({ name, base }) => base === 'full' || !names || names.includes(name))
  const { report } = await runSuiteBench(
    { engine, dataDir: folder.file('data'), version: '0' },
    {
      suite: SUITE,
      model: { name: 'demo', path: MODEL },
      arms: arms.map(({ name }) => name).join(','),
      tag: TAG,
      questions,
      tails,
      maxTokens: 16,
      threads: 1,
      device: 'cpu',
      command: 'test',
    },
  )
  expect(arms.length).toBeGreaterThanOrEqual(names ? names.length + 1 : 2)
  holdReport(report, arms)
}

/** Expects PyTorch's exact match, and its KL where all questions were asked, within the named differences. */
export function holdReport({ arms: reports, suite }: Pick<BenchReport, 'arms' | 'suite'>, arms: readonly ReferenceArm[]): void {
  const count = suite?.questions ?? 0
  const asked = spread([...reference.questions.keys()], count)
  // Of a hundred questions two are more than two points: one more of those asked may differ where they are few.
  const most = MAX_DIFFERENCE + (count < reference.questions.length ? 1 / count : 0)
  for (const arm of arms) {
    const report = reports.find(({ name }) => name === arm.name)
    const right = asked.filter((at) => arm.right[at] === '1').length / asked.length
    expect(Math.abs((report?.exactMatch ?? Number.NaN) - right), `exact match of ${arm.name}`).toBeLessThanOrEqual(most)
    if (count === reference.questions.length && report)
      expect(Math.abs((report.klMean ?? Number.NaN) - klOf(arm)), `KL of ${arm.name}`).toBeLessThanOrEqual(
        Math.max(MAX_KL_DIFFERENCE, MAX_KL_SHARE * klOf(arm)),
      )
    expect(recomputedShare(report), `recomputed by ${arm.name}`).toBeCloseTo(arm.recomputed, count === reference.questions.length ? 2 : 1)
  }
}

/** Mean over the questions; kinds have one number of questions each. */
function klOf({ kl }: ReferenceArm): number {
  const kinds = reference.questions.map(([, kind]) => kl[kind] ?? Number.NaN)
  return kinds.reduce((sum, figure) => sum + figure, 0) / kinds.length
}

function recomputedShare(report: ArmReport | undefined): number {
  const tokens = report?.tokens
  return tokens ? (tokens.recomputed ?? 0) / tokens.knowledge : Number.NaN
}
