import { InvalidArgumentError, Option, type Command } from 'commander'
import type { Answer, AskInput, Turn } from '../../shared/answer'
import { WorkbenchError } from '../../shared/errors'
import type { NodeId } from '../../shared/knowledge'
import type { Profile } from '../../shared/profile'
import { parseStrategy, STRATEGY_FORMS, type Strategy } from '../../shared/strategy'
import { findNodes } from '../documents/find-node'
import { idChain } from '../documents/node-id'
import { estimateReport } from './estimate-report'
import { count, milliseconds, percent, several } from './figures'
import { followJob } from './follow-job'
import { profileOf } from './profiles'
import { makeProgress } from './progress'
import { provenanceReport } from './provenance-report'
import type { Run, Session } from './run'
import { placeOf } from './search-hits'
import { setToAsk, type SetToAsk } from './set-to-ask'
import { traceReport } from './trace-report'

interface AskOptions {
  readonly include?: readonly string[]
  readonly exclude?: readonly string[]
  readonly search?: number | true
  readonly selection?: string
  readonly strategy: Strategy
  readonly fidelity?: number
  readonly profile?: Profile
  readonly trace?: boolean
  readonly estimate?: boolean
  readonly follow?: readonly number[]
  readonly provenance?: boolean
  readonly maxTokens?: number
  readonly temperature?: number
  readonly topK?: number
  readonly topP?: number
  readonly minP?: number
  readonly seed?: number
  readonly stop?: readonly string[]
  readonly keepMissed?: boolean
}

/** Parts that `--search` takes where it is not told how many, and how far down it looks for ones that are not excluded. */
const FOUND_PARTS = 6
const MOST_FOUND = 200

const EXAMPLES = `
Strategies:
  full     in-context learning: everything is computed
  prefix   the longest exactly cached beginning is reused, the rest computed
  reuse    every chunk from its cache, in the best variant the selection allows; what is not cached is computed
  link     reuse, and the first tokens of every chunk that is not exact computed again in their place (LegoLink)
  score    reuse, and the tokens computed again that depended most on what stood before them when they were cached
  mix      the first tokens of every chunk, then the highest scores
  blend    reuse, and the tokens computed again that a check layer finds changed most (CacheBlend)
  oracle   a control: what full prefill shows to have changed most; random: tokens drawn by lot
  auto     the cheapest that keeps within --fidelity, as "kvasir models calibrate" measured it; more where it is unsure
As written, R being the share of tokens computed again, 0 to 1:
${STRATEGY_FORMS.map((form) => `  ${form}`).join('\n')}
:bos takes every chunk as if it stood alone, as the papers do. Methods: docs/strategies.md

Examples:
  kvasir ask Sample "What is the budget of Project Wren?"
  kvasir ask Sample "What is the travel allowance?" --exclude "Handbook 2025"
  kvasir ask Sample "When is Project Wren due?" --include d6 --exclude d6.s2
  kvasir ask Sample "Who approves night flights?" --selection "Without corrections"
  kvasir ask Sample "Who approves night flights?" --search 3
  kvasir ask Sample "In which room is Nora Grant?" --strategy blend:0.15 --trace
  kvasir ask Sample "In which room is Nora Grant?" --estimate
  kvasir ask Sample "In which room is Nora Grant?" --json | jq .answer.trace.ttftMs`

