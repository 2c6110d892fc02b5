/** A table of a report's figures. */
import type { Figure, Figures } from '../../../shared/bench'
import { strings } from '../../strings'
import { TableFrame } from '../../ui/chart-frame'
import { Term, type TermName } from '../../ui/term'
import { columnTitle, figureWords, rowName, rowTitle, titleOf } from './words'

export function FiguresTable({ figures, name }: { readonly figures: Figures; readonly name: string }) {
  const { columns, rows, rowId } = figures
  const table = {
    columns: [rowTitle(rowId), ...columns.map(columnTitle)],
    rows: rows.map(({ name, values }) => [rowName(name), ...values.map(plain)]),
  }
  return (
    <TableFrame title={titleOf(figures)} name={name} table={table}>
      <div className="bench-table" tabIndex={0} role="region" aria-label={strings.exporting.table(titleOf(figures))}>
        <table>
          <thead>
            <tr>
              {table.columns.map((title, at) => (
                <th key={at} scope="col">
                  <Head title={title} id={columns[at - 1]?.id} />
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {rows.map(({ name, values }) => (
              <tr key={name}>
                <th scope="row">{rowName(name)}</th>
                {columns.map((column, at) => (
                  <td key={at}>{figureWords(values[at] ?? null, column)}</td>
                ))}
              </tr>
            ))}
          </tbody>
        </table>
      </div>
    </TableFrame>
  )
}

/** Of columns, by their ids. */
const TERMS: Readonly<Record<string, TermName>> = { ttft: 'ttft', klMean: 'kl', hitRate: 'hitRate', tokenHitRate: 'hitRate', recomputed: 'recompute' }

function Head({ title, id }: { readonly title: string; readonly id: string | undefined }) {
  const term = id === undefined ? undefined : TERMS[id]
  return term ? <Term name={term}>{title}</Term> : title
}

/** What is taken along: the value itself, an interval in words. */
function plain(figure: Figure): string | number | null {
  if (figure === null || typeof figure !== 'object') return figure
  const round = (value: number): number => Number(value.toPrecision(5))
  return strings.benchReport.times(String(round(figure.value)), String(round(figure.low)), String(round(figure.high)))
}
