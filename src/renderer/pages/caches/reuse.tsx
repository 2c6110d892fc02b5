/** How knowledge was reused over time, and why not more, with what mends it. */
import { keepPreviousData, useQuery } from '@tanstack/react-query'
import { Area, AreaChart, CartesianGrid, Legend, Line, LineChart, ResponsiveContainer, Tooltip, XAxis, YAxis } from 'recharts'
import { TIERS, type HitTimeline, type Tier, type TimelineSplit } from '../../../shared/hits'
import { trpc } from '../../rpc/client'
import { usePreference } from '../../shell/preferences'
import { useGo } from '../../shell/routes'
import { strings } from '../../strings'
import { ChartFrame } from '../../ui/chart-frame'
import { shortDay } from '../../ui/dates'
import { Empty } from '../../ui/empty'
import type { DataTable } from '../../ui/export'
import { failureOf } from '../../ui/failure'
import { figure, percent } from '../../ui/format'
import { Notice } from '../../ui/notice'
import { Term } from '../../ui/term'
import { Choice } from './filters'
import { Reasons } from './reasons'

const texts = strings.reuse
const DAY_MS = 86_400_000
const SPANS = { day: DAY_MS, week: 7 * DAY_MS, month: 30 * DAY_MS, all: null } as const
type Span = keyof typeof SPANS

/** The same meaning as everywhere: reused, isolated from it, computed again, missed. */
const TIER_COLOURS: Record<Tier, string> = {
  memory: 'var(--reuse)',
  disk: 'var(--isolated)',
  recomputed: 'var(--compute)',
  missed: 'var(--miss)',
}
/** Lines are told apart by their dashes as well. */
const LINES = [
  ['var(--reuse)', undefined],
  ['var(--accent)', '6 3'],
  ['var(--compute)', '2 3'],
  ['var(--stale)', '8 3 2 3'],
  ['var(--miss)', '4 4'],
  ['var(--dim)', '1 3'],
  ['var(--isolated)', '10 4'],
  ['var(--edge)', '3 6'],
] as const

/** A span begins on a whole minute, so that it is one question to the workbench for that long. */
function sinceOf(span: Span): string | undefined {
  const ms = SPANS[span]
  return ms === null ? undefined : new Date(Math.floor((Date.now() - ms) / 60_000) * 60_000).toISOString()
}

export default function Reuse() {
  const go = useGo()
  const [set, setSet] = usePreference<string>('caches.reuse.set', '')
  const [span, setSpan] = usePreference<Span>('caches.reuse.span', 'month', (value) => typeof value === 'string' && value in SPANS)
  const { data: sets } = useQuery(trpc.sets.list.queryOptions())
  const since = sinceOf(span)
  const wanted = { ...(set !== '' && sets?.some(({ id }) => id === set) && { set }), ...(since !== undefined && { since }) }
  const { data: report, error } = useQuery(trpc.hits.report.queryOptions({ ...wanted, by: 'reason' }, { placeholderData: keepPreviousData }))
  const total = report?.total
  return (
    <div className="cache-scrolls">
      <div className="line wrap cache-filters">
        <Choice
          label={texts.set}
          value={set}
          options={[['', texts.allSets], ...(sets ?? []).map(({ id, name }): [string, string] => [id, name])]}
          onChange={setSet}
        />
        <Choice
          label={texts.since}
          value={span}
          options={Object.entries(texts.spans)}
          onChange={(value) => setSpan(value as Span)}
        />
        {total && total.times > 0 && (
          <span>
            <b>
              <Term name="hitRate">{texts.rate(total.hitRate === null ? '–' : percent(total.hitRate), total.times)}</Term>
            </b>{' '}
            <span className="dim">{texts.tokens(figure(total.reused), figure(total.recomputed), figure(total.missed))}</span>
          </span>
        )}
      </div>
      {error && <Notice failure={failureOf(error)} />}
      {total?.times === 0 && <Empty title={texts.empty} hint={texts.emptyHint} action={{ label: texts.emptyAction, run: () => go('/ask') }} />}
      {report && report.total.times > 0 && (
        <>
          <Timeline split="tier" title={texts.tierChart} wanted={wanted} span={span} />
          <Reasons reasons={report.reasons} set={wanted.set ?? null} />
          <div className="cache-two">
            {wanted.set === undefined && <Timeline split="set" title={texts.setChart} wanted={wanted} span={span} />}
            <Timeline split="document" title={texts.documentChart} wanted={wanted} span={span} />
          </div>
        </>
      )}
    </div>
  )
}

function legendWord(name: string) {
  return <span className="cache-legend-word">{name}</span>
}

interface TimelineProps {
  readonly split: TimelineSplit
  readonly title: string
  readonly wanted: { readonly set?: string; readonly since?: string }
  readonly span: Span
}

