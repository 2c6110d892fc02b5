import type { Colors } from 'picocolors/types'
import type { ArmEstimate, Estimate } from '../../shared/estimate'
import { bytes, count, milliseconds, percent, several } from './figures'
import { numbers, table, wrapped } from './table'

/** What each strategy would cost and keep, and what that is told from. */
export function estimateReport(estimate: Estimate, paint: Colors): string {
  const { arms, knowledgeTokens, questionTokens } = estimate
  const rows = arms.map((arm) => [
    arm.strategy,
    arm.ttftMs === null ? '-' : `${arm.isRough ? '~' : ''}${milliseconds(arm.ttftMs)}`,
    arm.bytes === 0 ? '-' : bytes(arm.bytes),
    count(arm.computedTokens + arm.recomputedTokens),
    ...fidelityOf(arm),
    arm.refused === null ? remarkOf(arm) : paint.yellow('may not be used'),
  ])
  const columns = ['strategy', numbers('first token'), numbers('read'), numbers('computed'), numbers('top-1'), numbers('KL'), '']
  const refused = [...new Set(arms.flatMap(({ refused: why }) => why ?? []))]
  const total = `${several(knowledgeTokens, 'token')} of knowledge, ${count(questionTokens)} of question and template, on ${estimate.device}`
  const width = process.stdout.columns as number | undefined
  const remarks = [measuredText(estimate), calibrationText(estimate), ...refused]
  return [total, '', table(columns, rows), '', ...remarks.map((line) => wrapped(line, width, 2))].join('\n')
}

function fidelityOf({ fidelity }: ArmEstimate): [string, string] {
  if (!fidelity) return ['?', '?']
  if (fidelity.basis === 'exact') return ['exact', '0']
  return [percent(fidelity.top1), fidelity.klMean.toPrecision(2)]
}

function remarkOf({ chosen, isDominated }: ArmEstimate): string {
  if (chosen) return `would begin with ${chosen.strategy}`
  return isDominated ? 'something cheaper is as faithful' : ''
}

function measuredText({ measured, arms }: Estimate): string {
  const { queries, withCaches, builds } = measured
  const rough = arms.some(({ isRough }) => isRough) ? ' A time with ~ is rough: they did much less or much more.' : ''
  if (queries > 0) return `Times are told from ${several(queries, 'question')} on this model and device, ${count(withCaches)} with caches.${rough}`
  if (builds > 0) return `No question was answered on this model and device yet: times are told from how long ${several(builds, 'cache')} took to build, and those of reading caches are unknown.`
  return 'No question was answered on this model and device yet, so no time can be told.'
}

function calibrationText({ calibration, gate }: Estimate): string {
  const checked = { passed: '', failed: '', 'not checked': ' The model is not checked for mixing cached and fresh parts.' }[gate]
  if (!calibration) return `Not calibrated: what strategies keep is known only where they are exact. "kvasir models calibrate" measures it.${checked}`
  return `top-1 and KL were measured on ${several(calibration.questions, 'other question')} ${calibration.set === null ? 'for this model' : 'of this set'}.${checked}`
}
