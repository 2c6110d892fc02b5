/** Two reports side by side: what differs in how they were measured, and every figure that either has. */
import { useQuery } from '@tanstack/react-query'
import type { BenchSummary, ComparedFigure } from '../../../shared/bench'
import { trpc } from '../../rpc/client'
import { go, hrefTo } from '../../shell/routes'
import { strings } from '../../strings'
import { TableFrame } from '../../ui/chart-frame'
import { failureOf } from '../../ui/failure'
import { digits } from '../../ui/format'
import { Notice } from '../../ui/notice'
import { ComparedTimes } from './compared-times'
import { ComparedTrade } from './compared-trade'
import { runName } from './run-name'
import { headlineWords } from './words'

const texts = strings.benchCompare

interface Props {
  readonly first: string
  readonly second: string
  readonly runs: readonly BenchSummary[]
}

export function Compare({ first, second, runs }: Props) {
  const { data, error } = useQuery(trpc.bench.compare.queryOptions({ first, second }))
  if (error) return <Notice failure={failureOf(error)} />
  if (!data) return <p className="dim">{strings.bench.loading}</p>
  const differing = data.conditions.filter((each) => each.first !== each.second)
  return (
    <article className="bench-report">
      <div className="line">
        <h2>{texts.title}</h2>
        <button type="button" className="button small push" onClick={() => go(`/bench/compare/${second}/${first}`)}>
          {texts.swap}
        </button>
      </div>
      <div className="bench-pair">
        <Side title={texts.first} run={runs.find(({ id }) => id === first)} />
        <Side title={texts.second} run={runs.find(({ id }) => id === second)} />
      </div>
      <section aria-label={texts.conditions}>
        <h3>{texts.conditions}</h3>
        {differing.length === 0 && <p>{texts.sameConditions}</p>}
        {data.warnings.length > 0 && <p className="stale-text">{texts.warning}</p>}
        <div className="bench-table" tabIndex={0} role="region" aria-label={strings.exporting.table(texts.conditions)}>
          <table className="bench-conditions">
            <thead>
              <tr>
                <th scope="col">{texts.columns[0]}</th>
                <th scope="col" className="words">
                  {texts.first}
                </th>
                <th scope="col" className="words">
                  {texts.second}
                </th>
                <th scope="col" className="words">
                  {texts.columns.at(-1)}
                </th>
              </tr>
            </thead>
            <tbody>
              {data.conditions.map((each) => (
                <tr key={each.name} data-differs={each.first !== each.second}>
                  <th scope="row">{texts.condition[each.name]}</th>
                  <td className="words">{each.first ?? texts.none}</td>
                  <td className="words">{each.second ?? texts.none}</td>
                  <td className="words">{each.first === each.second ? texts.same : texts.differs}</td>
                </tr>
              ))}
            </tbody>
          </table>
        </div>
      </section>
      <Charts first={first} second={second} />
      <ComparedTable figures={data.figures} />
      <p className="dim">{texts.interval}</p>
    </article>
  )
}

function Side({ title, run }: { readonly title: string; readonly run: BenchSummary | undefined }) {
  if (!run) return null
  return (
    <section aria-label={title}>
      <h3>{title}</h3>
      <a className="link" href={hrefTo(`/bench/${run.id}`)}>
        {runName(run)}
      </a>
      {run.headline && <p>{headlineWords(run.headline)}</p>}
    </section>
  )
}

/** Of questions the trades of both, else the times of both; nothing where one has none. */
function Charts({ first, second }: { readonly first: string; readonly second: string }) {
  const { data: before } = useQuery(trpc.bench.report.queryOptions({ id: first }))
  const { data: after } = useQuery(trpc.bench.report.queryOptions({ id: second }))
  if (!before || !after) return null
  if (before.trade.length > 0 && after.trade.length > 0) return <ComparedTrade first={before.trade} second={after.trade} />
  if (before.report.kind !== after.report.kind || before.times.length === 0 || after.times.length === 0) return null
  return <ComparedTimes first={before.times} second={after.times} />
}

function ComparedTable({ figures }: { readonly figures: readonly ComparedFigure[] }) {
  const rows = figures.map((figure) => {
    const { section, name, metric, first, second, quotient, quotientInterval, isApart } = figure
    const verdict = isApart === null ? '' : isApart ? texts.apart : texts.overlap
    const interval = quotientInterval ? quotientInterval.map((end) => end.toFixed(3)).join(' – ') : ''
    const what = section === 'arm' ? name : `${section} ${name}`.trim()
    return { key: `${section} ${name} ${metric}`, cells: [what, texts.metric[metric] ?? metric, first, second, quotient, interval, verdict] }
  })
  const text = (cell: string | number | null): string => (cell === null ? '' : typeof cell === 'number' ? digits(cell, 5) : cell)
  return (
    <TableFrame title={texts.figures} name="bench-compare" table={{ columns: texts.columns, rows: rows.map(({ cells }) => cells) }}>
      <div className="bench-table" tabIndex={0} role="region" aria-label={strings.exporting.table(texts.figures)}>
        <table>
          <thead>
            <tr>
              {texts.columns.map((title, at) => (
                <th key={at} scope="col" className={at < 2 ? 'words' : undefined}>
                  {title}
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {rows.map(({ key, cells: [what, metric, ...others] }) => (
              <tr key={key}>
                <th scope="row">{what}</th>
                <td className="words">{metric}</td>
                {others.map((cell, at) => (
                  <td key={at}>{text(cell)}</td>
                ))}
              </tr>
            ))}
          </tbody>
        </table>
      </div>
    </TableFrame>
  )
}
