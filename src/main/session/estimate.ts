/** What each strategy would cost a question and keep of full prefill: the plans that `ask` would make, not carried out. */
import type { Calibration } from '../../shared/calibration'
import { sentence } from '../../shared/details'
import { toErrorData, type ErrorData } from '../../shared/errors'
import type { ArmEstimate, Estimate, EstimateRequest, Fidelity } from '../../shared/estimate'
import { isIsolated, strategySpec, strategyText, type StrategySpec } from '../../shared/strategy'
import type { Profile } from '../../shared/profile'
import { askRequest } from '../../shared/answer'
import { chooseStrategy } from '../blend/auto'
import { costOf, workOf, type CostChunk } from '../blend/cost'
import { assertMayBlend } from '../blend/gate'
import type { Plan } from '../blend/plan'
import { buildSpeeds, speedsOf } from '../store/query-records'
import type { AskServices } from './ask'
import { checkLayerOf, isKeptExactly, planQuery, profileFor } from './compose'
import { select, type AskInput, type Query } from './query'

/** What is offered where nothing was calibrated: everything's usual form. */
const USUAL: readonly StrategySpec[] = ['link:16', 'mix:16+0.15', 'blend:0.15'].map(strategySpec)
/** Offered whatever was calibrated: the one that computes least, and those that are exact. */
const LEAST = strategySpec('reuse')
const EXACT: readonly StrategySpec[] = ['prefix', 'full'].map(strategySpec)
const CONTROLS = new Set<StrategySpec['name']>(['oracle', 'random'])

/** @throws what `ask` throws before it plans: engine.context-too-long, not-found, … */
export async function estimate(
  services: AskServices,
  request: EstimateRequest,
  input: Pick<AskInput, 'set' | 'model' | 'signal'>,
): Promise<Estimate> {
  const { set, selection, history, profile, fidelity } = request
  // A template's tokens are counted with any question; one that says nothing adds next to none.
  const question = request.question.trim() === '' ? '?' : request.question
  const query = await select(services.knowledge, {
    ...input,
    request: askRequest.parse({ set, question, selection, history, profile, fidelity }),
  })
  const { fingerprint } = query.model.identity
  const verdict = services.measured.verdict(fingerprint, query.handle.device)
  const calibration = services.measured.calibration(fingerprint, query.set.id)
  const speeds = speedsOf(services.store.sql, query.model.summary.id, query.handle.device)
  const builds = buildSpeeds(services.store.sql, fingerprint)
  const plans = new Plans(services, query)
  const measure = (spec: StrategySpec): ArmEstimate => {
    const refused = refusalOf(() => {
      assertMayBlend(spec, verdict, query.model.summary.id)
      checkLayerOf(query, spec, calibration)
    })
    return armOf(query, spec, { ...plans.of(spec), calibration, speeds, builds, refused })
  }
  const specs = specsOf(calibration, request.strategies.map(strategySpec))
  const { plan: reused } = plans.of(strategySpec('reuse'))
  const exact = reused.exact && isKeptExactly(services, query, reused)
  const chosen = chooseStrategy({ calibration, exact, trusted: verdict?.passed !== false, target: fidelity })
  const auto = measure(chosen.strategy)
  const arms = specs.map(measure)
  const priceOf = pricing(arms)
  return {
    arms: [
      ...arms
        .map((arm) => ({ ...arm, isDominated: isDominated(arm, arms, priceOf) }))
        // Stable: what costs the same stays in the order of what it computes by nature.
        .toSorted((a, b) => priceOf(a) - priceOf(b)),
      { ...auto, strategy: 'auto', chosen: { strategy: auto.strategy, why: sentence(chosen.why), said: chosen.why } },
    ],
    knowledgeTokens: query.knowledgeTokens,
    questionTokens: query.prefix.length + query.tail.length,
    device: query.handle.device,
    measured: { queries: speeds.length, withCaches: speeds.filter(({ loaded }) => loaded > 0).length, builds: builds.length },
    calibration: calibration && { set: calibration.set, questions: calibration.questions, madeAt: calibration.madeAt },
    gate: verdict === null ? 'not checked' : verdict.passed ? 'passed' : 'failed',
  }
}

/** What coding takes from caches: of the answer's probabilities, and of their likeliest tokens. */
type Loss = Pick<Fidelity, 'klMean' | 'top1'>
const NO_LOSS: Loss = { klMean: 0, top1: 1 }

interface Planned {
  readonly plan: Plan
  /** Of the files that would be read. */
  readonly bytes: number
  /** Null: nobody has measured it. */
  readonly loss: Loss | null
}

/** Plans by what they depend on: several strategies differ in what is computed again only. */
class Plans {
  readonly #services: AskServices
  readonly #query: Query
  readonly #made = new Map<string, Planned>()

  constructor(services: AskServices, query: Query) {
    this.#services = services
    this.#query = query
  }

