import { InvalidArgumentError, type Command } from 'commander'
import type { CalibratedArm, Calibration } from '../../shared/calibration'
import { wholeBetween } from './ask'
import { percent } from './figures'
import { followJob } from './follow-job'
import type { Run } from './run'
import { numbers, table, wrapped } from './table'

interface CalibrateOptions {
  readonly set?: string
  readonly questions?: number
  readonly target: number
}

const HELP = `
Every strategy answers the same questions as full prefill; its cost is its time to the first token over full prefill's, its KL
how far its next-token probabilities are from full prefill's along full prefill's own answer (nats), top-1 the share of
that answer's tokens that it would have chosen too. Two of three questions are asked of selections with gaps, all across
several documents. The questions are the set's suggested ones, else made up from its headings; without --set the sample's
documents and questions are used. What the set's caches lack is built first, as by "kvasir build".

oracle and random are controls: the tokens that deviate most over all layers, and tokens drawn by lot.

Examples:
  kvasir models calibrate demo
  kvasir models calibrate llama-3.2-1b-q4_0 --set Handbook --questions 48 --target 0.05`

const DEFAULT_TARGET = 0.02

/** `kvasir models calibrate` */
export function addCalibrateCommand(models: Command, run: Run): void {
  models
    .command('calibrate')
    .argument('<model>', "a model's id")
    .option('--set <set>', 'measure on this set and keep it for it (default: the sample, for any set)')
    .option('--questions <n>', 'how many questions (default: 24)', wholeBetween(1, 200))
    .option('--target <kl>', 'the KL that the table is judged by', positive, DEFAULT_TARGET)
    .description('measure what each strategy costs and keeps on a model, for the strategy auto')
    .addHelpText('after', HELP)
    .action(
      run(async (session, id: string, { set, questions, target }: CalibrateOptions) => {
        const { workbench, output } = session
        const job = await followJob(session, await workbench.models.calibrate(id, { set, questions }))
        const calibration = await workbench.models.calibration(id, set)
        output.result({ job, model: id, calibration })
        if (!calibration) return
        output.line(calibrationTable(calibration))
        output.line()
        const columns = process.stdout.columns as number | undefined
        for (const line of conclusions(calibration, target)) output.line(wrapped(line, columns, 2))
      }),
    )
}

/** Strategies, cheapest first, then the controls. */
export function calibrationTable({ arms, controls }: Calibration): string {
  const row = ({ strategy, cost, klMean, top1 }: CalibratedArm, remark: string, price = cost.toFixed(2)): string[] => [
    strategy,
    price,
    kl(klMean),
    percent(top1),
    remark,
  ]
  const beaten = (arm: CalibratedArm): string => {
    const better = betterThan(arm, arms)
    return better ? `no better than ${better.strategy}` : ''
  }
  return table(
    ['strategy', numbers('cost'), numbers('KL'), numbers('top-1'), ''],
    [
      ...arms.map((arm) => row(arm, beaten(arm))),
      // Finding the oracle's tokens costs more than full prefill.
      ...controls.map((arm) => row(arm, 'control', arm.strategy.startsWith('oracle') ? '-' : undefined)),
    ],
  )
}

/** What won and what lost, in sentences. */
export function conclusions({ arms, controls, checkLayer, by, minConfidence, questions }: Calibration, target: number): string[] {
  const winner = arms.find(({ klMean }) => klMean <= target)
  const best = arms.toSorted((a, b) => a.klMean - b.klMean)[0]
  const lost = arms.filter((arm) => betterThan(arm, arms))
  const control = (name: string): string => {
    const arm = controls.find(({ strategy }) => strategy.startsWith(`${name}:0.15`))
    return arm ? kl(arm.klMean) : 'not measured'
  }
  return [
    winner
      ? `Cheapest within KL ${target}: ${winner.strategy}, at ${percent(winner.cost)} of full prefill's time with KL ${kl(winner.klMean)}.`
      : `Nothing stays within KL ${target}` + (best ? `; ${best.strategy} comes closest with ${kl(best.klMean)}.` : '.'),
    (arms.some(({ strategy }) => strategy.startsWith('blend:'))
      ? `Blending chooses its tokens best at layer ${checkLayer} by ${by.toUpperCase()}. `
      : 'The model has one layer: blending has nowhere to check. ') +
      `At 15 % of the tokens, choosing by what full prefill itself would change (oracle) has KL ${control('oracle')}, drawing ` +
      `them by lot ${control('random')}.`,
    lost.length === 0
      ? 'Every strategy is the best at its price.'
      : `Paid for nothing (a cheaper one is as good): ${lost.map(({ strategy }) => strategy).join(', ')}.`,
    minConfidence > 0
      ? `First tokens less likely than ${percent(minConfidence)} were wrong more often than right.`
      : 'No bound of confidence had more wrong first tokens than right ones below it, so auto tries nothing twice here.',
    `Measured on ${questions} questions; so few say which strategies are far apart, not which of two close ones is better.`,
  ]
}

/** A strategy that costs no more and is at least as good, the cheapest of them. */
function betterThan(arm: CalibratedArm, arms: readonly CalibratedArm[]): CalibratedArm | undefined {
  return arms
    .slice(0, arms.indexOf(arm))
    .find((other) => other.cost <= arm.cost && other.klMean <= arm.klMean && other.top1 >= arm.top1)
}

function kl(value: number): string {
  return value < 0.00005 ? '0' : value.toFixed(4)
}

function positive(text: string): number {
  const value = Number(text)
  if (text.trim() !== '' && value > 0 && value <= 100) return value
  throw new InvalidArgumentError('Expected a number above 0, at most 100 (nats).')
}
