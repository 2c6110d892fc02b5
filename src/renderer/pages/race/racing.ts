/** A race as it is seen: run live, or from its record, by the same events; what changes often is in stores of its own. */
import { comparisonOf, type AwaitedJob, type LaneEvent, type RaceComparison, type RaceConditions } from '../../../shared/race'
import type { RaceEvent, RaceInput, RaceLane, RaceRecord, RaceRequest } from '../../../shared/race'
import type { Suggestion } from '../../../shared/knowledge'
import type { ChunkTrace, Trace } from '../../../shared/answer'
import type { Strategy } from '../../../shared/strategy'
import { client, queryClient, trpc } from '../../rpc/client'
import { strings } from '../../strings'
import { failureOf, type Failure } from '../../ui/failure'
import { createStore, type Store } from '../../ui/store'

export interface RunnerState {
  readonly phase: 'queued' | 'warming' | 'computing' | 'streaming' | 'done'
  /** What answers, once that is planned. */
  readonly strategy: Strategy
  readonly chunks: readonly ChunkTrace[] | null
  readonly progress: { readonly done: number; readonly total: number } | null
  /** `performance.now()` of the run's start, and how fast its time passes. */
  readonly startedAt: number
  readonly speed: number
  readonly repetition: number
  readonly ttftMs: number | null
  readonly text: string
  readonly trace: Trace | null
}

/** One lane on its way. */
export interface Runner extends Store<RunnerState> {
  readonly lane: RaceLane
}

export interface RacingState {
  readonly phase: 'idle' | 'preparing' | 'waiting' | 'warming' | 'running' | 'comparing' | 'done' | 'cancelled' | 'failed'
  readonly request: RaceRequest | null
  readonly runners: readonly Runner[]
  readonly order: readonly (readonly number[])[]
  readonly conditions: RaceConditions | null
  /** What it waits for; null: another race. */
  readonly awaited: AwaitedJob | null
  readonly current: { readonly lane: number; readonly repetition: number } | null
  readonly comparison: RaceComparison | null
  readonly failure: Failure | null
  /** The record's number, once it is kept. */
  readonly id: number | null
  /** From a record, and how fast; null: live. */
  readonly replay: { readonly runAt: string; readonly speed: number } | null
}

export interface Racing {
  readonly state: Store<RacingState>
  readonly run: (input: RaceInput) => Promise<void>
  /** The sample set's first suggestion, from whatever there is. */
  readonly runDemo: (heard: { readonly onSet: (id: string) => void; readonly onQuestion: (suggestion: Suggestion) => void }) => Promise<void>
  /** `speed` times as fast as it was; Infinity: at once. */
  readonly replay: (record: RaceRecord, speed: number) => Promise<void>
  readonly stop: () => void
}

const IDLE: RacingState = {
  phase: 'idle',
  request: null,
  runners: [],
  order: [],
  conditions: null,
  awaited: null,
  current: null,
  comparison: null,
  failure: null,
  id: null,
  replay: null,
}
/** Between lanes and while they are compared, a replay need not wait as long as the race did. */
const LONGEST_GAP_MS = 1500

export function isOn({ phase }: Pick<RacingState, 'phase'>): boolean {
  return ['preparing', 'waiting', 'warming', 'running', 'comparing'].includes(phase)
}

export function createRacing(): Racing {
  const state = createStore(IDLE)
  let current: AbortController | null = null

  const begin = (change: Partial<RacingState>): AbortSignal => {
    current?.abort()
    current = new AbortController()
    state.set({ ...IDLE, ...change })
    return current.signal
  }

  const run = async (input: RaceInput, signal: AbortSignal): Promise<void> => {
    const ended = Promise.withResolvers<void>()
    const end = (change: Partial<RacingState>): void => {
      if (!signal.aborted) state.set({ ...change, current: null })
      subscription.unsubscribe()
      ended.resolve()
    }
    const lost = (): void =>
      end({
        phase: 'failed',
        failure: { code: 'engine.failed', title: strings.race.lostTitle, text: strings.race.lost, isTranslated: true },
      })
    let started = false
    const feed = feeder(state, 1)
    const subscription = client.race.subscribe(input, {
      onStarted: () => {
        // The client repeats subscriptions after a lost connection; a race is not repeated unasked.
        if (started) lost()
        started = true
      },
      onConnectionStateChange: ({ state: link }) => {
        if (started && link === 'connecting') lost()
      },
      onData: (event) => {
        if (signal.aborted) return
        feed(event)
        if (event.type !== 'kept') return
        void queryClient.invalidateQueries(trpc.races.pathFilter())
        end({ phase: 'done', id: event.id })
      },
      onError: (error) => end({ phase: 'failed', failure: failureOf(error) }),
      onComplete: () => ended.resolve(),
    })
    const stop = (): void => {
      subscription.unsubscribe()
      ended.resolve()
    }
    if (signal.aborted) stop()
    signal.addEventListener('abort', stop, { once: true })
    await ended.promise
    signal.removeEventListener('abort', stop)
  }

  return {
    state,
    run: (input) => run(input, begin({ phase: 'preparing' })),
    async runDemo({ onSet, onQuestion }) {
      const signal = begin({ phase: 'preparing' })
      try {
        const { id } = await client.sets.ensureSample.mutate(undefined, { signal })
        onSet(id)
        for (const job of await client.jobs.list.query(undefined, { signal }))
          if (job.set === id && job.kind === 'import') await client.jobs.finished.query({ id: job.id }, { signal })
        const { suggestions } = await client.sets.outline.query({ set: id, page: { limit: 0 } }, { signal })
        const [first] = suggestions
        if (!first || signal.aborted) return
        onQuestion(first)
        await run({ set: id, question: first.question, selection: { include: [...first.include] } }, signal)
      } catch (error) {
        if (!signal.aborted) state.set({ phase: 'failed', failure: failureOf(error) })
      }
    },
    async replay(record, speed) {
      const signal = begin({ id: record.id, replay: { runAt: record.runAt, speed } })
      const feed = feeder(state, speed)
      let before: number | null = null
      for (const event of record.events) {
        // What lanes waited for before they ran is left out.
        const gap = before === null ? 0 : Math.min(event.at - before, runs(event) ? Infinity : LONGEST_GAP_MS)
        if (event.type === 'start' || before !== null) before = event.at
        if (gap > 0 && Number.isFinite(speed)) await pause(gap / speed, signal)
        if (signal.aborted) return
        feed(event)
      }
      state.set({ phase: 'done', current: null, comparison: comparisonOf(record) })
    },
    stop: () => {
      if (!isOn(state.get())) return
      current?.abort()
      const { replay } = state.get()
      state.set({ phase: replay ? 'idle' : 'cancelled', current: null })
    },
  }
}

