/** What a bench holds against what: strategies, and the baselines that are none. */
import { BENCH_DEFAULTS } from '../../shared/bench'
import { WorkbenchError } from '../../shared/errors'
import { parseStrategy, STRATEGY_FORMS, strategyText, type StrategySpec } from '../../shared/strategy'

export type Arm =
  /** Full prefill by libllama on the same file, in the same process. */
  | { readonly kind: 'libllama'; readonly name: 'libllama' }
  /** The question over a context that is in engine memory already: the ceiling of every strategy. */
  | { readonly kind: 'resident'; readonly name: 'resident' }
  /** The question without any knowledge: what a model is asked that knows it by heart. No arm to ask for. */
  | { readonly kind: 'question'; readonly name: 'question' }
  | { readonly kind: 'strategy'; readonly name: string; readonly spec: StrategySpec }

/** The kinds of bench that take arms. */
export type ArmedKind = 'shape' | 'suite' | 'novel'

interface ArmRules {
  /** Always measured, before the arms that are asked for. */
  readonly baselines: readonly string[]
  readonly usual: string
  /** Arms that this kind cannot measure, and why. */
  readonly refused: Readonly<Record<string, string>>
}

const RULES: Readonly<Record<ArmedKind, ArmRules>> = {
  shape: {
    baselines: ['full', 'libllama'],
    usual: BENCH_DEFAULTS.shape.arms,
    refused: { auto: 'it follows from the calibration of a real model; --kind suite has it' },
  },
  suite: {
    baselines: ['full', 'libllama'],
    usual: BENCH_DEFAULTS.suite.arms,
    refused: { resident: 'it is a matter of time alone; --kind shape has it' },
  },
  novel: {
    baselines: ['full'],
    usual: BENCH_DEFAULTS.novel.arms,
    refused: {
      libllama: 'it would be hours of what full stands for already',
      resident: 'every query has other documents, so that nothing is in memory from the last one',
      prefix: 'shuffled documents share no beginning',
      oracle: 'it needs a full prefill for every query',
      auto: 'it follows from the calibration of a real model; --kind suite has it',
    },
  },
}

/** The arms of `--arms`, the baselines of the kind first, each once. @throws `argument.invalid` */
export function parseArms(text: string | undefined, kind: ArmedKind): Arm[] {
  const { baselines, usual, refused } = RULES[kind]
  const names = [...baselines, ...(text ?? usual).split(',')].map((name) => name.trim())
  const arms = new Map<string, Arm>()
  for (const name of names) {
    const arm = parseArm(name)
    const head = arm.kind === 'strategy' ? arm.spec.name : arm.name
    if (Object.hasOwn(refused, head)) throw refuse(`--kind ${kind} cannot measure ${name}: ${refused[head]}.`)
    arms.set(arm.name, arm)
  }
  return [...arms.values()]
}

/** Whether an arm is full prefill by either engine. */
export function isBaseline({ name }: Arm): boolean {
  return name === 'full' || name === 'libllama'
}

/** The usual arms of a kind, for help. */
export function usualArms(kind: ArmedKind): string {
  return [...RULES[kind].baselines, RULES[kind].usual].join(',')
}

/** @throws `argument.invalid` where a strategy compares at a layer that the model has not */
export function assertLayers(arms: readonly Arm[], layers: number): void {
  for (const arm of arms) {
    const layer = arm.kind === 'strategy' && arm.spec.name === 'blend' ? (arm.spec.layer ?? 1) : null
    if (layer !== null && layer >= layers)
      throw refuse(
        `Expected a check layer of 1 to ${layers - 1}, since the model has ${layers} layers; got '${arm.name}'.`,
      )
  }
}

function parseArm(text: string): Arm {
  if (text === 'libllama' || text === 'resident') return { kind: text, name: text } as Arm
  const parsed = parseStrategy(text)
  if (parsed.ok) return { kind: 'strategy', name: strategyText(parsed.spec), spec: parsed.spec }
  const known = ['libllama', 'resident', ...STRATEGY_FORMS].some(
    (form) => form.split(/[:[ ]/)[0] === text.split(':')[0],
  )
  throw refuse(
    known
      ? `Expected arms apart by commas. ${parsed.problem}`
      : 'Expected arms apart by commas, each libllama, resident or a strategy ' +
        `(${STRATEGY_FORMS.join(', ')}); got '${text}'.`,
  )
}

function refuse(text: string): WorkbenchError {
  return new WorkbenchError('argument.invalid', text)
}
