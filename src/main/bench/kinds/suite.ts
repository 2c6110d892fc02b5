/**
 * `kvasir bench --kind suite`: a question set answered by every arm, greedily, each held against full prefill by this
 * engine: right answers, distance of the distributions, time to the first token.
 */
import { join } from 'node:path'
import { BENCH_DEFAULTS, type Measured } from '../../../shared/bench'
import type { ComparedArm } from '../../../shared/engine'
import { WorkbenchError } from '../../../shared/errors'
import { strategyText } from '../../../shared/strategy'
import { assertMayBlend } from '../../blend/gate'
import { roomOf, type Query } from '../../session/query'
import { engineVersion } from '../../engine/engine-version'
import { assertLayers, parseArms, type Arm } from '../arms'
import { assertCount, withModel, type BenchDeps, type CommonOptions, type FinishedBench } from '../deps'
import { machineFacts, reportFacts } from '../facts'
import { Journal } from '../journal'
import { libllamaFirstToken, SUB_BATCH, type Bench } from '../measure'
import { scoreAnswer } from '../metrics'
import { knownOf, type NamedModel } from '../model-file'
import { answered, judgedArms, type Answered } from '../quality'
import { sampleOf } from '../samples'
import { keeping, measureSlots, type BenchRun, type Slot } from '../slots'
import { readSuite, spread, taggedQuestions, type SuiteQuestion } from '../suite-file'
import { SuiteKnowledge, type SuiteComposition } from '../suite-knowledge'

export interface SuiteOptions extends CommonOptions {
  /** A JSONL file of questions. */
  readonly suite: string
  readonly model: NamedModel
  /** Apart by commas; default `usualArms('suite')`. */
  readonly arms?: string
  /** Only questions with this tag. */
  readonly tag?: string
  /** So many of them, spread evenly; default all. */
  readonly questions?: number
  /** Of an answer at most; default 32. */
  readonly maxTokens?: number
  /** Whether caches behind a selection's gaps are there already, as from its second question on; default true. */
  readonly tails?: boolean
}

type StrategyArm = Extract<Arm, { kind: 'strategy' }>

interface QuestionSlot extends Slot {
  readonly question: SuiteQuestion
  /** Of the question among those asked. */
  readonly at: number
}

/** @throws `argument.invalid`, `model.gate-failed`, `cancelled`, the engine's errors */
export async function runSuiteBench(
  deps: BenchDeps,
  options: SuiteOptions,
  run: BenchRun = {},
): Promise<FinishedBench> {
  const { threads = 0, device = 'auto', maxTokens = BENCH_DEFAULTS.suite.maxTokens, tails = true, fresh = false } = options
  const arms = parseArms(options.arms, 'suite')
  assertCount('tokens of an answer', maxTokens)
  if (options.questions !== undefined) assertCount('questions', options.questions)
  const suite = await readSuite(options.suite)
  const { tag } = options
  const wanted = taggedQuestions(suite, tag)
  const questions = spread(wanted, options.questions ?? wanted.length)
  return await withModel(deps.engine, { ...options.model, threads, device, run }, async (used) => {
    assertLayers(arms, used.model.layers)
    const known = await knownOf(deps, { ...used, device: used.model.device, version: deps.version })
    for (const arm of arms) if (arm.kind === 'strategy') assertMayBlend(arm.spec, known.verdict, used.name)
    const identity = {
      kind: 'suite',
      engine: engineVersion(deps.version),
      model: used.fingerprint,
      machine: machineFacts(used.model),
      suite: suite.digest,
      maxTokens,
      tails,
      calibration: known.calibration?.madeAt,
      arms: arms.map(({ name }) => name),
      questions: questions.map(({ id }) => id),
    }
    const journal = await Journal.open({ dataDir: deps.dataDir, entry: answered, fresh, identity })
    return await keeping(journal, async () => {
      const { engine } = deps
      const place = { engine, folder: join(journal.folder, 'data'), path: options.model.path, threads, device, run }
      await using knowledge = await SuiteKnowledge.open({ ...place, calibration: known.calibration, maxTokens })
      await knowledge.bringIn(questions, { tails })
      const slots = questions.map((question, at): QuestionSlot => ({
        id: question.id,
        label: 'question',
        step: { code: 'asking' },
        question,
        at,
      }))
      const bench: Bench = { engine, model: used.model, signal: run.signal }
      const [first] = slots
      // What the first call of all waits for would count against the first question.
      if (first && slots.some(({ id }) => !journal.has(id))) await ask(bench, knowledge, { arms, slot: first })
      const measure = (slot: QuestionSlot): Promise<Answered> => ask(bench, knowledge, { arms, slot })
      await measureSlots(slots, { journal, run, measure, shows: (_, one) => figuresOf(one) })
      const facts = await reportFacts(engine, {
        ...used,
        version: deps.version,
        command: options.command,
        signal: run.signal,
      })
      const report = {
        ...facts,
        kind: 'suite' as const,
        repetitions: 1,
        runs: journal.runs,
        arms: judgedArms(
          arms,
          slots.map(({ id, question: { kind, tags } }) => ({ kind, tags, answered: journal.get(id) })),
        ),
        suite: {
          file: suite.file,
          digest: suite.digest,
          ...(tag !== undefined && { tag }),
          questions: questions.length,
          documents: new Set(questions.flatMap(({ documents }) => documents.map(({ digest }) => digest))).size,
          maxTokens,
          tails,
        },
      }
      return { report, forget: () => journal.end() }
    })
  })
}

