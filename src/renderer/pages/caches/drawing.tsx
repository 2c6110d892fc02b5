/** A cache as a map of layers and tokens, held against full prefill; computed when there is little to compute, else when asked. */
import { useQuery } from '@tanstack/react-query'
import { useState } from 'react'
import type { CacheDetail, CacheDrawing, CachePlaneName } from '../../../shared/upkeep'
import { trpc } from '../../rpc/client'
import { strings } from '../../strings'
import { failureOf } from '../../ui/failure'
import { Notice } from '../../ui/notice'
import { HeatMap, type TokenRange } from './heat-map'
import { colourOf, scaleOf } from './heat-colours'

const texts = strings.drawing
/** So many tokens are computed without being asked. */
const SMALL = 4000
/** Digits of a key that tell two caches apart. */
const SHOWN_KEY = 8
/** Of the table that goes along with the picture. */
const MOST_WORDS = 3000

interface Props {
  readonly cache: CacheDetail
  readonly plane: CachePlaneName
  readonly question: string
  /** Says which one it is, beside another. */
  readonly isNamed?: boolean
}

export function Drawing({ cache, plane, question, isNamed = false }: Props) {
  const tokens = cache.tokens + (cache.front.kind === 'unknown' ? 0 : cache.front.tokens)
  const [isAsked, ask] = useState(tokens <= SMALL)
  const [range, setRange] = useState<TokenRange | null>(null)
  const [coarse, setCoarse] = useState<TokenRange | null>(null)
  // What comes in cells of one token each is cut here; cells of several are asked for anew.
  const options = { ...(question !== '' && { question }), ...(coarse && { from: coarse.from, to: coarse.to }) }
  const { data, error, isFetching } = useQuery(
    trpc.store.draw.queryOptions({ key: cache.key, options }, { enabled: isAsked && cache.copies.length > 0, staleTime: Infinity }),
  )
  const zoom = (next: TokenRange | null): void => {
    const mustAsk = data !== undefined && (data.tokensPerCell > 1 || coarse !== null)
    setRange(mustAsk ? null : next)
    setCoarse(mustAsk ? next : null)
  }
  return (
    <section className="cache-drawing" aria-label={isNamed ? `${strings.variantNames[cache.kind]} ${cache.key.slice(-SHOWN_KEY)}` : strings.cacheFacts.title}>
      {isNamed && (
        <p>
          <span className="cache-tag">{strings.variantNames[cache.kind]}</span> <span className="dim">{strings.joins.list(cache.profiles)}</span>
        </p>
      )}
      {error && <Notice failure={failureOf(error)} />}
      {!isAsked && (
        <p className="line">
          <button type="button" className="button" onClick={() => ask(true)}>
            {texts.draw}
          </button>
          <span className="dim">{texts.drawHint(tokens)}</span>
        </p>
      )}
      {isFetching && !data && (
        <p className="dim" role="status">
          {texts.drawing}
        </p>
      )}
      {data && <Drawn drawing={data} plane={plane} range={range} onZoom={zoom} isZoomed={range !== null || coarse !== null} />}
    </section>
  )
}

interface DrawnProps {
  readonly drawing: CacheDrawing
  readonly plane: CachePlaneName
  readonly range: TokenRange | null
  readonly onZoom: (range: TokenRange | null) => void
  readonly isZoomed: boolean
}

function Drawn({ drawing, plane, range, onZoom, isZoomed }: DrawnProps) {
  const { layers, from, to, tokensPerCell, texts: words } = drawing
  const shown = range ?? { from, to }
  const start = Math.floor((shown.from - from) / tokensPerCell)
  const end = Math.ceil((shown.to - from) / tokensPerCell)
  const values = drawing.planes[plane].map((layer) => layer.slice(start, end))
  const shownWords = words.slice(shown.from - from, shown.to - from)
  if (values.length === 0) return <p className="dim">{texts.questionHint}</p>
  const table = {
    columns: [texts.columns.token, texts.columns.text, ...values.map((_, layer) => `${texts.columns.layer} ${layer}`)],
    rows: (values[0] ?? []).map((_, cell) => [
      shown.from + cell * tokensPerCell,
      shownWords.slice(cell * tokensPerCell, (cell + 1) * tokensPerCell).join(''),
      ...values.map((layer) => layer[cell] ?? null),
    ]),
  }
  return (
    <>
      <HeatMap
        values={values}
        layers={layers}
        first={shown.from}
        last={shown.to}
        tokensPerCell={tokensPerCell}
        words={shownWords}
        plane={plane}
        isZoomed={isZoomed}
        onZoom={onZoom}
        table={table}
      />
      <p className="dim">
        {drawing.node !== null && texts.against(drawing.node, drawing.frontTokens, drawing.profile)}
        {tokensPerCell > 1 && ` · ${texts.cells(tokensPerCell)}`}
      </p>
      <Words words={shownWords.slice(0, MOST_WORDS)} values={values} tokensPerCell={tokensPerCell} plane={plane} />
    </>
  )
}

interface WordsProps {
  readonly words: readonly string[]
  readonly values: readonly (readonly number[])[]
  readonly tokensPerCell: number
  readonly plane: CachePlaneName
}

/** The text itself, each token on the colour of its mean over the layers. */
function Words({ words, values, tokensPerCell, plane }: WordsProps) {
  const cells = values[0]?.length ?? 0
  const means = Array.from({ length: cells }, (_, cell) => values.reduce((sum, layer) => sum + (layer[cell] ?? 0), 0) / values.length)
  const scale = scaleOf([means])
  return (
    <>
      <h3>{texts.textTitle}</h3>
      <p className="cache-drawn-text" dir="auto" tabIndex={0}>
        {words.map((word, at) => (
          <span key={at} style={{ boxShadow: `inset 0 -4px 0 ${colourOf(plane, scale.level(means[Math.floor(at / tokensPerCell)] ?? 0))}` }}>
            {word}
          </span>
        ))}
      </p>
    </>
  )
}