function Timeline({ split, title, wanted, span }: TimelineProps) {
  const { timeZone: zone } = new Intl.DateTimeFormat().resolvedOptions()
  const step = span === 'day' ? ('hour' as const) : ('day' as const)
  const { data, error } = useQuery(
    trpc.hits.timeline.queryOptions({ ...wanted, split, step, zone, most: LINES.length }, { placeholderData: keepPreviousData }),
  )
  if (error) return <Notice failure={failureOf(error)} />
  if (!data) return null
  const names = new Map(data.series.map(({ id, name, state }) => [id, nameOf(split, { id, name, state })]))
  const points = data.starts.map((start, at) => ({
    start: shownStart(start),
    ...Object.fromEntries(data.series.map(({ id, points: own }) => [id, own[at]?.share ?? null])),
  }))
  const aside = data.leftOut > 0 ? <span className="dim">{texts.leftOut(data.leftOut)}</span> : undefined
  const axes = (
    <>
      <CartesianGrid stroke="var(--line)" vertical={false} />
      <XAxis
        dataKey="start"
        // Every n-th day: gaps of the same length.
        interval="equidistantPreserveStart"
        stroke="var(--edge)"
        tick={{ fill: 'var(--dim)', fontSize: 11 }}
        tickLine={false}
        minTickGap={24}
      />
      <YAxis
        domain={[0, 1]}
        ticks={[0, 0.25, 0.5, 0.75, 1]}
        tickFormatter={percent}
        stroke="var(--edge)"
        tick={{ fill: 'var(--dim)', fontSize: 11 }}
        tickLine={false}
        width={48}
      />
      <Tooltip
        formatter={(value) => (typeof value === 'number' ? percent(value) : '–')}
        contentStyle={{ background: 'var(--panel)', border: '1px solid var(--line)', borderRadius: 6, fontSize: 12 }}
        labelStyle={{ color: 'var(--ink)' }}
        itemStyle={{ color: 'var(--ink)' }}
        isAnimationActive={false}
      />
      <Legend iconType="plainline" itemSorter={null} formatter={legendWord} />
    </>
  )
  return (
    <ChartFrame title={title} name={`reuse-by-${split}`} table={tableOf(data, names)} aside={aside}>
      <ResponsiveContainer width="100%" height={220}>
        {split === 'tier' ? (
          <AreaChart data={points} margin={{ top: 8, right: 8, bottom: 0, left: 0 }} accessibilityLayer={false}>
            {axes}
            {TIERS.map((tier) => (
              <Area
                key={tier}
                dataKey={tier}
                name={names.get(tier) ?? tier}
                stackId="all"
                stroke={TIER_COLOURS[tier]}
                fill={TIER_COLOURS[tier]}
                fillOpacity={0.75}
                isAnimationActive={false}
                dot={points.length === 1}
              />
            ))}
          </AreaChart>
        ) : (
          <LineChart data={points} margin={{ top: 8, right: 8, bottom: 0, left: 0 }} accessibilityLayer={false}>
            {axes}
            {data.series.map(({ id }, at) => (
              <Line
                key={id}
                dataKey={id}
                name={names.get(id) ?? id}
                stroke={LINES[at % LINES.length]?.[0] ?? 'var(--dim)'}
                strokeDasharray={LINES[at % LINES.length]?.[1] ?? ''}
                strokeWidth={1.75}
                connectNulls
                isAnimationActive={false}
                dot={points.length < 3}
              />
            ))}
          </LineChart>
        )}
      </ResponsiveContainer>
    </ChartFrame>
  )
}

function nameOf(split: TimelineSplit, { id, name, state }: Pick<HitTimeline['series'][number], 'id' | 'name' | 'state'>): string {
  if (split === 'tier') return strings.tiers[TIERS.find((tier) => tier === id) ?? 'missed']
  return state === 'removed' ? texts.removed(name) : name
}

/** `2025-01-31 14:00` is the place's own clock already. */
function shownStart(start: string): string {
  const [day = '', hour] = start.split(' ')
  const shown = shortDay(day)
  return hour === undefined ? shown : `${shown} ${hour}`
}

function tableOf({ starts, series }: HitTimeline, names: ReadonlyMap<string, string>): DataTable {
  return {
    columns: [texts.time, ...series.flatMap(({ id }) => [names.get(id) ?? id, texts.tokensOf(names.get(id) ?? id)])],
    rows: starts.map((start, at) => [
      start,
      ...series.flatMap(({ points }) => {
        const share = points[at]?.share ?? null
        return [share === null ? null : Number(share.toPrecision(4)), points[at]?.tokens ?? 0]
      }),
    ]),
  }
}
