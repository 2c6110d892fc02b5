/** A cache as a map of layers and tokens, held against full prefill, and its text on the colours of the map. */
import type { CacheDetail, CacheDrawing, CachePlaneName } from '../../../shared/upkeep'
import { strings } from '../../strings'
import type { DataTable } from '../../ui/export'
import { failureOf } from '../../ui/failure'
import { Notice } from '../../ui/notice'
import { colourOf, scaleOf, type Scale } from './heat-colours'
import { HeatMap, type TokenRange } from './heat-map'
import type { DrawingView } from './use-drawing'

const texts = strings.drawing
/** Digits of a key that tell two caches apart. */
const SHOWN_KEY = 8
/** Of the table that goes along with the picture. */
const MOST_WORDS = 3000

interface Props {
  readonly cache: CacheDetail
  readonly view: DrawingView
  readonly plane: CachePlaneName
  /** What it shares with another; null: its own. */
  readonly scale?: Scale | null
  /** Says which one it is, beside another. */
  readonly isNamed?: boolean
}

export function Drawing({ cache, view, plane, scale = null, isNamed = false }: Props) {
  const { data, error, isFetching, isAsked } = view
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
          <button type="button" className="button" onClick={view.ask}>
            {texts.draw}
          </button>
          <span className="dim">{texts.drawHint(view.tokens)}</span>
        </p>
      )}
      {isFetching && !data && (
        <p className="dim" role="status">
          {texts.drawing}
        </p>
      )}
      {data && <Drawn drawing={data} plane={plane} view={view} scale={scale} />}
    </section>
  )
}

interface DrawnProps extends Required<Pick<Props, 'plane' | 'view' | 'scale'>> {
  readonly drawing: CacheDrawing
}

function Drawn({ drawing, plane, view, scale }: DrawnProps) {
  const { layers, from, to, tokensPerCell, texts: words } = drawing
  const shown = view.range ?? { from, to }
  const values = shownValues(drawing, plane, shown)
  const shownWords = words.slice(shown.from - from, shown.to - from)
  if (values.length === 0) return <p className="dim">{texts.questionHint}</p>
  return (
    <>
      <HeatMap
        values={values}
        scale={scale ?? scaleOf(values)}
        layers={layers}
        first={shown.from}
        last={shown.to}
        tokensPerCell={tokensPerCell}
        words={shownWords}
        hue={plane}
        measure={strings.planeNames[plane]}
        isZoomed={view.isZoomed}
        onZoom={view.zoom}
        table={tableOf(values, { shown, tokensPerCell, words: shownWords })}
      />
      <p className="dim">
        {drawing.node !== null && texts.against(drawing.node, drawing.frontTokens, drawing.profile)}
        {tokensPerCell > 1 && ` · ${texts.cells(tokensPerCell)}`}
      </p>
      <Words words={shownWords.slice(0, MOST_WORDS)} values={values} tokensPerCell={tokensPerCell} plane={plane} />
    </>
  )
}

/** [layers][cells] of the tokens that are shown; empty where that was not measured. */
export function shownValues({ planes, from, tokensPerCell }: CacheDrawing, plane: CachePlaneName, shown: TokenRange): number[][] {
  const start = Math.floor((shown.from - from) / tokensPerCell)
  const end = Math.ceil((shown.to - from) / tokensPerCell)
  return planes[plane].map((layer) => layer.slice(start, end))
}

interface Cells {
  readonly shown: TokenRange
  readonly tokensPerCell: number
  readonly words: readonly string[]
}

/** What is behind a map: a row for each cell. */
export function tableOf(values: readonly (readonly number[])[], { shown, tokensPerCell, words }: Cells): DataTable {
  return {
    columns: [texts.columns.token, texts.columns.text, ...values.map((_, layer) => `${texts.columns.layer} ${layer}`)],
    rows: (values[0] ?? []).map((_, cell) => [
      shown.from + cell * tokensPerCell,
      words.slice(cell * tokensPerCell, (cell + 1) * tokensPerCell).join(''),
      ...values.map((layer) => layer[cell] ?? null),
    ]),
  }
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
