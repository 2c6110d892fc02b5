/** Keys that running builds are making, for whoever shows states. */
export interface Made {
  readonly keys: ReadonlySet<string>
  /** Another text after every change. */
  readonly revision: string
}

export class Making {
  readonly #builds = new Map<symbol, ReadonlySet<string>>()
  #changes = 0

  read(): Made {
    return { keys: new Set(this.#builds.values().flatMap((keys) => keys)), revision: String(this.#changes) }
  }

  /** What one build is making, until it is given back. */
  start(): Disposable & { readonly plan: (keys: ReadonlySet<string>) => void } {
    const build = Symbol('build')
    const change = (work: () => void): void => {
      work()
      this.#changes++
    }
    return {
      plan: (keys) => change(() => this.#builds.set(build, keys)),
      [Symbol.dispose]: () => change(() => this.#builds.delete(build)),
    }
  }
}
