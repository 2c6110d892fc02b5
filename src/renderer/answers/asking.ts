/** The page's questions: one at a time, alone or followed by the same by in-context learning. */
import type { AskInput } from '../../shared/answer'
import { createStore, type Store } from '../ui/store'
import { clearLane, createLane, runLane, type Lane } from './lane'

export interface Asking {
  /** By the chosen strategy. */
  readonly main: Lane
  /** The same by `full`, when compared. */
  readonly rival: Lane
  readonly state: Store<{ readonly running: boolean; readonly comparing: boolean }>
  /** Ends the question that runs, then asks. */
  readonly ask: (request: AskInput, options: { compare: boolean }) => Promise<void>
  readonly stop: () => void
}

export function createAsking(): Asking {
  const main = createLane()
  const rival = createLane()
  const state = createStore({ running: false, comparing: false })
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
      if (answered && compare && !controller.signal.aborted) {
        await runLane(rival, { ...request, strategy: 'full', keepMissed: false }, controller.signal)
      }
      if (current === controller) state.set({ running: false })
    },
    stop: () => current?.abort(),
  }
}