/** `kvasir ask` */
export function addAskCommand(program: Command, run: Run): void {
  program
    .command('ask')
    .argument('<set>', 'id or name')
    .argument('<question>', 'the question, in quotes')
    .option('--include <id>', 'ask only this document, section or chunk, by id or title (repeatable)', collect)
    .option('--exclude <id>', 'leave this document, section or chunk out (repeatable)', collect)
    .addOption(
      new Option('--search [n]', `ask only the n parts that a search for the question finds (default: ${FOUND_PARTS})`)
        .argParser(wholeBetween(1, 100))
        .conflicts('include'),
    )
    .addOption(
      new Option('--selection <name>', 'ask what a selection takes that "kvasir sets selections" lists').conflicts([
        'include',
        'search',
      ]),
    )
    .option('--strategy <form>', 'how the documents reach the model, see below', strategyOf, 'reuse')
    .option('--follow <number>', 'send this past question and its answer along, by its number in "kvasir history" (repeatable)', collectNumbers)
    .option('--profile <profile>', 'read caches in this profile alone (default: the most exact there is)', profileOf)
    .option('--fidelity <kl>', 'auto: most KL from full prefill that is accepted (default: 0.02)', between(0, 100))
    .option('--trace', 'show where the time went, and per chunk what was reused and why not')
    .option('--provenance', 'then show which parts the answer paid attention to')
    .option('--estimate', 'do not ask: show what each strategy would cost, and keep of full prefill')
    .option('--max-tokens <n>', 'length of the answer at most (default: 256)', wholeBetween(1, 100_000))
    .option('--temperature <t>', '0 always takes the likeliest token, at most 10 (default: 0)', between(0, 10))
    .option('--top-k <n>', 'sample from the n likeliest (default: 40)', wholeNumber)
    .option('--top-p <p>', 'sample from the likeliest that together have p (default: 0.95)', between(0, 1))
    .option('--min-p <p>', 'no token less than p times as likely as the likeliest (default: 0.05)', between(0, 1))
    .option('--seed <n>', 'the same seed gives the same answer (default: 0)', wholeNumber)
    .option('--stop <text>', 'end before this text (repeatable)', collect)
    .option('--keep-missed', 'then build the caches that this question would have needed, for next time')
    .description('answer a question from a set')
    .addHelpText('after', EXAMPLES)
    .action(
      run(async (session, name: string, question: string, options: AskOptions) => {
        const { workbench, output } = session
        const set = await setToAsk(workbench, name, options.include, options.exclude)
        const found = await partsFound(session, set, question, options)
        const named = options.selection === undefined ? null : await exclusionsOf(session, set, options.selection)
        const history = await turnsOf(session, options.follow ?? [])
        // Names are looked for among the parts that were read for them; what a search or a selection gives are ids already.
        const exclude = [...(named ?? []), ...findNodes(set, options.exclude ?? [])]
        const given = options.include && findNodes(set, options.include)
        const include = named ? [] : (found ?? given ?? suggested(set, question, exclude))
        const request: AskInput = { ...requestOf(set, question, options), selection: { include, exclude }, history }
        const parts = request.selection?.include?.length ?? 0
        if (!options.include && !found && !named && parts > 0)
          output.remark(`Asked of ${several(parts, 'part')} of ${set.name} that ${parts === 1 ? 'suits' : 'suit'} this question.`)
        if (options.estimate) {
          const { fidelity, profile, strategy, selection } = request
          const estimate = await workbench.estimate({ set: set.id, question, selection, history, fidelity, profile, strategies: [strategy ?? 'reuse'] })
          output.result({ estimate })
          output.line(estimateReport(estimate, output.paint))
          return
        }
        const { query, answer } = await ask(session, request)
        const provenance = options.provenance ? await workbench.provenance(query, { signal: session.signal }) : undefined
        output.result({ query, answer, provenance })
        if (options.trace) output.line(`\n${traceReport(answer.trace, output.paint)}`)
        else output.remark(oneLine(answer))
        if (provenance) output.line(`\n${provenanceReport(provenance, answer.trace.chunks)}`)
        if (options.keepMissed) await finishKeeping(session)
      }),
    )
}

/** Past questions with their answers, as a conversation. @throws not-found */
async function turnsOf({ workbench }: Session, numbers: readonly number[]): Promise<Turn[]> {
  const turns: Turn[] = []
  for (const id of numbers) {
    const { query, answer } = await workbench.hits.query(id)
    if (!answer) throw new WorkbenchError('not-found', `Of question ${id} no answer is kept: it was stopped, or is an old one.`)
    turns.push({ role: 'user', content: query.question }, { role: 'assistant', content: answer.text.trim() })
  }
  return turns
}

function requestOf(set: SetToAsk, question: string, options: AskOptions): Omit<AskInput, 'selection' | 'history'> {
  if (question.trim() === '') {
    throw new WorkbenchError('argument.invalid', 'The question is empty. Give it in quotes behind the set.')
  }
  const { temperature, topK, topP, minP, seed, maxTokens, keepMissed = false, strategy, fidelity, profile } = options
  const { stop = [] } = options
  return {
    set: set.id,
    question,
    strategy,
    fidelity,
    profile,
    sampling: { temperature, topK, topP, minP, seed },
    maxTokens,
    stop: [...stop],
    keepMissed,
  }
}

/** What a selection that has a name leaves out, as far as it is there still. @throws not-found */
async function exclusionsOf({ workbench }: Session, set: SetToAsk, name: string): Promise<readonly NodeId[]> {
  const saved = (await workbench.selections.list(set.id)).find((one) => one.name === name.trim())
  if (saved) return (await workbench.sets.selected(set.id, saved.selection)).exclude
  throw new WorkbenchError(
    'not-found',
    `"${set.name}" has no selection "${name}". \`kvasir sets selections ${set.id}\` lists them.`,
  )
}

