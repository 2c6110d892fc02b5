/** Which lanes run: a strategy and where its caches come from, each. */
import { Plus, X } from 'lucide-react'
import { useState } from 'react'
import { MOST_LANES, type RaceLane } from '../../../shared/race'
import { parseStrategy, type Strategy } from '../../../shared/strategy'
import { ProfilePicker } from '../../answers/profile-picker'
import { strategyLabel, strategyText } from '../../answers/strategy-label'
import { strings } from '../../strings'
import { said } from '../../ui/failure'

const texts = strings.race
const LEAST_LANES = 2
const CHOICES: readonly Strategy[] = [
  'full',
  'reuse',
  'link:16',
  'score:0.15',
  'mix:16+0.15',
  'blend:0.15',
  'auto',
  'prefix',
  'reuse:bos',
  'oracle:0.15',
  'random:0.15',
]
const OTHER = 'other'

interface Props {
  readonly lanes: readonly RaceLane[]
  readonly onChange: (lanes: readonly RaceLane[]) => void
}

export function LaneFields({ lanes, onChange }: Props) {
  const replace = (at: number, lane: RaceLane): void => onChange(lanes.with(at, lane))
  return (
    <div className="line wrap lane-fields" role="group" aria-label={texts.lanes}>
      {lanes.map((lane, at) => (
        <div key={at} className="lane-field line">
          <span className="dim" aria-hidden="true">
            {at + 1}
          </span>
          <StrategyField lane={lane} number={at + 1} onChange={(strategy) => replace(at, { ...lane, strategy })} />
          {lane.strategy !== 'full' && (
            <ProfilePicker
              label={texts.profileOf(at + 1)}
              className="field"
              value={lane.profile}
              onChange={(profile) => replace(at, { ...lane, profile })}
            />
          )}
          <button
            type="button"
            className="icon"
            disabled={lanes.length <= LEAST_LANES}
            aria-label={texts.removeLane(at + 1)}
            title={texts.remove}
            onClick={() => onChange(lanes.toSpliced(at, 1))}
          >
            <X size={13} aria-hidden="true" />
          </button>
        </div>
      ))}
      <button
        type="button"
        className="button small"
        disabled={lanes.length >= MOST_LANES}
        onClick={() => onChange(withLane(lanes))}
      >
        <Plus size={12} aria-hidden="true" /> {texts.add}
      </button>
    </div>
  )
}

/** The next one that is not there yet. */
export function withLane(lanes: readonly RaceLane[]): readonly RaceLane[] {
  if (lanes.length >= MOST_LANES) return lanes
  const strategy = CHOICES.find((choice) => !lanes.some((lane) => lane.strategy === choice)) ?? 'reuse'
  return [...lanes, { strategy, profile: null }]
}

interface FieldProps {
  readonly lane: RaceLane
  readonly number: number
  readonly onChange: (strategy: Strategy) => void
}

/** One of the usual, or any other as it is written; what is no strategy is told and not taken over. */
function StrategyField({ lane, number, onChange }: FieldProps) {
  const [draft, setDraft] = useState<string | null>(null)
  const parsed = draft === null ? null : parseStrategy(draft)
  return (
    <>
      <select
        className="field"
        aria-label={texts.strategyOf(number)}
        title={strategyText(lane.strategy)}
        value={draft === null ? lane.strategy : OTHER}
        onChange={({ currentTarget: { value } }) => {
          setDraft(value === OTHER ? lane.strategy : null)
          if (value !== OTHER) onChange(value)
        }}
      >
        {[...new Set([...CHOICES, lane.strategy])].map((choice) => (
          <option key={choice} value={choice}>
            {strategyLabel(choice)}
          </option>
        ))}
        <option value={OTHER}>{texts.other}</option>
      </select>
      {draft !== null && (
        <input
          className="field written"
          aria-label={texts.formOf(number)}
          aria-invalid={parsed?.ok === false}
          title={parsed?.ok === false ? (said(parsed.said) ?? undefined) : undefined}
          value={draft}
          autoFocus
          onChange={({ currentTarget: { value } }) => {
            setDraft(value)
            if (parseStrategy(value).ok) onChange(value)
          }}
        />
      )}
      {parsed?.ok === false && (
        <span className="wrong" role="alert">
          {said(parsed.said)}
        </span>
      )}
    </>
  )
}
