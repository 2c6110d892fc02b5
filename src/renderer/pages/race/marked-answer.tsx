/** An answer token by token; what full prefill's answer does not have is underlined and coloured, and said so. */
import { Fragment, memo } from 'react'
import type { LaneResult } from '../../../shared/race'
import { strings } from '../../strings'

const texts = strings.race

interface Run {
  readonly text: string
  readonly same: boolean
}

export const MarkedAnswer = memo(function MarkedAnswer({ answer }: { readonly answer: LaneResult['answer'] }) {
  const runs = runsOf(answer)
  if (answer.text.trim() === '') return <div className="answer dim">{strings.ask.empty}</div>
  return (
    <div className="answer plain" data-testid="answer">
      {runs.map(({ text, same }, at) =>
        same ? (
          text
        ) : (
          <Fragment key={at}>
            {blankOf(text)}
            <mark className="differs" title={texts.differs}>
              {text.slice(blankOf(text).length)}
            </mark>
          </Fragment>
        ),
      )}
    </div>
  )
})

/** The space before a word is no part of what differs. */
function blankOf(text: string): string {
  return text.slice(0, text.length - text.trimStart().length)
}

/** Tokens alike that follow each other; blanks at the ends of the answer are left out. */
function runsOf({ pieces, same, text }: LaneResult['answer']): Run[] {
  const runs: { text: string; same: boolean }[] = []
  for (const [at, piece] of pieces.entries()) {
    const isSame = same[at] ?? false
    const last = runs.at(-1)
    if (last?.same === isSame) last.text += piece
    else runs.push({ text: piece, same: isSame })
  }
  const [first] = runs
  if (first && /^\s/.test(text)) first.text = first.text.trimStart()
  return runs
}
