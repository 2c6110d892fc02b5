/**
 * `kvasir bench --kind table1`: the first table of "Do Large Language Models Need a Content Delivery Network?"
 * (arXiv 2409.13761), scaled to this machine: how long it takes until new knowledge can be used, what a request costs,
 * and how long it waits for its first token. Fine-tuning is not run: its time is an estimate, and is called one.
 */
import { BENCH_DEFAULTS } from '../../../shared/bench'
import { WorkbenchError } from '../../../shared/errors'
import { costPerRequest, PRICES } from '../../metrics/cost'
import { parseArms, type Arm } from '../arms'
import {
  assertCount,
  withRandomModel,
  type BenchDeps,
  type FinishedBench,
  type RandomModelOptions,
  type UsedModel,
} from '../deps'
import { reportFacts } from '../facts'
import type { ArmReport, Table1Report } from '../../../shared/bench-report'
import { armReports } from '../samples'
import { contextShape, madeModel, type ContextShape } from '../shapes'
import type { BenchRun } from '../slots'
import { measureArms, type MeasuredArms } from './shape'

const STRATEGIES = 'reuse,link:16,blend:0.15'
const QUESTION: Arm = { kind: 'question', name: 'question' }

export interface Table1Options extends RandomModelOptions {
  /** e.g. `8192+2048`, the paper's */
  readonly shape: string
  /** Tokens of a chunk; default 512. */
  readonly chunk?: number
  /** Default 3. */
  readonly repetitions?: number
  /** Passes over the knowledge in fine-tuning; default 3. */
  readonly epochs?: number
  readonly prices?: Partial<Table1Report['prices']>
}

const DEFAULTS = BENCH_DEFAULTS.table1

/** @throws `argument.invalid`, `cancelled`, the engine's errors */
export async function runTable1Bench(
  deps: BenchDeps,
  options: Table1Options,
  run: BenchRun = {},
): Promise<FinishedBench> {
  const { repetitions = DEFAULTS.repetitions, chunk = DEFAULTS.chunk, seed = 1, epochs = DEFAULTS.epochs } = options
  const shape = contextShape(options.shape)
  const {
    perHour = PRICES.perHour,
    perGbMonth = PRICES.perGbMonth,
    requestsPerMonth = PRICES.requestsPerMonth,
  } = options.prices ?? {}
  const prices = { perHour, perGbMonth, requestsPerMonth }
  assertCount('repetitions', repetitions)
  assertCount('tokens of a chunk', chunk)
  assertCount('epochs', epochs)
  assertCount('requests a month', requestsPerMonth)
  for (const [name, price] of Object.entries(prices)) {
    if (!(price >= 0))
      throw new WorkbenchError('argument.invalid', `Expected a price of 0 or more for ${name}, got ${price}.`)
  }
  madeModel(options.make, seed, options.layers)
  const arms = [...parseArms(STRATEGIES, 'shape'), QUESTION]
  return await withRandomModel(deps, { ...options, run }, async (used) => {
    const input = {
      used,
      shape,
      chunk,
      arms,
      repetitions,
      baselines: repetitions,
      seed,
      kind: 'table1' as const,
      fresh: options.fresh ?? false,
    }
    const measured = await measureArms(deps, input, run)
    const facts = await reportFacts(deps.engine, {
      ...used,
      version: deps.version,
      command: options.command,
      signal: run.signal,
    })
    const reports = armReports(measured.samples)
    const report = {
      ...facts,
      kind: 'table1' as const,
      repetitions,
      runs: measured.journal.runs,
      shape: { ...shape, chunk },
      arms: reports.filter(({ name }) => name !== QUESTION.name),
      table1: tableOf(reports, { used, shape, epochs, prices, measured }),
    }
    return { report, forget: () => measured.journal.end() }
  })
}

export interface TableInput {
  readonly used: Pick<UsedModel, 'model'>
  readonly shape: ContextShape
  readonly epochs: number
  readonly prices: Table1Report['prices']
  readonly measured: Pick<MeasuredArms, 'encodeMs' | 'bytes'>
}

/** The rows, from the arms' figures. */
export function tableOf(
  arms: readonly ArmReport[],
  { used: { model }, shape, epochs, prices, measured }: TableInput,
): Table1Report {
  const seconds = (name: string): number => (arms.find((arm) => arm.name === name)?.ttftMs.p50 ?? Number.NaN) / 1000
  // Two operations per weight and token forward; attention, which no weight does, is left out on both sides.
  const flopsPerSecond = (2 * model.parameters * (shape.knowledge + shape.question)) / seconds('full')
  const rowOf = (row: Omit<Table1Report['rows'][number], 'costPerRequest'>): Table1Report['rows'][number] => ({
    ...row,
    costPerRequest: costPerRequest(row, prices),
  })
  const reading = { isEstimate: false, injectSeconds: 0, storedBytes: 0 }
  const caches = { isEstimate: false, injectSeconds: measured.encodeMs / 1000, storedBytes: measured.bytes }
  return {
    prices,
    flopsPerSecond,
    epochs,
    rows: [
      {
        name: 'fine-tuning',
        isEstimate: true,
        how:
          `an ESTIMATE, nothing was trained: 6 x parameters x tokens x ${epochs} epochs at the arithmetic ` +
          'measured in prefill; the delay is that of the question alone, measured; a copy of the model is stored',
        injectSeconds: (6 * model.parameters * shape.knowledge * epochs) / flopsPerSecond,
        responseSeconds: seconds(QUESTION.name),
        storedBytes: model.fileBytes,
      },
      {
        ...reading,
        name: 'in-context (full)',
        how: 'measured; nothing to inject, everything is read every time',
        responseSeconds: seconds('full'),
      },
      {
        ...reading,
        name: 'in-context (libllama)',
        how: 'measured, the same by libllama',
        responseSeconds: seconds('libllama'),
      },
      ...STRATEGIES.split(',').map((name) => ({
        ...caches,
        name: `caches (${name})`,
        how: 'measured; the caches were computed once',
        responseSeconds: seconds(name),
      })),
    ].map(rowOf),
  }
}
