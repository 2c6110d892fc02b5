/**
 * `kvasir bench --kind codec`: what caches take in each form, and what that changes in the answers to a question set. Every
 * form is held against the f16 caches that it was made from. Codebooks are learnt from a part of the documents; only
 * questions about the others are asked.
 */
import { join } from 'node:path'
import { z } from 'zod'
import { BENCH_DEFAULTS } from '../../../shared/bench'
import type { Segment } from '../../../shared/engine'
import { WorkbenchError } from '../../../shared/errors'
import { engineVersion } from '../../engine/engine-version'
import type { F16Cache } from '../../session/profiles/coded-files'
import { searchProfiles, type ProfileProbe } from '../../session/profiles/search'
import { MOST_KL, TARGET_BITS, type ProfileFacts } from '../../../shared/profile'
import { cachesInForms, f16Bytes, type CachesInForm } from '../coded-caches'
import { CODED_FORMS, PEER_FORMS } from '../codec-forms'
import { assertCount, withModel, type BenchDeps, type CommonOptions, type FinishedBench } from '../deps'
import { machineFacts, reportFacts } from '../facts'
import { Journal } from '../journal'
import { SUB_BATCH, type Bench } from '../measure'
import { scoreAnswer } from '../metrics'
import type { NamedModel } from '../model-file'
import type { CodecRow } from '../../../shared/bench-report'
import { mean } from '../samples'
import { keeping, measureSlots, type BenchRun, type Slot } from '../slots'
import { readSuite, spread, taggedQuestions, type SuiteQuestion } from '../suite-file'
import { documentsKey, SuiteKnowledge } from '../suite-knowledge'
import { weighed } from './codec-shape'

export interface CodecOptions extends CommonOptions {
  /** A JSONL file of questions. */
  readonly suite: string
  readonly model: NamedModel
  /** Only questions with this tag. */
  readonly tag?: string
  /** So many of them, spread evenly; default all. */
  readonly questions?: number
  /** Of an answer at most; default 32. */
  readonly maxTokens?: number
}

/** One in so many lists of documents is for learning. */
const LEARNING_SHARE = 4
/** With which steps are searched. */
const CALIBRATION_QUESTIONS = 48
/** Caches to learn from, at most. */
const MOST_LEARNING = 600
const F16 = 'f16'

const judged = z.record(z.string(), z.object({ exactMatch: z.number(), klMean: z.number(), top1: z.number() }))
type Judged = z.infer<typeof judged>

interface QuestionSlot extends Slot {
  readonly question: SuiteQuestion
}

/** @throws `argument.invalid`, `cancelled`, the engine's errors */
export async function runCodecBench(
  deps: BenchDeps,
  options: CodecOptions,
  run: BenchRun = {},
): Promise<FinishedBench> {
  const { threads = 0, device = 'auto', maxTokens = BENCH_DEFAULTS.codec.maxTokens, fresh = false } = options
  assertCount('tokens of an answer', maxTokens)
  if (options.questions !== undefined) assertCount('questions', options.questions)
  const suite = await readSuite(options.suite)
  const wanted = taggedQuestions(suite, options.tag)
  const all = spread(wanted, options.questions ?? wanted.length)
  const { learning, asked } = apart(all)
  return await withModel(deps.engine, { ...options.model, threads, device, run }, async (used) => {
    const { engine } = deps
    const identity = {
      kind: 'codec',
      engine: engineVersion(deps.version),
      model: used.fingerprint,
      machine: machineFacts(used.model),
      suite: suite.digest,
      maxTokens,
      forms: [...CODED_FORMS, ...PEER_FORMS],
      questions: all.map(({ id }) => id),
    }
    const journal = await Journal.open({ dataDir: deps.dataDir, entry: judged, fresh, identity })
    return await keeping(journal, async () => {
      const place = { engine, folder: join(journal.folder, 'data'), path: options.model.path, threads, device, run }
      await using knowledge = await SuiteKnowledge.open({ ...place, calibration: null, maxTokens })
      await knowledge.bringIn(all, { tails: true })
      const caches = await cachesOf(knowledge, asked)
      const from = {
        engine,
        fingerprint: used.fingerprint,
        layers: used.model.layers,
        threads: used.model.threads,
        learning: spread(await cachesOf(knowledge, learning), MOST_LEARNING),
      }
      const profiles = await calibrated(knowledge, spread(learning, CALIBRATION_QUESTIONS), {
        ...from,
        model: used.model.model,
        folder: join(journal.folder, 'profiles'),
        run,
      })
      const forms = await cachesInForms({ ...from, folder: join(journal.folder, 'forms'), caches, profiles, run })
      const bench: Bench = { engine, model: used.model, signal: run.signal }
      const slots = asked.map((question): QuestionSlot => ({
        id: question.id,
        label: 'question',
        step: { code: 'asking' },
        question,
      }))
      const measure = ({ question }: QuestionSlot): Promise<Judged> => ask(bench, knowledge, { question, forms })
      await measureSlots(slots, {
        journal,
        run,
        measure,
        shows: (_, one) =>
          Object.entries(one).flatMap(([name, figures]) =>
            (['exactMatch', 'klMean', 'top1'] as const).map((figure) => ({ name, figure, value: figures[figure] })),
          ),
      })
      const facts = await reportFacts(engine, {
        ...used,
        version: deps.version,
        command: options.command,
        signal: run.signal,
      })
      const tokens = caches.reduce((sum, cache) => sum + cache.tokens, 0)
      const elements = (tokens * used.model.kvBytesPerToken) / 2
      const answers = slots.map(({ id }) => journal.get(id))
      const f16 = { name: F16, isPeer: false, bytes: await f16Bytes(caches), sharedBytes: 0 }
      const report = {
        ...facts,
        kind: 'codec' as const,
        repetitions: 1,
        runs: journal.runs,
        arms: [],
        codec: [f16, ...forms].map((form) => rowOf(form, { elements, answers, chunks: caches.length })),
        suite: {
          file: suite.file,
          digest: suite.digest,
          ...(options.tag !== undefined && { tag: options.tag }),
          questions: asked.length,
          documents: new Set(asked.flatMap(({ documents }) => documents.map(({ digest }) => digest))).size,
          maxTokens,
          tails: true,
        },
      }
      return { report, forget: () => journal.end() }
    })
  })
}

