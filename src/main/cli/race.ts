import { InvalidArgumentError, type Command } from 'commander'
import type { Colors } from 'picocolors/types'
import { WorkbenchError } from '../../shared/errors'
import { PROFILES, type Profile } from '../../shared/profile'
import { comparisonOf, MOST_LANES, MOST_REPETITIONS } from '../../shared/race'
import type { LaneResult, RaceComparison, RaceInput, RaceLane, RaceRecord, RaceSummary } from '../../shared/race'
import { parseStrategy } from '../../shared/strategy'
import { findNodes } from '../documents/find-node'
import { between, collect, partsFound, suggested, wholeBetween } from './ask'
import { bytes, count, milliseconds, percent, ratio } from './figures'
import { localTime } from './history'
import { makeProgress } from './progress'
import type { Run, Session } from './run'
import { setToAsk } from './set-to-ask'
import { quoted } from './sets'
import { numbers, shortened, table, wrapped } from './table'

interface RaceOptions {
  readonly lanes: readonly RaceLane[]
  readonly repetitions: number
  readonly include?: readonly string[]
  readonly exclude?: readonly string[]
  readonly search?: number | true
  readonly fidelity?: number
  readonly maxTokens?: number
  readonly warmUp: boolean
}

const HELP = `
Lanes run one after the other, so that each has the machine to itself; another one begins each time, and medians are shown.
Every lane goes once up to its first token before it counts, and reads its caches from files: what engine memory holds is
left alone. Answers are greedy. Lanes are held against full prefill along full prefill's own answer, token by token.

  sooner    the baseline's time to the first token over the lane's; the baseline is the first lane of full, else the first
  cost      of one request: the machine until the first token, and its share of keeping the caches (see "bench --kind table1")
  agrees    tokens that stand in both answers in the same order, of the longer one's
  KL        how far its next-token probabilities are from full prefill's, nats per token; top-1: how often its likeliest is the same

A lane is STRATEGY or STRATEGY@PROFILE, its caches then being read in that profile alone. A set that is named like a
command of this one goes by its id.

Examples:
  kvasir race Sample "What is the budget of Project Wren?"
  kvasir race Sample "What is the travel allowance?" --lanes full,reuse,blend:0.15@small --repetitions 3
  kvasir race list
  kvasir race show 3 --json | jq .race.events[].at`
const QUESTION_WIDTH = 40

/** `kvasir race` */
export function addRaceCommands(program: Command, run: Run): void {
  const race = program
    .command('race')
    .argument('<set>', 'id or name')
    .argument('<question>', 'the question, in quotes')
    .option('--lanes <lanes>', `2 to ${MOST_LANES} ways to answer it, apart by commas (default: full,reuse)`, lanesOf, lanesOf('full,reuse'))
    .option('--repetitions <n>', `how often, 1 to ${MOST_REPETITIONS}`, wholeBetween(1, MOST_REPETITIONS), 1)
    .option('--include <id>', 'ask only this document, section or chunk, by id or title (repeatable)', collect)
    .option('--exclude <id>', 'leave this document, section or chunk out (repeatable)', collect)
    .option('--search <n>', 'ask only the n parts that a search for the question finds', wholeBetween(1, 100))
    .option('--fidelity <kl>', 'auto: most KL from full prefill that is accepted (default: 0.02)', between(0, 100))
    .option('--max-tokens <n>', 'of every answer at most (default: 128)', wholeBetween(1, 2048))
    .option('--no-warm-up', 'count from the first run on, whatever it has to wait for')
    .description('the same question by several strategies: how much sooner, how much cheaper, how much the same')
    .addHelpText('after', HELP)
    .action(
      run(async (session, name: string, question: string, options: RaceOptions) => {
        const { workbench, output } = session
        const record = workbench.races.get(await go(session, await inputOf(session, name, question, options)))
        const { events: _, ...summary } = record
        output.result({ race: summary, comparison: comparisonOf(record) })
        report(session, record)
        output.remark(`Kept as race ${record.id}: kvasir race show ${record.id}`)
      }),
    )
  race
    .command('list')
    .description('races that were run, newest first')
    .action(
      run(async ({ workbench, output }) => {
        const races = await Promise.resolve(workbench.races.list())
        output.result({ races })
        if (races.length > 0) output.line(listTable(races))
        else {
          output.line('No race was run yet.')
          output.remark('Next: kvasir race SET QUESTION')
        }
      }),
    )
  race
    .command('show')
    .argument('<id>', 'its number', wholeBetween(1, Number.MAX_SAFE_INTEGER))
    .description('what came of a race; with --json all that happened, with its times')
    .action(
      run(async (session, id: number) => {
        const record = await Promise.resolve(session.workbench.races.get(id))
        session.output.result({ race: record })
        session.output.line(`${session.output.paint.bold(record.question)}  ${localTime(record.runAt)}, ${record.setName}`)
        session.output.line()
        report(session, record)
      }),
    )
  race
    .command('remove')
    .argument('<id>', 'its number', wholeBetween(1, Number.MAX_SAFE_INTEGER))
    .description('remove a race; for a day "kvasir race restore" brings it back')
    .action(
      run(async ({ workbench, output }, id: number) => {
        await Promise.resolve(workbench.races.remove(id))
        output.result({ removed: id })
        output.line(`Race ${id} removed.`)
        output.remark(`To bring it back: kvasir race restore ${id}`)
      }),
    )
  race
    .command('restore')
    .argument('<id>', 'its number', wholeBetween(1, Number.MAX_SAFE_INTEGER))
    .description('bring back a race that was removed')
    .action(
      run(async ({ workbench, output }, id: number) => {
        await Promise.resolve(workbench.races.restore(id))
        output.result({ restored: id })
        output.line(`Race ${id} is back.`)
      }),
    )
}

