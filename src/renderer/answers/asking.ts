/** The page's questions: one at a time, alone or followed by the same by in-context learning. */
import type { AskInput } from '../../shared/answer'
import { createStore, type Store } from '../ui/store'
import type { WholeQuery } from '../../shared/hits'
import { answeredLane, clearLane, createLane, runLane, type Lane } from './lane'

interface State {
  readonly running: boolean
  readonly comparing: boolean
}

export interface Asking {
  /** By the chosen strategy. */
  readonly main: Lane
  /** The same by `full`, when compared. */
  readonly rival: Lane
  readonly state: Store<State>
  /** Ends the question that runs, then asks. */
  readonly ask: (request: AskInput, options: { compare: boolean }) => Promise<void>
  readonly stop: () => void
}

interface AskingOptions {
  /** Hears of an answer by the chosen strategy, and its number in the history. */
  readonly onAnswered?: (request: AskInput, query: number) => void
}

export function createAsking({ onAnswered }: AskingOptions = {}): Asking {
  const main = createLane()
  const rival = createLane()
  const state = createStore<State>({ running: false, comparing: false })
  let current: AbortController | null = null
  return {
    main,
    rival,
    state,
    async ask(request, { compare }) {
      current?.abort()
      const controller = new AbortController()
      current = controller
      clearLane(rival)
      state.set({ running: true, comparing: compare })
      // A build in between would make the second one wait.
      const answered = await runLane(main, compare ? { ...request, keepMissed: false } : request, controller.signal)
      const { query } = main.get()
      if (answered && query !== null) onAnswered?.(request, query)
      if (answered && compare && !controller.signal.aborted) {
        await runLane(rival, { ...request, strategy: 'full', keepMissed: false }, controller.signal)
      }
      if (current === controller) state.set({ running: false })
    },
    stop: () => current?.abort(),
  }
}

/** A past question as if it had just been answered; idle where it is not kept whole. Nothing is asked by it. */
export function pastAsking(whole: WholeQuery | null): Asking {
  const { answer = null, request = null, query } = whole ?? {}
  const isWhole = answer !== null && query !== undefined
  return {
    main: createLane(isWhole ? { ...answeredLane(answer, query.id), request } : {}),
    rival: createLane(),
    state: createStore<State>({ running: false, comparing: false }),
    ask: () => Promise.resolve(),
    stop: () => undefined,
  }
}
