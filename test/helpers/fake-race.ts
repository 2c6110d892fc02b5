/** Races of the fake workbench: its own answers as lanes, with differences where a real one may have some. */
import { setTimeout as sleep } from 'node:timers/promises'
import { bestOf, comparisonOf, orderOf, type MeasuredLane } from '../../src/main/session/race/figures'
import type { Answer, AskEvent, AskInput } from '../../src/shared/answer'
import { WorkbenchError } from '../../src/shared/errors'
import { raceRequest, type RaceEvent, type RaceInput, type RaceRecord } from '../../src/shared/race'
import { strategySpec } from '../../src/shared/strategy'
import type { Workbench } from '../../src/shared/workbench'

export interface FakeRaceParts {
  readonly stepMs: number
  readonly setName: (set: string) => string
  readonly answer: (input: AskInput, signal?: AbortSignal) => AsyncIterable<AskEvent>
  /** Told of a race that was given up. */
  readonly onAborted: () => void
  /** Where races that were asked for are written down. */
  readonly seen: RaceInput[]
}

export function fakeRaces(parts: FakeRaceParts): Pick<Workbench, 'race' | 'races'> {
  const records = new Map<number, RaceRecord>()
  const removed = new Map<number, RaceRecord>()
  let count = 0

  async function* run(input: RaceInput, signal?: AbortSignal): AsyncGenerator<RaceEvent> {
    const request = raceRequest.parse(input)
    parts.seen.push(input)
    const { lanes, repetitions, set, question, selection, maxTokens } = request
    const setName = parts.setName(set)
    const startedAt = performance.now()
    const events: RaceEvent[] = []
    type Happening = RaceEvent extends infer Each ? (Each extends RaceEvent ? Omit<Each, 'at'> : never) : never
    const timed = (event: Happening): RaceEvent => {
      const one = { ...event, at: Math.round((performance.now() - startedAt) * 10) / 10 }
      events.push(one)
      return one
    }
    const pause = async (): Promise<void> => {
      await sleep(parts.stepMs, undefined, { signal }).catch(() => {
        parts.onAborted()
        throw new WorkbenchError('cancelled', 'Cancelled.')
      })
    }
    const order = orderOf(lanes.length, repetitions)
    yield timed({ type: 'begin', request, order })
    yield timed({
      type: 'conditions',
      conditions: { model: 'first', device: 'cpu', threads: 2, memory: { bytes: 2_000_000, budgetBytes: 1e9 } },
    })
    for (const lane of request.warmUp ? lanes.keys() : []) {
      yield timed({ type: 'warm-up', lane })
      await pause()
    }
    const answers = new Map<number, Answer>()
    const runs = lanes.map((): { repetition: number; ttftMs: number; totalMs: number; decodeTokensPerSecond: number }[] => [])
    for (const [repetition, turn] of order.entries()) {
      for (const lane of turn) {
        const { strategy, profile } = lanes[lane]!
        yield timed({ type: 'start', lane, repetition })
        for await (const event of parts.answer({ set, question, selection, strategy, profile, maxTokens }, signal)) {
          const said = event.type === 'answer' ? { ...event, answer: { ...event.answer, text: words(event.answer, strategy).join('') } } : event
          if (said.type === 'answer') {
            answers.set(lane, said.answer)
            const ttftMs = said.answer.trace.ttftMs + repetition
            runs[lane]?.push({ repetition, ttftMs, totalMs: ttftMs + 120, decodeTokensPerSecond: 88.4 })
          }
          yield timed({ type: 'lane', lane, repetition, event: said })
        }
      }
    }
    for (let done = 0; done <= lanes.length; done++) {
      yield timed({ type: 'comparing', done, total: lanes.length })
      await pause()
    }
    const measured = lanes.map(({ strategy }, at): MeasuredLane => {
      const { text, stop, trace } = answers.get(at)!
      const pieces = words({ text }, 'full')
      const kl = pieces.map((_, token) => (strategy === 'full' ? 0 : 0.002 * ((token * 7 + at) % 5)))
      return {
        strategy: strategySpec(trace.strategy),
        runs: runs[at] ?? [],
        computedTokens: trace.computedTokens + trace.recomputedTokens,
        storedBytes: trace.bytesRead,
        answer: { text, stop, pieces, tokens: pieces.map(tokenOf) },
        compared: {
          kl,
          klMean: kl.reduce((sum, each) => sum + each, 0) / Math.max(1, kl.length),
          klMax: Math.max(0, ...kl),
          agrees: kl.map((each) => each < 0.008),
          top1: kl.filter((each) => each < 0.008).length / Math.max(1, kl.length),
        },
      }
    })
    const full = answers.get(Math.max(0, lanes.findIndex(({ strategy }) => strategy === 'full')))!
    const pieces = words({ text: full.text }, 'full')
    const reference = { text: full.text, pieces, tokens: pieces.map(tokenOf), ends: false }
    const comparison = comparisonOf(measured, reference)
    yield timed({ type: 'compared', comparison })
    const id = ++count
    records.set(id, {
      id,
      runAt: new Date(Date.UTC(2025, 0, 31, 12, id)).toISOString(),
      set,
      setName,
      question,
      lanes,
      repetitions,
      model: 'first',
      best: bestOf(comparison),
      events,
    })
    yield timed({ type: 'kept', id })
    events.pop()
  }

  const take = (from: Map<number, RaceRecord>, id: number): RaceRecord => {
    const record = from.get(id)
    if (!record) throw new WorkbenchError('not-found', `There is no race ${id}.`)
    return record
  }
  return {
    race: (input, { signal } = {}) => run(input, signal),
    races: {
      list: () => [...records.values()].toSorted((a, b) => b.id - a.id),
      get: (id) => take(records, id),
      remove: (id) => {
        removed.set(id, take(records, id))
        records.delete(id)
      },
      restore: (id) => {
        records.set(id, take(removed, id))
        removed.delete(id)
      },
    },
  }
}

/** Strategies that compute something again say the third word otherwise. */
function words({ text }: Pick<Answer, 'text'>, strategy: string): string[] {
  const pieces = text.match(/\s?\S+/g) ?? []
  return /^(link|mix|blend)/.test(strategy) ? pieces.map((piece, at) => (at === 2 ? ' otherwise' : piece)) : pieces
}

function tokenOf(word: string): number {
  return Buffer.from(word).reduce((sum, byte) => (sum * 31 + byte) % 100_003, 7)
}
