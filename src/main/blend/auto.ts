/** The strategy `auto`: the cheapest that is faithful enough, and what follows where the first token is unsure. Pure. */
import type { CalibratedArm, Calibration } from '../../shared/calibration'
import type { Detail } from '../../shared/details'
import { parseStrategy, strategySpec, type StrategySpec } from '../../shared/strategy'

export interface Chosen {
  readonly strategy: StrategySpec
  /** For the trace. */
  readonly why: Detail
}

export interface ChooseInput {
  readonly calibration: Calibration | null
  /** Whether every cached chunk is what full prefill would compute. */
  readonly exact: boolean
  /** False where the model failed its check. */
  readonly trusted: boolean
  /** Most KL(full || strategy) per token that is accepted, nats. */
  readonly target: number
}

/** For models that nobody has measured: the method that its authors recommend. */
const UNCALIBRATED = strategySpec('link:16')
/** The rung between reuse and full where no calibrated arm is a `mix`. */
const MIX = strategySpec('mix:16+0.15')

export function chooseStrategy({ calibration, exact, trusted, target }: ChooseInput): Chosen {
  if (!trusted) {
    return {
      strategy: { name: 'full' },
      why: { id: 'auto.distrusted', params: {} },
    }
  }
  if (exact) {
    return {
      strategy: strategySpec('reuse'),
      why: { id: 'auto.exact', params: {} },
    }
  }
  if (!calibration) {
    return {
      strategy: UNCALIBRATED,
      why: { id: 'auto.uncalibrated', params: {} },
    }
  }
  const { questions } = calibration
  const arms = usableArms(calibration)
  const [cheapest] = arms.filter(({ arm }) => arm.klMean <= target)
  if (cheapest) {
    const { cost, klMean } = cheapest.arm
    return {
      strategy: cheapest.strategy,
      why: { id: 'auto.cheapest', params: { target, kl: klMean, cost, questions } },
    }
  }
  const closest = arms.toSorted((a, b) => a.arm.klMean - b.arm.klMean)[0]?.arm
  const near = closest ? { strategy: closest.strategy, kl: closest.klMean } : null
  return { strategy: { name: 'full' }, why: { id: 'auto.none', params: { target, closest: near, questions } } }
}

/** What is tried when the first token was less likely than it should be: reuse, then mix, then full. */
export function nextRung(tried: StrategySpec, calibration: Calibration): StrategySpec | null {
  if (tried.name === 'full') return null
  if (tried.name !== 'reuse' && tried.name !== 'prefix' && tried.name !== 'link') return { name: 'full' }
  const mixes = usableArms(calibration).filter(({ strategy }) => strategy.name === 'mix')
  return mixes.toSorted((a, b) => a.arm.klMean - b.arm.klMean)[0]?.strategy ?? MIX
}

interface UsableArm {
  readonly arm: CalibratedArm
  readonly strategy: StrategySpec
}

/** Cheaper than full prefill, cheapest first; controls are no choice. */
function usableArms({ arms }: Calibration): UsableArm[] {
  return arms
    .flatMap((arm): UsableArm[] => {
      const parsed = parseStrategy(arm.strategy)
      return parsed.ok && arm.cost < 1 ? [{ arm, strategy: parsed.spec }] : []
    })
    .filter(({ strategy }) => !['full', 'oracle', 'random', 'auto'].includes(strategy.name))
    .toSorted((a, b) => a.arm.cost - b.arm.cost)
}
