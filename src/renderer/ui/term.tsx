/** A word with its meaning: dotted underline, explained by a press, a key, or the pointer resting on it. */
import './term.css'
import { useId, type ReactNode } from 'react'
import { go } from '../shell/routes'
import { strings } from '../strings'
import type { TermName } from '../texts/en/home'

export type { TermName }

/** `children`: the word as it stands in the text; default the term's own. */
export function Term({ name, children }: { readonly name: TermName; readonly children?: ReactNode }) {
  const id = useId()
  const { word, text } = strings.glossary[name]
  return (
    <>
      <button type="button" className="term" popoverTarget={id} title={text}>
        {children ?? word}
        <span className="hidden-text">{strings.help.meaning}</span>
      </button>
      <span id={id} popover="auto" className="term-text" role="note" aria-label={word}>
        <b>{word}</b>
        {text}
        <button type="button" className="link" popoverTarget={id} popoverTargetAction="hide" onClick={() => go(`/help/${name}`)}>
          {strings.help.all}
        </button>
      </span>
    </>
  )
}