function figuresOf(one: Answered): Measured[] {
  return Object.entries(one).flatMap(([name, { sample, judgement }]): Measured[] => [
    { name, figure: 'ttftMs', value: sample.ttftMs },
    ...(judgement
      ? (['exactMatch', 'klMean', 'top1'] as const).map((figure) => ({ name, figure, value: judgement[figure] }))
      : []),
  ])
}

/** Every arm on one question. Full prefill is what the others are held against, so it goes first; they take turns. */
async function ask(
  bench: Bench,
  knowledge: SuiteKnowledge,
  { arms, slot }: { readonly arms: readonly Arm[]; readonly slot: QuestionSlot },
): Promise<Answered> {
  const query = await knowledge.query(slot.question)
  const strategies = arms.filter((arm): arm is StrategyArm => arm.kind === 'strategy')
  const [full, ...others] = strategies
  if (full?.name !== 'full')
    throw new WorkbenchError('internal', 'A suite is held against full prefill, which is missing.')
  const first = slot.at % Math.max(1, others.length)
  const order = [full, ...others.slice(first), ...others.slice(0, first)]
  const prompt = { knowledge: query.knowledgeTokens, question: query.prefix.length + query.tail.length }
  const result = await knowledge.composed(
    query,
    order.map(({ spec }) => spec),
    async (compositions) => {
      const compared = await compare(bench, query, compositions)
      const [reference] = compositions
      const isAsked = reference && arms.some(({ kind }) => kind === 'libllama')
      const strategies = compositions.map(({ strategy }) => strategy)
      return { compared, strategies, libllama: isAsked ? await libllamaFirstToken(bench, reference, prompt) : null }
    },
  )
  const answers = order.flatMap(({ name, spec }, at) => {
    const [one, strategy] = [result.compared[at], result.strategies[at]]
    if (!one || !strategy) return []
    const { klMean, top1, text } = one
    const judgement = { ...scoreAnswer(text, slot.question.answers), klMean, top1 }
    const chosen = spec.name === 'auto' ? strategyText(strategy) : undefined
    return [[name, { sample: sampleOf(one, prompt), text, judgement, chosen }] as const]
  })
  return Object.fromEntries([
    ...answers,
    ...(result.libllama ? [['libllama', { sample: result.libllama }] as const] : []),
  ])
}

async function compare(
  { engine, model, signal }: Bench,
  query: Query,
  arms: readonly SuiteComposition[],
): Promise<readonly ComparedArm[]> {
  const maxTokens = Math.min(query.request.maxTokens, roomOf(query))
  const params = {
    model: model.model,
    arms: arms.map(({ segments, recompute }) => ({ segments, recompute })),
    continuation: null,
    maxTokens,
    stop: query.request.stop,
    subBatch: SUB_BATCH,
  }
  return (await engine.call('compare', params, { signal })).arms
}
