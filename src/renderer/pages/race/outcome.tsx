/** What came of a race: the ratio, what it costs and keeps, every lane, every run. */
import { Suspense, lazy, type ReactNode } from 'react'
import { bestLane, type LaneResult, type RaceComparison, type RaceRequest } from '../../../shared/race'
import { strategyLabel } from '../../answers/strategy-label'
import { strings } from '../../strings'
import { ChartFrame, TableFrame } from '../../ui/chart-frame'
import { bytes, count, duration, percent, ratio, speed } from '../../ui/format'
import { useStore } from '../../ui/store'
import { Term } from '../../ui/term'
import { klText } from './kl-text'
import { laneLabel } from './lane-label'
import type { Racing } from './racing'

const texts = strings.race
const KlChart = lazy(() => import('./kl-chart'))

interface Told {
  readonly comparison: RaceComparison
  readonly request: RaceRequest
}

export function Outcome({ racing }: { readonly racing: Racing }) {
  const comparison = useStore(racing.state, (state) => state.comparison)
  const request = useStore(racing.state, (state) => state.request)
  if (!comparison || !request) return null
  const told = { comparison, request }
  return (
    <section aria-label={texts.outcome} className="outcome">
      <Verdict {...told} />
      <LaneTable {...told} />
      <p className="dim">{costHow(comparison)}</p>
      <KlCurve {...told} />
      {request.repetitions > 1 && <RunTable racing={racing} {...told} />}
      <Conditions racing={racing} request={request} />
    </section>
  )
}

export function Ratio({ comparison, request }: Told) {
  const { lanes, baseline } = comparison
  const at = bestLane(comparison)
  const [best, base] = [lanes[at], lanes[baseline]]
  if (!best || !base) return null
  const sooner = best.versus.ttft >= 1
  const [laneOf, baseOf] = [request.lanes[at], request.lanes[baseline]]
  return (
    <p className="headline" role="status" data-testid="verdict">
      <b className={sooner ? 'good' : 'bad'}>
        {sooner ? texts.sooner(ratio(best.versus.ttft)) : texts.later(ratio(1 / best.versus.ttft))}
      </b>{' '}
      <span>
        {laneOf && baseOf && texts.headline(laneLabel(laneOf), duration(best.ttftMs), laneLabel(baseOf), duration(base.ttftMs))}
        {best.agreement.share === 1 ? texts.sameAnswer : texts.partlySame(percent(best.agreement.share))}
      </span>
    </p>
  )
}

function Verdict({ comparison, request }: Told) {
  const { lanes, baseline } = comparison
  const at = bestLane(comparison)
  const best = lanes[at]
  const baseOf = request.lanes[baseline]
  if (!best || !baseOf) return null
  const versus = texts.versus(laneLabel(baseOf))
  const same = best.answer.same.filter(Boolean).length
  const longer = Math.max(best.answer.tokens.length, comparison.reference.tokens.length)
  return (
    <>
      <Ratio comparison={comparison} request={request} />
      <div className="figures five">
        <Figure label={texts.cheaper} value={times(best.versus.cost)} note={versus} title={costHow(comparison)} />
        <Figure label={texts.lessComputed} value={times(best.versus.computed)} note={versus} />
        <Figure label={texts.agreement} value={percent(best.agreement.share)} note={texts.ofTokens(same, longer)} />
        <Figure label={<Term name="kl">{texts.kl}</Term>} value={klText(best.kl.mean)} note={texts.klNote(percent(best.kl.top1))} />
        <Figure
          label={texts.speedLabel}
          value={best.decodeTokensPerSecond === null ? '–' : speed(best.decodeTokensPerSecond)}
          note={texts.perSecond}
        />
      </div>
    </>
  )
}

interface FigureProps {
  readonly label: ReactNode
  readonly value: string
  readonly note: string
  readonly title?: string
}

function Figure({ label, value, note, title }: FigureProps) {
  return (
    <div title={title}>
      <div className="dim">{label}</div>
      <div className="big">{value}</div>
      <div className="dim">{note}</div>
    </div>
  )
}

