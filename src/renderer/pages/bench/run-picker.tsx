/** Chooses the run that a report is held against; those of its own kind first. */
import type { BenchSummary } from '../../../shared/bench'
import { go } from '../../shell/routes'
import { strings } from '../../strings'
import { runName } from './run-name'

export function RunPicker({ runs, than }: { readonly runs: readonly BenchSummary[]; readonly than: BenchSummary }) {
  const others = runs
    .filter(({ id }) => id !== than.id)
    .toSorted((a, b) => Number(b.kind === than.kind) - Number(a.kind === than.kind))
  if (others.length === 0) return null
  return (
    <select
      className="bench-select"
      aria-label={strings.benchCompare.pick}
      value=""
      onChange={({ target }) => go(`/bench/compare/${than.id}/${target.value}`)}
    >
      <option value="" disabled>
        {strings.bench.compareWith}
      </option>
      {others.map((run) => (
        <option key={run.id} value={run.id}>
          {runName(run)}
        </option>
      ))}
    </select>
  )
}
