/** Whether the model fits: its weights and its context's K and V against the memory that is free now. */
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
const WIDTH = 640
const BAR = 14
const ROW = 44

type Part = 'taken' | 'weights' | 'scratch' | 'kv'
const PARTS: readonly Part[] = ['taken', 'weights', 'scratch', 'kv']

export function Fit({ id }: { readonly id: string }) {
  const { data, error } = useQuery(trpc.models.fit.queryOptions({ model: id }, { refetchInterval: REFRESH_MS }))
  if (error) return <Notice failure={failureOf(error)} />
  if (!data) return null
  const { columns } = texts
  const table = {
    columns: [columns.device, columns.total, columns.free, columns.tokens],
    rows: data.memory.map(({ device, totalBytes, freeBytes, tokens }) => [device, totalBytes, freeBytes, tokens]),
  }
  return (
    <ChartFrame title={texts.title(count(data.contextLength))} name={`${id}-memory`} table={table}>
      <svg className="fit" viewBox={`0 0 ${WIDTH} ${data.memory.length * ROW + 18}`} role="presentation">
        {data.memory.map((memory, at) => (
          <Row key={memory.device} fit={data} memory={memory} y={at * ROW} />
        ))}
        <Legend fit={data} y={data.memory.length * ROW + 12} />
      </svg>
    </ChartFrame>
  )
}

function sizes({ weightBytes, scratchBytes, kvBytesPerToken, contextLength }: ModelFit, { totalBytes, freeBytes }: MemoryFit): Record<Part, number> {
  return { taken: totalBytes - freeBytes, weights: weightBytes, scratch: scratchBytes, kv: kvBytesPerToken * contextLength }
}

function Row({ fit, memory, y }: { readonly fit: ModelFit; readonly memory: MemoryFit; readonly y: number }) {
  const size = sizes(fit, memory)
  const needed = PARTS.reduce((sum, part) => sum + size[part], 0)
  const scale = WIDTH / Math.max(memory.totalBytes, needed)
  const end = memory.totalBytes * scale
  const said =
    memory.tokens === 0
      ? texts.none
      : memory.tokens >= fit.contextLength
        ? texts.all(count(fit.contextLength))
        : texts.part(count(memory.tokens), count(fit.contextLength))
  let x = 0
  return (
    <g transform={`translate(0 ${y})`}>
      <text x={0} y={11} className="fit-name">
        {texts.name(memory.device, memory.description).slice(0, 48)}
      </text>
      <text x={WIDTH} y={11} textAnchor="end">
        {said} {texts.free(bytes(memory.freeBytes), bytes(memory.totalBytes))}
      </text>
      <rect x={0} y={17} width={WIDTH} height={BAR} className="fit-ground" />
      {PARTS.map((part) => {
        const width = size[part] * scale
        const left = x
        x += width
        return <rect key={part} x={left} y={17} width={width} height={BAR} data-part={part} />
      })}
      {needed > memory.totalBytes && (
        <>
          <rect x={end} y={17} width={WIDTH - end} height={BAR} className="fit-over" />
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
  return (
    <g>
      {order.map((part, at) => (
        <g key={part} transform={`translate(${at * 165} ${y})`}>
          <rect y={-8} width={8} height={8} data-part={part} />
          <text x={12}>{words[part]}</text>
        </g>
      ))}
    </g>
  )
}
