import { InvalidArgumentError, Option, type Command } from 'commander'
import { stat } from 'node:fs/promises'
import { dirname, resolve } from 'node:path'
import { version } from '../../../package.json'
import { sentence } from '../../shared/details'
import { WorkbenchError } from '../../shared/errors'
import { dataDirPath } from '../base/data-dir'
import { usualArms } from '../bench/arms'
import { KeptReports } from '../bench/kept-reports'
import type { BenchOptions } from '../../shared/bench'
import { BENCH_KINDS, type BenchKind } from '../../shared/bench-report'
import { viewFor, writeReport } from '../bench/report-file'
import { Engine } from '../engine/engine'
import { collect, wholeNumber } from './ask'
import { phaseOf } from '../jobs/words'
import { runBench } from '../workbench/bench-run'
import { makeProgress } from './progress'
import { addBenchReportCommands, showReport } from './bench-reports'
import type { Run, RunBare } from './run'
import { quoted } from './sets'

const KINDS = `
Kinds:
  engine   prefill and decode of this engine against libllama, and the time to the first token of full and reuse
           (--make, --layers, --shape, --repetitions)
  shape    the time to the first token of every arm over a context of random tokens
           (--make, --layers, --shape, --chunk, --arms, --repetitions, --baselines)
  suite    a question set: right answers, distance from full prefill, time to the first token
           (--suite, --tag, --model, --arms, --questions, --max-tokens, --first-query)
  codec    caches in every form (coded, by ggml's types, by zstd): bytes, and answers to a question set
           (--suite, --tag, --model, --questions, --max-tokens), or, with --make, speed and the share of loading in a query
           (--make, --layers, --shape, --chunk, --repetitions)
  novel    hundreds of queries over shuffled documents of one set: do hits or speed fade?
           (--make, --layers, --arms, --queries, --documents, --per-query, --document-tokens, --question-tokens)
  store    a store of many caches (20 for each of --documents, default 5000): opening it, opening what a question needs,
           listing a page; memory (--documents, --queries, --model)
  table1   time to inject knowledge, cost per request, response delay; a fine-tuning row as an estimate
           (--make, --layers, --shape, --chunk, --repetitions, --epochs, --price-hour, --price-gb-month,
           --requests-month)

Models with random weights are made for it and kept under the data folder, in bench/.

Arms, apart by commas: any strategy of \`kvasir ask --help\`, and resident, the question over a context that is in
engine memory already. Always along: full, and libllama but for novel. Without --arms:
  shape    ${usualArms('shape')}
  suite    ${usualArms('suite')}
  novel    ${usualArms('novel')}

A run that was interrupted, in whatever way, goes on from its last measurement when the same command is given again;
--fresh begins anew.

Examples:
  kvasir bench --kind engine --make 1b:q4_0 --shape 1024+64
  kvasir bench --kind shape --make 1b:q4_0 --shape 4096+64 --arms reuse,link:16,blend:0.15 --out report.json
  kvasir bench --kind shape --make 70b:q4_0 --layers 8 --shape 2048+64
  kvasir bench --kind suite --tag quick --arms reuse,reuse:bos,oracle:0.15:bos,random:0.15:bos
  kvasir bench --kind suite --suite hard --questions 100
  kvasir bench --kind suite --model ~/models/llama-3.2-1b.gguf --suite questions.jsonl
  kvasir bench --kind codec --tag 0.25K --questions 400
  kvasir bench --kind codec --make 1b:q4_0 --shape 2048+64
  kvasir bench --kind novel --make tiny:f32 --queries 50 --documents 20
  kvasir bench --kind table1 --make 1b:q4_0 --price-hour 0.5
  kvasir bench list
  kvasir bench compare before.json after.json`

