/** A stream with one reader: whoever has the queue pushes, whoever iterates takes. */
export class EventQueue<T> implements AsyncIterable<T> {
  readonly #waiting: T[] = []
  #wake: (() => void) | null = null
  #end: { readonly error: unknown } | null = null

  push(value: T): void {
    if (this.#end) return
    this.#waiting.push(value)
    this.#wake?.()
  }

  /** What was pushed is still delivered; then the stream ends. */
  end(): void {
    this.#end ??= { error: undefined }
    this.#wake?.()
  }

  /** What was pushed is still delivered; then the reader gets the error. */
  fail(error: unknown): void {
    this.#end ??= { error }
    this.#wake?.()
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<T, void> {
    for (;;) {
      yield* this.#waiting.splice(0)
      if (this.#waiting.length > 0) continue
      if (this.#end) {
        if (this.#end.error !== undefined) throw this.#end.error
        return
      }
      await new Promise<void>((resolve) => {
        this.#wake = resolve
      })
      this.#wake = null
    }
  }
}
