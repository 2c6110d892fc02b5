/** Why tokens were not reused, most first, each with the one thing that mends it. */
import { useQuery } from '@tanstack/react-query'
import type { ReasonRow } from '../../../shared/hits'
import { trpc } from '../../rpc/client'
import { useGo } from '../../shell/routes'
import { strings } from '../../strings'
import { TableFrame } from '../../ui/chart-frame'
import { count, percent } from '../../ui/format'
import { Term } from '../../ui/term'
import { buildSets, rebuildCaches } from './actions'
import { ANY, useListFilter } from './filter'

const texts = strings.reuse

interface Props {
  readonly reasons: readonly ReasonRow[]
  /** Null: all sets. */
  readonly set: string | null
}

export function Reasons({ reasons, set }: Props) {
  const mend = useMend(set)
  if (reasons.length === 0) return <p className="dim">{texts.everything}</p>
  const largest = Math.max(...reasons.map(({ share }) => share))
  const columns = [texts.whyColumns.reason, texts.whyColumns.times, texts.whyColumns.tokens, texts.whyColumns.share]
  const table = { columns, rows: reasons.map((row) => [reasonText(row), row.times, row.tokens, Number(row.share.toPrecision(4))]) }
  return (
    <TableFrame title={texts.why} name="why-not-reused" table={table}>
      <table className="cache-reasons">
        <thead>
          <tr>
            <th scope="col">{texts.whyColumns.reason}</th>
            <th scope="col" data-numeric>
              <Term name="chunk">{texts.whyColumns.times}</Term>
            </th>
            <th scope="col" data-numeric>
              {texts.whyColumns.tokens}
            </th>
            <th scope="col" data-numeric>
              {texts.whyColumns.share}
            </th>
            <th scope="col">{texts.whyColumns.mend}</th>
          </tr>
        </thead>
        <tbody>
          {reasons.map((row) => {
            const { label, run } = mend(row)
            return (
              <tr key={`${row.kind} ${row.reason}`}>
                <th scope="row">
                  {row.kind !== 'missed' && (
                    <span className="cache-tag" data-kind={row.kind}>
                      {texts.kinds[row.kind]}
                    </span>
                  )}{' '}
                  {reasonText(row)}
                </th>
                <td data-numeric>{row.times === null ? '' : count(row.times)}</td>
                <td data-numeric>{count(row.tokens)}</td>
                <td data-numeric>
                  {percent(row.share)}
                  <i className="cache-share-bar" data-kind={row.kind} style={{ width: `${(100 * row.share) / largest}%` }} />
                </td>
                <td>
                  <button type="button" className="button small" onClick={run}>
                    {label}
                  </button>
                </td>
              </tr>
            )
          })}
        </tbody>
      </table>
    </TableFrame>
  )
}

function reasonText(row: ReasonRow): string {
  switch (row.kind) {
    case 'missed':
      return strings.missReasons[row.reason]
    case 'poorer':
      return strings.poorerReasons[row.reason]
    case 'recomputed':
      return texts.again
  }
}

/** A button for each reason. */
function useMend(set: string | null): (row: ReasonRow) => { readonly label: string; readonly run: () => void } {
  const go = useGo()
  const { data: sets } = useQuery(trpc.sets.list.queryOptions())
  const { data: batches = [] } = useQuery(trpc.store.trash.queryOptions())
  const [, setFilter] = useListFilter()
  const build = {
    label: set === null ? texts.mend.buildAll : texts.mend.build,
    run: () => void buildSets(set === null ? (sets ?? []).map(({ id }) => id) : [set]),
  }
  const strategy = { label: texts.mend.strategy, run: () => go('/ask') }
  return ({ reason }) => {
    switch (reason) {
      case 'never-built':
      case 'edited-text':
      case 'other-model':
      case 'no-document':
      case 'no-bos':
      case 'no-document-nor-bos':
        return build
      case 'damaged':
        return { label: texts.mend.rebuild, run: () => void rebuildCaches({ filter: { damaged: true, ...(set !== null && { set }) } }) }
      case 'evicted':
        return { label: texts.mend.quota, run: () => go('/caches/clean') }
      case 'removed':
        return batches.length > 0 ? { label: texts.mend.trash, run: () => go('/caches/clean') } : build
      case 'other-profile':
        return {
          label: texts.mend.recode,
          run: () => {
            setFilter({ ...ANY, set: set ?? '' })
            go('/caches')
          },
        }
      case 'strategy':
      case 'other-context':
      case 'not-in-prefix':
      case 'no-tail':
      case 'no-tail-nor-bos':
      case 'recomputed':
        return strategy
    }
  }
}
