/** KL at every token, a line for each lane; dashes tell lines apart where colours do not. */
import { CartesianGrid, Legend, Line, LineChart, ResponsiveContainer, Tooltip, XAxis, YAxis } from 'recharts'
import type { LaneResult } from '../../../shared/race'
import { strings } from '../../strings'
import { klText } from './kl-text'

const texts = strings.race
const HEIGHT_PX = 190
/** So many tokens are named below the axis; more are numbered. */
const MOST_WORDS = 16
const COLOURS = ['var(--compute)', 'var(--accent)', 'var(--reuse)', 'var(--stale)', 'var(--miss)', 'var(--edge)']
const DASHES = ['', '7 3', '2 3', '9 3 2 3', '4 2', '1 4']

interface Props {
  readonly lanes: readonly LaneResult[]
  readonly pieces: readonly string[]
  readonly names: readonly string[]
}

export default function KlChart({ lanes, pieces, names }: Props) {
  const rows = pieces.map((piece, at) => ({
    token: at + 1,
    piece,
    ...Object.fromEntries(lanes.map(({ kl }, lane) => [`lane${lane}`, kl.tokens[at] ?? null])),
  }))
  return (
    <ResponsiveContainer width="100%" height={HEIGHT_PX}>
      <LineChart data={rows} accessibilityLayer={false} margin={{ top: 6, right: 12, bottom: 0, left: 0 }}>
        <CartesianGrid stroke="var(--line)" vertical={false} />
        <XAxis
          dataKey="token"
          tickFormatter={(token: number) => (pieces.length <= MOST_WORDS ? (pieces[token - 1]?.trim() ?? '') : String(token))}
          interval={pieces.length <= MOST_WORDS ? 0 : 'equidistantPreserveStart'}
          stroke="var(--edge)" tick={{ fill: 'var(--dim)', fontSize: 11 }}
          tickLine={false}
          padding={{ left: 20, right: 20 }}
        />
        <YAxis
          stroke="var(--edge)"
          tick={{ fill: 'var(--dim)', fontSize: 11 }}
          tickLine={false}
          width={52}
          tickFormatter={klText}
        />
        <Tooltip
          isAnimationActive={false}
          cursor={{ stroke: 'var(--edge)' }}
          contentStyle={{ background: 'var(--panel)', border: '1px solid var(--line)', color: 'var(--ink)', fontSize: 12 }}
          labelFormatter={(token) => strings.joins.of(`${texts.klToken} ${Number(token)}`, pieces[Number(token) - 1]?.trim() ?? '')}
          formatter={(value) => (typeof value === 'number' ? klText(value) : String(value))}
        />
        <Legend itemSorter={null} wrapperStyle={{ fontSize: 11.5, color: 'var(--dim)' }} iconType="plainline" />
        {lanes.map(({ kl }, lane) => (
          <Line
            key={lane}
            dataKey={`lane${lane}`}
            name={names[lane]}
            stroke={COLOURS[lane % COLOURS.length]}
            strokeDasharray={DASHES[lane % DASHES.length]}
            strokeWidth={1.6}
            isAnimationActive={false}
            dot={marker(kl.agrees, COLOURS[lane % COLOURS.length] ?? '')}
            activeDot={{ r: 3 }}
          />
        ))}
      </LineChart>
    </ResponsiveContainer>
  )
}

/** Draws a dot where another token is likeliest. */
function marker(agrees: readonly boolean[], colour: string) {
  return ({ cx, cy, index }: { readonly cx?: number; readonly cy?: number; readonly index: number }) =>
    agrees[index] === false && cx !== undefined && cy !== undefined ? (
      <circle key={index} cx={cx} cy={cy} r={3.5} fill={colour} />
    ) : (
      <g key={index} />
    )
}