/** Its time counts: nothing of it may be cut. */
function runs({ type }: RaceEvent): boolean {
  return type === 'lane'
}

async function pause(ms: number, signal: AbortSignal): Promise<void> {
  await new Promise<void>((resolve) => {
    const timer = setTimeout(resolve, ms)
    signal.addEventListener('abort', () => {
      clearTimeout(timer)
      resolve()
    }, { once: true })
  })
}

/** Takes events in, one by one. Text is shown once per frame at most. */
function feeder(state: Store<RacingState>, speed: number): (event: RaceEvent) => void {
  const unseen = new Map<Runner, string>()
  let frame = 0
  const flush = (): void => {
    cancelAnimationFrame(frame)
    frame = 0
    for (const [runner, text] of unseen) runner.set({ text: runner.get().text + text })
    unseen.clear()
  }
  const runnerOf = (lane: number): Runner | undefined => state.get().runners[lane]
  const ofLane = (runner: Runner, event: LaneEvent): void => {
    switch (event.type) {
      case 'plan':
        return runner.set({ strategy: event.strategy, chunks: event.chunks })
      case 'progress':
        return runner.set({ progress: { done: event.done, total: event.total } })
      case 'first-token':
        return runner.set({ phase: 'streaming', ttftMs: event.ttftMs, progress: null })
      case 'text':
        unseen.set(runner, (unseen.get(runner) ?? '') + event.text)
        frame ||= requestAnimationFrame(flush)
        return undefined
      case 'answer': {
        unseen.delete(runner)
        const { text, trace } = event.answer
        return runner.set({ phase: 'done', text, trace, chunks: trace.chunks, ttftMs: trace.ttftMs, progress: null })
      }
    }
  }
  return (event) => {
    switch (event.type) {
      case 'begin':
        return state.set({
          request: event.request,
          order: event.order,
          runners: event.request.lanes.map(createRunner),
        })
      case 'waiting':
        return state.set({ phase: 'waiting', awaited: event.job })
      case 'conditions':
        return state.set({ conditions: event.conditions })
      case 'warm-up':
        for (const runner of state.get().runners) if (runner.get().phase === 'warming') runner.set({ phase: 'queued' })
        runnerOf(event.lane)?.set({ phase: 'warming' })
        return state.set({ phase: 'warming' })
      case 'start': {
        flush()
        for (const runner of state.get().runners) if (runner.get().phase === 'warming') runner.set({ phase: 'queued' })
        const { lane, repetition } = event
        const fresh = { progress: null, ttftMs: null, text: '', trace: null, startedAt: performance.now(), speed, repetition }
        runnerOf(lane)?.set({ ...fresh, phase: 'computing' })
        return state.set({ phase: 'running', current: { lane, repetition } })
      }
      case 'lane': {
        const runner = runnerOf(event.lane)
        if (runner) ofLane(runner, event.event)
        return undefined
      }
      case 'comparing':
        flush()
        return state.set({ phase: 'comparing', current: null })
      case 'compared':
        return state.set({ comparison: event.comparison })
      case 'kept':
        return undefined
    }
  }
}

function createRunner(lane: RaceLane): Runner {
  const store = createStore<RunnerState>({
    phase: 'queued',
    strategy: lane.strategy,
    chunks: null,
    progress: null,
    startedAt: 0,
    speed: 1,
    repetition: 0,
    ttftMs: null,
    text: '',
    trace: null,
  })
  return { ...store, lane }
}
