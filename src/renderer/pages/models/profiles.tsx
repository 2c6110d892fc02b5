/** How small caches of this model can be kept, and what that costs. */
import { useQuery } from '@tanstack/react-query'
import { client, trpc } from '../../rpc/client'
import { strings } from '../../strings'
import { TableFrame } from '../../ui/chart-frame'
import { day } from '../../ui/dates'
import { bytes, percent, ratio } from '../../ui/format'
import { Term } from '../../ui/term'
import { kl } from './calibration'
import { ModelJob } from './model-job'
import { Unmeasured } from './unmeasured'

const { profiles: texts, actions } = strings.models

export function ProfilesPart({ id, kvBytesPerToken }: { readonly id: string; readonly kvBytesPerToken: number }) {
  const { data } = useQuery(trpc.store.profiles.queryOptions({ model: id }))
  const start = (
    <ModelJob id={id} what="profiles" label={actions.profiles} start={() => client.store.calibrate.mutate({ model: id })} />
  )
  if (!data) return <Unmeasured title={texts.title} text={texts.none} start={start} />
  const { columns } = texts
  const exact = { profile: 'f16', ratio: 1, klMean: 0, top1: 1 }
  const rows = [exact, ...data.profiles]
  const table = {
    columns: [columns.profile, columns.bytes, columns.smaller, columns.kl, columns.top1],
    rows: rows.map((row) => [row.profile, Math.round(kvBytesPerToken / row.ratio), row.ratio, row.klMean, row.top1]),
  }
  const [first] = data.profiles
  return (
    <TableFrame title={texts.title} name={`${id}-profiles`} table={table} aside={start}>
      {first && (
        <p className="dim">
          {texts.madeWith(first.questions, day(first.madeAt))}
        </p>
      )}
      <table className="figures-table">
        <thead>
          <tr>
            <th scope="col">
              <Term name="profile">{columns.profile}</Term>
            </th>
            <th scope="col">{columns.bytes}</th>
            {[columns.smaller, columns.kl, columns.top1].map((column) => (
              <th key={column} scope="col" className="number">
                {column}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {rows.map((row) => (
            <tr key={row.profile}>
              <th scope="row">{row.profile}</th>
              <td>
                <span className="size">
                  <i style={{ width: `${100 / row.ratio}%` }} />
                </span>
                {bytes(kvBytesPerToken / row.ratio)}
              </td>
              <td className="number">{row === exact ? '' : ratio(row.ratio)}</td>
              <td className="number">{row === exact ? texts.exact : kl(row.klMean)}</td>
              <td className="number">{percent(row.top1)}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </TableFrame>
  )
}
