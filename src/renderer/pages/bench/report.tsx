/** A report: what it comes to in words, its charts, its tables, and how it was measured. */
import { useQuery } from '@tanstack/react-query'
import type { BenchSummary, BenchView } from '../../../shared/bench'
import type { BenchReport } from '../../../shared/bench-report'
import { trpc } from '../../rpc/client'
import { go } from '../../shell/routes'
import { strings } from '../../strings'
import { moment } from '../../ui/dates'
import { failureOf } from '../../ui/failure'
import { duration, parameters } from '../../ui/format'
import { Notice } from '../../ui/notice'
import { CopyButton } from './copy-button'
import { FiguresTable } from './figures-table'
import { RunPicker } from './run-picker'
import { againPath } from './form-state'
import { TimesChart } from './times-chart'
import { TradeChart } from './trade-chart'
import { headlineWords, isSpread } from './words'

const texts = strings.benchReport

interface Props {
  readonly id: string
  readonly runs: readonly BenchSummary[]
  readonly onRemove: (run: BenchSummary) => void
}

export function Report({ id, runs, onRemove }: Props) {
  const { data: view, error } = useQuery(trpc.bench.report.queryOptions({ id }))
  if (error) return <Notice failure={failureOf(error)} />
  if (!view) return <p className="dim">{strings.bench.loading}</p>
  return <Shown key={id} view={view} runs={runs} onRemove={onRemove} />
}

function Shown({ view: { summary, report, figures, trade, times }, runs, onRemove }: { readonly view: BenchView } & Omit<Props, 'id'>) {
  const name = `bench-${report.kind}-${summary.model}`.replaceAll(/[^\w.-]+/g, '-')
  const again = againPath(report.options)
  return (
    <article className="bench-report">
      <div className="line wrap">
        <h2>
          {strings.joins.of(strings.bench.kinds[report.kind].label, summary.model)}
        </h2>
        <span className="push" />
        {again && (
          <button type="button" className="button small" onClick={() => go(again)}>
            {strings.bench.again}
          </button>
        )}
        <RunPicker runs={runs} than={summary} />
        <button type="button" className="button small" onClick={() => onRemove(summary)}>
          {strings.bench.remove}
        </button>
      </div>
      {summary.headline && (
        <p className="bench-headline" data-testid="headline">
          {headlineWords(summary.headline)}
        </p>
      )}
      {trade.length > 0 && <TradeChart points={trade} name={`${name}-trade`} />}
      {times.length > 0 && <TimesChart times={times} name={`${name}-times`} />}
      {figures.map((each, at) => (
        <FiguresTable key={at} figures={each} name={`${name}-${each.id}`} />
      ))}
      {figures.some(({ rows }) => rows.some(({ values }) => values.some(isSpread))) && <p className="dim">{texts.interval}</p>}
      <Conditions report={report} />
    </article>
  )
}

function Conditions({ report }: { readonly report: BenchReport }) {
  const { kvasir, createdAt, command, machine, model, libraries, repetitions, runs = 1, took, options, shape, suite, novel, kind } = report
  const words = texts.rows
  const seed = options?.['seed']
  const rows: (readonly [name: string, value: string | null])[] = [
    [words.measured, moment(createdAt)],
    [words.took, took && took.measurements > 0 ? texts.tookOf(duration(took.seconds * 1000), took.measurements) : null],
    [words.model, texts.modelOf(model.name, model.architecture, model.quantization, parameters(model.parameters))],
    [words.machine, texts.machineOf(machine.cpu, machine.threads, machine.device, machine.memoryGiB)],
    [words.shape, shape ? texts.shapeOf(shape.knowledge, shape.question, shape.chunk) : null],
    [words.suite, suite ? texts.suiteOf(suite.questions, suite.file, suite.documents, suite.tag ?? null) : null],
    [words.suite, novel ? texts.novelOf(novel.queries, novel.perQuery, novel.documents, novel.documentTokens) : null],
    [words.order, kind === 'suite' ? texts.questionOrder : kind === 'codec' || kind === 'store' ? null : texts.orderOf(repetitions)],
    [words.seed, options ? String(seed ?? 1) : null],
    [words.runs, runs > 1 ? texts.runsOf(runs) : null],
    [words.version, texts.versionOf(kvasir, libraries.ggml, libraries.llama)],
  ]
  return (
    <section aria-label={texts.conditions}>
      <h3>{texts.conditions}</h3>
      <dl className="bench-facts">
        {rows.map(([name, value], at) =>
          value === null ? null : (
            <div key={at}>
              <dt>{name}</dt>
              <dd>{value}</dd>
            </div>
          ),
        )}
        <div>
          <dt>{words.command}</dt>
          <dd>
            <code>{command}</code> <CopyButton text={command} />
          </dd>
        </div>
      </dl>
    </section>
  )
}
