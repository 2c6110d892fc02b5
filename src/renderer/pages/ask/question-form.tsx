/** The question, how to answer it, and the buttons. */
import { Textarea } from '@mantine/core'
import { useEffect, useRef, useState } from 'react'
import type { AskInput } from '../../../shared/answer'
import type { Selection, SetSummary, Suggestion } from '../../../shared/knowledge'
import type { Strategy } from '../../../shared/strategy'
import { connection } from '../../rpc/client'
import { strings } from '../../strings'
import { useStore } from '../../ui/store'
import type { Asking } from '../../answers/asking'
import type { Selected } from '../../knowledge/selection'
import { strategyText } from '../../answers/strategy-label'
import { StrategyPicker } from '../../answers/strategy-picker'

const texts = strings.ask
/** Suggestions, until all are wanted. */
const SHOWN = 6

interface Props {
  readonly asking: Asking
  readonly set: SetSummary
  readonly suggestions: readonly Suggestion[]
  readonly selection: Selection
  readonly selected: Selected
  readonly onSelection: (selection: Selection) => void
}

export function QuestionForm({ asking, set, suggestions, selection, selected, onSelection }: Props) {
  const [question, setQuestion] = useState('')
  const [strategy, setStrategy] = useState<Strategy>('reuse')
  const [all, setAll] = useState(false)
  const box = useRef<HTMLTextAreaElement>(null)
  const running = useStore(asking.state, (state) => state.running)
  // Asked without a connection, a question would wait unseen and be sent when it is least expected.
  const online = useStore(connection, ({ state }) => state !== 'lost')
  const ready = online && question.trim() !== ''

  const ask = (compare: boolean): void => {
    if (!ready) return
    const request: AskInput = { set: set.id, question: question.trim(), strategy, selection }
    void asking.ask(request, { compare })
  }
  useEffect(() => {
    const onKey = (event: KeyboardEvent): void => {
      if (event.key === 'Escape' && !event.defaultPrevented) asking.stop()
    }
    window.addEventListener('keydown', onKey)
    return () => window.removeEventListener('keydown', onKey)
  }, [asking])

  return (
    <form
      onSubmit={(event) => {
        event.preventDefault()
        ask(false)
      }}
    >
      <div className="line">
        <h2>{texts.title}</h2>
        <span className="dim">
          {selected.chunks === 0 ? texts.nothingSelected : texts.selected(selected.chunks, selected.cachedChunks)}
        </span>
      </div>
      <Textarea
        ref={box}
        aria-label={texts.question}
        placeholder={texts.placeholder}
        autosize
        minRows={2}
        maxRows={10}
        mt={4}
        value={question}
        onChange={(event) => setQuestion(event.currentTarget.value)}
        onKeyDown={(event) => {
          if (event.key !== 'Enter' || !(event.ctrlKey || event.metaKey)) return
          event.preventDefault()
          ask(false)
        }}
      />
      {suggestions.length > 0 && (
        <div className="suggestions" role="group" aria-label={texts.suggestions}>
          {suggestions.slice(0, all ? undefined : SHOWN).map((suggestion) => (
            <button
              key={suggestion.question}
              type="button"
              className="pill"
              onClick={() => {
                setQuestion(suggestion.question)
                onSelection({ include: [...suggestion.include], exclude: [] })
                setAll(false)
                box.current?.focus()
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
      )}
      <div className="line wrap" style={{ marginTop: 8 }}>
        <StrategyPicker value={strategy} onChange={setStrategy} />
        <span className="dim" style={{ flex: '1 1 240px' }}>
          {strategyText(strategy)}
        </span>
      </div>
      <div className="line" style={{ marginTop: 8 }}>
        <button type="submit" className="button primary" disabled={!ready}>
          {texts.ask}
        </button>
        <button type="button" className="button" disabled={!ready} onClick={() => ask(true)}>
          {texts.compare}
        </button>
        {running && (
          <button type="button" className="button" onClick={asking.stop}>
            {texts.stop}
          </button>
        )}
        <span className="dim push">{texts.shortcuts}</span>
      </div>
    </form>
  )
}
