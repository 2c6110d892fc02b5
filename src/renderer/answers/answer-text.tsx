/** An answer as it streams. Models write Markdown; nothing in it is fetched, linked or run. */
import { memo } from 'react'
import Markdown, { type Components } from 'react-markdown'
import { strings } from '../strings'
import { useStore } from '../ui/store'
import type { Lane } from './lane'

const texts = strings.ask

export function AnswerText({ lane }: { readonly lane: Lane }) {
  const text = useStore(lane, (state) => state.text)
  const phase = useStore(lane, (state) => state.phase)
  return (
    <>
      <div
        className={phase === 'streaming' ? 'answer caret' : 'answer'}
        data-testid="answer"
        aria-busy={phase === 'streaming'}
      >
        {text.trim() ? <Formatted text={text} /> : phase === 'done' ? <span className="dim">{texts.empty}</span> : null}
      </div>
      <Phase lane={lane} />
    </>
  )
}

/** Raw HTML is shown as text (react-markdown's way without plugins); pictures and links become their words. */
const Formatted = memo(function Formatted({ text }: { readonly text: string }) {
  return <Markdown components={SAFE}>{text}</Markdown>
})

const SAFE: Components = {
  img: ({ alt }) => <span className="dim">{texts.image(alt ?? '')}</span>,
  a: ({ children, href }) => (
    <span>
      {children} <span className="dim">({href})</span>
    </span>
  ),
}

function Phase({ lane }: { readonly lane: Lane }) {
  const phase = useStore(lane, (state) => state.phase)
  const progress = useStore(lane, (state) => state.progress)
  const words = {
    idle: '',
    waiting: texts.waiting,
    computing:
      progress && progress.done < progress.total ? texts.computing(progress.done, progress.total) : texts.opening,
    streaming: texts.streaming,
    done: '',
    stopped: texts.stopped,
    failed: '',
  }[phase]
  return (
    <div className="dim" role="status" data-testid="phase" data-phase={phase}>
      {words}
    </div>
  )
}
