/**
 * A race: the same question over the same selection, answered in two or more ways, one after the other, and held against
 * full prefill token by token. Answers are greedy, so that they can be compared.
 */
import { z } from 'zod'
import type { AnswerResult, MemoryReport } from './engine'
import { askRequest, type Answer, type EarlyEvent } from './answer'
import { profile } from './profile'
import type { JobState } from './workbench'
import { strategy, type Strategy } from './strategy'

export const MOST_LANES = 6
export const MOST_REPETITIONS = 9

export const raceLane = z.object({
  strategy,
  /** Caches are read in this profile alone; null: in the most faithful there is. */
  profile: profile.nullable().default(null),
})
export type RaceLane = z.infer<typeof raceLane>

export const raceRequest = z.object({
  /** Id or name of a set. */
  set: z.string().min(1),
  question: z.string().min(1).max(100_000),
  selection: askRequest.shape.selection,
  lanes: z
    .array(raceLane)
    .min(2)
    .max(MOST_LANES)
    .default([
      { strategy: 'full', profile: null },
      { strategy: 'reuse', profile: null },
    ]),
  /** The order of the lanes moves on by one each time; medians are shown. */
  repetitions: z.int().min(1).max(MOST_REPETITIONS).default(1),
  /** Every lane goes once up to its first token before it counts. */
  warmUp: z.boolean().default(true),
  /** Of `auto`: most KL(full || strategy) per token that is accepted, nats. */
  fidelity: askRequest.shape.fidelity,
  /** Of every answer at most. */
  maxTokens: z.int().min(1).max(2048).default(128),
})
export type RaceRequest = z.infer<typeof raceRequest>
export type RaceInput = z.input<typeof raceRequest>

/** What every lane found; the same for all. */
export interface RaceConditions {
  readonly model: string
  readonly device: string
  readonly threads: number
  /** Decoded caches that engine memory held before; no lane takes any from there or leaves any: all read files. */
  readonly memory: Pick<MemoryReport, 'bytes' | 'budgetBytes'>
}

export interface LaneRun {
  readonly repetition: number
  /** To its first token, and to its answer's end; ms from the request. */
  readonly ttftMs: number
  readonly totalMs: number
  readonly decodeTokensPerSecond: number | null
}

export interface LaneResult {
  /** What answered: `auto`'s choice, else the lane's own. */
  readonly strategy: Strategy
  readonly runs: readonly LaneRun[]
  /** Medians of the runs. */
  readonly ttftMs: number
  readonly totalMs: number
  readonly decodeTokensPerSecond: number | null
  /** Template, question, and what of the documents was computed, first or again. */
  readonly computedTokens: number
  /** Of the caches that it read, in the profile in which they were read. */
  readonly storedBytes: number
  /** Of one request, as the bench's table 1 has it, in no particular currency. */
  readonly cost: number
  /** The baseline's figure over this lane's: 4 means four times sooner or less. Null where this lane's is 0. */
  readonly versus: {
    readonly ttft: number
    readonly total: number
    readonly computed: number | null
    readonly cost: number | null
  }
  readonly answer: Pick<AnswerResult, 'text' | 'tokens' | 'pieces' | 'stop'> & {
    /** Whether each token stands in full prefill's answer, too, in the same order. */
    readonly same: readonly boolean[]
  }
  readonly agreement: {
    /** Tokens that stand in both answers in the same order, of the longer one's. */
    readonly share: number
    /** The first place where the answers differ, from 0; null where they do not. */
    readonly firstDifference: number | null
  }
  /** KL(full || lane) in nats along full prefill's own answer, teacher-forced: of each token, their mean and most. */
  readonly kl: {
    readonly tokens: readonly number[]
    readonly mean: number
    readonly max: number
    /** Whether its likeliest token is full prefill's, of each, and the share of those. */
    readonly agrees: readonly boolean[]
    readonly top1: number
  }
}

export interface RaceComparison {
  /** The lane that the others are held against: the first `full` one, else the first. */
  readonly baseline: number
  /** Full prefill's own answer, along which KL is measured; `ends`: its end is judged, too, as one token more. */
  readonly reference: Pick<AnswerResult, 'text' | 'tokens' | 'pieces'> & { readonly ends: boolean }
  /** What a machine and storage were taken to cost: per hour; per GB and month; and how many requests share a cache. */
  readonly prices: { readonly perHour: number; readonly perGbMonth: number; readonly requestsPerMonth: number }
  readonly lanes: readonly LaneResult[]
}

export type AwaitedJob = Pick<JobState, 'id' | 'kind' | 'subject' | 'title'>

/** As of a question, but that history knows nothing of it. */
export type LaneEvent = EarlyEvent | { readonly type: 'answer'; readonly answer: Answer }

/** `at`: ms from the race's start. */
export type RaceEvent = { readonly at: number } & (
  | {
      readonly type: 'begin'
      readonly request: RaceRequest
      /** Which lanes run in which order, by repetition. */
      readonly order: readonly (readonly number[])[]
    }
  /** Something else has the machine: a job, or another race (null). */
  | { readonly type: 'waiting'; readonly job: AwaitedJob | null }
  | { readonly type: 'conditions'; readonly conditions: RaceConditions }
  | { readonly type: 'warm-up'; readonly lane: number }
  | { readonly type: 'start'; readonly lane: number; readonly repetition: number }
  | { readonly type: 'lane'; readonly lane: number; readonly repetition: number; readonly event: LaneEvent }
  /** Lanes are being held against full prefill. */
  | { readonly type: 'comparing'; readonly done: number; readonly total: number }
  | { readonly type: 'compared'; readonly comparison: RaceComparison }
  /** The last one: the whole race is kept under this number. */
  | { readonly type: 'kept'; readonly id: number }
)

export interface RaceSummary {
  readonly id: number
  readonly runAt: string
  readonly set: string
  readonly setName: string
  readonly question: string
  readonly lanes: readonly RaceLane[]
  readonly repetitions: number
  readonly model: string
  /** `bestLane`, how much sooner than the baseline it was, and how much it agreed. */
  readonly best: { readonly lane: number; readonly ttft: number; readonly share: number; readonly klMean: number }
}

/** All that happened: the events in order with their times. */
export interface RaceRecord extends RaceSummary {
  readonly events: readonly RaceEvent[]
}

export function comparisonOf({ events }: Pick<RaceRecord, 'events'>): RaceComparison | null {
  for (const event of events) if (event.type === 'compared') return event.comparison
  return null
}

/** The soonest of those that agree most with full prefill, the baseline left out: what is wrong soon wins nothing. */
export function bestLane({ lanes, baseline }: Pick<RaceComparison, 'lanes' | 'baseline'>): number {
  const [best] = lanes
    .map(({ agreement, versus }, lane) => ({ lane, share: agreement.share, ttft: versus.ttft }))
    .filter(({ lane }) => lane !== baseline)
    .toSorted((a, b) => b.share - a.share || b.ttft - a.ttft)
  return best?.lane ?? baseline
}