  of(spec: StrategySpec): Planned {
    const name = spec.name === 'full' || spec.name === 'prefix' ? spec.name : `reuse ${isIsolated(spec)}`
    const made = this.#made.get(name)
    if (made) return made
    const plan = planQuery(this.#services, this.#query, spec)
    const profile = profileFor(this.#query, spec)
    const read = new Map<string, { readonly bytes: number; readonly profile: Profile }>()
    const copies = this.#services.store.copies([...new Set(plan.chunks.flatMap(({ key }) => key ?? []))])
    for (const copy of copies) if ((profile === null || copy.profile === profile) && !read.has(copy.key)) read.set(copy.key, copy)
    const bytes = plan.chunks.reduce((sum, { key }) => sum + (read.get(key ?? '')?.bytes ?? 0), 0)
    const planned = { plan, bytes, loss: this.#lossOf(new Set([...read.values()].map((copy) => copy.profile))) }
    this.#made.set(name, planned)
    return planned
  }

  /** The most that one of them costs. */
  #lossOf(profiles: ReadonlySet<Profile>): Loss | null {
    const { fingerprint } = this.#query.model.identity
    let most = NO_LOSS
    for (const profile of profiles) {
      const loss = profile === 'f16' ? NO_LOSS : this.#services.store.codebooks.current(fingerprint, profile)
      if (!loss) return null
      if (loss.klMean > most.klMean) most = loss
    }
    return most
  }
}

interface Known extends Planned {
  readonly calibration: Calibration | null
  readonly speeds: Parameters<typeof costOf>[1]
  readonly builds: readonly number[]
  readonly refused: ErrorData | null
}

function armOf(query: Query, spec: StrategySpec, { plan, bytes, loss, calibration, speeds, builds, refused }: Known): ArmEstimate {
  const chunks = plan.chunks.map(({ chunk, key, exact }): CostChunk => ({ tokens: chunk.tokens.length, cached: key !== null, exact }))
  const reused = chunks.reduce((sum, { tokens, cached }) => sum + (cached ? tokens : 0), 0)
  const computed = query.knowledgeTokens - reused + query.tail.length
  const { layers } = query.model.summary
  const checkLayer = refused === null ? checkLayerOf(query, spec, calibration) : 1
  const work = workOf(spec, { chunks, computed, layers, checkLayer })
  const cost = costOf({ work: work.tokens, loaded: reused }, speeds, builds)
  const strategy = strategyText(spec)
  return {
    strategy,
    chosen: null,
    ttftMs: cost?.ms ?? null,
    isRough: cost?.isRough ?? false,
    bytes,
    reusedTokens: reused,
    recomputedTokens: work.recomputed,
    computedTokens: computed + query.prefix.length,
    fidelity: fidelityOf(spec, { plan, calibration, loss, isNamed: query.request.profile !== null }),
    refused: refused && refused.message,
    ...(refused?.detail && { refusal: refused.detail }),
    isDominated: false,
  }
}

interface Kept extends Pick<Known, 'plan' | 'calibration' | 'loss'> {
  /** Whether a profile was asked for; else caches are read as they were when the strategies were calibrated. */
  readonly isNamed: boolean
}

/** Of the strategy, and of the coding of what it reads: to a first approximation the two add up. */
function fidelityOf(spec: StrategySpec, { plan, calibration, loss, isNamed }: Kept): Fidelity | null {
  const exact: Fidelity = { ...NO_LOSS, basis: 'exact' }
  if (spec.name === 'full') return exact
  const isExact = spec.name === 'prefix' || plan.exact
  const arm = isExact ? NO_LOSS : calibration?.arms.find(({ strategy }) => strategy === strategyText(spec))
  if (!arm) return null
  const coding = isExact || isNamed ? loss : NO_LOSS
  if (!coding) return null
  if (isExact && coding.klMean === 0) return exact
  return { klMean: arm.klMean + coding.klMean, top1: arm.top1 * coding.top1, basis: 'calibrated' }
}

/** Of a calibration every form that `auto` could take, `blend` where it checks best; without one the usual forms. */
function specsOf(calibration: Calibration | null, more: readonly StrategySpec[]): StrategySpec[] {
  const calibrated = calibration?.arms.map(({ strategy }) => strategySpec(strategy)).filter((spec) => suits(spec, calibration))
  const all = [LEAST, ...(calibrated ?? USUAL), ...more, ...EXACT].filter(({ name }) => !CONTROLS.has(name) && name !== 'auto')
  return [...new Map(all.map((spec) => [strategyText(spec), spec])).values()]
}

function suits(spec: StrategySpec, { checkLayer, by }: Calibration): boolean {
  if (isIsolated(spec)) return false
  return spec.name !== 'blend' || ((spec.layer ?? checkLayer) === checkLayer && spec.by === by)
}

function isDominated(arm: ArmEstimate, arms: readonly ArmEstimate[], priceOf: (arm: ArmEstimate) => number): boolean {
  const { fidelity } = arm
  if (!fidelity) return false
  return arms.some(
    (other) =>
      other !== arm &&
      other.refused === null &&
      other.fidelity !== null &&
      priceOf(other) < priceOf(arm) &&
      other.fidelity.klMean <= fidelity.klMean,
  )
}

/** By time where that is known of all, else by what is computed. */
function pricing(arms: readonly ArmEstimate[]): (arm: ArmEstimate) => number {
  const isTimed = arms.every(({ ttftMs }) => ttftMs !== null)
  return ({ ttftMs, computedTokens, recomputedTokens }) => (isTimed && ttftMs !== null ? ttftMs : computedTokens + recomputedTokens)
}

function refusalOf(check: () => void): ErrorData | null {
  try {
    check()
    return null
  } catch (error) {
    return toErrorData(error)
  }
}

