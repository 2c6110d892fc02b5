/** What the window has to tell its page: kept until the page listens, so that a link that starts the app is not lost. */
import { EventQueue } from '../base/event-queue'
import type { ShellEvent } from '../../shared/shell'

/** A page that never listens is owed no more than this. */
const MOST_WAITING = 20

export class ShellEvents {
  readonly #waiting: ShellEvent[] = []
  readonly #listeners = new Set<EventQueue<ShellEvent>>()

  push(event: ShellEvent): void {
    if (this.#listeners.size > 0) for (const listener of this.#listeners) listener.push(event)
    else if (this.#waiting.length < MOST_WAITING) this.#waiting.push(event)
  }

  /** From the call on, with what waited. */
  async *listen(signal: AbortSignal): AsyncGenerator<ShellEvent, void> {
    const queue = new EventQueue<ShellEvent>()
    for (const event of this.#waiting.splice(0)) queue.push(event)
    this.#listeners.add(queue)
    const end = (): void => {
      this.#listeners.delete(queue)
      queue.end()
    }
    signal.addEventListener('abort', end, { once: true })
    if (signal.aborted) end()
    try {
      yield* queue
    } finally {
      signal.removeEventListener('abort', end)
      end()
    }
  }
}