/** Questions to learn from, and questions about other documents. @throws `argument.invalid` where there is one list only */
function apart(questions: readonly SuiteQuestion[]): { learning: SuiteQuestion[]; asked: SuiteQuestion[] } {
  const lists = [...Map.groupBy(questions, documentsKey).values()]
  const isLearnt = (index: number): boolean => index % LEARNING_SHARE === 0
  if (lists.length < 2)
    throw new WorkbenchError(
      'argument.invalid',
      'Expected questions about two lists of documents or more, since codebooks are learnt from other documents than those ' +
        'asked about; the questions have one list.',
    )
  return {
    learning: lists.flatMap((list, index) => (isLearnt(index) ? list : [])),
    asked: lists.flatMap((list, index) => (isLearnt(index) ? [] : list)),
  }
}

type Calibrated = Omit<Parameters<typeof searchProfiles>[0], 'probes' | 'targets' | 'mostKl' | 'signal' | 'onProgress'>

/** The model's profiles as `kvasir store calibrate` finds them, with questions about what is learnt from. */
async function calibrated(
  knowledge: SuiteKnowledge,
  questions: readonly SuiteQuestion[],
  { run, ...input }: Calibrated & { readonly run: BenchRun },
): Promise<(ProfileFacts & { readonly path: string })[]> {
  const probes: ProfileProbe[] = []
  for (const question of questions)
    await reused(knowledge, question, async (segments) => {
      probes.push({ segments })
    })
  const { calibration, staged } = await searchProfiles({
    ...input,
    probes,
    targets: TARGET_BITS,
    mostKl: MOST_KL,
    signal: run.signal,
    onProgress: ({ step, done, total }) => run.onProgress?.({ step, done, total, unit: 'answers' }),
  })
  return calibration.profiles.map((facts) => ({ ...facts, path: staged.get(facts.codebook) ?? '' }))
}

/** Every cache that these questions reuse, once. */
async function cachesOf(knowledge: SuiteKnowledge, questions: readonly SuiteQuestion[]): Promise<F16Cache[]> {
  const caches = new Map<string, F16Cache>()
  for (const question of questions) {
    await reused(knowledge, question, async (segments) => {
      for (const segment of segments)
        if (segment.kind === 'cached')
          caches.set(segment.key, { key: segment.key, path: segment.path, tokens: segment.tokens.length })
    })
  }
  return [...caches.values()]
}

async function reused<T>(
  knowledge: SuiteKnowledge,
  question: SuiteQuestion,
  work: (segments: readonly Segment[]) => Promise<T>,
): Promise<T> {
  const query = await knowledge.query(question)
  return await knowledge.composed(query, [{ name: 'reuse', bos: false }], async ([composition]) =>
    await work(composition?.segments ?? []),
  )
}

/** The question over f16 caches, and over each form of them, held against that. */
async function ask(
  { engine, model, signal }: Bench,
  knowledge: SuiteKnowledge,
  { question, forms }: { readonly question: SuiteQuestion; readonly forms: readonly CachesInForm[] },
): Promise<Judged> {
  const { maxTokens, stop } = (await knowledge.query(question)).request
  return await reused(knowledge, question, async (segments) => {
    const changed = forms.flatMap(({ name, segment }) => (segment ? [{ name, segment }] : []))
    const arms = [
      { segments: [...segments] },
      ...changed.map(({ segment }) => ({
        segments: segments.map((each) => (each.kind === 'cached' ? segment(each) : each)),
      })),
    ]
    const params = { model: model.model, arms, continuation: null, maxTokens, stop, subBatch: SUB_BATCH }
    const { arms: compared } = await engine.call('compare', params, { signal })
    const names = [F16, ...changed.map(({ name }) => name)]
    return Object.fromEntries(
      compared.map(({ text, klMean, top1 }, index) => [
        names[index] ?? '',
        { exactMatch: scoreAnswer(text, question.answers).exactMatch, klMean, top1 },
      ]),
    )
  })
}

function rowOf(
  form: Pick<CachesInForm, 'name' | 'isPeer' | 'bytes' | 'sharedBytes'> & Partial<CachesInForm>,
  { elements, answers, chunks }: { readonly elements: number; readonly answers: readonly Judged[]; readonly chunks: number },
): CodecRow {
  // A form without segments of its own gives back what it was made from.
  const own = answers.flatMap((answer) => answer[form.segment ? form.name : F16] ?? [])
  const average = (figure: (one: Judged[string]) => number): number => mean(own.map(figure)) ?? Number.NaN
  return {
    ...weighed(form, { elements, chunks }),
    exactMatch: average(({ exactMatch }) => exactMatch),
    klMean: average(({ klMean }) => klMean),
    top1: average(({ top1 }) => top1),
  }
}
