/** Strategies in the page's words. */
import { isIsolated, strategySpec, type Strategy } from '../../shared/strategy'
import { strings } from '../strings'
import { percent } from '../ui/format'

/** "Reuse", "Link 16", "Blend 15 %", "Isolated". */
export function strategyLabel(strategy: Strategy): string {
  const spec = strategySpec(strategy)
  if (spec.name === 'reuse' && spec.bos) return strings.isolated.label
  const amounts = ['tokens' in spec ? String(spec.tokens) : '', 'ratio' in spec ? percent(spec.ratio) : '']
  const label = [strings.strategies[spec.name].label, amounts.filter(Boolean).join(' + ')].filter(Boolean).join(' ')
  return isIsolated(spec) ? strings.isolated.with(label) : label
}

export function strategyText(strategy: Strategy): string {
  const spec = strategySpec(strategy)
  return spec.name === 'reuse' && spec.bos ? strings.isolated.text : strings.strategies[spec.name].text
}