async function inputOf(session: Session, name: string, question: string, options: RaceOptions): Promise<RaceInput> {
  if (question.trim() === '')
    throw new WorkbenchError('argument.invalid', 'The question is empty. Give it in quotes behind the set.')
  const set = await setToAsk(session.workbench, name, options.include, options.exclude)
  const exclude = findNodes(set, options.exclude ?? [])
  const found = await partsFound(session, set, question, options)
  const given = options.include && findNodes(set, options.include)
  const include = found ?? given ?? suggested(set, question, exclude)
  const { lanes, repetitions, fidelity, maxTokens, warmUp } = options
  return { set: set.id, question, selection: { include, exclude }, lanes: [...lanes], repetitions, fidelity, maxTokens, warmUp }
}

/** Runs it to its end. @returns its number */
async function go({ workbench, output, signal }: Session, input: RaceInput): Promise<number> {
  const progress = makeProgress({ quiet: output.quiet || !process.stderr.isTTY })
  const lanes = input.lanes ?? []
  const label = (lane: number, more: string): string => `${lanes[lane]?.strategy ?? ''}${more}`
  const show = (phase: string, done = 0, total = 0): void => progress.show({ phase, done, total, unit: 'tokens' })
  try {
    for await (const event of workbench.race(input, { signal })) {
      switch (event.type) {
        case 'waiting':
          show(event.job === null ? 'Waiting for another race' : `Waiting: ${event.job.title}`)
          break
        case 'warm-up':
          show(label(event.lane, ', warming up'))
          break
        case 'start':
          show(label(event.lane, `, ${event.repetition + 1} of ${input.repetitions ?? 1}`))
          break
        case 'lane':
          if (event.event.type === 'progress') show(label(event.lane, ''), event.event.done, event.event.total)
          break
        case 'comparing':
          show('Comparing')
          break
        case 'kept':
          return event.id
        case 'begin':
        case 'conditions':
        case 'compared':
          break
      }
    }
  } finally {
    progress.end()
  }
  throw new WorkbenchError('internal', 'The race ended without a result.')
}

function report({ output }: Session, record: RaceRecord): void {
  const comparison = comparisonOf(record)
  if (!comparison) return
  output.line(raceTable(record.lanes, comparison))
  output.line()
  output.line(answers(record.lanes, comparison, output.paint))
  const columns = process.stdout.columns as number | undefined
  output.line()
  output.line(wrapped(costText(comparison), columns, 2))
}

