/** Questions that suit the set. */
import { memo, useState } from 'react'
import type { Suggestion } from '../../../shared/knowledge'
import { strings } from '../../strings'

const texts = strings.ask
/** Until all are wanted. */
const SHOWN = 6

interface Props {
  readonly suggestions: readonly Suggestion[]
  readonly onPick: (suggestion: Suggestion) => void
}

export const Suggestions = memo(function Suggestions({ suggestions, onPick }: Props) {
  const [all, setAll] = useState(false)
  if (suggestions.length === 0) return null
  return (
    <div className="suggestions" role="group" aria-label={texts.suggestions}>
      {suggestions.slice(0, all ? undefined : SHOWN).map((suggestion) => (
        <button
          key={suggestion.question}
          type="button"
          className="pill"
          onClick={() => {
            setAll(false)
            onPick(suggestion)
          }}
        >
          {suggestion.question}
        </button>
      ))}
      {suggestions.length > SHOWN && (
        <button type="button" className="pill dim" aria-expanded={all} onClick={() => setAll(!all)}>
          {all ? texts.fewerSuggestions : texts.allSuggestions(suggestions.length)}
        </button>
      )}
    </div>
  )
})