/** The parts that a search proposes, said to the person who asks; null where none is wanted. @throws not-found */
export async function partsFound(
  { workbench, output }: Session,
  set: SetToAsk,
  question: string,
  { search, exclude = [] }: Pick<AskOptions, 'search' | 'exclude'>,
): Promise<NodeId[] | null> {
  if (search === undefined) return null
  const excluded = findNodes(set, exclude)
  const hits = (await workbench.documents.search(set.id, question, { limit: MOST_FOUND }))
    .filter(({ id }) => !idChain(id).some((step) => excluded.includes(step)))
    .slice(0, search === true ? FOUND_PARTS : search)
  if (hits.length === 0) {
    throw new WorkbenchError(
      'not-found',
      `No part of ${set.name} has words of this question. Ask without --search, or in other words.`,
    )
  }
  output.remark(`Asked of ${several(hits.length, 'part')} of ${set.name}:`)
  for (const hit of hits) output.remark(`  ${hit.id}  ${placeOf(hit)}`)
  return hits.map(({ id }) => id)
}

/** What a suggested question comes with, less what the caller leaves out: a whole document, say. */
export function suggested({ suggestions }: SetToAsk, question: string, excluded: readonly NodeId[]): NodeId[] {
  const { include = [] } = suggestions.find((one) => one.question === question.trim()) ?? {}
  return include.filter((id) => !idChain(id).some((step) => excluded.includes(step)))
}

/** What the answer missed is being built: closing the workbench would end that. */
async function finishKeeping(session: Session): Promise<void> {
  for (const job of session.workbench.jobs.list()) {
    if (job.kind === 'build') session.output.remark((await followJob(session, job)).result ?? '')
  }
}

/** Streams the answer's text to the output; resolves with the whole of it. */
async function ask(
  { workbench, output, signal }: Session,
  request: AskInput,
): Promise<{ readonly query: number; readonly answer: Answer }> {
  const progress = makeProgress({ quiet: output.quiet || !process.stderr.isTTY })
  let started = false
  try {
    for await (const event of workbench.ask(request, { signal })) {
      switch (event.type) {
        case 'plan':
          if (event.chunks.length === 0) output.remark('Nothing is selected: answering from the question alone.')
          break
        case 'progress':
          progress.show({ phase: 'Reading', done: event.done, total: event.total, unit: 'tokens' })
          break
        case 'first-token':
          progress.end()
          break
        case 'text': {
          const text = started ? event.text : event.text.trimStart()
          if (text === '') break
          started = true
          output.write(text)
          break
        }
        case 'answer':
          output.line()
          return event
      }
    }
  } catch (error) {
    progress.end()
    if (started) output.line()
    throw error
  } finally {
    progress.end()
  }
  throw new WorkbenchError('internal', 'The answer ended without a result.')
}

function oneLine({ stop, trace }: Answer): string {
  const { ttftMs, reusedTokens, recomputedTokens, knowledgeTokens, computedTokens, strategy } = trace
  const share = percent(reusedTokens / knowledgeTokens)
  const reused =
    knowledgeTokens === 0
      ? 'no knowledge selected'
      : `${count(reusedTokens)} of ${several(knowledgeTokens, 'token')} reused (${share})`
  const again = recomputedTokens > 0 ? `, ${count(recomputedTokens)} of them computed again` : ''
  const cut = stop === 'length' ? '; cut at --max-tokens' : ''
  const computed = `${count(computedTokens)} computed`
  return `${strategy}: first token after ${milliseconds(ttftMs)}, ${reused}${again}, ${computed}${cut}`
}

/** For options that take a strategy. */
export function strategyOf(text: string): Strategy {
  const parsed = parseStrategy(text)
  if (!parsed.ok) throw new InvalidArgumentError(parsed.problem)
  return text
}

/** Of an option that may be given several times. */
export function collect(value: string, earlier: readonly string[] = []): string[] {
  return [...earlier, value]
}

function collectNumbers(value: string, earlier: readonly number[] = []): number[] {
  return [...earlier, wholeBetween(1, Number.MAX_SAFE_INTEGER)(value)]
}

export function between(least: number, most: number): (text: string) => number {
  return (text) => {
    const value = Number(text)
    if (text.trim() !== '' && value >= least && value <= most) return value
    throw new InvalidArgumentError(`Expected a number from ${least} to ${most}.`)
  }
}

export function wholeBetween(least: number, most: number): (text: string) => number {
  return (text) => {
    const value = Number(text)
    if (/^\d+$/.test(text) && value >= least && value <= most) return value
    throw new InvalidArgumentError(`Expected a whole number from ${least} to ${most}.`)
  }
}

export function wholeNumber(text: string): number {
  if (/^\d{1,15}$/.test(text)) return Number(text)
  throw new InvalidArgumentError('Expected a whole number, 0 or more.')
}
