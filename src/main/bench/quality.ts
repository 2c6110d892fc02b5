/** What questions have shown of the arms that answered them. */
import { z } from 'zod'
import type { Arm } from './arms'
import type { ArmReport, Quality } from '../../shared/bench-report'
import { armReports, mean, sample, type Sample } from './samples'

const judgement = z.object({
  exactMatch: z.number(),
  f1: z.number(),
  rougeL: z.number(),
  klMean: z.number(),
  top1: z.number(),
})
type Judgement = z.infer<typeof judgement>

/** What one question has shown, by arm. An arm that was only timed has no judgement. `chosen`: what `auto` came to. */
export const answered = z.record(
  z.string(),
  z.object({ sample, judgement: judgement.optional(), text: z.string().optional(), chosen: z.string().optional() }),
)
export type Answered = z.infer<typeof answered>

export interface JudgedQuestion {
  readonly kind: string
  readonly tags: readonly string[]
  readonly answered: Answered
}

/** Times and qualities of every arm, over all questions, by their kind and by their tags. */
export function judgedArms(arms: readonly Pick<Arm, 'name'>[], questions: readonly JudgedQuestion[]): ArmReport[] {
  const samplesOf = (name: string): Sample[] => questions.flatMap((question) => question.answered[name]?.sample ?? [])
  const reports = armReports(arms.map(({ name }) => ({ name, samples: samplesOf(name) })))
  return reports.map((report) => {
    const judged = (from: readonly JudgedQuestion[]): Quality | undefined =>
      qualityOf(from.flatMap(({ answered }) => answered[report.name]?.judgement ?? []))
    const all = judged(questions)
    if (!all) return report
    const kinds = [...Map.groupBy(questions, ({ kind }) => kind)].map(([kind, own]) => [kind, judged(own)])
    const tags = [...new Set(questions.flatMap(({ tags }) => tags))].map((tag) => [
      tag,
      judged(questions.filter(({ tags }) => tags.includes(tag))),
    ])
    const chosen = Map.groupBy(
      questions.flatMap(({ answered }) => answered[report.name]?.chosen ?? []),
      (strategy) => strategy,
    )
    const counts = Object.fromEntries([...chosen].map(([strategy, all]) => [strategy, all.length]))
    return {
      ...report,
      ...all,
      byType: Object.fromEntries(kinds) as Record<string, Quality>,
      ...(tags.length > 0 && { byTag: Object.fromEntries(tags) as Record<string, Quality> }),
      ...(chosen.size > 0 && { chosen: counts }),
    }
  })
}

function qualityOf(questions: readonly Judgement[]): Quality | undefined {
  const average = (figure: (one: Judgement) => number): number => mean(questions.map(figure)) ?? Number.NaN
  if (questions.length === 0) return undefined
  return {
    n: questions.length,
    exactMatch: average(({ exactMatch }) => exactMatch),
    f1: average(({ f1 }) => f1),
    rougeL: average(({ rougeL }) => rougeL),
    klMean: average(({ klMean }) => klMean),
    top1: average(({ top1 }) => top1),
  }
}
