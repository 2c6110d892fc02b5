/** Whether a strategy may mix cached and fresh K/V on this model. Pure. */
import type { ModelVerdict } from '../../shared/calibration'
import { WorkbenchError } from '../../shared/errors'
import { strategyText, type StrategySpec } from '../../shared/strategy'

/** Whether parts of caches are computed again: what a model has to pass its check for. */
export function recomputesParts({ name }: StrategySpec): boolean {
  return name !== 'full' && name !== 'prefix' && name !== 'reuse' && name !== 'auto'
}

/** @throws model.gate-failed naming every check that failed */
export function assertMayBlend(strategy: StrategySpec, verdict: ModelVerdict | null, model: string): void {
  if (verdict === null || verdict.passed || !recomputesParts(strategy)) return
  const failed = verdict.checks.filter(({ result }) => result === 'failed')
  const what = failed.map(({ name, detail }) => `${name}: ${detail}`).join(' ')
  throw new WorkbenchError(
    'model.gate-failed',
    { id: 'gate.failed', params: { model, strategy: strategyText(strategy), device: verdict.device, failed: failed.map(({ name }) => name), what } },
  )
}
