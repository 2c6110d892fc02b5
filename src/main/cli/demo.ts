import type { Command } from 'commander'
import sample from '../../../models/demo/sample/sample.json'
import type { Answer, AskInput } from '../../shared/answer'
import { WorkbenchError } from '../../shared/errors'
import type { SetTree, Suggestion } from '../../shared/knowledge'
import type { Strategy } from '../../shared/strategy'
import { findNodes } from '../documents/find-node'
import { strategyOf } from './ask'
import { count, milliseconds, ratio } from './figures'
import { followJob } from './follow-job'
import type { Run, Session } from './run'
import { summary } from './sets'
import { numbers, shortened, table } from './table'

const STRATEGIES: readonly Strategy[] = ['full', 'prefix', 'reuse', 'reuse:bos', 'link:16', 'mix:4+0.15', 'blend:0.15']
/** Of the sample's suggestions. */
const QUESTIONS = 3
/** Each question by each strategy; the median counts. */
const REPETITIONS = 3
/** The sample's answers are a word or two. */
const MOST_TOKENS = 16

const RIGHT_ANSWERS = new Map(sample.questions.map(({ question, answers }) => [question, answers]))

interface Row {
  readonly question: string
  readonly strategy: Strategy
  readonly ttftMs: number
  /** Full prefill's TTFT divided by this one. */
  readonly ratioToFull: number
  readonly reusedTokens: number
  readonly recomputedTokens: number
  readonly knowledgeTokens: number
  readonly answer: string
  readonly right: boolean
}

interface DemoOptions {
  readonly strategy?: readonly Strategy[]
}

interface Exclusion {
  readonly question: string
  readonly excluded: string
  readonly before: string
  readonly after: string
}

const ABOUT_THE_TABLE = `
full computes everything; reuse gives its answers without reading the documents
again. reuse:bos takes every chunk as if it stood alone, so what needs an
earlier section is lost; link, mix and blend compute some tokens again in their
place. This model is too small for its times to say much:
kvasir bench --make 1b:q4_0 --shape 1024+64   measures that on a real shape.`

const ABOUT = `
Imports the sample documents, builds their caches, asks a few questions by several strategies, and shows what leaving a
section out does to an answer. Everything is kept; the set is called ${sample.name}. Strategies: kvasir ask --help

Examples:
  kvasir demo
  kvasir demo --strategy reuse:bos --strategy blend:0.15:bos --strategy oracle:0.15:bos`

/** `kvasir demo` */
export function addDemoCommand(program: Command, run: Run): void {
  program
    .command('demo')
    .description('see it work: sample documents, the model that comes along, strategies side by side')
    .option('--strategy <form>', 'compare these with full instead of the usual ones (repeatable)', collectStrategies)
    .addHelpText('after', ABOUT)
    .action(
      run(async (session, { strategy }: DemoOptions) => {
        const { output } = session
        const strategies = strategy ? [...new Set<Strategy>(['full', ...strategy])] : STRATEGIES
        const set = await prepare(session)
        output.line(`${output.paint.bold(set.name)}: ${summary(set)}; model ${set.model}\n`)
        const rows = await compare(session, set, strategies)
        output.line(comparison(rows, session))
        output.remark(ABOUT_THE_TABLE)
        const exclusions = await exclude(session, set)
        output.line('\nLeaving a section out:')
        for (const { question, excluded, before, after } of exclusions) {
          output.line(`${question}  ${output.paint.bold(before)}`)
          output.line(`  without ${excluded}: ${output.paint.bold(after)}`)
        }
        const { id, name, model } = set
        output.result({ set: { id, name, model }, rows, exclusions })
        const next = set.suggestions[QUESTIONS]
        if (next) output.remark(`\nNow you: kvasir ask ${set.name} "${next.question}" --trace`)
        output.remark('In a browser: kvasir serve')
      }),
    )
}

