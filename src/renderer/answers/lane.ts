/** One question on its way by one strategy: what has come of it so far. */
import type { Answer, AskEvent, AskInput, ChunkTrace } from '../../shared/answer'
import type { Strategy } from '../../shared/strategy'
import { client } from '../rpc/client'
import { strings } from '../strings'
import { failureOf, type Failure } from '../ui/failure'
import { createStore, type Store } from '../ui/store'

export interface LaneState {
  readonly phase: 'idle' | 'waiting' | 'computing' | 'streaming' | 'done' | 'stopped' | 'failed'
  /** What was asked. */
  readonly request: AskInput | null
  /** By which it is answered; what `auto` chose. */
  readonly strategy: Strategy | null
  /** `performance.now()` of the start. */
  readonly startedAt: number
  readonly chunks: readonly ChunkTrace[] | null
  readonly progress: { readonly done: number; readonly total: number } | null
  readonly ttftMs: number | null
  readonly text: string
  readonly answer: Answer | null
  /** Its number in the history, once it is answered. */
  readonly query: number | null
  readonly failure: Failure | null
}

export type Lane = Store<LaneState>

const IDLE: LaneState = {
  phase: 'idle',
  request: null,
  strategy: null,
  startedAt: 0,
  chunks: null,
  progress: null,
  ttftMs: null,
  text: '',
  answer: null,
  query: null,
  failure: null,
}

export function createLane(initial: Partial<LaneState> = {}): Lane {
  return createStore({ ...IDLE, ...initial })
}

/** What is there once the question is answered. */
export function answeredLane(answer: Answer, query: number): Partial<LaneState> {
  const { trace, text } = answer
  return { phase: 'done', answer, query, text, strategy: trace.strategy, chunks: trace.chunks, ttftMs: trace.ttftMs }
}

export function clearLane(lane: Lane): void {
  lane.set(IDLE)
}

function isOver({ phase }: LaneState): boolean {
  return phase === 'done' || phase === 'failed'
}

/** Runs the question to its end; resolves whether an answer came. Text is shown once per frame at most. */
export async function runLane(lane: Lane, request: AskInput, signal: AbortSignal): Promise<boolean> {
  lane.set({ ...IDLE, phase: 'waiting', request, strategy: request.strategy ?? 'reuse', startedAt: performance.now() })
  const ended = Promise.withResolvers<boolean>()
  let unseen = ''
  let frame = 0
  let started = false
  const flush = (): void => {
    cancelAnimationFrame(frame)
    frame = 0
    if (unseen) lane.set({ text: lane.get().text + unseen })
    unseen = ''
  }
  const end = (change: Partial<LaneState>): void => {
    flush()
    lane.set({ ...change, progress: null })
    subscription.unsubscribe()
    ended.resolve(change.phase === 'done')
  }
  const take = (event: AskEvent): void => {
    switch (event.type) {
      case 'plan':
        return lane.set({ strategy: event.strategy, chunks: event.chunks })
      case 'progress':
        return lane.set({ phase: 'computing', progress: { done: event.done, total: event.total } })
      case 'first-token':
        return lane.set({ phase: 'streaming', ttftMs: event.ttftMs, progress: null })
      case 'text':
        unseen += event.text
        // A hidden tab has no frames; its text waits for the end, or for the tab to be seen.
        frame ||= requestAnimationFrame(flush)
        return undefined
      case 'answer':
        unseen = ''
        return end(answeredLane(event.answer, event.query))
    }
  }
  const subscription = client.ask.subscribe(request, {
    onStarted: () => {
      // The client repeats subscriptions after a lost connection; a question is not repeated unasked.
      if (started) lostWhileAsking()
      started = true
    },
    onConnectionStateChange: ({ state }) => {
      if (started && state === 'connecting') lostWhileAsking()
    },
    onData: take,
    onError: (error) => end({ phase: 'failed', failure: failureOf(error) }),
    onComplete: () => {
      if (!isOver(lane.get())) end({ phase: 'stopped' })
    },
  })
  const lostWhileAsking = (): void =>
    end({
      phase: 'failed',
      failure: {
        code: 'engine.failed',
        title: strings.connection.lostWhileAskingTitle,
        text: strings.connection.lostWhileAsking,
        isTranslated: true,
      },
    })
  const stop = (): void => end({ phase: 'stopped' })
  if (signal.aborted) stop()
  signal.addEventListener('abort', stop, { once: true })
  try {
    return await ended.promise
  } finally {
    signal.removeEventListener('abort', stop)
  }
}
