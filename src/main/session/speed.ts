/** What a query took, as the cost of others is told from it. */
import type { Trace } from '../../shared/answer'
import type { Speed } from '../store/query-records'

export function speedOf({ work, stages, reusedTokens }: Pick<Trace, 'work' | 'stages' | 'reusedTokens'>): Speed {
  const layers = Math.max(1, ...work.map(({ to }) => to))
  const computing = work.filter(({ what }) => what === 'compute')
  const ms = (name: string): number => stages.find((stage) => stage.name === name)?.busyMs ?? 0
  return {
    work: computing.reduce((sum, { rows, from, to }) => sum + (rows * (to - from)) / layers, 0),
    computeMs: computing.reduce((sum, span) => sum + span.ms, 0),
    loaded: reusedTokens,
    loadMs: ms('load'),
    planMs: ms('plan'),
  }
}
