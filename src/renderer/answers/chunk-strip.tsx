/** One piece per chunk, as wide as its tokens, coloured by what became of it. One tab stop; arrows go through it. */
import { memo, useRef, useState, type KeyboardEvent } from 'react'
import type { ChunkTrace } from '../../shared/answer'
import type { NodeId } from '../../shared/knowledge'
import type { Strategy } from '../../shared/strategy'
import { strings } from '../strings'
import { chunkText, OUTCOMES, outcomeKind, recomputedTokens } from './outcome'
import { Term } from '../ui/term'

const texts = strings.strip
/** From here on pieces get small, so that some thousand fit. */
const MANY = 300
/** Marks of single tokens in one piece; more of them run together anyway. */
const MOST_MARKS = 60

interface Props {
  readonly chunks: readonly ChunkTrace[]
  readonly strategy: Strategy | null
  readonly looked: NodeId | null
  readonly onLook: (id: NodeId) => void
  /** Where there are several: whose chunks they are, in place of a heading. */
  readonly label?: string
}

export const ChunkStrip = memo(function ChunkStrip({ chunks, strategy, looked, onLook, label }: Props) {
  const [pointed, setPointed] = useState<NodeId | null>(null)
  const [stop, setStop] = useState(0)
  const root = useRef<HTMLDivElement>(null)
  const total = chunks.reduce((sum, { tokens }) => sum + tokens, 0)
  const shown = chunks.find(({ id }) => id === (pointed ?? looked))
  const at = Math.min(stop, chunks.length - 1)

  const onKeyDown = (event: KeyboardEvent): void => {
    const next = { ArrowRight: at + 1, ArrowLeft: at - 1, Home: 0, End: chunks.length - 1 }[event.key]
    if (next === undefined || !chunks[next]) return
    event.preventDefault()
    setStop(next)
    root.current?.querySelectorAll('button')[next]?.focus()
  }

  return (
    <section aria-label={label ?? texts.title}>
      {label === undefined && (
        <h3>
          <Term name="chunk">{texts.word}</Term>
          {texts.what}
        </h3>
      )}
      {chunks.length === 0 ? (
        <p className="dim">{texts.none}</p>
      ) : (
        <>
          <div
            className="strip"
            data-many={chunks.length > MANY}
            role="toolbar"
            aria-label={label ?? texts.title}
            ref={root}
            onKeyDown={onKeyDown}
            onMouseLeave={() => setPointed(null)}
          >
            {chunks.map((chunk, index) => (
              <button
                key={chunk.id}
                type="button"
                data-outcome={outcomeKind(chunk.outcome)}
                aria-label={chunkText(chunk, strategy)}
                aria-pressed={chunk.id === looked}
                tabIndex={index === at ? 0 : -1}
                data-again={chunk.recomputed.length > 0}
                style={styleOf(chunk, total)}
                onMouseEnter={() => setPointed(chunk.id)}
                onFocus={() => {
                  setStop(index)
                  setPointed(chunk.id)
                }}
                onBlur={() => setPointed(null)}
                onClick={() => onLook(chunk.id)}
              />
            ))}
          </div>
          <div className="caption dim" data-testid="caption">
            {shown ? chunkText(shown, strategy) : label === undefined && texts.hint}
          </div>
          <Legend chunks={chunks} />
        </>
      )}
    </section>
  )
})

/** Its width, and which of its tokens were computed again. */
function styleOf(chunk: ChunkTrace, total: number): React.CSSProperties {
  const width = { '--share': `${(chunk.tokens / total) * 90}%` }
  if (chunk.recomputed.length === 0) return width as React.CSSProperties
  const ranges = chunk.recomputed.length > MOST_MARKS ? [[0, recomputedTokens(chunk)] as const] : chunk.recomputed
  const stops = ranges.flatMap(([from, to]) => {
    const [left, right] = [(from / chunk.tokens) * 100, (to / chunk.tokens) * 100]
    return [`transparent ${left}%`, `var(--compute) ${left}%`, `var(--compute) ${right}%`, `transparent ${right}%`]
  })
  return { ...width, '--marks': `linear-gradient(90deg, ${stops.join(', ')})` } as React.CSSProperties
}

function Legend({ chunks }: { readonly chunks: readonly ChunkTrace[] }) {
  const tokens = (kind: string): number =>
    chunks.reduce((sum, chunk) => sum + (outcomeKind(chunk.outcome) === kind ? chunk.tokens : 0), 0)
  const again = chunks.reduce((sum, chunk) => sum + recomputedTokens(chunk), 0)
  return (
    <div className="legend dim">
      {OUTCOMES.filter((kind) => tokens(kind) > 0).map((kind) => (
        <span key={kind}>
          <span className="dot" data-outcome={kind} aria-hidden="true" /> {texts.legend(texts[kind], tokens(kind))}
        </span>
      ))}
      {again > 0 && (
        <span>
          <span className="dot" data-outcome="again" aria-hidden="true" /> {texts.legend(texts.again, again)}
        </span>
      )}
    </div>
  )
}
