/** The gate's verdict: each check with what it says of the model, and what was measured. */
import type { CheckOutcome } from '../../../shared/calibration'
import type { ModelSummary } from '../../../shared/workbench'
import { client } from '../../rpc/client'
import { strings } from '../../strings'
import { TableFrame } from '../../ui/chart-frame'
import { day } from '../../ui/dates'
import { wordsOf } from '../../ui/failure'
import { duration } from '../../ui/format'
import { InEnglish } from '../../ui/notice'
import { ModelJob } from './model-job'
import { Unmeasured } from './unmeasured'

const { verdict: texts, checks: names, results, actions } = strings.models

export function VerdictPart({ model: { id, verdict } }: { readonly model: ModelSummary }) {
  const start = <ModelJob id={id} what="check" label={actions.check} start={() => client.models.check.mutate({ model: id })} />
  if (!verdict) return <Unmeasured title={texts.title} text={texts.none} start={start} />
  const { columns } = texts
  const table = {
    columns: [columns.check, columns.result, columns.time, columns.measured],
    rows: verdict.checks.map((check) => [names[check.name].name, results[check.result], Math.round(check.ms), measuredOf(check) ?? check.detail]),
  }
  const checkedOn = day(verdict.checkedAt)
  return (
    <TableFrame title={texts.title} name={`${id}-check`} table={table} aside={start}>
      <p className={verdict.passed ? 'dim' : 'wrong'}>
        {verdict.passed ? texts.passed(verdict.device, checkedOn) : texts.failed(verdict.device, checkedOn)}
      </p>
      <table className="figures-table">
        <thead>
          <tr>
            <th scope="col">{columns.check}</th>
            <th scope="col">{columns.result}</th>
            <th scope="col" className="number">
              {columns.time}
            </th>
          </tr>
        </thead>
        <tbody>
          {verdict.checks.map((check) => {
            const { name, result, ms } = check
            return (
              <tr key={name}>
                <th scope="row">
                  {names[name].name}
                  <div className="dim">{names[name].text}</div>
                  <Measured check={check} />
                </th>
                <td data-result={result}>{results[result]}</td>
                <td className="number">{duration(ms)}</td>
              </tr>
            )
          })}
        </tbody>
      </table>
    </TableFrame>
  )
}

function measuredOf({ detail, said }: CheckOutcome): string | null {
  return wordsOf({ code: 'engine.failed', text: detail, detail: said })
}

/** A verdict of an earlier version says it in English only. */
function Measured({ check }: { readonly check: CheckOutcome }) {
  const words = measuredOf(check)
  if (words === null) return <InEnglish text={check.detail} />
  return (
    <div className="dim">
      {strings.joins.of(texts.measured, '')}
      <bdi>{words}</bdi>
    </div>
  )
}