function raceTable(lanes: readonly RaceLane[], { lanes: results, baseline }: RaceComparison): string {
  const hasSpeed = results.some(({ decodeTokensPerSecond }) => decodeTokensPerSecond !== null)
  const rows = results.map((lane, at) => [
    laneText(lanes[at], lane),
    milliseconds(lane.ttftMs),
    at === baseline ? '' : ratio(lane.versus.ttft),
    milliseconds(lane.totalMs),
    ...(hasSpeed ? [lane.decodeTokensPerSecond === null ? '-' : count(lane.decodeTokensPerSecond)] : []),
    count(lane.computedTokens),
    bytes(lane.storedBytes),
    lane.versus.cost === null || at === baseline ? '' : `1/${lane.versus.cost >= 9.95 ? count(lane.versus.cost) : lane.versus.cost.toFixed(1)}`,
    percent(lane.agreement.share),
    klText(lane.kl.mean),
    percent(lane.kl.top1),
  ])
  return table(
    [
      'lane',
      numbers('first token'),
      numbers('sooner'),
      numbers('answer'),
      ...(hasSpeed ? [numbers('tokens/s')] : []),
      numbers('computed'),
      numbers('caches'),
      numbers('cost'),
      numbers('agrees'),
      numbers('KL'),
      numbers('top-1'),
    ],
    rows,
  )
}

/** Answers under each other; what does not stand in full prefill's is underlined, in brackets where there are no colours. */
function answers(lanes: readonly RaceLane[], { lanes: results }: RaceComparison, paint: Colors): string {
  const mark = (text: string): string => (paint.isColorSupported ? paint.underline(paint.yellow(text)) : `[${text}]`)
  return results
    .map((lane, at) => `${paint.bold(laneText(lanes[at], lane))}  ${marked(lane.answer, mark).trim()}`)
    .join('\n')
}

/** Differing tokens that follow each other are marked as one. */
export function marked({ pieces, same }: LaneResult['answer'], mark: (text: string) => string): string {
  const runs: { text: string; same: boolean }[] = []
  for (const [at, text] of pieces.entries()) {
    const last = runs.at(-1)
    const isSame = same[at] ?? false
    if (last?.same === isSame) last.text += text
    else runs.push({ text, same: isSame })
  }
  return runs
    .map(({ text, same: isSame }) => {
      const [before = ''] = /^\s*/.exec(text) ?? []
      return isSame || text.trim() === '' ? text : before + mark(text.slice(before.length))
    })
    .join('')
}

function costText({ prices: { perHour, perGbMonth, requestsPerMonth } }: RaceComparison): string {
  return (
    `Cost of a request: the machine until its first token at ${perHour} an hour, and keeping its caches at ${perGbMonth} ` +
    `per GB and month, which ${count(requestsPerMonth)} requests share.`
  )
}

function laneText(lane: RaceLane | undefined, { strategy }: LaneResult): string {
  const profile = lane?.profile ? `@${lane.profile}` : ''
  return lane && lane.strategy !== strategy ? `${lane.strategy}${profile} (${strategy})` : `${strategy}${profile}`
}

function klText(kl: number): string {
  return kl === 0 ? '0' : kl < 0.001 ? kl.toExponential(0) : kl.toFixed(3)
}

function listTable(races: readonly RaceSummary[]): string {
  const rows = races.map(({ id, runAt, setName, lanes, best, question }) => [
    String(id),
    localTime(runAt),
    shortened(setName, 16),
    lanes.map(({ strategy, profile }) => strategy + (profile ? `@${profile}` : '')).join(','),
    ratio(best.ttft),
    percent(best.share),
    shortened(question, QUESTION_WIDTH),
  ])
  return table([numbers('no.'), 'run', 'set', 'lanes', numbers('sooner'), numbers('agrees'), 'question'], rows)
}

/** `full,reuse,blend:0.15@small` */
export function lanesOf(text: string): RaceLane[] {
  const lanes = text.split(',').map((part): RaceLane => {
    const [strategy = '', wanted, more] = part.trim().split('@')
    const parsed = parseStrategy(strategy)
    if (!parsed.ok) throw new InvalidArgumentError(parsed.problem)
    const profile = PROFILES.find((each): each is Profile => each === wanted) ?? null
    if ((wanted !== undefined && profile === null) || more !== undefined)
      throw new InvalidArgumentError(`Expected a profile behind @, one of ${PROFILES.join(', ')}; got ${quoted(part)}.`)
    return { strategy, profile }
  })
  if (lanes.length < 2 || lanes.length > MOST_LANES)
    throw new InvalidArgumentError(`Expected 2 to ${MOST_LANES} lanes apart by commas, got ${lanes.length}.`)
  return lanes
}
