/** What is drawn: which measure, and of which question. */
import { useState } from 'react'
import { CACHE_PLANES, type CachePlaneName } from '../../../shared/upkeep'
import { strings } from '../../strings'
import { Choice } from './filters'

const texts = strings.drawing

interface Props {
  readonly plane: CachePlaneName
  readonly onPlane: (plane: CachePlaneName) => void
  readonly question: string
  readonly onQuestion: (question: string) => void
}

export function MeasureBar({ plane, onPlane, question, onQuestion }: Props) {
  const [typed, setTyped] = useState(question)
  return (
    <form
      className="line wrap"
      onSubmit={(event) => {
        event.preventDefault()
        onQuestion(typed.trim())
      }}
    >
      <Choice
        label={texts.measure}
        value={plane}
        options={CACHE_PLANES.map((each): [string, string] => [each, strings.planeNames[each]])}
        onChange={(value) => onPlane(CACHE_PLANES.find((each) => each === value) ?? plane)}
      />
      <span className="dim cache-measure-hint">{strings.planeHints[plane]}</span>
      {plane === 'questionAttention' && (
        <>
          <input
            className="cache-field wide"
            value={typed}
            maxLength={2000}
            placeholder={texts.questionHint}
            aria-label={texts.question}
            onChange={(event) => setTyped(event.target.value)}
          />
          <button type="submit" className="button small" disabled={typed.trim() === '' || typed.trim() === question}>
            {texts.ask}
          </button>
        </>
      )}
    </form>
  )
}