/** `kvasir bench`, and what is done with its reports. */
export function addBenchCommand(program: Command, { run, bare }: { readonly run: Run; readonly bare: RunBare }): void {
  const bench = program
    .command('bench')
    .addOption(new Option('--kind <kind>', 'what to measure').choices(BENCH_KINDS).default('engine'))
    .option('--make <shape:type>', 'the random model: tiny, 1b, 3b, 8b or 70b, and a tensor type (default: 1b:q4_0)')
    .option('--layers <n>', 'only so many layers of it', wholeNumber)
    .option('--shape <tokens>', 'tokens of knowledge and question (default: 1024+64, 4096+64 or 8192+2048, by kind)')
    .option('--chunk <tokens>', 'tokens of a chunk (default: 512)', wholeNumber)
    .option('--arms <list>', 'what to measure, apart by commas')
    .option('--repetitions <n>', 'of each measurement (default: 9, 5 or 3, by kind)', wholeNumber)
    .option('--baselines <n>', 'repetitions of full and libllama (default: all)', wholeNumber)
    .option('--suite <set>', 'a question set: demo or hard, which come along, or a file of JSON Lines (default: demo)')
    .option('--model <model>', "a GGUF file, or a model's id (default: the model that comes along)")
    .option('--tag <tag>', 'only questions of the set with this tag')
    .option('--questions <n>', 'so many of these, spread evenly (default: all)', wholeNumber)
    .option('--max-tokens <n>', 'length of an answer at most (default: 32)', wholeNumber)
    .option('--first-query', 'behind gaps in a selection only what its first question finds')
    .option('--queries <n>', 'in a row (default: 500)', wholeNumber)
    .option('--documents <n>', 'in the set (default: 200)', wholeNumber)
    .option('--per-query <n>', 'documents of a query (default: 8)', wholeNumber)
    .option('--document-tokens <n>', 'of each (default: 512)', wholeNumber)
    .option('--question-tokens <n>', 'of each question (default: 64)', wholeNumber)
    .option('--epochs <n>', 'passes over the knowledge in the estimate of fine-tuning (default: 3)', wholeNumber)
    .option('--price-hour <price>', 'of this machine, in any currency (default: 0.1)', price)
    .option('--price-gb-month <price>', 'of storage (default: 0.023)', price)
    .option('--requests-month <n>', "that share a month's storage (default: 10000)", wholeNumber)
    .option('--threads <n>', 'CPU threads (default: as many as there are cores)', wholeNumber)
    .option('--device <name>', 'a device that `kvasir doctor` names (default: auto)')
    .option('--seed <n>', 'of weights, tokens and draws (default: 1)', wholeNumber)
    .option('--fresh', 'forget what an interrupted run of the same has measured')
    .option('--out <file>', 'write the report as .json, .md or .csv, or its answers as .svg (repeatable)', collect)
    .description('measure, always against something, in one run')
    .addHelpText('after', KINDS)
    .action(
      bare(async ({ dataDir: given, output, signal }, { out = [], ...options }: BenchOptions & { out?: string[] }) => {
        const { kind } = options
        // A report that cannot be written is to be known before the minutes are spent.
        for (const file of out) await checkReportFile(file, kind)
        const dataDir = dataDirPath(given)
        const command = ['kvasir', ...process.argv.slice(2).map(quoted)].join(' ')
        const progress = makeProgress(output)
        await using engine = new Engine()
        try {
          const { report, forget } = await runBench(
            { engine, dataDir, version },
            { ...options, command },
            { signal, onProgress: (state) => progress.show({ ...state, phase: phaseOf(state.step) }), onRemark: (remark) => output.remark(sentence(remark)) },
          )
          progress.end()
          const id = await new KeptReports(dataDir).keep(report)
          output.result({ report, id })
          showReport(report, output)
          for (const file of out) {
            await writeReport(report, file)
            output.remark(`Written to ${file}.`)
          }
          output.remark(`Kept: kvasir bench show ${id}`)
          await forget()
        } finally {
          progress.end()
        }
      }),
    )
  addBenchReportCommands(program, bench, { run, bare })
}

function price(text: string): number {
  const value = Number(text)
  if (text.trim() !== '' && value >= 0 && Number.isFinite(value)) return value
  throw new InvalidArgumentError('Expected a price, 0 or more.')
}

async function checkReportFile(path: string, kind: BenchKind): Promise<void> {
  viewFor(path)
  if (path.toLowerCase().endsWith('.svg') && kind !== 'suite')
    throw new WorkbenchError(
      'argument.invalid',
      `Expected --kind suite for ${path}, got ${kind}: others have no answers to draw.`,
    )
  const folder = dirname(resolve(path))
  const isFolder = await stat(folder).then(
    (facts) => facts.isDirectory(),
    () => false,
  )
  if (!isFolder)
    throw new WorkbenchError('argument.invalid', `There is no folder ${folder} for the report. Make it first.`)
}