/** The sample set, imported and built. */
async function prepare(session: Session): Promise<SetTree> {
  const { workbench } = session
  const { id } = await workbench.sets.ensureSample()
  for (const job of workbench.jobs.list()) {
    if (job.set === id && (job.status === 'running' || job.status === 'waiting')) await followJob(session, job)
  }
  await followJob(session, await workbench.build(id))
  return await workbench.sets.show(id)
}

async function compare(session: Session, set: SetTree, strategies: readonly Strategy[]): Promise<Row[]> {
  const rows: Row[] = []
  const requests = set.suggestions.slice(0, QUESTIONS).map((suggestion) => requestOf(set, suggestion))
  // The first question of all also loads the model.
  if (requests[0]) await answerOf(session, requests[0])
  for (const request of requests) {
    const { question } = request
    let fullMs = Number.NaN
    for (const strategy of strategies) {
      const answers: Answer[] = []
      while (answers.length < REPETITIONS) answers.push(await answerOf(session, { ...request, strategy }))
      const { text, trace } = answers.sort((a, b) => a.trace.ttftMs - b.trace.ttftMs)[Math.floor(REPETITIONS / 2)]!
      if (strategy === 'full') fullMs = trace.ttftMs
      const { ttftMs, reusedTokens, recomputedTokens, knowledgeTokens } = trace
      const figures = { ttftMs, ratioToFull: fullMs / ttftMs, reusedTokens, recomputedTokens, knowledgeTokens }
      const answer = text.trim()
      rows.push({ question, strategy, ...figures, answer, right: RIGHT_ANSWERS.get(question)?.includes(answer) ?? true })
    }
  }
  return rows
}

async function exclude(session: Session, set: SetTree): Promise<Exclusion[]> {
  const found: Exclusion[] = []
  for (const { document, section, question } of sample.exclusions) {
    const excluded = `${document}/${section}`
    const suggestion = set.suggestions.find((one) => one.question === question)
    const request = requestOf(set, suggestion ?? { question, include: [] })
    const before = await answerOf(session, request)
    const selection = { ...request.selection, exclude: findNodes(set, [excluded]) }
    const after = await answerOf(session, { ...request, selection })
    found.push({ question, excluded, before: before.text.trim(), after: after.text.trim() })
  }
  return found
}

function requestOf({ id }: SetTree, { question, include }: Suggestion): AskInput {
  return { set: id, question, selection: { include: [...include], exclude: [] } }
}

async function answerOf({ workbench, signal }: Session, request: AskInput): Promise<Answer> {
  for await (const event of workbench.ask({ maxTokens: MOST_TOKENS, ...request }, { signal })) {
    if (event.type === 'answer') return event.answer
  }
  throw new WorkbenchError('internal', 'The answer ended without a result.')
}

function collectStrategies(text: string, earlier: readonly Strategy[] = []): Strategy[] {
  return [...earlier, strategyOf(text)]
}

/** One table over all questions, each question on a line of its own above its strategies. */
function comparison(rows: readonly Row[], { output: { paint } }: Session): string {
  const cells = rows.map(
    ({ strategy, ttftMs, ratioToFull, reusedTokens, recomputedTokens, knowledgeTokens, answer, right }) => [
      `  ${strategy}`,
      milliseconds(ttftMs),
      ratio(ratioToFull),
      `${count(reusedTokens - recomputedTokens)} of ${count(knowledgeTokens)}`,
      right ? shortened(answer, 40) : paint.yellow(`${shortened(answer, 32)} (wrong)`),
    ],
  )
  const columns = ['  strategy', numbers('first token'), numbers('against full'), numbers('tokens reused'), 'answer']
  const [head = '', ...lines] = table(columns, cells).split('\n')
  const titled = lines.map((line, at) => {
    const question = rows[at]?.question
    return question === rows[at - 1]?.question ? line : `${question}\n${line}`
  })
  return [head, ...titled].join('\n')
}
