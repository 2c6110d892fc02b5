import type { BenchSummary } from '../../../shared/bench'
import { strings } from '../../strings'

const when = new Intl.DateTimeFormat(undefined, { dateStyle: 'short', timeStyle: 'short' })

export function runTime({ createdAt }: Pick<BenchSummary, 'createdAt'>): string {
  return when.format(new Date(createdAt))
}

/** What a person calls a run. */
export function runName(run: BenchSummary): string {
  return `${strings.bench.kinds[run.kind].label}, ${run.model}, ${runTime(run)}`
}
