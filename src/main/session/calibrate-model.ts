/** Calibration: what each strategy costs and keeps of full prefill on a model, for `auto` and for people. */
import type { Calibration } from '../../shared/calibration'
import type { LoadedModel } from '../../shared/engine'
import { WorkbenchError } from '../../shared/errors'
import type { JobProgress, JobStep } from '../../shared/jobs'
import { strategyText, type DeviationOf, type StrategySpec } from '../../shared/strategy'
import { suggestionsOf } from '../build/suggestions'
import type { KnowledgeSet } from '../documents/sets'
import { controlArms, plainArms, refinedArms, scanArms } from './calibrate/arms'
import { ANSWER_TOKENS, compareOn, type CalibrationServices } from './calibrate/compare'
import { chooseCheck, leastConfidence, summarise, type Measured } from './calibrate/figures'
import { probes, type Probe } from './calibrate/probes'
import type { OpenModel } from './models'

export interface CalibrationInput {
  readonly model: OpenModel
  readonly loaded: LoadedModel
  /** Whose documents are asked. */
  readonly set: KnowledgeSet
  /** How many questions. */
  readonly questions: number
  readonly signal: AbortSignal
  readonly onProgress?: (progress: JobProgress) => void
  /** A pause between two measurements, where one is wanted. */
  readonly checkpoint?: () => Promise<void>
}

/** Knowledge in one question at most: enough for chunks to matter, little enough for many questions. */
const MOST_TOKENS = 2048
/** Of a short context, what is left for the question with its template. */
const QUESTION_SHARE = 0.25

/**
 * Asks every question by full prefill and by every strategy: first without a chosen check layer, then at the one chosen.
 * Builds what the documents' caches lack; nothing else is stored.
 * @throws document.invalid when the set has nothing to ask of; cancelled; …
 */
export async function calibrateModel(
  services: CalibrationServices,
  input: CalibrationInput,
): Promise<Omit<Calibration, 'set'>> {
  const { loaded } = input
  const asked = await probesOf(services, input)
  const measured: Measured[] = []
  const [scan, controls] = [scanArms(loaded.layers), controlArms()]
  const first = [...plainArms(), ...scan, ...controls]
  const refined = (layer: number, by: DeviationOf): StrategySpec[] => (scan.length > 0 ? refinedArms(layer, by) : [])
  const total = asked.length * (first.length + refined(1, 'v').length)
  const ask = async (step: JobStep, specs: readonly StrategySpec[]): Promise<void> => {
    for (const probe of specs.length > 0 ? asked : []) {
      await input.checkpoint?.()
      const before = measured.length
      const report = (done: number): void => input.onProgress?.({ step, done: before + done, total })
      report(0)
      measured.push(...(await compareOn(services, { ...input, probe, specs, onProgress: report })))
    }
  }
  await ask({ code: 'comparing' }, first)
  const found = new Map(summarise(measured).map((arm) => [arm.strategy, arm]))
  const check = chooseCheck(
    scan.flatMap((spec) => {
      const arm = found.get(strategyText(spec))
      return arm ? [{ spec, arm }] : []
    }),
  )
  await ask({ code: 'blending', number: check.layer }, refined(check.layer, check.by))
  input.onProgress?.({ step: { code: 'calibrated' }, done: total, total })
  const isControl = new Set(controls.map(strategyText))
  const own = measured.filter(({ strategy }) => !isControl.has(strategy))
  return {
    questions: asked.length,
    checkLayer: check.layer,
    by: check.by,
    minConfidence: leastConfidence(own.flatMap(({ first }) => first ?? [])),
    arms: summarise(own),
    controls: summarise(measured.filter(({ strategy }) => isControl.has(strategy))),
    madeAt: new Date().toISOString(),
  }
}

/** @throws document.invalid */
async function probesOf({ knowledge }: CalibrationServices, input: CalibrationInput): Promise<Probe[]> {
  const { set, model, questions, signal } = input
  const { contextLength, prefix } = model.identity
  const room = Math.floor(contextLength * (1 - QUESTION_SHARE)) - prefix.length - ANSWER_TOKENS
  const documents = await knowledge.read(set.row, model, { signal })
  const made = probes(documents, {
    count: questions,
    questions: suggestionsOf(set, documents),
    mostTokens: Math.min(MOST_TOKENS, room),
    seed: set.name,
  })
  if (made.length > 0) return made
  throw new WorkbenchError(
    'document.invalid',
    {
      id: 'calibrate.no-documents',
      params: { set: set.name, context: contextLength, found: documents.length === 0 ? 'none' : 'none that do' },
    },
  )
}
