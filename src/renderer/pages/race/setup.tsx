/** What is raced: question, lanes, how often. */
import { Textarea } from '@mantine/core'
import { useState } from 'react'
import { MOST_REPETITIONS, type RaceLane } from '../../../shared/race'
import type { Selection, Suggestion } from '../../../shared/knowledge'
import type { Selected } from '../../../shared/outline'
import { shownKeys } from '../../shell/keys'
import { hrefTo } from '../../shell/routes'
import { strings } from '../../strings'
import { LaneFields } from './lane-fields'

const texts = strings.race
/** Suggestions, until all are wanted. */
const SHOWN = 4

export interface Draft {
  readonly question: string
  readonly lanes: readonly RaceLane[]
  readonly repetitions: number
  readonly warmUp: boolean
}

interface Props {
  readonly draft: Draft
  readonly onDraft: (change: Partial<Draft>) => void
  readonly setId: string
  readonly suggestions: readonly Suggestion[]
  readonly selected: Selected | undefined
  readonly onSelection: (selection: Selection) => void
  readonly ready: boolean
  readonly onStart: () => void
}

export function Setup({ draft, onDraft, setId, suggestions, selected, onSelection, ready, onStart }: Props) {
  const [all, setAll] = useState(false)
  return (
    <form
      className="setup"
      onSubmit={(event) => {
        event.preventDefault()
        onStart()
      }}
    >
      <Textarea
        aria-label={strings.ask.question}
        placeholder={strings.ask.placeholder}
        autosize
        minRows={1}
        maxRows={6}
        mt={6}
        value={draft.question}
        onChange={(event) => onDraft({ question: event.currentTarget.value })}
      />
      {suggestions.length > 0 && (
        <div className="suggestions" role="group" aria-label={strings.ask.suggestions}>
          {suggestions.slice(0, all ? undefined : SHOWN).map(({ question, include }) => (
            <button
              key={question}
              type="button"
              className="pill"
              onClick={() => {
                onDraft({ question })
                onSelection({ include: [...include], exclude: [] })
                setAll(false)
              }}
            >
              {question}
            </button>
          ))}
          {suggestions.length > SHOWN && (
            <button type="button" className="pill dim" aria-expanded={all} onClick={() => setAll(!all)}>
              {all ? strings.ask.fewerSuggestions : strings.ask.allSuggestions(suggestions.length)}
            </button>
          )}
        </div>
      )}
      <div className="line dim">
        <span>
          {selected &&
            (selected.chunks === 0 ? texts.nothingSelected : strings.ask.selected(selected.chunks, selected.cachedChunks))}
        </span>
        <a className="link" href={hrefTo(`/library/${setId}/race`)}>{texts.change}</a>
      </div>
      <LaneFields lanes={draft.lanes} onChange={(lanes) => onDraft({ lanes })} />
      <div className="line wrap actions">
        <button type="submit" className="button primary" disabled={!ready}>
          {texts.start}
        </button>
        <label className="line">
          {texts.repetitions}
          <input
            className="field number"
            type="number"
            min={1}
            max={MOST_REPETITIONS}
            value={draft.repetitions}
            onChange={({ currentTarget: { valueAsNumber } }) => {
              if (Number.isInteger(valueAsNumber)) onDraft({ repetitions: Math.min(MOST_REPETITIONS, Math.max(1, valueAsNumber)) })
            }}
          />
        </label>
        <label className="line" title={texts.warmUpHint}>
          <input
            type="checkbox"
            checked={draft.warmUp}
            onChange={({ currentTarget: { checked } }) => onDraft({ warmUp: checked })}
          />
          {texts.warmUp}
        </label>
        <span className="dim push wide">{texts.keys(shownKeys('mod+Enter'), shownKeys('mod+shift+F'))}</span>
      </div>
    </form>
  )
}
