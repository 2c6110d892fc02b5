/** One strategy of a query, and what came of it. */
import type { AnswerResult, Composition } from '../../shared/engine'
import type { Calibration } from '../../shared/calibration'
import type { Detail } from '../../shared/details'
import type { StrategySpec } from '../../shared/strategy'
import type { Plan } from '../blend/plan'
import type { Lease } from '../store/store'

export interface Rung {
  readonly strategy: StrategySpec
  /** Why it was chosen; null where it was asked for. */
  readonly why: Detail | null
  /** The next rung is tried where the first token is less likely. */
  readonly minConfidence: number
  readonly calibration: Calibration | null
  /** When the one before it was given up, ms from the query's start; 0 for the first. */
  readonly startMs: number
}

/** At the first token. Times in ms from the query's start. */
export interface Begun {
  readonly rung: Rung
  readonly planned: Plan
  readonly files: Lease['files']
  readonly result: Composition
  /** When the engine was called. */
  readonly calledMs: number
}

export interface Composed extends Begun {
  readonly result: AnswerResult
  readonly endMs: number
}
