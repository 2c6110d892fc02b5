/** Where an answer came from: chunks by the attention they got, and each word of the answer with its own. */
import { useQuery } from '@tanstack/react-query'
import { memo, useRef, useState, type KeyboardEvent } from 'react'
import type { ChunkTrace } from '../../../shared/answer'
import type { NodeId } from '../../../shared/knowledge'
import type { Provenance } from '../../../shared/provenance'
import { trpc } from '../../rpc/client'
import { useCommands } from '../../shell/commands'
import { strings } from '../../strings'
import { failureOf } from '../../ui/failure'
import { percent, ratio } from '../../ui/format'
import { Notice } from '../../ui/notice'

const texts = strings.sources
/** Chunks in the list; the rest got next to nothing. */
const SHOWN = 6
/** Words of an answer that are shown one by one. */
const MOST_WORDS = 400

interface Props {
  readonly query: number
  readonly chunks: readonly ChunkTrace[]
  readonly looked: NodeId | null
  readonly onLook: (id: NodeId) => void
}

export const Sources = memo(function Sources({ query, chunks, looked, onLook }: Props) {
  const [wanted, setWanted] = useState(false)
  const provenance = useQuery(trpc.provenance.queryOptions({ query }, { enabled: wanted, staleTime: Infinity }))
  const show = (): void => setWanted(true)
  useCommands([{ id: 'ask.sources', title: strings.askCommands.sources, disabled: wanted, run: show }])
  return (
    <section aria-label={texts.title} className="sources">
      <h3>{texts.title}</h3>
      {!wanted && (
        <div className="line wrap">
          <button type="button" className="button small" onClick={show}>
            {texts.show}
          </button>
          <span className="dim">{texts.hint}</span>
        </div>
      )}
      {wanted && provenance.isPending && (
        <p className="dim" role="status">
          {texts.working}
        </p>
      )}
      {provenance.error && <Notice failure={failureOf(provenance.error)} />}
      {provenance.data && <Shares provenance={provenance.data} chunks={chunks} looked={looked} onLook={onLook} />}
    </section>
  )
})

interface SharesProps extends Omit<Props, 'query'> {
  readonly provenance: Provenance
}

function Shares({ provenance, chunks, looked, onLook }: SharesProps) {
  const [word, setWord] = useState<number | null>(null)
  const places = new Map(chunks.map(({ id, document, section }) => [id, strings.strip.place(document, section)]))
  const placeOf = (at: number): string => places.get(provenance.chunks[at]?.id ?? '') ?? ''
  const shares = sharesOf(provenance, word)
  const most = Math.max(...shares.map(({ share }) => share), 1e-9)
  const rest = provenance.chunks.length - SHOWN
  return (
    <>
      <p className="dim">{texts.knowledge(percent(word === null ? provenance.knowledge : (provenance.tokens[word]?.knowledge ?? 0)))}</p>
      <ul className="shares">
        {shares.map(({ at, share, expected }) => {
          const id = provenance.chunks[at]?.id ?? ''
          const times = expected > 0 ? ratio(share / expected) : ''
          return (
            <li key={id}>
              <button
                type="button"
                aria-pressed={id === looked}
                onClick={() => onLook(id)}
              >
                <span className="clip">
                  <bdi>{placeOf(at)}</bdi>
                </span>
                <span className="share-track" aria-hidden="true">
                  <i style={{ width: `${(share / most) * 100}%` }} />
                </span>
                <span>{percent(share)}</span>
                <span className="dim">{texts.times(times)}</span>
              </button>
            </li>
          )
        })}
      </ul>
      {word === null && rest > 0 && <p className="dim">{texts.more(rest)}</p>}
      <Words provenance={provenance} placeOf={placeOf} word={word} onWord={setWord} />
      <p className="dim">{texts.caveat}</p>
    </>
  )
}

/** Of all words together, or of the pointed one. */
function sharesOf({ chunks, tokens }: Provenance, word: number | null): { at: number; share: number; expected: number }[] {
  const expectedOf = (at: number): number => chunks[at]?.expected ?? 0
  if (word !== null) return (tokens[word]?.top ?? []).map(({ chunk, share }) => ({ at: chunk, share, expected: expectedOf(chunk) }))
  return chunks
    .map(({ share, expected }, at) => ({ at, share, expected }))
    .toSorted((a, b) => b.share - a.share)
    .slice(0, SHOWN)
}

interface WordsProps {
  readonly provenance: Provenance
  readonly placeOf: (at: number) => string
  readonly word: number | null
  readonly onWord: (word: number | null) => void
}

/** One tab stop; arrows go through the words. The stronger a word looked at knowledge, the stronger its ground. */
function Words({ provenance: { tokens }, placeOf, word, onWord }: WordsProps) {
  const [stop, setStop] = useState(0)
  const root = useRef<HTMLDivElement>(null)
  const shown = tokens.slice(0, MOST_WORDS)
  const most = Math.max(...shown.map(({ knowledge }) => knowledge), 1e-9)
  const onKeyDown = (event: KeyboardEvent): void => {
    const next = { ArrowRight: stop + 1, ArrowLeft: stop - 1, Home: 0, End: shown.length - 1 }[event.key]
    if (next === undefined || !shown[next]) return
    event.preventDefault()
    setStop(next)
    root.current?.querySelectorAll('button')[next]?.focus()
  }
  return (
    <>
      <div
        className="words"
        role="toolbar"
        aria-label={texts.words}
        ref={root}
        onKeyDown={onKeyDown}
        onMouseLeave={() => onWord(null)}
      >
        {shown.map((token, at) => (
          <button
            key={at}
            type="button"
            tabIndex={at === stop ? 0 : -1}
            aria-pressed={at === word}
            aria-label={texts.token(token.text.trim() || '␣', strings.joins.groups(token.top.map(({ chunk, share }) => `${placeOf(chunk)} ${percent(share)}`)))}
            style={{ '--weight': `${Math.round((token.knowledge / most) * 70)}%` } as React.CSSProperties}
            onMouseEnter={() => onWord(at)}
            onFocus={() => {
              setStop(at)
              onWord(at)
            }}
            onBlur={() => onWord(null)}
          >
            {token.text.replaceAll('\n', '⏎')}
          </button>
        ))}
      </div>
      <p className="dim">{texts.wordsHint}</p>
    </>
  )
}
