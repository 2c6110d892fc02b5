/** How the documents reach the model: one tab stop, arrows choose. */
import { strings } from '../strings'
import type { Strategy } from '../../shared/strategy'
import { strategyLabel, strategyText } from './strategy-label'

const CHOICES: readonly Strategy[] = [
  'reuse',
  'link:16',
  'mix:16+0.15',
  'blend:0.15',
  'auto',
  'prefix',
  'full',
  'reuse:bos',
]

interface Props {
  readonly value: Strategy
  readonly onChange: (value: Strategy) => void
}

export function StrategyPicker({ value, onChange }: Props) {
  return (
    <div className="line wrap strategies" role="radiogroup" aria-label={strings.ask.strategy}>
      <span className="dim" aria-hidden="true">
        {strings.ask.strategy}
      </span>
      {CHOICES.map((choice) => (
        <label key={choice} className="pill" title={strategyText(choice)}>
          <input
            type="radio"
            name="strategy"
            className="hidden-text"
            value={choice}
            checked={choice === value}
            onChange={() => onChange(choice)}
          />
          {strategyLabel(choice)}
        </label>
      ))}
    </div>
  )
}
