/** Whether the model fits: its weights and its context's K and V against the memory that is free now. */
import { useElementSize } from '@mantine/hooks'
import { useQuery } from '@tanstack/react-query'
import type { MemoryFit, ModelFit } from '../../../shared/models'
import { trpc } from '../../rpc/client'
import { strings } from '../../strings'
import { failureOf } from '../../ui/failure'
import { bytes, count } from '../../ui/format'
import { ChartFrame } from '../../ui/chart-frame'
import { Notice } from '../../ui/notice'

const texts = strings.models.fit
/** Other programs come and go. */
const REFRESH_MS = 10_000
const LEAST_WIDTH = 320
const BAR = 14
const ROW = 44

type Part = 'taken' | 'weights' | 'scratch' | 'kv'
const PARTS: readonly Part[] = ['taken', 'weights', 'scratch', 'kv']

export function Fit({ id }: { readonly id: string }) {
  const { data, error } = useQuery(trpc.models.fit.queryOptions({ model: id }, { refetchInterval: REFRESH_MS }))
  const { ref, width: measured } = useElementSize()
  const width = Math.max(LEAST_WIDTH, measured)
  if (error) return <Notice failure={failureOf(error)} />
  if (!data) return null
  const { columns } = texts
  const table = {
    columns: [columns.device, columns.total, columns.free, columns.tokens],
    rows: data.memory.map(({ device, totalBytes, freeBytes, tokens }) => [device, totalBytes, freeBytes, tokens]),
  }
  return (
    <ChartFrame title={texts.title(count(data.contextLength))} name={`${id}-memory`} table={table}>
      <div ref={ref}>
        <svg className="fit" viewBox={`0 0 ${width} ${data.memory.length * ROW + 18}`} role="presentation">
          {data.memory.map((memory, at) => (
            <Row key={memory.device} fit={data} memory={memory} at={{ y: at * ROW, width }} />
          ))}
          <Legend fit={data} y={data.memory.length * ROW + 12} />
        </svg>
      </div>
    </ChartFrame>
  )
}

function sizes({ weightBytes, scratchBytes, kvBytesPerToken, contextLength }: ModelFit, { totalBytes, freeBytes }: MemoryFit): Record<Part, number> {
  return { taken: totalBytes - freeBytes, weights: weightBytes, scratch: scratchBytes, kv: kvBytesPerToken * contextLength }
}

interface RowProps {
  readonly fit: ModelFit
  readonly memory: MemoryFit
  readonly at: { readonly y: number; readonly width: number }
}

function Row({ fit, memory, at: { y, width: whole } }: RowProps) {
  const size = sizes(fit, memory)
  const needed = PARTS.reduce((sum, part) => sum + size[part], 0)
  const scale = whole / Math.max(memory.totalBytes, needed)
  const end = memory.totalBytes * scale
  const fits =
    memory.tokens === 0
      ? texts.none
      : memory.tokens >= fit.contextLength
        ? texts.all(count(fit.contextLength))
        : texts.part(count(memory.tokens), count(fit.contextLength))
  const said = `${fits}${strings.joins.gap}${texts.free(bytes(memory.freeBytes), bytes(memory.totalBytes))}`
  const widths = PARTS.map((part) => size[part] * scale)
  const lefts = offsets(widths)
  return (
    <g transform={`translate(0 ${y})`}>
      <text x={0} y={11} className="fit-name">
        {shortened(texts.name(memory.device, memory.description), (whole - widthOf(said) - 16) / LATIN_PX)}
      </text>
      <text x={whole} y={11} textAnchor="end">
        {said}
      </text>
      <rect x={0} y={17} width={whole} height={BAR} className="fit-ground" />
      {PARTS.map((part, at) => (
        <rect key={part} x={lefts[at]} y={17} width={widths[at]} height={BAR} data-part={part} />
      ))}
      {needed > memory.totalBytes && (
        <>
          <rect x={end} y={17} width={whole - end} height={BAR} className="fit-over" />
          <line x1={end} x2={end} y1={14} y2={34} className="fit-end" />
        </>
      )}
    </g>
  )
}

function Legend({ fit, y }: { readonly fit: ModelFit; readonly y: number }) {
  const { weightBytes, scratchBytes, kvBytesPerToken, contextLength } = fit
  const words: Record<Part, string> = {
    weights: `${texts.weights} ${bytes(weightBytes)}`,
    kv: `${texts.kv} ${bytes(kvBytesPerToken * contextLength)}`,
    scratch: `${texts.scratch} ${bytes(scratchBytes)}`,
    taken: texts.taken,
  }
  const order: readonly Part[] = ['weights', 'scratch', 'kv', 'taken']
  const lefts = offsets(order.map((part) => widthOf(words[part]) + 30))
  return (
    <g>
      {order.map((part, at) => (
        <g key={part} transform={`translate(${lefts[at]} ${y})`}>
          <rect y={-8} width={8} height={8} data-part={part} />
          <text x={12}>{words[part]}</text>
        </g>
      ))}
    </g>
  )
}

/** Where each begins that stands behind the others. */
function offsets(widths: readonly number[]): number[] {
  let sum = 0
  return widths.map((width) => (sum += width) - width)
}

/** Of 11 px text, a little more than it takes. */
const LATIN_PX = 6
const HAN_PX = 11.5

function widthOf(text: string): number {
  const han = text.match(/[\u2e80-\uffef]/g)?.length ?? 0
  return han * HAN_PX + (text.length - han) * LATIN_PX
}

function shortened(text: string, most: number): string {
  return text.length <= most ? text : `${text.slice(0, Math.max(1, Math.floor(most) - 1))}…`
}
