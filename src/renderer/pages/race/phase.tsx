/** Where the race is, in a line: what it waits for, which lane runs, whether it is a replay. */
import { useQuery } from '@tanstack/react-query'
import { trpc } from '../../rpc/client'
import { strings } from '../../strings'
import { moment } from '../../ui/dates'
import { estimate, percent } from '../../ui/format'
import { useStore } from '../../ui/store'
import { laneLabel } from './lane-label'
import type { Racing, RacingState } from './racing'

const texts = strings.race

export function Phase({ racing }: { readonly racing: Racing }) {
  const state = useStore(racing.state, (whole) => whole)
  const { replay, phase } = state
  const words = wordsOf(state)
  if (!replay && words === '') return null
  const speed = replay && (replay.speed === 1 ? texts.speeds.real : Number.isFinite(replay.speed) ? texts.speeds.fast : null)
  return (
    <div className="line phase">
      {replay && (
        <span className="pill still replay" data-testid="replay">
          {phase === 'done' ? texts.recordOf(moment(replay.runAt)) : `${texts.replayOf(moment(replay.runAt))}${speed === null ? '' : ` · ${speed}`}`}
        </span>
      )}
      <span role="status" data-testid="race-phase" data-phase={phase}>
        {words}
      </span>
      {(phase === 'preparing' || phase === 'waiting') && <Awaited />}
    </div>
  )
}

/** How far the job is that has the machine. */
function Awaited() {
  const { data } = useQuery(trpc.status.queryOptions())
  const job = data?.jobs.find(({ status }) => status === 'running')
  if (!job || job.total === 0) return null
  const { done, total, etaSeconds } = job
  return (
    <>
      <span className="progress" aria-hidden="true">
        <i style={{ width: `${(done / total) * 100}%` }} />
      </span>
      <span className="dim">
        {[percent(done / total), etaSeconds === null ? '' : strings.jobs.left(estimate(etaSeconds))].filter(Boolean).join(' · ')}
      </span>
    </>
  )
}

function wordsOf({ phase, awaited, current, request }: RacingState): string {
  switch (phase) {
    case 'preparing':
      return texts.preparing
    case 'waiting':
      return awaited ? texts.awaited[awaited.kind] : texts.anotherRace
    case 'warming':
      return texts.warmingUp
    case 'running': {
      const lane = current && request?.lanes[current.lane]
      return current && lane ? texts.running(current.lane + 1, laneLabel(lane)) : ''
    }
    case 'comparing':
      return texts.comparing
    case 'cancelled':
      return texts.cancelled
    case 'idle':
    case 'done':
    case 'failed':
      return ''
  }
}
