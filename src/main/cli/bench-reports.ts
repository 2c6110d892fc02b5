/** `kvasir bench list`, `show`, `compare`, `import`, `remove`, `restore`: what is done with reports. */
import { stat } from 'node:fs/promises'
import type { Command } from 'commander'
import type { ComparedFigure } from '../../shared/bench'
import type { BenchReport } from '../../shared/bench-report'
import { dataDirPath } from '../base/data-dir'
import { compareReports } from '../bench/compare'
import { KeptReports } from '../bench/kept-reports'
import { readReport, writeReport } from '../bench/report-file'
import { headlineText, notesOf, tablesOf } from '../bench/views'
import { collect } from './ask'
import { localTime } from './history'
import type { Output } from './output'
import type { Run, RunBare } from './run'
import { numbers, shortened, table, wrapped } from './table'

const MODEL_WIDTH = 24
const HEADLINE_WIDTH = 90

export function addBenchReportCommands(
  program: Command,
  bench: Command,
  { run, bare }: { readonly run: Run; readonly bare: RunBare },
): void {
  const command = (name: string): Command =>
    bench
      .command(name)
      // Not those of the bench itself.
      .configureHelp({ showGlobalOptions: true, visibleGlobalOptions: () => [...program.options] })

  command('list')
    .description('reports that are kept, newest first')
    .action(
      run(async ({ workbench, output }) => {
        const reports = await workbench.bench.list()
        output.result({ reports })
        if (reports.length === 0) {
          output.line('No report is kept yet.')
          return output.remark('Next: kvasir bench --kind shape --make 1b:q4_0 --layers 4 --shape 1024+64')
        }
        const rows = reports.map(({ id, createdAt, model, headline }) => [
          id,
          localTime(createdAt),
          shortened(model, MODEL_WIDTH),
          headline ? shortened(headlineText(headline), HEADLINE_WIDTH) : '',
        ])
        output.line(table(['report', 'measured', 'model', 'in short'], rows))
      }),
    )

  command('show')
    .argument('<report>', 'its id, as `kvasir bench list` shows it')
    .option('--out <file>', 'write it as .json, .md or .csv, or its answers as .svg (repeatable)', collect)
    .description('a report that is kept')
    .action(
      run(async ({ workbench, output }, id: string, { out = [] }: { out?: string[] }) => {
        const view = await workbench.bench.report(id)
        output.result(view)
        showReport(view.report, output)
        for (const file of out) {
          await writeReport(view.report, file)
          output.remark(`Written to ${file}.`)
        }
      }),
    )

  command('compare')
    .argument('<first>', 'a report: its id, or a file that `kvasir bench --out FILE.json` wrote')
    .argument('<second>', 'another one')
    .description('two reports side by side: what differs in how they were measured, and their figures')
    .addHelpText('after', '\nExample:\n  kvasir bench compare before.json after.json')
    .action(
      bare(async ({ dataDir, output }, first: string, second: string) => {
        const kept = new KeptReports(dataDirPath(dataDir))
        const read = async (named: string): Promise<BenchReport> =>
          (await isThere(named)) || /[./\\]/.test(named) ? await readReport(named) : await kept.read(named)
        const comparison = compareReports(await read(first), await read(second))
        output.result({ comparison })
        for (const warning of comparison.warnings) output.remark(`Warning: ${warning}`)
        output.line(comparisonTable(comparison.figures))
      }),
    )

  command('import')
    .argument('<file>', 'a report as `kvasir bench --out FILE.json` wrote it, here or elsewhere')
    .description('keep a report that was made elsewhere')
    .action(
      run(async ({ workbench, output }, path: string) => {
        const report = await workbench.bench.importReport({ path })
        output.result({ report })
        output.line(`Kept as ${report.id}.`)
      }),
    )

  command('remove')
    .argument('<report>', 'its id')
    .description('remove a report from the list; `restore` brings it back')
    .action(
      run(async ({ workbench, output }, id: string) => {
        await workbench.bench.remove(id)
        output.result({ removed: id })
        output.line(`Removed ${id}.`)
        output.remark(`To have it back: kvasir bench restore ${id}`)
      }),
    )

  command('restore')
    .argument('<report>', 'its id')
    .description('bring back a report that was removed')
    .action(
      run(async ({ workbench, output }, id: string) => {
        const report = await workbench.bench.restore(id)
        output.result({ report })
        output.line(`${id} is in the list again.`)
      }),
    )
}

/** A report for people. */
export function showReport(report: BenchReport, output: Output): void {
  const { machine, model } = report
  output.line(
    `${output.paint.bold(model.name)} on ${machine.cpu}, ${machine.threads} threads, device ${machine.device}`,
  )
  for (const note of notesOf(report)) output.line(wrapped(note, process.stdout.columns, 2))
  for (const { title, columns, rows } of tablesOf(report)) {
    output.line(`\n${output.paint.bold(title)}`)
    output.line(
      table(
        columns.map((name, at) => (at === 0 ? name : numbers(name))),
        rows,
      ),
    )
  }
}

async function isThere(path: string): Promise<boolean> {
  return await stat(path).then(
    () => true,
    () => false,
  )
}

function comparisonTable(figures: readonly ComparedFigure[]): string {
  const figure = (value: number | null): string => (value === null ? '' : String(Number(value.toPrecision(5))))
  const verdict = { true: 'apart', false: 'overlap', null: '' } as const
  return table(
    ['', 'figure', numbers('first'), numbers('second'), numbers('second / first'), 'interval', '95 % intervals'],
    figures.map(({ section, name, metric, first, second, quotient, quotientInterval, isApart }) => [
      section === 'arm' ? name : `${section} ${name}`.trim(),
      metric,
      figure(first),
      figure(second),
      quotient === null ? '' : quotient.toFixed(3),
      quotientInterval === null ? '' : quotientInterval.map((end) => end.toFixed(3)).join(' to '),
      verdict[String(isApart) as keyof typeof verdict],
    ]),
  )
}
