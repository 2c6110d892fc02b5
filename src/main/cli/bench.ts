import { Option, type Command } from 'commander'
import { stat } from 'node:fs/promises'
import { dirname, resolve } from 'node:path'
import { version } from '../../../package.json'
import { WorkbenchError } from '../../shared/errors'
import { dataDirPath, makeDataDir } from '../base/data-dir'
import { runEngineBench } from '../bench/engine-bench'
import { viewFor, writeReport, type BenchReport, type Comparison } from '../bench/report'
import { Engine } from '../engine/engine'
import { wholeNumber } from './ask'
import { count, milliseconds, ratio } from './figures'
import type { Output } from './output'
import { makeProgress } from './progress'
import type { RunBare } from './run'
import { quoted } from './sets'
import { numbers, table } from './table'

interface BenchOptions {
  readonly make: string
  readonly shape: string
  readonly repetitions: number
  readonly out?: string
  readonly threads: number
  readonly device: string
  readonly seed: number
}

const EXAMPLES = `
Kinds:
  engine   prefill and decode of this engine against libllama, and the time to the first token of full and reuse,
           on a model with random weights that is made for it (kept under the data folder)

Examples:
  kvasir bench --kind engine --make 1b:q4_0 --shape 1024+64
  kvasir bench --make tiny:f32 --shape 256+16 --repetitions 3 --out report.md`

/** `kvasir bench` */
export function addBenchCommand(program: Command, bare: RunBare): void {
  program
    .command('bench')
    .addOption(new Option('--kind <kind>', 'what to measure').choices(['engine']).default('engine'))
    .option('--make <shape:type>', 'the random model: tiny, 1b, 3b, 8b or 70b, and a tensor type', '1b:q4_0')
    .option('--shape <tokens>', 'tokens of knowledge and question', '1024+64')
    .option('--repetitions <n>', 'pairs of each measurement', wholeNumber, 9)
    .option('--threads <n>', 'CPU threads (0: as many as there are cores)', wholeNumber, 0)
    .option('--device <name>', 'a device that `kvasir doctor` names', 'auto')
    .option('--seed <n>', 'of weights and tokens', wholeNumber, 1)
    .option('--out <file>', 'write the report as .json, .md or .csv')
    .description('measure, always against something, in one run')
    .addHelpText('after', EXAMPLES)
    .action(
      bare(async ({ dataDir: given, output, signal }, options: BenchOptions) => {
        const { out, repetitions, threads, device, seed, make, shape } = options
        // A report that cannot be written is to be known before the minutes are spent.
        if (out !== undefined) await checkReportFile(out)
        const dataDir = dataDirPath(given)
        await makeDataDir(dataDir)
        const command = ['kvasir', ...process.argv.slice(2).map(quoted)].join(' ')
        const progress = makeProgress(output)
        await using engine = new Engine()
        try {
          const report = await runEngineBench(
            { engine, dataDir, version },
            { make, shape, repetitions, threads, device, seed, command },
            { signal, onProgress: (phase, done, total) => progress.show({ phase, done, total, unit: 'steps' }) },
          )
          progress.end()
          output.result({ report })
          show(report, output)
          if (out !== undefined) {
            await writeReport(report, out)
            output.remark(`Written to ${out}.`)
          }
        } finally {
          progress.end()
        }
      }),
    )
}

async function checkReportFile(path: string): Promise<void> {
  viewFor(path)
  const folder = dirname(resolve(path))
  const isFolder = await stat(folder).then(
    (facts) => facts.isDirectory(),
    () => false,
  )
  if (!isFolder) throw new WorkbenchError('argument.invalid', `There is no folder ${folder} for the report. Make it first.`)
}

function show({ machine, model, engine, arms, repetitions }: BenchReport, output: Output): void {
  const where = `${machine.cpu}, ${machine.threads} threads, device ${machine.device}`
  output.line(`${output.paint.bold(model.name)} on ${where}; medians of ${repetitions}\n`)
  output.line(
    table(
      ['tokens/s', numbers('kvasir'), numbers('libllama'), numbers('ratio'), '95 % interval'],
      [comparison('prefill', engine.prefill), comparison('decode', engine.decode)],
    ),
  )
  const rows = arms.map(({ name, ttftMs, ttftNoLoadMs, ratioToFull, ratioInterval, tokens }) => [
    name,
    milliseconds(ttftMs.p50),
    milliseconds(ttftMs.p95),
    milliseconds(ttftNoLoadMs.p50),
    ratio(ratioToFull),
    interval(ratioInterval, 1),
    count(tokens.reused),
    count(tokens.computed),
  ])
  output.line()
  output.line(
    table(
      [
        'first token', numbers('median'), numbers('p95'), numbers('without load'),
        numbers('against full'), '95 % interval', numbers('reused'), numbers('computed'),
      ],
      rows,
    ),
  )
}

function comparison(name: string, { kvasir, libllama, ratio, ratioInterval }: Comparison): string[] {
  return [name, kvasir.toFixed(1), libllama.toFixed(1), ratio.toFixed(3), interval(ratioInterval, 3)]
}

function interval([low, high]: readonly [number, number], digits: number): string {
  return `${low.toFixed(digits)} to ${high.toFixed(digits)}`
}