function LaneTable({ comparison, request }: Told) {
  const { columns } = texts
  const { lanes, baseline } = comparison
  const exported = lanes.map((lane, at): (string | number | null)[] => [
    nameOf(request, at, lane),
    lane.ttftMs,
    lane.versus.ttft,
    lane.totalMs,
    lane.decodeTokensPerSecond,
    lane.computedTokens,
    lane.storedBytes,
    lane.versus.cost,
    lane.agreement.share,
    lane.kl.mean,
    lane.kl.top1,
  ])
  const names = Object.values(columns)
  return (
    <TableFrame title={texts.table} name="race" table={{ columns: names, rows: exported }}>
      <div className="scroll" tabIndex={0} role="group" aria-label={texts.table}>
        <table className="grid">
          <thead>
            <tr>
              {names.map((name, at) => (
                <th key={name} scope="col" className={at > 0 ? 'number' : undefined}>
                  {name === columns.ttft ? <Term name="ttft">{name}</Term> : name}
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {lanes.map((lane, at) => (
              <tr key={at}>
                <th scope="row">{nameOf(request, at, lane)}</th>
                <td>{duration(lane.ttftMs)}</td>
                <td>{at === baseline ? '' : ratio(lane.versus.ttft)}</td>
                <td>{duration(lane.totalMs)}</td>
                <td>{lane.decodeTokensPerSecond === null ? '–' : speed(lane.decodeTokensPerSecond)}</td>
                <td>{count(lane.computedTokens)}</td>
                <td>{bytes(lane.storedBytes)}</td>
                <td>{at === baseline ? '' : times(lane.versus.cost)}</td>
                <td>{percent(lane.agreement.share)}</td>
                <td>{klText(lane.kl.mean)}</td>
                <td>{percent(lane.kl.top1)}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
    </TableFrame>
  )
}

function KlCurve({ comparison, request }: Told) {
  const { lanes, reference } = comparison
  const pieces = reference.ends ? [...reference.pieces, texts.klEnd] : reference.pieces
  const names = lanes.map((lane, at) => `${at + 1} ${nameOf(request, at, lane)}`)
  const rows = pieces.map((piece, at) => [at + 1, piece, ...lanes.map(({ kl }) => kl.tokens[at] ?? null)])
  const isFlat = lanes.every(({ kl }) => kl.max === 0)
  return (
    <ChartFrame
      title={texts.klTitle}
      name="race-kl"
      table={{ columns: [texts.klToken, texts.klText, ...names], rows }}
    >
      {isFlat ? (
        <p className="dim">{texts.klNone}</p>
      ) : (
        <Suspense fallback={<div className="kl-room" />}>
          <KlChart lanes={lanes} pieces={pieces} names={names} />
          {lanes.some(({ kl }) => kl.agrees.includes(false)) && <p className="dim">{texts.klMark}</p>}
        </Suspense>
      )}
    </ChartFrame>
  )
}

/** Times to the first token, run by run; who began stands in the heading. */
function RunTable({ racing, comparison, request }: Told & { readonly racing: Racing }) {
  const order = useStore(racing.state, (state) => state.order)
  const { lanes } = comparison
  const heads = order.map((_, at) => texts.runColumn(at + 1))
  const timeIn = (lane: LaneResult, at: number): number | null =>
    lane.runs.find(({ repetition }) => repetition === at)?.ttftMs ?? null
  const rows = lanes.map((lane, at) => [nameOf(request, at, lane), ...order.map((_, run) => timeIn(lane, run)), lane.ttftMs])
  const columns = [texts.columns.lane, ...heads, texts.median]
  return (
    <TableFrame title={texts.runsTitle} name="race-runs" table={{ columns, rows }}>
      <div className="scroll" tabIndex={0} role="group" aria-label={texts.runsTitle}>
        <table className="grid">
          <thead>
            <tr>
              <th scope="col">{texts.columns.lane}</th>
              {order.map((turn, at) => {
                const first = request.lanes[turn[0] ?? 0]
                return (
                  <th key={at} scope="col" className="number" title={first && texts.firstIn(laneLabel(first))}>
                    {texts.runColumn(at + 1)}
                  </th>
                )
              })}
              <th scope="col" className="number">
                {texts.median}
              </th>
            </tr>
          </thead>
          <tbody>
            {lanes.map((lane, at) => (
              <tr key={at}>
                <th scope="row">{nameOf(request, at, lane)}</th>
                {order.map((_, run) => (
                  <td key={run}>{timeText(timeIn(lane, run))}</td>
                ))}
                <td>
                  <b>{duration(lane.ttftMs)}</b>
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
    </TableFrame>
  )
}

function Conditions({ racing, request }: { readonly racing: Racing; readonly request: RaceRequest }) {
  const conditions = useStore(racing.state, (state) => state.conditions)
  if (!conditions) return null
  const { model, device, threads, memory } = conditions
  const lines = [
    texts.conditions(model, device, threads),
    memory.bytes > 0 ? texts.memory(bytes(memory.bytes)) : texts.noMemory,
    request.repetitions > 1 ? texts.rotated : '',
    request.warmUp ? '' : texts.notWarm,
  ]
  return <p className="dim conditions">{lines.filter(Boolean).join(' ')}</p>
}

function nameOf(request: RaceRequest, at: number, { strategy }: LaneResult): string {
  const lane = request.lanes[at]
  if (!lane) return strategyLabel(strategy)
  return lane.strategy === strategy ? laneLabel(lane) : strings.joins.aside(laneLabel(lane), strategyLabel(strategy))
}

function costHow({ prices: { perHour, perGbMonth, requestsPerMonth } }: RaceComparison): string {
  return texts.costHow(perHour, perGbMonth, requestsPerMonth)
}

function times(value: number | null): string {
  return value === null ? '–' : ratio(value)
}

function timeText(ms: number | null): string {
  return ms === null ? '–' : duration(ms)
}
