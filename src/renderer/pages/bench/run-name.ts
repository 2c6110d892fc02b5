import type { BenchSummary } from '../../../shared/bench'
import { strings } from '../../strings'
import { moment } from '../../ui/dates'


export function runTime({ createdAt }: Pick<BenchSummary, 'createdAt'>): string {
  return moment(createdAt)
}

/** What a person calls a run. */
export function runName(run: BenchSummary): string {
  return strings.joins.clauses(strings.bench.kinds[run.kind].label, run.model, runTime(run))
}
