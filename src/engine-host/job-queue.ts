/** Jobs that exclude each other, in order of arrival, each under a name (a model's handle). */

export class JobQueue {
  readonly #tails = new Map<string, Promise<unknown>>()

  /**
   * Runs `work` when everything queued before under `name` has ended; its result or error is the caller's.
   * @throws an `AbortError` at once when `signal` aborts while it waits.
   */
  async run<T>(name: string, work: () => Promise<T>, signal: AbortSignal): Promise<T> {
    const before = this.#tails.get(name) ?? Promise.resolve()
    const job = waitTurn(before, signal).then(work)
    // One that gave up waiting ends before those in front of it: the next must still wait for them.
    const tail = Promise.allSettled([before, job])
    this.#tails.set(name, tail)
    try {
      return await job
    } finally {
      void tail.then(() => {
        if (this.#tails.get(name) === tail) this.#tails.delete(name)
      })
    }
  }
}

async function waitTurn(before: Promise<unknown>, signal: AbortSignal): Promise<void> {
  signal.throwIfAborted()
  const { promise: aborted, resolve } = Promise.withResolvers<void>()
  const abort = (): void => resolve()
  signal.addEventListener('abort', abort, { once: true })
  await Promise.race([before, aborted])
  signal.removeEventListener('abort', abort)
  signal.throwIfAborted()
}
